//! Text that two readers might read in two ways (A9, A10, A36, A39).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vestibule::refusals::Refusal::*;
use vestibule::saml::authn_request::AuthnRequest;
use vestibule::saml::binding::{Carried, Outgoing};
use vestibule::saml::idp::{IdentityProvider, RequestOptions};
use vestibule::xml::{Document, Profile};

use super::markup::{attributes, elements, inserted, replaced, texts};
use super::shapes::{all, plain};
use super::support::response::{accepted, idp_json};
use super::tally::Tally;

/// A comment is not in the canonical form: the signature stays valid wherever one is put.
pub fn a09_comments(tally: &mut Tally) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        let good = &shape.good;
        for element in elements(good) {
            for at in [element.whole.start, element.whole.end] {
                let xml = inserted(good, at, "<!-- -->");
                tally.refuse(format!("{}: beside {}", shape.name, element.local), &xml, XmlComment);
            }
        }
        for text in texts(good) {
            for at in text.clone().step_by(7).chain([text.end]) {
                if good.is_char_boundary(at) && !good[text.start..at].ends_with("&amp") {
                    let xml = inserted(good, at, "<!---->");
                    let name = format!("{}: in {}", shape.name, &good[text.clone()]);
                    // Inside a reference it is no comment.
                    tally.refuse_any(name, &xml, &[XmlComment, XmlMalformed]);
                }
            }
        }
    }
}

/// CDATA and references leave the canonical form as it is; an instruction never belongs.
pub fn a10_split_text(tally: &mut Tally) {
    for shape in all() {
        let good = &shape.good;
        for text in texts(good) {
            let said = &good[text.clone()];
            let name = format!("{}: {said}", shape.name);
            let half = text.start + said.char_indices().nth(said.chars().count() / 2).unwrap().0;
            if !said.contains('&') {
                let sections = [
                    format!("<![CDATA[{said}]]>"),
                    format!("{}<![CDATA[{}]]>", &good[text.start..half], &good[half..text.end]),
                    format!("<![CDATA[{}]]>{}", &good[text.start..half], &good[half..text.end]),
                ];
                for section in sections {
                    tally.refuse(&name, &replaced(good, text.clone(), &section), XmlCdata);
                }
                // The honest twin: every character by reference is the same text.
                let spelled: String = said.chars().map(|c| format!("&#x{:X};", c as u32)).collect();
                tally.accept(&name, &replaced(good, text.clone(), &spelled), shape);
            }
            for at in [text.start, text.end] {
                tally.refuse(&name, &inserted(good, at, "<?p not-an-?>"), XmlInstruction);
                tally.refuse(&name, &inserted(good, at, "&unknown;"), XmlEntity);
                tally.refuse(&name, &inserted(good, at, "&#x0;"), XmlEntity);
            }
        }
    }
    for shape in plain() {
        for (written, read) in
            [("a&amp;b@x", "a&b@x"), ("a&#38;b@x", "a&b@x"), ("&lt;b&gt;", "<b>")]
        {
            let accepted = accepted(&shape.sign_changed("alice@example.com", written));
            let whole = accepted.is_ok_and(|accepted| accepted.subject.name_id == read);
            tally.accepted_if(format!("{}: {written}", shape.name), whole);
        }
    }
}

/// What a person may choose about himself stays text, at the identity provider and here.
pub fn a36_injected_markup(tally: &mut Tally) {
    let close = "</saml:AttributeValue><saml:AttributeValue>Root";
    let escaped = close.replace('<', "&lt;");
    for shape in plain() {
        let accepted = accepted(&shape.sign_changed(">HR<", &format!(">{escaped}<")));
        let whole = accepted.is_ok_and(|accepted| accepted.subject.groups == [close, "R&D, West"]);
        tally.accepted_if(&shape.name, whole);
        // An identity provider that does not escape: markup where text belongs, by the grammar.
        for (injected, refusal) in [
            ("<saml:NameID>mallory</saml:NameID>", XmlContent),
            ("</saml:NameID><saml:NameID>mallory", SamlUnexpected),
            ("</saml:NameID></saml:Subject><saml:Subject><saml:NameID>mallory", SamlMissing),
            ("\" x=\"", TextDeceives),
            ("\r\nX-Access-User: mallory", TextDeceives),
        ] {
            let injected = if refusal == TextDeceives {
                injected.replace(['"', '\r'], "&#13;")
            } else {
                injected.to_owned()
            };
            let xml =
                shape.sign_changed("alice@example.com<", &format!("alice@example.com{injected}<"));
            // A subject that begins anew has lost its confirmation or its place.
            tally.refuse_any(
                format!("{}: {injected}", shape.name),
                &xml,
                &[refusal, SamlUnexpected],
            );
        }
    }
    tally.accepted_if("our own request", writes_safely());
}

/// Our request reads back as one element, whatever stands in it.
fn writes_safely() -> bool {
    let odd = "\"/><x y='&amp;'>]]>";
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    let options = RequestOptions {
        sign: None,
        name_id_format: Some(odd.into()),
        authn_context: vec![odd.into()],
    };
    let request =
        AuthnRequest { id: odd, now: 0, entity_id: odd, acs: odd, force: false, options: &options };
    let sent = request.carry(&idp.metadata.sign_on, odd, None);
    let Ok(Outgoing::Ready(Carried::Form { fields, .. })) = sent else {
        return false;
    };
    let xml = STANDARD.decode(&fields[0].1).unwrap();
    let document = Document::parse(&xml, &Profile::MESSAGE).unwrap();
    let root = document.root();
    let issuer = root.children().next().unwrap();
    root.descendants().count() == 5
        && root.attribute("ID") == Some(odd)
        && root.attribute("AssertionConsumerServiceURL") == Some(odd)
        && issuer.text() == Ok(odd)
}

/// Every time, written in every way that some library once stumbled over.
pub fn a39_times(tally: &mut Tally) {
    const BAD: [&str; 18] = [
        "",
        "Z",
        "now",
        "1795435200",
        "2026-11-23",
        "2026-11-23T12:00:00",
        "2026-11-23 12:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00+14:01",
        "2026-11-23T12:00:00+00:00",
        "2026-11-23T12:00:60Z",
        "2026-11-23T12:00:00.Z",
        "2026-11-23T12:00:00.0000000000000000000000000000000000000000Z",
    ];
    for shape in plain() {
        for attribute in attributes(&shape.unsigned) {
            let value = &shape.unsigned[attribute.value.clone()];
            if !value.ends_with("00Z") {
                continue;
            }
            for bad in BAD {
                let xml = shape.sign(&replaced(&shape.unsigned, attribute.value.clone(), bad));
                tally.refuse(
                    format!("{}: {}={bad}", shape.name, attribute.name),
                    &xml,
                    TimeMalformed,
                );
            }
            let fraction = value.replace("00Z", "00.123Z");
            let xml = shape.sign(&replaced(&shape.unsigned, attribute.value.clone(), &fraction));
            tally.accept(format!("{}: {}={fraction}", shape.name, attribute.name), &xml, shape);
        }
    }
}
