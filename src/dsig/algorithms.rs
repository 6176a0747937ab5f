//! The list of algorithms (SEC-17). What is not on it is refused by name.

use super::keys::{Material, PublicKey};
use crate::refusals::Refusal;
use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};

/// Exclusive canonicalisation without comments: also the namespace of InclusiveNamespaces.
pub(super) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// Leaves out the signature itself.
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Canonical XML 1.0, the inclusive form without comments.
pub(super) const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";

/// What is weak, and accepted of an identity provider only where its document says so. By default
/// nothing is (SEC-15, SEC-17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// SHA-1 in RSA signatures and digests.
    pub sha1: bool,
    /// Inclusive canonicalisation.
    pub inclusive: bool,
}
/// RSASSA-PKCS1-v1_5 with SHA-256: how we sign.
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// The digest that we sign with.
pub(super) const DIGEST_SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// How a signature is made.
#[derive(Clone, Copy)]
enum Method {
    Rsa(&'static RsaParameters),
    EcdsaP256,
    EcdsaP384,
}

impl Method {
    fn from_uri(uri: &str, tolerance: Tolerance) -> Result<Method, Refusal> {
        match uri {
            RSA_SHA256 => Ok(Method::Rsa(&RSA_PKCS1_2048_8192_SHA256)),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => {
                Ok(Method::Rsa(&RSA_PKCS1_2048_8192_SHA384))
            }
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => {
                Ok(Method::Rsa(&RSA_PKCS1_2048_8192_SHA512))
            }
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => Ok(Method::EcdsaP256),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => Ok(Method::EcdsaP384),
            RSA_SHA1 if tolerance.sha1 => {
                Ok(Method::Rsa(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY))
            }
            RSA_SHA1
            | "http://www.w3.org/2000/09/xmldsig#dsa-sha1"
            | "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1" => Err(Refusal::SignatureSha1),
            _ => Err(Refusal::SignatureAlgorithm),
        }
    }

    /// Whether the key verifies; nothing for a key of another family.
    fn verify(self, key: &PublicKey, octets: &[u8], signature: &[u8]) -> Option<bool> {
        let verified = match (self, &key.0) {
            (Method::Rsa(parameters), Material::Rsa { modulus: n, exponent: e }) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, octets, signature)
            }
            (Method::EcdsaP256, Material::P256(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(octets, signature)
            }
            (Method::EcdsaP384, Material::P384(point)) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(octets, signature)
            }
            _ => return None,
        };
        Some(verified.is_ok())
    }
}

/// Verifies a signature over octets with any of the keys: for signed query strings (SEC-35), and
/// for SignedInfo.
pub fn verify_octets(
    algorithm_uri: &str,
    octets: &[u8],
    signature: &[u8],
    keys: &[PublicKey],
) -> Result<(), Refusal> {
    verify_octets_under(algorithm_uri, octets, signature, keys, Tolerance::default())
}

/// The same with what is weak but allowed here.
pub fn verify_octets_under(
    algorithm_uri: &str,
    octets: &[u8],
    signature: &[u8],
    keys: &[PublicKey],
    tolerance: Tolerance,
) -> Result<(), Refusal> {
    if keys.is_empty() {
        return Err(Refusal::NoKey);
    }
    let method = Method::from_uri(algorithm_uri, tolerance)?;
    let mut of_family =
        keys.iter().filter_map(|key| method.verify(key, octets, signature)).peekable();
    if of_family.peek().is_none() {
        return Err(Refusal::SignatureKeyFamily);
    }
    if of_family.any(|verified| verified) { Ok(()) } else { Err(Refusal::SignatureWrong) }
}

/// The algorithm of a digest.
pub(super) fn digest_algorithm(
    uri: &str,
    tolerance: Tolerance,
) -> Result<&'static digest::Algorithm, Refusal> {
    match uri {
        DIGEST_SHA256 => Ok(&SHA256),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Ok(&SHA384),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Ok(&SHA512),
        SHA1 if tolerance.sha1 => Ok(&SHA1_FOR_LEGACY_USE_ONLY),
        SHA1 => Err(Refusal::SignatureSha1),
        _ => Err(Refusal::SignatureAlgorithm),
    }
}
