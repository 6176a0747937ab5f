//! Who may go where: a policy document, the canonical path, and the decision.
//!
//! [`decide`] answers one request. [`explain`] gives the same answer with the reasons. What a
//! document says does not depend on the order of its rules.

mod condition;
mod decide;
mod document;
mod expect;
mod explain;
mod fault;
mod index;
mod language;
mod path;
mod pattern;
mod reader;
mod rules;
mod time;
mod trace;

pub use condition::{Condition, Truth};
pub use decide::{
    ClientCertificate, Decision, Granted, Refused, Reported, Request, Verdict, decide,
};
pub use document::{Effect, Policy, Rule};
pub use expect::{Expectation, Outcome, expectations};
pub use explain::{Considered, Explanation, Weighed, explain};
pub use fault::Fault;
pub use path::CanonicalPath;
pub use pattern::{Pattern, Segment};
pub use trace::Role;
