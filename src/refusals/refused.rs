//! A refusal with its circumstances.

use serde_json::{Map, Value, json};

use super::Refusal;

/// A refusal with its circumstances, for the log and, as far as it helps, for the person.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The name of what is missing, or the rule's own words; may be empty. Nothing from a request.
    pub detail: String,
    /// The path pattern of the rule that decided, for the log.
    pub rule: Option<String>,
    /// Who was refused: their mail address, or their NameID.
    pub person: Option<String>,
    /// What else the log says of the decision.
    pub log: Map<String, Value>,
}

impl Refused {
    /// A refusal that names what is missing or unusable.
    pub fn because(refusal: Refusal, detail: &str) -> Self {
        Refused { detail: detail.to_owned(), ..refusal.into() }
    }

    /// The log line: one JSON object. No query, no cookie, nothing of an assertion but who it is about.
    pub fn record(&self, reference: &str, host: &str, method: &str, path: &str) -> Value {
        let mut record = json!({
            "event": "refused",
            "reference": reference,
            "code": self.refusal.code(),
            "cause": self.refusal.cause(),
            "detail": self.detail,
            "rule": self.rule,
            "person": self.person,
            "host": host,
            "method": method,
            "path": path,
        });
        if let Some(members) = record.as_object_mut() {
            members.extend(self.log.clone());
        }
        record
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused { refusal, detail: String::new(), rule: None, person: None, log: Map::new() }
    }
}
