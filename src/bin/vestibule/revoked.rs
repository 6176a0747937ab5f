//! What administrators have ended, in the store: an entry for each command, never changed, which says
//! who ran it; and the document of all stamps, which the Worker reads.

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vestibule::identity::UnixTime;
use vestibule::limits::CLOCK_SKEW_SECONDS;
use vestibule::revocations::RevokedDocument;

use crate::store::{Entry, Listed, Store};
use crate::{clock, releases};

/// The key of the document.
const DOCUMENT: &str = "revoked";
/// What the keys of entries begin with; their time follows.
const ENTRIES: &str = "revoked/";
/// Seconds within which a command that runs at the same time is done with the document.
const AT_ONCE: i64 = 600;
/// Bytes of metadata that KV keeps for a key.
const METADATA: usize = 1_024;

/// What one command has ended. A list of keys shows all of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    #[serde(serialize_with = "written", deserialize_with = "read")]
    pub time: UnixTime,
    pub author: String,
    pub stamps: RevokedDocument,
}

fn written<S: serde::Serializer>(time: &UnixTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&clock::write(*time))
}

fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<UnixTime, D::Error> {
    let written = String::deserialize(deserializer)?;
    clock::read(&written).map_err(serde::de::Error::custom)
}

impl Revocation {
    /// One of now, by whom that was named, or else git's user or the one of this computer: without
    /// a name it counts as well.
    pub fn new(author: Option<&str>, now: UnixTime, stamps: RevokedDocument) -> Self {
        let author = releases::author(author).unwrap_or_else(|_| "unknown".to_owned());
        Revocation { time: now, author, stamps }
    }

    /// Puts it into the store and in force. Of commands that run at once each writes its entry with
    /// its document, and then looks whether that has the stamps of all entries: whoever writes the
    /// document last sees those of the others.
    pub fn put(&self, store: &Store) -> Result<(), String> {
        let document = match store.get(DOCUMENT)? {
            Some(text) => serde_json::from_str(&text).map_err(not_understood(DOCUMENT))?,
            None => RevokedDocument::default(),
        };
        let mut document = self.merged(document, &[]);
        let mut entries = vec![self.entry()?, of_document(&document)?];
        loop {
            store.put(&entries)?;
            let whole = self.merged(document.clone(), &all(store)?);
            if whole == document {
                return Ok(());
            }
            entries = vec![of_document(&whole)?];
            document = whole;
        }
    }

    fn entry(&self) -> Result<Entry, String> {
        let mut random = [0; 4];
        SystemRandom::new().fill(&mut random).or(Err("this system has no randomness"))?;
        let (time, random) = (clock::write(self.time), u32::from_be_bytes(random));
        let key = format!("{ENTRIES}{time}-{random:08x}");
        let metadata = serde_json::to_value(self).map_err(not_understood(&key))?;
        let value = metadata.to_string();
        let metadata = if value.len() <= METADATA { metadata } else { Value::Null };
        Ok(Entry { key, value, metadata })
    }

    /// The document with the stamps of this one, and of others that may not be in it yet. A stamp of
    /// a clock that was ahead gives way to a new one of the same name.
    fn merged(&self, mut document: RevokedDocument, others: &[Revocation]) -> RevokedDocument {
        let stamps = &self.stamps;
        let is_ahead = |at: UnixTime| at > self.time.saturating_add(CLOCK_SKEW_SECONDS);
        document.prune(self.time);
        document.everybody =
            document.everybody.filter(|at| stamps.everybody.is_none() || !is_ahead(*at));
        for (known, new) in [
            (&mut document.hosts, &stamps.hosts),
            (&mut document.people, &stamps.people),
            (&mut document.tokens, &stamps.tokens),
        ] {
            known.retain(|name, at| !new.contains_key(name) || !is_ahead(*at));
        }
        document.add(stamps.clone());
        for other in others {
            let age = self.time.saturating_sub(other.time);
            if (-CLOCK_SKEW_SECONDS..AT_ONCE).contains(&age) {
                document.add(other.stamps.clone());
            }
        }
        document
    }
}

fn of_document(document: &RevokedDocument) -> Result<Entry, String> {
    let value = serde_json::to_string_pretty(document).map_err(not_understood(DOCUMENT))?;
    Ok(Entry { key: DOCUMENT.to_owned(), value, metadata: Value::Null })
}

/// All that is in the store, oldest first.
pub fn all(store: &Store) -> Result<Vec<Revocation>, String> {
    let read = |entry: &Listed| match &entry.metadata {
        Value::Null => {
            let text = store.get(&entry.name)?.unwrap_or_default();
            serde_json::from_str(&text).map_err(not_understood(&entry.name))
        }
        metadata => Revocation::deserialize(metadata).map_err(not_understood(&entry.name)),
    };
    store.list(ENTRIES)?.iter().map(read).collect()
}

fn not_understood(key: &str) -> impl Fn(serde_json::Error) -> String + '_ {
    move |error| format!("{key}: {error}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const NOW: UnixTime = 1_795_000_000;

    fn people(stamps: &[(&str, UnixTime)]) -> RevokedDocument {
        let people = stamps.iter().map(|(name, at)| ((*name).to_owned(), *at)).collect();
        RevokedDocument { people, ..RevokedDocument::default() }
    }

    fn of(time: UnixTime, stamps: &[(&str, UnixTime)]) -> Revocation {
        Revocation { time, author: "it@example.com".into(), stamps: people(stamps) }
    }

    #[test]
    fn a_document_gets_what_runs_at_the_same_time() {
        let own = of(NOW, &[("alice", NOW)]);
        for (name, document, others, wanted) in [
            ("alone", vec![("bob", NOW - 90)], vec![], vec![("alice", NOW), ("bob", NOW - 90)]),
            ("at once", vec![], vec![of(NOW, &[("bob", NOW)])], vec![("alice", NOW), ("bob", NOW)]),
            (
                "of the same",
                vec![],
                vec![of(NOW + 9, &[("alice", NOW + 9)])],
                vec![("alice", NOW + 9)],
            ),
            ("long ago", vec![], vec![of(NOW - 600, &[("bob", NOW)])], vec![("alice", NOW)]),
            ("ahead", vec![], vec![of(NOW + 61, &[("bob", NOW + 61)])], vec![("alice", NOW)]),
            ("set right", vec![("alice", NOW + 61)], vec![], vec![("alice", NOW)]),
            ("another's", vec![("bob", NOW + 61)], vec![], vec![("alice", NOW), ("bob", NOW + 61)]),
        ] {
            assert_eq!(own.merged(people(&document), &others), people(&wanted), "{name}");
        }
    }

    #[test]
    fn an_entry_is_in_the_list_of_keys_unless_it_is_too_long() {
        let entry = of(NOW, &[("alice", NOW)]).entry().unwrap();
        assert!(entry.key.starts_with("revoked/2026-11-18T11:06:40Z-"), "{}", entry.key);
        assert_eq!(entry.metadata.to_string(), entry.value);
        let long = of(NOW, &[(&"a".repeat(1_000), NOW)]).entry().unwrap();
        assert_eq!(long.metadata, Value::Null);
        assert!(serde_json::from_str::<Revocation>(&long.value).is_ok());
    }
}
