//! A session: facts about a subject with their date, sealed in a cookie. Never a decision.

use serde::{Deserialize, Serialize};

use crate::identity::{Facts, Subject, UnixTime};
use crate::keys::{Purpose, SealKeys};
use crate::refusals::Refusal;
use crate::{cookies, limits};

/// The sign-in that a session comes of. Sessions of several hosts come of one where an auth host
/// handed them over, and end with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// The host at which the identity provider's response arrived.
    pub host: String,
    /// Random id. A browser that signs in there again keeps it, so that signing out ends all.
    pub id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    id: String,
    root: Root,
    started: UnixTime,
    ends: UnixTime,
    seen: UnixTime,
    facts: Facts,
}

/// An open session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    id: String,
    root: Root,
    started: UnixTime,
    ends: UnixTime,
    seen: UnixTime,
    subject: Subject,
}

impl Session {
    /// Begins a session of a person who signed in at `started`. `id` must be random.
    pub fn begin(
        id: String,
        root: Root,
        subject: Subject,
        started: UnixTime,
        ends: UnixTime,
    ) -> Self {
        Session { id, root, started, ends, seen: started, subject }
    }

    /// Seals the session into `Set-Cookie` values.
    pub fn seal(
        &self,
        keys: &SealKeys,
        application: &str,
        nonce: [u8; 12],
        now: UnixTime,
    ) -> Result<Vec<String>, Refusal> {
        let sealed = Sealed {
            id: self.id.clone(),
            root: self.root.clone(),
            started: self.started,
            ends: self.ends,
            seen: self.seen,
            facts: (*self.subject).clone(),
        };
        let plain = serde_json::to_vec(&sealed).or(Err(Refusal::SessionTooLarge))?;
        let sealed = keys.seal(Purpose::Session, application, nonce, now, &plain)?;
        cookies::set_session(&sealed, self.ends.saturating_sub(now)).ok_or(Refusal::SessionTooLarge)
    }

    /// Opens the session of a `Cookie` header. `None` where there is none, it was changed, it
    /// belongs to another application, or its time is over.
    pub fn open(
        keys: &SealKeys,
        application: &str,
        cookie_header: &str,
        now: UnixTime,
    ) -> Option<Self> {
        let sealed = cookies::session(cookie_header)?;
        let plain = keys.open(Purpose::Session, application, &sealed)?;
        let Sealed { id, root, started, ends, seen, facts } =
            serde_json::from_slice(&plain).ok()?;
        // A session from the future was made under a clock that was wrong.
        if now >= ends || started > now.saturating_add(limits::CLOCK_SKEW_SECONDS) {
            return None;
        }
        Some(Session { id, root, started, ends, seen, subject: Subject::proven(facts) })
    }

    /// Random id; not a secret.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The sign-in that it comes of.
    pub fn root(&self) -> &Root {
        &self.root
    }
    /// When that was.
    pub fn started(&self) -> UnixTime {
        self.started
    }
    /// The same session, begun then.
    pub(crate) fn started_at(self, started: UnixTime) -> Self {
        Session { started, ..self }
    }
    /// When it was seen, as far as its cookie tells: that is not sealed anew for every request.
    pub fn seen(&self) -> UnixTime {
        self.seen
    }

    /// The same session, seen now.
    pub fn seen_at(&self, now: UnixTime) -> Self {
        Session { seen: now, ..self.clone() }
    }

    /// When it is over.
    pub fn ends(&self) -> UnixTime {
        self.ends
    }
    /// Whose it is.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> SealKeys {
        let jwks = serde_json::json!({ "keys": [crate::keys::new_seal_key([3; 32])] });
        SealKeys::from_jwks(&jwks.to_string()).unwrap()
    }

    fn cookie(groups: usize) -> Result<String, Refusal> {
        let groups = (0..groups).map(|n| format!("a group with a long name {n}")).collect();
        let facts = Facts { name_id: "alice".into(), groups, ..Facts::default() };
        let root = Root { host: "a.example".into(), id: "root".into() };
        let session = Session::begin("id".into(), root, Subject::proven(facts), 1_000, 2_000);
        let set = session.seal(&keys(), "a.example", [1; 12], 1_000)?;
        let pairs: Vec<_> = set.iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
        Ok(pairs.join("; "))
    }

    #[test]
    fn opens_until_it_ends_and_only_at_its_application() {
        let cookie = cookie(3).unwrap();
        let open = |application, now| Session::open(&keys(), application, &cookie, now);
        assert_eq!(open("a.example", 1_999).unwrap().subject().name_id, "alice");
        assert_eq!(open("a.example", 2_000), None);
        assert_eq!(open("a.example", 900), None);
        assert_eq!(open("b.example", 1_500), None);
    }

    #[test]
    fn session_too_large() {
        assert!(cookie(200).is_ok());
        assert_eq!(cookie(500).err(), Some(Refusal::SessionTooLarge));
    }
}
