//! Logout messages by redirect and by form: what is accepted, and what each untruth is refused for
//! (SEC-35; attacks A31 and A32).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use support::response::{NOW, idp_with};
use support::{RSA_SHA256, Signing, pem, public_key, sign, sign_octets, sign_with};
use vestibule::dsig::{Tolerance, verify};
use vestibule::refusals::Refusal::{self, *};
use vestibule::saml::binding::{Carried, Endpoint, Field, Outgoing, SignedQuery};
use vestibule::saml::idp::IdentityProvider;
use vestibule::saml::logout::{Arrived, Expected, Message, Request, Sender, accept};
use vestibule::saml::sp_keys::SpKeys;
use vestibule::web_url::WebUrl;
use vestibule::xml::{Document, Profile};

const REQUEST: &str = concat!(
    r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" "#,
    r#"xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_logout" Version="2.0" "#,
    r#"IssueInstant="2026-11-23T12:00:00Z" Destination="https://app.example/.access/slo" "#,
    r#"NotOnOrAfter="2026-11-23T12:05:00Z" Reason="urn:oasis:names:tc:SAML:2.0:logout:user">"#,
    r#"<saml:Issuer>test idp</saml:Issuer><saml:NameID>alice@example.com</saml:NameID>"#,
    r#"<samlp:SessionIndex>_session</samlp:SessionIndex></samlp:LogoutRequest>"#,
);
const RESPONSE: &str = concat!(
    r#"<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" "#,
    r#"xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_done" Version="2.0" "#,
    r#"IssueInstant="2026-11-23T12:00:00Z" Destination="https://app.example/.access/slo" "#,
    r#"InResponseTo="_ours"><saml:Issuer>test idp</saml:Issuer><samlp:Status>"#,
    r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>"#,
    r#"</samlp:Status></samlp:LogoutResponse>"#,
);

static IDPS: LazyLock<[IdentityProvider; 1]> = LazyLock::new(|| [idp_with(serde_json::json!({}))]);

fn accepted(arrived: &Arrived) -> Result<Message<'static>, Refusal> {
    let slo = "https://app.example/.access/slo";
    accept(arrived, &Expected { idps: &*IDPS, slo, now: NOW })
}

fn by_form(field: Field, xml: &str) -> Result<Message<'static>, Refusal> {
    accepted(&Arrived::Form(field, xml.as_bytes().to_vec()))
}

fn by_query(query: &str) -> Result<Message<'static>, Refusal> {
    accepted(&Arrived::Query(SignedQuery::read(query)?))
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The parameters up to the signature.
fn octets(field: &str, xml: &str, relay_state: Option<&str>) -> String {
    let message = STANDARD.encode(compress_to_vec(xml.as_bytes(), 6));
    let relay = relay_state.map(|relay| format!("&RelayState={relay}")).unwrap_or_default();
    format!("{field}={}{relay}&SigAlg={}", encoded(&message), encoded(RSA_SHA256))
}

fn signed_query(octets: &str) -> String {
    let signature = STANDARD.encode(sign_octets("rsa", RSA_SHA256, octets.as_bytes()));
    format!("{octets}&Signature={}", encoded(&signature))
}

fn refusal<T>(outcome: Result<T, Refusal>) -> Option<Refusal> {
    outcome.err()
}

#[test]
fn honest_messages_are_accepted_either_way() {
    let expected = Request {
        id: "_logout".into(),
        name_id: "alice@example.com".into(),
        session_indexes: vec!["_session".into()],
    };
    let query = signed_query(&octets("SAMLRequest", REQUEST, Some("a%20b")));
    for outcome in [by_form(Field::Request, &sign(REQUEST, "_logout")), by_query(&query)] {
        match outcome.unwrap_or_else(|refusal| panic!("{refusal}")) {
            Message::Request(idp, request) => {
                assert_eq!((idp.id.as_str(), &request), ("test", &expected));
            }
            Message::Response(..) => panic!("a response"),
        }
    }
    let failed = RESPONSE.replace("Success", "Responder");
    for (xml, everywhere) in [(RESPONSE, true), (&failed, false)] {
        let query = signed_query(&octets("SAMLResponse", xml, None));
        for outcome in [by_form(Field::Response, &sign(xml, "_done")), by_query(&query)] {
            assert!(matches!(outcome, Ok(Message::Response(all)) if all == everywhere));
        }
    }
}

/// The signature is over the octets as received, however they are encoded (AD FS and Entra ID write
/// hexadecimal digits in lower case).
#[test]
fn a_query_is_verified_over_its_octets_as_received() {
    let usual = octets("SAMLRequest", REQUEST, Some("x"));
    let lower = usual.replace("%3A", "%3a").replace("%2F", "%2f").replace("%2B", "%2b");
    assert_ne!(usual, lower);
    assert!(by_query(&signed_query(&lower)).is_ok());
    let signature = signed_query(&lower).replacen(&lower, &usual, 1);
    assert_eq!(refusal(by_query(&signature)), Some(SignatureWrong));
}

