//! Decisions that the gate has logged, decided again.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Serialize;
use vestibule::identity::{Facts, UnixTime};
use vestibule::policy::{CanonicalPath, Policy, Request, Verdict, Who, explain};

use crate::recorded::{self, Recorded};

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

/// Decides logged requests by both documents and tells which come out differently.
pub fn replay(
    file: &Path,
    old: &Policy,
    new: &Policy,
    now: UnixTime,
) -> Result<Vec<Replayed>, String> {
    let mut found: BTreeMap<(String, Verdict, Verdict), u64> = BTreeMap::new();
    let mut all = recorded::read_all(file)?;
    all.retain(|one| one.decision().is_some_and(|decision| old.covers_host(decision.host)));
    for recorded in all {
        let verdicts = (verdict(&recorded, old, now), verdict(&recorded, new, now));
        if let (Some(was), Some(is)) = verdicts
            && was != is
        {
            let times = found.entry((case(&recorded), was, is)).or_default();
            *times = times.saturating_add(1);
        }
    }
    let replayed = |((case, old, new), times)| Replayed { case, old, new, times };
    Ok(found.into_iter().map(replayed).collect())
}

/// None where the path itself was refused.
fn verdict(recorded: &Recorded, policy: &Policy, now: UnixTime) -> Option<Verdict> {
    let decision = recorded.decision()?;
    let path = CanonicalPath::parse(decision.path).ok()?;
    let facts = recorded.facts().map(|facts| Facts { signed_in_at: now, ..facts });
    let request = Request::new(decision.method, &path, now);
    let who = recorded.service().map_or(facts.as_ref().into(), Who::Service);
    Some(explain(policy, &request, who).verdict)
}

fn case(recorded: &Recorded) -> String {
    let who = recorded.person.as_deref().unwrap_or("nobody");
    let (method, path) = (recorded.method.as_deref(), recorded.path.as_deref());
    format!("{who} {} {}", method.unwrap_or_default(), path.unwrap_or_default())
}
