//! Reads rules.

use super::condition::Condition;
use super::document::{Effect, Rule};
use super::language::{self, Known};
use super::pattern::Pattern;
use super::reader::{Members, Node, Reader};
use super::time;
use crate::limits;

pub(super) const RULE: &[&str] =
    &["path", "methods", "allow", "deny", "public", "why", "until", "mode", "allow_encoded_slash"];
pub(super) const EFFECTS: &[&str] = &["allow", "deny", "public"];
/// Methods that a rule may name: not `HEAD`, which `GET` covers; not `CONNECT` and `TRACE`, which
/// never come here.
pub const METHODS: &[&str] = &[
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
];

pub(super) const BOUND: &str =
    "no set that names itself, and no more than 12 levels and 10000 conditions in all";

/// Reads one rule.
pub(super) fn read<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    place: usize,
    known: &Known<'_>,
    sets: &[(String, Condition)],
) -> Option<Rule> {
    let members = r.object(node, RULE)?;
    let pattern = r.required(&members, "path").and_then(|node| read_pattern(r, node));
    let methods = optional(&members, "methods", |node| read_methods(r, node));
    let effect = read_effect(r, node, &members, known);
    let why = optional(&members, "why", |node| r.text(node));
    let until = optional(&members, "until", |node| read_until(r, node, &members));
    let mode = optional(&members, "mode", |node| r.word(node, &["report"]));
    let encoded_slash =
        optional(&members, "allow_encoded_slash", |node| read_encoded_slash(r, node, &members));
    if effect.as_ref().and_then(Effect::condition).is_some_and(|c| !is_bounded(c, sets)) {
        r.fault(node, BOUND);
        return None;
    }
    Some(Rule {
        place,
        pattern: pattern?,
        methods: methods?.unwrap_or_default(),
        effect: effect?,
        why: why?,
        until: until?,
        report: mode?.is_some(),
        encoded_slash: encoded_slash?.is_some(),
    })
}

/// `None` for a fault, `Some(None)` for a key that is not there.
pub(super) fn optional<'a, T>(
    members: &Members<'a>,
    key: &str,
    read: impl FnOnce(&Node<'a>) -> Option<T>,
) -> Option<Option<T>> {
    match members.get(key) {
        Some(node) => read(node).map(Some),
        None => Some(None),
    }
}

fn read_pattern<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Pattern> {
    match Pattern::parse(&r.string(node)?) {
        Ok(pattern) => Some(pattern),
        Err(expected) => {
            r.fault(node, expected);
            None
        }
    }
}

fn read_methods<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Vec<String>> {
    if !node.is_array() {
        r.fault(node, "an array of methods");
        return None;
    }
    let mut methods = language::each(r, node, read_method)?;
    methods.sort_unstable();
    methods.dedup();
    Some(methods)
}

pub(super) fn read_method<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    if r.string(node)? == "HEAD" {
        r.fault(node, "GET, which covers HEAD");
        return None;
    }
    r.word(node, METHODS).map(str::to_owned)
}

fn read_effect<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    members: &Members<'a>,
    known: &Known<'_>,
) -> Option<Effect> {
    let mut effects = members.iter().filter(|(key, _)| EFFECTS.contains(key));
    let (Some((key, value)), None) = (effects.next(), effects.next()) else {
        r.fault(node, "exactly one of allow, deny, public");
        return None;
    };
    match key {
        "allow" => language::read(r, value, known).map(Effect::Allow),
        "deny" if value.is_true() => Some(Effect::Deny(Condition::Everyone)),
        "deny" => language::read(r, value, known).map(Effect::Deny),
        _ if value.is_true() => Some(Effect::Public { identity: false }),
        _ if value.is_string() => {
            r.word(value, &["with-identity"]).map(|_| Effect::Public { identity: true })
        }
        _ => {
            r.fault(value, "true or \"with-identity\"");
            None
        }
    }
}

/// A deny that ends would open something by the mere passing of time.
fn read_until<'a>(r: &mut Reader<'a>, node: &Node<'a>, members: &Members<'a>) -> Option<i64> {
    if members.get("deny").is_some() {
        r.fault(node, "until only on rules with allow or public");
        return None;
    }
    let end = time::read_end(&r.string(node)?);
    if end.is_none() {
        r.fault(node, time::DATE);
    }
    end
}

/// Servers read an encoded slash in two ways, so that nobody unknown may send one.
fn read_encoded_slash<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    members: &Members<'a>,
) -> Option<()> {
    if members.get("allow").is_none() || !node.is_true() {
        r.fault(node, "true, and only on rules with allow");
        return None;
    }
    Some(())
}

/// Whether weighing it takes bounded work: no set names itself, and written out it is not huge.
pub(super) fn is_bounded(condition: &Condition, sets: &[(String, Condition)]) -> bool {
    fn count(
        condition: &Condition,
        sets: &[(String, Condition)],
        levels: usize,
        left: usize,
    ) -> Option<usize> {
        let levels = levels.checked_sub(1)?;
        let mut left = left.checked_sub(1)?;
        if let Condition::Set { place, .. } = condition {
            return count(&sets.get(*place)?.1, sets, levels, left);
        }
        for part in condition.parts() {
            left = count(part, sets, levels, left)?;
        }
        Some(left)
    }
    count(condition, sets, limits::CONDITION_DEPTH, limits::CONDITION_PARTS).is_some()
}
