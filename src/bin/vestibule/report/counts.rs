//! What the log comes to, host by host.

use std::collections::BTreeMap;

use vestibule::policy::Policy;

use crate::clock;
use crate::recorded::Recorded;

/// How often each answer was given.
#[derive(Clone, Copy, Default)]
pub struct Answers {
    pub allowed: u64,
    pub sign_in: u64,
    pub refused: u64,
}

impl Answers {
    pub fn all(&self) -> u64 {
        self.allowed.saturating_add(self.sign_in).saturating_add(self.refused)
    }

    fn count(&mut self, event: &str) {
        let one = match event {
            "allowed" => &mut self.allowed,
            "sign-in" => &mut self.sign_in,
            _ => &mut self.refused,
        };
        *one = one.saturating_add(1);
    }
}

/// The decisions of one host.
#[derive(Default)]
pub struct Counts {
    pub answers: Answers,
    /// By path pattern; what no rule decided is under none.
    pub rules: BTreeMap<Option<String>, Answers>,
    /// Refusals by code.
    pub codes: BTreeMap<String, u64>,
    /// By day, from the first to the last.
    pub days: BTreeMap<String, Answers>,
    /// By person and day.
    pub people: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Counts what is a decision.
pub fn by_host(recorded: impl IntoIterator<Item = Recorded>) -> BTreeMap<String, Counts> {
    let mut hosts: BTreeMap<String, Counts> = BTreeMap::new();
    for one in recorded {
        let Some(decision) = one.decision() else { continue };
        let counts = hosts.entry(decision.host.to_owned()).or_default();
        let day: String = clock::write(one.time).chars().take("2026-11-24".len()).collect();
        counts.answers.count(&one.event);
        counts.rules.entry(one.rule.clone()).or_default().count(&one.event);
        counts.days.entry(day.clone()).or_default().count(&one.event);
        if let Some(code) = &one.code {
            add(counts.codes.entry(code.clone()).or_default());
        }
        if let Some(person) = &one.person {
            add(counts.people.entry(person.clone()).or_default().entry(day).or_default());
        }
    }
    hosts
}

fn add(count: &mut u64) {
    *count = count.saturating_add(1);
}

impl Counts {
    /// The rules of a document that decided nothing here: where they stand, and their patterns.
    pub fn unused(&self, policy: &Policy) -> Vec<(String, String)> {
        let decided = |pattern: &str| self.rules.keys().flatten().any(|known| known == pattern);
        let unused = policy.rules().iter().filter(|rule| !decided(rule.pattern().as_str()));
        unused.map(|rule| (rule.pointer(), rule.pattern().as_str().to_owned())).collect()
    }
}
