//! Responses with valid cryptography: what is accepted, and what each untruth is refused for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use support::response::{HONEST, NOW, SHAPES, Signed, accept_at, accepted, signed};
use support::{Signing, sign_with};
use vestibule::refusals::Refusal::{self, *};

#[test]
fn honest_responses_are_accepted_whatever_is_signed() {
    for shape in SHAPES {
        let accepted = accepted(&signed(HONEST, shape)).unwrap();
        let subject = &accepted.subject;
        assert_eq!(subject.name_id, "alice@example.com", "{shape:?}");
        assert_eq!(subject.email.as_ref().unwrap().as_str(), "alice@example.com");
        assert_eq!(subject.groups, ["HR", "R&D, West"]);
        assert_eq!(subject.signed_in_at, NOW - 60);
        assert_eq!(subject.session_index.as_deref(), Some("_session"));
        assert_eq!(accepted.assertion_id, "_assertion");
    }
}

#[test]
fn signature_missing() {
    assert_eq!(accepted(&signed(HONEST, Signed::Nothing)).err(), Some(SignatureMissing));
}

/// Changed before signing: only the identity provider itself, or a stolen key, could send these.
/// All of them are inside the assertion, so they must be refused whatever is signed.
#[test]
fn untruths_inside_the_assertion() {
    let assertion = r#"ID="_assertion" Version="2.0" IssueInstant="2026-11-23T12:00:00Z""#;
    let data_end = r#"NotOnOrAfter="2026-11-23T12:05:00Z" Recipient"#;
    let audience = "<saml:Audience>https://app.example/.access/metadata</saml:Audience>";
    let restriction = format!("<saml:AudienceRestriction>{audience}</saml:AudienceRestriction>");
    let confirmed = r#"Recipient="https://app.example/.access/acs" InResponseTo="_request"/>"#;
    let name_id = "alice@example.com</saml:NameID>";
    let inner_issuer = format!("{assertion}><saml:Issuer>test idp</saml:Issuer>");
    let cases: &[(Refusal, &str, &str)] = &[
        (VersionUnsupported, assertion, &assertion.replace("2.0", "1.1")),
        (TimeMalformed, assertion, &assertion.replace("Z\"", "+00:00\"")),
        (NotYetValid, assertion, &assertion.replace("12:00:00", "12:01:01")),
        (SamlMissing, assertion, r#"ID="_assertion" Version="2.0""#),
        (SamlUnexpected, assertion, &format!("{assertion} Extra=\"x\"")),
        (IssuerMismatch, &inner_issuer, &inner_issuer.replace("test idp", "other idp")),
        (IssuerMismatch, &inner_issuer, &inner_issuer.replace("test idp", "test idp ")),
        (
            IssuerMismatch,
            &inner_issuer,
            &inner_issuer.replace("<saml:Issuer>", "<saml:Issuer Format=\"x\">"),
        ),
        (NameIdUnusable, name_id, "</saml:NameID>"),
        (NameIdUnusable, name_id, " \u{3000}</saml:NameID>"),
        (NameIdUnusable, name_id, "service/backup</saml:NameID>"),
        (TextDeceives, name_id, "alice\u{202E}@example.com</saml:NameID>"),
        (XmlContent, name_id, "alice<saml:b/>@example.com</saml:NameID>"),
        (ConfirmationMissing, "cm:bearer", "cm:holder-of-key"),
        (ConfirmationMissing, data_end, "Recipient"),
        (ConfirmationMissing, data_end, &format!("NotBefore=\"2026-11-23T11:00:00Z\" {data_end}")),
        (Expired, data_end, &data_end.replace("12:05", "11:59")),
        (RecipientMismatch, "Recipient=\"https://app.example", "Recipient=\"https://evil.example"),
        (RecipientMismatch, confirmed, "InResponseTo=\"_request\"/>"),
        (Unsolicited, confirmed, "Recipient=\"https://app.example/.access/acs\"/>"),
        (InResponseToMismatch, confirmed, &confirmed.replace("_request", "_other")),
        (
            Expired,
            "NotOnOrAfter=\"2026-11-23T12:05:00Z\">",
            "NotOnOrAfter=\"2026-11-23T11:59:00Z\">",
        ),
        (NotYetValid, "NotBefore=\"2026-11-23T11:55:00Z", "NotBefore=\"2026-11-23T12:01:01Z"),
        (TimeMalformed, "NotBefore=\"2026-11-23T11:55:00Z", "NotBefore=\"2026-02-30T11:55:00Z"),
        (
            AudienceMismatch,
            audience,
            "<saml:Audience>https://app.example/.access/metadata/x</saml:Audience>",
        ),
        (AudienceMismatch, audience, "<saml:Audience>https://app.example/.access</saml:Audience>"),
        (AudienceMismatch, audience, "<saml:Audience></saml:Audience>"),
        (AudienceMismatch, audience, ""),
        (AudienceMismatch, &restriction, ""),
        (
            AudienceMismatch,
            &restriction,
            &format!(
                "{restriction}<saml:AudienceRestriction><saml:Audience>other</saml:Audience></saml:AudienceRestriction>"
            ),
        ),
        (
            SamlUnexpected,
            &restriction,
            &format!("{restriction}<saml:OneTimeUse><saml:Audience/></saml:OneTimeUse>"),
        ),
        (
            SamlUnexpected,
            &restriction,
            &format!("{restriction}<saml:ProxyRestriction><saml:Other/></saml:ProxyRestriction>"),
        ),
        (SamlUnexpected, "Name=\"memberOf\"", "Name=\"memberOf\" Other=\"x\""),
        (SamlUnexpected, "<saml:AudienceRestriction>", "<saml:AudienceRestriction Any=\"x\">"),
        (
            SamlUnexpected,
            "</saml:AuthnContextClassRef>",
            "</saml:AuthnContextClassRef><saml:AuthnContextClassRef/>",
        ),
        (
            SamlUnexpected,
            "</saml:AuthnContextClassRef>",
            "</saml:AuthnContextClassRef><saml:AuthnContextDecl/>",
        ),
        (
            SamlUnexpected,
            "<saml:AuthnContext>",
            "<saml:SubjectLocality><saml:x/></saml:SubjectLocality><saml:AuthnContext>",
        ),
        (ConditionUnknown, &restriction, &format!("{restriction}<saml:Condition/>")),
        (SamlMissing, "AuthnInstant=\"2026-11-23T11:59:00Z\"", ""),
        (NotYetValid, "AuthnInstant=\"2026-11-23T11:59:00", "AuthnInstant=\"2026-11-23T12:02:00"),
        (Expired, "SessionIndex", "SessionNotOnOrAfter=\"2026-11-23T11:58:00Z\" SessionIndex"),
        (
            SamlUnexpected,
            "<saml:AttributeStatement>",
            "<saml:AttributeStatement><saml:EncryptedAttribute/>",
        ),
        (SamlUnexpected, "</saml:Conditions>", "</saml:Conditions><saml:Advice/>"),
        (TextDeceives, ">HR<", ">H\u{200B}R<"),
    ];
    for (refusal, from, to) in cases {
        assert!(HONEST.contains(from), "{from} stands nowhere");
        for shape in SHAPES {
            let xml = signed(&HONEST.replacen(from, to, 1), shape);
            assert_eq!(accepted(&xml).err(), Some(*refusal), "{shape:?}: {from} -> {to}");
        }
    }
}

/// Around the assertion: may be unsigned, and then still refuses.
#[test]
fn untruths_in_the_response() {
    let destination = r#" Destination="https://app.example/.access/acs""#;
    let status = r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>"#;
    let issuer = "_request\"><saml:Issuer>test idp</saml:Issuer>";
    let cases: &[(Refusal, &str, &str)] = &[
        (
            VersionUnsupported,
            "ID=\"_response\" Version=\"2.0\"",
            "ID=\"_response\" Version=\"2.1\"",
        ),
        (DestinationMismatch, destination, " Destination=\"https://evil.example/.access/acs\""),
        (DestinationMismatch, destination, " Destination=\"\""),
        (Unsolicited, " InResponseTo=\"_request\"><saml:Issuer>", "><saml:Issuer>"),
        (InResponseToMismatch, "_request\"><saml:Issuer>", "_other\"><saml:Issuer>"),
        (IssuerMismatch, issuer, "_request\"><saml:Issuer>other idp</saml:Issuer>"),
        (
            AssertionCount,
            status,
            r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Requester"/>"#,
        ),
        (SamlUnexpected, status, &format!("{status}<samlp:StatusDetail/>")),
        (XmlContent, status, &format!("{status}<samlp:StatusMessage><x/></samlp:StatusMessage>")),
        (SamlUnexpected, status, &status.replace("/>", "><samlp:Other/></samlp:StatusCode>")),
        (SamlUnexpected, "<samlp:Status>", "<samlp:Extensions/><samlp:Status>"),
        (SamlUnexpected, &format!("<samlp:Status>{status}</samlp:Status>"), ""),
        (SamlUnexpected, "</saml:Assertion>", "</saml:Assertion><samlp:Other/>"),
        (XmlContent, "</saml:Assertion>", "</saml:Assertion>text"),
        (IdDuplicate, "ID=\"_response\"", "ID=\"_assertion\""),
    ];
    for (refusal, from, to) in cases {
        assert!(HONEST.contains(from), "{from} stands nowhere");
        let xml = HONEST.replacen(from, to, 1);
        // With two equal IDs there is no saying which element a signature is for.
        let shapes = if *refusal == IdDuplicate { &[Signed::Nothing][..] } else { &SHAPES };
        for shape in shapes {
            let refused = accepted(&signed(&xml, *shape)).err();
            assert_eq!(refused, Some(*refusal), "{shape:?}: {from} -> {to}");
        }
    }
    let without = HONEST.replacen(destination, "", 1);
    assert!(accepted(&signed(&without, Signed::Assertion)).is_ok());
    for shape in [Signed::Response, Signed::Both] {
        assert_eq!(accepted(&signed(&without, shape)).err(), Some(DestinationMismatch));
    }
}

#[test]
fn status_not_success() {
    let start = HONEST.find("<saml:Assertion").unwrap();
    let end = HONEST.find("</samlp:Response>").unwrap();
    let failed = format!("{}{}", &HONEST[..start], &HONEST[end..]).replace("Success", "Requester");
    for shape in [Signed::Nothing, Signed::Response] {
        assert_eq!(accepted(&signed(&failed, shape)).err(), Some(StatusNotSuccess), "{shape:?}");
    }
}

#[test]
fn assertion_encrypted() {
    let start = HONEST.find("<saml:Assertion").unwrap();
    let end = HONEST.find("</samlp:Response>").unwrap();
    let sealed = format!("{}<saml:EncryptedAssertion/>{}", &HONEST[..start], &HONEST[end..]);
    assert_eq!(accepted(&signed(&sealed, Signed::Response)).err(), Some(AssertionEncrypted));
}

/// Changed after signing: what an attacker without a key can do to a response in his hands.
#[test]
fn every_change_after_signing_is_refused() {
    let changes: &[(&str, &str)] = &[
        ("alice@example.com", "carol@example.com"),
        (">HR<", ">IT<"),
        ("memberOf", "memberof"),
        ("12:05:00Z\">", "13:05:00Z\">"),
        ("_session", "_sessio"),
        ("<saml:AudienceRestriction>", "<saml:AudienceRestriction ><!-- -->"),
        ("xs:string", "xs:anyURI"),
    ];
    for (from, to) in changes {
        for shape in SHAPES {
            let xml = signed(HONEST, shape);
            assert!(xml.contains(from), "{from}");
            assert!(accepted(&xml.replacen(from, to, 1)).is_err(), "{shape:?}: {from} -> {to}");
        }
    }
}

/// Text cut in two, so that a careless reader takes the first part for the whole. A comment does not
/// even change the digest (SEC-05, SEC-09; attacks A9 and A10).
#[test]
fn cut_text() {
    let cuts = [(XmlComment, "<!-- -->"), (XmlCdata, "<![CDATA[]]>"), (XmlInstruction, "<?x?>")];
    for (refusal, cut) in cuts {
        for shape in SHAPES {
            let xml = signed(HONEST, shape);
            for (from, to) in [(">HR<", format!(">H{cut}R<")), ("alice@", format!("alice{cut}@"))] {
                assert_eq!(accepted(&xml.replacen(from, &to, 1)).err(), Some(refusal), "{to}");
            }
        }
    }
}

/// Signature wrapping: the signed assertion is kept somewhere, a forged one is put where it was
/// (SEC-11; attacks A1 to A3).
#[test]
fn wrapped_signatures() {
    for shape in SHAPES {
        let good = signed(HONEST, shape);
        let (start, end) = (good.find("<saml:Assertion").unwrap(), "</saml:Assertion>");
        let stop = good.find(end).unwrap() + end.len();
        let assertion = &good[start..stop];
        let unsigned_from = HONEST.find("<saml:Assertion").unwrap();
        let unsigned_to = HONEST.find(end).unwrap() + end.len();
        let evil = HONEST[unsigned_from..unsigned_to]
            .replace("alice@", "mallory@")
            .replace("\"_assertion\"", "\"_evil\"");
        let forged = |replacement: &str| good.replacen(assertion, replacement, 1);
        let inside = |holder: &str| {
            let place = "</saml:Assertion>";
            evil.replace(place, &format!("<{holder}>{assertion}</{holder}>{place}"))
        };
        for (name, xml) in [
            ("evil before good", forged(&format!("{evil}{assertion}"))),
            ("evil after good", forged(&format!("{assertion}{evil}"))),
            ("good in evil's Advice", forged(&inside("saml:Advice"))),
            ("good in evil", forged(&evil.replace(end, &format!("{assertion}{end}")))),
            ("evil in good", forged(&assertion.replace(end, &format!("{evil}{end}")))),
            ("good in Extensions", forged(&evil).replace("<samlp:Status>", &format!("<samlp:Extensions>{assertion}</samlp:Extensions><samlp:Status>"))),
            ("good in StatusDetail", forged(&evil).replace("</samlp:Status>", &format!("<samlp:StatusDetail>{assertion}</samlp:StatusDetail></samlp:Status>"))),
            ("good in ds:Object", forged(&evil.replace("<saml:Subject>", &format!("<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:Object>{assertion}</ds:Object></ds:Signature><saml:Subject>")))),
        ] {
            let refused = accepted(&xml).err();
            assert!(
                matches!(refused, Some(AssertionCount | SamlUnexpected | IdDuplicate | SignatureShape)),
                "{shape:?}, {name}: {refused:?}"
            );
        }
        let whole = format!(
            r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_outer" Version="2.0" IssueInstant="2026-11-23T12:00:00Z"><samlp:Extensions>{good}</samlp:Extensions>{evil}</samlp:Response>"#
        );
        assert!(accepted(&whole).is_err(), "{shape:?}, response in a response");
    }
}

#[test]
fn two_assertions_with_valid_signatures_are_refused() {
    let end = "</saml:Assertion>";
    let (from, to) =
        (HONEST.find("<saml:Assertion").unwrap(), HONEST.find(end).unwrap() + end.len());
    let second = HONEST[from..to].replace("\"_assertion\"", "\"_second\"");
    let both = HONEST.replace(end, &format!("{end}{second}"));
    let xml = sign_with(&signed(&both, Signed::Assertion), "_second", &Signing::default());
    assert_eq!(accepted(&xml).err(), Some(AssertionCount));
}

#[test]
fn the_key_of_another_is_refused() {
    let other = Signing { key: "rsa-other", ..Signing::default() };
    let xml = sign_with(HONEST, "_assertion", &other);
    assert_eq!(accepted(&xml).err(), Some(SignatureWrong));
    // A good signature elsewhere does not make up for it (SEC-13).
    let xml = support::sign(&xml, "_response");
    assert_eq!(accepted(&xml).err(), Some(SignatureWrong));
}

#[test]
fn other_documents_of_the_identity_provider_are_refused() {
    let metadata = r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m"></md:EntityDescriptor>"#;
    assert_eq!(accepted(&support::sign(metadata, "_m")).err(), Some(ResponseRoot));
    let logout = HONEST.replace("samlp:Response", "samlp:LogoutRequest");
    assert_eq!(accepted(&signed(&logout, Signed::Both)).err(), Some(ResponseRoot));
    let other_version = HONEST.replace("SAML:2.0:protocol", "SAML:1.0:protocol");
    assert_eq!(accepted(&signed(&other_version, Signed::Both)).err(), Some(ResponseRoot));
}

#[test]
fn time_runs_with_a_minute_of_skew_on_both_sides() {
    let xml = signed(HONEST, Signed::Assertion);
    let refused = |now| accept_at(&xml, now).err();
    assert_eq!(refused(NOW - 60), None);
    assert_eq!(refused(NOW - 61), Some(NotYetValid));
    assert_eq!(refused(NOW + 300 + 59), None);
    assert_eq!(refused(NOW + 300 + 60), Some(Expired));
}

/// Every element is left out, doubled and emptied, and every attribute changed, before signing.
/// None makes a panic; what is still accepted says the same of the same person.
#[test]
fn no_systematic_change_opens_anything() {
    let honest = accepted(&signed(HONEST, Signed::Response)).unwrap().subject;
    let (mut tried, mut taken) = (0, 0);
    let mut attempt = |xml: String, what: &str| {
        tried += 1;
        if !xml.contains("ID=\"_response\"") {
            return;
        }
        if let Ok(accepted) = accepted(&signed(&xml, Signed::Response)) {
            taken += 1;
            assert_eq!(accepted.subject.name_id, honest.name_id, "{what}");
            assert!(
                accepted.subject.groups.iter().all(|group| honest.groups.contains(group)),
                "{what}: {:?}",
                accepted.subject.groups
            );
        }
    };
    for (start, end) in elements(HONEST) {
        let element = &HONEST[start..end];
        attempt([&HONEST[..start], &HONEST[end..]].concat(), &format!("without {element}"));
        attempt([&HONEST[..end], &HONEST[start..]].concat(), &format!("doubled {element}"));
    }
    for (at, _) in HONEST.match_indices("=\"") {
        let value = at + 2;
        let stop = value + HONEST[value..].find('"').unwrap();
        for changed in ["", "x", "urn:oasis:names:tc:SAML:2.0:status:Success", "_request"] {
            let xml = [&HONEST[..value], changed, &HONEST[stop..]].concat();
            if vestibule::xml::Document::parse(xml.as_bytes(), &vestibule::xml::Profile::MESSAGE)
                .is_ok()
            {
                attempt(xml, &format!("{} = {changed}", &HONEST[at.saturating_sub(20)..stop]));
            }
        }
    }
    assert!(tried > 100, "{tried}");
    assert!(taken > 0 && taken < tried / 3, "{taken} of {tried}");
}

/// Start and end of every element but the root, found by its tags.
fn elements(xml: &str) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    for (start, _) in xml.match_indices('<') {
        let stop = start + xml[start..].find('>').unwrap() + 1;
        let tag = &xml[start..stop];
        if tag.starts_with("</") {
            found.push((open.pop().unwrap(), stop));
        } else if tag.ends_with("/>") {
            found.push((start, stop));
        } else {
            open.push(start);
        }
    }
    found.retain(|(start, _)| *start > 0);
    found
}

