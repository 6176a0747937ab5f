//! `vestibule rollback` and `vestibule history`

use clap::Args;
use serde_json::{Value, json};
use vestibule::policy::diff;

use crate::policy_diff::describe;
use crate::releases::{self, By, Live};
use crate::store::{Listed, Store};
use crate::{Answer, ask, clock};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule rollback intranet.example.com --remote     # to the release before the live one
  vestibule rollback intranet.example.com 3 --remote")]
pub struct Arguments {
    /// The host, such as intranet.example.com
    host: String,
    /// The number of the release to go back to; without it, the one before the live one
    number: Option<u32>,
    #[command(flatten)]
    store: Store,
    /// Who does it; without this, git's user.email
    #[arg(long)]
    author: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Publishes an earlier release anew, under a number of its own.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let Arguments { host, store, .. } = arguments;
    let live = releases::live(store, host)?;
    let current = match &live {
        Live::Document(live) => live.number(),
        Live::Nothing => 0,
        // Then the newest release is what was in force.
        Live::Unusable => u32::MAX,
    };
    let live = live.document();
    let history = releases::history(store, host)?;
    let before = history.iter().rev().map(|(number, _)| *number).find(|n| *n < current);
    let Some(wanted) = arguments.number.or(before) else {
        return Ok(Answer::No(format!("{host} has no earlier release")));
    };
    let Some(earlier) = releases::stored(store, &releases::history_key(host, wanted))? else {
        let known: Vec<String> = history.iter().map(|(number, _)| number.to_string()).collect();
        return Ok(Answer::No(format!(
            "{host} has no release {wanted}; there are {}",
            known.join(", ")
        )));
    };
    if !earlier.is_as_published() {
        return Ok(Answer::No(format!("release {wanted} was changed since it was published")));
    }
    let by = By {
        author: releases::author(arguments.author.as_deref())?,
        time: clock::now(),
        note: Some(format!("back to release {wanted}")),
    };
    let difference = live.map(|live| diff(&live.policy, &earlier.policy, by.time));
    let mut lines = difference.as_ref().map(describe).unwrap_or_default();
    let question = format!("{}\nGo back to release {wanted} of {host}?", lines.join("\n"));
    if !arguments.yes && !ask::agreed(&question)? {
        return Ok(Answer::No("nothing was changed".to_owned()));
    }
    let number = releases::next_number(store, earlier.policy.hosts())?;
    let released = earlier.released(number, &by);
    releases::put(store, &released, number)?;
    lines.push(format!(
        "{host}: release {number}, the same as {wanted}, is in force within two minutes"
    ));
    Ok(Answer::Yes(if arguments.json {
        json!({ "host": host, "release": released.document.get("release"),
            "difference": difference })
        .to_string()
    } else {
        lines.join("\n")
    }))
}

#[derive(Args)]
#[command(after_help = "Example:\n  vestibule history intranet.example.com --remote")]
pub struct HistoryArguments {
    /// The host, such as intranet.example.com
    host: String,
    #[command(flatten)]
    store: Store,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Lists the releases of a host.
pub fn history(arguments: &HistoryArguments) -> Result<Answer, String> {
    let found = releases::history(&arguments.store, &arguments.host)?;
    if arguments.json {
        let all = found.into_iter().map(|(_, listed)| listed.metadata);
        return Ok(Answer::Yes(Value::from_iter(all).to_string()));
    }
    let text = |listed: &Listed, key: &str| {
        listed.metadata.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let line = |(number, listed): &(u32, Listed)| {
        let [time, author, note, digest] =
            ["time", "author", "note", "digest"].map(|key| text(listed, key));
        let digest: String = digest.chars().take(12).collect();
        format!("{number:>5}  {time}  {digest}  {author}  {note}").trim_end().to_owned()
    };
    let lines: Vec<String> = found.iter().map(line).collect();
    Ok(if lines.is_empty() {
        Answer::No(format!("{} has no release yet", arguments.host))
    } else {
        Answer::Yes(lines.join("\n"))
    })
}
