//! The one evaluator, behind deciding, explaining and the expectations.

use super::condition::{Asked, Truth};
use super::decide::{Reported, Request, Verdict, Who};
use super::document::{Effect, Policy, Rule};
use super::index::Step;
use super::trace::{Role, Silent, Trace};
use crate::refusals::Refusal;

/// What was decided, and by which rule.
#[derive(Clone, Copy)]
pub(super) enum Answer<'p> {
    Forward(&'p Rule),
    SignIn(&'p Rule),
    Refused(Refusal, Option<&'p Rule>),
}

impl<'p> Answer<'p> {
    pub(super) fn verdict(&self) -> Verdict {
        match self {
            Answer::Forward(_) => Verdict::Allow,
            Answer::SignIn(_) => Verdict::SignIn,
            Answer::Refused(..) => Verdict::Deny,
        }
    }

    pub(super) fn rule(&self) -> Option<&'p Rule> {
        match self {
            Answer::Forward(rule) | Answer::SignIn(rule) => Some(rule),
            Answer::Refused(_, rule) => *rule,
        }
    }
}

pub(super) struct Judgement<'p> {
    pub(super) answer: Answer<'p>,
    pub(super) reported: Option<Reported>,
}

/// Which rules count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Enforced,
    WithReports,
}

/// The one evaluator: deciding, explaining and the expectations all come here.
pub(super) fn judge<'p, T: Trace>(
    policy: &'p Policy,
    request: &Request<'_>,
    who: Who<'_>,
    trace: &mut T,
) -> Judgement<'p> {
    let answer = answer(policy, request, who, Scope::Enforced, trace);
    if !policy.reports {
        return Judgement { answer, reported: None };
    }
    let other = self::answer(policy, request, who, Scope::WithReports, &mut Silent);
    let differs = other.verdict() != answer.verdict();
    let reported = differs.then(|| Reported {
        verdict: other.verdict(),
        rule: other.rule().map(|rule| rule.pattern().as_str().to_owned()),
    });
    Judgement { answer, reported }
}

fn answer<'p, T: Trace>(
    policy: &'p Policy,
    request: &Request<'_>,
    who: Who<'_>,
    scope: Scope,
    trace: &mut T,
) -> Answer<'p> {
    let signed_in_at = match who {
        Who::Person(facts) => facts.signed_in_at,
        Who::Nobody | Who::Service(_) => request.now,
    };
    let asked = Asked { request, who, signed_in_at, sets: &policy.sets };
    let answer = strictest(policy, &asked, scope, trace);
    let refused = matches!(answer, Answer::Refused(..));
    if !(refused && policy.asks_for_freshness && matches!(who, Who::Person(_))) {
        return answer;
    }
    let fresh = Asked { signed_in_at: request.now, ..asked };
    match strictest(policy, &fresh, scope, &mut Silent) {
        Answer::Forward(rule) => Answer::SignIn(rule),
        _ => answer,
    }
}

/// Every reading of the path has to be allowed.
fn strictest<'p, T: Trace>(
    policy: &'p Policy,
    asked: &Asked<'_>,
    scope: Scope,
    trace: &mut T,
) -> Answer<'p> {
    let mut strictest: Option<Answer<'p>> = None;
    for reading in asked.request.path.readings() {
        let answer = answer_reading(policy, reading, asked, scope, trace);
        if strictest.is_none_or(|known| known.verdict() < answer.verdict()) {
            strictest = Some(answer);
        }
    }
    strictest.unwrap_or(Answer::Refused(Refusal::NotAllowed, None))
}

