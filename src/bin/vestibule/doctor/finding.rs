//! What the doctor found.

use serde::Serialize;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Good,
    /// Something is to be done.
    Bad,
    /// It could not be known from here.
    Unknown,
}

/// One check and how it came out.
#[derive(Serialize)]
pub struct Finding {
    pub check: &'static str,
    pub outcome: Outcome,
    pub says: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    pub fn good(check: &'static str, says: impl Into<String>) -> Self {
        Finding { check, outcome: Outcome::Good, says: says.into(), remedy: None }
    }

    pub fn bad(check: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Finding { check, outcome: Outcome::Bad, says: says.into(), remedy }
    }

    pub fn unknown(check: &'static str, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Finding { check, outcome: Outcome::Unknown, says: why.into(), remedy }
    }
}
