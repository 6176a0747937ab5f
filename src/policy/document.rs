//! A policy document, loaded.

use super::condition::{Condition, Truth};
use super::expect::{self, Expectation};
use super::fault::Fault;
use super::index::Index;
use super::language::{self, Known};
use super::pattern::Pattern;
use super::reader::{Members, Node, Reader};
use super::rules;
use crate::identity::UnixTime;
use crate::limits;

/// The keys of a document.
const DOCUMENT: &[&str] = &["$schema", "name", "hosts", "sign_in", "rules", "sets", "expect"];
const SIGN_IN: &[&str] = &["idps", "max_age", "idle"];
const MAX_AGE: i64 = 12 * 3_600;

/// A policy document, checked and arranged for deciding.
#[derive(Clone, Debug)]
pub struct Policy {
    name: String,
    hosts: Vec<String>,
    idps: Vec<String>,
    max_age: i64,
    idle: Option<i64>,
    pub(super) sets: Vec<(String, Condition)>,
    pub(super) rules: Vec<Rule>,
    pub(super) expect: Vec<Expectation>,
    pub(super) index: Index,
    /// Whether a rule is in report mode.
    pub(super) reports: bool,
    /// Whether signing in again can change an answer.
    pub(super) asks_for_freshness: bool,
}

/// One rule: a path pattern with an effect and a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) place: usize,
    pub(super) pattern: Pattern,
    pub(super) methods: Vec<String>,
    pub(super) effect: Effect,
    pub(super) why: Option<String>,
    pub(super) until: Option<UnixTime>,
    pub(super) report: bool,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Lets in whoever is signed in and meets the condition.
    Allow(Condition),
    /// Keeps out whoever meets the condition, here and below.
    Deny(Condition),
    /// Lets in everybody.
    Public {
        /// Whether the application is told who is signed in, if somebody is.
        identity: bool,
    },
}

impl Policy {
    /// Reads a document, or says all that is wrong with it.
    pub fn from_json(text: &str) -> Result<Policy, Vec<Fault>> {
        let mut reader = Reader::new(text);
        let policy = reader.root().and_then(|root| read(&mut reader, &root));
        match policy {
            Some(policy) if !reader.has_faults() => Ok(policy),
            _ => Err(reader.finish()),
        }
    }

    /// What the application is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The hosts it is for, in lower case; `*.example.com` stands for one label.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Ids of the identity providers at which one may sign in; at least one.
    pub fn idps(&self) -> &[String] {
        &self.idps
    }

    /// Seconds after which one has to sign in again.
    pub fn max_age(&self) -> i64 {
        self.max_age
    }

    /// Seconds without a request after which one has to sign in again.
    pub fn idle(&self) -> Option<i64> {
        self.idle
    }

    /// The rules, in the order of the document.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The named conditions, in the order of the document.
    pub fn sets(&self) -> &[(String, Condition)] {
        &self.sets
    }
}

impl Rule {
    /// Which paths it is for.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The methods it is for; none means all.
    pub fn methods(&self) -> &[String] {
        &self.methods
    }

    /// What it does.
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// Why it is there.
    pub fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }

    /// The second from which it no longer allows.
    pub fn until(&self) -> Option<UnixTime> {
        self.until
    }

    /// Whether it is only decided and logged, not enforced.
    pub fn is_report(&self) -> bool {
        self.report
    }

    /// Where it stands in the document, as a JSON pointer.
    pub fn pointer(&self) -> String {
        format!("/rules/{}", self.place)
    }

    /// Whether it is for this method. `GET` stands for `HEAD` too, and letter case does not count,
    /// because the application may not look at it.
    pub(super) fn covers_method(&self, method: &str) -> bool {
        let method = if method.eq_ignore_ascii_case("HEAD") { "GET" } else { method };
        self.methods.is_empty() || self.methods.iter().any(|own| own.eq_ignore_ascii_case(method))
    }

    /// Orders the rules of one pattern by what they say, not by where they stand.
    pub(super) fn sort_key(&self) -> String {
        let Rule { place: _, pattern, methods, effect, why, until, report } = self;
        format!("{pattern} {methods:?} {effect:?} {why:?} {until:?} {report}")
    }
}

