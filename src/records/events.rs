//! What several events tell.

use serde::Serialize;

use super::rfc3339;
use crate::identity::UnixTime;
use crate::policy::Release;

/// Whose session begins, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignedIn {
    /// Who signed in.
    pub person: String,
    /// Where.
    pub idp: String,
    /// The id of the assertion.
    pub assertion: String,
    /// The id of our request; none where nobody here began it.
    pub answers: Option<String>,
    /// How many of their groups the session does not have, where the cookies can't hold all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups_dropped: Option<usize>,
}

/// Whose session an auth host hands over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandedOver {
    /// Who signed in.
    pub person: String,
    /// Where.
    pub idp: String,
    /// The host that it is for.
    pub to: String,
}

/// Whose session was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// Who signed in.
    pub person: String,
    /// Where.
    pub idp: String,
    /// The host that handed it over.
    pub auth_host: String,
    /// How many of their groups the session does not have, where the cookies can't hold all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups_dropped: Option<usize>,
}

/// Whose token the command line gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issued {
    /// Who let it act as them.
    pub person: String,
    /// Where they had signed in.
    pub idp: String,
    /// Until when it counts.
    #[serde(serialize_with = "rfc3339")]
    pub until: UnixTime,
}

/// Whose sessions end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// Who it was.
    pub person: String,
    /// Where they had signed in.
    pub idp: String,
    /// Who wanted it.
    pub by: EndedBy,
}

/// Who ends sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBy {
    /// The person, here.
    Person,
    /// The identity provider, by single logout.
    IdentityProvider,
}

/// A release, as the log names it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Published<'a> {
    /// Its number.
    pub release: u32,
    /// Its digest.
    pub digest: &'a str,
    /// Who published it.
    pub author: &'a str,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub published: UnixTime,
}

impl<'a> From<&'a Release> for Published<'a> {
    fn from(release: &'a Release) -> Self {
        let Release { number, digest, author, time, .. } = release;
        Published { release: *number, digest, author, published: *time }
    }
}

/// What came of metadata that was fetched anew.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Refreshed<'a> {
    /// It is what is stored.
    Unchanged,
    /// It is stored.
    Taken {
        /// What changed.
        changes: &'a [String],
    },
    /// It waits for an administrator.
    Proposed {
        /// What would change.
        changes: &'a [String],
    },
    /// What is stored stays.
    Failed {
        /// The code of the refusal.
        code: &'static str,
        /// What failed.
        detail: &'a str,
    },
}
