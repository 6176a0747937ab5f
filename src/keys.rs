//! The Worker's own secrets, each a JWK Set (RFC 7517), newest key first.
//!
//! A key may say `use_from`, a time: until then it opens and is shown, and an older one seals and
//! signs. So every isolate, and every application that keeps our public keys, knows a key before
//! anything is made with it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::{Deserialize, Serialize};

use crate::identity::UnixTime;
use crate::refusals::Refusal;

#[derive(Deserialize)]
struct JwkSet<K> {
    keys: Vec<K>,
}

#[derive(Deserialize)]
struct OctetKey {
    kty: String,
    k: String,
    use_from: Option<UnixTime>,
}

/// Keys with the time from which each is used, newest first. There is always one in use.
struct Dated<K>(Vec<(UnixTime, K)>);

impl<K> Dated<K> {
    /// The oldest has no date, and none is to be used before an older one: anything else is a set
    /// that was put together wrongly.
    fn new(keys: Vec<(Option<UnixTime>, K)>) -> Result<Self, Refusal> {
        let ordered = keys.iter().map(|(from, _)| *from).rev().is_sorted();
        match keys.last() {
            Some((None, _)) if ordered => {
                let dated = |(from, key): (Option<_>, K)| (from.unwrap_or(UnixTime::MIN), key);
                Ok(Dated(keys.into_iter().map(dated).collect()))
            }
            _ => Err(Refusal::KeysUnusable),
        }
    }

    /// The newest that is in use.
    fn in_use(&self, now: UnixTime) -> Result<&K, Refusal> {
        let found = self.0.iter().find(|(from, _)| *from <= now);
        found.map(|(_, key)| key).ok_or(Refusal::KeysUnusable)
    }

    fn iter(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(_, key)| key)
    }
}

/// What a sealed value is for. A value sealed for one purpose does not open for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A session cookie.
    Session,
    /// The sign-in that sessions come of.
    Root,
    /// The state of a sign-in under way.
    Login,
    /// The state of a sign-in under way at the auth host.
    Awaited,
    /// The session that an auth host hands over, in the ledger.
    HandOver,
    /// What a person is asked before the command line may act as them.
    Question,
    /// The token that waits in the ledger for the command line.
    Given,
    /// A token of the command line.
    Token,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Purpose::Session => "vestibule session 1",
            Purpose::Root => "vestibule root 1",
            Purpose::Login => "vestibule login 1",
            Purpose::Awaited => "vestibule awaited 1",
            Purpose::HandOver => "vestibule hand-over 1",
            Purpose::Question => "vestibule question 1",
            Purpose::Given => "vestibule given 1",
            Purpose::Token => "vestibule token 1",
        }
    }
}

const KEY_ID: usize = 4;
const NONCE: usize = 12;

/// `SEAL_KEYS`: AES-256-GCM keys. The newest in use seals, every one opens.
pub struct SealKeys(Dated<([u8; KEY_ID], LessSafeKey)>);

