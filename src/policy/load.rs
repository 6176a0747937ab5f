//! Reads a document.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::condition::Condition;
use super::cors;
use super::document::{Policy, Rule, SignIn};
use super::expect;
use super::headers;
use super::index::{Case, Index};
use super::language::{self, Known};
use super::look::{self, Look};
use super::reader::{Members, Node, Reader};
use super::release;
use super::rules::{self, optional};
use crate::limits;

/// The keys of a document.
pub(super) const DOCUMENT: &[&str] = &[
    "$schema",
    "name",
    "look",
    "hosts",
    "ignore_case",
    "headers",
    "assertion",
    "cors",
    "hide_refused",
    "sign_in",
    "apps",
    "explain",
    "rules",
    "include",
    "sets",
    "expect",
    "release",
];
pub(super) const SIGN_IN: &[&str] = &["idps", "max_age", "idle", "auth_host", "keep_fragment"];
const IGNORE_CASE: &str = "true, for an application that takes /HR and /hr for one";
pub(super) const ASSERTION: &[&str] = &["attributes"];
/// Seconds.
const MAX_AGE: i64 = 12 * 3_600;

/// Reads the members of a document.
pub(super) fn read<'a>(r: &mut Reader<'a>, root: &Node<'a>) -> Option<Policy> {
    let members = r.object(root, DOCUMENT)?;
    if let Some(schema) = members.get("$schema") {
        r.string(schema);
    }
    if let Some(include) = members.get("include") {
        r.fault(include, "the sets themselves: `vestibule publish` writes them in");
    }
    let name = r.required(&members, "name").and_then(|node| r.text(node));
    let look = optional(&members, "look", |node| look::read(r, node));
    let hosts = r.required(&members, "hosts").cloned();
    let hosts = hosts.and_then(|node| read_list(r, &node, read_host));
    let ignore_case = optional(&members, "ignore_case", |node| read_true(r, node, IGNORE_CASE));
    let headers = optional(&members, "headers", |node| headers::read(r, node));
    let assertion = optional(&members, "assertion", |node| read_assertion(r, node));
    let cors = optional(&members, "cors", |node| cors::read(r, node));
    let hide = "true, to answer who is refused like where there is nothing";
    let hides_refused = optional(&members, "hide_refused", |node| read_true(r, node, hide));
    let sign_in = r.required(&members, "sign_in").and_then(|node| read_sign_in(r, node));
    let idps = sign_in.as_ref().map(|sign_in| sign_in.idps.clone()).unwrap_or_default();
    let sets = read_sets(r, &members, &idps)?;
    let names: Vec<String> = sets.iter().map(|(name, _)| name.clone()).collect();
    let known = Known { idps: &idps, sets: &names };
    let rules = r.required(&members, "rules").and_then(|node| read_rules(r, node, &known, &sets));
    let apps = optional(&members, "apps", |node| read_apps(r, node));
    let explain = optional(&members, "explain", |node| read_explain(r, node, &known, &sets));
    let expect = optional(&members, "expect", |node| expect::read(r, node, &idps));
    let release = optional(&members, "release", |node| release::read(r, node));
    let (name, hosts, rules, expect) = (name?, hosts?, rules?, expect?.unwrap_or_default());
    let sign_in = sign_in?;
    let case = if ignore_case?.is_some() { Case::Ignored } else { Case::Kept };
    let release = release?;
    let look = Look { name, ..look?.unwrap_or_default() };
    let headers = headers?.unwrap_or_default();
    let attributes = assertion?.unwrap_or_default();
    let (apps, explain) = (apps?.unwrap_or_default(), explain?);
    let (groups, services) = named(&rules, &sets, explain.as_ref());
    let index = Index::new(&rules, case);
    let reports = rules.iter().any(Rule::is_report);
    let asks = |mut about: fn(&Condition) -> bool| {
        let mut part = |condition: &Condition| condition.any_part(&mut about);
        sets.iter().any(|(_, set)| part(set))
            || rules.iter().any(|rule| rule.effect.condition().is_some_and(&mut part))
    };
    let (asks_for_freshness, asks_whence) = (asks(is_freshness), asks(is_of_whence));
    Some(Policy {
        look: Arc::new(look),
        hosts,
        sign_in,
        sets,
        rules,
        expect,
        headers,
        attributes,
        apps,
        explain,
        release,
        cors: cors?.unwrap_or_default(),
        hides_refused: hides_refused?.is_some(),
        groups,
        index,
        reports,
        asks_for_freshness,
        asks_whence,
        services,
    })
}

