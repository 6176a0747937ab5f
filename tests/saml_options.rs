//! What an identity provider's document may ask for or allow, and that the answer is held to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use support::response::{HONEST, NOW, Signed, accept_from, idp_with, signed};
use vestibule::refusals::Refusal::{self, *};
use vestibule::saml::authn_request::AuthnRequest;
use vestibule::saml::binding::{Carried, Outgoing};
use vestibule::saml::idp::IdentityProvider;
use vestibule::xml::{Document, Profile};

const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
const TIME_SYNC: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

fn refusal(idp: &IdentityProvider, xml: &str) -> Option<Refusal> {
    accept_from(idp, signed(xml, Signed::Assertion).as_bytes(), NOW).err()
}

/// SAML core 3.3.2.2.1, SEC-26.
#[test]
fn authn_context_mismatch() {
    let asks = |classes: &[&str]| idp_with(json!({ "request": { "authn_context": classes } }));
    assert_eq!(refusal(&asks(&[PASSWORD]), HONEST), None);
    assert_eq!(refusal(&asks(&[TIME_SYNC, PASSWORD]), HONEST), None);
    assert_eq!(refusal(&asks(&[TIME_SYNC]), HONEST), Some(AuthnContextMismatch));
    assert_eq!(refusal(&asks(&["Password"]), HONEST), Some(AuthnContextMismatch));
    let class = format!("<saml:AuthnContextClassRef>{PASSWORD}</saml:AuthnContextClassRef>");
    let silent = HONEST.replace(&class, "");
    assert_eq!(refusal(&asks(&[]), &silent), None);
    assert_eq!(refusal(&asks(&[PASSWORD]), &silent), Some(AuthnContextMismatch));
}

/// SAML core 3.4.1.1.
#[test]
fn name_id_format_mismatch() {
    let asks = |format: &str| idp_with(json!({ "request": { "name_id_format": format } }));
    assert_eq!(refusal(&asks(UNSPECIFIED), HONEST), None);
    assert_eq!(refusal(&asks(PERSISTENT), HONEST), Some(NameIdFormatMismatch));
    let silent = HONEST.replace(&format!(" Format=\"{UNSPECIFIED}\""), "");
    assert_eq!(refusal(&asks(PERSISTENT), &silent), Some(NameIdFormatMismatch));
    assert_eq!(refusal(&idp_with(json!({})), &silent), None);
}

#[test]
fn requests_ask_in_the_order_of_the_schema() {
    let options = json!({ "name_id_format": PERSISTENT, "authn_context": [TIME_SYNC, PASSWORD] });
    let idp = idp_with(json!({ "request": options }));
    let (entity_id, acs) =
        ("https://app.example/.access/metadata", "https://app.example/.access/acs");
    let request =
        AuthnRequest { id: "_1", now: NOW, entity_id, acs, force: true, options: &idp.request };
    let sent = request.carry(&idp.metadata.sign_on, "relay", None);
    let Ok(Outgoing::Ready(Carried::Form { fields, .. })) = sent else { panic!("a form") };
    let xml = STANDARD.decode(&fields[0].1).unwrap();
    let document = Document::parse(&xml, &Profile::MESSAGE).unwrap();
    let root = document.root();
    assert_eq!(root.attribute("ForceAuthn"), Some("true"));
    let children: Vec<_> = root.children().map(|child| child.local()).collect();
    assert_eq!(children, ["Issuer", "NameIDPolicy", "RequestedAuthnContext"]);
    let [_, policy, context] = root.children().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!(policy.attribute("Format"), Some(PERSISTENT));
    assert_eq!(context.attribute("Comparison"), Some("exact"));
    let classes: Vec<_> = context.children().map(|class| class.text().unwrap()).collect();
    assert_eq!(classes, [TIME_SYNC, PASSWORD]);
}

/// A document is closed: what is not understood is not ignored.
#[test]
fn idp_document_unusable() {
    let honest = support::response::idp_json(&["rsa"]);
    for more in [
        r#""legacy": ["md5"]"#,
        r#""legacy": "sha1""#,
        r#""request": { "comparison": "minimum" }"#,
        r#""unsolicited": true"#,
        r#""legcay": []"#,
    ] {
        let json = honest.replacen('{', &format!("{{ {more}, "), 1);
        let refused = IdentityProvider::from_json("test", &json).err();
        assert_eq!(refused, Some(IdpDocumentUnusable), "{more}");
    }
}
