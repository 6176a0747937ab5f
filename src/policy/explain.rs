//! The decision with its reasons.

use serde::{Serialize, Serializer};

use super::condition::{Condition, Truth};
use super::decide::{Reported, Request, Verdict, Who};
use super::document::{Effect, Policy, Rule};
use super::judge::{Answer, Judgement, judge};
use super::trace::{Role, Trace};
use crate::refusals::Refusal;

/// A decision, the rule that gave it, and all rules that cover the path with what they came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The decision.
    pub verdict: Verdict,
    /// The refusal, where it is one.
    #[serde(serialize_with = "code", skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// The pattern of the rule that gave it.
    pub rule: Option<String>,
    /// What that rule gives as its reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it would be with the rules in report mode in force, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<Reported>,
    /// Every rule that covers the path, in the order in which they were met.
    pub considered: Vec<Considered>,
}

/// A rule that covers the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Considered {
    /// Where it stands in the document.
    pub pointer: String,
    /// Its pattern as written.
    pub path: String,
    /// `allow`, `deny` or `public`.
    pub effect: &'static str,
    /// Its part in the decision.
    pub role: Role,
    /// What it came to, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truth: Option<Truth>,
    /// Its date has passed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
    /// Its condition with what each part came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Weighed>,
    #[serde(skip)]
    pub(super) place: usize,
    #[serde(skip)]
    open: Vec<Weighed>,
}

/// A condition with what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// The condition.
    pub condition: String,
    /// What it came to.
    pub truth: Truth,
    /// The conditions inside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Weighed>,
}

/// Decides as [`decide`](super::decide()) does and tells the reasons. Facts need no proof here, and
/// nothing is granted.
pub fn explain<'a>(policy: &Policy, request: &Request<'_>, who: impl Into<Who<'a>>) -> Explanation {
    let mut notes = Notes { now: request.now, considered: Vec::new() };
    let Judgement { answer, reported } = judge(policy, request, who.into(), &mut notes);
    let refusal = match answer {
        Answer::Refused(refusal, _) => Some(refusal),
        Answer::Forward(_) | Answer::SignIn(_) => None,
    };
    Explanation {
        verdict: answer.verdict(),
        refusal,
        rule: answer.rule().map(|rule| rule.pattern().as_str().to_owned()),
        why: answer.rule().and_then(|rule| rule.why().map(str::to_owned)),
        reported,
        considered: notes.considered,
    }
}

struct Notes {
    now: i64,
    considered: Vec<Considered>,
}

impl Trace for Notes {
    const THOROUGH: bool = true;

    fn rule(&mut self, rule: &Rule, role: Role) {
        self.considered.push(Considered {
            pointer: rule.pointer(),
            path: rule.pattern().as_str().to_owned(),
            effect: rule.effect().word(),
            role,
            truth: None,
            expired: rule.until().is_some_and(|end| self.now >= end),
            condition: None,
            place: rule.place,
            open: Vec::new(),
        });
    }

    fn came_to(&mut self, truth: Truth) {
        if let Some(rule) = self.considered.last_mut() {
            rule.truth = Some(truth);
        }
    }

    fn enter(&mut self, condition: &Condition) {
        let Some(rule) = self.considered.last_mut() else { return };
        let condition = condition.to_string();
        rule.open.push(Weighed { condition, truth: Truth::Unknown, parts: Vec::new() });
    }

    fn leave(&mut self, truth: Truth) {
        let Some(rule) = self.considered.last_mut() else { return };
        let Some(mut weighed) = rule.open.pop() else { return };
        weighed.truth = truth;
        match rule.open.last_mut() {
            Some(outer) => outer.parts.push(weighed),
            None => rule.condition = Some(weighed),
        }
    }
}

impl Effect {
    fn word(&self) -> &'static str {
        match self {
            Effect::Allow(_) => "allow",
            Effect::Deny(_) => "deny",
            Effect::Public { .. } => "public",
        }
    }
}

fn code<S: Serializer>(refusal: &Option<Refusal>, serializer: S) -> Result<S::Ok, S::Error> {
    refusal.map(Refusal::code).serialize(serializer)
}
