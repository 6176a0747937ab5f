//! Signature wrapping: what was signed is kept somewhere, and something else stands where it was
//! (A1 to A4). The numbers are those of SAML Raider, where it has one.

use vestibule::refusals::Refusal::{self, *};

use super::markup::{changed, element, elements, inserted, nth, replaced, source};
use super::shapes::all;
use super::support::response::Signed;
use super::tally::Tally;

const END: &str = "</samlp:Response>";

/// A forged response around, before or after the signed one.
pub fn a01_wrapped_responses(tally: &mut Tally) {
    for shape in all() {
        let good = &shape.good;
        tally.accept(&shape.name, good, shape);
        let evil = shape.unsigned.replace("alice@", "mallory@");
        let evil = evil.replace("_response\"", "_evil\"").replace("\"_assertion\"", "\"_evil_a\"");
        let signature = source(good, "Signature");
        let bare = replaced(good, element(good, "Signature").whole, "");
        let after_issuer = element(&evil, "Issuer").whole.end;
        let signed = |with: &str| inserted(&evil, after_issuer, with);
        let into = |with: &str| inserted(signature, signature.rfind("</").unwrap(), with);
        let object =
            |what: &str| format!("<Object xmlns=\"{}\">{what}</Object>", vestibule::xml::DS);
        let extensions = |what: &str| format!("<samlp:Extensions>{what}</samlp:Extensions>");
        let cases: &[(&str, String, Refusal)] = &[
            ("XSW1, original in the Signature", signed(&into(good)), AssertionCount),
            ("XSW1, original in an Object", signed(&into(&object(good))), AssertionCount),
            ("XSW1, bare original", signed(&into(&object(&bare))), AssertionCount),
            (
                "XSW2, original before the Signature",
                signed(&[&bare, signature].concat()),
                SamlUnexpected,
            ),
            (
                "XSW2, original after the Signature",
                signed(&[signature, &bare].concat()),
                SamlUnexpected,
            ),
            ("original in Extensions", signed(&extensions(good)), SamlUnexpected),
            ("original at the end", changed(&evil, END, &[good, END].concat()), AssertionCount),
            ("forged in the original", changed(good, END, &[&evil, END].concat()), AssertionCount),
            ("two roots", [good.as_str(), &evil].concat(), XmlMalformed),
            ("two roots, forged first", [evil.as_str(), good].concat(), XmlMalformed),
            ("another root", format!("<x>{evil}{good}</x>"), ResponseRoot),
        ];
        for (name, xml, refusal) in cases {
            tally.refuse(format!("{}: {name}", shape.name), xml, *refusal);
            // Nor with the IDs of what was signed.
            let same = xml.replace("_evil\"", "_response\"").replace("_evil_a", "_assertion");
            let same_refusal = if *refusal == XmlMalformed { XmlMalformed } else { IdDuplicate };
            let expected = [same_refusal, *refusal];
            tally.refuse_any(format!("{}: {name}, same IDs", shape.name), &same, &expected);
        }
    }
}

/// A forged assertion before, after, around or inside the signed one.
pub fn a02_wrapped_assertions(tally: &mut Tally) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        let assertion = source(&shape.good, "Assertion");
        let (bare, signature) = without_signature(assertion);
        for (id, equal) in [("_evil", false), ("_assertion", true)] {
            let evil = shape.evil(id);
            let signed_evil = after_issuer(&evil, &signature);
            let put = |what: &[&str]| {
                replaced(&shape.good, element(&shape.good, "Assertion").whole, &what.concat())
            };
            let cases = [
                ("XSW3, forged before", put(&[&evil, assertion])),
                ("XSW4, signed in forged", put(&[&last_in(&evil, assertion)])),
                ("XSW5, forged has the Signature", put(&[&signed_evil, &bare])),
                (
                    "XSW6, signed in the forged Signature",
                    put(&[&last_in_signature(&signed_evil, &bare)]),
                ),
                ("XSW10, forged after", put(&[assertion, &evil])),
                ("forged in signed", put(&[&last_in(assertion, &evil)])),
                (
                    "forged in the Subject",
                    put(&[&assertion.replacen("</", &format!("{evil}</"), 1)]),
                ),
                ("forged twice", put(&[&evil, assertion, &evil.replace(id, "_evil_too")])),
            ];
            for (name, xml) in cases {
                let refusal = if equal { IdDuplicate } else { AssertionCount };
                // Without an assertion signature XSW6 has none to hide in, and the rest is XSW4.
                tally.refuse(format!("{}: {name}, {id}", shape.name), &xml, refusal);
            }
        }
        // Both assertions validly signed: still not ours to choose between them.
        let second = shape.evil("_second");
        let end = element(&shape.unsigned, "Assertion").whole.end;
        let two = shape.sign(&inserted(&shape.unsigned, end, &second));
        let two = super::support::sign(&two, "_second");
        tally.refuse(format!("{}: both signed", shape.name), &two, AssertionCount);
    }
}

/// The signed assertion, or a forged one, where a reader might not look or might look too well.
pub fn a03_hidden_assertions(tally: &mut Tally) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        let assertion = source(&shape.good, "Assertion");
        let (bare, signature) = without_signature(assertion);
        let evil = shape.evil("_evil");
        let signed_evil = after_issuer(&evil, &signature);
        for (name, hidden, shown) in [
            ("XSW7, forged hidden", evil.as_str(), assertion),
            ("XSW7, signed hidden", assertion, evil.as_str()),
            ("XSW8, bare hidden", bare.as_str(), signed_evil.as_str()),
        ] {
            let whole = element(&shape.good, "Assertion").whole;
            let shows = replaced(&shape.good, whole, shown);
            for (place, xml, refusal) in places(&shows, hidden) {
                tally.refuse(format!("{}: {name} in {place}", shape.name), &xml, refusal);
            }
        }
        // A digest to be found by whoever looks for it in the whole document (CVE-2024-45409).
        let digest = source(&shape.good, "DigestValue");
        let holder = format!(
            "<samlp:StatusDetail xmlns=\"{}\" xmlns:ds=\"{0}\">{digest}</samlp:StatusDetail>",
            vestibule::xml::DS
        );
        let detail = changed(&shape.good, "</samlp:Status>", &format!("{holder}</samlp:Status>"));
        tally.refuse(format!("{}: digest in StatusDetail", shape.name), &detail, SamlUnexpected);
    }
}

