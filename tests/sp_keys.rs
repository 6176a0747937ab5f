//! The service provider's own keys, and how the gate reads them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use support::{RSA_SHA256, pem, public_key};
use vestibule::dsig::verify_octets;
use vestibule::gate::Deployment;
use vestibule::keys::{new_seal_key, new_sign_key};
use vestibule::refusals::Refusal;
use vestibule::saml::sp_keys::SpKeys;

#[test]
fn the_newest_signs() {
    let keys =
        SpKeys::from_pem(&format!("{}{}", pem("sp", "sp"), pem("sp-old", "sp-old"))).unwrap();
    let signature = keys.newest().sign(b"octets").unwrap();
    let by = |name| verify_octets(RSA_SHA256, b"octets", &signature, &[public_key(name)]);
    assert_eq!(by("sp"), Ok(()));
    assert_eq!(by("sp-old"), Err(Refusal::SignatureWrong));
    let certificates = ["sp", "sp-old"].map(support::der);
    assert!(keys.iter().map(|key| key.certificate()).eq(&certificates));
}

#[test]
fn keys_unusable() {
    let good = pem("sp", "sp");
    for (name, text) in [
        ("empty", String::new()),
        ("no PEM", "hello".to_owned()),
        ("cut off", good[..good.len() - 20].to_owned()),
        ("no certificate", good[..good.find("-----BEGIN CERT").unwrap()].to_owned()),
        ("no key", good[good.find("-----BEGIN CERT").unwrap()..].to_owned()),
        ("another label", good.replace("PRIVATE KEY", "RSA PRIVATE KEY")),
        ("a damaged key", good.replacen("A", "B", 1)),
        ("the certificate of another key", pem("sp", "sp-old")),
        ("an elliptic curve", pem("p256", "p256")),
        ("a good one and half of one", format!("{good}{}", &good[..good.len() / 2])),
    ] {
        assert_eq!(SpKeys::from_pem(&text).err(), Some(Refusal::KeysUnusable), "{name}");
    }
}

#[test]
fn the_gate_names_the_secret_that_is_unusable() {
    let seal = serde_json::json!({ "keys": [new_seal_key([5; 32])] }).to_string();
    let sign = serde_json::json!({ "keys": [new_sign_key().unwrap()] }).to_string();
    let read = |saml: Option<&str>, old: Option<&str>| {
        Deployment::read(|name| match name {
            "SEAL_KEYS" => Some(seal.clone()),
            "SIGN_KEYS" => Some(sign.clone()),
            "SAML_KEY" => saml.map(str::to_owned),
            "SAML_KEY_OLD" => old.map(str::to_owned),
            _ => None,
        })
    };
    let held = |saml, old| read(saml, old).unwrap().saml.map_or(0, |keys| keys.iter().count());
    let (new, old) = (pem("sp", "sp"), pem("sp-old", "sp-old"));
    assert_eq!(held(None, None), 0);
    assert_eq!(held(Some(""), Some("")), 0);
    assert_eq!(held(Some(&new), None), 1);
    assert_eq!(held(Some(&new), Some(&old)), 2);
    for (saml, old, refusal, named) in [
        (Some("x"), None, Refusal::KeysUnusable, "SAML_KEY"),
        (Some(&*new), Some("x"), Refusal::KeysUnusable, "SAML_KEY_OLD"),
        (None, Some(&*old), Refusal::BindingMissing, "SAML_KEY"),
    ] {
        let refused = read(saml, old).err().unwrap();
        assert_eq!((refused.refusal, &*refused.detail), (refusal, named));
    }
}
