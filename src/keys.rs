//! The Worker's own secrets, each a JWK Set (RFC 7517), newest key first.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::{Deserialize, Serialize};

use crate::refusals::Refusal;

#[derive(Deserialize)]
struct JwkSet<K> {
    keys: Vec<K>,
}

#[derive(Deserialize)]
struct OctetKey {
    kty: String,
    k: String,
}

/// What a sealed value is for. A value sealed for one purpose does not open for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A session cookie.
    Session,
    /// The state of a sign-in under way.
    Login,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Purpose::Session => "vestibule session 1",
            Purpose::Login => "vestibule login 1",
        }
    }
}

const KEY_ID: usize = 4;
const NONCE: usize = 12;

/// `SEAL_KEYS`: AES-256-GCM keys. The first seals, every one opens.
pub struct SealKeys(Vec<([u8; KEY_ID], LessSafeKey)>);

impl SealKeys {
    /// Reads a JWK Set of `oct` keys of 32 bytes.
    pub fn from_jwks(text: &str) -> Result<Self, Refusal> {
        let set: JwkSet<OctetKey> = serde_json::from_str(text).or(Err(Refusal::KeysUnusable))?;
        let keys = set.keys.iter().map(Self::key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(Refusal::KeysUnusable) } else { Ok(SealKeys(keys)) }
    }

    fn key(jwk: &OctetKey) -> Result<([u8; KEY_ID], LessSafeKey), Refusal> {
        let octets = URL_SAFE_NO_PAD.decode(&jwk.k).or(Err(Refusal::KeysUnusable))?;
        let key = UnboundKey::new(&AES_256_GCM, &octets).or(Err(Refusal::KeysUnusable))?;
        let id = digest(&SHA256, &octets).as_ref().first_chunk().copied();
        match id {
            Some(id) if jwk.kty == "oct" => Ok((id, LessSafeKey::new(key))),
            _ => Err(Refusal::KeysUnusable),
        }
    }

    /// Seals `plain` for one purpose and application: base64url of key id, nonce and ciphertext.
    ///
    /// `nonce` must be random. 2^32 values under one key are the bound of NIST SP 800-38D.
    pub fn seal(
        &self,
        purpose: Purpose,
        application: &str,
        nonce: [u8; NONCE],
        plain: &[u8],
    ) -> Result<String, Refusal> {
        let (id, key) = self.0.first().ok_or(Refusal::KeysUnusable)?;
        let mut text = plain.to_vec();
        let bound = Aad::from(Self::bound_to(purpose, application));
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut text)
            .or(Err(Refusal::KeysUnusable))?;
        Ok(URL_SAFE_NO_PAD.encode([id.as_slice(), &nonce, &text].concat()))
    }

    /// Opens what [`SealKeys::seal`] sealed for the same purpose and application.
    pub fn open(&self, purpose: Purpose, application: &str, sealed: &str) -> Option<Vec<u8>> {
        let octets = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (id, rest) = octets.split_first_chunk::<KEY_ID>()?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>()?;
        let (_, key) = self.0.iter().find(|(known, _)| known == id)?;
        let mut text = text.to_vec();
        let bound = Aad::from(Self::bound_to(purpose, application));
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = key.open_in_place(nonce, bound, &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }

    fn bound_to(purpose: Purpose, application: &str) -> Vec<u8> {
        [purpose.label().as_bytes(), b"\0", application.as_bytes()].concat()
    }
}

/// The public half of a signing key, as `/.access/jwks.json` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicJwk {
    kty: String,
    crv: String,
    kid: String,
    x: String,
    y: String,
    #[serde(default)]
    alg: String,
    #[serde(default, rename = "use")]
    usage: String,
}

#[derive(Deserialize)]
struct PrivateJwk {
    #[serde(flatten)]
    public: PublicJwk,
    d: String,
}

/// `SIGN_KEYS`: P-256 keys that sign the assertion to the origin. The first signs, all are shown.
pub struct SignKeys {
    first: EcdsaKeyPair,
    public: Vec<PublicJwk>,
}

impl SignKeys {
    /// Reads a JWK Set of private `EC` keys on P-256.
    pub fn from_jwks(text: &str) -> Result<Self, Refusal> {
        let set: JwkSet<PrivateJwk> = serde_json::from_str(text).or(Err(Refusal::KeysUnusable))?;
        let mut pairs = set.keys.iter().map(Self::pair).collect::<Result<Vec<_>, _>>()?.into_iter();
        let first = pairs.next().ok_or(Refusal::KeysUnusable)?;
        let public = set.keys.into_iter().map(|key| PublicJwk {
            alg: "ES256".into(),
            usage: "sig".into(),
            ..key.public
        });
        Ok(SignKeys { first, public: public.collect() })
    }

