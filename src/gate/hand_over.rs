//! One sign-in for many hosts: an auth host hands a session over to a protected host, by a code
//! that goes through the browser. What the code stands for waits in the ledger.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::login::Start;
use super::reply::{Own, Reply};
use super::{Application, Asked, Gate, Refused, Target};
use crate::identity::{Facts, UnixTime};
use crate::keys::Purpose;
use crate::limits;
use crate::pages::Pages;
use crate::policy::is_host_name;
use crate::records;
use crate::refusals::Refusal;
use crate::revocations::Revocations;
use crate::saml::idp::IdentityProvider;
use crate::service::hash;
use crate::session::{Root, Session};

/// What waits in the ledger for whoever brings its code. It is taken once.
#[derive(Debug)]
pub struct Deposit {
    /// The host that it is for, whose book keeps it.
    pub host: String,
    /// A hash of the code, so that the ledger can't be read for codes.
    pub key: String,
    /// Sealed for that host and this use.
    pub sealed: String,
    /// Until when the book keeps it, and knows that it was taken.
    pub until: UnixTime,
}

/// What the ledger has for a code.
#[derive(Debug)]
pub enum Taken {
    /// This, and now no more.
    Deposit(String),
    /// It was taken before.
    Before,
    /// There is no such code at this host, or it was too long ago.
    Unknown,
}

/// The session that is handed over, sealed for the protected host.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandedOver {
    pub(super) challenge: String,
    pub(super) made: UnixTime,
    pub(super) root: Root,
    pub(super) started: UnixTime,
    pub(super) ends: UnixTime,
    pub(super) facts: Facts,
}

/// What a protected host asks for, by way of the browser. All of it can be made up: it decides
/// nothing that the protected host does not check again.
#[derive(Debug)]
pub struct Asking {
    /// The protected host: load its documents, then [`Gate::hand_over`].
    pub host: String,
    state: String,
    challenge: String,
    idp: Option<String>,
    /// When a person must have signed in at the earliest.
    since: Option<UnixTime>,
    /// Whether the person is to be asked although they are signed in.
    confirm: bool,
    /// Whether the person comes from the identity provider.
    landed: bool,
    /// The session at the auth host.
    session: Option<Session>,
}

/// What comes of it.
#[derive(Debug)]
pub enum HandOver {
    /// A sign-in first, or a question.
    Own(Own),
    /// Let the ledger keep the deposit, then answer; with the log line.
    Deposit(Deposit, Reply, records::HandedOver),
}

/// The challenge of a verifier (RFC 7636 4.2, S256).
pub(super) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// Whether this is base64url of so many bytes.
pub(super) fn is_base64url(text: &str, bytes: usize) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|octets| octets.len() == bytes)
}

impl Asking {
    pub(super) fn read(
        target: &Target,
        session: Option<&Session>,
        now: UnixTime,
    ) -> Result<Self, Refusal> {
        let given = |name| target.parameter(name).ok_or(Refusal::HandOverMalformed);
        let since = target.parameter("since").map(|since| since.parse::<UnixTime>());
        let asking = Asking {
            host: given("host")?,
            state: given("state")?,
            challenge: given("challenge")?,
            idp: target.parameter("idp"),
            since: since.transpose().or(Err(Refusal::HandOverMalformed))?,
            confirm: target.parameter("confirm").is_some(),
            landed: target.parameter("landed").is_some(),
            session: session.cloned(),
        };
        // A sign-in can't be later than now.
        let is_possible = asking.since.is_none_or(|since| since <= now);
        let is_well_formed = is_host_name(&asking.host)
            && is_base64url(&asking.state, 16)
            && is_base64url(&asking.challenge, 32);
        if is_possible && is_well_formed { Ok(asking) } else { Err(Refusal::HandOverMalformed) }
    }

    /// Path and query at the auth host that ask for the same, since another time or after a question.
    fn path_and_query(&self, since: Option<UnixTime>, confirm: bool) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("host", &self.host);
        query.append_pair("state", &self.state);
        query.append_pair("challenge", &self.challenge);
        query.extend_pairs(self.idp.iter().map(|idp| ("idp", idp)));
        query.extend_pairs(since.iter().map(|since| ("since", since.to_string())));
        if confirm {
            query.append_pair("confirm", "yes");
        }
        format!("/.access/hand-over?{}", query.finish())
    }

    /// Where the auth host is asked, by a protected host.
    pub(super) fn url(
        auth_host: &str,
        host: &str,
        state: &str,
        verifier: &str,
        start: &Start<'_>,
        now: UnixTime,
    ) -> String {
        let asking = Asking {
            host: host.to_owned(),
            state: state.to_owned(),
            challenge: challenge_of(verifier),
            idp: start.idp.map(str::to_owned),
            since: start.forced.then_some(now),
            confirm: start.confirm,
            landed: false,
            session: None,
        };
        format!("{auth_host}{}", asking.path_and_query(asking.since, asking.confirm))
    }

    /// Whether a session is one that was asked for.
    fn wants(&self, session: &Session) -> bool {
        let subject = session.subject();
        let earliest = self.since.map(|since| since.saturating_sub(limits::CLOCK_SKEW_SECONDS));
        self.idp.as_ref().is_none_or(|idp| *idp == subject.idp)
            && self.since.is_none_or(|since| session.started() >= since)
            && earliest.is_none_or(|earliest| subject.signed_in_at >= earliest)
    }
}

