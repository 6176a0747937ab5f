//! Metadata as identity providers publish it, and what is made of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use support::idps::{IDPS, filled, metadata};
use support::{certificate, public_key};
use vestibule::refusals::Refusal::{self, *};
use vestibule::saml::binding::Endpoint;
use vestibule::saml::idp::{IdentityProvider, IdpDocument, SignOnAddress};
use vestibule::saml::metadata::Metadata;

/// 2026-11-23T12:00:00Z
const NOW: i64 = 1_795_435_200;

fn read(xml: &str) -> Result<Metadata, Refusal> {
    Metadata::parse(xml.as_bytes(), None, None)
}

#[test]
fn every_identity_provider() {
    use Binding::*;
    enum Binding {
        Redirect,
        Post,
    }
    type Case = (
        &'static str,
        &'static str,
        Binding,
        &'static str,
        &'static [&'static str],
        &'static [Refusal],
    );
    let cases: [Case; IDPS.len()] = [
        (
            "adfs",
            "http://adfs.example.com/adfs/services/trust",
            Redirect,
            "https://adfs.example.com/adfs/ls/",
            &["rsa", "rsa-other"],
            &[],
        ),
        (
            "auth0",
            "urn:example.eu.auth0.com",
            Redirect,
            "https://example.eu.auth0.com/samlp/exampleclient",
            &["rsa"],
            &[],
        ),
        (
            "entra",
            "https://sts.windows.net/00000000-1111-2222-3333-444444444444/",
            Redirect,
            "https://login.microsoftonline.com/00000000-1111-2222-3333-444444444444/saml2",
            &["rsa", "rsa-other"],
            &[],
        ),
        (
            "google",
            "https://accounts.google.com/o/saml2?idpid=C0example",
            Redirect,
            "https://accounts.google.com/o/saml2/idp?idpid=C0example",
            &["rsa"],
            &[],
        ),
        (
            "jumpcloud",
            "Example JumpCloud",
            Post,
            "https://sso.jumpcloud.com/saml2/intranet",
            &["rsa-4096"],
            &[],
        ),
        (
            "keycloak",
            "https://keycloak.example.com/realms/main",
            Redirect,
            "https://keycloak.example.com/realms/main/protocol/saml",
            &["rsa"],
            &[],
        ),
        (
            "keycloak-old",
            "https://keycloak.example.com/auth/realms/main",
            Redirect,
            "https://keycloak.example.com/auth/realms/main/protocol/saml",
            &["rsa"],
            &[],
        ),
        (
            "okta",
            "http://www.okta.com/exk0example",
            Redirect,
            "https://example.okta.com/app/example_intranet_1/exk0example/sso/saml",
            &["rsa", "rsa-other"],
            &[],
        ),
        (
            "onelogin",
            "https://app.onelogin.com/saml/metadata/00000000-1111-2222-3333-444444444444",
            Redirect,
            "https://example.onelogin.com/trust/saml2/http-redirect/sso/00000000",
            &["rsa"],
            &[],
        ),
        (
            "pingfederate",
            "https://sso.example.com/idp",
            Redirect,
            "https://sso.example.com/idp/SSO.saml2",
            &["p384"],
            &[KeyUnsupported],
        ),
        (
            "pingone",
            "https://auth.pingone.com/00000000-1111-2222-3333-444444444444",
            Redirect,
            "https://auth.pingone.com/00000000-1111-2222-3333-444444444444/saml20/idp/sso",
            &["rsa"],
            &[],
        ),
        (
            "shibboleth",
            "https://idp.example.org/idp/shibboleth",
            Redirect,
            "https://idp.example.org/idp/profile/SAML2/Redirect/SSO",
            &["p256", "rsa"],
            &[],
        ),
        (
            "simplesamlphp",
            "https://login.example.org/simplesaml/saml2/idp/metadata.php",
            Redirect,
            "https://login.example.org/simplesaml/saml2/idp/SSOService.php",
            &["rsa"],
            &[],
        ),
    ];
    for ((name, entity_id, binding, location, keys, left_out), idp) in cases.into_iter().zip(IDPS) {
        assert_eq!(name, idp, "a case each");
        let read = read(&metadata(name)).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(read.entity_id, entity_id);
        let sign_on = match (&read.sign_on, binding) {
            (Endpoint::Redirect(url), Redirect) | (Endpoint::Post(url), Post) => url.as_str(),
            (other, _) => panic!("{name}: {other:?}"),
        };
        assert_eq!(sign_on, location, "{name}");
        let wanted: Vec<_> = keys.iter().map(|key| public_key(key)).collect();
        assert_eq!(read.keys, wanted, "{name}");
        let wanted: Vec<_> = keys.iter().map(|key| certificate(key).unwrap()).collect();
        assert_eq!(read.certificates, wanted, "{name}");
        assert_eq!(read.left_out, left_out, "{name}");
    }
}

