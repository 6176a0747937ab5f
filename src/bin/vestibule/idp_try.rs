//! A test sign-in at a gate: `vestibule idp check https://app.example.com`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use vestibule::identity::{Email, Facts, UnixTime};
use vestibule::web_url::WebUrl;

use crate::sign_in::{self, SignIn};
use crate::web::Get;
use crate::{Answer, login};

/// Bytes of what the gate says of a session: groups and attributes are bounded.
const ANSWER: u64 = 256 * 1024;

/// What the gate says of a session.
#[derive(Deserialize)]
struct Whoami {
    subject: String,
    email: Option<Email>,
    groups: Vec<String>,
    attributes: BTreeMap<String, Vec<String>>,
    authn_context: Option<String>,
    idp: String,
    signed_in_at: UnixTime,
}

impl From<Whoami> for Facts {
    fn from(me: Whoami) -> Self {
        Facts {
            idp: me.idp,
            name_id: me.subject,
            email: me.email,
            groups: me.groups,
            attributes: me.attributes,
            authn_context: me.authn_context,
            signed_in_at: me.signed_in_at,
            ..Facts::default()
        }
    }
}

/// How it is tried.
pub struct Try<'a> {
    pub url: &'a str,
    /// Whether to open a browser.
    pub browser: bool,
    /// Documents to hold it against; without any, those in policies/ for the host.
    pub policies: &'a [PathBuf],
    pub now: UnixTime,
    pub json: bool,
}

impl Try<'_> {
    /// Signs in by the browser, and asks the gate what it made of that.
    pub fn run(&self) -> Result<Answer, String> {
        let url = WebUrl::parse(self.url)
            .map_err(|refusal| format!("{}: {}", self.url, refusal.remedy()))?;
        let token = login::sign_in(&url, self.browser)?;
        let whoami = format!("{}/.access/whoami", url.origin());
        let headers = [("X-Access-Token", token.token.as_str()), ("Accept", "application/json")];
        let get = Get { url: &whoami, headers: &headers, any_certificate: false, most: ANSWER };
        let got = get.send()?;
        if got.status != 200 {
            return Ok(Answer::No(format!("{whoami} answers {}: {}", got.status, got.text())));
        }
        let me: Whoami =
            serde_json::from_slice(&got.body).map_err(|error| format!("{whoami}: {error}"))?;
        let policies = sign_in::documents(self.policies, |policy| policy.covers_host(url.host()))?;
        let (facts, unread) = (Facts::from(me), Vec::new());
        let sign_in = SignIn { facts: &facts, unread, policies: &policies, now: self.now };
        Ok(Answer::Yes(if self.json { sign_in.json().to_string() } else { sign_in.text() }))
    }
}
