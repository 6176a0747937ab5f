//! What the signature core refuses, each with its code, and the honest twins that it verifies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../support/mod.rs"]
mod support;

mod golden;
mod keys;
mod shape;
mod target;

use support::*;
use vestibule::dsig::*;
use vestibule::refusals::Refusal::{self, *};
use vestibule::xml::{Document, Profile};

const ASSERTION: &str = r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a"><saml:Issuer>https://idp.example</saml:Issuer><saml:NameID>a&amp;b@example.com</saml:NameID></saml:Assertion>"#;

fn parse(xml: &str) -> Document {
    Document::parse(xml.as_bytes(), &Profile::MESSAGE).unwrap_or_else(|r| panic!("{r}: {xml}"))
}

/// Verifies the root with these certificates' keys.
fn outcome(xml: &str, keys: &[&str]) -> Result<String, Refusal> {
    let keys: Vec<_> = keys.iter().map(|name| public_key(name)).collect();
    let document = parse(xml);
    let verified = verify(document.root(), &keys)?;
    Ok(String::from_utf8(verified.bytes().to_vec()).unwrap())
}
