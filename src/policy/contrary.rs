//! What would have to change for the opposite answer.

use super::change::{Change, name, stranger};
use super::decide::{Request, Verdict, Who};
use super::document::Policy;
use super::explain::explain;
use crate::identity::Facts;

/// Changes that are tried together.
const AT_ONCE: usize = 2;
/// Changes that are tried at all: those that the rules covering the path name.
const TRIED: usize = 200;

/// The smallest change of who asks, and from where, that turns the answer around, in words: what is
/// refused or asks for a sign-in would be allowed, what is allowed would not be. Tried are the facts
/// that the rules covering the path name, one and two at a time. None where none of these turns it.
pub fn contrary(
    policy: &Policy,
    request: &Request<'_>,
    facts: Option<&Facts>,
) -> Option<Vec<String>> {
    let found = explain(policy, request, facts);
    let mut changes = vec![if facts.is_some() { Change::SignInNow } else { Change::SignIn }];
    for considered in &found.considered {
        let rule = policy.rules().get(considered.place);
        if let Some(condition) = rule.and_then(|rule| rule.effect().condition()) {
            name(condition, policy, facts, &mut changes);
        }
    }
    changes.truncate(TRIED);
    let allowed = found.verdict == Verdict::Allow;
    let turns = |combined: &[&Change]| {
        let request = combined.iter().fold(*request, |request, change| change.on_request(request));
        let of_person = combined.iter().filter(|change| !change.is_of_request());
        let changed = of_person.fold(facts.cloned(), |facts, change| {
            let facts = facts.unwrap_or_else(|| stranger(policy, &request));
            Some(change.on_facts(facts, &request))
        });
        let service = combined.iter().find_map(|change| change.service());
        let who = service.map_or(changed.as_ref().into(), Who::Service);
        let verdict = explain(policy, &request, who).verdict;
        (verdict == Verdict::Allow) != allowed
    };
    let words = |combined: &[&Change]| combined.iter().map(|change| change.to_string()).collect();
    (1..=AT_ONCE).find_map(|size| {
        combinations(&changes, size).into_iter().find(|one| turns(one)).map(|one| words(&one))
    })
}

/// All ways to take so many.
pub(super) fn combinations<T>(of: &[T], size: usize) -> Vec<Vec<&T>> {
    let Some(less) = size.checked_sub(1) else { return vec![Vec::new()] };
    let mut found = Vec::new();
    for (at, first) in of.iter().enumerate() {
        let later = of.get(at.saturating_add(1)..).unwrap_or_default();
        for mut rest in combinations(later, less) {
            rest.insert(0, first);
            found.push(rest);
        }
    }
    found
}
