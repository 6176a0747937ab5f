//! RSA with our private keys, by the runtime: ring has no RSA decryption, and one signature of its
//! takes 15 ms in wasm, or 46 with 3072 bits.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use super::log::fault;
use crate::saml::sp_keys::{SpKey, SpKeys};
use crate::xenc::{EncryptedKey, OaepHash};

/// What an imported key is for. WebCrypto binds a key to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Use {
    Decrypt(OaepHash),
    Sign,
}

thread_local! {
    /// By certificate. What is imported can't be read out again.
    static IMPORTED: RefCell<HashMap<(Vec<u8>, Use), CryptoKey>> = RefCell::default();
}

/// The content key, by the first of our keys that decrypts it.
pub(super) async fn content_key(keys: &SpKeys, encrypted: &EncryptedKey) -> Option<Vec<u8>> {
    let octets = Uint8Array::from(encrypted.octets.as_slice());
    let mut content_key = None;
    for key in keys.iter() {
        let decrypted = decrypt(key, encrypted.hash, &octets).await;
        content_key = content_key.or(decrypted.ok());
    }
    content_key
}

/// The signature over octets: RSASSA-PKCS1-v1_5 with SHA-256.
pub(super) async fn sign(key: &SpKey, octets: &[u8]) -> Result<Vec<u8>, JsValue> {
    let key = import(key, Use::Sign).await?;
    let octets = Uint8Array::from(octets);
    let signed = subtle()?.sign_with_str_and_js_u8_array("RSASSA-PKCS1-v1_5", &key, &octets)?;
    Ok(Uint8Array::new(&JsFuture::from(signed).await?).to_vec())
}

async fn decrypt(key: &SpKey, hash: OaepHash, octets: &Uint8Array) -> Result<Vec<u8>, JsValue> {
    let key = import(key, Use::Decrypt(hash)).await?;
    let decrypted = subtle()?.decrypt_with_str_and_js_u8_array("RSA-OAEP", &key, octets)?;
    Ok(Uint8Array::new(&JsFuture::from(decrypted).await?).to_vec())
}

async fn import(key: &SpKey, purpose: Use) -> Result<CryptoKey, JsValue> {
    let name = (key.certificate().to_vec(), purpose);
    if let Some(known) = IMPORTED.with_borrow(|all| all.get(&name).cloned()) {
        return Ok(known);
    }
    let (algorithm, hash, usage) = match purpose {
        Use::Decrypt(OaepHash::Sha1) => ("RSA-OAEP", "SHA-1", "decrypt"),
        Use::Decrypt(OaepHash::Sha256) => ("RSA-OAEP", "SHA-256", "decrypt"),
        Use::Sign => ("RSASSA-PKCS1-v1_5", "SHA-256", "sign"),
    };
    let parameters = Object::new();
    Reflect::set(&parameters, &"name".into(), &algorithm.into())?;
    Reflect::set(&parameters, &"hash".into(), &hash.into())?;
    let pkcs8 = Uint8Array::from(key.pkcs8());
    let usages = Array::of1(&usage.into());
    let (pkcs8, extractable) = (pkcs8.unchecked_ref(), false);
    let import = subtle()?.import_key_with_object(
        "pkcs8",
        pkcs8,
        &parameters,
        extractable,
        usages.unchecked_ref(),
    )?;
    let imported = JsFuture::from(import).await.inspect_err(|error| {
        fault("SAML_KEY", error);
    })?;
    let imported: CryptoKey = imported.unchecked_into();
    IMPORTED.with_borrow_mut(|all| all.insert(name, imported.clone()));
    Ok(imported)
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    Ok(crypto.unchecked_into::<web_sys::Crypto>().subtle())
}
