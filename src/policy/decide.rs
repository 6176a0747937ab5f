//! The decision.

use std::net::IpAddr;

use serde::Serialize;

use super::document::{Policy, Rule};
use super::judge::{Answer, Judgement, judge};
use super::path::CanonicalPath;
use super::trace::Silent;
use crate::identity::{Facts, Subject, UnixTime};
use crate::refusals::Refusal;
use crate::service::Service;

/// The request, as far as a policy may look at it. There is no query and no header here, because a
/// client chooses those.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method as received.
    pub method: &'a str,
    /// The path.
    pub path: &'a CanonicalPath,
    /// Where it comes from.
    pub ip: Option<IpAddr>,
    /// Its country, two capitals.
    pub country: Option<&'a str>,
    /// Its autonomous system.
    pub asn: Option<u32>,
    /// The client certificate, only if the edge has verified it.
    pub client_certificate: Option<ClientCertificate<'a>>,
    /// The time.
    pub now: UnixTime,
}

/// A client certificate that the edge has verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientCertificate<'a> {
    /// Distinguished name of the issuer.
    pub issuer: &'a str,
    /// Distinguished name of the holder.
    pub subject: &'a str,
    /// SHA-256 of the certificate, in hexadecimal.
    pub sha256: &'a str,
}

impl<'a> Request<'a> {
    /// A request of which only the method, the path and the time are known.
    pub fn new(method: &'a str, path: &'a CanonicalPath, now: UnixTime) -> Self {
        let (ip, country, asn, client_certificate) = (None, None, None, None);
        Request { method, path, ip, country, asn, client_certificate, now }
    }
}

/// Who asks, proven.
#[derive(Clone, Copy, Debug)]
pub enum Asker<'a> {
    /// Nobody that is known.
    Nobody,
    /// A person who is signed in.
    Person(&'a Subject),
    /// A machine with a service token.
    Service(&'a Service),
}

impl<'a> From<Option<&'a Subject>> for Asker<'a> {
    fn from(subject: Option<&'a Subject>) -> Self {
        subject.map_or(Asker::Nobody, Asker::Person)
    }
}

/// Who asks, without proof: enough to explain a decision, and not to get anything.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// Nobody that is known.
    Nobody,
    /// Somebody who is signed in, and what is known of them.
    Person(&'a Facts),
    /// The id of a service.
    Service(&'a str),
}

impl<'a> From<Option<&'a Facts>> for Who<'a> {
    fn from(facts: Option<&'a Facts>) -> Self {
        facts.map_or(Who::Nobody, Who::Person)
    }
}

impl<'a> From<Asker<'a>> for Who<'a> {
    fn from(asker: Asker<'a>) -> Self {
        match asker {
            Asker::Nobody => Who::Nobody,
            Asker::Person(subject) => Who::Person(subject),
            Asker::Service(service) => Who::Service(service.id()),
        }
    }
}

/// The answer for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Hand it on to the application.
    Forward(Granted),
    /// It depends on who asks. With a subject: on how long ago they signed in, so that they have
    /// to sign in anew (`ForceAuthn`).
    SignIn(SignInNeeded),
    /// No, whoever signs in.
    Refused(Refused),
}

/// Leave to hand one request on. Only [`decide`] gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    path: CanonicalPath,
    rule: String,
    identity: bool,
    reported: Option<Reported>,
}

impl Granted {
    /// The path to send to the application.
    pub fn path(&self) -> &CanonicalPath {
        &self.path
    }

    /// The pattern of the rule, as it was written.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Whether the application is told who asks. Never for a public rule, unless it says so and
    /// somebody is signed in.
    pub fn carries_identity(&self) -> bool {
        self.identity
    }

    /// What it would be if the rules in report mode were in force, where that differs.
    pub fn reported(&self) -> Option<&Reported> {
        self.reported.as_ref()
    }
}

/// A refusal, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// [`Refusal::NotAllowed`] or [`Refusal::Denied`].
    pub refusal: Refusal,
    /// The pattern of the rule, as it was written; none where no rule covers the path.
    pub rule: Option<String>,
    /// What the rule gives as its reason.
    pub why: Option<String>,
    /// What it would be if the rules in report mode were in force, where that differs.
    pub reported: Option<Reported>,
}

/// What led to the need for a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInNeeded {
    /// The pattern of the rule, as it was written.
    pub rule: String,
    /// What it would be if the rules in report mode were in force, where that differs.
    pub reported: Option<Reported>,
}

/// What the decision would be if the rules in report mode were in force: for the log only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// The answer.
    pub verdict: Verdict,
    /// The pattern of the rule that would give it.
    pub rule: Option<String>,
}

/// A decision in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Forwarded.
    Allow,
    /// Depends on who signs in.
    SignIn,
    /// Refused.
    Deny,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Verdict::Allow => "allow",
            Verdict::SignIn => "sign-in",
            Verdict::Deny => "deny",
        })
    }
}

