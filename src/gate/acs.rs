//! The assertion consumer service: from a posted form to a session.

use std::net::{IpAddr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::login::LoginState;
use super::reply::{Refused, Reply};
use super::{Asked, Gate};
use crate::cookies::{self, LOGIN, SESSION};
use crate::dsig;
use crate::limits;
use crate::refusals::Refusal;
use crate::saml::response::{Accepted, Expected, Received, accept, receive};
use crate::saml::sealed::Sealed;
use crate::session::Session;

/// The two fields of a posted response (SAML bindings 3.5.4).
#[derive(Debug)]
pub struct Form {
    saml_response: String,
    relay_state: Option<String>,
}

/// Reads the body of a POST. Every field at most once, and the size before all else (SEC-01,
/// SEC-02).
pub fn read_form(content_type: Option<&str>, body: &[u8]) -> Result<Form, Refusal> {
    if body.len() > limits::FORM_BODY {
        return Err(Refusal::FormTooLarge);
    }
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::FormMalformed);
    }
    let (mut saml_response, mut relay_state) = (None, None);
    for (name, value) in form_urlencoded::parse(body) {
        let field = match &*name {
            "SAMLResponse" => &mut saml_response,
            "RelayState" => &mut relay_state,
            "SAMLRequest" => return Err(Refusal::FormMalformed),
            // Some identity providers add fields of their own.
            _ => continue,
        };
        if field.replace(value.into_owned()).is_some() {
            return Err(Refusal::FormMalformed);
        }
    }
    let saml_response = saml_response.ok_or(Refusal::FormMalformed)?;
    if saml_response.len() > limits::SAML_FIELD {
        return Err(Refusal::FormTooLarge);
    }
    Ok(Form { saml_response, relay_state })
}

/// A verified response that may be used if it is the first time: the ledger knows.
#[derive(Debug)]
pub struct Claim {
    accepted: Accepted,
    state: LoginState,
    handle: String,
}

impl Claim {
    /// Id of the identity provider; the ledger keeps one book for each.
    pub fn idp(&self) -> &str {
        &self.state.idp
    }

    /// What must not be in the ledger yet: the assertion and the request it answers (SEC-27).
    pub fn keys(&self) -> [String; 2] {
        [
            format!("assertion {}", self.accepted.assertion_id),
            format!("request {}", self.state.request_id),
        ]
    }

    /// Until when the ledger has to remember: past the end of the assertion and of the login state.
    pub fn until(&self) -> i64 {
        self.accepted.expires.max(self.state.started.saturating_add(limits::LOGIN_SECONDS))
    }
}

/// A response in order, and what is to be done with it.
#[derive(Debug)]
pub enum Posted {
    /// Ask the ledger, then [`Gate::begin`].
    Claim(Claim),
    /// Decrypt its content key, then [`Gate::open`].
    Sealed(SealedClaim),
}

/// A response whose assertion is encrypted.
#[derive(Debug)]
pub struct SealedClaim {
    /// The response.
    pub sealed: Box<Sealed>,
    state: LoginState,
    handle: String,
}

impl SealedClaim {
    /// Whose tries are counted where the ciphertext can be changed unseen: an address or, of
    /// IPv6, the network of a household, at one identity provider.
    pub fn limited_as(&self, ip: Option<IpAddr>) -> Option<String> {
        let whose = ip.map(|ip| match ip {
            IpAddr::V4(_) => ip.to_string(),
            IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip) >> 64 << 64).to_string(),
        });
        let whose = whose.unwrap_or_default();
        self.sealed.is_malleable().then(|| format!("{} {whose}", self.state.idp))
    }
}