/// Every element that can hold what nobody reads.
fn places(xml: &str, hidden: &str) -> Vec<(&'static str, String, Refusal)> {
    let before = |local: &str, more: String| inserted(xml, element(xml, local).whole.start, &more);
    let last = |local: &str, more: String| {
        let inside = element(xml, local).inside.unwrap();
        inserted(xml, inside.end, &more)
    };
    let ds = vestibule::xml::DS;
    let mut places = vec![
        (
            "Extensions",
            before("Status", format!("<samlp:Extensions>{hidden}</samlp:Extensions>")),
            SamlUnexpected,
        ),
        (
            "StatusDetail",
            last("Status", format!("<samlp:StatusDetail>{hidden}</samlp:StatusDetail>")),
            SamlUnexpected,
        ),
        (
            "StatusMessage",
            last("Status", format!("<samlp:StatusMessage>{hidden}</samlp:StatusMessage>")),
            XmlContent,
        ),
        ("Status", last("Status", hidden.to_owned()), SamlUnexpected),
        (
            "Advice",
            last("Assertion", format!("<saml:Advice>{hidden}</saml:Advice>")),
            AssertionCount,
        ),
        ("AttributeValue", last("AttributeValue", hidden.to_owned()), AssertionCount),
        (
            "AuthnContext",
            last(
                "AuthnContext",
                format!("<saml:AuthnContextDecl>{hidden}</saml:AuthnContextDecl>"),
            ),
            AssertionCount,
        ),
        ("Issuer", last("Issuer", hidden.to_owned()), XmlContent),
    ];
    if xml.contains("SignedInfo") {
        let object = format!("<Object xmlns=\"{ds}\">{hidden}</Object>");
        let key_info = format!("<KeyInfo xmlns=\"{ds}\">{hidden}</KeyInfo>");
        places.push(("Object", last("Signature", object), AssertionCount));
        places.push(("KeyInfo", last("Signature", key_info), AssertionCount));
        places.push(("SignedInfo", last("SignedInfo", hidden.to_owned()), AssertionCount));
        places.push(("Transform", last("Transforms", hidden.to_owned()), AssertionCount));
    }
    places
}

/// The ID of what is signed, once more, in every spelling and on every element.
pub fn a04_equal_ids(tally: &mut Tally) {
    for shape in all() {
        let good = &shape.good;
        tally.accept(&shape.name, good, shape);
        // A reference in an ID is the ID: both readers must see the same.
        let referred = changed(good, "ID=\"_assertion\"", "ID=\"&#x5f;asserti&#111;n\"");
        tally.accept(format!("{}: ID by reference", shape.name), &referred, shape);
        for element in elements(good) {
            let tag = &good[element.whole.start..];
            let at = element.whole.start + tag.find(['>', ' ', '/']).unwrap();
            let own = &tag[..tag.find('>').unwrap()];
            for name in ["ID", "Id", "id", "xml:id", "AssertionID"] {
                let twice = own.contains(&format!(" {name}=\""));
                let refusal = if twice { XmlDuplicateAttribute } else { IdDuplicate };
                for value in ["_assertion", "_response", "&#95;assertion"] {
                    let xml = inserted(good, at, &format!(" {name}=\"{value}\""));
                    let case = format!("{}: {name}={value} on {}", shape.name, element.local);
                    tally.refuse(case, &xml, refusal);
                }
            }
        }
        let forged = shape.evil("_assertion");
        let copies = inserted(good, element(good, "Assertion").whole.start, &forged);
        tally.refuse(format!("{}: two assertions", shape.name), &copies, IdDuplicate);
    }
    for shape in all().iter().filter(|shape| shape.what == Signed::Both) {
        let inner = nth(&shape.good, "Signature", 1);
        let misplaced = inserted(
            &replaced(&shape.good, inner.whole.clone(), ""),
            element(&shape.good, "Status").whole.start,
            &shape.good[inner.whole],
        );
        tally.refuse_any(
            format!("{}: both on the response", shape.name),
            &misplaced,
            &[SamlUnexpected],
        );
    }
}

/// An assertion without its signature, and the signature.
fn without_signature(assertion: &str) -> (String, String) {
    match elements(assertion).into_iter().find(|element| element.local == "Signature") {
        Some(found) => {
            (replaced(assertion, found.whole.clone(), ""), assertion[found.whole].to_owned())
        }
        None => (assertion.to_owned(), String::new()),
    }
}

fn after_issuer(assertion: &str, more: &str) -> String {
    inserted(assertion, element(assertion, "Issuer").whole.end, more)
}

fn last_in(assertion: &str, more: &str) -> String {
    inserted(assertion, assertion.rfind("</").unwrap(), more)
}

/// In an Object of the assertion's signature, or where there is none, in the assertion.
fn last_in_signature(assertion: &str, more: &str) -> String {
    match elements(assertion).into_iter().find(|element| element.local == "Signature") {
        Some(found) => {
            let object = format!("<Object xmlns=\"{}\">{more}</Object>", vestibule::xml::DS);
            inserted(assertion, found.inside.unwrap().end, &object)
        }
        None => last_in(assertion, more),
    }
}
