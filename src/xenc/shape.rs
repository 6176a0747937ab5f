//! What an encrypted element is made of.

use super::algorithms::{DataCipher, OaepHash};
use super::cipher::{self, ContentKey};
use super::{XENC, XENC11};
use crate::refusals::Refusal;
use crate::xml::{DS, Node, decode_base64};

/// An encrypted element, and the key to it.
#[derive(Debug)]
pub struct Encrypted {
    /// The content key, encrypted for us.
    pub key: EncryptedKey,
    /// How the data is encrypted.
    pub cipher: DataCipher,
    data: Vec<u8>,
}

/// A content key, encrypted by RSA-OAEP with one of our public keys.
#[derive(Debug, PartialEq, Eq)]
pub struct EncryptedKey {
    /// The hash of RSA-OAEP.
    pub hash: OaepHash,
    /// What RSA is to decrypt.
    pub octets: Vec<u8>,
}

impl Encrypted {
    /// Reads `holder`, as SAML has encrypted elements: one xenc:EncryptedData, with its one
    /// xenc:EncryptedKey inside or behind it (SAML core 2.2.4).
    pub fn read(holder: Node<'_>) -> Result<Encrypted, Refusal> {
        let children = children(holder, &[])?;
        let (data, beside) = match children.as_slice() {
            [data] => (*data, None),
            [data, key] => (*data, Some(*key)),
            _ => return Err(Refusal::EncryptionShape),
        };
        let (method, key_info, value) = match named(data, "EncryptedData", &["Id", "Type"])?[..] {
            [method, key_info, value] => (method, Some(key_info), value),
            [method, value] => (method, None, value),
            _ => return Err(Refusal::EncryptionShape),
        };
        let element = format!("{XENC}Element");
        if data.attribute("Type").is_some_and(|kind| kind != element) {
            return Err(Refusal::EncryptionShape);
        }
        none(&named(method, "EncryptionMethod", &["Algorithm"])?)?;
        Ok(Encrypted {
            key: EncryptedKey::read(the_key(key_info, beside)?, data)?,
            cipher: DataCipher::from_uri(algorithm(method)?)?,
            data: cipher_value(value)?,
        })
    }

    /// The content key, from what RSA gave: nothing, where it failed. `decoy` is random.
    pub fn content_key(&self, decrypted: Option<&[u8]>, decoy: &[u8; 32]) -> ContentKey {
        ContentKey::new(self.cipher, decrypted, decoy)
    }

    /// The octets of the element.
    pub fn decrypt(&self, key: &ContentKey) -> Result<Vec<u8>, Refusal> {
        cipher::decrypt(self.cipher, key, &self.data)
    }
}

impl EncryptedKey {
    fn read(key: Node<'_>, data: Node<'_>) -> Result<EncryptedKey, Refusal> {
        let mut parts = named(key, "EncryptedKey", &["Id", "Recipient"])?.into_iter().peekable();
        let method = parts.next().ok_or(Refusal::EncryptionShape)?;
        if let Some(hints) = parts.next_if(|part| part.is(DS, "KeyInfo")) {
            only_hints(hints)?;
        }
        let value = parts.next().ok_or(Refusal::EncryptionShape)?;
        if let Some(list) = parts.next() {
            refers_to(list, data)?;
        }
        none(&parts.collect::<Vec<_>>())?;
        Ok(EncryptedKey { hash: oaep_hash(method)?, octets: cipher_value(value)? })
    }
}

/// The one EncryptedKey: in the KeyInfo of the data, or behind the data, where nothing but a
/// RetrievalMethod may lead to it.
fn the_key<'a>(key_info: Option<Node<'a>>, beside: Option<Node<'a>>) -> Result<Node<'a>, Refusal> {
    let Some(key_info) = key_info else { return beside.ok_or(Refusal::EncryptionShape) };
    if !key_info.is(DS, "KeyInfo") {
        return Err(Refusal::EncryptionShape);
    }
    let [inside] = children(key_info, &["Id"])?[..] else { return Err(Refusal::EncryptionShape) };
    let Some(beside) = beside else { return Ok(inside) };
    let kind = format!("{XENC}EncryptedKey");
    let leads = inside.is(DS, "RetrievalMethod")
        && inside.attribute("Type").is_none_or(|named| named == kind)
        && is_reference(inside, beside);
    none(&children(inside, &["URI", "Type"])?)?;
    if leads { Ok(beside) } else { Err(Refusal::EncryptionShape) }
}