/// A signature is left out of what is read, so its place must be checked where it still stands
/// (SEC-13).
#[test]
fn a_signature_stands_right_behind_the_issuer() {
    for shape in SHAPES {
        let xml = signed(HONEST, shape);
        let start = xml.find("<ds:Signature ").unwrap();
        let end = start + xml[start..].find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        let without = [&xml[..start], &xml[end..]].concat();
        let owner =
            if shape == Signed::Assertion { "</saml:Assertion>" } else { "</samlp:Response>" };
        let first = without[..start].rfind("<saml:Issuer>").unwrap();
        for at in [first, without.rfind(owner).unwrap()] {
            let moved = [&without[..at], &xml[start..end], &without[at..]].concat();
            let expected =
                if shape == Signed::Assertion { SignatureMisplaced } else { SamlUnexpected };
            assert_eq!(accepted(&moved).err(), Some(expected), "{shape:?}");
        }
    }
}

#[test]
fn an_empty_value_names_no_group() {
    for empty in ["<saml:AttributeValue/>", "<saml:AttributeValue></saml:AttributeValue>"] {
        let xml = HONEST.replacen("</saml:Attribute>", &format!("{empty}</saml:Attribute>"), 1);
        let accepted = accepted(&signed(&xml, Signed::Assertion)).unwrap();
        assert_eq!(accepted.subject.groups, ["HR", "R&D, West"]);
    }
}

