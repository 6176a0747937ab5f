//! `vestibule policy diff`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use vestibule::identity::UnixTime;
use vestibule::policy::{Difference, Policy, diff};

use crate::{Answer, clock, decisions, paint, policies};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule policy diff live.json policies/intranet.json
  vestibule policy diff live.json policies/intranet.json --decisions yesterday.ndjson")]
pub struct Arguments {
    /// The document as it was
    old: PathBuf,
    /// The document as it is to be
    new: PathBuf,
    /// Log lines of the gate, one JSON object a line: they are decided by both documents
    #[arg(long)]
    decisions: Option<PathBuf>,
    /// Compare as of this time, such as 2026-11-23T12:00:00Z, and not as of now
    #[arg(long, value_parser = clock::read)]
    at: Option<UnixTime>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Ends with 0 where nothing changes for anybody, and with 1 where something does.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let now = arguments.at.unwrap_or_else(clock::now);
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let difference = diff(&old, &new, now);
    let replayed = match &arguments.decisions {
        Some(file) => decisions::replay(file, &old, &new, now)?,
        None => Vec::new(),
    };
    let same = difference.is_empty() && replayed.is_empty();
    let output = if arguments.json {
        json!({ "difference": difference, "decisions": replayed }).to_string()
    } else {
        let recorded = replayed.iter().map(ToString::to_string);
        let mut lines = describe(&difference);
        lines.extend(heading("Recorded decisions that would be others:", recorded.collect()));
        lines.join("\n")
    };
    Ok(if same { Answer::Yes(output) } else { Answer::No(output) })
}

fn read(file: &Path) -> Result<Policy, String> {
    let read = policies::read(file)?;
    read.map(|document| document.policy).map_err(|unusable| unusable.lines())
}

/// What changes, in lines for people.
pub fn describe(difference: &Difference) -> Vec<String> {
    let mut lines = Vec::new();
    if difference.is_empty() {
        lines.push("Nothing changes for anybody.".to_owned());
    }
    for region in &difference.regions {
        let methods = region.methods.iter().map(|methods| format!(" ({methods})"));
        lines.push(format!("{}{}", region.paths, methods.collect::<String>()));
        lines.extend(region.gains.iter().map(|who| paint::good(&format!("  + {who}"))));
        lines.extend(region.loses.iter().map(|who| paint::bad(&format!("  - {who}"))));
    }
    let expectations = difference.expectations.iter();
    let moved =
        expectations.map(|moved| format!("  {}: {}, was {}", moved.case, moved.new, moved.old));
    lines.extend(heading("Expectations that are answered differently:", moved.collect()));
    if !difference.complete {
        lines.push(
            "The documents tell too many paths or people apart: not all were compared.".into(),
        );
    }
    lines
}

fn heading(words: &str, lines: Vec<String>) -> Vec<String> {
    let words = (!lines.is_empty()).then(|| words.to_owned());
    words.into_iter().chain(lines).collect()
}
