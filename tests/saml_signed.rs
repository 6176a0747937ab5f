//! What we sign: requests in both bindings, and our metadata. Our own verifier is the strict one;
//! xml-crypto and samlp are asked over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use support::response::idp_json;
use support::{RSA_SHA256, pem, public_key};
use vestibule::dsig::{Enveloped, verify, verify_octets};
use vestibule::refusals::Refusal;
use vestibule::saml::authn_request::AuthnRequest;
use vestibule::saml::binding::{Carried, Endpoint, Outgoing};
use vestibule::saml::idp::{IdentityProvider, RequestOptions};
use vestibule::saml::sp_keys::SpKeys;
use vestibule::saml::sp_metadata::SpMetadata;
use vestibule::web_url::WebUrl;
use vestibule::xml::{Document, Profile};

const ODD: &str = "\"/><x y='&amp;'>]]>\r\n\u{1F600}";

fn keys() -> SpKeys {
    SpKeys::from_pem(&(pem("sp", "sp") + &pem("sp-old", "sp-old"))).unwrap()
}

fn carry(sign_on: &Endpoint, relay_state: &str, keys: Option<&SpKeys>) -> Carried {
    let (acs, options) = ("https://a/?b=c&d", &RequestOptions::default());
    let request = AuthnRequest { id: "_a", now: 0, entity_id: ODD, acs, force: true, options };
    match request.carry(sign_on, relay_state, keys.map(SpKeys::newest)).unwrap() {
        Outgoing::Ready(carried) => carried,
        Outgoing::Unsigned(unsigned) => {
            let signature = keys.unwrap().newest().sign(unsigned.octets()).unwrap();
            unsigned.signed(&signature)
        }
    }
}

#[test]
fn the_query_of_a_redirect_is_signed_as_it_is_sent() {
    for sso in ["https://idp.example/sso", "https://idp.example/sso?tenant=a%20b"] {
        let to = Endpoint::Redirect(WebUrl::parse(sso).unwrap());
        let Carried::Redirect(url) = carry(&to, "R-_ /+&=é", Some(&keys())) else { panic!() };
        let more = url.strip_prefix(sso).unwrap();
        let (octets, signature) = more[1..].split_once("&Signature=").unwrap();
        let names: Vec<_> = octets.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
        assert_eq!(names, ["SAMLRequest", "RelayState", "SigAlg"]);
        let pairs: Vec<_> = form_urlencoded::parse(&more.as_bytes()[1..]).into_owned().collect();
        assert_eq!(pairs[1].1, "R-_ /+&=é");
        assert_eq!(pairs[2].1, RSA_SHA256);
        assert!(signature.ends_with("%3D") && !signature.contains(['+', '/', '=']));
        let signature = STANDARD.decode(&pairs[3].1).unwrap();
        let by =
            |name| verify_octets(RSA_SHA256, octets.as_bytes(), &signature, &[public_key(name)]);
        assert_eq!(by("sp"), Ok(()));
        assert_eq!(by("sp-old"), Err(Refusal::SignatureWrong));
        let deflated = STANDARD.decode(&pairs[0].1).unwrap();
        let xml = miniz_oxide::inflate::decompress_to_vec(&deflated).unwrap();
        // SAML bindings 3.4.4.1: a signature in the document itself would have to be removed.
        assert!(!String::from_utf8(xml).unwrap().contains("Signature"));
    }
    let to = Endpoint::Redirect(WebUrl::parse("https://idp.example/sso").unwrap());
    let Carried::Redirect(url) = carry(&to, "x", None) else { panic!() };
    assert!(!url.contains("Sig"), "{url}");
}

