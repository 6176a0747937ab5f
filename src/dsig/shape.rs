//! Where signatures stand and what they are made of (SEC-10, SEC-13).

use super::DS;
use super::base64::decode;
use crate::refusals::Refusal;
use crate::xml::{Document, Node};

/// The signature that is a direct child of `parent`.
pub fn signature_of(parent: Node<'_>) -> Result<Option<Node<'_>>, Refusal> {
    let mut signatures = parent.children().filter(|child| child.is(DS, "Signature"));
    match (signatures.next(), signatures.next()) {
        (_, Some(_)) => Err(Refusal::SignatureTwice),
        (signature, None) => Ok(signature),
    }
}

/// That the document has no signature but those at the legal places (SEC-13).
pub fn signatures_only_in(document: &Document, legal: &[Node<'_>]) -> Result<(), Refusal> {
    let mut all = document.root().descendants().filter(|node| node.is(DS, "Signature"));
    if all.all(|signature| legal.contains(&signature)) {
        Ok(())
    } else {
        Err(Refusal::SignatureMisplaced)
    }
}

/// The parts of a ds:Signature.
pub(super) struct Signature<'a> {
    pub signed_info: Node<'a>,
    pub value: Vec<u8>,
}

impl<'a> Signature<'a> {
    /// SignedInfo, SignatureValue and perhaps a KeyInfo, and nothing else: a ds:Object would be
    /// text that nobody signed (CVE-2024-45409).
    pub(super) fn read(signature: Node<'a>) -> Result<Signature<'a>, Refusal> {
        only_attributes(signature, &["Id"])?;
        let children = elements(signature)?;
        let (signed_info, value) = match children.as_slice() {
            [info, value] => (*info, *value),
            [info, value, key_info] if key_info.is(DS, "KeyInfo") => {
                check_key_info(*key_info)?;
                (*info, *value)
            }
            _ => return Err(Refusal::SignatureShape),
        };
        if !signed_info.is(DS, "SignedInfo") || !value.is(DS, "SignatureValue") {
            return Err(Refusal::SignatureShape);
        }
        only_attributes(value, &["Id"])?;
        Ok(Signature { signed_info, value: octets(value)? })
    }
}

/// No key is read from here (SEC-18), but nothing may hide here either.
fn check_key_info(key_info: Node<'_>) -> Result<(), Refusal> {
    const STRUCTURE: [&str; 10] = [
        "Signature",
        "SignedInfo",
        "SignatureValue",
        "SignatureMethod",
        "CanonicalizationMethod",
        "Reference",
        "DigestMethod",
        "DigestValue",
        "Object",
        "Manifest",
    ];
    let hides = key_info.descendants().any(|node| match node.namespace() {
        DS => STRUCTURE.contains(&node.local()),
        namespace => namespace.starts_with("urn:oasis:names:tc:SAML:"),
    });
    if hides { Err(Refusal::SignatureShape) } else { Ok(()) }
}

/// The child elements of one that has nothing else.
pub(super) fn elements(node: Node<'_>) -> Result<Vec<Node<'_>>, Refusal> {
    node.only_elements().map_err(|_| Refusal::SignatureShape)?;
    Ok(node.children().collect())
}

/// That an element has no attributes but these (SEC-10).
pub(super) fn only_attributes(node: Node<'_>, known: &[&str]) -> Result<(), Refusal> {
    if node.attributes().all(|a| a.namespace.is_empty() && known.contains(&a.local)) {
        Ok(())
    } else {
        Err(Refusal::SignatureShape)
    }
}

/// The octets of a value: the whole text of an element without children (SEC-19).
pub(super) fn octets(node: Node<'_>) -> Result<Vec<u8>, Refusal> {
    let text = node.text().map_err(|_| Refusal::SignatureShape)?;
    decode(text).filter(|octets| !octets.is_empty()).ok_or(Refusal::SignatureEncoding)
}
