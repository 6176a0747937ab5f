//! The inside of a ds:SignedInfo (SEC-14, SEC-15).

use super::DS;
use super::algorithms::{ENVELOPED, EXCLUSIVE};
use super::shape::{elements, octets, only_attributes};
use crate::limits;
use crate::refusals::Refusal;
use crate::xml::Node;

/// What a SignedInfo says. Before its signature is verified only `method` and `prefixes` are
/// used, because without them it can't be.
pub(super) struct SignedInfo<'a> {
    /// The URI of the signature's algorithm.
    pub method: &'a str,
    /// The PrefixList of its own canonicalisation.
    pub prefixes: Vec<&'a str>,
    pub reference: Reference<'a>,
}

/// The one ds:Reference.
pub(super) struct Reference<'a> {
    pub uri: Option<&'a str>,
    /// The PrefixList of the canonicalisation of what is signed.
    pub prefixes: Vec<&'a str>,
    /// The URI of the digest's algorithm.
    pub digest_method: &'a str,
    pub digest: Vec<u8>,
}

impl<'a> SignedInfo<'a> {
    pub(super) fn read(node: Node<'a>) -> Result<SignedInfo<'a>, Refusal> {
        expect(node, "SignedInfo", &["Id"])?;
        let [canonicalization, method, reference] = exactly(node)?;
        expect(canonicalization, "CanonicalizationMethod", &["Algorithm"])?;
        expect(method, "SignatureMethod", &["Algorithm"])?;
        Ok(SignedInfo {
            method: bare_algorithm(method)?,
            prefixes: exclusive_prefixes(canonicalization)?,
            reference: Reference::read(reference)?,
        })
    }
}

impl<'a> Reference<'a> {
    fn read(node: Node<'a>) -> Result<Reference<'a>, Refusal> {
        expect(node, "Reference", &["Id", "URI"])?;
        let [transforms, method, value] = exactly(node)?;
        expect(method, "DigestMethod", &["Algorithm"])?;
        expect(value, "DigestValue", &[])?;
        Ok(Reference {
            uri: node.attribute("URI"),
            prefixes: transform_prefixes(transforms)?,
            digest_method: bare_algorithm(method)?,
            digest: octets(value)?,
        })
    }
}

/// Exactly the enveloped signature, and then exclusive canonicalisation (SEC-15).
fn transform_prefixes(transforms: Node<'_>) -> Result<Vec<&str>, Refusal> {
    expect(transforms, "Transforms", &[])?;
    let children = elements(transforms)?;
    let [enveloped, exclusive] = children.as_slice() else {
        return Err(Refusal::SignatureTransform);
    };
    expect(*enveloped, "Transform", &["Algorithm"])?;
    expect(*exclusive, "Transform", &["Algorithm"])?;
    if bare_algorithm(*enveloped) != Ok(ENVELOPED) {
        return Err(Refusal::SignatureTransform);
    }
    exclusive_prefixes(*exclusive)
}

/// The PrefixList of an element that names exclusive canonicalisation.
fn exclusive_prefixes(node: Node<'_>) -> Result<Vec<&str>, Refusal> {
    if node.attribute("Algorithm") != Some(EXCLUSIVE) {
        return Err(Refusal::SignatureTransform);
    }
    let children = elements(node)?;
    let list = match children.as_slice() {
        [] => return Ok(Vec::new()),
        [list] if list.is(EXCLUSIVE, "InclusiveNamespaces") => *list,
        _ => return Err(Refusal::SignatureTransform),
    };
    only_attributes(list, &["PrefixList"])?;
    exactly::<0>(list)?;
    let prefixes: Vec<_> =
        list.attribute("PrefixList").unwrap_or_default().split_ascii_whitespace().collect();
    if prefixes.len() > limits::PREFIX_LIST {
        Err(Refusal::SignatureTransform)
    } else {
        Ok(prefixes)
    }
}

/// The algorithm of an element without parameters: so no HMACOutputLength (CVE-2009-0217).
fn bare_algorithm(node: Node<'_>) -> Result<&str, Refusal> {
    exactly::<0>(node)?;
    node.attribute("Algorithm").ok_or(Refusal::SignatureShape)
}

fn expect(node: Node<'_>, local: &str, attributes: &[&str]) -> Result<(), Refusal> {
    if node.is(DS, local) {
        only_attributes(node, attributes)
    } else {
        Err(Refusal::SignatureShape)
    }
}

fn exactly<const N: usize>(node: Node<'_>) -> Result<[Node<'_>; N], Refusal> {
    elements(node)?.try_into().map_err(|_| Refusal::SignatureShape)
}