fn read<'a>(r: &mut Reader<'a>, root: &Node<'a>) -> Option<Policy> {
    let members = r.object(root, DOCUMENT)?;
    if let Some(schema) = members.get("$schema") {
        r.string(schema);
    }
    let name = r.required(&members, "name").and_then(|node| r.text(node));
    let hosts = r.required(&members, "hosts").cloned();
    let hosts = hosts.and_then(|node| read_list(r, &node, read_host));
    let sign_in = r.required(&members, "sign_in").and_then(|node| read_sign_in(r, node));
    let idps = sign_in.as_ref().map(|(idps, ..)| idps.clone()).unwrap_or_default();
    let sets = read_sets(r, &members, &idps)?;
    let names: Vec<String> = sets.iter().map(|(name, _)| name.clone()).collect();
    let known = Known { idps: &idps, sets: &names };
    let rules = r.required(&members, "rules").and_then(|node| read_rules(r, node, &known, &sets));
    let expect = match members.get("expect") {
        Some(node) => expect::read(r, node, &idps),
        None => Some(Vec::new()),
    };
    let (name, hosts, rules, expect) = (name?, hosts?, rules?, expect?);
    let (idps, max_age, idle) = sign_in?;
    let index = Index::new(&rules);
    let reports = rules.iter().any(Rule::is_report);
    let fresh = |condition: &Condition| condition.any_part(&mut is_freshness);
    let asks_for_freshness = sets.iter().any(|(_, set)| fresh(set))
        || rules.iter().any(|rule| rule.effect.condition().is_some_and(fresh));
    Some(Policy {
        name,
        hosts,
        idps,
        max_age,
        idle,
        sets,
        rules,
        expect,
        index,
        reports,
        asks_for_freshness,
    })
}

fn is_freshness(condition: &Condition) -> bool {
    matches!(condition, Condition::SignedInWithin(_))
}

impl Effect {
    /// Its condition, where it has one.
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Effect::Allow(condition) | Effect::Deny(condition) => Some(condition),
            Effect::Public { .. } => None,
        }
    }

    /// What a condition comes to in it that asks for a fact which the request lacks.
    pub(super) fn when_missing(&self) -> Truth {
        Truth::from(matches!(self, Effect::Deny(_)))
    }
}

/// Reads an array that has to be one and to have something in it, each value once.
fn read_list<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    mut read: impl FnMut(&mut Reader<'a>, &Node<'a>) -> Option<String>,
) -> Option<Vec<String>> {
    let mut seen = std::collections::HashSet::new();
    if !node.is_array() {
        r.fault(node, "an array of strings");
        return None;
    }
    language::each(r, node, |r, node| {
        let value = read(r, node)?;
        if !seen.insert(value.clone()) {
            r.fault(node, "each value once");
            return None;
        }
        Some(value)
    })
}

fn read_host<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let host = r.string(node)?;
    let name = host.strip_prefix("*.");
    // One label below a top-level domain would be half the internet.
    let is_wildcard = name.is_some_and(|name| name.contains('.'));
    if !language::is_host_name(name.unwrap_or(&host)) || (name.is_some() && !is_wildcard) {
        r.fault(node, "a host in lower case, such as intranet.example.com or *.example.com");
        return None;
    }
    Some(host)
}

fn read_sign_in<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
) -> Option<(Vec<String>, i64, Option<i64>)> {
    let members = r.object(node, SIGN_IN)?;
    let idps = r.required(&members, "idps").cloned();
    let idps = idps.and_then(|node| read_list(r, &node, read_id));
    let max_age = match members.get("max_age") {
        Some(node) => language::read_duration(r, node),
        None => Some(MAX_AGE),
    };
    let idle = match members.get("idle") {
        Some(node) => language::read_duration(r, node).map(Some),
        None => Some(None),
    };
    Some((idps?, max_age?, idle?))
}

fn read_id<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let id = r.string(node)?;
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.is_empty() || id.len() > 64 || !id.bytes().all(known) {
        r.fault(node, "an id of lower-case letters, digits and hyphens");
        return None;
    }
    Some(id)
}

fn read_sets<'a>(
    r: &mut Reader<'a>,
    members: &Members<'a>,
    idps: &[String],
) -> Option<Vec<(String, Condition)>> {
    let Some(node) = members.get("sets") else { return Some(Vec::new()) };
    let found = r.members(node)?;
    if found.len() > limits::SETS {
        r.fault(node, format!("at most {} sets", limits::SETS));
        return None;
    }
    let names: Vec<String> = found.iter().map(|(name, _)| name.to_owned()).collect();
    let known = Known { idps, sets: &names };
    let sets: Vec<Option<(String, Condition)>> = found
        .iter()
        .map(|(name, node)| Some((name.to_owned(), language::read(r, node, &known)?)))
        .collect();
    // With a set missing, the others would be misplaced.
    let sets: Vec<(String, Condition)> = sets.into_iter().collect::<Option<_>>()?;
    for ((_, set), (_, node)) in sets.iter().zip(found.iter()) {
        if !rules::is_bounded(set, &sets) {
            r.fault(node, rules::BOUND);
        }
    }
    if r.has_faults() { None } else { Some(sets) }
}

fn read_rules<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    known: &Known<'_>,
    sets: &[(String, Condition)],
) -> Option<Vec<Rule>> {
    let nodes = r.array(node)?;
    let mut found = Vec::with_capacity(nodes.len());
    for (place, node) in nodes.iter().enumerate() {
        if r.is_full() {
            return None;
        }
        found.extend(rules::read(r, node, place, known, sets));
    }
    (found.len() == nodes.len()).then_some(found)
}
