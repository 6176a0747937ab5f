//! `vestibule revoke`

use clap::Args;
use serde_json::{Value, json};
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

/// Ends sessions that have begun. Whoever may still sign in at the identity provider can do so.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let Arguments { whom, store, json } = arguments;
    let mut document: RevokedDocument = match store.get(KEY)? {
        Some(text) => serde_json::from_str(&text).map_err(|error| format!("{KEY}: {error}"))?,
        None => RevokedDocument::default(),
    };
    let now = clock::now();
    document.prune(now);
    let what = if let Some(person) = &whom.person {
        // Addresses are compared in lower case; a NameID is not.
        let name = if person.contains('@') { person.to_lowercase() } else { person.clone() };
        document.people.insert(person.clone(), now);
        document.people.insert(name, now);
        format!("the sessions of {person}")
    } else if let Some(host) = &whom.host {
        document.hosts.insert(host.to_lowercase(), now);
        format!("all sessions at {host}")
    } else {
        document.everybody = Some(now);
        "all sessions".to_owned()
    };
    let value = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    store.put(&[Entry { key: KEY.to_owned(), value, metadata: Value::Null }])?;
    Ok(Answer::Yes(if *json {
        json!({ "revoked": what, "at": clock::write(now) }).to_string()
    } else {
        format!("{what} that began before {} end within two minutes", clock::write(now))
    }))
}