/// An xenc:ReferenceList of the one EncryptedData.
fn refers_to(list: Node<'_>, data: Node<'_>) -> Result<(), Refusal> {
    let [reference] = named(list, "ReferenceList", &[])?[..] else {
        return Err(Refusal::EncryptionShape);
    };
    none(&named(reference, "DataReference", &["URI"])?)?;
    if is_reference(reference, data) { Ok(()) } else { Err(Refusal::EncryptionShape) }
}

/// Whether the URI is the ID of this very element. Nothing is looked up.
fn is_reference(from: Node<'_>, to: Node<'_>) -> bool {
    let id = from.attribute("URI").and_then(|uri| uri.strip_prefix('#'));
    id.is_some_and(|id| !id.is_empty()) && id == to.attribute("Id")
}

/// A KeyInfo that says whose key it is. We try our own keys; but nothing may hide here.
fn only_hints(key_info: Node<'_>) -> Result<(), Refusal> {
    let hint = |node: Node<'_>| {
        let name = node.local();
        match node.namespace() {
            DS => name.starts_with("X509") || HINTS.contains(&name),
            "http://www.w3.org/2009/xmldsig11#" => name == "X509Digest",
            _ => false,
        }
    };
    if key_info.descendants().skip(1).all(hint) { Ok(()) } else { Err(Refusal::EncryptionShape) }
}

const HINTS: [&str; 5] = ["KeyName", "KeyValue", "RSAKeyValue", "Modulus", "Exponent"];

/// RSA-OAEP with its parameters, of which no label is one.
fn oaep_hash(method: Node<'_>) -> Result<OaepHash, Refusal> {
    let (mut digest, mut mask) = (None, None);
    for parameter in named(method, "EncryptionMethod", &["Algorithm"])? {
        let place = match (parameter.namespace(), parameter.local()) {
            (DS, "DigestMethod") => &mut digest,
            (XENC11, "MGF") => &mut mask,
            _ => return Err(Refusal::EncryptionAlgorithm),
        };
        none(&children(parameter, &["Algorithm"])?)?;
        if place.replace(algorithm(parameter)?).is_some() {
            return Err(Refusal::EncryptionShape);
        }
    }
    OaepHash::of(algorithm(method)?, digest, mask)
}

/// The octets of a CipherData, which are in place: a CipherReference would fetch them. What is no
/// base64 is as no octets at all, and fails where decryption fails.
fn cipher_value(data: Node<'_>) -> Result<Vec<u8>, Refusal> {
    let [value] = named(data, "CipherData", &[])?[..] else { return Err(Refusal::EncryptionShape) };
    if !value.is(XENC, "CipherValue") || value.attributes().next().is_some() {
        return Err(Refusal::EncryptionShape);
    }
    let text = value.text().or(Err(Refusal::EncryptionShape))?;
    Ok(decode_base64(text).unwrap_or_default())
}

fn algorithm(node: Node<'_>) -> Result<&str, Refusal> {
    node.attribute("Algorithm").ok_or(Refusal::EncryptionShape)
}

/// The child elements of the element of this name, which has no attributes but these.
fn named<'a>(node: Node<'a>, local: &str, known: &[&str]) -> Result<Vec<Node<'a>>, Refusal> {
    if node.is(XENC, local) { children(node, known) } else { Err(Refusal::EncryptionShape) }
}

fn children<'a>(node: Node<'a>, known: &[&str]) -> Result<Vec<Node<'a>>, Refusal> {
    if node.attributes().any(|a| !a.namespace.is_empty() || !known.contains(&a.local)) {
        return Err(Refusal::EncryptionShape);
    }
    node.only_elements().or(Err(Refusal::EncryptionShape))?;
    Ok(node.children().collect())
}

fn none(nodes: &[Node<'_>]) -> Result<(), Refusal> {
    if nodes.is_empty() { Ok(()) } else { Err(Refusal::EncryptionShape) }
}