impl Decision {
    /// The answer in one word.
    pub fn verdict(&self) -> Verdict {
        match self {
            Decision::Forward(_) => Verdict::Allow,
            Decision::SignIn(_) => Verdict::SignIn,
            Decision::Refused(_) => Verdict::Deny,
        }
    }

    /// The pattern of the rule that gave it; none where no rule covers the path.
    pub fn rule(&self) -> Option<&str> {
        match self {
            Decision::Forward(granted) => Some(granted.rule()),
            Decision::SignIn(needed) => Some(&needed.rule),
            Decision::Refused(refused) => refused.rule.as_deref(),
        }
    }

    /// What it would be if the rules in report mode were in force, where that differs.
    pub fn reported(&self) -> Option<&Reported> {
        match self {
            Decision::Forward(granted) => granted.reported(),
            Decision::SignIn(needed) => needed.reported.as_ref(),
            Decision::Refused(refused) => refused.reported.as_ref(),
        }
    }
}

/// Decides one request.
pub fn decide<'a>(policy: &Policy, request: &Request<'_>, asker: impl Into<Asker<'a>>) -> Decision {
    let asker = asker.into();
    let Judgement { answer, reported } = judge(policy, request, asker.into(), &mut Silent);
    let written = |rule: &Rule| rule.pattern().as_str().to_owned();
    match answer {
        Answer::Forward(rule) => Decision::Forward(Granted {
            path: request.path.clone(),
            rule: written(rule),
            identity: !matches!(asker, Asker::Nobody) && rule.carries_identity(),
            reported,
        }),
        Answer::SignIn(rule) => Decision::SignIn(SignInNeeded { rule: written(rule), reported }),
        Answer::Refused(refusal, rule) => Decision::Refused(Refused {
            refusal,
            rule: rule.map(written),
            why: rule.and_then(|rule| rule.why().map(str::to_owned)),
            reported,
        }),
    }
}

/// Decides a CORS preflight that a document lets pass, by the request that it announces: it reaches
/// the application wherever somebody could be let in, and tells it nobody.
pub fn preflight(policy: &Policy, announced: &Request<'_>) -> Decision {
    match decide(policy, announced, Asker::Nobody) {
        Decision::SignIn(SignInNeeded { rule, reported }) => {
            let path = announced.path.clone();
            Decision::Forward(Granted { path, rule, identity: false, reported })
        }
        decision => decision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{
        "name": "T", "hosts": ["a.example.com"], "sign_in": { "idps": ["main"] },
        "rules": [
            { "path": "/**", "allow": "signed-in" },
            { "path": "/HR/**", "allow": { "group": "HR" }, "why": "Payroll" },
            { "path": "/fresh", "allow": { "signed_in_within": "1h" } },
            { "path": "/bare/**", "public": true },
            { "path": "/told/**", "public": "with-identity" },
            { "path": "/no", "deny": true }
        ] }"#;

    fn decided(path: &str, subject: Option<&Subject>) -> Decision {
        let policy = Policy::from_json(DOCUMENT).unwrap();
        decide(&policy, &Request::new("GET", &CanonicalPath::parse(path).unwrap(), 10_000), subject)
    }

    fn subject(groups: &[&str]) -> Subject {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        Subject::proven(Facts { groups, ..Facts::default() })
    }

    #[test]
    fn granted_carries_path_rule_and_identity() {
        let ann = subject(&["HR"]);
        let table = [
            ("//HR/%61/", Some(&ann), "/HR/a/", "/HR/**", true),
            ("/bare/x", Some(&ann), "/bare/x", "/bare/**", false),
            ("/bare/x", None, "/bare/x", "/bare/**", false),
            ("/told/x", Some(&ann), "/told/x", "/told/**", true),
            ("/told/x", None, "/told/x", "/told/**", false),
        ];
        for (raw, who, path, rule, identity) in table {
            let Decision::Forward(granted) = decided(raw, who) else { panic!("{raw}") };
            assert_eq!((granted.path().as_str(), granted.rule()), (path, rule));
            assert_eq!(granted.carries_identity(), identity, "{raw} {}", who.is_some());
        }
    }

    #[test]
    fn refused_says_which_rule_and_why() {
        let refused = |refusal, rule: &str, why: Option<&str>| {
            let (rule, why) = (Some(rule.to_owned()), why.map(str::to_owned));
            Decision::Refused(Refused { refusal, rule, why, reported: None })
        };
        let bob = subject(&["IT"]);
        let found = decided("/HR/x", Some(&bob));
        assert_eq!(found, refused(Refusal::NotAllowed, "/HR/**", Some("Payroll")));
        assert_eq!(decided("/no/x", Some(&bob)), refused(Refusal::Denied, "/no", None));
        assert_eq!(decided("/no/x", None), refused(Refusal::Denied, "/no", None));
    }

    #[test]
    fn sign_in_again() {
        let needed =
            |rule: &str| Decision::SignIn(SignInNeeded { rule: rule.to_owned(), reported: None });
        assert_eq!(decided("/fresh", Some(&subject(&[]))), needed("/fresh"));
        assert_eq!(decided("/HR", None), needed("/HR/**"));
    }
}
