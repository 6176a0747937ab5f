//! Metadata fetched anew: what is taken, what is proposed, what is refused (SEC-34).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use support::idps::filled;
use support::{Signing, certificate, sign, sign_with};
use vestibule::refusals::Refusal::{self, *};
use vestibule::saml::idp::{IdentityProvider, IdpDocument};
use vestibule::saml::refresh::{Outcome, refresh};

/// 2026-11-23T12:00:00Z
const NOW: i64 = 1_795_435_200;

const STORED: &str = concat!(
    r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m" entityID="test">"#,
    r#"<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">"#,
    r#"<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">"#,
    r#"<X509Data><X509Certificate>@p256@</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"#,
    r#"<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" "#,
    r#"Location="https://idp.example/slo"/>"#,
    r#"<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" "#,
    r#"Location="https://idp.example/sso"/></IDPSSODescriptor></EntityDescriptor>"#,
);
const KEY: &str = concat!(
    r#"<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">"#,
    r#"<X509Data><X509Certificate>@p256@</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"#,
);

/// The stored document; with a pinned key, or without.
fn stored(pinned: bool) -> IdpDocument {
    IdpDocument {
        name: "Test".to_owned(),
        metadata: filled(STORED),
        metadata_url: Some("https://idp.example/metadata".to_owned()),
        metadata_key: pinned.then(|| filled("@rsa@")),
        email_domains: Some(vec!["example.com".to_owned()]),
        ..IdpDocument::default()
    }
}

fn outcome(pinned: bool, fetched: &str) -> Result<(&'static str, Vec<String>), Refusal> {
    let stored = stored(pinned);
    let new = match refresh(&stored, fetched.as_bytes(), NOW)? {
        Outcome::Unchanged => return Ok(("unchanged", Vec::new())),
        Outcome::Take(new, changes) => (new, "take", changes),
        Outcome::Propose(new, changes) => (new, "propose", changes),
    };
    let (document, what, changes) = new;
    // Whatever comes of it is a document that the gate can use, with all that was set up.
    let idp = IdentityProvider::from_document("test", *document.clone()).unwrap();
    assert_eq!(idp.metadata.entity_id, "test");
    assert_eq!(document.entity_id.as_deref(), Some("test"));
    assert_eq!(
        (document.metadata_key, document.metadata_url, document.email_domains, document.name),
        (stored.metadata_key, stored.metadata_url, stored.email_domains, stored.name)
    );
    Ok((what, changes))
}

#[test]
fn what_becomes_of_a_change() {
    let added =
        format!("certificate added: {}", certificate("rsa-other").unwrap().fingerprint_hex());
    let removed =
        format!("certificate removed: {}", certificate("p256").unwrap().fingerprint_hex());
    let with = |from: &str, to: &str| {
        assert!(STORED.contains(from), "{from}");
        filled(&STORED.replace(from, to))
    };
    let other_key = KEY.replace("p256", "rsa-other");
    let unusable = KEY.to_owned() + &KEY.replace("p256", "p521");
    let until = "entityID=\"test\" validUntil=\"2026-11-23T12:00:01Z\"";
    let cases: &[(&str, String, &[&str])] = &[
        ("nothing", filled(STORED), &[]),
        (
            "another ID, a comment",
            with("ID=\"_m\"", "ID=\"_n\"").replace("<KeyD", "<!-- x --><KeyD"),
            &[],
        ),
        ("a key that can't be used", with(KEY, &unusable), &["keys that can't be used changed"]),
        ("a longer life", with("entityID=\"test\"", until), &["valid until changed"]),
        ("a key more", with(KEY, &(KEY.to_owned() + &other_key)), &[&added]),
        ("another key", with(KEY, &other_key), &[&added, &removed]),
        ("another sign-on address", with("/sso", "/sso2"), &["sign-on address changed"]),
        (
            "another binding",
            with(
                "HTTP-Redirect\" Location=\"https://idp.example/sso",
                "HTTP-POST\" Location=\"https://idp.example/sso",
            ),
            &["sign-on address changed"],
        ),
        ("another logout address", with("/slo", "/slo2"), &["logout address changed"]),
        (
            "signed requests",
            with("<IDPSSODescriptor", "<IDPSSODescriptor WantAuthnRequestsSigned=\"true\""),
            &["signed requests changed"],
        ),
    ];
    for (name, fetched, changes) in cases {
        let changed = |what| Ok((what, changes.iter().map(|c| (*c).to_owned()).collect()));
        let id = if fetched.contains("_m") { "_m" } else { "_n" };
        let (unsigned, signed) = (outcome(false, fetched), outcome(true, &sign(fetched, id)));
        if changes.is_empty() {
            assert_eq!((unsigned, signed), (changed("unchanged"), changed("unchanged")), "{name}");
        } else {
            assert_eq!((unsigned, signed), (changed("propose"), changed("take")), "{name}");
        }
    }
    // A signature that nobody pinned a key for says nothing.
    let signed = sign(&with(KEY, &other_key), "_m");
    assert_eq!(outcome(false, &signed).map(|(what, _)| what), Ok("propose"));
}