/// The groups and the services that conditions name.
fn named(
    rules: &[Rule],
    sets: &[(String, Condition)],
    explain: Option<&Condition>,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut groups, mut services) = (BTreeSet::new(), BTreeSet::new());
    let of_rules = rules.iter().filter_map(|rule| rule.effect.condition());
    for condition in of_rules.chain(sets.iter().map(|(_, set)| set)).chain(explain) {
        condition.any_part(&mut |part| {
            match part {
                Condition::Group(names) => groups.extend(names.iter().cloned()),
                Condition::Service(ids) => services.extend(ids.iter().cloned()),
                _ => {}
            }
            false
        });
    }
    (groups, services)
}

fn is_of_whence(condition: &Condition) -> bool {
    use Condition::{Asn, ClientCertificate, Country, Ip};
    matches!(condition, Ip(_) | Country(_) | Asn(_) | ClientCertificate { .. })
}

fn is_freshness(condition: &Condition) -> bool {
    matches!(condition, Condition::SignedInWithin(_))
}

/// Reads an array that has to be one and to have something in it, each value once.
pub(super) fn read_list<'a>(
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
    if !language::is_host_or_wildcard(&host) {
        r.fault(node, "a host in lower case, such as intranet.example.com or *.example.com");
        return None;
    }
    Some(host)
}

/// Which attributes the assertion to the origin carries.
fn read_assertion<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Vec<String>> {
    let members = r.object(node, ASSERTION)?;
    let attributes = r.required(&members, "attributes").cloned()?;
    read_list(r, &attributes, |r, node| r.text(node))
}

/// Hosts of other applications; each has a document of its own.
fn read_apps<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Vec<String>> {
    let hosts = read_list(r, node, read_host)?;
    if hosts.len() > limits::APPS || hosts.iter().any(|host| host.starts_with('*')) {
        r.fault(node, format!("at most {} hosts, none with a *", limits::APPS));
        return None;
    }
    Some(hosts)
}

fn read_explain<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    known: &Known<'_>,
    sets: &[(String, Condition)],
) -> Option<Condition> {
    let condition = language::read(r, node, known)?;
    if !rules::is_bounded(&condition, sets) {
        r.fault(node, rules::BOUND);
        return None;
    }
    Some(condition)
}

/// Reads what is either true or left out.
fn read_true<'a>(r: &mut Reader<'a>, node: &Node<'a>, expected: &str) -> Option<()> {
    if !node.is_true() {
        r.fault(node, expected);
        return None;
    }
    Some(())
}

fn read_sign_in<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<SignIn> {
    let members = r.object(node, SIGN_IN)?;
    let idps = r.required(&members, "idps").cloned();
    let idps = idps.and_then(|node| read_list(r, &node, read_id));
    let max_age = optional(&members, "max_age", |node| read_life(r, node));
    let idle = optional(&members, "idle", |node| language::read_duration(r, node));
    let auth_host = optional(&members, "auth_host", |node| read_auth_host(r, node));
    let keep = "true, for an application that finds its pages by #fragment";
    let keeps = optional(&members, "keep_fragment", |node| read_true(r, node, keep));
    Some(SignIn {
        idps: idps?,
        max_age: max_age?.unwrap_or(MAX_AGE),
        idle: idle?,
        auth_host: auth_host?,
        keeps_fragment: keeps?.is_some(),
    })
}

fn read_auth_host<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let host = r.string(node)?;
    if !language::is_host_name(&host) {
        r.fault(node, "one host in lower case, such as auth.example.com");
        return None;
    }
    Some(host)
}

/// The life of a session, which is bounded so that the ledger need not remember for ever.
fn read_life<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<i64> {
    let seconds = language::read_duration(r, node)?;
    if seconds > limits::SESSION_SECONDS {
        r.fault(node, "at most 30d");
        return None;
    }
    Some(seconds)
}

pub(super) fn read_id<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
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
