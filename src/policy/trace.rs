//! Who listens while a decision is made: nobody, or an explanation.

use super::condition::{Condition, Truth};
use super::document::Rule;

/// The part that a rule has in a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A deny that covers the path.
    Denies,
    /// It has the most specific pattern: it speaks.
    Speaks,
    /// It covers the path and a more specific rule speaks.
    Outvoted,
    /// It covers the path, and not this method.
    OtherMethod,
    /// It is public, and the path has characters that public rules don't cover.
    NotPlain,
    /// It speaks, or would, and the path has an encoded slash, which it does not allow.
    NoEncodedSlash,
    /// It is in report mode: not enforced.
    ReportOnly,
}

/// Hears of each rule, and of each condition as it is weighed.
pub(super) trait Trace {
    /// Whether also what can't change the answer any more is to be weighed.
    const THOROUGH: bool;
    fn rule(&mut self, _rule: &Rule, _role: Role) {}
    fn came_to(&mut self, _truth: Truth) {}
    fn enter(&mut self, _condition: &Condition) {}
    fn leave(&mut self, _truth: Truth) {}
}

/// Nobody listens.
pub(super) struct Silent;

impl Trace for Silent {
    const THOROUGH: bool = false;
}
