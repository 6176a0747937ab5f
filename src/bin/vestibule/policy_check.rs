//! `vestibule policy check`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use vestibule::identity::UnixTime;
use vestibule::policy::{Finding, Lines, Lint, Severity, lint};

use crate::policies::{self, Document};
use crate::{Answer, clock, paint};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule policy check
  vestibule policy check policies/intranet.json --groups groups.txt --strict")]
pub struct Arguments {
    /// Policy documents; without any, those in policies/
    files: Vec<PathBuf>,
    /// A file with the groups that the identity provider has, one a line
    #[arg(long)]
    groups: Option<PathBuf>,
    /// A host that has to have a document
    #[arg(long)]
    host: Vec<String>,
    /// Let warnings count as errors
    #[arg(long)]
    strict: bool,
    /// Check as of this time, such as 2026-11-23T12:00:00Z, and not as of now
    #[arg(long, value_parser = clock::read)]
    at: Option<UnixTime>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A finding with its file and lines.
pub struct Placed {
    pub severity: Severity,
    pub line: String,
    pub json: Value,
}

/// Ends with 0 where nothing is wrong but what is only worth a warning, else with 1.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let now = arguments.at.unwrap_or_else(clock::now);
    let groups = arguments.groups.as_deref().map(read_groups).transpose()?;
    let mut found = Vec::new();
    let mut documents = Vec::new();
    for file in policies::given_or_all(&arguments.files)? {
        match policies::read(&file)? {
            Err(unusable) => found.push(Placed {
                severity: Severity::Error,
                line: unusable.lines(),
                json: unusable.json(),
            }),
            Ok(document) => {
                found.extend(check(&file, &document, now, groups.as_ref()));
                documents.push(document.policy);
            }
        }
    }
    for host in &arguments.host {
        if !documents.iter().any(|policy| policy.covers_host(host)) {
            let finding = Finding::about(Lint::HostWithoutDocument, "", host);
            found.push(placed(Path::new(""), &mut Lines::of(""), &finding));
        }
    }
    let worst = if arguments.strict { Severity::Warning } else { Severity::Error };
    let fine = found.iter().all(|one| one.severity > worst);
    let output = if arguments.json {
        Value::from_iter(found.into_iter().map(|one| one.json)).to_string()
    } else if found.is_empty() {
        "nothing found".to_owned()
    } else {
        found.into_iter().map(|one| one.line).collect::<Vec<_>>().join("\n")
    };
    Ok(if fine { Answer::Yes(output) } else { Answer::No(output) })
}

/// What is found in one document.
pub fn check(
    file: &Path,
    document: &Document,
    now: UnixTime,
    groups: Option<&BTreeSet<String>>,
) -> Vec<Placed> {
    let found = lint(&document.policy, now, groups);
    let mut lines = Lines::of(&document.written);
    found.iter().map(|finding| placed(file, &mut lines, finding)).collect()
}

fn placed(file: &Path, text: &mut Lines<'_>, finding: &Finding) -> Placed {
    let Finding { lint, pointers, detail } = finding;
    let lines: Vec<Option<usize>> = pointers.iter().map(|pointer| text.line(pointer)).collect();
    let severity = lint.severity();
    let word = match severity {
        Severity::Error => paint::bad("error"),
        Severity::Warning => paint::notable("warning"),
        Severity::Note => "note".to_owned(),
    };
    let place = match (file.as_os_str().is_empty(), lines.iter().flatten().next()) {
        (true, _) => String::new(),
        (false, Some(line)) => format!("{}:{line}: ", file.display()),
        (false, None) => format!("{}: ", file.display()),
    };
    let about = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    let (cause, remedy, code) = (lint.cause(), lint.remedy(), lint.code());
    Placed {
        severity,
        line: format!("{place}{word}: {cause}{about} {remedy} [{code}]"),
        json: json!({ "file": file, "code": code, "severity": severity, "pointers": pointers,
            "lines": lines, "detail": detail, "cause": cause, "remedy": remedy }),
    }
}

fn read_groups(file: &Path) -> Result<BTreeSet<String>, String> {
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}