const ENTITY: &str = concat!(
    r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="test">"#,
    r#"<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">"#,
    r#"<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">"#,
    r#"<X509Data><X509Certificate>@rsa@</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"#,
    r#"<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" "#,
    r#"Location="https://idp.example/sso"/></IDPSSODescriptor></EntityDescriptor>"#,
);
const CERTIFICATE: &str = "<X509Certificate>@rsa@</X509Certificate>";
const DATA: &str = "<X509Data><X509Certificate>@rsa@</X509Certificate></X509Data>";

/// The entity with something put in the place of something else, and certificates filled in.
fn changed(from: &str, to: &str) -> String {
    assert!(ENTITY.contains(from), "{from}");
    filled(&ENTITY.replacen(from, to, 1))
}

/// Another KeyDescriptor behind the first.
fn beside(key: &str) -> String {
    let info = r#"<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">"#;
    format!("</KeyInfo></KeyDescriptor><KeyDescriptor>{info}{key}")
}

#[test]
fn keys() {
    let data = |name: &str| DATA.replace("@rsa@", &format!("@{name}@"));
    let value = concat!(
        "<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent>",
        "</RSAKeyValue></KeyValue>"
    );
    let pem = "\n-----BEGIN CERTIFICATE-----\n@rsa:lines@\n-----END CERTIFICATE-----\n";
    let chain =
        DATA.replace("</X509Data>", "<X509Certificate>@rsa-other@</X509Certificate></X509Data>");
    type Case<'a> = (&'a str, String, Result<&'a [&'a str], Refusal>, &'a [Refusal]);
    let cases: &[Case] = &[
        ("one", DATA.to_owned(), Ok(&["rsa"]), &[]),
        ("two in one KeyInfo", DATA.to_owned() + &data("p256"), Ok(&["rsa", "p256"]), &[]),
        ("two", DATA.to_owned() + &beside(&data("p256")), Ok(&["rsa", "p256"]), &[]),
        ("the same twice", DATA.to_owned() + &beside(DATA), Ok(&["rsa"]), &[]),
        ("an issuer behind its certificate", chain, Ok(&["rsa"]), &[]),
        ("beside P-521", data("p521") + &beside(DATA), Ok(&["rsa"]), &[KeyUnsupported]),
        ("beside Ed25519", data("ed25519") + &beside(DATA), Ok(&["rsa"]), &[KeyUnsupported]),
        ("beside DSA", data("dsa") + &beside(DATA), Ok(&["rsa"]), &[KeyUnsupported]),
        ("beside 1024 bits", data("rsa-1024") + &beside(DATA), Ok(&["rsa"]), &[KeyWeak]),
        ("beside a key value", DATA.to_owned() + &beside(value), Ok(&["rsa"]), &[KeyBare]),
        ("DSA only", data("dsa"), Err(KeyUnsupported), &[]),
        (
            "P-521 and 1024 bits only",
            data("p521") + &beside(&data("rsa-1024")),
            Err(KeyUnsupported),
            &[],
        ),
        ("a key value only", value.to_owned(), Err(KeyBare), &[]),
        ("a name only", "<KeyName>key</KeyName>".to_owned(), Err(KeyBare), &[]),
        (
            "nonsense beside a good one",
            DATA.to_owned() + &beside(&DATA.replace("@rsa@", "AAAA")),
            Err(CertificateMalformed),
            &[],
        ),
        ("empty", DATA.replace("@rsa@", ""), Err(CertificateMalformed), &[]),
        ("two in one", DATA.replace("@rsa@", "@rsa@ @rsa@"), Err(CertificateMalformed), &[]),
        ("white space", DATA.replace("@rsa@", "\n\t @rsa:lines@\r\n"), Ok(&["rsa"]), &[]),
        ("a comment", DATA.replace("@rsa@", "<!-- 2026 -->@rsa@<!-- -->"), Ok(&["rsa"]), &[]),
        ("PEM armour", DATA.replace("@rsa@", pem), Ok(&["rsa"]), &[]),
        (
            "half of PEM armour",
            DATA.replace("@rsa@", "-----BEGIN CERTIFICATE-----\n@rsa@"),
            Err(CertificateMalformed),
            &[],
        ),
        (
            "a private key's armour",
            DATA.replace("@rsa@", &pem.replace("CERTIFICATE", "PRIVATE KEY")),
            Err(CertificateMalformed),
            &[],
        ),
        ("CDATA", DATA.replace("@rsa@", "<![CDATA[@rsa@]]>"), Err(XmlCdata), &[]),
        ("an element inside", DATA.replace("@rsa@", "@rsa@<b/>"), Err(XmlContent), &[]),
        ("an entity", DATA.replace("@rsa@", "&certificate;"), Err(XmlEntity), &[]),
    ];
    for (name, keys, wanted, left_out) in cases {
        let found = read(&changed(DATA, keys));
        let keys =
            wanted.map(|names| names.iter().map(|name| public_key(name)).collect::<Vec<_>>());
        let read = found.as_ref().map(|found| found.keys.clone()).map_err(|refusal| *refusal);
        assert_eq!(read, keys, "{name}");
        if let Ok(found) = found {
            assert_eq!(found.left_out, *left_out, "{name}");
        }
    }
    // A certificate that was renewed for the same key: the one that ends later counts.
    let renewed = DATA.replace("@rsa@", "@serial-zero@");
    for (one, other) in [(DATA, renewed.as_str()), (&renewed, DATA)] {
        let found = read(&changed(DATA, &(one.to_owned() + &beside(other)))).unwrap();
        assert_eq!(found.keys, [public_key("rsa")]);
        let ends = ["rsa", "serial-zero"].map(|name| certificate(name).unwrap().not_after);
        assert!(ends[0] < ends[1], "tests/keys/make.sh makes them in this order");
        assert_eq!(found.certificates[0].not_after, ends[1]);
    }
    for (used, wanted) in
        [("use=\"encryption\"", Some(NoKey)), ("use=\"signing\"", None), ("", None)]
    {
        assert_eq!(read(&changed("use=\"signing\"", used)).err(), wanted, "{used}");
    }
    // A key elsewhere than in a KeyDescriptor of the role is nobody's.
    assert_eq!(
        read(&changed(DATA, "").replace("<KeyInfo", &format!("{}<KeyInfo", filled(CERTIFICATE))))
            .err(),
        Some(KeyBare)
    );
}

