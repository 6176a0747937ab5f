//! The inside of a ds:SignedInfo (SEC-14, SEC-15).

use super::algorithms::{ENVELOPED, EXCLUSIVE, INCLUSIVE, Tolerance};
use super::shape::{elements, octets, only_attributes};
use crate::limits;
use crate::refusals::Refusal;
use crate::xml::c14n::{canonicalize, canonicalize_inclusive};
use crate::xml::{DS, Node};

/// How an element becomes bytes (SEC-15).
pub(super) enum Canonicalization<'a> {
    /// With this PrefixList.
    Exclusive(Vec<&'a str>),
    /// Tolerance.
    Inclusive,
}

impl Canonicalization<'_> {
    pub(super) fn apply(
        &self,
        apex: Node<'_>,
        without: Option<Node<'_>>,
    ) -> Result<Vec<u8>, Refusal> {
        match self {
            Canonicalization::Exclusive(prefixes) => canonicalize(apex, without, prefixes),
            Canonicalization::Inclusive => canonicalize_inclusive(apex, without),
        }
    }
}

/// What a SignedInfo says. Before its signature is verified only `method` and `canonicalization`
/// are used, because without them it can't be.
pub(super) struct SignedInfo<'a> {
    /// The URI of the signature's algorithm.
    pub method: &'a str,
    /// Its own.
    pub canonicalization: Canonicalization<'a>,
    pub reference: Reference<'a>,
}

/// The one ds:Reference.
pub(super) struct Reference<'a> {
    pub uri: Option<&'a str>,
    /// Of what is signed.
    pub canonicalization: Canonicalization<'a>,
    /// The URI of the digest's algorithm.
    pub digest_method: &'a str,
    pub digest: Vec<u8>,
}

impl<'a> SignedInfo<'a> {
    pub(super) fn read(node: Node<'a>, tolerance: Tolerance) -> Result<SignedInfo<'a>, Refusal> {
        expect(node, "SignedInfo", &["Id"])?;
        let [canonicalization, method, reference] = exactly(node)?;
        expect(canonicalization, "CanonicalizationMethod", &["Algorithm"])?;
        expect(method, "SignatureMethod", &["Algorithm"])?;
        Ok(SignedInfo {
            method: bare_algorithm(method)?,
            canonicalization: canonicalization_of(canonicalization, tolerance)?,
            reference: Reference::read(reference, tolerance)?,
        })
    }
}

impl<'a> Reference<'a> {
    fn read(node: Node<'a>, tolerance: Tolerance) -> Result<Reference<'a>, Refusal> {
        expect(node, "Reference", &["Id", "URI"])?;
        let [transforms, method, value] = exactly(node)?;
        expect(method, "DigestMethod", &["Algorithm"])?;
        expect(value, "DigestValue", &[])?;
        Ok(Reference {
            uri: node.attribute("URI"),
            canonicalization: transforms_of(transforms, tolerance)?,
            digest_method: bare_algorithm(method)?,
            digest: octets(value)?,
        })
    }
}

/// Exactly the enveloped signature, and then canonicalisation (SEC-15).
fn transforms_of(
    transforms: Node<'_>,
    tolerance: Tolerance,
) -> Result<Canonicalization<'_>, Refusal> {
    expect(transforms, "Transforms", &[])?;
    let children = elements(transforms)?;
    let [enveloped, canonicalization] = children.as_slice() else {
        return Err(Refusal::SignatureTransform);
    };
    expect(*enveloped, "Transform", &["Algorithm"])?;
    expect(*canonicalization, "Transform", &["Algorithm"])?;
    if bare_algorithm(*enveloped) != Ok(ENVELOPED) {
        return Err(Refusal::SignatureTransform);
    }
    canonicalization_of(*canonicalization, tolerance)
}

/// The canonicalisation that an element names.
fn canonicalization_of(
    node: Node<'_>,
    tolerance: Tolerance,
) -> Result<Canonicalization<'_>, Refusal> {
    let children = elements(node)?;
    match node.attribute("Algorithm") {
        Some(EXCLUSIVE) => {}
        Some(INCLUSIVE) if tolerance.inclusive && children.is_empty() => {
            return Ok(Canonicalization::Inclusive);
        }
        _ => return Err(Refusal::SignatureTransform),
    }
    let list = match children.as_slice() {
        [] => return Ok(Canonicalization::Exclusive(Vec::new())),
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
        Ok(Canonicalization::Exclusive(prefixes))
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