    fn pair(jwk: &PrivateJwk) -> Result<EcdsaKeyPair, Refusal> {
        let octets = |text: &str| URL_SAFE_NO_PAD.decode(text).or(Err(Refusal::KeysUnusable));
        let point = [[4].as_slice(), &octets(&jwk.public.x)?, &octets(&jwk.public.y)?].concat();
        EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &octets(&jwk.d)?,
            &point,
            &SystemRandom::new(),
        )
        .or(Err(Refusal::KeysUnusable))
    }

    /// Id of the key that signs.
    pub fn kid(&self) -> &str {
        self.public.first().map_or("", |key| &key.kid)
    }

    /// The body of `/.access/jwks.json`.
    pub fn public_jwks(&self) -> String {
        serde_json::json!({ "keys": self.public }).to_string()
    }

    pub(crate) fn pair_that_signs(&self) -> &EcdsaKeyPair {
        &self.first
    }
}

/// A new `oct` JWK from 32 random bytes.
pub fn new_seal_key(random: [u8; 32]) -> serde_json::Value {
    serde_json::json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(random) })
}

/// A new private P-256 JWK. `None` where the system has no randomness.
pub fn new_sign_key() -> Option<serde_json::Value> {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).ok()?;
    let point = pair.public_key().as_ref();
    let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, point).as_ref().get(..9)?);
    // RFC 5958 of ring: the private scalar stands at a fixed place before the public key.
    let d = pkcs8.as_ref().get(36..68)?;
    Some(serde_json::json!({
        "kty": "EC", "crv": "P-256", "kid": kid,
        "x": URL_SAFE_NO_PAD.encode(point.get(1..33)?),
        "y": URL_SAFE_NO_PAD.encode(point.get(33..65)?),
        "d": URL_SAFE_NO_PAD.encode(d),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal_keys(first_bytes: &[u8]) -> SealKeys {
        let keys: Vec<_> = first_bytes.iter().map(|b| new_seal_key([*b; 32])).collect();
        SealKeys::from_jwks(&serde_json::json!({ "keys": keys }).to_string()).unwrap()
    }

    #[test]
    fn opens_for_its_purpose_and_application_only() {
        let keys = seal_keys(&[1]);
        let sealed = keys.seal(Purpose::Session, "a.example", [7; 12], b"facts").unwrap();
        let open = |purpose, application| keys.open(purpose, application, &sealed);
        assert_eq!(open(Purpose::Session, "a.example").as_deref(), Some(b"facts".as_slice()));
        assert_eq!(open(Purpose::Login, "a.example"), None);
        assert_eq!(open(Purpose::Session, "b.example"), None);
    }

    #[test]
    fn rotation_keeps_old_seals_open() {
        let sealed = seal_keys(&[1]).seal(Purpose::Session, "a", [7; 12], b"x").unwrap();
        assert!(seal_keys(&[2, 1]).open(Purpose::Session, "a", &sealed).is_some());
        assert!(seal_keys(&[2]).open(Purpose::Session, "a", &sealed).is_none());
    }

    #[test]
    fn every_changed_character_is_refused() {
        let keys = seal_keys(&[1]);
        let sealed = keys.seal(Purpose::Session, "a", [7; 12], b"x").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(keys.open(Purpose::Session, "a", &changed), None, "{at}");
            assert_eq!(keys.open(Purpose::Session, "a", &sealed[..at]), None, "{at}");
        }
    }

    #[test]
    fn keys_unusable() {
        for bad in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#] {
            assert_eq!(SealKeys::from_jwks(bad).err(), Some(Refusal::KeysUnusable), "{bad}");
            assert_eq!(SignKeys::from_jwks(bad).err(), Some(Refusal::KeysUnusable), "{bad}");
        }
    }

    #[test]
    fn a_new_sign_key_can_be_read_and_hides_its_private_half() {
        let jwk = new_sign_key().unwrap();
        let keys = SignKeys::from_jwks(&serde_json::json!({ "keys": [&jwk] }).to_string()).unwrap();
        assert!(!keys.public_jwks().contains(jwk["d"].as_str().unwrap()));
        assert_eq!(keys.kid(), jwk["kid"]);
    }
}