#[test]
fn an_attribute_called_name_id_is_not_the_name_id() {
    let xml = HONEST.replacen(">HR<", ">mallory@example.com<", 1).replace("memberOf", "NameID");
    let accepted = accepted(&signed(&xml, Signed::Assertion)).unwrap();
    assert_eq!(accepted.subject.email.as_ref().unwrap().as_str(), "alice@example.com");
}

/// What the schema knows beyond what most send.
#[test]
fn rare_elements_are_honest() {
    for (place, more) in [
        ("</saml:Conditions>", "<saml:OneTimeUse/>"),
        (
            "</saml:Conditions>",
            "<saml:ProxyRestriction Count=\"0\"><saml:Audience>x</saml:Audience></saml:ProxyRestriction>",
        ),
        ("<saml:AuthnContext>", "<saml:SubjectLocality Address=\"192.0.2.1\"/>"),
        ("</saml:AuthnContext>", "<saml:AuthenticatingAuthority>x</saml:AuthenticatingAuthority>"),
        ("</samlp:Status>", "<samlp:StatusMessage>fine</samlp:StatusMessage>"),
    ] {
        // Before an element that begins there, and else last in the one that ends.
        let xml = HONEST.replacen(place, &format!("{more}{place}"), 1);
        assert!(accepted(&signed(&xml, Signed::Both)).is_ok(), "{more}");
    }
}
