//! Encrypts as identity providers do, and in every way that an attacker might try; and decrypts
//! content keys, as the runtime does for the gate.

use aes::cipher::{Array, BlockModeEncrypt, KeyIvInit};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use vestibule::refusals::Refusal;
use vestibule::saml::idp::IdentityProvider;
use vestibule::saml::response::{Accepted, Expected, Received, receive};
use vestibule::saml::sealed::Sealed;
use vestibule::xenc::{EncryptedKey, OaepHash};

use super::response::{ACS, ENTITY_ID, HONEST, NOW, REQUEST, Signed, signed};
use super::{pkcs8, sign};

pub const GCM128: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
pub const GCM256: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
pub const CBC128: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
pub const CBC256: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
pub const CIPHERS: [&str; 4] = [GCM128, GCM256, CBC128, CBC256];

/// EncryptionMethods of the content key, each with the hash that is used.
pub const TRANSPORTS: [(&str, OaepHash); 4] = [
    (
        concat!(
            r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p">"#,
            r#"<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/>"#,
            r#"</xenc:EncryptionMethod>"#,
        ),
        OaepHash::Sha1,
    ),
    (
        r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>"#,
        OaepHash::Sha1,
    ),
    (
        concat!(
            r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">"#,
            r#"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>"#,
            r#"<xenc11:MGF xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" "#,
            r#"Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/>"#,
            r#"</xenc:EncryptionMethod>"#,
        ),
        OaepHash::Sha256,
    ),
    (
        r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"/>"#,
        OaepHash::Sha1,
    ),
];

/// The EncryptedAssertion with its EncryptedKey in the KeyInfo of the data.
pub const INSIDE: &str = concat!(
    r#"<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" "#,
    r#"xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" "#,
    r#"xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#,
    r#"<xenc:EncryptedData Id="_data" Type="http://www.w3.org/2001/04/xmlenc#Element">"#,
    r#"<xenc:EncryptionMethod Algorithm="{data}"/>"#,
    r#"<ds:KeyInfo><xenc:EncryptedKey Id="_key" Recipient="us">{transport}"#,
    r#"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>"#,
    r#"</ds:KeyInfo>"#,
    r#"<xenc:CipherData><xenc:CipherValue>{key}</xenc:CipherValue></xenc:CipherData>"#,
    r#"</xenc:EncryptedKey></ds:KeyInfo>"#,
    r#"<xenc:CipherData><xenc:CipherValue>{cipher}</xenc:CipherValue></xenc:CipherData>"#,
    r#"</xenc:EncryptedData></saml:EncryptedAssertion>"#,
);

/// The same with the EncryptedKey behind the data, as Okta and Shibboleth write it.
pub const BEHIND: &str = concat!(
    r#"<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" "#,
    r#"xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" "#,
    r#"xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#,
    r#"<xenc:EncryptedData Id="_data" Type="http://www.w3.org/2001/04/xmlenc#Element">"#,
    r#"<xenc:EncryptionMethod Algorithm="{data}"/>"#,
    r#"<ds:KeyInfo><ds:RetrievalMethod Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey" "#,
    r##"URI="#_key"/></ds:KeyInfo>"##,
    r#"<xenc:CipherData><xenc:CipherValue>{cipher}</xenc:CipherValue></xenc:CipherData>"#,
    r#"</xenc:EncryptedData><xenc:EncryptedKey Id="_key">{transport}"#,
    r#"<xenc:CipherData><xenc:CipherValue>{key}</xenc:CipherValue></xenc:CipherData>"#,
    r##"<xenc:ReferenceList><xenc:DataReference URI="#_data"/></xenc:ReferenceList>"##,
    r#"</xenc:EncryptedKey></saml:EncryptedAssertion>"#,
);

/// How to encrypt. Everything may be changed.
#[derive(Clone)]
pub struct Encryption {
    pub data: &'static str,
    pub transport: &'static str,
    pub hash: OaepHash,
    pub template: String,
    pub recipient: &'static str,
    pub content_key: Vec<u8>,
    /// The bytes of the padding before the last.
    pub filler: u8,
    /// What becomes of the ciphertext afterwards.
    pub spoil: fn(&mut Vec<u8>),
}

impl Encryption {
    pub fn with(data: &'static str) -> Encryption {
        let (transport, hash) = TRANSPORTS[0];
        Encryption {
            data,
            transport,
            hash,
            template: INSIDE.to_owned(),
            recipient: "sp",
            content_key: vec![9; if data.contains("128") { 16 } else { 32 }],
            filler: 0,
            spoil: |_| {},
        }
    }

