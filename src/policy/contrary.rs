//! What would have to change for the opposite answer.

use super::condition::Condition;
use super::decide::{Request, Verdict};
use super::document::Policy;
use super::explain::explain;
use crate::identity::{Email, Facts};

/// Changes that are tried together.
const AT_ONCE: usize = 2;
/// Changes that are tried at all: those that the rules covering the path name.
const TRIED: usize = 200;

/// One thing that could be different about who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    SignIn,
    SignInNow,
    Join(String),
    Leave(String),
    Address(Email),
    Value(String, String),
    Provider(String),
    Means(String),
}

/// The smallest change of who asks that turns the answer around, in words: what is refused or asks
/// for a sign-in would be allowed, what is allowed would not be. Tried are the groups, addresses,
/// attributes and identity providers that the rules covering the path name, one and two at a time.
/// None where none of these turns it, as where only the place or the time of the request would.
pub fn contrary(
    policy: &Policy,
    request: &Request<'_>,
    facts: Option<&Facts>,
) -> Option<Vec<String>> {
    let found = explain(policy, request, facts);
    let mut changes = Vec::new();
    match facts {
        None => changes.push(Change::SignIn),
        Some(_) => changes.push(Change::SignInNow),
    }
    for considered in &found.considered {
        let rule = policy.rules().get(considered.place);
        if let Some(condition) = rule.and_then(|rule| rule.effect().condition()) {
            name(condition, policy, facts, &mut changes);
        }
    }
    changes.truncate(TRIED);
    let allowed = found.verdict == Verdict::Allow;
    let turns = |combined: &[&Change]| {
        let changed = combined.iter().fold(facts.cloned(), |facts, change| {
            Some(change.made(facts.unwrap_or_else(|| stranger(policy, request)), request))
        });
        let verdict = explain(policy, request, changed.as_ref()).verdict;
        (verdict == Verdict::Allow) != allowed
    };
    let words = |combined: &[&Change]| combined.iter().map(|change| change.to_string()).collect();
    (1..=AT_ONCE).find_map(|size| {
        combinations(&changes, size).into_iter().find(|one| turns(one)).map(|one| words(&one))
    })
}

/// All ways to take one or two.
fn combinations(changes: &[Change], size: usize) -> Vec<Vec<&Change>> {
    let single = changes.iter().map(|one| vec![one]);
    if size == 1 {
        return single.collect();
    }
    let pairs = changes.iter().enumerate().flat_map(|(at, one)| {
        changes.iter().skip(at.saturating_add(1)).map(move |other| vec![one, other])
    });
    pairs.collect()
}

/// Somebody of whom nothing is known but that they have just signed in.
fn stranger(policy: &Policy, request: &Request<'_>) -> Facts {
    let idp = policy.idps().first().cloned().unwrap_or_default();
    Facts { idp, signed_in_at: request.now, ..Facts::default() }
}

/// Collects what a condition names.
fn name(condition: &Condition, policy: &Policy, facts: Option<&Facts>, changes: &mut Vec<Change>) {
    let mut add = |change: Change| {
        if !changes.contains(&change) && changes.len() < TRIED {
            changes.push(change);
        }
    };
    match condition {
        Condition::Group(names) => names.iter().cloned().for_each(|name| {
            let member = facts.is_some_and(|facts| facts.groups.contains(&name));
            add(if member { Change::Leave(name) } else { Change::Join(name) });
        }),
        Condition::Email(addresses) => {
            addresses.iter().cloned().for_each(|address| add(Change::Address(address)));
        }
        Condition::EmailDomain(domains) => {
            let somebody = domains.iter().map(|domain| Email::parse(&format!("somebody@{domain}")));
            somebody.flatten().for_each(|address| add(Change::Address(address)));
        }
        Condition::Attribute { name, values } => {
            values.iter().cloned().for_each(|value| add(Change::Value(name.clone(), value)));
        }
        Condition::Idp(ids) => ids.iter().cloned().for_each(|id| add(Change::Provider(id))),
        Condition::AuthnContext(all) => {
            all.iter().cloned().for_each(|means| add(Change::Means(means)));
        }
        Condition::Set { place, .. } => {
            if let Some((_, set)) = policy.sets().get(*place) {
                name(set, policy, facts, changes);
            }
        }
        _ => condition.parts().iter().for_each(|part| name(part, policy, facts, changes)),
    }
}

impl Change {
    fn made(&self, mut facts: Facts, request: &Request<'_>) -> Facts {
        match self {
            Change::SignIn => {}
            Change::SignInNow => facts.signed_in_at = request.now,
            Change::Join(group) => facts.groups.push(group.clone()),
            Change::Leave(group) => facts.groups.retain(|known| known != group),
            Change::Address(address) => facts.email = Some(address.clone()),
            Change::Value(name, value) => {
                facts.attributes.entry(name.clone()).or_default().push(value.clone());
            }
            Change::Provider(id) => facts.idp.clone_from(id),
            Change::Means(means) => facts.authn_context = Some(means.clone()),
        }
        facts
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Change::SignIn => f.write_str("anybody signed in"),
            Change::SignInNow => f.write_str("a new sign-in"),
            Change::Join(group) => write!(f, "in group {group}"),
            Change::Leave(group) => write!(f, "not in group {group}"),
            Change::Address(address) => write!(f, "with the address {}", address.as_str()),
            Change::Value(name, value) => write!(f, "with the attribute {name} = {value}"),
            Change::Provider(id) => write!(f, "signed in at {id}"),
            Change::Means(means) => write!(f, "signed in by {means}"),
        }
    }
}