#[test]
fn queries_with_a_part_too_many_or_too_few() {
    let honest = octets("SAMLRequest", REQUEST, Some("x"));
    let query = signed_query(&honest);
    let without = |name: &str| {
        let kept = query.split('&').filter(|pair| !pair.starts_with(name));
        kept.collect::<Vec<_>>().join("&")
    };
    let other = octets("SAMLResponse", RESPONSE, None);
    let other = other.split('&').next().unwrap();
    for (refused, query) in [
        (SignatureMissing, without("Signature=")),
        (SignatureMissing, without("SigAlg=")),
        (FormMalformed, without("SAMLRequest=")),
        (SignatureWrong, without("RelayState=")),
        (SignatureWrong, query.replace("RelayState=x", "RelayState=y")),
        (SignatureWrong, query.replace("RelayState=x", "RelayState=%78")),
        (FormMalformed, format!("{query}&RelayState=x")),
        (FormMalformed, format!("{query}&SAMLRequest=x")),
        (FormMalformed, format!("{query}&%53AMLRequest=x")),
        (FormMalformed, query.replace("RelayState", "Relay%53tate")),
        (FormMalformed, format!("{query}&{other}")),
        (FormMalformed, format!("{other}&{query}")),
        (FormMalformed, format!("{query}&SAMLEncoding=x")),
        (FormMalformed, format!("{query}&%ff=x")),
        (Base64Malformed, "SAMLRequest=%3C&SigAlg=x&Signature=eA%3D%3D".to_owned()),
        (DeflateMalformed, "SAMLRequest=eA%3D%3D&SigAlg=x&Signature=eA%3D%3D".to_owned()),
        (SignatureEncoding, query.replace("&Signature=", "&Signature=%21")),
        (SignatureAlgorithm, signed_query(&honest.replace("rsa-sha256", "rsa-sha255"))),
        (
            SignatureSha1,
            signed_query(&octets("SAMLRequest", REQUEST, None).replace(
                &encoded(RSA_SHA256),
                "http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha1",
            )),
        ),
        (FormTooLarge, format!("{query}&x={}", "y".repeat(40_000))),
    ] {
        assert_eq!(refusal(by_query(&query)), Some(refused), "{query}");
    }
    // Order does not matter to who reads: the signature has its own (SAML bindings 3.4.4.1).
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.reverse();
    assert!(by_query(&pairs.join("&")).is_ok());
}

/// A24: ten kilobytes that inflate to ten megabytes.
#[test]
fn deflate_malformed() {
    let bomb = format!("<a>{}</a>", " ".repeat(10_000_000));
    let query = signed_query(&octets("SAMLRequest", &bomb, None));
    assert!(query.len() < 32 * 1024);
    assert_eq!(refusal(by_query(&query)), Some(DeflateMalformed));
}

/// Changed before signing, so that only what is said is wrong.
#[test]
fn untruths() {
    let issuer = "<saml:Issuer>test idp</saml:Issuer>";
    let cases: &[(Refusal, &str, &str)] = &[
        (VersionUnsupported, "Version=\"2.0\"", "Version=\"1.1\""),
        (SamlMissing, " Version=\"2.0\"", ""),
        (DestinationMismatch, " Destination=\"https://app.example/.access/slo\"", ""),
        (DestinationMismatch, "app.example/.access/slo", "app.example/.access/acs"),
        (SamlMissing, " IssueInstant=\"2026-11-23T12:00:00Z\"", ""),
        (NotYetValid, "IssueInstant=\"2026-11-23T12:00", "IssueInstant=\"2026-11-23T12:02"),
        (Expired, "IssueInstant=\"2026-11-23T12:00", "IssueInstant=\"2026-11-23T11:55"),
        (TimeMalformed, "IssueInstant=\"2026", "IssueInstant=\"26"),
        (IssuerMismatch, "test idp", "other idp"),
        (SamlMissing, issuer, ""),
        (SamlUnexpected, issuer, "<saml:Issuer>test idp</saml:Issuer><samlp:Extensions/>"),
        (IdDuplicate, "<saml:Issuer>", "<saml:Issuer Id=\"_logout\">"),
    ];
    let more: &[(Refusal, &str, &str)] = &[
        (Expired, "12:05:00Z", "11:59:00Z"),
        (NameIdUnusable, "alice@example.com", " "),
        (TextDeceives, "alice@", "alice\u{202E}@"),
        (SamlUnexpected, "saml:NameID", "saml:BaseID"),
        (SamlUnexpected, "saml:NameID", "saml:EncryptedID"),
        (SamlUnexpected, "</samlp:SessionIndex>", "</samlp:SessionIndex><saml:Assertion/>"),
        (SamlUnexpected, "Reason", "Why"),
    ];
    for (refused, from, to) in cases.iter().chain(more) {
        let xml = REQUEST.replace(from, to);
        assert_ne!(xml, REQUEST, "{from}");
        let query = signed_query(&octets("SAMLRequest", &xml, None));
        assert_eq!(refusal(by_query(&query)), Some(*refused), "{from} -> {to}");
        if *refused != IdDuplicate && xml.contains("<saml:Issuer") {
            let outcome = by_form(Field::Request, &sign(&xml, "_logout"));
            assert_eq!(refusal(outcome), Some(*refused), "{from} -> {to}");
        }
    }
}

