//! Decryption of the data. Whatever fails fails with one code.

use aes::cipher::{Array, BlockModeDecrypt, KeyIvInit};
use aes::{Aes128, Aes256};
use cbc::Decryptor;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};

use super::algorithms::DataCipher;
use crate::refusals::Refusal;

const BLOCK: usize = 16;

/// The key that the data is encrypted with, or a decoy.
pub struct ContentKey(Vec<u8>);

impl ContentKey {
    /// Takes what RSA gave. Where that failed or has a wrong length the random `decoy` takes its
    /// place, and decryption fails later like every other failure.
    pub(super) fn new(cipher: DataCipher, decrypted: Option<&[u8]>, decoy: &[u8; 32]) -> Self {
        let length = cipher.key_length();
        let fits = decrypted.filter(|key| key.len() == length);
        let decoy = decoy.get(..length).unwrap_or_default();
        ContentKey(fits.unwrap_or(decoy).to_vec())
    }
}

pub(super) fn decrypt(
    cipher: DataCipher,
    key: &ContentKey,
    ciphertext: &[u8],
) -> Result<Vec<u8>, Refusal> {
    match cipher {
        DataCipher::Aes128Gcm => gcm(&AES_128_GCM, key, ciphertext),
        DataCipher::Aes256Gcm => gcm(&AES_256_GCM, key, ciphertext),
        DataCipher::Aes128Cbc => cbc::<Decryptor<Aes128>>(key, ciphertext),
        DataCipher::Aes256Cbc => cbc::<Decryptor<Aes256>>(key, ciphertext),
    }
    .ok_or(Refusal::AssertionUndecipherable)
}

/// 12 bytes of nonce, the data, 16 bytes of tag (XML Encryption 1.1, 5.2.4): ring takes no others.
fn gcm(algorithm: &'static Algorithm, key: &ContentKey, ciphertext: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = ciphertext.split_first_chunk()?;
    let key = LessSafeKey::new(UnboundKey::new(algorithm, &key.0).ok()?);
    let mut data = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = key.open_in_place(nonce, Aad::empty(), &mut data).ok()?.len();
    data.truncate(length);
    Some(data)
}

/// A block of IV, then blocks whose last byte is the length of the padding, from 1 to 16; the
/// other bytes of the padding may be anything (XML Encryption 1.1, 5.2). A padding that is none is
/// left in the data, so that what comes next does not depend on it.
fn cbc<M: BlockModeDecrypt + KeyIvInit>(key: &ContentKey, ciphertext: &[u8]) -> Option<Vec<u8>> {
    let (iv, blocks) = ciphertext.split_first_chunk::<BLOCK>()?;
    let mut data = blocks.to_vec();
    let (whole, rest) = Array::slice_as_chunks_mut(&mut data);
    if !rest.is_empty() {
        return None;
    }
    M::new_from_slices(&key.0, iv).ok()?.decrypt_blocks(whole);
    let padding = usize::from(*data.last()?);
    let honest = usize::from((1..=BLOCK).contains(&padding));
    data.truncate(data.len().saturating_sub(padding.saturating_mul(honest)));
    Some(data)
}
