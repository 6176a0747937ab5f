//! A request, and what was decided.

use serde::Serialize;

use crate::policy::{Reported, Verdict};

/// The request that a line is about.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Request<'a> {
    /// Cloudflare's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ray: Option<&'a str>,
    /// The host.
    pub host: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
}

/// One request, and what was decided.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Decision<'a> {
    /// The request.
    #[serde(flatten)]
    pub request: Request<'a>,
    /// What was decided.
    #[serde(flatten)]
    pub decided: &'a Decided,
}

/// What a decision went by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// The path pattern of the rule that gave it.
    pub rule: Option<String>,
    /// Who asked, where the rule wants to know: a mail address or NameID, or `service/<id>`.
    pub person: Option<String>,
    /// Where the person signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp: Option<String>,
    /// The person's groups, of those that the document names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// Number of the release that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<u32>,
    /// Its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What it would be if the rules in report mode were in force, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<Reported>,
    /// What the document that is tried beside it says, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Candidate>,
    /// How many of the person's groups the application is not told, because headers can't hold all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups_untold: Option<usize>,
}

/// The answer of a document that is only tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The answer.
    pub verdict: Verdict,
    /// The path pattern of the rule that gives it.
    pub rule: Option<String>,
    /// Number of its release.
    pub release: Option<u32>,
}
