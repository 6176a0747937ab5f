//! The gate: what happens to one request, from its head to an answer.
//!
//! Nothing here reads a clock, a store or the network: [`crate::edge`] brings the loaded
//! documents, the time and random bytes, and carries out the answer.

mod acs;
mod apps;
mod asked;
mod begun;
mod collect;
mod command_line;
mod configuration;
mod cors;
mod explain;
mod form;
mod forward;
mod hand_over;
mod introduction;
mod login;
mod logout;
mod ours;
mod refused;
mod reply;
mod rounds;

pub use acs::{Claim, Posted, SealedClaim};
pub use asked::{Asked, Certificate, Target, Whence, counted};
pub use begun::Begun;
pub use collect::Collecting;
pub use command_line::{Exchange, read_exchange};
pub use configuration::{Application, Deployment};
pub use form::{Form, read_form};
pub use forward::Forward;
pub use hand_over::{Asking, Deposit, HandOver, Taken};
pub use introduction::Introduction;
pub use logout::SignOut;
pub use refused::Refused;
pub use reply::{Own, Reply, Scene, Unsigned};

use std::rc::Rc;
use std::sync::Arc;

use login::Start;

use crate::caller::Caller;
use crate::identity::UnixTime;
use crate::pages::Pages;
use crate::policy::{Asker, CanonicalPath, ClientCertificate, Decision, Policy, Request};
use crate::records::{Candidate, Decided};
use crate::refusals::Refusal;
use crate::revocations::Revocations;
use crate::service::{self, Service};
use crate::session::Session;

/// How often in the time of `idle` it is written down that a session was seen.
const SEEN_PARTS: i64 = 8;

/// Random bytes for one use.
pub type Random<'a> = &'a dyn Fn() -> [u8; 48];

/// Everything that an answer depends on besides the request.
pub struct Gate<'a> {
    /// Keys and addresses of this Worker.
    pub deployment: &'a Deployment,
    /// Policy and identity providers of the host that was asked for.
    pub application: &'a Application,
    /// Sessions of this host that ended before their time.
    pub revocations: &'a Revocations,
    /// The time.
    pub now: UnixTime,
    /// Where random bytes come from.
    pub random: Random<'a>,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Answer {
    /// It goes to the origin.
    Forward(Forward),
    /// The gate answers itself.
    Own(Own),
    /// The gate sends a person to the identity provider, because this was decided.
    SignIn(Own, Decided),
    /// It posts a response to the ACS: read the form, then [`Gate::receive`].
    Acs,
    /// It posts a logout message: read the form, then [`Gate::slo_form`].
    Slo,
    /// Somebody signs out.
    SignOut(SignOut),
    /// A protected host asks for a session: load its documents, then [`Gate::hand_over`].
    HandOver(Box<Asking>),
    /// A person lets the command line in: read the body, then [`Gate::allow_command_line`].
    CommandLine,
    /// The command line wants its token: read the body, then [`read_exchange`].
    Exchange,
    /// The auth host has one for this host: take it out of the ledger, then [`Gate::collect`].
    Collect(Collecting),
    /// Who is signed in here asks what they may open: read the documents that the policy lists, then
    /// [`Gate::apps`].
    Apps(Rc<Session>),
}

