//! The paths that a set of documents tells apart.
//!
//! Two paths that are covered by the same rules are decided alike, so that finitely many paths stand
//! for all. They are found by walking the patterns with one name for each literal that may come
//! next, and one more for every other name.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::document::{Effect, Policy, Rule};
use super::path::CanonicalPath;
use super::pattern::Segment;
use crate::limits;

/// Paths that are covered by the same rules.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// One of them.
    pub(super) path: CanonicalPath,
    /// What they look like; `**` stands for what no other region takes.
    pub(super) shown: String,
    /// Document and place of each rule that covers them.
    pub(super) covering: Vec<RuleAt>,
}

/// The place of a document in the list, and of a rule in the document.
pub(super) type RuleAt = (usize, usize);

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// All regions, the shortest path first. `None` where there are more than [`limits::REGIONS`].
pub(super) fn regions(policies: &[&Policy]) -> Option<Vec<Region>> {
    let mut found = Found::default();
    let rules = policies
        .iter()
        .enumerate()
        .flat_map(|(document, policy)| (0..policy.rules.len()).map(move |place| (document, place)));
    let mut queue = VecDeque::from([State { alive: rules.collect(), ..State::default() }]);
    let mut visited = HashSet::new();
    let other = other_name(policies);
    while let Some(state) = queue.pop_front() {
        let key = (state.names.len(), state.alive.clone(), state.settled.clone());
        if visited.insert(key) {
            state.visit(policies, &other, &mut found, &mut queue);
        }
        if found.regions.len() > limits::REGIONS || visited.len() > limits::REGIONS {
            return None;
        }
    }
    Some(found.regions)
}

/// A name that no pattern has.
pub(super) fn other_name(policies: &[&Policy]) -> String {
    let rules = || policies.iter().flat_map(|policy| &policy.rules);
    let taken: HashSet<String> = rules()
        .flat_map(|rule| rule.pattern.segments())
        .filter_map(|segment| match segment {
            Segment::Literal(name) => Some(name.to_lowercase()),
            Segment::Any => None,
        })
        .collect();
    let mut name = "other".to_owned();
    while taken.contains(&name) {
        name.push('-');
    }
    name
}

#[derive(Default)]
struct Found {
    regions: Vec<Region>,
    known: HashMap<Vec<RuleAt>, usize>,
}

impl Found {
    fn add(&mut self, names: &[String], below: Option<&str>, mut covering: Vec<RuleAt>) {
        covering.sort_unstable();
        let here = written(names.iter().map(String::as_str));
        let shown = match below {
            Some(_) => format!("{}/**", here.trim_end_matches('/')),
            None => here.clone(),
        };
        if let Some(known) = self.known.get(&covering) {
            // A path and all below it are one region with one name.
            let region = self.regions.get_mut(*known).filter(|region| region.shown == here);
            if let Some(region) = region {
                region.shown = shown;
            }
            return;
        }
        let path = written(names.iter().map(String::as_str).chain(below));
        // A literal was a path's segment once, so that this is one.
        let Ok(path) = CanonicalPath::parse(&path) else { return };
        self.known.insert(covering.clone(), self.regions.len());
        self.regions.push(Region { path, shown, covering });
    }
}

fn written<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let parts: Vec<String> =
        names.map(|name| utf8_percent_encode(name, UNRESERVED).to_string()).collect();
    format!("/{}", parts.join("/"))
}

/// What is known after some names of a path.
#[derive(Default)]
struct State {
    names: Vec<String>,
    /// Rules whose pattern agrees so far.
    alive: Vec<RuleAt>,
    /// Rules that cover whatever follows.
    settled: Vec<RuleAt>,
}

impl State {
    fn visit(
        mut self,
        policies: &[&Policy],
        other: &str,
        found: &mut Found,
        queue: &mut VecDeque<State>,
    ) {
        let depth = self.names.len();
        let mut here = Vec::new();
        let mut names = BTreeSet::from([other.to_owned()]);
        let mut whatever: Vec<RuleAt> = Vec::new();
        let mut named: HashMap<(usize, String), Vec<RuleAt>> = HashMap::new();
        for at in std::mem::take(&mut self.alive) {
            let Some((policy, rule)) = rule(policies, at) else { continue };
            match rule.pattern.segments().get(depth) {
                Some(Segment::Any) => whatever.push(at),
                Some(Segment::Literal(name)) => {
                    names.insert(name.clone());
                    named.entry((at.0, policy.index.fold(name).into())).or_default().push(at);
                }
                None if rule.speaks_below() => self.settled.push(at),
                None => here.push(at),
            }
        }
        found.add(&self.names, None, [self.settled.as_slice(), &here].concat());
        for name in names {
            let mut alive = whatever.clone();
            for (document, policy) in policies.iter().enumerate() {
                let agree = named.get(&(document, policy.index.fold(&name).into()));
                alive.extend(agree.into_iter().flatten());
            }
            if alive.is_empty() {
                found.add(&self.names, Some(other), self.settled.clone());
                continue;
            }
            let names = self.names.iter().cloned().chain([name]).collect();
            queue.push_back(State { names, alive, settled: self.settled.clone() });
        }
    }
}

fn rule<'p>(policies: &[&'p Policy], (document, place): RuleAt) -> Option<(&'p Policy, &'p Rule)> {
    let policy = policies.get(document)?;
    Some((policy, policy.rules.get(place)?))
}

impl Rule {
    /// Whether it is for all below its segments: a deny is, however it was written.
    fn speaks_below(&self) -> bool {
        self.pattern.is_open() || matches!(self.effect, Effect::Deny(_))
    }
}
