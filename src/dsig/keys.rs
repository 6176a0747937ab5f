//! Public keys, from configuration only (SEC-18).

use crate::refusals::Refusal;
use der::asn1::{BitStringRef, ObjectIdentifier, UintRef};
use der::{AnyRef, Reader, SliceReader};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

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
        let info = KeyInfo::read(der).or(Err(Refusal::CertificateMalformed))?;
        match info.algorithm {
            RSA => rsa(info.key),
            EC => ec(info.curve()?, info.key),
            _ => Err(Refusal::KeyUnsupported),
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
}

/// A SubjectPublicKeyInfo (RFC 5280 4.1.2.7).
struct KeyInfo<'a> {
    algorithm: ObjectIdentifier,
    parameters: Option<AnyRef<'a>>,
    key: &'a [u8],
}

impl<'a> KeyInfo<'a> {
    fn read(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let info = reader.sequence(|info| {
            let (algorithm, parameters) =
                info.sequence(|it| Ok::<_, der::Error>((it.decode()?, it.decode()?)))?;
            let key = info.decode::<BitStringRef<'_>>()?;
            Ok::<_, der::Error>(KeyInfo { algorithm, parameters, key: key.raw_bytes() })
        })?;
        reader.finish()?;
        Ok(info)
    }

    fn curve(&self) -> Result<ObjectIdentifier, Refusal> {
        let name = self.parameters.and_then(|parameters| parameters.decode_as().ok());
        name.ok_or(Refusal::KeyUnsupported)
    }
}

fn ec(curve: ObjectIdentifier, point: &[u8]) -> Result<PublicKey, Refusal> {
    let uncompressed = point.first() == Some(&4);
    match (curve, point.len()) {
        (P256, 65) if uncompressed => Ok(PublicKey(Material::P256(point.to_vec()))),
        (P384, 97) if uncompressed => Ok(PublicKey(Material::P384(point.to_vec()))),
        _ => Err(Refusal::KeyUnsupported),
    }
}

/// Reads a DER RSAPublicKey (RFC 8017 A.1.1).
fn rsa(der: &[u8]) -> Result<PublicKey, Refusal> {
    let read = || {
        let mut reader = SliceReader::new(der)?;
        let numbers = reader.sequence(|key| Ok::<_, der::Error>((key.decode()?, key.decode()?)))?;
        reader.finish()?;
        Ok::<(UintRef<'_>, UintRef<'_>), der::Error>(numbers)
    };
    let (modulus, exponent) = read().or(Err(Refusal::CertificateMalformed))?;
    let (modulus, exponent) = (modulus.as_bytes(), exponent.as_bytes());
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
