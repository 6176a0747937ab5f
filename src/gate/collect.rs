//! The protected host's side of a hand-over: sending the person to the auth host, and making a
//! session of what comes back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::asked::return_to;
use super::begun::Came;
use super::hand_over::{Asking, HandedOver, Taken, challenge_of, first_bytes, is_base64url};
use super::login::Start;
use super::reply::{Own, Reply};
use super::{Asked, Gate, Refused, Target, rounds};
use crate::cookies::{self, LOGIN, SIGNED_OUT};
use crate::identity::{Subject, UnixTime};
use crate::keys::Purpose;
use crate::limits;
use crate::records::Collected;
use crate::refusals::Refusal;
use crate::service::hash;
use crate::session::Session;

/// The state of one sign-in at the auth host, sealed into a cookie of the browser that began it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Awaited {
    verifier: String,
    to: String,
    started: UnixTime,
    forced: bool,
    rounds: u8,
}

/// A code from the auth host.
#[derive(Debug)]
pub struct Collecting {
    /// What the ledger keeps the deposit under: let it be taken, then [`Gate::collect`].
    pub key: String,
    handle: String,
}

impl Collecting {
    pub(super) fn read(target: &Target) -> Result<Self, Refusal> {
        let given = |name| {
            let value = target.parameter(name).filter(|value| is_base64url(value, 16));
            value.ok_or(Refusal::HandOverMalformed)
        };
        Ok(Collecting { key: hash(&given("code")?), handle: given("state")? })
    }
}

impl Gate<'_> {
    /// Sends the person to the auth host.
    pub(super) fn ask_auth_host(
        &self,
        auth_host: &str,
        start: &Start<'_>,
        asked: &dyn Asked,
    ) -> Result<Own, Refused> {
        start.idp.map(|idp| self.application.idp(idp)).transpose()?;
        let [handle, verifier, nonce] = self.random_parts();
        let (handle, verifier) = (URL_SAFE_NO_PAD.encode(handle), URL_SAFE_NO_PAD.encode(verifier));
        // Who has signed out here is not signed in again without a word.
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let confirm = start.confirm || cookies::only(&cookie_header, SIGNED_OUT).is_some();
        let start = Start { confirm, ..*start };
        let base = self.deployment.base_of(auth_host);
        let host = &self.application.host;
        let url = Asking::url(&base, host, &handle, &verifier, &start, self.now);
        let to = return_to(start.to);
        let rounds = rounds::before(&cookie_header, &to)
            .map_err(|refusal| Refused::from(refusal).on_the_way_to(&to))?;
        let (started, forced) = (self.now, start.forced);
        let awaited = Awaited { verifier, to, started, forced, rounds };
        let plain = serde_json::to_vec(&awaited).or(Err(Refusal::Broken))?;
        let seal = &self.deployment.seal;
        let sealed = seal.seal(Purpose::Awaited, host, first_bytes(&nonce), self.now, &plain)?;
        let mut reply = Reply::redirect(302, url);
        reply.set_cookies(cookies::login(&cookie_header, &handle, &sealed));
        Ok(Own::Ready(reply))
    }

    /// What this browser waits for, where it began that and it is fresh.
    fn awaited(&self, cookie_header: &str, handle: &str) -> Option<Awaited> {
        let sealed = cookies::only(cookie_header, &format!("{LOGIN}{handle}"))?;
        let seal = &self.deployment.seal;
        let plain = seal.open(Purpose::Awaited, &self.application.host, sealed)?;
        let awaited: Awaited = serde_json::from_slice(&plain).ok()?;
        let age = self.now.saturating_sub(awaited.started);
        (0..limits::LOGIN_SECONDS).contains(&age).then_some(awaited)
    }

    /// Begins a session of this host from what the auth host has left in the ledger; with the log
    /// line. The ledger gave it out and forgot it before anything was checked, so that a code that
    /// came to the wrong browser is worth nothing afterwards.
    pub fn collect(
        &self,
        collecting: &Collecting,
        taken: Taken,
        asked: &dyn Asked,
    ) -> Result<(Reply, Collected), Refused> {
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let awaited = self.awaited(&cookie_header, &collecting.handle);
        let awaited = awaited.ok_or(Refusal::LoginStateMissing)?;
        let to = awaited.to.clone();
        self.collected(awaited, &collecting.handle, taken, &cookie_header)
            .map_err(|refusal| Refused::from(refusal).on_the_way_to(&to))
    }

    fn collected(
        &self,
        awaited: Awaited,
        handle: &str,
        taken: Taken,
        cookie_header: &str,
    ) -> Result<(Reply, Collected), Refusal> {
        let host = &self.application.host;
        let sealed = match taken {
            Taken::Deposit(sealed) => sealed,
            Taken::Before => return Err(Refusal::HandOverUsed),
            Taken::Unknown => return Err(Refusal::HandOverUnknown),
        };
        let plain = self.deployment.seal.open(Purpose::HandOver, host, &sealed);
        let handed_over = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        let HandedOver { challenge, made, root, started, ends, facts } =
            handed_over.ok_or(Refusal::HandOverUnknown)?;
        if self.now >= made.saturating_add(limits::HAND_OVER_SECONDS) {
            return Err(Refusal::HandOverLate);
        }
        if challenge != challenge_of(&awaited.verifier) {
            return Err(Refusal::HandOverMismatch);
        }
        let earliest = awaited.started.saturating_sub(limits::CLOCK_SKEW_SECONDS);
        if awaited.forced && (started < awaited.started || facts.signed_in_at < earliest) {
            return Err(Refusal::AuthnStale);
        }
        let [id, nonce, _] = self.random_parts();
        let ends = ends.min(started.saturating_add(self.application.policy.max_age()));
        let (id, subject) = (URL_SAFE_NO_PAD.encode(id), Subject::proven(facts));
        let session = Session::begin(id, root, subject, started, ends).seen_at(self.now);
        if self.now >= ends || !self.application.takes(&session, self.revocations, self.now) {
            return Err(Refusal::HandOverStale);
        }
        let login = format!("{LOGIN}{handle}");
        let came = Came {
            to: awaited.to,
            rounds: awaited.rounds,
            login: Some(&login),
            keeps_fragment: false,
        };
        let begun = self.signed_in(&session, &nonce, came, cookie_header)?;
        let subject = session.subject();
        let collected = Collected {
            person: subject.shown().to_owned(),
            idp: subject.idp.clone(),
            auth_host: session.root().host.clone(),
            groups_dropped: begun.groups_dropped,
        };
        Ok((begun.reply, collected))
    }
}
