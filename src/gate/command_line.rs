//! The sign-in of the command line: a person lets it act as them, at this host and for an hour.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::hand_over::{Deposit, Taken, challenge_of, first_bytes, is_base64url};
use super::login::Start;
use super::reply::{Own, Reply};
use super::{Answer, Asked, Gate, Refused, Target, asked};
use crate::identity::UnixTime;
use crate::keys::Purpose;
use crate::limits;
use crate::records::{Decided, Issued};
use crate::refusals::Refusal;
use crate::service::hash;
use crate::session::Session;

/// The header that shows a token.
const TOKEN: &str = "x-access-token";

/// What a person is asked, sealed into the form that says yes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// Whose session it is.
    session: String,
    /// What the command line will get. A form that is sent twice gives the same one.
    code: String,
    redirect: String,
    state: String,
    challenge: String,
    made: UnixTime,
}

/// The token, sealed for whoever has the verifier.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    token: String,
    ends: UnixTime,
    challenge: String,
    made: UnixTime,
}

/// The command line exchanges a code.
#[derive(Debug)]
pub struct Exchange {
    /// What the ledger keeps the deposit under: let it be taken, then [`Gate::exchange`].
    pub key: String,
    verifier: String,
}

/// Reads the code and the verifier of a posted form.
pub fn read_exchange(content_type: Option<&str>, body: &[u8]) -> Result<Exchange, Refusal> {
    let code = field(content_type, body, "code")?;
    Ok(Exchange { key: hash(&code), verifier: field(content_type, body, "verifier")? })
}

