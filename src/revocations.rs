//! Sessions that ended before their time: by stamps that the ledger keeps, and by those that an
//! administrator has put into the store.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::identity::{Email, UnixTime};
use crate::limits;
use crate::policy::wildcard_of;
use crate::refusals::Refusal;
use crate::service;
use crate::session::{Root, Session};

/// What a stamp ends: a digest, so that the ledger learns no names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Revoked(String);

impl Revoked {
    /// One session of ours.
    pub fn session(id: &str) -> Self {
        Self::of(&["session", id])
    }

    /// Every session that comes of this sign-in.
    pub fn root(root: &Root) -> Self {
        Self::of(&["root", &root.host, &root.id])
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

/// A stamp that is older is no news to an isolate that has just begun.
const NEWS_SECONDS: i64 = 3_600;

/// What is stored as `revoked`: sessions that began at these times or before are over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RevokedDocument {
    /// Of everybody, everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub everybody: Option<UnixTime>,
    /// At a host, or at those that a wildcard stands for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<String, UnixTime>,
    /// Of a person, by their mail address in lower case or their NameID.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, UnixTime>,
    /// Secrets of services that count no more, whenever that was written: SHA-256 in hexadecimal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tokens: BTreeMap<String, UnixTime>,
}

impl RevokedDocument {
    /// When it last ended the sessions of a person at a host, or where they signed in for it.
    fn ended_at(&self, host: &str, session: &Session) -> Option<UnixTime> {
        let facts = session.subject();
        let email = facts.email.as_ref().map(Email::as_str);
        let names = [Some(facts.name_id.as_str()), email];
        let people = names.into_iter().flatten().map(|name| self.people.get(name).copied());
        let hosts = [host, &session.root().host].map(|host| self.host_ended_at(host));
        [self.everybody].into_iter().chain(hosts).chain(people).flatten().max()
    }

    /// By the name of the host, or of the wildcard that stands for it.
    fn host_ended_at(&self, host: &str) -> Option<UnixTime> {
        if self.hosts.is_empty() {
            return None;
        }
        let by_wildcard = wildcard_of(host).and_then(|wildcard| self.hosts.get(&wildcard));
        self.hosts.get(host).max(by_wildcard).copied()
    }

    /// Forgets what is older than any session can be.
    pub fn prune(&mut self, now: UnixTime) {
        self.retain(&|at| now.saturating_sub(at) <= limits::SESSION_SECONDS);
    }

    /// Takes what was read later. The newest of each stamp stays: KV may give an older document
    /// after a newer one, and that must not begin again what was ended. A stamp from the future is
    /// a mistake that may be taken back; of what is older than any session nothing stays.
    pub fn merge(&mut self, read: Self, now: UnixTime) {
        self.prune(now);
        self.retain(&|at| at <= now.saturating_add(limits::CLOCK_SKEW_SECONDS));
        self.add(read);
    }

    /// The newest of each stamp.
    pub fn add(&mut self, other: Self) {
        let Self { everybody, hosts, people, tokens } = other;
        self.everybody = self.everybody.max(everybody);
        let all =
            [(&mut self.hosts, hosts), (&mut self.people, people), (&mut self.tokens, tokens)];
        for (known, read) in all {
            for (name, at) in read {
                let newest = known.entry(name).or_insert(at);
                *newest = at.max(*newest);
            }
        }
    }

    /// The stamps of the last hour that are newer than `known` has them: whose they are, for the log.
    pub fn news(&self, known: &Self, now: UnixTime) -> Vec<(String, UnixTime)> {
        let is_new = |at: UnixTime| now.saturating_sub(at) <= NEWS_SECONDS;
        let everybody = self.everybody.filter(|at| known.everybody < Some(*at) && is_new(*at));
        let mut news: Vec<_> =
            everybody.map(|at| ("everybody".to_owned(), at)).into_iter().collect();
        let all = [
            ("host/", &self.hosts, &known.hosts),
            ("", &self.people, &known.people),
            ("token/", &self.tokens, &known.tokens),
        ];
        for (kind, stamps, known) in all {
            let newer = stamps.iter().filter(|(name, at)| known.get(*name) < Some(at));
            let newer = newer.filter(|(_, at)| is_new(**at));
            news.extend(newer.map(|(name, at)| (format!("{kind}{name}"), *at)));
        }
        news
    }

    fn retain(&mut self, counts: &dyn Fn(UnixTime) -> bool) {
        self.everybody = self.everybody.filter(|at| counts(*at));
        for stamps in [&mut self.hosts, &mut self.people, &mut self.tokens] {
            stamps.retain(|_, at| counts(*at));
        }
    }
}

/// What the ledger keeps of a host: key, and when it was stamped.
pub type Stamps = HashMap<String, UnixTime>;

/// The stamps of one application, and of its auth host, that are still of interest.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    stamps: Stamps,
    host: String,
    document: Rc<RevokedDocument>,
}

