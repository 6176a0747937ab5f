//! `vestibule revoke`

use clap::Args;
use serde_json::{Value, json};
use vestibule::limits::CLOCK_SKEW_SECONDS;
use vestibule::revocations::RevokedDocument;

use crate::store::{Entry, Store};
use crate::{Answer, clock};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule revoke --person alice@example.com --remote
  vestibule revoke --host app.example.com --remote
  vestibule revoke --everybody --remote")]
pub struct Arguments {
    #[command(flatten)]
    whom: Whom,
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
    #[arg(long)]
    person: Option<String>,
    /// The host at which all sessions end
    #[arg(long)]
    host: Option<String>,
    /// All sessions everywhere end
    #[arg(long)]
    everybody: bool,
}

/// The key in the store.
const KEY: &str = "revoked";

/// Seconds by which this computer's clock may be behind without letting a session live on. Whoever
/// signs in within them begins after the stamp all the same: the gate sees to that.
const MARGIN: i64 = CLOCK_SKEW_SECONDS / 2;

/// Ends sessions that have begun. Whoever may still sign in at the identity provider can do so.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let Arguments { whom, store, json } = arguments;
    let now = clock::now();
    let at = now.saturating_add(MARGIN);
    let mut what = String::new();
    change(store, |document| {
        if let Some(person) = &whom.person {
            // Addresses are compared in lower case; a NameID is not.
            let name = if person.contains('@') { person.to_lowercase() } else { person.clone() };
            document.people.insert(person.clone(), at);
            document.people.insert(name, at);
            what = format!("the sessions of {person}");
        } else if let Some(host) = &whom.host {
            document.hosts.insert(host.to_lowercase(), at);
            what = format!("all sessions at {host}");
        } else {
            document.everybody = Some(at);
            what = "all sessions".to_owned();
        }
    })?;
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
    change(store, |document| {
        document.tokens.extend(hashes.into_iter().map(|hash| (hash.clone(), now)));
    })
}

fn change(store: &Store, change: impl FnOnce(&mut RevokedDocument)) -> Result<(), String> {
    let mut document: RevokedDocument = match store.get(KEY)? {
        Some(text) => serde_json::from_str(&text).map_err(|error| format!("{KEY}: {error}"))?,
        None => RevokedDocument::default(),
    };
    document.prune(clock::now());
    change(&mut document);
    let value = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    store.put(&[Entry { key: KEY.to_owned(), value, metadata: Value::Null }])
}