#[test]
fn documents() {
    let declared = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let inner = ENTITY.replace(" xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\"", "");
    let group = |inside: &str| {
        format!(
            "<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\">{inside}</EntitiesDescriptor>"
        )
    };
    let nested = group(&format!("<EntitiesDescriptor>{inner}</EntitiesDescriptor>"));
    let other = inner.replace("entityID=\"test\"", "entityID=\"other\"");
    let sp = inner.replace("IDPSSODescriptor", "SPSSODescriptor").replace("test", "sp");
    let saml1 = ENTITY.replace("SAML:2.0:protocol", "SAML:1.1:protocol");
    let role = &inner[inner.find("<IDPSSO").unwrap()..inner.find("</EntityDescriptor>").unwrap()];
    let roles = inner.replace(role, &role.repeat(2));
    let hidden = inner.replace(role, &format!("<Extensions>{inner}</Extensions>"));
    type Case<'a> = (&'a str, String, Option<&'a str>, Option<Refusal>);
    let cases: &[Case] = &[
        ("plain", ENTITY.to_owned(), None, None),
        ("declared", declared.to_owned() + ENTITY, None, None),
        ("byte order mark", format!("\u{FEFF}{declared}{ENTITY}"), None, None),
        ("two byte order marks", format!("\u{FEFF}\u{FEFF}{ENTITY}"), None, Some(XmlMalformed)),
        ("UTF-16 declared", declared.replace("UTF-8", "UTF-16") + ENTITY, None, Some(XmlEncoding)),
        ("comments around", format!("<!-- a -->{ENTITY}<!-- b -->"), None, None),
        ("doctype", format!("<!DOCTYPE EntityDescriptor>{ENTITY}"), None, Some(XmlDoctype)),
        ("nested", nested.clone(), None, None),
        ("nested, by name", nested.clone(), Some("test"), None),
        ("by another name", nested, Some("Test"), Some(MetadataNoIdp)),
        ("two", group(&(inner.clone() + &other)), None, Some(MetadataAmbiguous)),
        ("two, by name", group(&(inner.clone() + &other)), Some("test"), None),
        ("twice the same", group(&inner.repeat(2)), Some("test"), Some(MetadataAmbiguous)),
        ("two roles", group(&roles), Some("test"), Some(MetadataAmbiguous)),
        ("beside a service provider", group(&(sp.clone() + &inner)), None, None),
        ("only a service provider", group(&sp), None, Some(MetadataNoIdp)),
        ("only SAML 1.1", saml1, None, Some(MetadataNoIdp)),
        ("nothing inside", group(""), None, Some(MetadataNoIdp)),
        ("no entity ID", ENTITY.replace(" entityID=\"test\"", ""), None, Some(MetadataNoIdp)),
        ("empty entity ID", ENTITY.replace("\"test\"", "\"\""), None, Some(MetadataNoIdp)),
        ("in something else", format!("<a>{ENTITY}</a>"), None, Some(MetadataNoIdp)),
        ("in an extension", group(&hidden), None, Some(MetadataNoIdp)),
        (
            "of another namespace",
            ENTITY.replace("SAML:2.0:metadata", "SAML:3.0:metadata"),
            None,
            Some(MetadataNoIdp),
        ),
        ("a web page", "<!DOCTYPE html><html></html>".to_owned(), None, Some(XmlDoctype)),
        ("nothing", String::new(), None, Some(XmlMalformed)),
        ("1 MiB and more", format!("{ENTITY}{}", " ".repeat(1024 * 1024)), None, Some(XmlTooLarge)),
    ];
    for (name, xml, entity_id, wanted) in cases {
        let found = Metadata::parse(filled(xml).as_bytes(), *entity_id, None);
        assert_eq!(found.as_ref().err(), wanted.as_ref(), "{name}");
        if let Ok(found) = found {
            assert_eq!(found.entity_id, "test", "{name}");
        }
    }
    let utf16: Vec<u8> = ENTITY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xFF, 0xFE], utf16.as_slice()].concat();
    assert_eq!(Metadata::parse(&marked, None, None).err(), Some(XmlEncoding));
}

