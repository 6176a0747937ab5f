//! The signed assertion that the origin gets: a JWT (RFC 7519), ES256 (RFC 7518 3.4).

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use jwt_compact::{Algorithm, AlgorithmExt, AlgorithmSignature, Claims, Header};
use ring::rand::SystemRandom;
use ring::signature::EcdsaKeyPair;
use serde::{Serialize, Serializer};

use crate::bounded::Bounded;
use crate::caller::Caller;
use crate::identity::UnixTime;
use crate::keys::SignKeys;
use crate::limits::ORIGIN_ASSERTION_SECONDS;
use crate::refusals::Refusal;
use crate::service::Service;
use crate::statement::Statement;

#[derive(Serialize)]
struct Identity<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    groups: &'a [&'a str],
    /// Only there where it is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups_complete: Option<bool>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "members")]
    attributes: &'a [(&'a str, &'a [String])],
    #[serde(skip_serializing_if = "Option::is_none")]
    idp: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<UnixTime>,
    /// Only a service has it, so that no person's `sub` can pass for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
}

fn members<S: Serializer>(
    attributes: &&[(&str, &[String])],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(attributes.iter().copied())
}

/// Signs what is known of the caller for the application at `base`, which is both issuer and
/// audience. Lives ten minutes, or until the session or the service token ends.
pub fn sign(
    keys: &SignKeys,
    base: &str,
    statement: &Statement<'_>,
    now: UnixTime,
) -> Result<(String, UnixTime), Refusal> {
    let caller = statement.caller();
    let (facts, service) = (caller.facts(), caller.service());
    let shown = caller.shown();
    let expires = now.saturating_add(ORIGIN_ASSERTION_SECONDS).min(caller.ends());
    let mut claims = Claims::new(Identity {
        iss: base,
        aud: base,
        sub: facts.map_or(&shown, |facts| &facts.name_id),
        email: facts.and_then(|facts| facts.email.as_ref()).map(|email| email.as_str()),
        groups: statement.groups(),
        groups_complete: Some(false).filter(|_| !statement.has_all_groups()),
        attributes: statement.attributes(),
        idp: facts.map(|facts| facts.idp.as_str()),
        auth_time: facts.map(|facts| facts.signed_in_at),
        service: service.map(Service::id),
    });
    claims.issued_at = DateTime::<Utc>::from_timestamp(now, 0);
    claims.not_before = claims.issued_at;
    claims.expiration = DateTime::<Utc>::from_timestamp(expires, 0);
    let key = keys.in_use(now)?;
    let header = Header::empty().with_token_type("JWT").with_key_id(key.kid());
    let token = Es256.token(&header, &claims, &key.pair).or(Err(Refusal::KeysUnusable))?;
    // An unsigned token ends with its last dot: ring had no randomness.
    if token.ends_with('.') { Err(Refusal::KeysUnusable) } else { Ok((token, expires)) }
}

/// One signed assertion for each [`Caller::key`]: signing costs more than all else in a request.
pub struct Assertions(Bounded<(String, UnixTime)>);

/// Bytes of assertions that are remembered: some thousand.
const REMEMBERED: usize = 2 * 1024 * 1024;
/// A remembered assertion is replaced when it has less than this left, in seconds.
const LEAST_LEFT: i64 = 120;

impl Default for Assertions {
    fn default() -> Self {
        Assertions(Bounded::new(REMEMBERED))
    }
}

impl Assertions {
    /// The caller's assertion, signed now where none is remembered with enough life left.
    pub fn get_or_sign(
        &mut self,
        keys: &SignKeys,
        base: &str,
        statement: &Statement<'_>,
        now: UnixTime,
    ) -> Result<String, Refusal> {
        let caller = statement.caller();
        let wanted = now.saturating_add(LEAST_LEFT).min(caller.ends());
        // A service goes by the same name at every application.
        let mut key = match caller {
            Caller::Person(_) => caller.key(),
            Caller::Service(_) => format!("{base} {}", caller.key()),
        };
        let choice = statement.choice();
        if !choice.is_empty() {
            key = format!("{key} {choice}");
        }
        if let Some((token, expires)) = self.0.get(&key)
            && *expires >= wanted
            && *expires <= now.saturating_add(ORIGIN_ASSERTION_SECONDS)
        {
            return Ok(token.clone());
        }
        let (token, expires) = sign(keys, base, statement, now)?;
        let bytes = key.len().saturating_add(token.len());
        self.0.insert(key, (token.clone(), expires), bytes);
        Ok(token)
    }
}

/// ES256 over ring, for jwt-compact. Verifies nothing: the origin does that.
struct Es256;

struct Signature(Vec<u8>);

impl AlgorithmSignature for Signature {
    fn try_from_slice(octets: &[u8]) -> anyhow::Result<Self> {
        Ok(Signature(octets.to_vec()))
    }
    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }
}

impl Algorithm for Es256 {
    type SigningKey = EcdsaKeyPair;
    type VerifyingKey = EcdsaKeyPair;
    type Signature = Signature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("ES256")
    }
    fn sign(&self, pair: &EcdsaKeyPair, message: &[u8]) -> Signature {
        let signed = pair.sign(&SystemRandom::new(), message);
        Signature(signed.map_or_else(|_| Vec::new(), |signature| signature.as_ref().to_vec()))
    }
    fn verify_signature(&self, _: &Signature, _: &EcdsaKeyPair, _: &[u8]) -> bool {
        false
    }
}