impl SealKeys {
    /// Reads a JWK Set of `oct` keys of 32 bytes.
    pub fn from_jwks(text: &str) -> Result<Self, Refusal> {
        let set: JwkSet<OctetKey> = serde_json::from_str(text).or(Err(Refusal::KeysUnusable))?;
        let dated = |key: &OctetKey| Ok((key.use_from, Self::key(key)?));
        let keys = set.keys.iter().map(dated).collect::<Result<Vec<_>, _>>()?;
        Ok(SealKeys(Dated::new(keys)?))
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

    /// The ids of the keys, which are digests of them.
    pub fn ids(&self) -> Vec<String> {
        let hex = |id: &[u8; KEY_ID]| id.iter().map(|byte| format!("{byte:02x}")).collect();
        self.0.iter().map(|(id, _)| hex(id)).collect()
    }

    /// Seals `plain` for one purpose and application: base64url of key id, nonce and ciphertext.
    ///
    /// `nonce` must be random. 2^32 values under one key are the bound of NIST SP 800-38D.
    pub fn seal(
        &self,
        purpose: Purpose,
        application: &str,
        nonce: [u8; NONCE],
        now: UnixTime,
        plain: &[u8],
    ) -> Result<String, Refusal> {
        let (id, key) = self.0.in_use(now)?;
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
    /// When it was made, for `vestibule doctor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<UnixTime>,
}

#[derive(Deserialize)]
struct PrivateJwk {
    #[serde(flatten)]
    public: PublicJwk,
    d: String,
    use_from: Option<UnixTime>,
}

/// `SIGN_KEYS`: P-256 keys that sign the assertion to the origin. The newest in use signs, all are
/// shown.
pub struct SignKeys(Dated<SignKey>);

/// One of [`SignKeys`].
pub(crate) struct SignKey {
    pub(crate) pair: EcdsaKeyPair,
    public: PublicJwk,
}

impl SignKey {
    /// Its id.
    pub(crate) fn kid(&self) -> &str {
        &self.public.kid
    }
}

impl SignKeys {
    /// Reads a JWK Set of private `EC` keys on P-256.
    pub fn from_jwks(text: &str) -> Result<Self, Refusal> {
        let set: JwkSet<PrivateJwk> = serde_json::from_str(text).or(Err(Refusal::KeysUnusable))?;
        let mut kids = BTreeSet::new();
        if !set.keys.iter().all(|key| kids.insert(key.public.kid.as_str())) {
            return Err(Refusal::KeysUnusable);
        }
        let key = |jwk: PrivateJwk| {
            let pair = Self::pair(&jwk)?;
            let public = PublicJwk { alg: "ES256".into(), usage: "sig".into(), ..jwk.public };
            Ok((jwk.use_from, SignKey { pair, public }))
        };
        let keys = set.keys.into_iter().map(key).collect::<Result<Vec<_>, _>>()?;
        Ok(SignKeys(Dated::new(keys)?))
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

    /// The ids of the keys.
    pub fn ids(&self) -> Vec<&str> {
        self.0.iter().map(|key| key.public.kid.as_str()).collect()
    }

    /// The body of `/.access/jwks.json`.
    pub fn public_jwks(&self) -> String {
        let public: Vec<&PublicJwk> = self.0.iter().map(|key| &key.public).collect();
        serde_json::json!({ "keys": public }).to_string()
    }

    /// The key that signs.
    pub(crate) fn in_use(&self, now: UnixTime) -> Result<&SignKey, Refusal> {
        self.0.in_use(now)
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
        let sealed = keys.seal(Purpose::Session, "a.example", [7; 12], 0, b"facts").unwrap();
        let open = |purpose, application| keys.open(purpose, application, &sealed);
        assert_eq!(open(Purpose::Session, "a.example").as_deref(), Some(b"facts".as_slice()));
        assert_eq!(open(Purpose::Login, "a.example"), None);
        assert_eq!(open(Purpose::Session, "b.example"), None);
    }

    #[test]
    fn rotation_keeps_old_seals_open() {
        let sealed = seal_keys(&[1]).seal(Purpose::Session, "a", [7; 12], 0, b"x").unwrap();
        assert!(seal_keys(&[2, 1]).open(Purpose::Session, "a", &sealed).is_some());
        assert!(seal_keys(&[2]).open(Purpose::Session, "a", &sealed).is_none());
    }

    #[test]
    fn every_changed_character_is_refused() {
        let keys = seal_keys(&[1]);
        let sealed = keys.seal(Purpose::Session, "a", [7; 12], 0, b"x").unwrap();
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

    /// A key that is announced opens and is shown, and makes nothing before its time.
    #[test]
    fn an_announced_key_is_known_before_it_is_used() {
        let (mut new, old) = (new_seal_key([2; 32]), new_seal_key([1; 32]));
        new["use_from"] = 1_000.into();
        let keys = serde_json::json!({ "keys": [new, old] }).to_string();
        let keys = SealKeys::from_jwks(&keys).unwrap();
        let only = |byte| seal_keys(&[byte]);
        for (now, byte) in [(0, 1), (999, 1), (1_000, 2), (9_999, 2)] {
            let sealed = keys.seal(Purpose::Session, "a", [7; 12], now, b"x").unwrap();
            assert!(only(byte).open(Purpose::Session, "a", &sealed).is_some(), "{now}");
            assert!(only(3 - byte).open(Purpose::Session, "a", &sealed).is_none(), "{now}");
        }
        let early = only(2).seal(Purpose::Session, "a", [7; 12], 0, b"x").unwrap();
        assert!(keys.open(Purpose::Session, "a", &early).is_some());

        let (mut new, old) = (new_sign_key().unwrap(), new_sign_key().unwrap());
        new["use_from"] = 1_000.into();
        let keys = serde_json::json!({ "keys": [&new, &old] }).to_string();
        let keys = SignKeys::from_jwks(&keys).unwrap();
        for (now, jwk) in [(999, &old), (1_000, &new)] {
            assert_eq!(keys.in_use(now).unwrap().kid(), jwk["kid"], "{now}");
        }
        let shown = keys.public_jwks();
        assert!(shown.contains(new["kid"].as_str().unwrap()) && !shown.contains("use_from"));
    }

    #[test]
    fn keys_unusable_in_a_set_that_is_half_rotated() {
        let seal = |byte, from: serde_json::Value| {
            let mut key = new_seal_key([byte; 32]);
            key["use_from"] = from;
            key
        };
        let (none, text) = (serde_json::Value::Null, "1000");
        for (keys, good) in [
            (vec![seal(2, none.clone()), seal(1, none.clone())], true),
            (vec![seal(3, 20.into()), seal(2, 10.into()), seal(1, none.clone())], true),
            // Nothing would seal before its time.
            (vec![seal(1, 10.into())], false),
            (vec![seal(2, 20.into()), seal(1, 10.into())], false),
            // The order is another than the dates say.
            (vec![seal(2, none.clone()), seal(1, 10.into())], false),
            (vec![seal(3, 10.into()), seal(2, 20.into()), seal(1, none.clone())], false),
            (vec![seal(2, text.into()), seal(1, none)], false),
        ] {
            let keys = serde_json::json!({ "keys": keys }).to_string();
            assert_eq!(SealKeys::from_jwks(&keys).is_ok(), good, "{keys}");
        }
        let (one, other) = (new_sign_key().unwrap(), new_sign_key().unwrap());
        let mut mixed = one.clone();
        mixed["d"] = other["d"].clone();
        for keys in [vec![&one, &one], vec![&mixed], vec![&one, &mixed]] {
            let keys = serde_json::json!({ "keys": keys }).to_string();
            assert_eq!(SignKeys::from_jwks(&keys).err(), Some(Refusal::KeysUnusable), "{keys}");
        }
    }

    #[test]
    fn a_new_sign_key_can_be_read_and_hides_its_private_half() {
        let jwk = new_sign_key().unwrap();
        let keys = SignKeys::from_jwks(&serde_json::json!({ "keys": [&jwk] }).to_string()).unwrap();
        assert!(!keys.public_jwks().contains(jwk["d"].as_str().unwrap()));
        assert!(!keys.public_jwks().contains("iat"), "where it is not said");
        assert_eq!(keys.in_use(0).unwrap().kid(), jwk["kid"]);
    }
}
