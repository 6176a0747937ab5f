//! Decisions that the gate has logged, decided again.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vestibule::identity::{Email, Facts, UnixTime};
use vestibule::policy::{CanonicalPath, Policy, Request, Verdict, explain};

/// A log line, as far as it says what was asked and by whom.
#[derive(Deserialize)]
struct Recorded {
    event: String,
    host: String,
    method: String,
    path: String,
    person: Option<String>,
    idp: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
}

/// A request that is answered differently, and how often it was made.
#[derive(Serialize)]
pub struct Replayed {
    case: String,
    old: Verdict,
    new: Verdict,
    times: u64,
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Replayed { case, old, new, times } = self;
        write!(f, "  {case}: {new}, was {old} ({times} times)")
    }
}

/// Decides logged requests by both documents and tells which come out differently. A line says of a
/// person their address, their identity provider and the groups that the document named then.
pub fn replay(
    file: &Path,
    old: &Policy,
    new: &Policy,
    now: UnixTime,
) -> Result<Vec<Replayed>, String> {
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut found: BTreeMap<(String, Verdict, Verdict), u64> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Value = serde_json::from_str(line)
            .map_err(|error| format!("{}:{}: {error}", file.display(), number.saturating_add(1)))?;
        for recorded in decisions_of(line).filter(|one| old.covers_host(&one.host)) {
            let verdicts = (recorded.verdict(old, now), recorded.verdict(new, now));
            if let (Some(was), Some(is)) = verdicts
                && was != is
            {
                let times = found.entry((recorded.to_string(), was, is)).or_default();
                *times = times.saturating_add(1);
            }
        }
    }
    let replayed = |((case, old, new), times)| Replayed { case, old, new, times };
    Ok(found.into_iter().map(replayed).collect())
}

/// The decisions in a line: the gate's own, or one of `wrangler tail --format json`, which holds the
/// gate's lines as text.
fn decisions_of(line: Value) -> impl Iterator<Item = Recorded> {
    let messages = line.get("logs").and_then(Value::as_array).cloned();
    let lines = match messages {
        Some(logs) => logs
            .iter()
            .filter_map(|log| log.get("message")?.as_array()?.first()?.as_str())
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect(),
        None => vec![line],
    };
    let recorded = lines.into_iter().filter_map(|line| serde_json::from_value(line).ok());
    recorded
        .filter(|one: &Recorded| matches!(one.event.as_str(), "allowed" | "refused" | "sign-in"))
}

impl Recorded {
    /// None where the path itself was refused.
    fn verdict(&self, policy: &Policy, now: UnixTime) -> Option<Verdict> {
        let path = CanonicalPath::parse(&self.path).ok()?;
        let facts = self.person.as_ref().map(|person| Facts {
            idp: self.idp.clone().unwrap_or_default(),
            name_id: person.clone(),
            email: Email::parse(person).ok(),
            groups: self.groups.clone(),
            signed_in_at: now,
            ..Facts::default()
        });
        Some(explain(policy, &Request::new(&self.method, &path, now), facts.as_ref()).verdict)
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = self.person.as_deref().unwrap_or("nobody");
        write!(f, "{who} {} {}", self.method, self.path)
    }
}