fn answer_reading<'p, T: Trace>(
    policy: &'p Policy,
    reading: &str,
    asked: &Asked<'_>,
    scope: Scope,
    trace: &mut T,
) -> Answer<'p> {
    let mut denied: Option<&Rule> = None;
    let mut perhaps_denied: Option<&Rule> = None;
    let mut opened: Option<(Truth, &Rule)> = None;
    let reading = policy.index.fold(reading);
    let mut walk = policy.index.walk(&reading);
    while let Some(step) = walk.next() {
        match step {
            Step::Denies(places) => {
                for rule in in_scope(policy, places, asked, scope, trace) {
                    match weigh(rule, Role::Denies, asked, trace) {
                        Truth::True if !T::THOROUGH => {
                            return Answer::Refused(Refusal::Denied, Some(rule));
                        }
                        Truth::True => denied = denied.or(Some(rule)),
                        Truth::Unknown => perhaps_denied = perhaps_denied.or(Some(rule)),
                        Truth::False => {}
                    }
                }
            }
            Step::Opens(places) => {
                let rules = in_scope(policy, places, asked, scope, trace);
                if opened.is_some() {
                    rules.iter().for_each(|rule| trace.rule(rule, Role::Outvoted));
                    continue;
                }
                opened = speak(&rules, asked, trace);
                if opened.is_some() && !T::THOROUGH {
                    walk.denies_only();
                }
            }
        }
    }
    if let Some(rule) = denied {
        return Answer::Refused(Refusal::Denied, Some(rule));
    }
    match (opened, perhaps_denied) {
        (None | Some((Truth::False, _)), _) => {
            let rule = opened.map(|(_, rule)| rule);
            let slash = asked.request.path.has_encoded_slash();
            let refusal = if slash && !rule.is_some_and(Rule::allows_encoded_slash) {
                Refusal::PathEncodedSlash
            } else {
                Refusal::NotAllowed
            };
            Answer::Refused(refusal, rule)
        }
        (Some(_), Some(rule)) | (Some((Truth::Unknown, rule)), None) => Answer::SignIn(rule),
        (Some((Truth::True, rule)), None) => Answer::Forward(rule),
    }
}

/// The rules of a pattern that are for this request at all.
fn in_scope<'p, T: Trace>(
    policy: &'p Policy,
    places: &[usize],
    asked: &Asked<'_>,
    scope: Scope,
    trace: &mut T,
) -> Vec<&'p Rule> {
    let mut rules = Vec::with_capacity(places.len());
    for rule in places.iter().filter_map(|place| policy.rules.get(*place)) {
        let public = matches!(rule.effect(), Effect::Public { .. });
        if scope == Scope::Enforced && rule.is_report() {
            trace.rule(rule, Role::ReportOnly);
        } else if !rule.covers_method(asked.request.method) {
            trace.rule(rule, Role::OtherMethod);
        } else if public && !asked.request.path.is_plain() {
            trace.rule(rule, Role::NotPlain);
        } else {
            rules.push(rule);
        }
    }
    rules
}

/// What the rules of the most specific pattern come to: the best of them counts.
fn speak<'p, T: Trace>(
    rules: &[&'p Rule],
    asked: &Asked<'_>,
    trace: &mut T,
) -> Option<(Truth, &'p Rule)> {
    let named = rules.iter().any(|rule| !rule.methods().is_empty());
    let mut best: Option<(u8, Truth, &Rule)> = None;
    for rule in rules {
        if rule.methods().is_empty() == named {
            trace.rule(rule, Role::Outvoted);
            continue;
        }
        let truth = weigh(rule, Role::Speaks, asked, trace);
        let worth = match truth {
            // An allow before a public rule, because it tells the application who asks.
            Truth::True if matches!(rule.effect(), Effect::Allow(_)) => 4,
            Truth::True if rule.carries_identity() => 3,
            Truth::True => 2,
            Truth::Unknown => 1,
            Truth::False => 0,
        };
        if best.is_none_or(|(known, ..)| known < worth) {
            best = Some((worth, truth, rule));
        }
        if worth == 4 && !T::THOROUGH {
            break;
        }
    }
    best.map(|(_, truth, rule)| (truth, rule))
}

fn weigh<T: Trace>(rule: &Rule, role: Role, asked: &Asked<'_>, trace: &mut T) -> Truth {
    let denies = matches!(rule.effect(), Effect::Deny(_));
    let slash = asked.request.path.has_encoded_slash() && !rule.allows_encoded_slash() && !denies;
    trace.rule(rule, if slash { Role::NoEncodedSlash } else { role });
    let expired = rule.until().is_some_and(|end| asked.request.now >= end);
    let weighed = match rule.effect().condition() {
        Some(condition) => condition.weigh(asked, rule.effect().standing(), trace),
        None => Truth::True,
    };
    let truth = match rule.effect() {
        Effect::Deny(_) => weighed,
        // It still speaks: a wider rule must not open what this one opened for a time.
        _ if expired || slash => Truth::False,
        Effect::Allow(condition) if weighed == Truth::True => match asked.who {
            // Only public rules let in somebody who is not signed in.
            Who::Nobody => Truth::Unknown,
            Who::Person(_) => Truth::True,
            Who::Service(_) => condition.holds_by_name(asked, rule.effect().standing()).into(),
        },
        _ => weighed,
    };
    trace.came_to(truth);
    truth
}
