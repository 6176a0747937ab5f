//! Expectations: the tests that stand in a policy document.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use super::decide::{Request, Verdict, Who};
use super::document::Policy;
use super::explain::{Explanation, explain};
use super::language::{self, each};
use super::load;
use super::path::CanonicalPath;
use super::reader::{Members, Node, Reader};
use super::rules::optional;
use super::time;
use crate::identity::{Facts, UnixTime};
use crate::refusals::Refusal;

pub(super) const CASE: &[&str] = &[
    "as", "get", "post", "put", "patch", "delete", "method", "path", "ip", "country", "asn", "at",
    "then", "because",
];
/// Keys that give method and path in one.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];
pub(super) const PERSON: &[&str] = &[
    "email",
    "groups",
    "idp",
    "name_id",
    "attributes",
    "authn_context",
    "signed_in_ago",
    "service",
];
const VERDICTS: &[(&str, Verdict)] =
    &[("allow", Verdict::Allow), ("deny", Verdict::Deny), ("sign-in", Verdict::SignIn)];

/// One case of `expect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Who asks; nobody is signed in where there is none.
    facts: Option<Facts>,
    /// The service that asks instead of a person.
    service: Option<String>,
    signed_in_ago: i64,
    method: String,
    path: String,
    ip: Option<IpAddr>,
    country: Option<String>,
    asn: Option<u32>,
    at: Option<UnixTime>,
    then: Verdict,
    because: Option<String>,
}

/// What one expectation came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Where it stands in the document.
    pub pointer: String,
    /// Who asks for what, in one line.
    pub case: String,
    /// What was expected.
    pub expected: Verdict,
    /// What is decided.
    pub found: Verdict,
    /// The pattern of the rule that was expected to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Why it is decided so; none where the path itself is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// The code of the refusal of the path itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_refused: Option<&'static str>,
    /// Whether it is as expected.
    pub met: bool,
}

/// Runs the expectations of a document.
pub fn expectations(policy: &Policy, now: UnixTime) -> Vec<Outcome> {
    policy.expect.iter().enumerate().map(|(at, case)| case.run(policy, at, now)).collect()
}

/// The expectations of two documents, what both say once.
pub(super) fn of_both<'p>(
    old: &'p Policy,
    new: &'p Policy,
) -> impl Iterator<Item = &'p Expectation> {
    let asked =
        |case: &Expectation| Expectation { then: Verdict::Deny, because: None, ..case.clone() };
    let of_old: Vec<Expectation> = old.expect.iter().map(asked).collect();
    let only_new = new.expect.iter().filter(move |case| !of_old.contains(&asked(case)));
    old.expect.iter().chain(only_new)
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.who(), self.method, self.path)
    }
}

impl Expectation {
    /// What a document answers, whatever is expected.
    pub(super) fn verdict(&self, policy: &Policy, now: UnixTime) -> Verdict {
        self.run(policy, 0, now).found
    }

    fn run(&self, policy: &Policy, place: usize, now: UnixTime) -> Outcome {
        let now = self.at.unwrap_or(now);
        let explained = CanonicalPath::parse(&self.path).map(|path| {
            let request = Request {
                ip: self.ip,
                country: self.country.as_deref(),
                asn: self.asn,
                ..Request::new(&self.method, &path, now)
            };
            let signed_in_at = now.saturating_sub(self.signed_in_ago);
            let facts = self.facts.clone().map(|facts| Facts { signed_in_at, ..facts });
            let service = self.service.as_deref().map(Who::Service);
            explain(policy, &request, service.unwrap_or_else(|| facts.as_ref().into()))
        });
        let path_refused = explained.as_ref().err().copied().map(Refusal::code);
        let explanation = explained.ok();
        let found = explanation.as_ref().map_or(Verdict::Deny, |explained| explained.verdict);
        let rule = explanation.as_ref().and_then(|explained| explained.rule.as_ref());
        let because_met = self.because.is_none() || self.because.as_ref() == rule;
        Outcome {
            pointer: format!("/expect/{place}"),
            case: self.to_string(),
            expected: self.then,
            found,
            because: self.because.clone(),
            met: found == self.then && because_met,
            explanation,
            path_refused,
        }
    }

    fn who(&self) -> String {
        match (&self.facts, &self.service) {
            (None, Some(service)) => format!("the service {service}"),
            (None, None) => "nobody".to_owned(),
            (Some(Facts { email: Some(email), .. }), _) => email.as_str().to_owned(),
            (Some(Facts { name_id, .. }), _) if !name_id.is_empty() => name_id.clone(),
            (Some(_), _) => "somebody".to_owned(),
        }
    }
}

/// Reads the cases of `expect`.
pub(super) fn read<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    idps: &[String],
) -> Option<Vec<Expectation>> {
    let cases: Vec<_> = r.array(node)?.iter().map(|node| read_case(r, node, idps)).collect();
    cases.into_iter().collect()
}

