//! Public keys, from configuration only (SEC-18).

use crate::refusals::Refusal;
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::{PublicKey as Parsed, RSAPublicKey};
use x509_parser::x509::SubjectPublicKeyInfo;

/// A key that may verify: RSA of 2048 to 8192 bits, or EC over P-256 or P-384.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(pub(super) Material);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Material {
    /// Big-endian, without leading zeros.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// An uncompressed point.
    P256(Vec<u8>),
    /// An uncompressed point.
    P384(Vec<u8>),
}

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo.
    pub fn from_spki(der: &[u8]) -> Result<PublicKey, Refusal> {
        match SubjectPublicKeyInfo::from_der(der) {
            Ok(([], info)) => Self::from_info(&info),
            _ => Err(Refusal::CertificateMalformed),
        }
    }

    /// Whether it is the RSA key of this modulus and exponent, big-endian without leading zeros.
    pub fn is_rsa(&self, n: &[u8], e: &[u8]) -> bool {
        matches!(&self.0, Material::Rsa { modulus, exponent } if modulus == n && exponent == e)
    }

    /// What people call this kind of key, and how many bits it has.
    pub fn kind(&self) -> (&'static str, usize) {
        match &self.0 {
            Material::Rsa { modulus, .. } => ("RSA", bits(modulus)),
            Material::P256(_) => ("EC P-256", 256),
            Material::P384(_) => ("EC P-384", 384),
        }
    }

    pub(super) fn from_info(info: &SubjectPublicKeyInfo<'_>) -> Result<PublicKey, Refusal> {
        match info.parsed().map_err(|_| Refusal::CertificateMalformed)? {
            Parsed::RSA(key) => rsa(&key),
            Parsed::EC(point) if info.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY => {
                let curve = info.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
                let curve = curve.ok_or(Refusal::KeyUnsupported)?;
                let point = point.data();
                let uncompressed = point.first() == Some(&4);
                match point.len() {
                    65 if uncompressed && curve == OID_EC_P256 => {
                        Ok(Material::P256(point.to_vec()))
                    }
                    97 if uncompressed && curve == OID_NIST_EC_P384 => {
                        Ok(Material::P384(point.to_vec()))
                    }
                    _ => Err(Refusal::KeyUnsupported),
                }
                .map(PublicKey)
            }
            _ => Err(Refusal::KeyUnsupported),
        }
    }
}

fn rsa(key: &RSAPublicKey<'_>) -> Result<PublicKey, Refusal> {
    let modulus = without_leading_zeros(key.modulus);
    let exponent = without_leading_zeros(key.exponent);
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    // An even exponent or 1 is no RSA; ring takes none above 33 bits, and 4 bytes hold all in use.
    let exponent_sound = odd(exponent) && exponent != [1] && exponent.len() <= 4;
    if (2048..=8192).contains(&bits(modulus)) && odd(modulus) && exponent_sound {
        let (modulus, exponent) = (modulus.to_vec(), exponent.to_vec());
        Ok(PublicKey(Material::Rsa { modulus, exponent }))
    } else {
        Err(Refusal::KeyWeak)
    }
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros() as usize);
    number.len().saturating_mul(8).saturating_sub(unused)
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
