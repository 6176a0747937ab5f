//! Verification, in the order of SEC-20.

use super::algorithms::{Tolerance, digest_algorithm, verify_octets_under};
use super::ids::unique_ids;
use super::keys::PublicKey;
use super::shape::{Signature, signature_of};
use super::signed_info::{Reference, SignedInfo};
use crate::refusals::Refusal;
use crate::xenc::{ContentKey, Encrypted};
use crate::xml::{Document, Node, Profile};
use ring::digest::digest;

/// What was signed, and only that: a document read from the canonical bytes whose digest was
/// checked, or decrypted from such. There is no other way to make one.
#[derive(Debug)]
pub struct Verified {
    document: Document,
    bytes: Vec<u8>,
}

impl Verified {
    /// The signed element.
    pub fn root(&self) -> Node<'_> {
        self.document.root()
    }

    /// The document whose root is the signed element.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What stands encrypted in `holder`, an element of this document. It is signed because its
    /// ciphertext is (SEC-32), and it is read in the context that was signed.
    pub fn decrypted(&self, holder: Node<'_>, key: &ContentKey) -> Result<Verified, Refusal> {
        if !std::ptr::eq(holder.document(), &self.document) {
            return Err(Refusal::SignatureMissing);
        }
        let bytes = Encrypted::read(holder)?.decrypt(key)?;
        let document = Document::parse_within(&bytes, &Profile::MESSAGE, &holder.scope())?;
        Ok(Verified { document, bytes })
    }

    /// The bytes that it was read from.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Verifies the one ds:Signature that is a direct child of `parent`, over `parent` itself.
pub fn verify(parent: Node<'_>, keys: &[PublicKey]) -> Result<Verified, Refusal> {
    verify_within(parent, keys, Tolerance::default(), &Profile::MESSAGE)
}

/// The same with what is weak but allowed here, and within the bounds of another kind of document.
pub fn verify_within(
    parent: Node<'_>,
    keys: &[PublicKey],
    tolerance: Tolerance,
    profile: &Profile,
) -> Result<Verified, Refusal> {
    if keys.is_empty() {
        return Err(Refusal::NoKey);
    }
    unique_ids(parent.document())?;
    let node = signature_of(parent)?.ok_or(Refusal::SignatureMissing)?;
    let signature = Signature::read(node)?;

    // (a) The signature, over the canonical SignedInfo.
    let claimed = SignedInfo::read(signature.signed_info, tolerance)?;
    let octets = claimed.canonicalization.apply(signature.signed_info, None)?;
    verify_octets_under(claimed.method, &octets, &signature.value, keys, tolerance)?;

    // (b) The reference, from the bytes that were just verified.
    let signed = Document::parse(&octets, &Profile::MESSAGE)?;
    let reference = SignedInfo::read(signed.root(), tolerance)?.reference;
    check_target(&reference, parent)?;

    // (c) The digest, over the canonical parent without this signature.
    let bytes = reference.canonicalization.apply(parent, Some(node))?;
    check_digest(&reference, &bytes, tolerance)?;

    // (d) Only what was digested is read from here on.
    let document = Document::parse(&bytes, profile)?;
    Ok(Verified { document, bytes })
}

/// The URI is the parent's own ID, byte for byte, and nothing is looked up (SEC-14).
fn check_target(reference: &Reference<'_>, parent: Node<'_>) -> Result<(), Refusal> {
    let id = parent.attribute("ID").ok_or(Refusal::IdMissing)?;
    let target = reference.uri.and_then(|uri| uri.strip_prefix('#'));
    if target == Some(id) && !id.is_empty() { Ok(()) } else { Err(Refusal::SignatureReference) }
}

fn check_digest(
    reference: &Reference<'_>,
    bytes: &[u8],
    tolerance: Tolerance,
) -> Result<(), Refusal> {
    let ours = digest(digest_algorithm(reference.digest_method, tolerance)?, bytes);
    if ours.as_ref().len() != reference.digest.len() {
        return Err(Refusal::SignatureEncoding);
    }
    // Without an early end: the time does not tell where they differ.
    let difference =
        ours.as_ref().iter().zip(&reference.digest).fold(0, |all, (a, b)| all | (a ^ b));
    if difference == 0 { Ok(()) } else { Err(Refusal::DigestWrong) }
}
