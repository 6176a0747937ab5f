//! Certificates as the container of a key. Trust comes from configuration: nothing but the key
//! and the dates is read, so self-signed, version 1 and odd serial numbers are all one.

use super::keys::PublicKey;
use crate::refusals::Refusal;
use crate::xml::decode_base64;
use der::asn1::{BitStringRef, GeneralizedTime, UtcTime};
use der::{AnyRef, Decode, FixedTag, Reader, SliceReader, Tag, TagMode, TagNumber};
use ring::digest::{SHA256, digest};

/// A configured certificate of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The key that verifies.
    pub key: PublicKey,
    /// Seconds since 1970. For warnings only: many signing certificates are used past their end.
    pub not_before: i64,
    /// Seconds since 1970.
    pub not_after: i64,
    /// SHA-256 of the DER, by which people compare certificates.
    pub fingerprint: Vec<u8>,
}

impl Certificate {
    /// Reads the base64 of a certificate, as it stands in metadata: bare, or in PEM armour.
    pub fn from_base64(text: &str) -> Result<Certificate, Refusal> {
        let text = text.trim();
        let bare = text
            .strip_prefix("-----BEGIN CERTIFICATE-----")
            .and_then(|rest| rest.strip_suffix("-----END CERTIFICATE-----"));
        Self::from_der(&decode_base64(bare.unwrap_or(text)).ok_or(Refusal::CertificateMalformed)?)
    }

    /// Reads the DER of a certificate.
    pub fn from_der(der: &[u8]) -> Result<Certificate, Refusal> {
        let parts = Parts::read(der).or(Err(Refusal::CertificateMalformed))?;
        Ok(Certificate {
            key: PublicKey::from_spki(parts.key)?,
            not_before: parts.not_before,
            not_after: parts.not_after,
            fingerprint: digest(&SHA256, der).as_ref().to_vec(),
        })
    }

    /// The fingerprint as people read it: 64 hexadecimal digits.
    pub fn fingerprint_hex(&self) -> String {
        self.fingerprint.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is read of a certificate (RFC 5280 4.1).
struct Parts<'a> {
    not_before: i64,
    not_after: i64,
    /// A SubjectPublicKeyInfo.
    key: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let parts = reader.sequence(|certificate| {
            let parts = certificate.sequence(Self::to_be_signed)?;
            skip(certificate, Tag::Sequence)?;
            certificate.decode::<BitStringRef<'_>>()?;
            Ok::<_, der::Error>(parts)
        })?;
        reader.finish()?;
        Ok(parts)
    }

    fn to_be_signed(reader: &mut SliceReader<'a>) -> der::Result<Self> {
        // The version, which version 1 does not have.
        reader.context_specific::<u8>(TagNumber(0), TagMode::Explicit)?;
        for tag in [Tag::Integer, Tag::Sequence, Tag::Sequence] {
            skip(reader, tag)?;
        }
        let (not_before, not_after) =
            reader.sequence(|validity| Ok::<_, der::Error>((time(validity)?, time(validity)?)))?;
        skip(reader, Tag::Sequence)?;
        let key = reader.tlv_bytes()?;
        while !reader.is_finished() {
            reader.decode::<AnyRef<'_>>()?;
        }
        Ok(Parts { not_before, not_after, key })
    }
}

/// Goes past what is not read.
fn skip(reader: &mut SliceReader<'_>, tag: Tag) -> der::Result<()> {
    reader.decode::<AnyRef<'_>>()?.header().tag().assert_eq(tag).map(drop)
}

fn time(reader: &mut SliceReader<'_>) -> der::Result<i64> {
    let since_1970 = match Tag::peek(reader)? {
        UtcTime::TAG => UtcTime::decode(reader)?.to_unix_duration(),
        _ => GeneralizedTime::decode(reader)?.to_unix_duration(),
    };
    Ok(i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX))
}