impl Gate<'_> {
    /// Hands the session of this auth host over to `other`, where that names this host and takes the
    /// session; where it does not take it, the person signs in first and comes back here.
    pub fn hand_over(
        &self,
        asking: Asking,
        other: &Application,
        others_revocations: &Revocations,
        asked: &dyn Asked,
    ) -> Result<HandOver, Refused> {
        let named = other.auth_host() == Some(&self.application.host);
        if !named || other.host != asking.host {
            return Err(Refusal::HandOverForeign.into());
        }
        // The other policy may name a group that is not there: without it, a deny would not bite.
        if asking.session.as_ref().is_some_and(|session| !session.is_whole()) {
            return Err(Refusal::SessionTooLarge.into());
        }
        let takes = |session: &&Session| {
            other.takes(session, others_revocations, self.now) && asking.wants(session)
        };
        let Some(session) = asking.session.as_ref().filter(takes) else {
            let offered = self.offered(other, asking.idp.as_deref())?;
            let [idp] = offered.as_slice() else {
                return Ok(HandOver::Own(Own::Ready(self.choice(&asking, &offered, other, asked))));
            };
            let start = Start {
                idp: Some(&idp.id),
                to: &format!("{}&landed=yes", asking.path_and_query(asking.since, false)),
                forced: asking.since.is_some(),
                keeps_fragment: other.policy.keeps_fragment(),
                ..Start::default()
            };
            return self.start_sign_in(&start, asked).map(HandOver::Own);
        };
        if asking.confirm {
            return Ok(HandOver::Own(Own::Ready(self.question(&asking, session, other, asked))));
        }
        let [code, nonce, own_nonce] = self.random_parts();
        let (code, nonce) = (URL_SAFE_NO_PAD.encode(code), first_bytes(&nonce));
        let handed_over = HandedOver {
            challenge: asking.challenge,
            made: self.now,
            root: session.root().clone(),
            started: session.started(),
            ends: session.ends(),
            facts: (**session.subject()).clone(),
        };
        let plain = serde_json::to_vec(&handed_over).or(Err(Refusal::Broken))?;
        let seal = &self.deployment.seal;
        let deposit = Deposit {
            key: hash(&code),
            sealed: seal.seal(Purpose::HandOver, &other.host, nonce, self.now, &plain)?,
            // Longer than it counts, so that one that comes late is told from one never made.
            until: self.now.saturating_add(limits::HAND_OVER_SECONDS.saturating_mul(2)),
            host: other.host.clone(),
        };
        let (base, state) = (&other.base, &asking.state);
        let url = format!("{base}/.access/hand-over?code={code}&state={state}");
        // Where the identity provider's page says to whom its form may lead, a browser holds all
        // redirects behind it to that (CSP 3, form-action). Those end at this host.
        let keeps = other.policy.keeps_fragment();
        let mut reply = if asking.landed {
            let pages = pages_of(other, asked);
            Reply::going_on(pages.going_on(other.policy.name(), &url, keeps), keeps)
        } else {
            Reply::redirect(303, url)
        };
        // What idles here is the person, and not this host.
        let seen = session.seen_at(self.now);
        let host = &self.application.host;
        reply.set_cookies(seen.seal(seal, host, first_bytes(&own_nonce), self.now)?);
        let subject = session.subject();
        let record = records::HandedOver {
            person: subject.shown().to_owned(),
            idp: subject.idp.clone(),
            to: other.host.clone(),
        };
        Ok(HandOver::Deposit(deposit, reply, record))
    }

    /// The identity providers of this host that count for another one, or the one of them that is
    /// asked for; at least one.
    fn offered<'a>(
        &'a self,
        other: &Application,
        id: Option<&str>,
    ) -> Result<Vec<&'a IdentityProvider>, Refused> {
        let asked_for = |idp: &&IdentityProvider| id.is_none_or(|id| id == idp.id);
        let counting = other.idps().iter().filter(|idp| asked_for(idp));
        let offered: Vec<_> =
            counting.filter_map(|idp| self.application.idp(&idp.id).ok()).collect();
        let missing = || Refused::because(Refusal::IdpMissing, "sign_in.idps");
        if offered.is_empty() { Err(missing()) } else { Ok(offered) }
    }

    /// At which of them to sign in.
    fn choice(
        &self,
        asking: &Asking,
        idps: &[&IdentityProvider],
        other: &Application,
        asked: &dyn Asked,
    ) -> Reply {
        let address = |idp: &IdentityProvider| {
            format!("{}&idp={}", asking.path_and_query(asking.since, false), idp.id)
        };
        let ways = idps.iter().map(|idp| (idp.name.as_str(), address(idp))).collect();
        let keeps = other.policy.keeps_fragment();
        Reply::on_the_way(pages_of(other, asked).choose(ways, keeps), keeps)
    }

    /// Whether to go on as the person who is signed in here, or as somebody else.
    fn question(
        &self,
        asking: &Asking,
        session: &Session,
        other: &Application,
        asked: &dyn Asked,
    ) -> Reply {
        let same = asking.path_and_query(asking.since, false);
        let somebody_else = asking.path_and_query(Some(self.now), false);
        let pages = pages_of(other, asked);
        let (person, keeps) = (session.subject().shown(), other.policy.keeps_fragment());
        Reply::on_the_way(pages.hand_over(person, &same, &somebody_else, keeps), keeps)
    }
}

/// Pages in the look of the application that the person is on their way to.
fn pages_of(other: &Application, asked: &dyn Asked) -> Pages {
    let look = Arc::clone(other.policy.look());
    Pages::new(asked.header("accept-language").as_deref(), look)
}

pub(super) fn first_bytes(random: &[u8; 16]) -> [u8; 12] {
    random.first_chunk().copied().unwrap_or_default()
}
