//! A SignedInfo of another shape, validly signed (A12 to A14, A16, A17, A27, A37).

use vestibule::refusals::Refusal::{self, *};
use vestibule::xml::DS;

use super::markup::{changed, element, inserted, replaced, source};
use super::shapes::{Shape, all, plain};
use super::support::{TEMPLATE, sign};
use super::tally::Tally;

/// Each template is signed in every shape.
fn templates(tally: &mut Tally, derive: impl Fn(&Shape) -> Vec<(String, Refusal)>) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        for (template, refusal) in derive(shape) {
            tally.refuse(
                format!("{}: {template}", shape.name),
                &shape.sign_template(&template),
                refusal,
            );
        }
    }
}

/// Two to choose from: which is verified, and which is read (CVE-2025-29775)?
pub fn a12_several_signed_infos(tally: &mut Tally) {
    templates(tally, |shape| {
        let good = shape.template();
        let info = source(good, "SignedInfo");
        let other = info.replace("#{id}", "#_evil");
        let whole = element(good, "SignedInfo").whole;
        let inside = element(good, "SignedInfo").inside.unwrap();
        let last = good.rfind("</").unwrap();
        let object = |what: &str| format!("<Object xmlns=\"{DS}\">{what}</Object>");
        let key_info = |what: &str| format!("<KeyInfo xmlns=\"{DS}\">{what}</KeyInfo>");
        [
            inserted(good, whole.end, info),
            inserted(good, whole.end, &other),
            inserted(good, whole.start, &other),
            inserted(good, inside.end, &other),
            inserted(good, inside.start, &other),
            inserted(good, last, &other),
            inserted(good, last, &object(&other)),
            inserted(good, last, &key_info(&other)),
            inserted(good, last, &object("")),
            inserted(good, whole.start, &object(&other)),
            replaced(good, whole.clone(), &object(info)),
            replaced(
                good,
                whole.clone(),
                &format!("<SignedInfo xmlns=\"{DS}\">{info}</SignedInfo>"),
            ),
            inserted(good, last, source(good, "SignatureValue")),
            inserted(good, inside.start, source(good, "SignatureMethod")),
            inserted(good, inside.start, source(good, "CanonicalizationMethod")),
        ]
        .map(|template| (template, SignatureShape))
        .to_vec()
    });
    for shape in all() {
        for local in ["DigestValue", "SignatureValue"] {
            let inside = element(&shape.good, local).inside.unwrap();
            for (cut, refusal) in [
                ("<!-- forged -->", XmlComment),
                ("<![CDATA[forged]]>", XmlCdata),
                ("<?forged?>", XmlInstruction),
                ("<x/>", SignatureShape),
            ] {
                for at in [inside.start, inside.start + 8, inside.end] {
                    let xml = inserted(&shape.good, at, cut);
                    tally.refuse(format!("{}: {cut} in {local}", shape.name), &xml, refusal);
                }
            }
        }
    }
}

/// One that is good, and one that is not: in both orders (CVE-2026-33487).
pub fn a13_several_references(tally: &mut Tally) {
    templates(tally, |shape| {
        let good = shape.template();
        let reference = source(good, "Reference");
        let whole = element(good, "Reference").whole;
        let around = |what: &str| format!("<Manifest xmlns=\"{DS}\">{what}</Manifest>");
        let mut cases = vec![replaced(good, whole.clone(), &around(reference))];
        for other in ["#_evil", "", "#_response", "#_assertion"] {
            let other = reference.replace("#{id}", other);
            cases.push(inserted(good, whole.start, &other));
            cases.push(inserted(good, whole.end, &other));
        }
        cases.push(inserted(good, whole.end, &reference.repeat(100)));
        cases.into_iter().map(|template| (template, SignatureShape)).collect()
    });
}

/// A SignedInfo that is over nothing, or whose digest says nothing (CVE-2024-45409).
pub fn a14_no_reference(tally: &mut Tally) {
    templates(tally, |shape| {
        let good = shape.template();
        let without = |local: &str| replaced(good, element(good, local).whole, "");
        let emptied = |local: &str| replaced(good, element(good, local).inside.unwrap(), "");
        vec![
            (without("Reference"), SignatureShape),
            (emptied("Reference"), SignatureShape),
            (emptied("SignedInfo"), SignatureShape),
            (without("SignedInfo"), SignatureShape),
            (without("Transforms"), SignatureShape),
            (without("DigestMethod"), SignatureShape),
            (without("DigestValue"), SignatureShape),
            (emptied("DigestValue"), SignatureEncoding),
            (without("SignatureValue"), SignatureShape),
            (without("SignatureMethod"), SignatureShape),
            (without("CanonicalizationMethod"), SignatureShape),
        ]
    });
}

