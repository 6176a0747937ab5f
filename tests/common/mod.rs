//! What several tests use.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

pub mod folder;

use vestibule::identity::{Email, Facts};
use vestibule::policy::{CanonicalPath, Explanation, Policy, Request, explain};

pub const NOW: i64 = 1_800_000_000;

/// Random numbers that are the same every time (Marsaglia's xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end
    }

    pub fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A policy with these rules.
pub fn policy(rules: &str) -> Policy {
    policy_with(rules, "")
}

/// A policy with these rules and, each with a comma before it, more members.
pub fn policy_with(rules: &str, more: &str) -> Policy {
    let text = format!(
        r#"{{"name":"Test","hosts":["app.example.com"],"sign_in":{{"idps":["main","other"]}},
            "rules":[{rules}]{more}}}"#
    );
    Policy::from_json(&text).unwrap_or_else(|faults| panic!("{text}\n{faults:#?}"))
}

/// A person in these groups.
pub fn member(groups: &[&str]) -> Facts {
    Facts {
        idp: "main".to_owned(),
        email: Some(Email::parse("ann@example.com").unwrap()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        signed_in_at: NOW,
        ..Facts::default()
    }
}

/// What is decided for `GET path`.
pub fn get(policy: &Policy, path: &str, facts: Option<&Facts>) -> Explanation {
    ask(policy, "GET", path, facts)
}

pub fn ask(policy: &Policy, method: &str, path: &str, facts: Option<&Facts>) -> Explanation {
    let path = CanonicalPath::parse(path).unwrap();
    explain(policy, &Request::new(method, &path, NOW), facts)
}