impl Revocations {
    /// Takes what the ledger keeps. Two books may have one key: the later time counts.
    pub fn new(all: impl IntoIterator<Item = (String, UnixTime)>) -> Self {
        let mut stamps = Stamps::new();
        for (key, at) in all {
            let latest = stamps.entry(key).or_insert(at);
            *latest = at.max(*latest);
        }
        Revocations { stamps, ..Revocations::default() }
    }

    /// With what ends now.
    pub fn and(&self, ended: &[Revoked], now: UnixTime) -> Self {
        let more = ended.iter().map(|key| (key.0.clone(), now));
        let stamps = self.stamps.clone().into_iter().chain(more);
        Revocations::new(stamps).with(&self.host, Rc::clone(&self.document))
    }

    /// What the ledger keeps.
    pub fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    /// With what an administrator has revoked, at this host.
    pub fn with(self, host: &str, document: Rc<RevokedDocument>) -> Self {
        Revocations { host: host.to_owned(), document, ..self }
    }

    /// Whether a session was ended. One that began in the second of a stamp was: a sign-in too
    /// many does less harm than a session too many.
    pub fn ended(&self, session: &Session) -> bool {
        self.ended_at(session).is_some_and(|at| session.started() <= at)
    }

    /// A session that begins now, and that no stamp of before ends: where one is of this very
    /// second, or of a clock that is a little ahead, it counts as begun right after that.
    pub fn begin(&self, session: Session, now: UnixTime) -> Result<Session, Refusal> {
        let ended_at = self.ended_at(&session).unwrap_or(UnixTime::MIN);
        let started = session.started().max(ended_at.saturating_add(1));
        if started > now.saturating_add(limits::CLOCK_SKEW_SECONDS) {
            return Err(Refusal::RevokedAhead);
        }
        Ok(session.started_at(started))
    }

    /// Whether the secret of a service counts no more.
    pub fn ended_token(&self, secret: &str) -> bool {
        let tokens = &self.document.tokens;
        !tokens.is_empty() && tokens.contains_key(&service::hash(secret))
    }

    /// When last a stamp was set that is about this session.
    fn ended_at(&self, session: &Session) -> Option<UnixTime> {
        let stamped = if self.stamps.is_empty() { None } else { self.stamped(session) };
        self.document.ended_at(&self.host, session).max(stamped)
    }

    fn stamped(&self, session: &Session) -> Option<UnixTime> {
        let subject = session.subject();
        let (idp, name_id) = (&subject.idp, &subject.name_id);
        let index = subject.session_index.as_deref();
        [
            Revoked::session(session.id()),
            Revoked::root(session.root()),
            Revoked::subject(idp, name_id),
        ]
        .into_iter()
        .chain(index.map(|index| Revoked::index(idp, name_id, index)))
        .filter_map(|key| self.stamps.get(&key.0).copied())
        .max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Facts, Subject};

    /// Handed over by an auth host.
    fn session(facts: Facts) -> Session {
        let root = Root { host: "auth.example.com".into(), id: "root".into() };
        Session::begin("id".into(), root, Subject::proven(facts), 100, 1_000)
    }

    #[test]
    fn what_is_newer_and_of_the_last_hour_is_news() {
        let read = |json: &str| -> RevokedDocument { serde_json::from_str(json).unwrap() };
        let now = 10_000;
        let document = read(
            r#"{ "everybody": 10000, "hosts": { "a.example.com": 9000 },
                "people": { "old": 6399, "known": 9000, "again": 9500, "new": 6400 },
                "tokens": { "0123": 9999 } }"#,
        );
        let known = read(r#"{ "people": { "known": 9000, "again": 9000 } }"#);
        let news = document.news(&known, now);
        let wanted = [
            ("everybody", 10_000),
            ("host/a.example.com", 9_000),
            ("again", 9_500),
            ("new", 6_400),
            ("token/0123", 9_999),
        ];
        assert_eq!(news, wanted.map(|(whose, at)| (whose.to_owned(), at)));
        assert_eq!(document.news(&document, now), []);
    }