#[test]
fn a_message_in_the_place_of_another() {
    for (field, name, xml, id) in [
        (Field::Response, "SAMLResponse", REQUEST, "_logout"),
        (Field::Request, "SAMLRequest", RESPONSE, "_done"),
    ] {
        assert_eq!(refusal(by_form(field, &sign(xml, id))), Some(ResponseRoot));
        let query = signed_query(&octets(name, xml, None));
        assert_eq!(refusal(by_query(&query)), Some(ResponseRoot));
    }
}

#[test]
fn signatures_of_others_in_other_places_or_of_nobody() {
    let good = sign(REQUEST, "_logout");
    let by_other = Signing { key: "rsa-other", ..Signing::default() };
    let inside = REQUEST.replace(
        "<saml:NameID>",
        "<saml:Assertion ID=\"_a\"><saml:Issuer>test idp</saml:Issuer></saml:Assertion><saml:NameID>",
    );
    for (refused, xml) in [
        (SignatureMissing, REQUEST.to_owned()),
        (SignatureWrong, sign_with(REQUEST, "_logout", &by_other)),
        (DigestWrong, good.replace("alice@", "bob@")),
        (DigestWrong, good.replace("<samlp:SessionIndex>_session</samlp:SessionIndex>", "")),
        (XmlComment, good.replace("alice@", "alice<!-- -->@")),
        (SignatureMissing, sign(&inside, "_a")),
    ] {
        assert_eq!(refusal(by_form(Field::Request, &xml)), Some(refused), "{xml}");
    }
    // In a query a signature inside the message means nothing, and is refused.
    let query = octets("SAMLRequest", &good, None);
    assert_eq!(refusal(by_query(&signed_query(&query))), Some(SignatureMisplaced));
    let unsigned = octets("SAMLRequest", REQUEST, None);
    let other = STANDARD.encode(sign_octets("rsa-other", RSA_SHA256, unsigned.as_bytes()));
    let query = format!("{unsigned}&Signature={}", encoded(&other));
    assert_eq!(refusal(by_query(&query)), Some(SignatureWrong));
}

/// What we send has a signature that our own verifier takes.
#[test]
fn what_we_send_is_signed_either_way() {
    let keys = SpKeys::from_pem(&pem("sp", "sp")).unwrap();
    let key = keys.newest();
    let url = WebUrl::parse("https://idp.example/slo?tenant=1").unwrap();
    let odd = "a\"b<c>&amp;\u{1F600}";
    let sender = Sender { id: "_1", now: NOW, entity_id: odd, key };
    for to in [Endpoint::Post(url.clone()), Endpoint::Redirect(url)] {
        for outgoing in
            [sender.request(&to, odd, Some(odd), Some(odd)), sender.response(&to, odd, Some(odd))]
        {
            let Ok(Outgoing::Unsigned(message)) = outgoing else { panic!("{outgoing:?}") };
            let signature = key.sign(message.octets()).unwrap();
            let document = match message.signed(&signature) {
                Carried::Form { fields, .. } => {
                    let xml = STANDARD.decode(&fields[0].1).unwrap();
                    let document = Document::parse(&xml, &Profile::MESSAGE).unwrap();
                    verify(document.root(), &[public_key("sp")]).unwrap();
                    document
                }
                Carried::Redirect(url) => {
                    let query = url.strip_prefix("https://idp.example/slo?tenant=1&").unwrap();
                    let read = SignedQuery::read(query).unwrap();
                    assert_eq!(read.verify(&[public_key("sp")], Tolerance::default()), Ok(()));
                    Document::parse(&read.xml, &Profile::MESSAGE).unwrap()
                }
            };
            let issuer = document.root().children().next().unwrap();
            assert_eq!(issuer.text(), Ok(odd));
        }
    }
}
