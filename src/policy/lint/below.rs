//! What lies above and below a rule, and is more open than it or less.

use super::{Finding, Lint};
use crate::identity::UnixTime;
use crate::policy::change::stranger;
use crate::policy::decide::{Request, Verdict, Who};
use crate::policy::diff::gains;
use crate::policy::document::{Effect, Policy, Rule};
use crate::policy::explain::{Explanation, explain};
use crate::policy::path::CanonicalPath;
use crate::policy::regions::{Region, other_name};
use crate::policy::trace::Role;

use super::effect::methods;

pub(super) fn find(policy: &Policy, regions: &[Region], now: UnixTime) -> Vec<Finding> {
    let bare = policy.without_rules();
    let other = other_name(&[policy]);
    let mut found = Vec::new();
    for region in regions {
        let covering: Vec<&Rule> =
            region.covering.iter().filter_map(|(_, place)| policy.rules.get(*place)).collect();
        for method in methods(&covering) {
            let here = Here { policy, bare: &bare, region, covering: &covering, method, now };
            found.extend(here.against_the_rule_above());
            found.extend(here.against_what_is_below(&other));
        }
    }
    let nowhere = regions.iter().find(|region| region.shown == "/**");
    found.extend(nowhere.and_then(|region| everyone(policy, region, now)));
    found
}

/// One region and method.
struct Here<'p> {
    policy: &'p Policy,
    bare: &'p Policy,
    region: &'p Region,
    covering: &'p [&'p Rule],
    method: &'p str,
    now: UnixTime,
}

impl Here<'_> {
    fn against_the_rule_above(&self) -> Option<Finding> {
        let asked = self.asked(self.policy, &self.region.path);
        let (speaking, above): (Vec<&Rule>, Vec<&Rule>) = self
            .covering
            .iter()
            .filter(|rule| !matches!(rule.effect, Effect::Deny(_)) && !rule.report)
            .filter(|rule| rule.covers_method(self.method))
            .partition(|rule| asked.speaks(rule));
        let (first, next) = (speaking.first()?, above.first()?);
        let rules = above.iter().map(|rule| (*rule).clone()).collect();
        let parent = self.bare.with_rules(rules);
        let child = speaking.iter().map(|rule| (*rule).clone()).collect();
        let child = self.bare.with_rules(child);
        let by_parent = self.asked(&parent, &self.region.path);
        let by_child = self.asked(&child, &self.region.path);
        if by_parent.nobody == Verdict::Allow && by_child.nobody != Verdict::Allow {
            let detail = format!("{} is public around {}", next.pattern, first.pattern);
            return Some(Finding::of_rules(Lint::PublicAboveRestricted, &[first, next], detail));
        }
        // Who signs in gets in above: then there is little that could be opened.
        if by_parent.stranger == Verdict::Allow {
            return None;
        }
        let gains = gains(&parent, &child, self.region, self.method, self.now);
        let who = gains.first()?;
        let detail = format!("{} keeps out what {} lets in: {who}", next.pattern, first.pattern);
        Some(Finding::of_rules(Lint::OpensWhatParentCloses, &[first, next], detail))
    }

    fn against_what_is_below(&self, other: &str) -> Option<Finding> {
        let here = self.asked(self.policy, &self.region.path);
        let speaking = self.covering.iter().find(|rule| here.speaks(rule))?;
        if speaking.pattern.is_open() || matches!(speaking.effect, Effect::Public { .. }) {
            return None;
        }
        let below = format!("{}/{other}", self.region.path.as_str().trim_end_matches('/'));
        let below = self.asked(self.policy, &CanonicalPath::parse(&below).ok()?);
        let opens = |here, below| here != Verdict::Allow && below == Verdict::Allow;
        let open = opens(here.nobody, below.nobody) && below.nobody == Verdict::Allow
            || opens(here.stranger, below.stranger);
        let wider = below.explanation.rule.as_deref().unwrap_or_default();
        // The root's own rule is for the root, and everybody knows that.
        (open && !speaking.pattern.segments().is_empty()).then(|| {
            let detail = format!("{} leaves what is below to {wider}", speaking.pattern);
            Finding::of_rules(Lint::BelowIsOpen, &[speaking], detail)
        })
    }

    fn asked(&self, policy: &Policy, path: &CanonicalPath) -> Asked {
        let request = Request::new(self.method, path, self.now);
        let stranger = stranger(policy, &request);
        let explanation = explain(policy, &request, Who::Person(&stranger));
        let nobody = explain(policy, &request, Who::Nobody).verdict;
        Asked { nobody, stranger: explanation.verdict, explanation }
    }
}

struct Asked {
    nobody: Verdict,
    /// For somebody of whom nothing is known but that they have signed in.
    stranger: Verdict,
    explanation: Explanation,
}

impl Asked {
    fn speaks(&self, rule: &Rule) -> bool {
        let mut considered = self.explanation.considered.iter();
        considered.any(|one| one.place == rule.place && one.role == Role::Speaks)
    }
}

fn everyone(policy: &Policy, region: &Region, now: UnixTime) -> Option<Finding> {
    let request = Request::new("GET", &region.path, now);
    let explanation = explain(policy, &request, Who::Person(&stranger(policy, &request)));
    let speaks = |rule: &&Rule| explanation.rule.as_deref() == Some(rule.pattern.as_str());
    let rule = policy.rules.iter().find(speaks)?;
    let open = explanation.verdict == Verdict::Allow;
    open.then(|| Finding::of_rules(Lint::Everyone, &[rule], rule.pattern.as_str()))
}
