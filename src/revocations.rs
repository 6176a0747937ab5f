//! Sessions that ended before their time: stamps that the ledger keeps.

use std::collections::HashMap;

use ring::digest::{SHA256, digest};

use crate::identity::UnixTime;
use crate::session::Session;

/// What a stamp ends: a digest, so that the ledger learns no names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Revoked(String);

impl Revoked {
    /// One session of ours.
    pub fn session(id: &str) -> Self {
        Self::of(&["session", id])
    }

    /// Every session of a subject of this identity provider.
    pub fn subject(idp: &str, name_id: &str) -> Self {
        Self::of(&["subject", idp, name_id])
    }

    /// Those of a subject that belong to one session at the identity provider (SAML core 2.7.2).
    pub fn index(idp: &str, name_id: &str, session_index: &str) -> Self {
        Self::of(&["index", idp, name_id, session_index])
    }

    /// The key under which the ledger keeps it, in hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The lengths keep apart what the texts might run together.
    fn of(parts: &[&str]) -> Self {
        let text: String = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
        let digest = digest(&SHA256, text.as_bytes());
        Revoked(digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The stamps of one application that are still of interest.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    stamps: HashMap<String, UnixTime>,
}

impl Revocations {
    /// Takes what the ledger keeps: key, and when it was stamped.
    pub fn new(stamps: impl IntoIterator<Item = (String, UnixTime)>) -> Self {
        Revocations { stamps: stamps.into_iter().collect() }
    }

    /// Whether a session was ended. One that began in the second of a stamp was: a sign-in too
    /// many does less harm than a session too many.
    pub fn ended(&self, session: &Session) -> bool {
        if self.stamps.is_empty() {
            return false;
        }
        let subject = session.subject();
        let (idp, name_id) = (&subject.idp, &subject.name_id);
        let index = subject.session_index.as_deref();
        [Some(Revoked::session(session.id())), Some(Revoked::subject(idp, name_id))]
            .into_iter()
            .chain([index.map(|index| Revoked::index(idp, name_id, index))])
            .flatten()
            .any(|key| self.stamps.get(&key.0).is_some_and(|at| session.started() <= *at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Facts, Subject};

    #[test]
    fn ended_are_those_that_began_before_the_stamp() {
        let facts = Facts {
            idp: "okta".into(),
            name_id: "alice".into(),
            session_index: Some("_1".into()),
            ..Facts::default()
        };
        let session = Session::begin("id".into(), Subject::proven(facts), 100, 1_000);
        for (key, ended) in [
            (Revoked::session("id"), true),
            (Revoked::session("other"), false),
            (Revoked::subject("okta", "alice"), true),
            (Revoked::subject("okta", "bob"), false),
            (Revoked::subject("entra", "alice"), false),
            (Revoked::subject("oktaa", "lice"), false),
            (Revoked::index("okta", "alice", "_1"), true),
            (Revoked::index("okta", "alice", "_2"), false),
            (Revoked::index("okta", "bob", "_1"), false),
        ] {
            for (at, began_before) in [(99, false), (100, true), (5_000, true)] {
                let revocations = Revocations::new([(key.as_str().to_owned(), at)]);
                assert_eq!(revocations.ended(&session), ended && began_before, "{key:?} {at}");
            }
        }
    }
}
