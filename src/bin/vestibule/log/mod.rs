//! `vestibule log`

mod filter;
mod reference;

use std::io::{BufReader, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use clap::Args;

use crate::recorded::{self, Recorded};
use crate::{Answer, clock, paint, wrangler};
use filter::Filter;

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule log
  vestibule log --person alice@example.com --since 2h yesterday.ndjson
  vestibule log --ndjson > today.ndjson
  vestibule log --reference 5f0c2a9b1d3e today.ndjson policies/intranet.json")]
pub struct Arguments {
    /// Lines of the gate, as wrangler, Logpush or a Tail Worker give them; `-` is what is piped.
    /// Without it the log is followed by `wrangler tail`
    file: Option<PathBuf>,
    /// A policy document: with --reference, it tells how it decides that request
    #[arg(requires = "reference")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
    /// Explain the request that this reference, or Cloudflare's ray, is of
    #[arg(long, conflicts_with = "ndjson")]
    reference: Option<String>,
    /// Print the lines as they are, one JSON object a line
    #[arg(long)]
    ndjson: bool,
    /// wrangler's configuration
    #[arg(long, default_value = "wrangler.toml")]
    config: PathBuf,
}

/// Ends with 1 where no line was found.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    if let Some(reference) = &arguments.reference {
        return reference::explain(arguments, reference);
    }
    let mut out = anstream::stdout();
    let mut found = false;
    let since = arguments.filter.since(clock::now());
    read(arguments, |recorded| {
        if !arguments.filter.takes(&recorded, since) {
            return ControlFlow::Continue(());
        }
        found = true;
        let text = if arguments.ndjson { recorded.line.clone() } else { readable(&recorded) };
        // Whoever read this has gone.
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    Ok(if found { Answer::Printed } else { Answer::No("No such line.".to_owned()) })
}

fn read(
    arguments: &Arguments,
    take: impl FnMut(Recorded) -> ControlFlow<()>,
) -> Result<(), String> {
    match &arguments.file {
        Some(file) => recorded::each_of(file, take),
        None => follow(&arguments.config, take),
    }
}

/// Follows the Worker until somebody presses Ctrl-C.
fn follow(config: &Path, take: impl FnMut(Recorded) -> ControlFlow<()>) -> Result<(), String> {
    let mut command = wrangler::command()?;
    command.args(["tail", "--format", "json", "--config"]).arg(config).stdout(Stdio::piped());
    let failed = |error| format!("wrangler tail: {error}");
    let mut child = command.spawn().map_err(failed)?;
    let done = match child.stdout.take() {
        Some(output) => recorded::each(BufReader::new(output), "wrangler tail", take),
        None => Ok(()),
    };
    // It has ended, or nobody reads it any more.
    drop(child.kill());
    let status = child.wait().map_err(failed)?;
    match status.code() {
        Some(code) if code != 0 => Err(format!("wrangler tail ended with {code}")),
        _ => done,
    }
}

/// One line for people.
pub(crate) fn readable(recorded: &Recorded) -> String {
    let Recorded { event, rule, person, idp, release, reference, code, detail, what, .. } =
        recorded;
    let event = match event.as_str() {
        "allowed" | "signed-in" => paint::good(event),
        "refused" | "fault" | "unusable" | "last-good-kept" => paint::bad(event),
        _ => paint::notable(event),
    };
    let asked = match recorded.decision() {
        Some(decision) => format!("{} {}{}", decision.method, decision.host, decision.path),
        None => recorded.host.clone().unwrap_or_default(),
    };
    let named = |word: &str, value: Option<String>| {
        value.filter(|value| !value.is_empty()).map(|value| format!("{word}{value}"))
    };
    [
        Some(clock::write(recorded.time)),
        Some(event),
        named("", person.clone()),
        named("", Some(asked)),
        named("", what.clone()),
        named("at ", idp.clone().filter(|_| recorded.decision().is_none())),
        named("by ", rule.clone()),
        named("in release ", release.map(|number| number.to_string())),
        named("", code.clone()),
        named("— ", detail.clone()),
        named("reference ", reference.clone()),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("  ")
}
