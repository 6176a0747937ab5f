//! What a gate remembers of those who ask, so that no request has to find it out again.

use std::rc::Rc;

use crate::bounded::Bounded;
use crate::cookies;
use crate::identity::UnixTime;
use crate::keys::SealKeys;
use crate::origin_assertion::Assertions;
use crate::session::Session;

/// All that is remembered. It belongs to one set of keys.
#[derive(Default)]
pub struct Remembered {
    /// Opened sessions.
    pub sessions: Sessions,
    /// Signed assertions.
    pub assertions: Assertions,
}

/// Opened sessions by the text that they were sealed in. What is sealed never changes; whether it
/// still counts is for every request to ask.
pub struct Sessions(Bounded<Opened>);

struct Opened {
    sealed: String,
    application: String,
    session: Rc<Session>,
}

/// Bytes of sealed text that are remembered: of some thousand sessions. Long lists of groups are many
/// times as large when they are opened.
const REMEMBERED: usize = 1024 * 1024;

/// Bytes at the end of a sealed text by which it is looked up: most of its tag, which no two share.
const TAIL: usize = 16;

impl Default for Sessions {
    fn default() -> Self {
        Sessions(Bounded::new(REMEMBERED))
    }
}

impl Sessions {
    /// Opens the session of a `Cookie` header. `None` where there is none, it was changed, it
    /// belongs to another application, or its time is over.
    pub fn open(
        &mut self,
        keys: &SealKeys,
        application: &str,
        cookie_header: &str,
        now: UnixTime,
    ) -> Option<Rc<Session>> {
        let sealed = cookies::session(cookie_header)?;
        let tail = sealed.get(sealed.len().checked_sub(TAIL)?..)?;
        let known = self.0.get(tail);
        let known =
            known.filter(|known| known.sealed == *sealed && known.application == application);
        let session = match known {
            Some(known) => Rc::clone(&known.session),
            None => {
                let session = Rc::new(Session::unseal(keys, application, &sealed)?);
                let (tail, bytes) = (tail.to_owned(), sealed.len());
                let (sealed, application) = (sealed.into_owned(), application.to_owned());
                let opened = Opened { sealed, application, session: Rc::clone(&session) };
                self.0.insert(tail, opened, bytes);
                session
            }
        };
        session.is_current(now).then_some(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Facts, Subject};
    use crate::keys::new_seal_key;
    use crate::session::Root;

    fn keys() -> SealKeys {
        let jwks = serde_json::json!({ "keys": [new_seal_key([3; 32])] });
        SealKeys::from_jwks(&jwks.to_string()).unwrap()
    }

    fn cookie(keys: &SealKeys, turn: u32, groups: usize) -> String {
        let groups = (0..groups).map(|n| format!("group {n}")).collect();
        let facts = Facts { name_id: "alice".into(), groups, ..Facts::default() };
        let root = Root { host: "a.example".into(), id: "root".into() };
        let session = Session::begin("id".into(), root, Subject::proven(facts), 1_000, 2_000);
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&turn.to_le_bytes());
        let set = session.seal(keys, "a.example", nonce, 1_000).unwrap();
        let pairs: Vec<_> = set.iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
        pairs.join("; ")
    }

    #[test]
    fn a_session_is_opened_once() {
        let (keys, mut sessions) = (keys(), Sessions::default());
        let cookie = cookie(&keys, 1, 2);
        let first = sessions.open(&keys, "a.example", &cookie, 1_500).unwrap();
        let among_others = format!("theme=dark; {cookie}; lang=en");
        let again = sessions.open(&keys, "a.example", &among_others, 1_501).unwrap();
        assert!(Rc::ptr_eq(&first, &again));
    }

    #[test]
    fn what_was_never_sealed_is_not_taken_for_what_was_opened() {
        let (keys, mut sessions) = (keys(), Sessions::default());
        let cookie = cookie(&keys, 1, 2);
        assert!(sessions.open(&keys, "a.example", &cookie, 1_500).is_some());
        for at in "__Host-access=1.".len()..cookie.len() {
            let other = if &cookie[at..=at] == "A" { "B" } else { "A" };
            let changed = [&cookie[..at], other, &cookie[at + 1..]].concat();
            for wrong in [&changed, &cookie[..at]] {
                assert_eq!(sessions.open(&keys, "a.example", wrong, 1_500), None, "{at}");
            }
        }
        assert_eq!(sessions.0.iter_mut().count(), 1);
    }

    #[test]
    fn memory_is_bounded() {
        let (keys, mut sessions) = (keys(), Sessions::default());
        let full = (0..20_000).find(|turn| {
            let cookie = cookie(&keys, *turn, 400);
            assert!(sessions.open(&keys, "a.example", &cookie, 1_500).is_some());
            assert!(sessions.0.bytes() <= REMEMBERED);
            sessions.0.iter_mut().count() <= *turn as usize
        });
        assert!(full.is_some_and(|turn| turn > 100));
    }
}
