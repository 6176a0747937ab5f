//! The gate's own pages, below `/.access/`.

use std::rc::Rc;

use super::collect::Collecting;
use super::hand_over::Asking;
use super::login::Start;
use super::reply::{Own, Reply, Unsigned};
use super::{Answer, Asked, Gate, Refused, Target, asked};
use crate::dsig::Enveloped;
use crate::records::Decided;
use crate::refusals::Refusal;
use crate::saml::idp::IdentityProvider;
use crate::saml::sp_metadata::SpMetadata;
use crate::session::Session;

impl Gate<'_> {
    /// Answers a request for one of our own pages. None is ever forwarded.
    pub(super) fn own_page(
        &self,
        page: &str,
        asked: &dyn Asked,
        target: &Target,
        signed_in: Option<&Rc<Session>>,
    ) -> Result<Answer, Refused> {
        let session = signed_in.map(Rc::as_ref);
        if self.application.auth_host().is_some() && matches!(page, "acs" | "slo" | "metadata") {
            // They are the auth host's.
            return Err(Refusal::NoSuchPage.into());
        }
        let reply = match (asked.method(), page) {
            ("POST", "acs") => return Ok(Answer::Acs),
            ("POST", "slo") => return Ok(Answer::Slo),
            ("GET", "slo") => {
                let query = target.query.as_deref().unwrap_or_default();
                return self.slo_query(query, asked).map(Answer::SignOut);
            }
            ("GET", "logout") => {
                return self.sign_out(session, asked).map(Answer::SignOut);
            }
            ("GET", "hand-over") if !asked::is_navigation(asked) => {
                return Err(Refusal::SignInNeeded.into());
            }
            ("GET", "hand-over") if self.application.auth_host().is_some() => {
                return Ok(Answer::Collect(Collecting::read(target)?));
            }
            ("GET", "hand-over") => {
                return Ok(Answer::HandOver(Box::new(Asking::read(target, session, self.now)?)));
            }
            ("GET", "cli") => return self.ask_for_command_line(asked, target, session),
            ("POST", "cli") => return Ok(Answer::CommandLine),
            ("POST", "token") => return Ok(Answer::Exchange),
            ("GET", "login") => {
                let (idp, to) = (target.parameter("idp"), target.parameter("to"));
                let to = to.as_deref().unwrap_or_default();
                let start = Start {
                    idp: idp.as_deref(),
                    to,
                    forced: target.parameter("switch").is_some(),
                    // Whoever is signed in comes here to be somebody else.
                    confirm: session.is_some(),
                    ..Start::default()
                };
                return self.send_to_sign_in(&start, asked, Decided::default());
            }
            ("GET", "metadata") => return self.metadata().map(Answer::Own),
            ("GET", "look.css") => {
                let accent = self.application.policy.look().accent.ok_or(Refusal::NoSuchPage)?;
                Reply::document("text/css; charset=utf-8", accent.style())
            }
            ("GET", "jwks.json") => {
                Reply::document("application/jwk-set+json", self.deployment.sign.public_jwks())
            }
            ("GET", "signed-in") => match session {
                Some(session) => Reply::page(200, self.pages(asked).signed_in(session.subject())),
                None => return self.sign_in_for(asked, target),
            },
            ("GET", "whoami") => match session {
                Some(session) if asked::is_shown(asked) => {
                    let idp = self.application.idp(&session.subject().idp)?;
                    Reply::page(200, self.pages(asked).whoami(session, &idp.name))
                }
                Some(session) => Reply::json(200, &whoami(session)),
                None => return self.sign_in_for(asked, target),
            },
            ("GET", "explain") => self.explain(asked, target, session)?,
            ("GET", "apps") => match signed_in {
                Some(session) => return Ok(Answer::Apps(Rc::clone(session))),
                None => return self.sign_in_for(asked, target),
            },
            _ => return Err(Refusal::NoSuchPage.into()),
        };
        Ok(Answer::Own(Own::Ready(reply)))
    }

    /// Sends to a sign-in for one of our own pages.
    fn sign_in_for(&self, asked: &dyn Asked, target: &Target) -> Result<Answer, Refused> {
        if !asked::is_navigation(asked) {
            return Err(Refusal::SignInNeeded.into());
        }
        let start = Start { to: target.path.as_str(), ..Start::default() };
        self.send_to_sign_in(&start, asked, Decided::default())
    }

    /// Our metadata, signed where we have a key.
    fn metadata(&self) -> Result<Own, Refused> {
        let keys = self.deployment.saml.as_ref();
        let (entity_id, acs) = (self.application.entity_id(), self.application.acs());
        let signed = |idp: &IdentityProvider| matches!(idp.signing_key(keys), Ok(Some(_)));
        let idps = self.application.idps();
        let metadata = SpMetadata {
            entity_id: &entity_id,
            acs: &acs,
            slo: &self.application.slo(),
            keys,
            // Of identity providers that are still to come nothing is known.
            signs_requests: !idps.is_empty() && idps.iter().all(signed),
        };
        let [before, after] = metadata.xml();
        let reply = |xml| Reply::document("application/samlmetadata+xml", xml);
        let Some(keys) = keys else { return Ok(Own::Ready(reply(before + &after))) };
        let xml = Enveloped::new(&before, &after, keys.newest().certificate())?;
        let octets = xml.octets().to_vec();
        Ok(Own::Unsigned(Unsigned::new(octets, move |signature| reply(xml.signed(signature)))))
    }
}

/// A fixed set of facts; nothing raw from the identity provider is ever shown.
fn whoami(session: &Session) -> serde_json::Value {
    let subject = session.subject();
    serde_json::json!({
        "subject": subject.name_id,
        "email": subject.email,
        "groups": subject.groups,
        "groups_complete": session.is_whole(),
        "attributes": subject.attributes,
        "authn_context": subject.authn_context,
        "idp": subject.idp,
        "signed_in_at": subject.signed_in_at,
        "session_ends": session.ends(),
    })
}