impl Gate<'_> {
    /// Answers a request, of which `target` was read.
    pub fn answer(&self, asked: &dyn Asked, target: &Target) -> Result<Answer, Refused> {
        self.answered(asked, target).map_err(|refused| Refused {
            to_scripts: self.to_scripts(asked).unwrap_or_default(),
            ..refused
        })
    }

    fn answered(&self, asked: &dyn Asked, target: &Target) -> Result<Answer, Refused> {
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let shown = self.shown(asked)?.map(Rc::new);
        let by_token = shown.is_some();
        let session = shown.or_else(|| self.session(&cookie_header));
        if let Some(page) = target.ours() {
            // A token tells who asks, and signs nobody in or out.
            let tells = !by_token || matches!(page, "whoami" | "apps" | "explain");
            let session = if tells { session } else { self.session(&cookie_header) };
            return self.own_page(page, asked, target, session.as_ref());
        }
        let announced = cors::announced(asked);
        if announced.is_some()
            && let Some(own) = self.preflight(asked)
        {
            return Ok(Answer::Own(own));
        }
        let service = self.service(asked)?;
        // Reading it costs, and few policies ask for it.
        let candidate = self.application.candidate.as_ref();
        let asks_whence =
            self.application.policy.asks_whence() || candidate.is_some_and(Policy::asks_whence);
        let whence = if asks_whence { asked.whence() } else { Whence::default() };
        let request = self.request(asked.method(), &target.path, &whence);
        let caller = match (&service, &session) {
            (Some(service), _) => Some(Caller::Service(service)),
            (None, session) => session.as_deref().map(Caller::Person),
        };
        let asker = match caller {
            Some(Caller::Service(service)) => Asker::Service(service),
            Some(Caller::Person(session)) => Asker::Person(session.subject()),
            None => Asker::Nobody,
        };
        let decision =
            cors::decide(&self.application.policy, &request, asker, announced.as_deref());
        let hides = self.application.policy.hides_refused();
        let told = match &decision {
            Decision::Forward(granted) => caller.filter(|_| granted.carries_identity()),
            _ => caller,
        };
        let decided = self.decided(&decision, told, |policy| {
            cors::decide(policy, &request, asker, announced.as_deref())
        });
        match decision {
            Decision::Forward(granted) => {
                let introduction = told.map(|caller| self.introduce(caller)).transpose()?;
                let mut decided = decided;
                decided.groups_untold = introduction.as_ref().and_then(|told| told.untold);
                let origin = self.deployment.origin_of(self.application);
                let headers = self.application.policy.headers();
                let mut forward =
                    Forward::new(&granted, origin, target, asked, introduction, headers, decided);
                if let Some(Caller::Person(session)) = told
                    && !by_token
                {
                    forward.set_cookies = self.seen_cookies(session)?;
                }
                Ok(Answer::Forward(forward))
            }
            Decision::SignIn(_) => self.sign_in_first(asked, target, session.as_deref(), decided),
            // A stranger must not learn which paths there are.
            Decision::Refused(_) if hides && caller.is_none() => {
                self.sign_in_first(asked, target, None, decided)
            }
            Decision::Refused(refused) => Err(Refused {
                detail: refused.why.unwrap_or_default(),
                hidden: hides,
                decided: Box::new(decided),
                ..refused.refusal.into()
            }),
        }
    }

    /// A request as a policy looks at it.
    fn request<'a>(
        &self,
        method: &'a str,
        path: &'a CanonicalPath,
        whence: &'a Whence,
    ) -> Request<'a> {
        Request {
            method,
            path,
            ip: whence.ip,
            country: whence.country.as_deref(),
            asn: whence.asn,
            client_certificate: whence.certificate.as_ref().map(|certificate| ClientCertificate {
                issuer: &certificate.issuer,
                subject: &certificate.subject,
                sha256: &certificate.sha256,
            }),
            now: self.now,
        }
    }

    /// Sends to a sign-in who opens a page, and asks all others for one.
    fn sign_in_first(
        &self,
        asked: &dyn Asked,
        target: &Target,
        session: Option<&Session>,
        decided: Decided,
    ) -> Result<Answer, Refused> {
        // Whoever is signed in already did so too long ago for this path.
        let stale = session.is_some();
        if !asked::is_navigation(asked) {
            let is_form = asked::is_form(asked);
            let refusal = if is_form { Refusal::FormNotSent } else { Refusal::SignInNeeded };
            return Err(Refused { stale, decided: Box::new(decided), ..refusal.into() });
        }
        let to = &target.path_and_query();
        let idp = session.map(|session| session.subject().idp.as_str());
        let start = Start { idp, to, forced: stale, ..Start::default() };
        self.send_to_sign_in(&start, asked, decided)
    }

    /// The pages for who asks.
    fn pages(&self, asked: &dyn Asked) -> Pages {
        let look = Arc::clone(self.application.policy.look());
        Pages::new(asked.header("accept-language").as_deref(), look)
    }

    /// The service whose token a request shows. A bad token is refused, whatever else there is;
    /// where the policy names no service, nobody looks for one.
    fn service(&self, asked: &dyn Asked) -> Result<Option<Service>, Refused> {
        if self.application.policy.services().is_empty() {
            return Ok(None);
        }
        let shown = (asked.header(service::CLIENT_ID), asked.header(service::CLIENT_SECRET));
        let (id, secret) = match shown {
            (None, None) => return Ok(None),
            (id, secret) => (id.unwrap_or_default(), secret.unwrap_or_default()),
        };
        let known = self.application.services.get(&id);
        let proven = known.and_then(|document| document.prove(&id, &secret, self.now));
        let counts = proven.filter(|_| !self.revocations.ended_token(&secret));
        counts.map(Some).ok_or_else(|| Refusal::ServiceTokenRefused.into())
    }

    /// What the log says of a decision: who asked, where that is told, the facts that the policy could
    /// look at, and what rules and documents that are only tried would have done.
    fn decided(
        &self,
        decision: &Decision,
        told: Option<Caller<'_>>,
        by: impl Fn(&Policy) -> Decision,
    ) -> Decided {
        let policy = &self.application.policy;
        let release = policy.release();
        let facts = told.and_then(Caller::facts);
        let candidate = self.application.candidate.as_ref().and_then(|candidate| {
            let other = by(candidate);
            (other.verdict() != decision.verdict()).then(|| Candidate {
                verdict: other.verdict(),
                rule: other.rule().map(str::to_owned),
                release: candidate.release().map(|release| release.number),
            })
        });
        Decided {
            rule: decision.rule().map(str::to_owned),
            person: told.map(|caller| caller.shown().into_owned()),
            idp: facts.map(|facts| facts.idp.clone()),
            groups: facts.map(|facts| {
                let named = facts.groups.iter().filter(|group| policy.names_group(group));
                named.cloned().collect()
            }),
            release: release.map(|release| release.number),
            digest: release.map(|release| release.digest.clone()),
            reported: decision.reported().cloned(),
            candidate,
            groups_untold: None,
        }
    }

    /// Cookies that say that a session was seen, where its policy asks for that and the last ones
    /// are a while old: a session ends up to an eighth of `idle` early.
    fn seen_cookies(&self, session: &Session) -> Result<Vec<String>, Refusal> {
        let unseen = self.now.saturating_sub(session.seen());
        let idle = self.application.policy.idle();
        if idle.is_none_or(|idle| unseen.saturating_mul(SEEN_PARTS) < idle) {
            return Ok(Vec::new());
        }
        let [nonce, ..] = self.random_parts();
        let nonce = nonce.first_chunk().copied().unwrap_or_default();
        let session = session.seen_at(self.now);
        let seal = &self.deployment.seal;
        match session.seal(seal, &self.application.host, nonce, self.now) {
            // Deflated, another time may take a byte too many. The old cookies still count.
            Err(Refusal::SessionTooLarge) => Ok(Vec::new()),
            set => set,
        }
    }

    /// The session of a `Cookie` header, where it still counts.
    fn session(&self, cookie_header: &str) -> Option<Rc<Session>> {
        let (seal, application) = (&self.deployment.seal, self.application);
        let sessions = &mut self.deployment.remembered.borrow_mut().sessions;
        let session = sessions.open(seal, &application.host, cookie_header, self.now)?;
        application.takes(&session, self.revocations, self.now).then_some(session)
    }
}
