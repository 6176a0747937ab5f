//! The service provider's own keys: the secrets `SAML_KEY` and `SAML_KEY_OLD`. They sign what we send and decrypt
//! what is sent to us.

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use rustls_pki_types::pem::{PemObject, SectionKind};

use crate::dsig::Certificate;
use crate::refusals::Refusal;

/// An RSA key with the certificate that tells identity providers its public half.
pub struct SpKey {
    pair: RsaKeyPair,
    pkcs8: Vec<u8>,
    certificate: Vec<u8>,
}

impl SpKey {
    /// Takes a key and its certificate, both in DER. The key has 2048 to 4096 bits.
    fn new(pkcs8: Vec<u8>, certificate: Vec<u8>) -> Option<Self> {
        let pair = RsaKeyPair::from_pkcs8(&pkcs8).ok()?;
        let RsaPublicKeyComponents::<Vec<u8>> { n, e } = pair.public().into();
        let certified = Certificate::from_der(&certificate).ok()?.key;
        certified.is_rsa(&n, &e).then_some(SpKey { pair, pkcs8, certificate })
    }

    /// The signature over octets: RSASSA-PKCS1-v1_5 with SHA-256. The Worker lets its runtime sign.
    pub fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, Refusal> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), octets, &mut signature)
            .or(Err(Refusal::KeysUnusable))?;
        Ok(signature)
    }

    /// The private key, in DER of PKCS#8: for whoever decrypts.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The certificate, in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }
}

/// All of them. The newest signs; each decrypts, so that a change of keys shuts nobody out.
pub struct SpKeys {
    newest: SpKey,
    older: Vec<SpKey>,
}

impl SpKeys {
    /// Reads PEM: each private key followed by its certificate, the newest first.
    pub fn from_pem(text: &str) -> Result<Self, Refusal> {
        let parts = <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes());
        let parts: Result<Vec<_>, _> = parts.collect();
        let mut keys = Vec::new();
        let mut parts = parts.or(Err(Refusal::KeysUnusable))?.into_iter();
        while let Some((kind, key)) = parts.next() {
            let (other, certificate) = parts.next().ok_or(Refusal::KeysUnusable)?;
            if (kind, other) != (SectionKind::PrivateKey, SectionKind::Certificate) {
                return Err(Refusal::KeysUnusable);
            }
            keys.push(SpKey::new(key, certificate).ok_or(Refusal::KeysUnusable)?);
        }
        let mut keys = keys.into_iter();
        let newest = keys.next().ok_or(Refusal::KeysUnusable)?;
        Ok(SpKeys { newest, older: keys.collect() })
    }

    /// These keys, and then `older`.
    pub fn and_older(mut self, older: SpKeys) -> Self {
        self.older.push(older.newest);
        self.older.extend(older.older);
        self
    }

    /// The key that signs.
    pub fn newest(&self) -> &SpKey {
        &self.newest
    }

    /// Every key, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &SpKey> {
        std::iter::once(&self.newest).chain(&self.older)
    }
}
