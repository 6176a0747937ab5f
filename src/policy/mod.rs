//! Who may go where: a policy document, the canonical path, and the decision.
//!
//! [`decide`] answers one request. [`explain`] gives the same answer with the reasons, and
//! [`expectations`] runs the tests that stand in the document. What a document says does not
//! depend on the order of its rules:
//!
//! - A deny speaks for its whole subtree and always wins. `"deny": true` is for everybody.
//! - Among allow and public rules the most specific pattern speaks alone: segment by segment a
//!   literal beats `*`, `*` beats `**`; then a rule that names the method beats one that does not.
//!   One allow of that pattern is enough. A rule whose `until` has passed still speaks.
//! - `/HR/**` covers `/HR`, `/HR/` and everything below, and not `/HRX`. A trailing slash never
//!   makes a difference. `GET` covers `HEAD`.
//! - An allow always asks for somebody who is signed in; only `"public": true` does not. It tells
//!   the application nothing of the person, unless it is `"public": "with-identity"`. It covers
//!   only paths of unreserved characters; others are left to the next less specific rule.
//! - A path with `;parameters` has to be allowed with them and without.
//! - A path with an encoded slash is open only by rules that allow one, and has to be allowed with it
//!   as a separator and as a part of a name.
//! - Letters count as they are written, unless the document says `"ignore_case": true`, because the
//!   application takes `/HR` and `/hr` for one.
//! - A service is let in only by a rule that names it. Conditions on people say nothing of it: they
//!   open nothing to it, and deny it nothing.
//! - What no sign-in can change is refused before one. Where somebody is signed in and only a
//!   newer sign-in is missing (`signed_in_within`), the answer is to sign in again.

mod accent;
mod change;
mod condition;
mod contrary;
mod cors;
mod decide;
mod diff;
mod document;
mod expect;
mod explain;
mod fault;
mod headers;
mod index;
mod judge;
mod language;
mod lines;
mod lint;
mod load;
mod look;
mod path;
mod pattern;
mod raw;
mod reader;
mod regions;
mod release;
mod rules;
mod schema;
mod time;
mod trace;

pub use accent::Accent;
pub use condition::{Condition, Truth};
pub use contrary::contrary;
pub use cors::{Cors, CorsAnswer};
pub use decide::{
    Asker, ClientCertificate, Decision, Granted, Refused, Reported, Request, SignInNeeded, Verdict,
    Who, decide, preflight,
};
pub use diff::{Difference, Moved, RegionMoved, diff};
pub use document::{Effect, Policy, Rule, wildcard_of};
pub use expect::{Expectation, Outcome, expectations};
pub use explain::{Considered, Explanation, Weighed, explain};
pub use fault::Fault;
pub use language::{is_host_name, is_host_or_wildcard};
pub use lines::Lines;
pub use lint::{Finding, Lint, Severity, lint};
pub use look::{Contact, Look};
pub use path::CanonicalPath;
pub use pattern::{Pattern, Segment};
pub use release::Release;
pub use rules::METHODS;
pub use schema::schema;
pub use time::read_duration;
pub use trace::Role;
