//! A response whose assertion is encrypted, between the check of its outside and the opening
//! (SEC-32, SEC-33).

use super::ASSERTION;
use super::idp::{IdentityProvider, Legacy};
use super::response::{Accepted, Expected, conclude};
use crate::dsig::{self, Verified};
use crate::refusals::Refusal;
use crate::xenc::{ContentKey, Encrypted, EncryptedKey};
use crate::xml::{Document, Node, Profile, Scope};

/// An encrypted assertion in a response that is otherwise in order.
#[derive(Debug)]
pub struct Sealed {
    outside: Document,
    /// The response, where it is signed: then the encrypted form is, too.
    signed: Option<Verified>,
    encrypted: Encrypted,
    /// The namespaces that the assertion may use without declaring them.
    scope: Scope,
}

impl Sealed {
    /// Takes a response and, where it is signed, the same as it was verified. Nothing is read of
    /// an encrypted form that is not the signed one.
    pub(super) fn new(
        outside: Document,
        signed: Option<Verified>,
        idp: &IdentityProvider,
    ) -> Result<Self, Refusal> {
        let scope = holder(outside.root())?.scope();
        let encrypted =
            Encrypted::read(holder(signed.as_ref().map_or(outside.root(), Verified::root))?)?;
        let sealed = Sealed { outside, signed, encrypted, scope };
        if sealed.is_malleable() && !idp.legacy.contains(&Legacy::CbcSignedInside) {
            return Err(Refusal::EncryptionCbcUnsigned);
        }
        Ok(sealed)
    }

    /// The content key, to be decrypted with each of our keys until one fits.
    pub fn key(&self) -> &EncryptedKey {
        &self.encrypted.key
    }

    /// Whether anybody can change the ciphertext so that it still decrypts. Then every failure
    /// must look alike, and tries must be limited.
    pub fn is_malleable(&self) -> bool {
        self.signed.is_none() && !self.encrypted.cipher.is_authenticated()
    }

    /// Decrypts the assertion and checks it like every other. `content_key` is what RSA gave,
    /// nothing where it failed; `decoy` is random.
    pub fn open(
        &self,
        content_key: Option<&[u8]>,
        decoy: &[u8; 32],
        expected: &Expected<'_>,
    ) -> Result<Accepted, Refusal> {
        let key = self.encrypted.content_key(content_key, decoy);
        let signed = self.verified(&key, expected.idp);
        let signed = if self.is_malleable() {
            // Why it failed would say something of the plaintext.
            signed.or(Err(Refusal::AssertionUndecipherable))
        } else {
            signed
        };
        conclude(&signed?, expected)
    }

    fn verified(&self, key: &ContentKey, idp: &IdentityProvider) -> Result<Verified, Refusal> {
        let octets = self.encrypted.decrypt(key)?;
        let inside = Document::parse_within(&octets, &Profile::MESSAGE, &self.scope)?;
        dsig::unique_ids_across(&[&self.outside, &inside])?;
        let assertion = inside.root();
        let is_one = |node: Node<'_>| {
            node.is(ASSERTION, "Assertion") || node.is(ASSERTION, "EncryptedAssertion")
        };
        if !assertion.is(ASSERTION, "Assertion") || inside.root().descendants().skip(1).any(is_one)
        {
            return Err(Refusal::AssertionCount);
        }
        let signature = dsig::signature_of(assertion)?;
        dsig::signatures_only_in(&inside, signature.as_slice())?;
        match (signature, &self.signed) {
            (Some(_), _) => dsig::verify_within(
                assertion,
                &idp.metadata.keys,
                idp.tolerance(),
                &Profile::MESSAGE,
            ),
            (None, Some(response)) => response.decrypted(holder(response.root())?, key),
            (None, None) => Err(Refusal::SignatureMissing),
        }
    }
}

/// The one EncryptedAssertion of a response.
fn holder(response: Node<'_>) -> Result<Node<'_>, Refusal> {
    let mut children = response.children();
    children.find(|child| child.is(ASSERTION, "EncryptedAssertion")).ok_or(Refusal::AssertionCount)
}
