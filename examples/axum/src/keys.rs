//! The gate's public keys, fetched when one is met that is not known yet.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};

use crate::Caller;

/// A key that does not exist makes nobody fetch more often than this.
const PAUSE: Duration = Duration::from_secs(30);

pub struct Keys {
    gate: String,
    known: Mutex<Option<(JwkSet, Instant)>>,
}

impl Keys {
    pub fn of(gate: String) -> Self {
        Keys { gate, known: Mutex::new(None) }
    }

    /// Who asks, where the gate has signed it for this application, and lately. It may wait for the
    /// network.
    pub fn verify(&self, token: &str) -> Option<Caller> {
        let kid = decode_header(token).ok()?.kid?;
        let mut validation = Validation::new(jsonwebtoken::Algorithm::ES256);
        validation.set_issuer(&[&self.gate]);
        validation.set_audience(&[&self.gate]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 5;
        let verified = decode::<Caller>(token, &self.key(&kid)?, &validation);
        verified.ok().map(|verified| verified.claims)
    }

    fn key(&self, kid: &str) -> Option<DecodingKey> {
        let mut known = self.known.lock().ok()?;
        let is_there = |set: &JwkSet| set.find(kid).is_some();
        let fetch = known.as_ref().is_none_or(|(set, at)| !is_there(set) && at.elapsed() > PAUSE);
        if fetch {
            let url = format!("{}/.access/jwks.json", self.gate);
            let set = ureq::get(url).call().ok()?.body_mut().read_json().ok()?;
            *known = Some((set, Instant::now()));
        }
        let (set, _) = known.as_ref()?;
        DecodingKey::from_jwk(set.find(kid)?).ok()
    }
}