    /// An EncryptedAssertion of these octets.
    pub fn seal(&self, octets: &[u8]) -> String {
        let mut cipher = match self.data {
            GCM128 | GCM256 => gcm(&self.content_key, octets),
            _ => cbc(&self.content_key, octets, self.filler),
        };
        (self.spoil)(&mut cipher);
        self.template
            .replace("{data}", self.data)
            .replace("{transport}", self.transport)
            .replace("{key}", &STANDARD.encode(wrapped(self)))
            .replace("{cipher}", &STANDARD.encode(cipher))
    }

    /// The response with its assertion encrypted.
    pub fn hide(&self, xml: &str) -> String {
        let start = xml.find("<saml:Assertion").unwrap();
        let end = xml.find("</saml:Assertion>").unwrap() + "</saml:Assertion>".len();
        format!("{}{}{}", &xml[..start], self.seal(&xml.as_bytes()[start..end]), &xml[end..])
    }

    /// A response: the assertion signed, then encrypted, then the response signed, as far as
    /// they are.
    pub fn respond(&self, xml: &str, what: Signed) -> String {
        let inner = match what {
            Signed::Assertion | Signed::Both => signed(xml, Signed::Assertion),
            Signed::Response | Signed::Nothing => xml.to_owned(),
        };
        let hidden = self.hide(&inner);
        match what {
            Signed::Response | Signed::Both => sign(&hidden, "_response"),
            Signed::Assertion | Signed::Nothing => hidden,
        }
    }

    /// The honest response.
    pub fn honest(&self, what: Signed) -> String {
        self.respond(HONEST, what)
    }
}

fn gcm(key: &[u8], octets: &[u8]) -> Vec<u8> {
    let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
    let (nonce, mut data) = ([3; 12], octets.to_vec());
    let unique = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(unique, Aad::empty(), &mut data).unwrap();
    [nonce.as_slice(), &data].concat()
}

fn cbc(key: &[u8], octets: &[u8], filler: u8) -> Vec<u8> {
    let iv = [5; 16];
    let padding = 16 - octets.len() % 16;
    let mut data = [octets, &vec![filler; padding - 1], &[padding as u8]].concat();
    let (blocks, _) = Array::slice_as_chunks_mut(&mut data);
    match key.len() {
        16 => {
            cbc::Encryptor::<aes::Aes128>::new_from_slices(key, &iv).unwrap().encrypt_blocks(blocks)
        }
        _ => {
            cbc::Encryptor::<aes::Aes256>::new_from_slices(key, &iv).unwrap().encrypt_blocks(blocks)
        }
    }
    [iv.as_slice(), &data].concat()
}

fn oaep(hash: OaepHash) -> &'static OaepAlgorithm {
    match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
    }
}

/// The content key, encrypted for its recipient.
pub fn wrapped(how: &Encryption) -> Vec<u8> {
    let key = PrivateDecryptingKey::from_pkcs8(&pkcs8(how.recipient)).unwrap().public_key();
    let key = OaepPublicEncryptingKey::new(key).unwrap();
    let mut octets = vec![0; key.ciphertext_size()];
    key.encrypt(oaep(how.hash), &how.content_key, &mut octets, None).unwrap();
    octets
}

/// What the runtime does: the content key, by the first of the keys that decrypts it.
pub fn unwrap(keys: &[&str], encrypted: &EncryptedKey) -> Option<Vec<u8>> {
    keys.iter().find_map(|name| {
        let key = PrivateDecryptingKey::from_pkcs8(&pkcs8(name)).unwrap();
        let key = OaepPrivateDecryptingKey::new(key).unwrap();
        let mut octets = vec![0; key.min_output_size()];
        let found = key.decrypt(oaep(encrypted.hash), &encrypted.octets, &mut octets, None).ok()?;
        Some(found.to_vec())
    })
}

pub fn expected(idp: &IdentityProvider) -> Expected<'_> {
    Expected {
        idp,
        entity_id: ENTITY_ID,
        acs: ACS,
        request_id: Some(REQUEST),
        forced_at: None,
        trail: None,
        now: NOW,
    }
}

/// Checks the outside of a response whose assertion is encrypted.
pub fn sealed(idp: &IdentityProvider, xml: &str) -> Result<Box<Sealed>, Refusal> {
    match receive(xml.as_bytes(), &expected(idp))? {
        Received::Sealed(sealed) => Ok(sealed),
        Received::Accepted(accepted) => panic!("not encrypted: {accepted:?}"),
    }
}

/// Gives a response to a service provider that holds the keys `sp` and `sp-old`.
pub fn decrypted(idp: &IdentityProvider, xml: &str) -> Result<Accepted, Refusal> {
    match receive(xml.as_bytes(), &expected(idp))? {
        Received::Accepted(accepted) => Ok(*accepted),
        Received::Sealed(sealed) => {
            let content_key = unwrap(&["sp", "sp-old"], sealed.key());
            sealed.open(content_key.as_deref(), &[7; 32], &expected(idp))
        }
    }
}
