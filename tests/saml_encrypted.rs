//! Encrypted assertions, opened with a key of our own: every way that is accepted, and what an
//! attacker learns from a refusal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use std::sync::LazyLock;

use support::encryption::{
    BEHIND, CBC128, CBC256, CIPHERS, Encryption, GCM128, GCM256, INSIDE, TRANSPORTS, decrypted,
    sealed,
};
use support::response::{HONEST, SHAPES, Signed, accepted, idp_with, signed};
use vestibule::refusals::Refusal;
use vestibule::saml::idp::IdentityProvider;

static STRICT: LazyLock<IdentityProvider> = LazyLock::new(|| idp_with(serde_json::json!({})));
static LEGACY: LazyLock<IdentityProvider> =
    LazyLock::new(|| idp_with(serde_json::json!({ "legacy": ["cbc-signed-inside"] })));

fn refused(idp: &IdentityProvider, xml: &str, expected: Refusal, name: &str) {
    assert_eq!(decrypted(idp, xml).map(|accepted| accepted.subject), Err(expected), "{name}");
}

#[test]
fn opens_every_variant() {
    let plain = accepted(&signed(HONEST, Signed::Assertion)).unwrap().subject;
    for data in CIPHERS {
        for (transport, hash) in TRANSPORTS {
            for template in [INSIDE, BEHIND] {
                for what in SHAPES {
                    let template = template.to_owned();
                    let how = Encryption { transport, hash, template, ..Encryption::with(data) };
                    let xml = how.honest(what);
                    let needs_switch = data.contains("cbc") && what == Signed::Assertion;
                    let opened = decrypted(&LEGACY, &xml).unwrap();
                    assert_eq!(opened.subject, plain, "{data}, {transport}, {what:?}");
                    if needs_switch {
                        refused(&STRICT, &xml, Refusal::EncryptionCbcUnsigned, data);
                    } else {
                        assert_eq!(decrypted(&STRICT, &xml).unwrap().subject, plain);
                    }
                    let limited = sealed(&LEGACY, &xml).unwrap().is_malleable();
                    assert_eq!(limited, needs_switch, "{data}, {what:?}");
                }
            }
        }
    }
}

#[test]
fn opens_what_was_encrypted_for_the_key_before() {
    let how = Encryption { recipient: "sp-old", ..Encryption::with(GCM256) };
    decrypted(&STRICT, &how.honest(Signed::Assertion)).unwrap();
}

