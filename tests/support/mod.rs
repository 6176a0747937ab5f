//! Signs for the tests, with keys of their own, in the shape that identity providers sign in and
//! in every shape that an attacker might try.
#![allow(dead_code)]

pub mod encryption;
pub mod idps;
pub mod response;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use vestibule::dsig::{Certificate, PublicKey};
use vestibule::xml::{Comments, DS, Document, Node, Profile, c14n};

pub const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub const RSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384";
pub const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
pub const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
pub const ECDSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub const SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
pub const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// A profile under which even an attack can be signed.
const ANY: Profile =
    Profile { max_bytes: usize::MAX, max_elements: usize::MAX, comments: Comments::Ignore };

/// What stands in for values that are known only later.
pub const TEMPLATE: &str = concat!(
    r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#,
    r#"<ds:SignedInfo>"#,
    r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#,
    r#"<ds:SignatureMethod Algorithm="{method}"/>"#,
    r##"<ds:Reference URI="#{id}">"##,
    r#"<ds:Transforms>"#,
    r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#,
    r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#,
    r#"</ds:Transforms>"#,
    r#"<ds:DigestMethod Algorithm="{digest-method}"/>"#,
    r#"<ds:DigestValue>{digest}</ds:DigestValue>"#,
    r#"</ds:Reference>"#,
    r#"</ds:SignedInfo>"#,
    r#"<ds:SignatureValue>{value}</ds:SignatureValue>"#,
    r#"</ds:Signature>"#,
);

/// How to sign. `template` may be changed in any way before it is signed.
pub struct Signing<'a> {
    pub key: &'a str,
    pub method: &'a str,
    pub digest_method: &'a str,
    pub template: String,
    /// The PrefixList that the template's transform names.
    pub prefixes: &'a [&'a str],
    /// The PrefixList that the template's CanonicalizationMethod names.
    pub info_prefixes: &'a [&'a str],
}

impl Default for Signing<'_> {
    fn default() -> Self {
        Signing {
            key: "rsa",
            method: RSA_SHA256,
            digest_method: SHA256,
            template: TEMPLATE.to_owned(),
            prefixes: &[],
            info_prefixes: &[],
        }
    }
}

/// Signs the element with this ID: a signature after its Issuer, or first in it.
pub fn sign(xml: &str, id: &str) -> String {
    sign_with(xml, id, &Signing::default())
}

/// The same in another way.
pub fn sign_with(xml: &str, id: &str, how: &Signing) -> String {
    let document = Document::parse(xml.as_bytes(), &ANY).unwrap();
    let target = element(&document, id);
    let canonical = c14n::canonicalize(target, None, how.prefixes).unwrap();
    let digest = match how.digest_method {
        SHA384 => &ring::digest::SHA384,
        SHA512 => &ring::digest::SHA512,
        _ => &ring::digest::SHA256,
    };
    let digest = STANDARD.encode(ring::digest::digest(digest, &canonical));
    let signature = how
        .template
        .replace("{method}", how.method)
        .replace("{digest-method}", how.digest_method)
        .replace("{digest}", &digest)
        .replace("{id}", id);
    let at = signature_place(xml, id);
    let unsigned = format!("{}{signature}{}", &xml[..at], &xml[at..]);

    let document = Document::parse(unsigned.as_bytes(), &ANY).unwrap();
    let signature = element(&document, id).children().find(|child| child.is(DS, "Signature"));
    let info = signature.and_then(|s| s.children().find(|child| child.is(DS, "SignedInfo")));
    let octets = info.map(|info| c14n::canonicalize(info, None, how.info_prefixes).unwrap());
    let value = sign_octets(how.key, how.method, &octets.unwrap_or_default());
    unsigned.replace("{value}", &STANDARD.encode(value))
}

/// Signs octets, for signed query strings too.
pub fn sign_octets(key: &str, method: &str, octets: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    let (rsa, ecdsa) = match method {
        RSA_SHA384 => (&RSA_PKCS1_SHA384, None),
        RSA_SHA512 => (&RSA_PKCS1_SHA512, None),
        ECDSA_SHA256 => (&RSA_PKCS1_SHA256, Some(&ECDSA_P256_SHA256_FIXED_SIGNING)),
        ECDSA_SHA384 => (&RSA_PKCS1_SHA256, Some(&ECDSA_P384_SHA384_FIXED_SIGNING)),
        _ => (&RSA_PKCS1_SHA256, None),
    };
    if let Some(ecdsa) = ecdsa {
        let pair = EcdsaKeyPair::from_pkcs8(ecdsa, &pkcs8(key), &random).unwrap();
        return pair.sign(&random, octets).unwrap().as_ref().to_vec();
    }
    let pair = rsa_pair(key);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(rsa, &random, octets, &mut signature).unwrap();
    signature
}

/// Checking a private RSA key takes longer than signing: each is read once.
fn rsa_pair(key: &str) -> Arc<RsaKeyPair> {
    static READ: Mutex<BTreeMap<String, Arc<RsaKeyPair>>> = Mutex::new(BTreeMap::new());
    let read = || Arc::new(RsaKeyPair::from_pkcs8(&pkcs8(key)).unwrap());
    READ.lock().unwrap().entry(key.to_owned()).or_insert_with(read).clone()
}

fn pkcs8(key: &str) -> Vec<u8> {
    std::fs::read(keys().join(format!("{key}.pk8"))).unwrap()
}

/// A key and a certificate of tests/keys, as `SAML_KEY` has them.
pub fn pem(key: &str, certificate: &str) -> String {
    let block = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    block("PRIVATE KEY", &pkcs8(key)) + &block("CERTIFICATE", &der(certificate))
}

/// The public key of the certificate of this name.
pub fn public_key(name: &str) -> PublicKey {
    certificate(name).unwrap().key
}

/// The certificate of this name in tests/keys.
pub fn certificate(name: &str) -> Result<Certificate, vestibule::refusals::Refusal> {
    Certificate::from_der(&der(name))
}

/// The DER of the certificate of this name.
pub fn der(name: &str) -> Vec<u8> {
    std::fs::read(keys().join(format!("{name}.der"))).unwrap()
}

/// A file or folder of the tests.
pub fn path(name: &str) -> PathBuf {
    // The fuzz targets sign with this too, one folder further down.
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let tests = ["tests", "../tests"].map(|tests| root.join(tests));
    tests.iter().find(|tests| tests.exists()).expect("a folder of tests").join(name)
}

fn keys() -> PathBuf {
    path("keys")
}

fn element<'a>(document: &'a Document, id: &str) -> Node<'a> {
    let mut all = document.root().descendants();
    all.find(|node| node.attribute("ID") == Some(id)).expect("an element with the ID")
}

/// After the Issuer if that comes first, and else after the start tag. The tests write no `>` into
/// attributes of what they sign.
fn signature_place(xml: &str, id: &str) -> usize {
    let start = xml.find(&format!("ID=\"{id}\"")).expect("ID in double quotes");
    let inside = start + xml[start..].find('>').unwrap() + 1;
    let first = xml[inside..].trim_start();
    let name = first.strip_prefix('<').and_then(|tag| tag.split([' ', '>']).next()).unwrap_or("");
    if name.split(':').next_back() != Some("Issuer") {
        return inside;
    }
    let end = format!("</{name}>");
    inside + xml[inside..].find(&end).unwrap() + end.len()
}
