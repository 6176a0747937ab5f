//! The gate's log, read again: from its own lines, from `wrangler tail --format json`, or from what
//! Logpush and Tail Workers keep.

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Deserializer, Value};
use vestibule::identity::{Email, Facts, SERVICE, UnixTime};

use crate::clock;

/// One line of the log. `schemas/record.schema.json` says which event has which members.
#[derive(Clone, Deserialize)]
pub struct Recorded {
    #[serde(deserialize_with = "time")]
    pub time: UnixTime,
    pub event: String,
    pub ray: Option<String>,
    pub host: Option<String>,
    pub method: Option<String>,
    pub path: Option<String>,
    pub rule: Option<String>,
    pub person: Option<String>,
    pub idp: Option<String>,
    #[serde(default)]
    pub groups: Vec<String>,
    pub release: Option<u32>,
    pub reference: Option<String>,
    pub code: Option<String>,
    pub detail: Option<String>,
    /// What an event is about that is no decision.
    #[serde(alias = "key", alias = "whose", alias = "outcome")]
    pub what: Option<String>,
    /// The whole line, as it was.
    #[serde(skip)]
    pub line: String,
}

fn time<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<UnixTime, D::Error> {
    let written = String::deserialize(deserializer)?;
    clock::read(&written).map_err(serde::de::Error::custom)
}

/// A request that was decided.
pub struct Decision<'a> {
    pub host: &'a str,
    pub method: &'a str,
    pub path: &'a str,
}

impl Recorded {
    /// The request, where the line is about a decision.
    pub fn decision(&self) -> Option<Decision<'_>> {
        if !matches!(self.event.as_str(), "allowed" | "refused" | "sign-in") {
            return None;
        }
        let (host, method) = (self.host.as_deref()?, self.method.as_deref()?);
        Some(Decision { host, method, path: self.path.as_deref()? })
    }

    /// What the line says of the person: their address, their identity provider and the groups that
    /// the document named then.
    pub fn facts(&self) -> Option<Facts> {
        let person = self.person.as_ref().filter(|_| self.service().is_none())?;
        Some(Facts {
            idp: self.idp.clone().unwrap_or_default(),
            name_id: person.clone(),
            email: Email::parse(person).ok(),
            groups: self.groups.clone(),
            signed_in_at: self.time,
            ..Facts::default()
        })
    }

    /// The id of the service, where one asked.
    pub fn service(&self) -> Option<&str> {
        self.person.as_deref()?.strip_prefix(SERVICE)
    }
}

/// Everything in a file, or in what comes by a pipe where it is called `-`.
pub fn read_all(file: &Path) -> Result<Vec<Recorded>, String> {
    let mut all = Vec::new();
    each_of(file, |recorded| {
        all.push(recorded);
        ControlFlow::Continue(())
    })?;
    Ok(all)
}

/// Takes the lines of a file one after the other.
pub fn each_of(file: &Path, take: impl FnMut(Recorded) -> ControlFlow<()>) -> Result<(), String> {
    if file.as_os_str() == "-" {
        return each(std::io::stdin().lock(), "what was piped", take);
    }
    let name = file.display().to_string();
    let opened = File::open(file).map_err(|error| format!("{name}: {error}"))?;
    each(BufReader::new(opened), &name, take)
}

/// Takes the lines as they come.
pub fn each(
    input: impl Read,
    name: &str,
    mut take: impl FnMut(Recorded) -> ControlFlow<()>,
) -> Result<(), String> {
    for value in Deserializer::from_reader(input).into_iter::<Value>() {
        let value = value.map_err(|error| format!("{name}: {error}"))?;
        for line in lines_of(value) {
            let Ok(mut recorded) = Recorded::deserialize(&line) else { continue };
            recorded.line = line.to_string();
            if take(recorded).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The gate's lines in one value: itself, or the texts in an event of a tail (`logs`, `message`) or
/// of Logpush (`Logs`, `Message`).
fn lines_of(value: Value) -> Vec<Value> {
    let Some(logs) = value.get("logs").or(value.get("Logs")).and_then(Value::as_array) else {
        return vec![value];
    };
    let message = |log: &Value| {
        let message = log.get("message").or(log.get("Message"))?;
        serde_json::from_str(message.get(0)?.as_str()?).ok()
    };
    logs.iter().filter_map(message).collect()
}