impl Gate<'_> {
    /// Verifies a posted response against the sign-in that this browser began.
    pub fn receive(&self, form: &Form, asked: &dyn Asked) -> Result<Posted, Refused> {
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let handle = form.relay_state.clone().ok_or(Refusal::LoginStateMissing)?;
        let (seal, host) = (&self.deployment.seal, &self.application.host);
        let state = LoginState::open(seal, host, &cookie_header, &handle, self.now)
            .ok_or(Refusal::LoginStateMissing)?;
        let xml = dsig::base64::decode(&form.saml_response).ok_or(Refusal::Base64Malformed)?;
        let received = self.expecting(&state, |expected| match self.deployment.saml {
            Some(_) => receive(&xml, expected),
            None => Ok(Received::Accepted(Box::new(accept(&xml, expected)?))),
        })?;
        Ok(match received {
            Received::Accepted(accepted) => {
                Posted::Claim(Claim { accepted: *accepted, state, handle })
            }
            Received::Sealed(sealed) => Posted::Sealed(SealedClaim { sealed, state, handle }),
        })
    }

    /// Opens an encrypted assertion with what RSA gave for its content key, if anything.
    pub fn open(&self, claim: SealedClaim, content_key: Option<&[u8]>) -> Result<Claim, Refused> {
        let SealedClaim { sealed, state, handle } = claim;
        let decoy = (self.random)().first_chunk().copied().unwrap_or_default();
        let accepted =
            self.expecting(&state, |expected| sealed.open(content_key, &decoy, expected))?;
        Ok(Claim { accepted, state, handle })
    }

    fn expecting<T>(
        &self,
        state: &LoginState,
        check: impl FnOnce(&Expected<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refused> {
        let (entity_id, acs) = (self.application.entity_id(), self.application.acs());
        Ok(check(&Expected {
            idp: self.application.idp(Some(&state.idp))?,
            entity_id: &entity_id,
            acs: &acs,
            request_id: &state.request_id,
            forced_at: state.forced.then_some(state.started),
            now: self.now,
        })?)
    }

    /// Begins the session, where the ledger says that it is the first time.
    pub fn begin(&self, claim: Claim, first: bool, asked: &dyn Asked) -> Result<Reply, Refused> {
        if !first {
            return Err(Refusal::Replayed.into());
        }
        let Claim { accepted, state, handle } = claim;
        let [id, nonce, _] = self.random_parts();
        let ends = self.now.saturating_add(self.application.policy.max_age());
        let ends = accepted.session_not_on_or_after.map_or(ends, |end| end.min(ends));
        let session = Session::begin(URL_SAFE_NO_PAD.encode(id), accepted.subject, self.now, ends);
        let nonce = nonce.first_chunk().copied().unwrap_or_default();
        let host = &self.application.host;
        let set = session.seal(&self.deployment.seal, host, nonce, self.now)?;

        // 303: the browser must not post the response on (RFC 9110 15.4.4).
        let mut reply = Reply::redirect(303, state.to);
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let login = format!("{LOGIN}{handle}");
        let renewed: Vec<_> = set.iter().filter_map(|cookie| cookie.split('=').next()).collect();
        reply.set_cookies(cookies::clear(&cookie_header, |name| {
            let old_part = name.starts_with(SESSION) && !name.starts_with(LOGIN);
            name == login || (old_part && cookies::is_ours(name) && !renewed.contains(&name))
        }));
        reply.set_cookies(set.clone());
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=utf-8");

    #[test]
    fn form_malformed() {
        for (content_type, body) in [
            (None, "SAMLResponse=x"),
            (Some("text/plain"), "SAMLResponse=x"),
            (Some("multipart/form-data; boundary=x"), "SAMLResponse=x"),
            (FORM, ""),
            (FORM, "RelayState=x"),
            (FORM, "SAMLResponse=x&SAMLResponse=x"),
            (FORM, "SAMLResponse=x&%53AMLResponse=y"),
            (FORM, "SAMLResponse=x&RelayState=a&RelayState=b"),
            (FORM, "SAMLResponse=x&SAMLRequest=y"),
        ] {
            let read = read_form(content_type, body.as_bytes());
            assert_eq!(read.err(), Some(Refusal::FormMalformed), "{body}");
        }
        assert!(read_form(FORM, b"SAMLResponse=x&RelayState=y&wctx=z").is_ok());
    }

    #[test]
    fn form_too_large() {
        let field = "x".repeat(limits::SAML_FIELD + 1);
        let read = read_form(FORM, format!("SAMLResponse={field}").as_bytes());
        assert_eq!(read.err(), Some(Refusal::FormTooLarge));
        let body = vec![b'x'; 10_000_000];
        assert_eq!(read_form(FORM, &body).err(), Some(Refusal::FormTooLarge));
    }
}
