//! Rules that can't do what they say.

use super::{Finding, Lint};
use crate::identity::{Facts, UnixTime};
use crate::policy::change::{Change, name, stranger};
use crate::policy::condition::{Condition, Truth};
use crate::policy::contrary::combinations;
use crate::policy::decide::{Request, Verdict, Who};
use crate::policy::document::{Effect, Policy, Rule};
use crate::policy::explain::{Explanation, explain};
use crate::policy::regions::Region;
use crate::policy::trace::Role;

/// Facts of which every combination is gone through.
const ALL_COMBINATIONS: usize = 10;

/// What was seen of one rule.
#[derive(Clone, Default)]
struct Seen {
    /// It was asked.
    asked: bool,
    /// It did what it is for.
    took_effect: bool,
    /// It would have, but for this deny.
    denied_by: Option<usize>,
    /// Somewhere there were too many facts.
    incomplete: bool,
}

pub(super) fn find(policy: &Policy, regions: &[Region], now: UnixTime) -> Vec<Finding> {
    let mut seen = vec![Seen::default(); policy.rules.len()];
    for region in regions {
        visit(policy, region, now, &mut seen);
    }
    let judged = policy.rules.iter().zip(&seen);
    judged.filter_map(|(rule, seen)| finding(policy, rule, seen, now)).collect()
}

fn finding(policy: &Policy, rule: &Rule, seen: &Seen, now: UnixTime) -> Option<Finding> {
    let expired = rule.until.is_some_and(|end| now >= end);
    let detail = rule.pattern.as_str();
    let of = |lint| Some(Finding::of_rules(lint, &[rule], detail));
    match seen {
        _ if rule.report || expired => None,
        Seen { asked: false, .. } => of(Lint::NeverDecides),
        Seen { took_effect: true, .. } => None,
        Seen { incomplete: true, .. } => of(Lint::NotCompared),
        Seen { denied_by: Some(deny), .. } => {
            let deny = policy.rules.get(*deny);
            let rules: Vec<&Rule> = std::iter::once(rule).chain(deny).collect();
            Some(Finding::of_rules(Lint::ShadowedByDeny, &rules, detail))
        }
        _ if matches!(rule.effect, Effect::Deny(_)) => of(Lint::DeniesNobody),
        _ => of(Lint::LetsNobodyIn),
    }
}

fn visit(policy: &Policy, region: &Region, now: UnixTime, seen: &mut [Seen]) {
    let rules: Vec<&Rule> =
        region.covering.iter().filter_map(|(_, place)| policy.rules.get(*place)).collect();
    let mut changes = Vec::new();
    for condition in rules.iter().filter_map(|rule| rule.effect.condition()) {
        name(condition, policy, None, &mut changes);
        refuse_named(condition, policy, &mut changes);
    }
    let complete = changes.len() <= ALL_COMBINATIONS;
    let at_once = if complete { changes.len() } else { 2 };
    for method in methods(&rules) {
        for combined in (0..=at_once).flat_map(|size| combinations(&changes, size)) {
            let request = Request::new(method, &region.path, now);
            let request =
                combined.iter().fold(request, |request, change| change.on_request(request));
            let person = combined
                .iter()
                .fold(stranger(policy, &request), |facts, change| change.on_facts(facts, &request));
            for who in askers(&combined, &person) {
                note(&explain(policy, &request, who), complete, seen);
            }
        }
    }
}

/// A provider that the condition does not name is a fact of its own, where there are several.
fn refuse_named(condition: &Condition, policy: &Policy, changes: &mut Vec<Change>) {
    let names_idp = condition.any_part(&mut |part| matches!(part, Condition::Idp(_)));
    if names_idp {
        let all = policy.idps().iter().cloned().map(Change::Provider);
        let missing: Vec<Change> = all.filter(|change| !changes.contains(change)).collect();
        changes.extend(missing);
    }
}

fn askers<'a>(combined: &[&'a Change], person: &'a Facts) -> Vec<Who<'a>> {
    match combined.iter().find_map(|change| change.service()) {
        Some(service) => vec![Who::Service(service)],
        None => vec![Who::Nobody, Who::Person(person)],
    }
}

/// The methods that rules name, and one that they do not.
pub(super) fn methods<'p>(rules: &[&'p Rule]) -> Vec<&'p str> {
    let mut methods: Vec<&str> =
        rules.iter().flat_map(|rule| rule.methods()).map(String::as_str).collect();
    methods.sort_unstable();
    methods.dedup();
    let other = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];
    methods.extend(other.iter().find(|method| !methods.contains(method)).copied());
    methods
}

fn note(explanation: &Explanation, complete: bool, seen: &mut [Seen]) {
    let deny = explanation.considered.iter().find(|considered| {
        considered.role == Role::Denies && considered.truth == Some(Truth::True)
    });
    for considered in &explanation.considered {
        let Some(seen) = seen.get_mut(considered.place) else { continue };
        let asked = matches!(considered.role, Role::Denies | Role::Speaks);
        seen.asked |= asked;
        seen.incomplete |= asked && !complete;
        let holds = considered.truth == Some(Truth::True);
        match considered.role {
            Role::Denies => seen.took_effect |= holds,
            Role::Speaks if holds && explanation.verdict == Verdict::Allow => {
                seen.took_effect = true;
            }
            Role::Speaks if holds => {
                seen.denied_by = seen.denied_by.or(deny.map(|deny| deny.place));
            }
            _ => {}
        }
    }
}
