//! The assertion consumer service: from a posted form to a session.

use std::net::IpAddr;
use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::begun::{Begun, Came};
use super::form::Form;
use super::hand_over::first_bytes;
use super::login::{LoginState, Start};
use super::reply::Own;
use super::{Asked, Gate, Refused, counted};
use crate::cookies::LOGIN;
use crate::limits;
use crate::records::SignedIn;
use crate::refusals::Refusal;
use crate::saml::binding::Field;
use crate::saml::response::{Accepted, Expected, Received, accept, receive, unsolicited_issuer};
use crate::saml::sealed::Sealed;
use crate::session::{Root, Session};
use crate::xml::decode_base64;

/// What a posted response comes to.
#[derive(Debug)]
pub enum Posted {
    /// A session, if it is the first time: let the ledger say so, then [`Gate::begin`].
    Claim(Box<Claim>),
    /// Its assertion is encrypted: decrypt the content key, then [`Gate::open`].
    Sealed(Box<SealedClaim>),
    /// Nobody asked for it: the person is sent to a sign-in of our own.
    Own(Own),
}

/// The sign-in that a response may end.
#[derive(Debug)]
struct SignIn {
    idp: String,
    to: String,
    /// The state of this browser, and the handle of its cookie; none where nobody asked.
    answers: Option<(LoginState, String)>,
}

/// A verified response that may be used if it is the first time: the ledger knows.
#[derive(Debug)]
pub struct Claim {
    accepted: Accepted,
    sign_in: SignIn,
}

impl Claim {
    /// Id of the identity provider; the ledger keeps one book for each.
    pub fn idp(&self) -> &str {
        &self.sign_in.idp
    }

    /// Where the sign-in leads.
    pub fn to(&self) -> &str {
        &self.sign_in.to
    }

    /// What the log says of it.
    pub fn signed_in(&self) -> SignedIn {
        let answers = self.sign_in.answers.as_ref();
        SignedIn {
            person: self.accepted.subject.shown().to_owned(),
            idp: self.sign_in.idp.clone(),
            assertion: self.accepted.assertion_id.clone(),
            answers: answers.map(|(state, _)| state.request_id.clone()),
            groups_dropped: None,
        }
    }

    /// What must not be in the ledger yet: the assertion and the request it answers (SEC-27).
    pub fn keys(&self) -> Vec<String> {
        let assertion = format!("assertion {}", self.accepted.assertion_id);
        let answers = self.sign_in.answers.as_ref();
        let request = answers.map(|(state, _)| format!("request {}", state.request_id));
        [assertion].into_iter().chain(request).collect()
    }

    /// Until when the ledger has to remember: past the end of the assertion and of the login state.
    pub fn until(&self) -> i64 {
        let ends =
            |(state, _): &(LoginState, String)| state.started.saturating_add(limits::LOGIN_SECONDS);
        self.accepted.expires.max(self.sign_in.answers.as_ref().map_or(0, ends))
    }
}

/// A response whose assertion is encrypted.
#[derive(Debug)]
pub struct SealedClaim {
    /// The response.
    pub sealed: Box<Sealed>,
    sign_in: SignIn,
}

impl SealedClaim {
    /// Whose tries are counted where the ciphertext can be changed unseen, at one identity provider.
    pub fn limited_as(&self, ip: Option<IpAddr>) -> Option<String> {
        self.sealed.is_malleable().then(|| counted(&self.sign_in.idp, ip))
    }
}

