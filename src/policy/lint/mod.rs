//! What is likely wrong with a document that can be read.
//!
//! A document is judged by what it decides and not by how it is written: every set of paths that it
//! tells apart is asked for with every combination of the facts that the rules there name.

mod below;
mod effect;
mod twins;

use std::collections::BTreeSet;

use serde::Serialize;

use super::cors::Cors;
use super::document::{Policy, Rule};
use super::regions::regions;
use crate::identity::UnixTime;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A rule can't do what it says: nothing is published with it.
    Error,
    /// Likely not what was meant.
    Warning,
    /// Good to know.
    Note,
}

macro_rules! lints {
    ($($variant:ident $code:literal $severity:ident $cause:literal $remedy:literal)*) => {
        /// What may be wrong. Each has a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Lint { $(#[doc = $cause] $variant,)* }

        impl Lint {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Lint] = &[$(Lint::$variant,)*];

            /// The stable code.
            pub fn code(self) -> &'static str { match self { $(Lint::$variant => $code,)* } }
            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(Lint::$variant => Severity::$severity,)* }
            }
            /// What is wrong, in one sentence.
            pub fn cause(self) -> &'static str { match self { $(Lint::$variant => $cause,)* } }
            /// What to do, in one sentence.
            pub fn remedy(self) -> &'static str { match self { $(Lint::$variant => $remedy,)* } }
        }
    };
}

lints! {
    NeverDecides "never-decides" Error
        "There is no path and method for which this rule is asked: others are more specific everywhere."
        "Remove it, or make its path or methods narrower."
    ShadowedByDeny "shadowed-by-deny" Error
        "Wherever this rule lets somebody in, a deny keeps them out again."
        "Remove it, or give the deny a condition that leaves them alone."
    LetsNobodyIn "lets-nobody-in" Error
        "Nobody can meet this rule's condition."
        "Correct the condition: it contradicts itself."
    DeniesNobody "denies-nobody" Error
        "Nobody can meet this deny's condition, so that it keeps nobody out."
        "Correct the condition: it contradicts itself."
    Duplicate "duplicate" Error
        "Another rule says the same."
        "Remove one of them."
    GroupUnknown "group-unknown" Error
        "No such group is known."
        "Correct the name: it counts letter for letter."
    HostWithoutDocument "host-without-document" Error
        "No document is for this host."
        "Add it to a document's hosts: a host without one is refused altogether."
    OpensWhatParentCloses "opens-what-parent-closes" Warning
        "This rule lets in people whom the rule above it keeps out."
        "Repeat the condition of the rule above it, unless this is meant."
    PublicAboveRestricted "public-above-restricted" Warning
        "Everything beside this rule's path is public, by the rule above it."
        "Make the public rule narrower, unless this is meant."
    BelowIsOpen "below-is-open" Warning
        "This rule is for one path only: what lies below it is left to a wider rule, which is more open."
        "End the path in /** to cover what lies below too."
    CaseTwin "case-twin" Warning
        "Two paths differ only in the case of letters."
        "Write both alike, or say ignore_case where the application takes them for one."
    GroupTwin "group-twin" Warning
        "Two group names differ only in the case of letters or in spaces."
        "Write the group as the identity provider sends it, letter for letter."
    UntilPassed "until-passed" Warning
        "The date of this rule has passed: it lets nobody in any more."
        "Remove it, or give it another date."
    PreflightsTell "preflights-tell" Warning
        "Refusals are hidden, and preflights that pass tell strangers which paths there are."
        "List the origins under cors, so that the gate answers preflights itself."
    CorsOtherSite "cors-other-site" Warning
        "Scripts of this origin may ask with cookies, and browsers send it none of ours: it is of another site than the hosts."
        "Serve the scripts from a host of the same site, or use a service token."
    NoExpectations "no-expectations" Warning
        "The document has no expectations, so that no change of access is noticed."
        "Write into expect who must reach what, and who must not."
    UnusedSet "unused-set" Warning
        "No rule names this set."
        "Remove it, or name it."
    NotCompared "not-compared" Warning
        "The document tells more paths or facts apart than can be gone through, so that some rules were not checked."
        "Split the document, or its longest conditions."
    Everyone "everyone" Note
        "Whoever signs in reaches every path that no other rule is for."
        "Name the groups, if the identity provider has people who have no business here."
    ReportOnly "report-only" Note
        "This rule is in report mode: it is logged and not enforced."
        "Take the mode away when the log shows what was expected."
}

/// One thing that is likely wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What.
    pub lint: Lint,
    /// JSON pointers to what it is about, the most important first.
    pub pointers: Vec<String>,
    /// What it is about, in words; may be empty.
    pub detail: String,
}

impl Finding {
    /// A finding that is not about rules.
    pub fn about(lint: Lint, pointer: &str, detail: &str) -> Self {
        Finding { lint, pointers: vec![pointer.to_owned()], detail: detail.to_owned() }
    }

    fn of_rules(lint: Lint, rules: &[&Rule], detail: impl Into<String>) -> Self {
        let pointers = rules.iter().map(|rule| rule.pointer()).collect();
        Finding { lint, pointers, detail: detail.into() }
    }
}

/// Everything that is likely wrong at `now`, in the order of [`Lint::ALL`]. `groups` are those that
/// the identity provider has, where that is known.
pub fn lint(policy: &Policy, now: UnixTime, groups: Option<&BTreeSet<String>>) -> Vec<Finding> {
    let mut found = twins::find(policy);
    let unknown =
        policy.groups.iter().filter(|group| groups.is_some_and(|all| !all.contains(*group)));
    found.extend(unknown.map(|group| Finding::about(Lint::GroupUnknown, "/rules", group)));
    if policy.expect.is_empty() {
        found.push(Finding::about(Lint::NoExpectations, "/expect", ""));
    }
    if policy.hides_refused && policy.cors == Cors::Pass {
        found.push(Finding::about(Lint::PreflightsTell, "/cors", ""));
    }
    found.extend(of_other_sites(policy));
    for rule in &policy.rules {
        if rule.until.is_some_and(|end| now >= end) {
            found.push(Finding::of_rules(Lint::UntilPassed, &[rule], rule.pattern.as_str()));
        }
        if rule.report {
            found.push(Finding::of_rules(Lint::ReportOnly, &[rule], rule.pattern.as_str()));
        }
    }
    match regions(&[policy]) {
        None => found.push(Finding::about(Lint::NotCompared, "/rules", "")),
        Some(regions) => {
            found.extend(effect::find(policy, &regions, now));
            found.extend(below::find(policy, &regions, now));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Origins that share no domain of two labels with any host: our cookies are `SameSite=Lax`.
fn of_other_sites(policy: &Policy) -> Vec<Finding> {
    let Cors::Answer(answer) = &policy.cors else { return Vec::new() };
    let site = |host: &str| {
        let labels: Vec<&str> = host.rsplitn(3, '.').take(2).collect();
        labels.join(".")
    };
    let sites: BTreeSet<String> = policy.hosts.iter().map(|host| site(host)).collect();
    let host = |origin: &str| {
        let (_, host) = origin.split_once("://").unwrap_or_default();
        host.split(':').next().unwrap_or_default().to_owned()
    };
    let foreign = answer.origins.iter().filter(|origin| !sites.contains(&site(&host(origin))));
    let foreign = foreign.filter(|_| answer.credentials);
    foreign.map(|origin| Finding::about(Lint::CorsOtherSite, "/cors/origins", origin)).collect()
}