#[test]
fn refused_and_so_what_is_stored_stays() {
    let with = |from: &str, to: &str| {
        assert!(STORED.contains(from), "{from}");
        filled(&STORED.replace(from, to))
    };
    let ended = with("entityID=\"test\"", "entityID=\"test\" validUntil=\"2026-11-23T12:00:00Z\"");
    let both: &[(Refusal, String)] = &[
        (MetadataExpired, ended),
        (MetadataNoIdp, with("\"test\"", "\"other\"")),
        (MetadataNoIdp, with("\"test\"", "\"Test\"")),
        (NoKey, with(KEY, "")),
        (KeyUnsupported, with("@p256@", "@p521@")),
        (UrlRefused, with("https://idp.example/sso", "http://idp.example/sso")),
        (UrlRefused, with("https://idp.example/sso", "javascript:alert(1)")),
        (MetadataNoSignOn, with("SingleSignOnService", "ArtifactResolutionService")),
    ];
    for (refusal, fetched) in both {
        assert_eq!(outcome(false, fetched), Err(*refusal), "{fetched}");
        assert_eq!(outcome(true, &sign(fetched, "_m")), Err(*refusal), "{fetched}");
    }
    let large = format!("{}{}", filled(STORED), " ".repeat(1024 * 1024));
    for (refusal, fetched) in [
        (XmlTooLarge, large.as_str()),
        (XmlMalformed, ""),
        (XmlMalformed, "gateway timeout"),
        (XmlDoctype, "<!DOCTYPE html><html></html>"),
    ] {
        assert_eq!(outcome(false, fetched), Err(refusal));
        assert_eq!(outcome(true, fetched), Err(refusal));
    }
}

/// Where a key is pinned, only what it signed counts.
#[test]
fn the_pinned_key() {
    let new = filled(&STORED.replace("/sso", "/sso2"));
    let signed = sign(&new, "_m");
    let changed = ["sign-on address changed".to_owned()].to_vec();
    assert_eq!(outcome(true, &signed), Ok(("take", changed.clone())));

    let other = sign_with(&new, "_m", &Signing { key: "rsa-other", ..Signing::default() });
    let wrap = |inside: &str| {
        format!(
            "<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_g\">{inside}</EntitiesDescriptor>"
        )
    };
    for (refusal, fetched) in [
        (SignatureMissing, new.clone()),
        (SignatureMissing, filled(STORED)),
        (SignatureWrong, other),
        (DigestWrong, signed.replace("/sso2", "/sso3")),
        // The signature of the entity does not cover what stands around it.
        (SignatureMissing, wrap(&signed)),
        (SignatureMissing, wrap(&(signed.clone() + &filled(KEY)))),
        // The identity provider's own key is not the one that is pinned.
        (
            SignatureKeyFamily,
            sign_with(
                &new,
                "_m",
                &Signing { key: "p256", method: support::ECDSA_SHA256, ..Signing::default() },
            ),
        ),
    ] {
        assert_eq!(outcome(true, &fetched), Err(refusal), "{fetched}");
    }
    assert_eq!(outcome(true, &sign(&wrap(&new), "_g")), Ok(("take", changed)));

    // What is stored then is what was signed.
    let Ok(Outcome::Take(document, _)) = refresh(&stored(true), signed.as_bytes(), NOW) else {
        panic!()
    };
    assert!(!document.metadata.contains("Signature"));
    assert!(document.metadata.contains("/sso2"));
}

/// Once taken, or once an administrator has stored the proposal, the same is no change.
#[test]
fn the_second_time_nothing_changes() {
    let new = filled(&STORED.replace(KEY, &KEY.replace("p256", "rsa-other")));
    for (pinned, fetched) in [(false, new.clone()), (true, sign(&new, "_m"))] {
        let (Ok(Outcome::Take(document, _)) | Ok(Outcome::Propose(document, _))) =
            refresh(&stored(pinned), fetched.as_bytes(), NOW)
        else {
            panic!()
        };
        let again = refresh(&document, fetched.as_bytes(), NOW);
        assert!(matches!(again, Ok(Outcome::Unchanged)), "{again:?}");
    }
}

/// Two keys in another order: some servers shuffle.
#[test]
fn the_order_of_keys_is_no_change() {
    let other = KEY.replace("p256", "rsa-other");
    let both = |one: &str, two: &str| filled(&STORED.replace(KEY, &(one.to_owned() + two)));
    let stored = IdpDocument { metadata: both(KEY, &other), ..stored(false) };
    let again = refresh(&stored, both(&other, KEY).as_bytes(), NOW);
    assert!(matches!(again, Ok(Outcome::Unchanged)), "{again:?}");
}