impl Gate<'_> {
    /// Verifies a posted response against the sign-in that this browser began.
    pub fn receive(&self, form: &Form, asked: &dyn Asked) -> Result<Posted, Refused> {
        if form.field != Field::Response {
            return Err(Refusal::FormMalformed.into());
        }
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let xml = decode_base64(&form.message).ok_or(Refusal::Base64Malformed)?;
        let sign_in = match self.under_way(form, &cookie_header) {
            Some(sign_in) => sign_in,
            None => match self.unsolicited(&xml, form, asked)? {
                ControlFlow::Continue(sign_in) => sign_in,
                ControlFlow::Break(answer) => return Ok(Posted::Own(answer)),
            },
        };
        let received = self.expecting(&sign_in, |expected| match self.deployment.saml {
            Some(_) => receive(&xml, expected),
            None => Ok(Received::Accepted(Box::new(accept(&xml, expected)?))),
        })?;
        Ok(match received {
            Received::Accepted(accepted) => {
                Posted::Claim(Box::new(Claim { accepted: *accepted, sign_in }))
            }
            Received::Sealed(sealed) => Posted::Sealed(Box::new(SealedClaim { sealed, sign_in })),
        })
    }

    /// The sign-in of this browser that the form's RelayState names.
    fn under_way(&self, form: &Form, cookie_header: &str) -> Option<SignIn> {
        let handle = form.relay_state.as_deref()?;
        let (seal, host) = (&self.deployment.seal, &self.application.host);
        let state = LoginState::open(seal, host, cookie_header, handle, self.now)?;
        let (idp, to) = (state.idp.clone(), state.to.clone());
        Some(SignIn { idp, to, answers: Some((state, handle.to_owned())) })
    }

    /// A response to no request, as a tile in the identity provider's portal sends it. It begins a
    /// session only where its provider may do that, and always at the same page; otherwise a
    /// sign-in that this browser can answer for, which ends where the tile pointed (SEC-28).
    fn unsolicited(
        &self,
        xml: &[u8],
        form: &Form,
        asked: &dyn Asked,
    ) -> Result<ControlFlow<Own, SignIn>, Refused> {
        let issuer = unsolicited_issuer(xml)?.ok_or(Refusal::LoginStateMissing)?;
        let idp = self.application.idp_of(&issuer).ok_or(Refusal::IssuerMismatch)?;
        if let Some(to) = &idp.unsolicited {
            let (idp, to) = (idp.id.clone(), to.clone());
            return Ok(ControlFlow::Continue(SignIn { idp, to, answers: None }));
        }
        let (seal, host) = (&self.deployment.seal, &self.application.host);
        let cookie_header = asked.header("cookie").unwrap_or_default();
        if LoginState::all(seal, host, &cookie_header, self.now).any(|state| state.unsolicited) {
            // The provider answers our own request with another such response: no end of it.
            return Err(Refusal::Unsolicited.into());
        }
        let wanted = form.relay_state.as_deref().unwrap_or_default();
        let to = wanted.strip_prefix(&*self.application.base).unwrap_or(wanted);
        let start = Start { idp: Some(&idp.id), to, unsolicited: true, ..Start::default() };
        self.start_sign_in(&start, asked).map(ControlFlow::Break)
    }

    /// Opens an encrypted assertion with what RSA gave for its content key, if anything.
    pub fn open(&self, claim: SealedClaim, content_key: Option<&[u8]>) -> Result<Claim, Refused> {
        let SealedClaim { sealed, sign_in } = claim;
        let decoy = (self.random)().first_chunk().copied().unwrap_or_default();
        let accepted =
            self.expecting(&sign_in, |expected| sealed.open(content_key, &decoy, expected))?;
        Ok(Claim { accepted, sign_in })
    }

    fn expecting<T>(
        &self,
        sign_in: &SignIn,
        check: impl FnOnce(&Expected<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refused> {
        let state = sign_in.answers.as_ref().map(|(state, _)| state);
        let expected = Expected {
            idp: self.application.idp(&sign_in.idp)?,
            entity_id: &self.application.entity_id(),
            acs: &self.application.acs(),
            request_id: state.map(|state| state.request_id.as_str()),
            forced_at: state.filter(|state| state.forced).map(|state| state.started),
            now: self.now,
            trail: None,
        };
        check(&expected).map_err(|refusal| Refused::from(refusal).on_the_way_to(&sign_in.to))
    }

    /// Begins the session, where the ledger says that it is the first time.
    pub fn begin(&self, claim: Claim, first: bool, asked: &dyn Asked) -> Result<Begun, Refused> {
        let to = claim.to().to_owned();
        let begun = if first { self.begun(claim, asked) } else { Err(Refusal::Replayed) };
        begun.map_err(|refusal| Refused::from(refusal).on_the_way_to(&to))
    }

    fn begun(&self, claim: Claim, asked: &dyn Asked) -> Result<Begun, Refusal> {
        let Claim { accepted, sign_in: SignIn { to, answers, .. } } = claim;
        let [id, root, nonce] = self.random_parts();
        let ends = self.now.saturating_add(self.application.policy.max_age());
        let ends = accepted.session_not_on_or_after.map_or(ends, |end| end.min(ends));
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let (seal, host) = (&self.deployment.seal, &self.application.host);
        let root = Root::of_browser(seal, host, &cookie_header)
            .unwrap_or_else(|| Root { host: host.clone(), id: URL_SAFE_NO_PAD.encode(root) });
        let [root_nonce, ..] = self.random_parts();
        let set_root = root.seal(seal, first_bytes(&root_nonce), self.now)?;
        let id = URL_SAFE_NO_PAD.encode(id);
        let session = Session::begin(id, root, accepted.subject, self.now, ends);
        let session = self.revocations.begin(session, self.now)?;
        let rounds = answers.as_ref().map_or(0, |(state, _)| state.rounds);
        let keeps_fragment = answers.as_ref().is_some_and(|(state, _)| state.keeps_fragment);
        let login = answers.map(|(_, handle)| format!("{LOGIN}{handle}"));
        let came = Came { to, rounds, login: login.as_deref(), keeps_fragment };
        let mut begun = self.signed_in(&session, &nonce, came, &cookie_header)?;
        begun.reply.set_cookies([set_root]);
        Ok(begun)
    }
}