/// Not by ID, or not to the element that it stands in.
pub fn a16_other_references(tally: &mut Tally) {
    const URIS: [&str; 16] = [
        "",
        "#",
        "#_",
        "{id}",
        "#{id} ",
        " #{id}",
        "##{id}",
        "#_ASSERTION",
        "#_evil",
        "#xpointer(/)",
        "#xpointer(id('{id}'))",
        "#*",
        "http://idp.example/",
        "http://idp.example/#{id}",
        "cid:{id}",
        "file:///etc/passwd",
    ];
    templates(tally, |shape| {
        let mut cases: Vec<_> = URIS
            .map(|uri| changed(shape.template(), "#{id}", uri))
            .map(|template| (template, SignatureReference))
            .to_vec();
        let good = shape.template();
        cases.push((changed(good, " URI=\"#{id}\"", ""), SignatureReference));
        cases.push((changed(good, " URI=", " Type=\"urn:x\" URI="), SignatureShape));
        cases.push((changed(good, " URI=", " uri="), SignatureShape));
        cases
    });
}

/// Transforms that choose less than the element, compute, or fetch.
pub fn a17_transforms(tally: &mut Tally) {
    const OTHERS: [&str; 9] = [
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2000/09/xmldsig#base64",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "",
    ];
    templates(tally, |shape| {
        let good = shape.template();
        let whole = element(good, "Transforms").whole;
        let transform = |uri: &str, inside: &str| {
            format!("<Transform Algorithm=\"{uri}\">{inside}</Transform>")
        };
        let enveloped = transform("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "");
        let exclusive = transform("http://www.w3.org/2001/10/xml-exc-c14n#", "");
        let xpath = transform(OTHERS[5], "<XPath>not(ancestor-or-self::Signature)</XPath>");
        let mut lists = vec![
            String::new(),
            enveloped.clone(),
            exclusive.clone(),
            [exclusive.as_str(), &enveloped].concat(),
            [enveloped.as_str(), &xpath, &exclusive].concat(),
            [xpath.as_str(), &exclusive].concat(),
            [enveloped.as_str(), &exclusive, &exclusive].concat(),
            [enveloped.as_str(), &enveloped, &exclusive].concat(),
            [enveloped.as_str(), &exclusive.repeat(500)].concat(),
        ];
        lists.extend(OTHERS.map(|other| [enveloped.as_str(), &transform(other, "")].concat()));
        let around = |list: &str| format!("<Transforms xmlns=\"{DS}\">{list}</Transforms>");
        let mut cases: Vec<_> = lists
            .iter()
            .map(|list| (replaced(good, whole.clone(), &around(list)), SignatureTransform))
            .collect();
        let method = element(good, "CanonicalizationMethod").whole;
        for other in OTHERS {
            let method_of =
                format!("<CanonicalizationMethod xmlns=\"{DS}\" Algorithm=\"{other}\"/>");
            cases.push((replaced(good, method.clone(), &method_of), SignatureTransform));
        }
        cases
    });
}

/// IDs that are code to those who build an XPath of them (CVE-2015-20108).
pub fn a27_code_in_ids(tally: &mut Tally) {
    const IDS: [&str; 9] = [
        "x' or '1'='1",
        "x'] | //*['",
        "1",
        "a b",
        "a:b",
        "../a",
        "$(id)",
        "&quot;]|//*[&quot;",
        "",
    ];
    for shape in plain() {
        tally.accept(&shape.name, &shape.good, shape);
        // An ID may look odd as long as it is a name.
        let odd = shape.unsigned.replace("_assertion", "_-.é");
        let odd = odd.replace("_response", "_R-2.3");
        let signed = sign(&sign(&odd, "_-.é"), "_R-2.3");
        let honest = super::support::response::accepted(&signed);
        tally.accepted_if("odd names", honest.is_ok_and(|a| a.subject == shape.subject));
        for id in IDS {
            for own in ["_assertion", "_response"] {
                let xml = shape.good.replace(own, id);
                tally.refuse(format!("{}: {id} for {own}", shape.name), &xml, IdMalformed);
            }
            // Validly signed in the reference only.
            let template = TEMPLATE.replace("{id}", id);
            tally.refuse(
                format!("{}: #{id}", shape.name),
                &shape.sign_template(&template),
                SignatureReference,
            );
        }
    }
}

/// HMACOutputLength, of any length, on any method (CVE-2009-0217).
pub fn a37_truncated_mac(tally: &mut Tally) {
    templates(tally, |shape| {
        let mut cases = Vec::new();
        let method = element(shape.template(), "SignatureMethod").whole;
        for uri in [
            "{method}",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        ] {
            for length in ["0", "1", "40", "-1", "256"] {
                let truncated = format!(
                    "<SignatureMethod xmlns=\"{DS}\" Algorithm=\"{uri}\"><HMACOutputLength>{length}</HMACOutputLength></SignatureMethod>"
                );
                cases
                    .push((replaced(shape.template(), method.clone(), &truncated), SignatureShape));
            }
        }
        cases
    });
}
