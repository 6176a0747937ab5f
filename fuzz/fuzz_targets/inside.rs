//! The inside of an assertion, whatever it is, signed by the identity provider.
#![no_main]

#[path = "../../tests/support/mod.rs"]
mod support;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use support::response::{HONEST, NOW, accept_from, idp_json};
use support::{ECDSA_SHA256, Signing, sign_with};
use vestibule::saml::idp::IdentityProvider;
use vestibule::xml::{Document, Profile};

static IDP: LazyLock<IdentityProvider> =
    LazyLock::new(|| IdentityProvider::from_json("test", &idp_json(&["p256"])).unwrap());

fuzz_target!(|inside: &str| {
    let (head, tail) = HONEST.split_once("<saml:Subject>").unwrap();
    let (_, tail) = tail.split_once("</saml:Assertion>").unwrap();
    let xml = format!("{head}{inside}</saml:Assertion>{tail}");
    if Document::parse(xml.as_bytes(), &Profile::MESSAGE).is_err() {
        return;
    }
    let how = Signing { key: "p256", method: ECDSA_SHA256, ..Signing::default() };
    let signed = sign_with(&xml, "_assertion", &how);
    if let Ok(accepted) = accept_from(&IDP, signed.as_bytes(), NOW) {
        let other = roxmltree::Document::parse(&signed).unwrap();
        let name_id = other.descendants().find(|node| node.tag_name().name() == "NameID");
        assert_eq!(name_id.unwrap().text(), Some(&*accepted.subject.name_id));
    }
});