impl Gate<'_> {
    /// The session of the token that a request shows. A bad one is refused, whatever else there is.
    pub(super) fn shown(&self, asked: &dyn Asked) -> Result<Option<Session>, Refusal> {
        if !asked.has(TOKEN) {
            return Ok(None);
        }
        let token = asked.header(TOKEN).unwrap_or_default();
        let (seal, application) = (&self.deployment.seal, self.application);
        Session::of_token(seal, &application.host, &token, self.now)
            .filter(|session| application.takes(session, self.revocations, self.now))
            .map(Some)
            .ok_or(Refusal::AccessTokenRefused)
    }

    /// Asks the person who is signed in whether the command line may act as them.
    pub(super) fn ask_for_command_line(
        &self,
        asked: &dyn Asked,
        target: &Target,
        session: Option<&Session>,
    ) -> Result<Answer, Refused> {
        if !asked::is_navigation(asked) {
            return Err(Refusal::SignInNeeded.into());
        }
        let given = |name| target.parameter(name).ok_or(Refusal::CommandLineMalformed);
        let (redirect, state, challenge) =
            (given("redirect")?, given("state")?, given("challenge")?);
        let is_well_formed =
            is_loopback(&redirect) && is_base64url(&state, 16) && is_base64url(&challenge, 32);
        if !is_well_formed {
            return Err(Refusal::CommandLineMalformed.into());
        }
        let Some(session) = session else {
            let start = Start { to: &target.path_and_query(), ..Start::default() };
            return self.send_to_sign_in(&start, asked, Decided::default());
        };
        let [code, nonce, _] = self.random_parts();
        let (code, id, made) = (URL_SAFE_NO_PAD.encode(code), session.id().to_owned(), self.now);
        let question = Question { session: id, code, redirect, state, challenge, made };
        let plain = serde_json::to_vec(&question).or(Err(Refusal::Broken))?;
        let (seal, host) = (&self.deployment.seal, &self.application.host);
        let nonce = first_bytes(&nonce);
        let sealed = seal.seal(Purpose::Question, host, nonce, self.now, &plain)?;
        let page = self.pages(asked).command_line(session.subject().shown(), &sealed);
        Ok(Answer::Own(Own::Ready(Reply::page(200, page))))
    }

    /// The person has said yes: what the ledger is to keep, and the page that leads back to the
    /// command line. Only our own page can have asked, this session and a moment ago.
    pub fn allow_command_line(
        &self,
        asked: &dyn Asked,
        body: &[u8],
    ) -> Result<(Deposit, Reply), Refused> {
        let site = asked.header("sec-fetch-site");
        let is_ours = match site.as_deref() {
            Some(site) => site == "same-origin",
            None => asked.header("origin").is_some_and(|origin| origin == self.application.base),
        };
        let cookie_header = asked.header("cookie").unwrap_or_default();
        let session = self.session(&cookie_header).filter(|_| is_ours);
        let session = session.ok_or(Refusal::CommandLineForged)?;
        let sealed = field(asked.header("content-type").as_deref(), body, "question")?;
        let (seal, host) = (&self.deployment.seal, &self.application.host);
        let question = seal.open(Purpose::Question, host, &sealed);
        let question = question.and_then(|plain| serde_json::from_slice(&plain).ok());
        let Question { session: id, code, redirect, state, challenge, made } =
            question.ok_or(Refusal::CommandLineForged)?;
        let age = self.now.saturating_sub(made);
        if id != session.id() || !(0..limits::LOGIN_SECONDS).contains(&age) {
            return Err(Refusal::CommandLineForged.into());
        }
        let [nonce, token_nonce, _] = self.random_parts();
        let ends = session.ends().min(self.now.saturating_add(limits::TOKEN_SECONDS));
        let token = session.token(seal, host, first_bytes(&token_nonce), self.now, ends)?;
        let given = Given { token, ends, challenge, made: self.now };
        let plain = serde_json::to_vec(&given).or(Err(Refusal::Broken))?;
        let deposit = Deposit {
            host: host.clone(),
            key: hash(&code),
            sealed: seal.seal(Purpose::Given, host, first_bytes(&nonce), self.now, &plain)?,
            // As long as the form can be sent, so that it counts once.
            until: made.saturating_add(limits::LOGIN_SECONDS + limits::HAND_OVER_SECONDS),
        };
        let url = format!("{redirect}?code={code}&state={state}");
        Ok((deposit, Reply::going_on(self.pages(asked).going_on("vestibule", &url, false), false)))
    }

    /// Gives the command line its token for the code and the verifier; with the log line.
    pub fn exchange(&self, exchange: &Exchange, taken: Taken) -> Result<(Reply, Issued), Refused> {
        let Taken::Deposit(sealed) = taken else {
            return Err(Refusal::CommandLineCodeRefused.into());
        };
        let (seal, host) = (&self.deployment.seal, &self.application.host);
        let plain = seal.open(Purpose::Given, host, &sealed);
        let given = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        let Given { token, ends, challenge, made } =
            given.ok_or(Refusal::CommandLineCodeRefused)?;
        let age = self.now.saturating_sub(made);
        let is_fresh = (0..limits::HAND_OVER_SECONDS).contains(&age);
        if !is_fresh || challenge != challenge_of(&exchange.verifier) {
            return Err(Refusal::CommandLineCodeRefused.into());
        }
        let session = Session::of_token(seal, host, &token, self.now);
        let session = session.ok_or(Refusal::CommandLineCodeRefused)?;
        let subject = session.subject();
        let (person, idp) = (subject.shown().to_owned(), subject.idp.clone());
        let reply = Reply::json(200, &json!({ "token": token, "ends": ends }));
        Ok((reply, Issued { person, idp, until: ends }))
    }
}

/// Whether a URL leads to this very computer, by its number: a name may lead elsewhere.
fn is_loopback(url: &str) -> bool {
    let rest = url.strip_prefix("http://127.0.0.1:").or(url.strip_prefix("http://[::1]:"));
    let port = rest.and_then(|rest| rest.strip_suffix('/'));
    port.is_some_and(|port| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|n| n > 0)
    })
}

/// The one field of this name in a posted form.
fn field(content_type: Option<&str>, body: &[u8], name: &str) -> Result<String, Refusal> {
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::CommandLineMalformed);
    }
    let mut values = form_urlencoded::parse(body).filter(|(known, _)| known == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Ok(value.into_owned()),
        _ => Err(Refusal::CommandLineMalformed),
    }
}
