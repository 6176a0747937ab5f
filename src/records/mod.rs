//! The log: one JSON object a line, for every decision and every event. `docs/records.md` says what
//! the members mean, `schemas/record.schema.json` what shape a line has.
//!
//! No line holds a query, a header, a cookie, a secret or a message of SAML.

mod decision;
mod events;

pub use decision::{Candidate, Decided, Decision, Request};
pub use events::{Collected, Ended, EndedBy, HandedOver, Issued, Published, Refreshed, SignedIn};

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};

use crate::identity::UnixTime;
use crate::refusals::Refusal;
use crate::saml::idp::Legacy;

/// What is logged. The members of a line are those of its variant, and `time`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<'a> {
    /// A request goes to the application.
    Allowed(Decision<'a>),
    /// A person is sent to the identity provider first.
    SignIn(Decision<'a>),
    /// The gate says no, by the policy or for any other reason.
    Refused {
        /// What leads from the answer to this line.
        reference: &'a str,
        /// The code of the refusal.
        code: &'static str,
        /// What it means.
        cause: &'static str,
        /// What is missing, or the rule's own words; may be empty.
        detail: &'a str,
        /// The decision, as far as it came to one.
        #[serde(flatten)]
        decision: Decision<'a>,
    },
    /// A session begins.
    SignedIn {
        /// What was asked.
        #[serde(flatten)]
        request: Request<'a>,
        /// Who signed in, and by what.
        #[serde(flatten)]
        signed_in: &'a SignedIn,
    },
    /// An auth host hands a session over to another host.
    HandedOver {
        /// What was asked.
        #[serde(flatten)]
        request: Request<'a>,
        /// Whose, and where to.
        #[serde(flatten)]
        handed_over: &'a HandedOver,
    },
    /// A session begins of one that an auth host handed over.
    Collected {
        /// What was asked.
        #[serde(flatten)]
        request: Request<'a>,
        /// Whose, and from where.
        #[serde(flatten)]
        collected: &'a Collected,
    },
    /// The command line gets a token, with which it acts as a person.
    TokenIssued {
        /// What was asked.
        #[serde(flatten)]
        request: Request<'a>,
        /// Whose.
        #[serde(flatten)]
        issued: &'a Issued,
    },
    /// Sessions end because somebody signs out.
    SignedOut {
        /// What was asked.
        #[serde(flatten)]
        request: Request<'a>,
        /// Whose they were.
        #[serde(flatten)]
        ended: &'a Ended,
    },
    /// An isolate decides by this release of a host's document from now on.
    ReleaseSeen {
        /// The host.
        host: &'a str,
        /// The release; none where the document was stored without one.
        #[serde(flatten)]
        release: Option<Published<'a>>,
    },
    /// An isolate knows from now on what an administrator has ended.
    RevocationSeen {
        /// Whose sessions: a person's, `host/<host>` or `everybody`; or `token/<digest>` of a service.
        whose: &'a str,
        /// Those that began then or earlier are over.
        #[serde(serialize_with = "rfc3339")]
        at: UnixTime,
    },
    /// An isolate works with these keys, by their ids.
    Keys {
        /// Of `SEAL_KEYS`.
        seal: Vec<String>,
        /// Of `SIGN_KEYS`.
        sign: Vec<&'a str>,
    },
    /// What was read last stays in force: the store fails, or holds something unusable.
    LastGoodKept {
        /// The host.
        host: &'a str,
        /// The code of the refusal that it would be if nothing had been read before.
        code: &'static str,
        /// What is unusable.
        detail: &'a str,
    },
    /// A stored document can't be used, and the rest works without it.
    Unusable {
        /// The host.
        host: &'a str,
        /// Its key in the store.
        key: &'a str,
        /// What is wrong.
        detail: &'a str,
    },
    /// An identity provider counts although something about it is weak.
    LegacyAccepted {
        /// The host.
        host: &'a str,
        /// Which one.
        idp: &'a str,
        /// What is let in.
        legacy: &'a BTreeSet<Legacy>,
    },
    /// The metadata of an identity provider was fetched anew.
    IdpRefresh {
        /// Which one; empty where they can't be listed.
        idp: &'a str,
        /// What came of it.
        #[serde(flatten)]
        outcome: Refreshed<'a>,
    },
    /// Something about an identity provider ends or breaks soon.
    IdpWarning {
        /// Which one.
        idp: &'a str,
        /// The code of the warning.
        code: &'a str,
        /// It in words.
        detail: &'a str,
    },
    /// The runtime, a binding or the application's server fails.
    Fault {
        /// What fails.
        what: &'a str,
        /// In its own words.
        detail: &'a str,
    },
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Everything goes its way.
    Info,
    /// Somebody should look at it some day.
    Warning,
    /// Somebody should look at it now.
    Error,
}

impl Event<'_> {
    /// The line, of this time.
    pub fn line(&self, time: UnixTime) -> Result<String, Refusal> {
        serde_json::to_string(&Line { time, event: self }).or(Err(Refusal::Broken))
    }

    /// What is counted of a decision: host, event, code, rule and method. Nothing of it is about a
    /// person.
    pub fn point(&self) -> Option<[&str; 5]> {
        let (event, code, Decision { request, decided }) = match self {
            Event::Allowed(decision) => ("allowed", "", decision),
            Event::SignIn(decision) => ("sign-in", "", decision),
            Event::Refused { code, decision, .. } => ("refused", *code, decision),
            _ => return None,
        };
        let rule = decided.rule.as_deref().unwrap_or_default();
        Some([request.host, event, code, rule, request.method])
    }

    /// How much it matters.
    pub fn level(&self) -> Level {
        match self {
            Event::LastGoodKept { .. }
            | Event::Unusable { .. }
            | Event::Fault { .. }
            | Event::IdpRefresh { outcome: Refreshed::Failed { .. }, .. } => Level::Error,
            Event::LegacyAccepted { .. }
            | Event::IdpWarning { .. }
            | Event::IdpRefresh { outcome: Refreshed::Taken { .. }, .. }
            | Event::IdpRefresh { outcome: Refreshed::Proposed { .. }, .. } => Level::Warning,
            _ => Level::Info,
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(serialize_with = "rfc3339")]
    time: UnixTime,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

fn rfc3339<S: Serializer>(time: &UnixTime, serializer: S) -> Result<S::Ok, S::Error> {
    let time = DateTime::from_timestamp(*time, 0).unwrap_or_default();
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
