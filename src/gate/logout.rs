//! Signing out: here, and everywhere through the identity provider (SAML profiles 4.4).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Gate;
use super::acs::Form;
use super::reply::{Refused, Reply};
use crate::cookies;
use crate::pages;
use crate::refusals::Refusal;
use crate::revocations::Revoked;
use crate::saml::binding::SignedQuery;
use crate::saml::idp::IdentityProvider;
use crate::saml::logout::{Arrived, Expected, Message, Request, Sender, accept};
use crate::saml::sp_keys::SpKeys;
use crate::session::Session;
use crate::{dsig, limits};

/// Somebody signs out: the ledger stamps what ends, and then comes the answer.
#[derive(Debug)]
pub struct SignOut {
    /// What ends.
    pub revoke: Vec<Revoked>,
    /// The identity provider's request, by its id and the request's own, which counts once.
    pub claim: Option<(String, String)>,
    /// The answer, which clears our cookies.
    pub reply: Reply,
}

impl Gate<'_> {
    /// Ends the session of this browser, and the one at the identity provider where that takes
    /// part and we have a key.
    pub(super) fn sign_out(
        &self,
        session: Option<&Session>,
        cookie_header: &str,
    ) -> Result<SignOut, Refused> {
        let mut reply = match session.map(|session| self.logout_request(session)).transpose()? {
            Some(Some(reply)) => reply,
            _ => Reply::page(200, pages::signed_out(true)),
        };
        reply.set_cookies(cookies::clear(cookie_header, cookies::is_ours));
        let revoke = session.map(|session| Revoked::session(session.id())).into_iter().collect();
        Ok(SignOut { revoke, claim: None, reply })
    }

    fn logout_request(&self, session: &Session) -> Result<Option<Reply>, Refused> {
        let subject = session.subject();
        let Ok(idp) = self.application.idp(Some(&subject.idp)) else { return Ok(None) };
        let Some(logout) = &idp.metadata.logout else { return Ok(None) };
        let id = self.new_id();
        let entity_id = self.application.entity_id();
        let Some(sender) = self.sender(&id, &entity_id) else { return Ok(None) };
        let format = subject.name_id_format.as_deref();
        let index = subject.session_index.as_deref();
        let carried = sender.request(&logout.requests, &subject.name_id, format, index)?;
        Ok(Some(Reply::carrying(carried, &idp.name)))
    }

    /// Takes a logout message from a query.
    pub(super) fn slo_query(&self, query: &str, cookies: &str) -> Result<SignOut, Refused> {
        let query = SignedQuery::read(query)?;
        let relay_state = query.relay_state.clone();
        self.slo(&Arrived::Query(query), relay_state.as_deref(), cookies)
    }

    /// Takes a logout message from a posted form.
    pub fn slo_form(&self, form: &Form, cookie_header: &str) -> Result<SignOut, Refused> {
        let xml = dsig::base64::decode(&form.message).ok_or(Refusal::Base64Malformed)?;
        let mut sign_out =
            self.slo(&Arrived::Form(form.field, xml), form.relay_state.as_deref(), cookie_header)?;
        sign_out.reply.after_post();
        Ok(sign_out)
    }

    /// `relay_state` goes back as it came (SAML bindings 3.4.3).
    fn slo(
        &self,
        arrived: &Arrived,
        relay_state: Option<&str>,
        cookie_header: &str,
    ) -> Result<SignOut, Refused> {
        let expected =
            Expected { idps: self.application.idps(), slo: &self.application.slo(), now: self.now };
        let relay_state =
            relay_state.filter(|relay_state| relay_state.len() <= limits::RELAY_STATE);
        let (revoke, claim, mut reply) = match accept(arrived, &expected)? {
            Message::Response(_, everywhere) => {
                (Vec::new(), None, Reply::page(200, pages::signed_out(!everywhere)))
            }
            Message::Request(idp, request) => {
                let reply = self.logout_response(idp, &request, relay_state)?;
                (ended(&idp.id, &request), Some((idp.id.clone(), request.id)), reply)
            }
        };
        reply.set_cookies(cookies::clear(cookie_header, cookies::is_ours));
        Ok(SignOut { revoke, claim, reply })
    }

    /// The signed answer where there is a key and an address for it, and else a page.
    fn logout_response(
        &self,
        idp: &IdentityProvider,
        request: &Request,
        relay_state: Option<&str>,
    ) -> Result<Reply, Refused> {
        let (id, entity_id) = (self.new_id(), self.application.entity_id());
        match (&idp.metadata.logout, self.sender(&id, &entity_id)) {
            (Some(logout), Some(sender)) => {
                let carried = sender.response(&logout.responses, &request.id, relay_state)?;
                Ok(Reply::carrying(carried, &idp.name))
            }
            _ => Ok(Reply::page(200, pages::signed_out(false))),
        }
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
fn ended(idp: &str, request: &Request) -> Vec<Revoked> {
    let name_id = &request.name_id;
    if request.session_indexes.is_empty() {
        return vec![Revoked::subject(idp, name_id)];
    }
    request.session_indexes.iter().map(|index| Revoked::index(idp, name_id, index)).collect()
}
