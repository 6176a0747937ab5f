//! Sending a person to the identity provider, and the state that waits for the response.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::asked::return_to;
use super::reply::{Own, Reply, carrying};
use super::{Answer, Asked, Gate, Refused, rounds};
use crate::cookies::{self, LOGIN};
use crate::identity::UnixTime;
use crate::keys::{Purpose, SealKeys};
use crate::limits;
use crate::pages;
use crate::records::Decided;
use crate::refusals::Refusal;
use crate::saml::authn_request::AuthnRequest;
use crate::saml::idp::IdentityProvider;

/// The state of one sign-in, sealed into a cookie of the browser that began it (SEC-28).
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginState {
    pub(super) request_id: String,
    pub(super) idp: String,
    pub(super) to: String,
    pub(super) started: UnixTime,
    pub(super) forced: bool,
    /// Whether an unsolicited response began it.
    pub(super) unsolicited: bool,
    /// How many sign-ins for this page ended just before this one began.
    pub(super) rounds: u8,
    /// Whether a cookie keeps the fragment of the page's address.
    #[serde(default)]
    pub(super) keeps_fragment: bool,
}

/// How a sign-in begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Start<'a> {
    /// At which identity provider; without one, at the only one, or else the person chooses.
    pub(super) idp: Option<&'a str>,
    /// Where it ends.
    pub(super) to: &'a str,
    /// Whether the person must sign in anew.
    pub(super) forced: bool,
    /// Whether an unsolicited response began it.
    pub(super) unsolicited: bool,
    /// Whether it brings back a fragment, for a host that this one signs people in for.
    pub(super) keeps_fragment: bool,
    /// Whether the auth host is to ask the person, although they may be signed in there.
    pub(super) confirm: bool,
}

impl LoginState {
    /// Opens the state that a RelayState handle names, where this browser has it and it is fresh.
    pub(super) fn open(
        keys: &SealKeys,
        application: &str,
        cookie_header: &str,
        handle: &str,
        now: UnixTime,
    ) -> Option<Self> {
        let sealed = cookies::only(cookie_header, &format!("{LOGIN}{handle}"))?;
        Self::unseal(keys, application, sealed, now)
    }

    /// Opens every state that this browser has and that is fresh.
    pub(super) fn all<'a>(
        keys: &'a SealKeys,
        application: &'a str,
        cookie_header: &'a str,
        now: UnixTime,
    ) -> impl Iterator<Item = Self> + 'a {
        cookies::pairs(cookie_header)
            .filter(|(name, _)| name.starts_with(LOGIN))
            .filter_map(move |(_, sealed)| Self::unseal(keys, application, sealed, now))
    }

    fn unseal(keys: &SealKeys, application: &str, sealed: &str, now: UnixTime) -> Option<Self> {
        let plain = keys.open(Purpose::Login, application, sealed)?;
        let state: LoginState = serde_json::from_slice(&plain).ok()?;
        let age = now.saturating_sub(state.started);
        (-limits::CLOCK_SKEW_SECONDS..limits::LOGIN_SECONDS).contains(&age).then_some(state)
    }
}

impl Gate<'_> {
    /// Sends the person to sign in, which is counted and logged.
    pub(super) fn send_to_sign_in(
        &self,
        start: &Start<'_>,
        asked: &dyn Asked,
        decided: Decided,
    ) -> Result<Answer, Refused> {
        Ok(Answer::SignIn(self.start_sign_in(start, asked)?, decided))
    }

    /// The way to the identity provider, or a page to choose one.
    pub(super) fn start_sign_in(
        &self,
        start: &Start<'_>,
        asked: &dyn Asked,
    ) -> Result<Own, Refused> {
        if let Some(auth_host) = self.application.auth_host() {
            return self.ask_auth_host(auth_host, start, asked);
        }
        let to = return_to(start.to);
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let rounds = rounds::before(&cookie_header, &to)
            .map_err(|refusal| Refused::from(refusal).on_the_way_to(&to))?;
        let Some(idp) = self.application.idp_for(start.idp)? else {
            let way = |idp: &IdentityProvider| pages::login(Some(&idp.id), &to, start.forced);
            let idps = self.application.idps().iter();
            let ways = idps.map(|idp| (idp.name.as_str(), way(idp))).collect();
            let keeps = self.application.policy.keeps_fragment();
            let page = self.pages(asked).choose(ways, keeps);
            return Ok(Own::Ready(Reply::on_the_way(page, keeps)));
        };
        let [handle, id, nonce] = self.random_parts();
        let handle = URL_SAFE_NO_PAD.encode(handle);
        // An NCName must not begin with a digit or a dash.
        let request_id = format!("_{}", URL_SAFE_NO_PAD.encode(id));
        let (entity_id, acs) = (self.application.entity_id(), self.application.acs());
        let request = AuthnRequest {
            id: &request_id,
            now: self.now,
            entity_id: &entity_id,
            acs: &acs,
            force: start.forced,
            options: &idp.request,
        };
        let key = idp.signing_key(self.deployment.saml.as_ref())?;
        let outgoing = request.carry(&idp.metadata.sign_on, &handle, key)?;

        let keeps = start.keeps_fragment || self.application.policy.keeps_fragment();
        let keeps_fragment = keeps && !start.unsolicited;
        let state = LoginState {
            request_id: request_id.clone(),
            idp: idp.id.clone(),
            to,
            started: self.now,
            forced: start.forced,
            unsolicited: start.unsolicited,
            rounds,
            keeps_fragment,
        };
        let plain = serde_json::to_vec(&state).or(Err(Refusal::Broken))?;
        let nonce = nonce.first_chunk().copied().unwrap_or_default();
        let application = &self.application.host;
        let seal = &self.deployment.seal;
        let sealed = seal.seal(Purpose::Login, application, nonce, self.now, &plain)?;

        let set = cookies::login(&cookie_header, &handle, &sealed);
        // What answers a POST must not be posted again (RFC 9110 15.4.4).
        let status = if start.unsolicited { 303 } else { 302 };
        let keeps = keeps_fragment.then_some(handle);
        Ok(carrying(outgoing, idp, status, set, self.pages(asked), keeps))
    }

    /// Three independent random values of 16 bytes.
    pub(super) fn random_parts(&self) -> [[u8; 16]; 3] {
        let bytes = (self.random)();
        let mut parts = [[0; 16]; 3];
        for (part, chunk) in parts.iter_mut().zip(bytes.chunks_exact(16)) {
            part.copy_from_slice(chunk);
        }
        parts
    }
}
