//! A refusal with its circumstances.

use super::Refusal;
use crate::records::Decided;

/// A refusal with its circumstances, for the log and, as far as it helps, for the person.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The name of what is missing, or the rule's own words; may be empty. Nothing from a request.
    pub detail: String,
    /// Whether the person is signed in, and did so too long ago for this.
    pub stale: bool,
    /// What was decided, and who asked.
    pub decided: Box<Decided>,
}

impl Refused {
    /// A refusal that names what is missing or unusable.
    pub fn because(refusal: Refusal, detail: &str) -> Self {
        Refused { detail: detail.to_owned(), ..refusal.into() }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused { refusal, detail: String::new(), stale: false, decided: Box::default() }
    }
}