#[test]
fn sign_on() {
    const SERVICE: &str = concat!(
        r#"<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" "#,
        r#"Location="https://idp.example/sso"/>"#
    );
    let post = SERVICE.replace("Redirect", "POST").replace("sso", "post");
    let at = |found: &Metadata| match &found.sign_on {
        Endpoint::Redirect(url) => format!("redirect {}", url.as_str()),
        Endpoint::Post(url) => format!("post {}", url.as_str()),
    };
    let location = |to: &str| SERVICE.replace("https://idp.example/sso", to);
    let cases: &[(String, Result<&str, Refusal>)] = &[
        (SERVICE.to_owned(), Ok("redirect https://idp.example/sso")),
        (post.clone(), Ok("post https://idp.example/post")),
        (post.clone() + SERVICE, Ok("redirect https://idp.example/sso")),
        (
            SERVICE.to_owned() + &location("https://idp.example/second"),
            Ok("redirect https://idp.example/sso"),
        ),
        (SERVICE.replace("HTTP-Redirect", "SOAP"), Err(MetadataNoSignOn)),
        (
            SERVICE.replace("bindings:HTTP-Redirect", "bindings:http-redirect"),
            Err(MetadataNoSignOn),
        ),
        (SERVICE.replace(" Location=", " ResponseLocation="), Err(MetadataNoSignOn)),
        (String::new(), Err(MetadataNoSignOn)),
        (location("http://idp.example/sso"), Err(UrlRefused)),
        (location("javascript:alert(1)"), Err(UrlRefused)),
        (location("https://user:word@idp.example/sso").replace('@', "&#64;"), Err(UrlRefused)),
        (location("https://idp.example&#64;evil.example/"), Err(UrlRefused)),
        (location("/sso"), Err(UrlRefused)),
        (location(""), Err(UrlRefused)),
        // Nothing is guessed: what is wrong is not passed over for what is right.
        (location("http://idp.example/sso") + &post, Err(UrlRefused)),
    ];
    for (services, wanted) in cases {
        let found = read(&changed(SERVICE, services));
        let found = found.as_ref().map(at).map_err(|refusal| *refusal);
        assert_eq!(found, wanted.map(str::to_owned), "{services}");
    }

    let document = |sign_on| IdpDocument {
        name: "JumpCloud".to_owned(),
        metadata: metadata("jumpcloud"),
        sign_on: Some(sign_on),
        ..IdpDocument::default()
    };
    let idp = |sign_on| IdentityProvider::from_document("jumpcloud", document(sign_on));
    let redirect = SignOnAddress::Redirect("https://sso.jumpcloud.com/saml2/intranet".to_owned());
    let json = serde_json::to_string(&document(redirect.clone())).unwrap();
    assert!(json.contains(r#""sign_on":{"redirect":"https://sso.jumpcloud.com/saml2/intranet"}"#));
    let found = idp(redirect).unwrap();
    assert_eq!(at(&found.metadata), "redirect https://sso.jumpcloud.com/saml2/intranet");
    let found = idp(SignOnAddress::Post("https://idp.example/other".to_owned())).unwrap();
    assert_eq!(at(&found.metadata), "post https://idp.example/other");
    let refused = idp(SignOnAddress::Redirect("javascript:alert(1)".to_owned()));
    assert_eq!(refused.err(), Some(UrlRefused));
}

#[test]
fn valid_until() {
    let wrapped = |outer: &str, entity: &str, role: &str| {
        let inner = ENTITY
            .replace("<EntityDescriptor", &format!("<EntityDescriptor {entity}"))
            .replace("<IDPSSODescriptor", &format!("<IDPSSODescriptor {role}"));
        let xml = format!(
            "<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" {outer}>{inner}</EntitiesDescriptor>"
        );
        read(&filled(&xml)).map(|found| found.valid_until)
    };
    let (early, late) =
        ("validUntil=\"2026-11-23T12:00:00Z\"", "validUntil=\"2031-11-20T09:30:00.000Z\"");
    assert_eq!(wrapped("", "", ""), Ok(None));
    for places in
        [[early, "", ""], ["", early, ""], ["", "", early], [early, late, ""], [late, late, early]]
    {
        assert_eq!(wrapped(places[0], places[1], places[2]), Ok(Some(NOW)), "{places:?}");
    }
    assert_eq!(wrapped("", "validUntil=\"soon\"", ""), Err(TimeMalformed));
    assert_eq!(wrapped("cacheDuration=\"PT1H\"", "", ""), Ok(None));
}