fn read_case<'a>(r: &mut Reader<'a>, node: &Node<'a>, idps: &[String]) -> Option<Expectation> {
    let members = r.object(node, CASE)?;
    let asker = optional(&members, "as", |node| read_asker(r, node, idps));
    let target = read_target(r, node, &members);
    let ip = optional(&members, "ip", |node| read_ip(r, node));
    let country = optional(&members, "country", |node| language::read_country(r, node));
    let asn = optional(&members, "asn", |node| r.number(node));
    let at = optional(&members, "at", |node| read_instant(r, node));
    let then = r.required(&members, "then").and_then(|node| read_verdict(r, node));
    let because = optional(&members, "because", |node| r.string(node));
    let (method, path) = target?;
    let (facts, signed_in_ago, service) = match asker? {
        Some(Asker::Person(facts, ago)) => (Some(facts), ago, None),
        Some(Asker::Service(id)) => (None, 0, Some(id)),
        None => (None, 0, None),
    };
    Some(Expectation {
        facts,
        service,
        signed_in_ago,
        method,
        path,
        ip: ip?,
        country: country?,
        asn: asn?,
        at: at?,
        then: then?,
        because: because?,
    })
}

fn read_target<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    members: &Members<'a>,
) -> Option<(String, String)> {
    if let (Some(method), Some(path)) = (members.get("method"), members.get("path")) {
        let named = members.iter().any(|(key, _)| METHODS.contains(&key));
        if !named {
            return Some((r.text(method)?, r.string(path)?));
        }
    }
    let stray = ["method", "path"].iter().any(|key| members.get(key).is_some());
    let mut named = members.iter().filter(|(key, _)| METHODS.contains(key));
    let (Some((method, path)), None, false) = (named.next(), named.next(), stray) else {
        r.fault(node, "one of get, post, put, patch, delete, or both method and path");
        return None;
    };
    Some((method.to_ascii_uppercase(), r.string(path)?))
}

/// Who asks: a person with how long ago they signed in, or a service.
enum Asker {
    Person(Facts, i64),
    Service(String),
}

fn read_asker<'a>(r: &mut Reader<'a>, node: &Node<'a>, idps: &[String]) -> Option<Asker> {
    let members = r.object(node, PERSON)?;
    if let Some(service) = members.get("service") {
        if members.len() > 1 {
            r.fault(node, "a service alone, or facts about a person");
            return None;
        }
        return load::read_id(r, service).map(Asker::Service);
    }
    let known: Vec<&str> = idps.iter().map(String::as_str).collect();
    let email = optional(&members, "email", |node| language::read_email(r, node));
    let groups = optional(&members, "groups", |node| read_texts(r, node));
    let idp = optional(&members, "idp", |node| r.word(node, &known));
    let name_id = optional(&members, "name_id", |node| r.text(node));
    let attributes = optional(&members, "attributes", |node| read_attributes(r, node));
    let authn_context = optional(&members, "authn_context", |node| r.text(node));
    let ago = optional(&members, "signed_in_ago", |node| language::read_duration(r, node));
    let facts = Facts {
        idp: idp?.or(known.first().copied()).unwrap_or_default().to_owned(),
        name_id: name_id?.unwrap_or_default(),
        email: email?,
        groups: groups?.unwrap_or_default(),
        attributes: attributes?.unwrap_or_default(),
        authn_context: authn_context?,
        ..Facts::default()
    };
    Some(Asker::Person(facts, ago?.unwrap_or(0)))
}

fn read_texts<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Vec<String>> {
    let texts: Vec<_> = r.array(node)?.iter().map(|node| r.text(node)).collect();
    texts.into_iter().collect()
}

fn read_attributes<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
) -> Option<BTreeMap<String, Vec<String>>> {
    let members = r.members(node)?;
    let mut attributes = BTreeMap::new();
    for (name, node) in members.iter() {
        attributes.insert(name.to_owned(), each(r, node, |r, node| r.text(node))?);
    }
    Some(attributes)
}

fn read_verdict<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Verdict> {
    let words: Vec<&str> = VERDICTS.iter().map(|(word, _)| *word).collect();
    let found = r.word(node, &words)?;
    VERDICTS.iter().find(|(word, _)| *word == found).map(|(_, verdict)| *verdict)
}

fn read_ip<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<IpAddr> {
    let address = r.string(node)?.parse().ok();
    if address.is_none() {
        r.fault(node, "an address such as 192.0.2.7 or 2001:db8::7");
    }
    address
}

fn read_instant<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<UnixTime> {
    let instant = time::read_instant(&r.string(node)?);
    if instant.is_none() {
        r.fault(node, time::DATE);
    }
    instant
}
