//! Who gains and who loses what, from one document to another.

use serde::Serialize;

use super::change::{Change, name, stranger};
use super::contrary::combinations;
use super::decide::{Request, Verdict, Who};
use super::document::{Policy, Rule};
use super::expect::{Expectation, of_both};
use super::judge::judge;
use super::regions::{Region, regions};
use super::trace::Silent;
use crate::identity::UnixTime;

/// Facts about a person that are varied together.
const AT_ONCE: usize = 3;
/// Facts that are varied at all where the rules name more.
const VARIED: usize = 24;

/// What changes from one document to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Expectations of either document that are answered differently.
    pub expectations: Vec<Moved>,
    /// Paths that somebody gains or loses.
    pub regions: Vec<RegionMoved>,
    /// Whether all paths and people were compared. The documents may tell too many apart; then only
    /// a part was.
    pub complete: bool,
}

/// A request that is answered differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Who asks for what, in one line.
    pub case: String,
    /// How it was answered.
    pub old: Verdict,
    /// How it is answered now.
    pub new: Verdict,
}

/// Paths that somebody gains or loses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionMoved {
    /// What they look like; `**` stands for what no other line is about.
    pub paths: String,
    /// The methods; none means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<String>,
    /// Who may now and might not.
    pub gains: Vec<String>,
    /// Who may no longer.
    pub loses: Vec<String>,
}

impl Difference {
    /// Whether nothing changes for anybody.
    pub fn is_empty(&self) -> bool {
        self.expectations.is_empty() && self.regions.is_empty()
    }
}

/// Compares what two documents say at `now`, and not how they are written. Paths are compared
/// region by region; people by every fact that the rules there name, up to three at a time.
pub fn diff(old: &Policy, new: &Policy, now: UnixTime) -> Difference {
    let moved = |case: &Expectation| {
        let (was, is) = (case.verdict(old, now), case.verdict(new, now));
        (was != is).then(|| Moved { case: case.to_string(), old: was, new: is })
    };
    let mut difference = Difference {
        expectations: of_both(old, new).filter_map(moved).collect(),
        regions: Vec::new(),
        complete: true,
    };
    let Some(regions) = regions(&[old, new]) else {
        difference.complete = false;
        return difference;
    };
    for region in regions.iter().filter(|region| may_differ(region, old, new)) {
        let comparison = Comparison { old, new, region, now };
        difference.complete &= comparison.run(&mut difference.regions);
    }
    difference
}

fn covering<'p>(region: &Region, document: usize, policy: &'p Policy) -> Vec<&'p Rule> {
    let of_it = region.covering.iter().filter(|(known, _)| *known == document);
    of_it.filter_map(|(_, place)| policy.rules.get(*place)).collect()
}

/// Whether the rules that cover a region say anything else than before.
fn may_differ(region: &Region, old: &Policy, new: &Policy) -> bool {
    let keys = |document, policy| {
        let mut keys: Vec<String> =
            covering(region, document, policy).into_iter().map(Rule::sort_key).collect();
        keys.sort_unstable();
        keys
    };
    keys(0, old) != keys(1, new) || old.sets != new.sets || old.idps() != new.idps()
}

/// Who gains in a region by a method, in words.
pub(super) fn gains(
    old: &Policy,
    new: &Policy,
    region: &Region,
    method: &str,
    now: UnixTime,
) -> Vec<String> {
    let comparison = Comparison { old, new, region, now };
    let mut changes = Vec::new();
    for policy in [old, new] {
        for condition in policy.rules.iter().filter_map(|rule| rule.effect.condition()) {
            name(condition, policy, None, &mut changes);
        }
    }
    changes.truncate(VARIED);
    comparison.sides(method, &changes).gains
}

struct Comparison<'p> {
    old: &'p Policy,
    new: &'p Policy,
    region: &'p Region,
    now: UnixTime,
}

/// Who gains and who loses, in words.
#[derive(Default, PartialEq, Eq)]
struct Sides {
    gains: Vec<String>,
    loses: Vec<String>,
}

