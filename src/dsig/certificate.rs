//! Certificates as the container of a key. Trust comes from configuration: nothing but the key
//! and the dates is read, so self-signed, version 1 and odd serial numbers are all one.

use super::keys::PublicKey;
use crate::refusals::Refusal;
use crate::xml::decode_base64;
use ring::digest::{SHA256, digest};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

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
        let Ok(([], certificate)) = X509Certificate::from_der(der) else {
            return Err(Refusal::CertificateMalformed);
        };
        let validity = certificate.validity();
        Ok(Certificate {
            key: PublicKey::from_info(certificate.public_key())?,
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            fingerprint: digest(&SHA256, der).as_ref().to_vec(),
        })
    }

    /// The fingerprint as people read it: 64 hexadecimal digits.
    pub fn fingerprint_hex(&self) -> String {
        self.fingerprint.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
