//! Releases of a policy document: what is live, what was, and how one is made.

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use vestibule::identity::UnixTime;
use vestibule::policy::Policy;

use crate::clock;
use crate::store::{Entry, Listed, Store};

/// A document as it is stored.
pub struct Stored {
    pub document: Value,
    pub policy: Policy,
}

impl Stored {
    /// Reads a document. The error says what is wrong with it.
    pub fn read(text: &str) -> Result<Stored, String> {
        let policy = Policy::from_json(text).map_err(|faults| {
            faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        })?;
        let document = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(Stored { document, policy })
    }

    /// SHA-256 of what it says, whatever its layout and its release, in hexadecimal.
    pub fn digest(&self) -> String {
        let mut document = self.document.clone();
        if let Some(members) = document.as_object_mut() {
            members.remove("release");
        }
        // Members are sorted by their names here.
        let bytes = document.to_string();
        digest(&SHA256, bytes.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Its number, 0 where it was never published.
    pub fn number(&self) -> u32 {
        self.policy.release().map_or(0, |release| release.number)
    }

    /// Whether it still is what was published under its number.
    pub fn is_as_published(&self) -> bool {
        self.policy.release().is_none_or(|release| release.digest == self.digest())
    }

    /// The same document as this release.
    pub fn released(&self, number: u32, by: &By) -> Stored {
        let mut release = json!({ "number": number, "digest": self.digest(),
            "author": by.author, "time": clock::write(by.time) });
        if let (Some(members), Some(note)) = (release.as_object_mut(), &by.note) {
            members.insert("note".into(), note.as_str().into());
        }
        let mut document = self.document.clone();
        if let Some(members) = document.as_object_mut() {
            members.insert("release".into(), release);
        }
        Stored { document, policy: self.policy.clone() }
    }

    fn entry(&self, key: String) -> Entry {
        let metadata = self.document.get("release").cloned().unwrap_or_default();
        let value = serde_json::to_string_pretty(&self.document).unwrap_or_default();
        Entry { key, value, metadata }
    }
}

/// Who makes a release.
pub struct By {
    pub author: String,
    pub time: UnixTime,
    pub note: Option<String>,
}

/// The author that was named, or else git's, or else the user of this computer.
pub fn author(named: Option<&str>) -> Result<String, String> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let git = std::process::Command::new("git").args(["config", "user.email"]).output().ok();
    let email = git.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    email
        .filter(|email| !email.is_empty())
        .or_else(|| std::env::var("USER").ok())
        .ok_or_else(|| "who publishes? Say --author".to_owned())
}

/// What a key holds, if it is a document that can be read.
pub fn stored(store: &Store, key: &str) -> Result<Option<Stored>, String> {
    let Some(text) = store.get(key)? else { return Ok(None) };
    Stored::read(&text).map(Some).map_err(|fault| format!("{key} in the store: {fault}"))
}

/// What is stored for a host.
pub enum Live {
    Nothing,
    Document(Box<Stored>),
    /// It can't be read, so that no gate takes it up.
    Unusable,
}

impl Live {
    pub fn document(self) -> Option<Stored> {
        match self {
            Live::Document(stored) => Some(*stored),
            Live::Nothing | Live::Unusable => None,
        }
    }
}

/// What is live for a host.
pub fn live(store: &Store, host: &str) -> Result<Live, String> {
    let Some(text) = store.get(&format!("app/{host}"))? else { return Ok(Live::Nothing) };
    Ok(Stored::read(&text).map_or(Live::Unusable, |stored| Live::Document(Box::new(stored))))
}

/// Puts a document in force for all its hosts and into their history, in one step.
pub fn put(store: &Store, released: &Stored, number: u32) -> Result<(), String> {
    let hosts = released.policy.hosts();
    let history = hosts.iter().map(|host| released.entry(history_key(host, number)));
    let live = hosts.iter().map(|host| released.entry(format!("app/{host}")));
    store.put(&history.chain(live).collect::<Vec<_>>())
}

/// Puts a document beside the one in force, to be tried.
pub fn put_candidate(store: &Store, released: &Stored) -> Result<(), String> {
    let hosts = released.policy.hosts().iter();
    store.put(&hosts.map(|host| released.entry(format!("candidate/{host}"))).collect::<Vec<_>>())
}

/// The number after all that a host's history has.
pub fn next_number(store: &Store, hosts: &[String]) -> Result<u32, String> {
    let mut last = 0;
    for host in hosts {
        let listed = history(store, host)?;
        last = listed.iter().map(|(number, _)| *number).fold(last, u32::max);
    }
    Ok(last.saturating_add(1))
}

/// The releases of a host, oldest first.
pub fn history(store: &Store, host: &str) -> Result<Vec<(u32, Listed)>, String> {
    let prefix = format!("history/{host}/");
    let numbered =
        |listed: Listed| Some((listed.name.strip_prefix(&prefix)?.parse().ok()?, listed));
    let mut found: Vec<(u32, Listed)> =
        store.list(&prefix)?.into_iter().filter_map(numbered).collect();
    found.sort_by_key(|(number, _)| *number);
    Ok(found)
}

/// Where a release is kept. Numbers are padded, so that lists are in order.
pub fn history_key(host: &str, number: u32) -> String {
    format!("history/{host}/{number:06}")
}