impl Comparison<'_> {
    /// Compares every method and adds what differs. False where there were too many facts.
    fn run(&self, found: &mut Vec<RegionMoved>) -> bool {
        let rules = [covering(self.region, 0, self.old), covering(self.region, 1, self.new)];
        let (old, new) = (self.old, self.new);
        let mut changes = Vec::new();
        for (policy, rules) in [old, new].into_iter().zip(&rules) {
            for condition in rules.iter().filter_map(|rule| rule.effect.condition()) {
                name(condition, policy, None, &mut changes);
            }
        }
        let complete = changes.len() <= VARIED;
        changes.truncate(VARIED);
        let mut named: Vec<&str> =
            rules.iter().flatten().flat_map(|rule| rule.methods()).map(String::as_str).collect();
        named.sort_unstable();
        named.dedup();
        let unnamed = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let other = unnamed.iter().find(|method| !named.contains(method)).copied();
        let mut sides: Vec<(Option<String>, Sides)> = Vec::new();
        for method in named.iter().copied() {
            sides.push((Some(method.to_owned()), self.sides(method, &changes)));
        }
        if let Some(other) = other {
            let label = (!named.is_empty()).then(|| format!("other than {}", named.join(", ")));
            sides.push((label, self.sides(other, &changes)));
        }
        // Where all methods change alike, there is no need to name them.
        let alike = sides.windows(2).all(|pair| matches!(pair, [(_, a), (_, b)] if a == b));
        if alike {
            sides.truncate(1);
        }
        for (methods, Sides { gains, loses }) in sides {
            if !gains.is_empty() || !loses.is_empty() {
                let methods = methods.filter(|_| !alike);
                let paths = self.region.shown.clone();
                found.push(RegionMoved { paths, methods, gains, loses });
            }
        }
        complete
    }

    fn sides(&self, method: &str, changes: &[Change]) -> Sides {
        let mut sides = Sides::default();
        let of_request: Vec<Change> =
            changes.iter().filter(|change| change.is_of_request()).cloned().collect();
        self.collect(method, Who::Nobody, &of_request, &mut sides);
        // What is said of everybody need not be said of those who are signed in.
        let everybody = (!sides.gains.is_empty(), !sides.loses.is_empty());
        for service in changes.iter().filter_map(Change::service) {
            self.collect(method, Who::Service(service), &of_request, &mut sides);
        }
        let of_people: Vec<Change> =
            changes.iter().filter(|change| change.service().is_none()).cloned().collect();
        // What is said of everybody need not be said of those who are signed in.
        let stranger = stranger(self.new, &Request::new(method, &self.region.path, self.now));
        let mut signed_in = Sides::default();
        self.collect(method, Who::Person(&stranger), &of_people, &mut signed_in);
        if !everybody.0 {
            sides.gains.append(&mut signed_in.gains);
        }
        if !everybody.1 {
            sides.loses.append(&mut signed_in.loses);
        }
        sides
    }

    /// The smallest sets of facts with which the answer changes, and what takes it back.
    fn collect(&self, method: &str, who: Who<'_>, changes: &[Change], sides: &mut Sides) {
        let mut known: Vec<(bool, Vec<&Change>)> = Vec::new();
        for combined in (0..=AT_ONCE).flat_map(|size| combinations(changes, size)) {
            let excluded = combined.iter().enumerate().any(|(at, change)| {
                combined.iter().skip(at.saturating_add(1)).any(|other| change.excludes(other))
            });
            let (was, is) = self.answers(method, who, &combined);
            let covered = known.iter().any(|(direction, smaller)| {
                *direction == is && smaller.iter().all(|change| combined.contains(change))
            });
            if was == is || excluded || covered {
                continue;
            }
            let but: Vec<String> = changes
                .iter()
                .filter(|change| !combined.iter().any(|one| one == change || one.excludes(change)))
                .filter(|change| {
                    let more: Vec<&Change> = combined.iter().copied().chain([*change]).collect();
                    self.answers(method, who, &more).1 != is
                })
                .map(ToString::to_string)
                .collect();
            let words = phrase(who, &combined, &but);
            if is {
                sides.gains.push(words)
            } else {
                sides.loses.push(words)
            }
            known.push((is, combined));
        }
    }

    /// Whether somebody with these facts was let in, and whether they are now.
    fn answers(&self, method: &str, who: Who<'_>, changes: &[&Change]) -> (bool, bool) {
        let request = Request::new(method, &self.region.path, self.now);
        let request = changes.iter().fold(request, |request, change| change.on_request(request));
        let facts = match who {
            Who::Person(facts) => Some(
                changes
                    .iter()
                    .fold(facts.clone(), |facts, change| change.on_facts(facts, &request)),
            ),
            Who::Nobody | Who::Service(_) => None,
        };
        let who = facts.as_ref().map_or(who, Who::Person);
        let allows = |policy| {
            let answer = judge(policy, &request, who, &mut Silent).answer;
            answer.verdict() == Verdict::Allow
        };
        (allows(self.old), allows(self.new))
    }
}

fn phrase(who: Who<'_>, facts: &[&Change], but: &[String]) -> String {
    let asker = match who {
        Who::Nobody => Some("everybody, without a sign-in".to_owned()),
        Who::Service(id) => Some(format!("the service {id}")),
        Who::Person(_) if facts.is_empty() => Some("everybody who signs in".to_owned()),
        Who::Person(_) => None,
    };
    let facts: Vec<String> = facts.iter().map(ToString::to_string).collect();
    let facts = Some(facts.join(" and ")).filter(|facts| !facts.is_empty());
    let who = asker.into_iter().chain(facts).collect::<Vec<_>>().join(", ");
    if but.is_empty() { who } else { format!("{who}; but not {}", but.join(", ")) }
}
