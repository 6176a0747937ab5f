//! Which identity provider of Access is which of ours.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// What `--idp` says: our ids, each with Access's id where it is given.
pub struct Idps {
    ours: Vec<String>,
    known: BTreeMap<String, String>,
    /// Whether the files name more identity providers than one.
    several: bool,
}

impl Idps {
    /// Reads `jumpcloud` or `jumpcloud=<Access's id>`.
    pub fn new<'a>(written: &[String], files: impl Iterator<Item = &'a Value>) -> Self {
        let split = |one: &String| match one.split_once('=') {
            Some((ours, theirs)) => (ours.to_owned(), Some(theirs.to_owned())),
            None => (one.clone(), None),
        };
        let pairs: Vec<_> = written.iter().map(split).collect();
        let mut named = BTreeSet::new();
        files.for_each(|value| collect(value, &mut named));
        let known = pairs.iter().filter_map(|(ours, theirs)| Some((theirs.clone()?, ours.clone())));
        Idps { known: known.collect(), several: named.len() > 1, ours: unique(pairs) }
    }

    pub fn ours(&self) -> &[String] {
        &self.ours
    }

    /// The condition that somebody signed in at one of these of Access. `None` where it is not
    /// known which of ours they are.
    pub fn signed_in_at(&self, theirs: &[&str]) -> Option<Value> {
        let found: Vec<&String> = theirs.iter().filter_map(|id| self.known.get(*id)).collect();
        match &self.ours[..] {
            [_] if theirs.is_empty() || !self.several => Some(json!("signed-in")),
            _ if theirs.is_empty() || self.ours.iter().all(|id| found.contains(&id)) => {
                Some(json!("signed-in"))
            }
            _ if found.is_empty() => None,
            _ => Some(json!({ "idp": found })),
        }
    }
}

fn unique(pairs: Vec<(String, Option<String>)>) -> Vec<String> {
    let mut ours: Vec<String> = pairs.into_iter().map(|(ours, _)| ours).collect();
    let mut seen = BTreeSet::new();
    ours.retain(|id| seen.insert(id.clone()));
    ours
}

/// Every identity provider that a rule or an application names.
fn collect(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match key.as_str() {
                    "identity_provider_id" => named.extend(value.as_str().map(str::to_owned)),
                    "login_method" => named.extend(value["id"].as_str().map(str::to_owned)),
                    "allowed_idps" => {
                        let ids = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                        named.extend(ids.map(str::to_owned));
                    }
                    _ => collect(value, named),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|one| collect(one, named)),
        _ => {}
    }
}