#[test]
fn a_form_carries_a_signed_document() {
    let to = Endpoint::Post(WebUrl::parse("https://idp.example/sso").unwrap());
    let Carried::Form { action, fields } = carry(&to, "x", Some(&keys())) else { panic!() };
    assert_eq!(action, "https://idp.example/sso");
    assert_eq!(fields[1], ("RelayState", "x".to_owned()));
    let xml = STANDARD.decode(&fields[0].1).unwrap();
    let document = Document::parse(&xml, &Profile::MESSAGE).unwrap();
    let verified = verify(document.root(), &[public_key("sp")]).unwrap();
    let issuer = verified.root().children().next().unwrap();
    assert_eq!(issuer.text(), Ok(ODD));
    assert_eq!(verified.root().attribute("ForceAuthn"), Some("true"));
    let other = verify(document.root(), &[public_key("sp-old")]).map(drop);
    assert_eq!(other, Err(Refusal::SignatureWrong));
    let changed = String::from_utf8(xml).unwrap().replace("ForceAuthn=\"true\"", "");
    let document = Document::parse(changed.as_bytes(), &Profile::MESSAGE).unwrap();
    let changed = verify(document.root(), &[public_key("sp")]).map(drop);
    assert_eq!(changed, Err(Refusal::DigestWrong));
}

#[test]
fn metadata_names_every_key_and_is_signed_by_the_newest() {
    let keys = keys();
    let of = |keys, signs_requests| {
        let (acs, slo) = ("https://a/acs", "https://a/slo");
        SpMetadata { entity_id: ODD, acs, slo, keys, signs_requests }.xml()
    };
    let [before, after] = of(Some(&keys), true);
    let xml = Enveloped::new(&before, &after, keys.newest().certificate()).unwrap();
    let signature = keys.newest().sign(xml.octets()).unwrap();
    let xml = xml.signed(&signature);
    let document = Document::parse(xml.as_bytes(), &Profile::MESSAGE).unwrap();
    let verified = verify(document.root(), &[public_key("sp")]).unwrap();
    assert_eq!(verified.root().attribute("entityID"), Some(ODD));
    let written = std::str::from_utf8(verified.bytes()).unwrap();
    for name in ["sp", "sp-old"] {
        let certificate = STANDARD.encode(support::der(name));
        assert_eq!(written.matches(&certificate).count(), 2, "{name}: to sign and to encrypt");
    }
    assert!(written.contains("AuthnRequestsSigned=\"true\""));
    assert_eq!(written.matches("Location=\"https://a/slo\"").count(), 2, "by redirect and by form");

    let without = of(None, false).concat();
    assert!(!without.contains("KeyDescriptor") && !without.contains("Encryption"), "{without}");
    assert!(!without.contains("SingleLogoutService"), "{without}");
    assert!(without.contains("AuthnRequestsSigned=\"false\""));
}

/// The document decides; without a word of it, the metadata, as far as there is a key.
#[test]
fn when_requests_are_signed() {
    let idp = |sign: serde_json::Value, wanted: &str| {
        let mut document: serde_json::Value = serde_json::from_str(&idp_json(&["rsa"])).unwrap();
        let attribute = format!("<IDPSSODescriptor WantAuthnRequestsSigned=\"{wanted}\" ");
        let metadata = document["metadata"].as_str().unwrap();
        document["metadata"] = metadata.replace("<IDPSSODescriptor ", &attribute).into();
        document["request"] = sign;
        IdentityProvider::from_json("test", &document.to_string()).unwrap()
    };
    let (unset, yes, no) = (
        serde_json::json!({}),
        serde_json::json!({ "sign": true }),
        serde_json::json!({ "sign": false }),
    );
    let keys = keys();
    for (sign, wanted, with_key, without) in [
        (&unset, "false", Ok(false), Ok(false)),
        (&unset, "true", Ok(true), Ok(false)),
        (&unset, "1", Ok(true), Ok(false)),
        (&yes, "false", Ok(true), Err(Refusal::SigningKeyMissing)),
        (&yes, "true", Ok(true), Err(Refusal::SigningKeyMissing)),
        (&no, "true", Ok(false), Ok(false)),
    ] {
        let idp = idp(sign.clone(), wanted);
        let signs = |keys| idp.signing_key(keys).map(|key| key.is_some());
        assert_eq!((signs(Some(&keys)), signs(None)), (with_key, without), "{sign} {wanted}");
    }
}
