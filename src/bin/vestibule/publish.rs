//! `vestibule publish`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use vestibule::policy::{Severity, diff, expectations};

use crate::policy_diff::describe;
use crate::releases::{self, By, Live, Stored};
use crate::store::Store;
use crate::{Answer, ask, clock, policies, policy_check};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule publish policies/intranet.json --remote --note 'IT may see the wiki'
  vestibule publish policies/intranet.json --remote --report   # try it beside the live one
  vestibule publish policies/intranet.json --remote --promote  # what was tried goes live")]
pub struct Arguments {
    /// Policy documents; without any, those in policies/
    files: Vec<PathBuf>,
    #[command(flatten)]
    store: Store,
    /// Put it beside the live document: both are decided, the live one counts, differences are logged
    #[arg(long, conflicts_with = "promote")]
    report: bool,
    /// Put in force what was tried with --report, if it is still what the file says
    #[arg(long)]
    promote: bool,
    /// Say what this release is about
    #[arg(long)]
    note: Option<String>,
    /// Who publishes; without this, git's user.email
    #[arg(long)]
    author: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would change and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What became of one document.
struct Done {
    published: bool,
    lines: Vec<String>,
    json: Value,
}

/// Ends with 0 where all are published or live already, and with 1 where one is refused.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let by = By {
        author: releases::author(arguments.author.as_deref())?,
        time: clock::now(),
        note: arguments.note.clone(),
    };
    let mut done = Vec::new();
    for file in policies::given_or_all(&arguments.files)? {
        done.push(publish(arguments, &file, &by)?);
    }
    let output = if arguments.json {
        Value::from_iter(done.iter().map(|one| one.json.clone())).to_string()
    } else {
        done.iter().flat_map(|one| one.lines.clone()).collect::<Vec<_>>().join("\n")
    };
    let published = done.iter().all(|one| one.published);
    Ok(if published { Answer::Yes(output) } else { Answer::No(output) })
}

fn publish(arguments: &Arguments, file: &Path, by: &By) -> Result<Done, String> {
    let name = file.display();
    let refused = |why: Vec<String>| Done {
        published: false,
        json: json!({ "file": file, "published": false, "refused": plain(&why) }),
        lines: why.into_iter().chain([format!("{name}: not published")]).collect(),
    };
    let document = match policies::read(file)? {
        Ok(document) => document,
        Err(unusable) => return Ok(refused(vec![unusable.lines()])),
    };
    let new = Stored::read(&document.text)?;
    let found = policy_check::check(file, &document, by.time, None);
    let policy = &document.policy;
    let mut faults = faults(file, &new, by);
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    faults.extend(errors.map(|one| one.line.clone()));
    if !faults.is_empty() {
        return Ok(refused(faults));
    }
    let store = &arguments.store;
    let hosts = policy.hosts();
    let host = hosts.first().map(String::as_str).unwrap_or_default();
    if arguments.promote {
        let tried = releases::stored(store, &format!("candidate/{host}"))?;
        if tried.is_none_or(|tried| tried.digest() != new.digest()) {
            let why = format!("{name}: another document was tried, or none: --report it first");
            return Ok(refused(vec![why]));
        }
    }
    let live = releases::live(store, host)?;
    let unusable = matches!(live, Live::Unusable);
    let live = live.document();
    if arguments.report && live.is_none() {
        return Ok(refused(vec![format!("{name}: nothing is live for {host} to try it beside")]));
    }
    let warnings = found.iter().filter(|one| one.severity == Severity::Warning);
    let mut lines: Vec<String> = warnings.map(|one| one.line.clone()).collect();
    if live.as_ref().is_some_and(|live| !live.is_as_published()) {
        lines.push(format!("Warning: app/{host} was changed by hand since it was published."));
    }
    let difference = live.as_ref().map(|live| diff(&live.policy, policy, by.time));
    let unchanged = live.as_ref().is_some_and(|live| live.digest() == new.digest());
    if unchanged && !arguments.report && !arguments.promote {
        let json = json!({ "file": file, "published": true, "unchanged": true });
        lines.push(format!("{name}: is live already"));
        return Ok(Done { published: true, lines, json });
    }
    match &difference {
        Some(difference) => lines.extend(describe(difference)),
        None if unusable => lines.push(format!("app/{host} in the store can't be read.")),
        None => lines.push(format!("Nothing is live for {host} yet.")),
    }
    let verb = if arguments.report { "Try" } else { "Publish" };
    let question = format!("{}\n{verb} {name} for {}?", lines.join("\n"), hosts.join(", "));
    if arguments.dry_run || !(arguments.yes || ask::agreed(&question)?) {
        let json = json!({ "file": file, "published": false, "difference": difference });
        lines.push(format!("{name}: not published"));
        return Ok(Done { published: arguments.dry_run, lines, json });
    }
    let number = releases::next_number(store, hosts)?;
    let released = new.released(number, by);
    if arguments.report {
        releases::put_candidate(store, &released)?;
        lines.push(format!("{name}: is tried as release {number}, and nothing else is in force"));
    } else {
        releases::put(store, &released, number)?;
        for host in hosts.iter().filter(|_| arguments.promote) {
            store.delete(&format!("candidate/{host}"))?;
        }
        lines.push(format!("{name}: release {number} is in force within two minutes"));
    }
    let json = json!({ "file": file, "published": true, "tried": arguments.report,
        "release": released.document.get("release"), "difference": difference });
    Ok(Done { published: true, lines, json })
}

/// What stands in the way: expectations that are not met.
fn faults(file: &Path, new: &Stored, by: &By) -> Vec<String> {
    let unmet = expectations(&new.policy, by.time).into_iter().filter(|outcome| !outcome.met);
    unmet
        .map(|outcome| {
            let (case, expected, found) = (&outcome.case, outcome.expected, outcome.found);
            let place = format!("{}{}", file.display(), outcome.pointer);
            format!("{place}: {case}: expected {expected}, found {found}")
        })
        .collect()
}

/// Without colours, for JSON.
fn plain(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
}
