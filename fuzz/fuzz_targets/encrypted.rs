//! An encrypted assertion: whatever its markup, and whatever it decrypts to, nothing is accepted that
//! the identity provider has not signed.
#![no_main]

#[path = "../../tests/support/mod.rs"]
mod support;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use support::encryption::{CBC128, Encryption, GCM256, expected, sealed};
use support::response::{HONEST, idp_with};
use vestibule::saml::idp::IdentityProvider;
use vestibule::saml::response::{Received, receive};

static IDP: LazyLock<IdentityProvider> =
    LazyLock::new(|| idp_with(json!({ "legacy": ["cbc-signed-inside"] })));
static WAYS: LazyLock<[Encryption; 2]> = LazyLock::new(|| [GCM256, CBC128].map(Encryption::with));

fuzz_target!(|text: &str| {
    let assertion = HONEST.find("<saml:Assertion").unwrap();
    let (head, tail) = HONEST.split_at(assertion);
    let (_, tail) = tail.split_once("</saml:Assertion>").unwrap();

    let open = concat!(
        r#"<saml:EncryptedAssertion xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" "#,
        r#"xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#
    );
    let markup = format!("{head}{open}{text}</saml:EncryptedAssertion>{tail}");
    if let Ok(Received::Sealed(sealed)) = receive(markup.as_bytes(), &expected(&IDP)) {
        assert!(sealed.open(Some(&[9; 16]), &[7; 32], &expected(&IDP)).is_err());
    }
    for how in WAYS.iter() {
        let xml = format!("{head}{}{tail}", how.seal(text.as_bytes()));
        let opened =
            sealed(&IDP, &xml).unwrap().open(Some(&how.content_key), &[7; 32], &expected(&IDP));
        assert!(opened.is_err(), "{text}");
    }
});
