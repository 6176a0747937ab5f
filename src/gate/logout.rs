//! Signing out: here, and everywhere through the identity provider (SAML profiles 4.4).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::form::Form;
use super::reply::{Own, Reply, carrying};
use super::{Asked, Gate, Refused, asked};
use crate::records::{Ended, EndedBy};
use crate::refusals::Refusal;
use crate::revocations::Revoked;
use crate::saml::binding::SignedQuery;
use crate::saml::idp::IdentityProvider;
use crate::saml::logout::{Arrived, Expected, Message, Request, Sender, accept};
use crate::saml::sp_keys::SpKeys;
use crate::session::{Root, Session};
use crate::xml::decode_base64;
use crate::{cookies, limits};

/// Somebody signs out: the ledger stamps what ends, and then comes the answer.
#[derive(Debug)]
pub struct SignOut {
    /// What ends.
    pub revoke: Vec<Revoked>,
    /// The identity provider's request, by its id and the request's own, which counts once.
    pub claim: Option<(String, String)>,
    /// Whose sessions they are, for the log.
    pub ended: Option<Ended>,
    /// The answer, which clears our cookies.
    pub answer: Own,
}

impl Gate<'_> {
    /// Ends the session of this browser with all that an auth host has handed over from it, and the
    /// one at the identity provider where that takes part and we have a key. At a protected host
    /// only its own session ends.
    pub(super) fn sign_out(
        &self,
        session: Option<&Session>,
        asked: &dyn Asked,
    ) -> Result<SignOut, Refused> {
        if let Some(auth_host) = self.application.auth_host() {
            return Ok(self.sign_out_here(session, auth_host, asked));
        }
        let cleared = cleared(asked);
        let root = session.map(|session| session.root().clone()).or_else(|| self.left(asked));
        let answer = match session {
            Some(session) => self.logout_request(session, asked, cleared)?,
            None => self.signed_out(true, asked, cleared),
        };
        let revoke = root.iter().map(Revoked::root).collect();
        Ok(SignOut { revoke, claim: None, ended: session.map(ended_here), answer })
    }

    /// The sign-in of a session that is over here, and not where it was handed over to. Its cookie
    /// goes along with a request of any site: only a person who opens this page ends it.
    fn left(&self, asked: &dyn Asked) -> Option<Root> {
        let cookie_header = asked.header("cookie").unwrap_or_default();
        asked::is_navigation(asked)
            .then(|| {
                Root::of_browser(&self.deployment.seal, &self.application.host, &cookie_header)
            })
            .flatten()
    }

    /// Ends what an auth host has handed over; there the person is signed in still.
    fn sign_out_here(
        &self,
        session: Option<&Session>,
        auth_host: &str,
        asked: &dyn Asked,
    ) -> SignOut {
        let everywhere = format!("{}/.access/logout", self.deployment.base_of(auth_host));
        let page = self.pages(asked).signed_out_here(auth_host, &everywhere);
        let mut reply = Reply::page(200, page);
        reply.set_cookies(cleared(asked));
        reply.set_cookies([cookies::set_signed_out()]);
        let revoke = session.map(|session| Revoked::session(session.id()));
        let revoke = revoke.into_iter().collect();
        let ended = session.map(ended_here);
        SignOut { revoke, claim: None, ended, answer: Own::Ready(reply) }
    }

    fn logout_request(
        &self,
        session: &Session,
        asked: &dyn Asked,
        cleared: Vec<String>,
    ) -> Result<Own, Refused> {
        let subject = session.subject();
        let idp = self.application.idp(&subject.idp).ok();
        let logout = idp.and_then(|idp| Some((idp, idp.metadata.logout.as_ref()?)));
        let (id, entity_id) = (self.new_id(), self.application.entity_id());
        let (Some((idp, logout)), Some(sender)) = (logout, self.sender(&id, &entity_id)) else {
            return Ok(self.signed_out(true, asked, cleared));
        };
        let format = subject.name_id_format.as_deref();
        let index = subject.session_index.as_deref();
        let message = sender.request(&logout.requests, &subject.name_id, format, index)?;
        Ok(carrying(message, idp, 302, cleared, self.pages(asked), None))
    }

    /// Takes a logout message from a query.
    pub(super) fn slo_query(&self, query: &str, asked: &dyn Asked) -> Result<SignOut, Refused> {
        let query = SignedQuery::read(query)?;
        let relay_state = query.relay_state.clone();
        self.slo(&Arrived::Query(query), relay_state.as_deref(), asked)
    }

    /// Takes a logout message from a posted form.
    pub fn slo_form(&self, form: &Form, asked: &dyn Asked) -> Result<SignOut, Refused> {
        let xml = decode_base64(&form.message).ok_or(Refusal::Base64Malformed)?;
        let relay_state = form.relay_state.as_deref();
        self.slo(&Arrived::Form(form.field, xml), relay_state, asked)
    }

    /// `relay_state` goes back as it came (SAML bindings 3.4.3).
    fn slo(
        &self,
        arrived: &Arrived,
        relay_state: Option<&str>,
        asked: &dyn Asked,
    ) -> Result<SignOut, Refused> {
        let expected =
            Expected { idps: self.application.idps(), slo: &self.application.slo(), now: self.now };
        let message = accept(arrived, &expected)?;
        let cleared = cleared(asked);
        match message {
            Message::Response(everywhere) => {
                let answer = self.signed_out(!everywhere, asked, cleared);
                Ok(SignOut { revoke: Vec::new(), claim: None, ended: None, answer })
            }
            Message::Request(idp, request) => {
                let relay_state = relay_state.filter(|text| text.len() <= limits::RELAY_STATE);
                let answer = self.logout_response(idp, &request, relay_state, asked, cleared)?;
                let (revoke, idp) = (revoked(&idp.id, &request), idp.id.clone());
                let claim = Some((idp.clone(), request.id));
                let by = EndedBy::IdentityProvider;
                let ended = Some(Ended { person: request.name_id, idp, by });
                Ok(SignOut { revoke, claim, ended, answer })
            }
        }
    }

    /// The signed answer where there is a key and an address for it, and else a page.
    fn logout_response(
        &self,
        idp: &IdentityProvider,
        request: &Request,
        relay_state: Option<&str>,
        asked: &dyn Asked,
        cleared: Vec<String>,
    ) -> Result<Own, Refused> {
        let (id, entity_id) = (self.new_id(), self.application.entity_id());
        let sender = self.sender(&id, &entity_id);
        let (Some(logout), Some(sender)) = (&idp.metadata.logout, sender) else {
            return Ok(self.signed_out(false, asked, cleared));
        };
        let message = sender.response(&logout.responses, &request.id, relay_state)?;
        Ok(carrying(message, idp, 303, cleared, self.pages(asked), None))
    }

    fn signed_out(&self, only_here: bool, asked: &dyn Asked, cleared: Vec<String>) -> Own {
        let mut reply = Reply::page(200, self.pages(asked).signed_out(only_here));
        reply.set_cookies(cleared);
        Own::Ready(reply)
    }

    fn sender<'a>(&'a self, id: &'a str, entity_id: &'a str) -> Option<Sender<'a>> {
        let key = self.deployment.saml.as_ref().map(SpKeys::newest)?;
        Some(Sender { id, now: self.now, entity_id, key })
    }

    /// A new ID for a message of ours: an NCName, which must not begin with a digit or a dash.
    pub(super) fn new_id(&self) -> String {
        let [random, _, _] = self.random_parts();
        format!("_{}", URL_SAFE_NO_PAD.encode(random))
    }
}

/// The named sessions, or every one of the subject (SAML core 3.7.1).
fn revoked(idp: &str, request: &Request) -> Vec<Revoked> {
    let name_id = &request.name_id;
    if request.session_indexes.is_empty() {
        return vec![Revoked::subject(idp, name_id)];
    }
    request.session_indexes.iter().map(|index| Revoked::index(idp, name_id, index)).collect()
}

/// What the log says of a person who signs out here.
fn ended_here(session: &Session) -> Ended {
    let subject = session.subject();
    Ended { person: subject.shown().to_owned(), idp: subject.idp.clone(), by: EndedBy::Person }
}

/// `Set-Cookie` values that clear whatever is ours.
fn cleared(asked: &dyn Asked) -> Vec<String> {
    cookies::clear(&asked.header("cookie").unwrap_or_default(), cookies::is_ours)
}