#[test]
fn the_key_may_be_found_in_other_honest_ways() {
    let key_info = concat!(
        r#"<ds:KeyInfo><ds:RetrievalMethod Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey" "#,
        r##"URI="#_key"/></ds:KeyInfo>"##
    );
    let kind = r#" Type="http://www.w3.org/2001/04/xmlenc#Element""#;
    for template in [
        BEHIND.replace(key_info, ""),
        BEHIND.replace(r#" Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey""#, ""),
        BEHIND.replace(kind, ""),
        INSIDE.replace(r#" Recipient="us""#, "").replace(r#" Id="_key""#, ""),
        INSIDE.replace("{cipher}", "\n{cipher}\n").replace("><xenc", ">\n  <xenc"),
        INSIDE.replace("X509Certificate>", "X509SubjectName>"),
    ] {
        let how = Encryption { template: template.clone(), ..Encryption::with(GCM128) };
        for what in SHAPES {
            let opened = decrypted(&STRICT, &how.honest(what));
            assert!(opened.is_ok(), "{what:?}: {:?} {template}", opened.err());
        }
    }
}

/// XML encryption says nothing of the bytes before the last one of a padding.
#[test]
fn any_padding_of_xml_encryption_is_read() {
    for more in 0..16 {
        let xml = HONEST.replace("R&amp;D, West", &format!("West{}", "x".repeat(more)));
        for (filler, data) in [(0, CBC128), (0xff, CBC256)] {
            let how = Encryption { filler, ..Encryption::with(data) };
            let opened = decrypted(&LEGACY, &how.respond(&xml, Signed::Assertion)).unwrap();
            assert_eq!(opened.subject.groups[1].len(), 4 + more);
        }
    }
}

/// The assertion inside may use prefixes that only the response declares, and its signature may
/// cover them; but what no signature covers gives no prefix a meaning.
#[test]
fn namespaces_come_from_around_the_encrypted_form() {
    let how = Encryption::with(GCM128);
    for what in SHAPES {
        assert!(!HONEST[HONEST.find("<saml:Assertion").unwrap()..].contains("xmlns:saml="));
        decrypted(&STRICT, &how.honest(what)).unwrap();
    }
    // `xs` is in the PrefixList of the signature inside, and declared on the response only.
    let elsewhere = how.honest(Signed::Assertion).replace("XMLSchema\"", "XMLSchemb\"");
    refused(&STRICT, &elsewhere, Refusal::DigestWrong, "another meaning of a signed prefix");
    let without =
        how.honest(Signed::Assertion).replace(" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"", "");
    refused(&STRICT, &without, Refusal::DigestWrong, "a signed prefix without a meaning");
    let outside =
        HONEST.replace(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"", "").replace(
            " xmlns:xs=",
            " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xs=",
        );
    decrypted(&STRICT, &how.respond(&outside, Signed::Assertion)).unwrap();
    let xml = how.respond(&outside, Signed::Response);
    refused(&STRICT, &xml, Refusal::XmlNamespace, "a prefix that nobody signed");
}

#[test]
fn encryption_algorithm() {
    let with = |from: &str, to: &str| {
        let template = INSIDE.replace("{transport}", TRANSPORTS[2].0).replace("{data}", GCM128);
        assert!(template.contains(from), "{from}");
        Encryption { template: template.replace(from, to), ..Encryption::with(GCM128) }
    };
    let xenc = "http://www.w3.org/2001/04/xmlenc#";
    for (from, to) in [
        (GCM128, "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"),
        (GCM128, "http://www.w3.org/2001/04/xmlenc#aes192-cbc"),
        (GCM128, "http://www.w3.org/2009/xmlenc11#aes192-gcm"),
        (GCM128, ""),
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", &format!("{xenc}rsa-1_5")),
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", &format!("{xenc}kw-aes128")),
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", &format!("{xenc}dh")),
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", &format!("{xenc}rsa-oaep-mgf1p")),
        (&format!("{xenc}sha256"), "http://www.w3.org/2001/04/xmldsig-more#md5"),
        ("mgf1sha256", "mgf1sha512"),
        (
            "</xenc:EncryptionMethod>",
            "<xenc:OAEPparams>AAAA</xenc:OAEPparams></xenc:EncryptionMethod>",
        ),
    ] {
        for what in SHAPES {
            let xml = with(from, to).honest(what);
            refused(&LEGACY, &xml, Refusal::EncryptionAlgorithm, to);
        }
    }
    for (from, to) in [
        ("mgf1sha256", "mgf1sha1"),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
        (r#"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>"#, ""),
    ] {
        let xml = with(from, to).honest(Signed::Both);
        refused(&STRICT, &xml, Refusal::EncryptionOaepHashes, to);
    }
    let mgf1p = r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/></xenc:EncryptionMethod>"#;
    let how = Encryption { transport: mgf1p, ..Encryption::with(GCM256) };
    refused(&STRICT, &how.honest(Signed::Both), Refusal::EncryptionOaepHashes, "mgf1p, SHA-256");
}

#[test]
fn without_a_key_of_our_own_it_stays_shut() {
    for what in SHAPES {
        let refused = accepted(&Encryption::with(GCM256).honest(what)).map(|a| a.subject);
        assert_eq!(refused, Err(Refusal::AssertionEncrypted), "{what:?}");
    }
}

#[test]
fn what_xmlsec1_encrypted_opens() {
    for name in ["aes128-cbc", "aes256-cbc", "aes128-gcm", "aes256-gcm"] {
        let path = support::path(&format!("golden/encrypted/{name}.xml"));
        let xml = std::fs::read_to_string(path).unwrap();
        let subject = decrypted(&LEGACY, &xml).unwrap().subject;
        assert_eq!(subject.groups, ["R&D, Zürich"], "{name}");
        let elsewhere = xml.replace("XMLSchema\"", "XMLSchemb\"");
        assert!(decrypted(&LEGACY, &elsewhere).is_err(), "{name}: `xs` is signed inside");
    }
}
