//! The list of algorithms (SEC-33). What is not on it is refused by name, before anything is
//! decrypted.

use crate::refusals::Refusal;

/// The hash of RSA-OAEP, for its digest and for its mask alike: WebCrypto has no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OaepHash {
    /// SHA-1, which is sound here: OAEP needs no collision resistance.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl OaepHash {
    /// From the URIs of an EncryptionMethod: its algorithm, its digest and its mask generation
    /// function, where they are named (XML Encryption 1.1, 5.5.2).
    pub(super) fn of(
        transport: &str,
        digest: Option<&str>,
        mask: Option<&str>,
    ) -> Result<OaepHash, Refusal> {
        let mask = match (transport, mask) {
            ("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", None)
            | ("http://www.w3.org/2009/xmlenc11#rsa-oaep", None) => OaepHash::Sha1,
            ("http://www.w3.org/2009/xmlenc11#rsa-oaep", Some(mask)) => match mask {
                "http://www.w3.org/2009/xmlenc11#mgf1sha1" => OaepHash::Sha1,
                "http://www.w3.org/2009/xmlenc11#mgf1sha256" => OaepHash::Sha256,
                _ => return Err(Refusal::EncryptionAlgorithm),
            },
            _ => return Err(Refusal::EncryptionAlgorithm),
        };
        let digest = match digest {
            None | Some("http://www.w3.org/2000/09/xmldsig#sha1") => OaepHash::Sha1,
            Some("http://www.w3.org/2001/04/xmlenc#sha256") => OaepHash::Sha256,
            Some(_) => return Err(Refusal::EncryptionAlgorithm),
        };
        if digest == mask { Ok(digest) } else { Err(Refusal::EncryptionOaepHashes) }
    }
}

/// How the data is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataCipher {
    /// AES-128 in Galois/Counter Mode: what was changed does not open.
    Aes128Gcm,
    /// AES-256 in Galois/Counter Mode.
    Aes256Gcm,
    /// AES-128 in Cipher Block Chaining: anybody can change it.
    Aes128Cbc,
    /// AES-256 in Cipher Block Chaining.
    Aes256Cbc,
}

impl DataCipher {
    pub(super) fn from_uri(uri: &str) -> Result<DataCipher, Refusal> {
        match uri {
            "http://www.w3.org/2009/xmlenc11#aes128-gcm" => Ok(DataCipher::Aes128Gcm),
            "http://www.w3.org/2009/xmlenc11#aes256-gcm" => Ok(DataCipher::Aes256Gcm),
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => Ok(DataCipher::Aes128Cbc),
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => Ok(DataCipher::Aes256Cbc),
            _ => Err(Refusal::EncryptionAlgorithm),
        }
    }

    /// Whether a ciphertext that somebody changed is told from an honest one.
    pub fn is_authenticated(self) -> bool {
        matches!(self, DataCipher::Aes128Gcm | DataCipher::Aes256Gcm)
    }

    pub(super) fn key_length(self) -> usize {
        match self {
            DataCipher::Aes128Gcm | DataCipher::Aes128Cbc => 16,
            DataCipher::Aes256Gcm | DataCipher::Aes256Cbc => 32,
        }
    }
}
