//! The gate: what happens to one request, from its head to an answer.
//!
//! Nothing here reads a clock, a store or the network: [`crate::edge`] brings the loaded
//! documents, the time and random bytes, and carries out the answer.

mod acs;
mod asked;
mod configuration;
mod forward;
mod login;
mod logout;
mod ours;
mod reply;

pub use acs::{Claim, Form, Posted, SealedClaim, read_form};
pub use asked::{Asked, Certificate, Target, Whence};
pub use configuration::{Application, Deployment};
pub use forward::Forward;
pub use logout::SignOut;
pub use reply::{Own, Reply, Unsigned};

use login::Start;
use serde_json::json;

use crate::identity::UnixTime;
use crate::origin_assertion::Remembered;
use crate::policy::{ClientCertificate, Decision, Request, decide};
use crate::refusals::{Refusal, Refused};
use crate::revocations::Revocations;
use crate::session::Session;

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
    /// It posts a response to the ACS: read the form, then [`Gate::receive`].
    Acs,
    /// It posts a logout message: read the form, then [`Gate::slo_form`].
    Slo,
    /// Somebody signs out.
    SignOut(SignOut),
}

impl Gate<'_> {
    /// Answers a request, of which `target` was read.
    pub fn answer(
        &self,
        asked: &dyn Asked,
        target: &Target,
        remembered: &mut Remembered,
    ) -> Result<Answer, Refused> {
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let session = self.session(&cookie_header);
        if let Some(page) = target.ours() {
            return self.own_page(page, asked, target, session.as_ref(), &cookie_header);
        }
        // Reading it costs, and few policies ask for it.
        let asks_whence = self.application.policy.asks_whence();
        let whence = if asks_whence { asked.whence() } else { Whence::default() };
        let request = Request {
            method: asked.method(),
            path: &target.path,
            ip: whence.ip,
            country: whence.country.as_deref(),
            asn: whence.asn,
            client_certificate: whence.certificate.as_ref().map(|certificate| ClientCertificate {
                issuer: &certificate.issuer,
                subject: &certificate.subject,
                sha256: &certificate.sha256,
            }),
            now: self.now,
        };
        let subject = session.as_ref().map(Session::subject);
        match decide(&self.application.policy, &request, subject) {
            Decision::Forward(granted) => {
                let session = session.filter(|_| granted.carries_identity());
                let assertion = match &session {
                    Some(session) => Some(remembered.get_or_sign(
                        &self.deployment.sign,
                        &self.application.base,
                        session,
                        self.now,
                    )?),
                    None => None,
                };
                let identity = session.as_ref().map(Session::subject).zip(assertion);
                let origin = self.deployment.origin_of(self.application);
                Ok(Answer::Forward(Forward::new(&granted, &origin, target, asked, identity)))
            }
            Decision::SignIn if target.is_navigation(asked) => {
                let to = &target.path_and_query();
                // Whoever is signed in already did so too long ago for this path.
                let start = Start { to, forced: session.is_some(), ..Start::default() };
                self.start_sign_in(&start, &cookie_header).map(Answer::Own)
            }
            Decision::SignIn => Err(Refusal::SignInNeeded.into()),
            Decision::Refused(refused) => Err(Refused {
                refusal: refused.refusal,
                detail: refused.why.unwrap_or_default(),
                rule: refused.rule,
                person: session.map(|session| session.subject().shown().to_owned()),
                reported: refused.reported.map(|reported| json!(reported)),
            }),
        }
    }

    /// The session of a `Cookie` header, where it still counts. What the policy says of sign-ins
    /// holds for those who are signed in already, as its rules do.
    fn session(&self, cookie_header: &str) -> Option<Session> {
        let (seal, application) = (&self.deployment.seal, self.application);
        let session = Session::open(seal, &application.host, cookie_header, self.now)?;
        let too_old = self.now >= session.started().saturating_add(application.policy.max_age());
        let idp_is_gone = application.idp(Some(&session.subject().idp)).is_err();
        let over = too_old || idp_is_gone || self.revocations.ended(&session);
        (!over).then_some(session)
    }
}
