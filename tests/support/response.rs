//! Honest responses of an identity provider, to be changed and then signed with valid
//! cryptography.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vestibule::refusals::Refusal;
use vestibule::saml::idp::IdentityProvider;
use vestibule::saml::response::{Accepted, Expected, accept};

use super::{Signing, TEMPLATE, path, sign, sign_with};

pub const ENTITY_ID: &str = "https://app.example/.access/metadata";
pub const ACS: &str = "https://app.example/.access/acs";
pub const REQUEST: &str = "_request";
/// 2026-11-23T12:00:00Z, in the middle of what the honest response allows.
pub const NOW: i64 = 1_795_435_200;

/// What an identity provider sends, before it is signed.
pub const HONEST: &str = concat!(
    r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" "#,
    r#"xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" "#,
    r#"xmlns:xs="http://www.w3.org/2001/XMLSchema" "#,
    r#"ID="_response" Version="2.0" IssueInstant="2026-11-23T12:00:00Z" "#,
    r#"Destination="https://app.example/.access/acs" InResponseTo="_request">"#,
    r#"<saml:Issuer>test idp</saml:Issuer>"#,
    r#"<samlp:Status>"#,
    r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>"#,
    r#"</samlp:Status>"#,
    r#"<saml:Assertion ID="_assertion" Version="2.0" IssueInstant="2026-11-23T12:00:00Z">"#,
    r#"<saml:Issuer>test idp</saml:Issuer>"#,
    r#"<saml:Subject>"#,
    r#"<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">"#,
    r#"alice@example.com</saml:NameID>"#,
    r#"<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">"#,
    r#"<saml:SubjectConfirmationData NotOnOrAfter="2026-11-23T12:05:00Z" "#,
    r#"Recipient="https://app.example/.access/acs" InResponseTo="_request"/>"#,
    r#"</saml:SubjectConfirmation></saml:Subject>"#,
    r#"<saml:Conditions NotBefore="2026-11-23T11:55:00Z" NotOnOrAfter="2026-11-23T12:05:00Z">"#,
    r#"<saml:AudienceRestriction>"#,
    r#"<saml:Audience>https://app.example/.access/metadata</saml:Audience>"#,
    r#"</saml:AudienceRestriction>"#,
    r#"</saml:Conditions>"#,
    r#"<saml:AuthnStatement AuthnInstant="2026-11-23T11:59:00Z" SessionIndex="_session">"#,
    r#"<saml:AuthnContext><saml:AuthnContextClassRef>"#,
    r#"urn:oasis:names:tc:SAML:2.0:ac:classes:Password"#,
    r#"</saml:AuthnContextClassRef></saml:AuthnContext>"#,
    r#"</saml:AuthnStatement>"#,
    r#"<saml:AttributeStatement>"#,
    r#"<saml:Attribute Name="memberOf">"#,
    r#"<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" "#,
    r#"xsi:type="xs:string">HR</saml:AttributeValue>"#,
    r#"<saml:AttributeValue>R&amp;D, West</saml:AttributeValue>"#,
    r#"</saml:Attribute></saml:AttributeStatement>"#,
    r#"</saml:Assertion></samlp:Response>"#,
);

/// Which elements the identity provider signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    Nothing,
    Assertion,
    Response,
    Both,
}

/// All that may be accepted.
pub const SHAPES: [Signed; 3] = [Signed::Assertion, Signed::Response, Signed::Both];

/// The transform as Okta and others send it: its digest covers `xs`, declared further out.
const WITH_PREFIX: &str = concat!(
    r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">"#,
    r#"<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" "#,
    r#"PrefixList="xs"/></ds:Transform>"#,
);
const TRANSFORM: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#;

pub fn signed(xml: &str, what: Signed) -> String {
    let inner = Signing {
        prefixes: &["xs"],
        template: TEMPLATE.replacen(TRANSFORM, WITH_PREFIX, 1),
        ..Signing::default()
    };
    match what {
        Signed::Nothing => xml.to_owned(),
        Signed::Assertion => sign_with(xml, "_assertion", &inner),
        Signed::Response => sign(xml, "_response"),
        Signed::Both => sign(&sign_with(xml, "_assertion", &inner), "_response"),
    }
}

/// The document of an identity provider that signs with these of tests/keys.
pub fn idp_json(keys: &[&str]) -> String {
    let key = |name: &&str| {
        let der = std::fs::read(path(&format!("keys/{name}.der"))).unwrap();
        format!(
            concat!(
                r#"<KeyDescriptor use="signing">"#,
                r#"<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>"#,
                r#"<X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"#
            ),
            STANDARD.encode(der)
        )
    };
    let metadata = format!(
        concat!(
            r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" "#,
            r#"entityID="test idp"><IDPSSODescriptor "#,
            r#"protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{}"#,
            r#"<SingleSignOnService Location="https://idp.example/sso" "#,
            r#"Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"/>"#,
            r#"</IDPSSODescriptor></EntityDescriptor>"#
        ),
        keys.iter().map(key).collect::<String>()
    );
    let attributes = serde_json::json!({ "email": ["NameID"], "groups": ["memberOf"] });
    serde_json::json!({ "name": "Test", "metadata": metadata, "attributes": attributes })
        .to_string()
}

/// An identity provider whose document says more, or something else.
pub fn idp_with(more: serde_json::Value) -> IdentityProvider {
    let mut document: serde_json::Value = serde_json::from_str(&idp_json(&["rsa"])).unwrap();
    let fields = document.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    IdentityProvider::from_json("test", &document.to_string()).unwrap()
}

/// Gives a response to the service provider that asked for it.
pub fn accept_at(xml: &str, now: i64) -> Result<Accepted, Refusal> {
    static IDP: LazyLock<IdentityProvider> =
        LazyLock::new(|| IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap());
    accept_from(&IDP, xml.as_bytes(), now)
}

/// The same of an identity provider of one's own.
pub fn accept_from(idp: &IdentityProvider, xml: &[u8], now: i64) -> Result<Accepted, Refusal> {
    let expected = Expected {
        idp,
        entity_id: ENTITY_ID,
        acs: ACS,
        request_id: Some(REQUEST),
        forced_at: None,
        trail: None,
        now,
    };
    accept(xml, &expected)
}

pub fn accepted(xml: &str) -> Result<Accepted, Refusal> {
    accept_at(xml, NOW)
}