    #[test]
    fn an_administrator_ends_what_began_before() {
        let facts = Facts {
            name_id: "u1".into(),
            email: Some(Email::parse("Alice@example.com").unwrap()),
            ..Facts::default()
        };
        let session = session(facts);
        let people = |name: &str| format!(r#"{{ "people": {{ "{name}": 100 }} }}"#);
        let table = [
            (r#"{}"#.to_owned(), false),
            (r#"{ "everybody": 99 }"#.to_owned(), false),
            (r#"{ "everybody": 100 }"#.to_owned(), true),
            (r#"{ "hosts": { "a.example.com": 100 } }"#.to_owned(), true),
            (r#"{ "hosts": { "auth.example.com": 100 } }"#.to_owned(), true),
            (r#"{ "hosts": { "b.example.com": 100 } }"#.to_owned(), false),
            (r#"{ "hosts": { "*.example.com": 100 } }"#.to_owned(), true),
            (r#"{ "hosts": { "*.example.com": 99 } }"#.to_owned(), false),
            (r#"{ "hosts": { "*.a.example.com": 100, "*.com": 100 } }"#.to_owned(), false),
            (people("alice@example.com"), true),
            (people("u1"), true),
            (people("bob@example.com"), false),
        ];
        for (json, ended) in table {
            let document: RevokedDocument = serde_json::from_str(&json).unwrap();
            let revocations = Revocations::default().with("a.example.com", document.into());
            assert_eq!(revocations.ended(&session), ended, "{json}");
        }
        assert!(serde_json::from_str::<RevokedDocument>(r#"{ "person": {} }"#).is_err());
        let mut old = RevokedDocument { everybody: Some(100), ..RevokedDocument::default() };
        old.prune(100 + limits::SESSION_SECONDS);
        assert_eq!(old.everybody, Some(100));
        old.prune(101 + limits::SESSION_SECONDS);
        assert_eq!(old, RevokedDocument::default());
    }

    /// The very second of the stamp, a clock that is ahead, and one that is too far ahead.
    #[test]
    fn revoked_ahead() {
        let facts = Facts { name_id: "u1".into(), ..Facts::default() };
        let root = Root { host: "a.example.com".into(), id: "root".into() };
        let session = Session::begin("id".into(), root, Subject::proven(facts), 1_000, 9_000);
        for (at, started) in [
            (900, Ok(1_000)),
            (1_000, Ok(1_001)),
            (1_059, Ok(1_060)),
            (1_060, Err(Refusal::RevokedAhead)),
            (UnixTime::MAX, Err(Refusal::RevokedAhead)),
        ] {
            let document = RevokedDocument { everybody: Some(at), ..RevokedDocument::default() };
            let revocations = Revocations::default().with("a.example.com", document.into());
            let begun = revocations.begin(session.clone(), 1_000);
            assert_eq!(begun.as_ref().map(Session::started).map_err(|r| *r), started, "{at}");
            assert!(begun.is_ok_and(|session| !revocations.ended(&session)) || at > 1_059);
        }
    }

    #[test]
    fn an_older_document_takes_nothing_back() {
        let read = |json: &str| serde_json::from_str::<RevokedDocument>(json).unwrap();
        let newer = r#"{ "everybody": 5, "hosts": { "a": 7 }, "people": { "x": 7, "y": 1 },
            "tokens": { "00": 7 } }"#;
        let mut known = read(newer);
        known.merge(read(r#"{ "people": { "x": 6, "y": 2, "z": 3 } }"#), 10);
        let merged = r#"{ "everybody": 5, "hosts": { "a": 7 },
            "people": { "x": 7, "y": 2, "z": 3 }, "tokens": { "00": 7 } }"#;
        assert_eq!(known, read(merged));
        known.merge(RevokedDocument::default(), 10);
        assert_eq!(known, read(merged));
        // No session is as old as that, so nobody misses it.
        let later = limits::SESSION_SECONDS + 6;
        let mut old = known.clone();
        old.merge(RevokedDocument::default(), later);
        let left = r#"{ "hosts": { "a": 7 }, "people": { "x": 7 }, "tokens": { "00": 7 } }"#;
        assert_eq!(old, read(left));
        // What a wrong clock wrote can be set right.
        known.merge(read(r#"{ "everybody": 500 }"#), 10);
        known.merge(read(r#"{ "everybody": 9 }"#), 20);
        assert_eq!(known.everybody, Some(9));
    }

    #[test]
    fn ended_are_those_that_began_before_the_stamp() {
        let facts = Facts {
            idp: "okta".into(),
            name_id: "alice".into(),
            session_index: Some("_1".into()),
            ..Facts::default()
        };
        let session = session(facts);
        for (key, ended) in [
            (Revoked::session("id"), true),
            (Revoked::session("other"), false),
            (Revoked::root(session.root()), true),
            (Revoked::root(&Root { id: "id".into(), ..session.root().clone() }), false),
            (Revoked::root(&Root { host: "a.example".into(), ..session.root().clone() }), false),
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
