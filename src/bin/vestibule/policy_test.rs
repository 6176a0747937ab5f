//! `vestibule policy test`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use vestibule::identity::UnixTime;
use vestibule::policy::{Outcome, expectations};

use crate::{Answer, clock, policies};

#[derive(Args)]
#[command(after_help = "Example:\n  vestibule policy test policies/intranet.json")]
pub struct Arguments {
    /// Policy documents; without any, those in policies/
    files: Vec<PathBuf>,
    /// Test as of this time, such as 2026-11-23T12:00:00Z, and not as of now
    #[arg(long, value_parser = clock::read)]
    at: Option<UnixTime>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What became of one file.
struct Tested {
    met: bool,
    text: String,
    json: Value,
}

pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let now = arguments.at.unwrap_or_else(clock::now);
    let tested: Result<Vec<Tested>, String> =
        policies::given_or_all(&arguments.files)?.iter().map(|file| test(file, now)).collect();
    let tested = tested?;
    let output = if arguments.json {
        Value::from_iter(tested.iter().map(|one| one.json.clone())).to_string()
    } else {
        tested.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join("\n")
    };
    let met = tested.iter().all(|one| one.met);
    Ok(if met { Answer::Yes(output) } else { Answer::No(output) })
}

fn test(file: &Path, now: UnixTime) -> Result<Tested, String> {
    let policy = match policies::read(file)? {
        Ok(document) => document.policy,
        Err(unusable) => {
            return Ok(Tested { met: false, text: unusable.lines(), json: unusable.json() });
        }
    };
    let outcomes = expectations(&policy, now);
    let unmet: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.met).collect();
    let total = outcomes.len();
    let met = total.saturating_sub(unmet.len());
    let advice =
        if total == 0 { "; write some, so that no change of access goes unnoticed" } else { "" };
    let name = file.display();
    let lines: Vec<String> = unmet
        .iter()
        .map(|outcome| format!("{name}{}: {}", outcome.pointer, describe(outcome)))
        .chain([format!("{name}: {met} of {total} expectations met{advice}")])
        .collect();
    let json = json!({ "file": file, "met": met, "total": total, "outcomes": outcomes });
    Ok(Tested { met: unmet.is_empty(), text: lines.join("\n"), json })
}

fn describe(outcome: &Outcome) -> String {
    let Outcome { case, expected, found, because, .. } = outcome;
    let because = because.as_ref().map(|rule| format!(" because of {rule}")).unwrap_or_default();
    let rule = outcome.explanation.as_ref().and_then(|explained| explained.rule.as_deref());
    let by = match (outcome.path_refused, rule) {
        (Some(code), _) => format!(" ({code})"),
        (None, Some(rule)) => format!(" by {rule}"),
        (None, None) => ", for no rule covers it".to_owned(),
    };
    format!("{case}: expected {expected}{because}, found {found}{by}")
}
