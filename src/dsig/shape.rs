//! Where signatures stand and what they are made of (SEC-10, SEC-13).

use crate::refusals::Refusal;
use crate::xml::{DS, Document, Node, decode_base64};

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// The signature that is a direct child of `parent`: right behind its Issuer, or first in what has
/// none (SEC-13).
pub fn signature_of(parent: Node<'_>) -> Result<Option<Node<'_>>, Refusal> {
    let mut signatures = parent.children().filter(|child| child.is(DS, "Signature"));
    let Some(signature) = signatures.next() else { return Ok(None) };
    if signatures.next().is_some() {
        return Err(Refusal::SignatureTwice);
    }
    let issuer = parent.children().find(|child| child.is(SAML, "Issuer"));
    let before: Vec<_> = parent.children().take_while(|child| *child != signature).collect();
    if before.as_slice() == issuer.as_slice() {
        Ok(Some(signature))
    } else {
        Err(Refusal::SignatureMisplaced)
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
    decode_base64(text).filter(|octets| !octets.is_empty()).ok_or(Refusal::SignatureEncoding)
}
