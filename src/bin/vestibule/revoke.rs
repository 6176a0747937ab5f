//! `vestibule revoke`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde_json::json;
use vestibule::limits::CLOCK_SKEW_SECONDS;
use vestibule::policy::is_host_or_wildcard;
use vestibule::revocations::RevokedDocument;

use crate::revoked::{self, Revocation};
use crate::store::Store;
use crate::{Answer, clock};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule revoke --person alice@example.com --remote
  vestibule revoke --host app.example.com --remote
  vestibule revoke --everybody --remote
  vestibule revoke --list --remote")]
pub struct Arguments {
    #[command(flatten)]
    whom: Whom,
    /// Who does it; without this, git's user.email
    #[arg(long)]
    author: Option<String>,
    #[command(flatten)]
    store: Store,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whom {
    /// Whose sessions end, everywhere: their mail address, or their NameID
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    person: Option<String>,
    /// The host at which all sessions end; *.example.com are all that this wildcard stands for
    #[arg(long, value_parser = host_name)]
    host: Option<String>,
    /// All sessions everywhere end
    #[arg(long)]
    everybody: bool,
    /// End nothing, and say what was ended, when and by whom
    #[arg(long)]
    list: bool,
}

/// A host as documents name it: under any other name nothing would end.
fn host_name(text: &str) -> Result<String, String> {
    let host = text.to_lowercase();
    if is_host_or_wildcard(&host) {
        Ok(host)
    } else {
        Err("not a host such as app.example.com".to_owned())
    }
}

/// Seconds by which this computer's clock may be behind without letting a session live on. Whoever
/// signs in within them begins after the stamp all the same: the gate sees to that.
const MARGIN: i64 = CLOCK_SKEW_SECONDS / 2;

/// Ends sessions that have begun. Whoever may still sign in at the identity provider can do so.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let Arguments { whom, author, store, json } = arguments;
    if whom.list {
        return list(store, *json);
    }
    let now = clock::now();
    let at = now.saturating_add(MARGIN);
    let mut stamps = RevokedDocument::default();
    let what;
    if let Some(person) = &whom.person {
        // Addresses are compared in lower case; a NameID is not.
        let is_address = person.contains('@');
        let name = if is_address { person.trim().to_lowercase() } else { person.clone() };
        stamps.people.insert(person.clone(), at);
        stamps.people.insert(name, at);
        what = format!("the sessions of {person}");
    } else if let Some(host) = &whom.host {
        stamps.hosts.insert(host.clone(), at);
        what = format!("all sessions at {host}");
    } else {
        stamps.everybody = Some(at);
        what = "all sessions".to_owned();
    }
    Revocation::new(author.as_deref(), now, stamps).put(store)?;
    let began = clock::write(now);
    Ok(Answer::Yes(if *json {
        json!({ "revoked": what, "at": began }).to_string()
    } else {
        format!("{what} that began before {began} end within a minute")
    }))
}

/// Ends the tokens of a service, which are known by their hashes.
pub fn end_tokens<'a>(
    store: &Store,
    hashes: impl IntoIterator<Item = &'a String>,
) -> Result<(), String> {
    let now = clock::now();
    let tokens = hashes.into_iter().map(|hash| (hash.clone(), now)).collect();
    let stamps = RevokedDocument { tokens, ..RevokedDocument::default() };
    Revocation::new(None, now, stamps).put(store)
}

/// What was ended, when and by whom.
fn list(store: &Store, json: bool) -> Result<Answer, String> {
    let all = revoked::all(store)?;
    if json {
        return Ok(Answer::Yes(json!(all).to_string()));
    }
    let line = |one: &Revocation| {
        // As the Worker's log names them.
        let whose = one.stamps.news(&RevokedDocument::default(), one.time);
        let whose: Vec<_> = whose.into_iter().map(|(name, _)| name).collect();
        format!("{}  {}  {}", clock::write(one.time), one.author, whose.join(", "))
    };
    Ok(Answer::Yes(all.iter().map(line).collect::<Vec<_>>().join("\n")))
}
