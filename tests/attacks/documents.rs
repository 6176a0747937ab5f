//! Documents that the identity provider did sign, but not as an answer to us (A11, A15, A28).

use vestibule::refusals::Refusal::{self, *};

use super::markup::{changed, element, inserted, nth, replaced, source};
use super::shapes::{all, plain};
use super::support::response::Signed;
use super::support::{TEMPLATE, sign};
use super::tally::Tally;

/// A signed assertion in a message that nobody signed: the message can refuse, and nothing else.
pub fn a11_several_documents(tally: &mut Tally) {
    for shape in all() {
        let good = &shape.good;
        for root in
            ["LogoutRequest", "LogoutResponse", "ArtifactResponse", "AuthnRequest", "Extensions"]
        {
            let other = good.replace("samlp:Response", &format!("samlp:{root}"));
            tally.refuse(format!("{}: {root}", shape.name), &other, ResponseRoot);
            let around = format!(
                "<samlp:{root} xmlns:samlp=\"{}\">{good}</samlp:{root}>",
                vestibule::saml::PROTOCOL
            );
            tally.refuse(format!("{}: in {root}", shape.name), &around, ResponseRoot);
        }
        tally.refuse(format!("{}: twice", shape.name), &good.repeat(2), XmlMalformed);
        let alone = source(good, "Assertion");
        // Without the response, its prefixes are undeclared, or it is no response.
        tally.refuse_any(format!("{}: alone", shape.name), alone, &[ResponseRoot, XmlNamespace]);
        if shape.what == Signed::Assertion {
            let later = good.replacen("2026-11-23T12:00:00Z", "2026-11-23T12:00:09Z", 1);
            tally.accept(format!("{}: another envelope", shape.name), &later, shape);
            let at_all = [
                ("<saml:Issuer>test idp", "<saml:Issuer>other idp", IssuerMismatch),
                ("InResponseTo=\"_request\"", "InResponseTo=\"_other\"", InResponseToMismatch),
                (" InResponseTo=\"_request\"", "", Unsolicited),
                ("/.access/acs\"", "/.access/other\"", DestinationMismatch),
                ("Version=\"2.0\"", "Version=\"1.1\"", VersionUnsupported),
                ("status:Success", "status:Requester", AssertionCount),
            ];
            for (from, to, refusal) in at_all {
                tally.refuse(format!("{}: {to}", shape.name), &changed(good, from, to), refusal);
            }
        }
    }
}

/// A failure that the identity provider signed, with something parked where no digest looks.
pub fn a15_decoys_in_failures(tally: &mut Tally) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        let assertion = element(&shape.unsigned, "Assertion").whole;
        let failed = replaced(&shape.unsigned, assertion, "").replace("Success", "Requester");
        let failed = sign(&failed, "_response");
        tally.refuse(format!("{}: a failure", shape.name), &failed, StatusNotSuccess);
        let signature = source(&failed, "Signature");
        let evil = shape.evil("_evil");
        let in_signature = |what: &str| {
            let end = element(&failed, "Signature").inside.unwrap().end;
            inserted(&failed, end, what)
        };
        let second = inserted(
            signature,
            signature.rfind("</").unwrap(),
            &format!("<ds:Object>{evil}</ds:Object>"),
        );
        let cases: &[(&str, String, Refusal)] = &[
            ("in Object", in_signature(&format!("<ds:Object>{evil}</ds:Object>")), AssertionCount),
            (
                "in KeyInfo",
                in_signature(&format!("<ds:KeyInfo>{evil}</ds:KeyInfo>")),
                AssertionCount,
            ),
            ("empty Object", in_signature("<ds:Object/>"), SignatureShape),
            (
                "in a second Signature",
                changed(&failed, "<samlp:Status>", &format!("{second}<samlp:Status>")),
                SamlUnexpected,
            ),
            (
                "in a Signature at the end",
                changed(&failed, "</samlp:Response>", &format!("{second}</samlp:Response>")),
                AssertionCount,
            ),
            (
                "at the end",
                changed(&failed, "</samlp:Response>", &format!("{evil}</samlp:Response>")),
                AssertionCount,
            ),
            ("made a success", changed(&failed, "Requester", "Success"), AssertionCount),
            (
                "a success in Object",
                changed(
                    &in_signature(&format!("<ds:Object>{evil}</ds:Object>")),
                    "Requester",
                    "Success",
                ),
                DigestWrong,
            ),
        ];
        for (name, xml, refusal) in cases {
            // With one assertion in all, what is refused is its place: the Object.
            let expected = if *refusal == DigestWrong { SignatureShape } else { *refusal };
            tally.refuse(format!("{}: {name}", shape.name), xml, expected);
        }
    }
}

/// Metadata, requests, and assertions for others: signed, by the right key, and no answer to us.
pub fn a28_other_documents(tally: &mut Tally) {
    for (namespace, local) in [
        (vestibule::saml::METADATA, "EntityDescriptor"),
        (vestibule::saml::METADATA, "EntitiesDescriptor"),
        (vestibule::saml::PROTOCOL, "LogoutRequest"),
        (vestibule::saml::PROTOCOL, "LogoutResponse"),
        (vestibule::saml::PROTOCOL, "AuthnRequest"),
        ("urn:oasis:names:tc:SAML:1.0:protocol", "Response"),
        ("", "Response"),
    ] {
        let declared =
            if namespace.is_empty() { String::new() } else { format!(" xmlns=\"{namespace}\"") };
        for shape in plain() {
            tally.accept(&shape.name, &shape.good, shape);
            let whole = |id: &str, inside: &str| {
                format!("<{local}{declared} ID=\"{id}\">{inside}</{local}>")
            };
            let name = format!("{}: {local}", shape.name);
            tally.refuse(&name, &sign(&whole("_m", ""), "_m"), ResponseRoot);
            tally.refuse(&name, &sign(&whole("_m", &shape.good), "_m"), ResponseRoot);
            // Its signature over a forged assertion or response of the same ID.
            for id in ["_assertion", "_response"] {
                let signed = sign(&whole(id, ""), id);
                let signature = source(&signed, "Signature");
                let forged = shape.unsigned.replace("alice@", "mallory@");
                let issuer = nth(&forged, "Issuer", usize::from(id == "_assertion"));
                let forged = inserted(&forged, issuer.whole.end, signature);
                tally.refuse(format!("{name} lends its signature"), &forged, DigestWrong);
                // And itself in the signature's place, or before it.
                let beside = inserted(&forged, issuer.whole.end, &signed);
                tally.refuse(format!("{name} before its signature"), &beside, IdDuplicate);
            }
        }
    }
    for shape in all() {
        for (from, to, refusal) in [
            ("/.access/metadata<", "/.access/metadata/other<", AudienceMismatch),
            (
                "Recipient=\"https://app.example",
                "Recipient=\"https://other.example",
                RecipientMismatch,
            ),
        ] {
            tally.refuse(format!("{}: {to}", shape.name), &shape.sign_changed(from, to), refusal);
        }
    }
    // What verifies names the element it stands in: no signature serves another element.
    let template = TEMPLATE.replace("#{id}", "#_other");
    for shape in plain() {
        tally.refuse(&shape.name, &shape.sign_template(&template), SignatureReference);
    }
}
