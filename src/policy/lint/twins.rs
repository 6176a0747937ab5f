//! Rules, names and sets that are too much alike, or that nothing uses.

use std::collections::HashMap;

use super::{Finding, Lint};
use crate::policy::condition::Condition;
use crate::policy::document::{Policy, Rule};
use crate::policy::index::Case;
use crate::policy::pattern::Segment;

pub(super) fn find(policy: &Policy) -> Vec<Finding> {
    let mut found = duplicates(policy);
    if !policy.index.ignores_case() {
        found.extend(case_twins(policy));
    }
    found.extend(group_twins(policy));
    found.extend(unused_sets(policy));
    found
}

fn duplicates(policy: &Policy) -> Vec<Finding> {
    let mut known: HashMap<String, &Rule> = HashMap::new();
    let mut found = Vec::new();
    for rule in &policy.rules {
        // Two reasons for the same do not make two rules.
        let bare = Rule { why: None, ..rule.clone() };
        match known.insert(bare.sort_key(), rule) {
            Some(first) => found.push(Finding::of_rules(
                Lint::Duplicate,
                &[first, rule],
                rule.pattern.as_str(),
            )),
            None => continue,
        }
    }
    found
}

/// Paths, or beginnings of paths, that differ only in the case of letters.
fn case_twins(policy: &Policy) -> Vec<Finding> {
    let mut known: HashMap<Vec<String>, (Vec<String>, &Rule)> = HashMap::new();
    let mut found = Vec::new();
    for rule in &policy.rules {
        let mut written = Vec::new();
        for segment in rule.pattern.segments() {
            written.push(match segment {
                Segment::Literal(name) => name.clone(),
                Segment::Any => "*".to_owned(),
            });
            let folded = written.iter().map(|name| Case::Ignored.fold(name).into_owned()).collect();
            let (first, other) = known.entry(folded).or_insert_with(|| (written.clone(), rule));
            if *first != written {
                let detail = format!("{} and {}", other.pattern, rule.pattern);
                found.push(Finding::of_rules(Lint::CaseTwin, &[other, rule], detail));
                break;
            }
        }
    }
    found
}

fn group_twins(policy: &Policy) -> Vec<Finding> {
    let mut known: HashMap<String, &str> = HashMap::new();
    let mut found = Vec::new();
    for group in &policy.groups {
        let folded: String =
            group.to_lowercase().chars().filter(|letter| !letter.is_whitespace()).collect();
        if let Some(first) = known.insert(folded, group) {
            let detail = format!("{first:?} and {group:?}");
            found.push(Finding::about(Lint::GroupTwin, "/rules", &detail));
        }
    }
    found
}

fn unused_sets(policy: &Policy) -> Vec<Finding> {
    let mut used = vec![false; policy.sets.len()];
    let mut open: Vec<&Condition> =
        policy.rules.iter().filter_map(|rule| rule.effect.condition()).collect();
    while let Some(condition) = open.pop() {
        condition.any_part(&mut |part| {
            if let Condition::Set { place, .. } = part
                && let Some(seen) = used.get_mut(*place)
                && !std::mem::replace(seen, true)
            {
                open.extend(policy.sets.get(*place).map(|(_, set)| set));
            }
            false
        });
    }
    let unused = policy.sets.iter().zip(used).filter(|(_, used)| !used);
    unused
        .map(|((name, _), _)| Finding::about(Lint::UnusedSet, &format!("/sets/{name}"), name))
        .collect()
}
