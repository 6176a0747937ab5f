//! A session: facts about a subject with their date, sealed in a cookie. Never a decision.
//!
//! A large one is deflated before it is sealed. The length of what was deflated betrays a secret
//! only to somebody who can have guesses put beside it, again and again. All that is in a session is
//! what an identity provider said of one person at one sign-in, and nothing of a request: there is
//! nobody to guess, and its ids are no secrets.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
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

impl Root {
    /// Seals it into a `Set-Cookie` value.
    pub(crate) fn seal(
        &self,
        keys: &SealKeys,
        nonce: [u8; 12],
        now: UnixTime,
    ) -> Result<String, Refusal> {
        let sealed = keys.seal(Purpose::Root, &self.host, nonce, now, self.id.as_bytes())?;
        Ok(cookies::set_root(&sealed))
    }

    /// That of the browser's last sign-in at this host. It outlives the session there, as those may
    /// that were handed over.
    pub(crate) fn of_browser(keys: &SealKeys, host: &str, cookie_header: &str) -> Option<Self> {
        let sealed = cookies::only(cookie_header, cookies::ROOT)?;
        let id = keys.open(Purpose::Root, host, sealed)?;
        Some(Root { host: host.to_owned(), id: String::from_utf8(id).ok()? })
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut_to: Option<String>,
}

/// What begins a sealed text that is deflated; JSON begins otherwise.
const DEFLATED: u8 = 0;

/// An open session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    id: String,
    root: Root,
    started: UnixTime,
    ends: UnixTime,
    seen: UnixTime,
    subject: Subject,
    /// Where not all groups fitted: a digest of those that the policies named then. Of these it
    /// has all that the person is in.
    cut_to: Option<String>,
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
        Session { id, root, started, ends, seen: started, subject, cut_to: None }
    }

    /// Seals the session into `Set-Cookie` values.
    pub fn seal(
        &self,
        keys: &SealKeys,
        application: &str,
        nonce: [u8; 12],
        now: UnixTime,
    ) -> Result<Vec<String>, Refusal> {
        let sealed = self.sealed(Purpose::Session, keys, application, nonce, now, self.ends)?;
        cookies::set_session(&sealed, self.ends.saturating_sub(now)).ok_or(Refusal::SessionTooLarge)
    }

    /// Seals the session into a token for the command line, which ends then.
    pub fn token(
        &self,
        keys: &SealKeys,
        application: &str,
        nonce: [u8; 12],
        now: UnixTime,
        ends: UnixTime,
    ) -> Result<String, Refusal> {
        self.sealed(Purpose::Token, keys, application, nonce, now, ends.min(self.ends))
    }

    fn sealed(
        &self,
        purpose: Purpose,
        keys: &SealKeys,
        application: &str,
        nonce: [u8; 12],
        now: UnixTime,
        ends: UnixTime,
    ) -> Result<String, Refusal> {
        let sealed = Sealed {
            id: self.id.clone(),
            root: self.root.clone(),
            started: self.started,
            ends,
            seen: self.seen,
            facts: (*self.subject).clone(),
            cut_to: self.cut_to.clone(),
        };
        let json = serde_json::to_vec(&sealed).or(Err(Refusal::SessionTooLarge))?;
        let plain = packed(json).ok_or(Refusal::SessionTooLarge)?;
        keys.seal(purpose, application, nonce, now, &plain)
    }

    /// Opens what [`Session::seal`] sealed, whatever the time. `None` where it was changed or
    /// belongs to another application.
    pub(crate) fn unseal(keys: &SealKeys, application: &str, sealed: &str) -> Option<Self> {
        Self::unsealed(Purpose::Session, keys, application, sealed)
    }

    /// Opens the session that a token was made of.
    pub(crate) fn of_token(
        keys: &SealKeys,
        application: &str,
        token: &str,
        now: UnixTime,
    ) -> Option<Self> {
        let session = Self::unsealed(Purpose::Token, keys, application, token)?;
        session.is_current(now).then_some(session)
    }

    fn unsealed(
        purpose: Purpose,
        keys: &SealKeys,
        application: &str,
        sealed: &str,
    ) -> Option<Self> {
        let plain = keys.open(purpose, application, sealed)?;
        let Sealed { id, root, started, ends, seen, facts, cut_to } =
            serde_json::from_slice(&unpacked(plain)?).ok()?;
        let subject = Subject::proven(facts);
        Some(Session { id, root, started, ends, seen, subject, cut_to })
    }

    /// Whether its time has come and is not over. A session from the future was made under a clock
    /// that was wrong.
    pub(crate) fn is_current(&self, now: UnixTime) -> bool {
        now < self.ends && self.started <= now.saturating_add(limits::CLOCK_SKEW_SECONDS)
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

    /// The same session, of its groups those only that `names` holds for: those that policies
    /// name, of which `digest` is one. With it, how many it lost.
    pub fn cut_to(&self, names: impl Fn(&str) -> bool, digest: String) -> (Self, usize) {
        let mut facts = (*self.subject).clone();
        let all = facts.groups.len();
        facts.groups.retain(|group| names(group));
        let lost = all.saturating_sub(facts.groups.len());
        let subject = Subject::proven(facts);
        (Session { subject, cut_to: Some(digest), ..self.clone() }, lost)
    }

    /// Whether it has all groups of the person.
    pub fn is_whole(&self) -> bool {
        self.cut_to.is_none()
    }

    /// Whether it tells of every group that policies name if the person is in it. `digest` is one of
    /// those groups.
    pub fn tells(&self, digest: impl FnOnce() -> String) -> bool {
        self.cut_to.as_ref().is_none_or(|cut_to| *cut_to == digest())
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

/// What is sealed: JSON that fits into one cookie as it is. `None` where nothing does.
fn packed(json: Vec<u8>) -> Option<Vec<u8>> {
    if json.len() <= limits::SESSION_AS_IT_IS {
        return Some(json);
    }
    if json.len() > limits::SESSION_INFLATED {
        return None;
    }
    let mut packed = compress_to_vec(&json, 6);
    packed.insert(0, DEFLATED);
    (packed.len() <= limits::SESSION_PACKED).then_some(packed)
}

fn unpacked(plain: Vec<u8>) -> Option<Vec<u8>> {
    match plain.split_first() {
        Some((&DEFLATED, deflated)) => {
            decompress_to_vec_with_limit(deflated, limits::SESSION_INFLATED).ok()
        }
        _ => Some(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remembered::Sessions;

    fn keys() -> SealKeys {
        let jwks = serde_json::json!({ "keys": [crate::keys::new_seal_key([3; 32])] });
        SealKeys::from_jwks(&jwks.to_string()).unwrap()
    }

    /// A session with groups of these names, and its cookies as a browser sends them.
    fn sealed(groups: Vec<String>) -> Result<(Session, Vec<String>), Refusal> {
        let facts = Facts { name_id: "alice".into(), groups, ..Facts::default() };
        let root = Root { host: "a.example".into(), id: "root".into() };
        let session = Session::begin("id".into(), root, Subject::proven(facts), 1_000, 2_000);
        let set = session.seal(&keys(), "a.example", [1; 12], 1_000)?;
        let pair = |cookie: &String| cookie.split(';').next().unwrap().to_owned();
        Ok((session, set.iter().map(pair).collect()))
    }

    /// Names that can't be made shorter: 32 random bytes each.
    fn random(count: usize) -> Vec<String> {
        let name = |n: usize| {
            let digest = ring::digest::digest(&ring::digest::SHA256, &n.to_le_bytes());
            digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
        };
        (0..count).map(name).collect()
    }

    fn open(cookies: &[String]) -> Option<Session> {
        let header = cookies.join("; ");
        Session::unseal(&keys(), "a.example", &cookies::session(&header)?)
    }

    #[test]
    fn opens_until_it_ends_and_only_at_its_application() {
        for groups in [3, 200] {
            let (session, cookies) = sealed(random(groups)).unwrap();
            let cookie = cookies.join("; ");
            // Whether or not it was opened before.
            let mut sessions = Sessions::default();
            for _ in 0..2 {
                let mut open = |application, now| sessions.open(&keys(), application, &cookie, now);
                assert_eq!(open("b.example", 1_500), None);
                assert_eq!(open("a.example", 2_000), None);
                assert_eq!(open("a.example", 900), None);
                assert_eq!(open("a.example", 1_999).as_deref(), Some(&session));
                assert_eq!(open("a.example", 2_000), None);
                assert_eq!(open("a.example", 900), None);
            }
        }
    }

    /// As directories write them, and at the worst.
    #[test]
    fn session_too_large() {
        let directory = |count| {
            let name = |n| format!("CN=Team {n} Members,OU=Groups,OU=Munich,DC=corp,DC=example");
            (0..count).map(name).collect()
        };
        for (groups, cookies) in [
            (random(0), 1),
            (directory(40), 1),
            (directory(limits::GROUPS), 1),
            (random(100), 2),
            (random(limits::GROUPS), 7),
        ] {
            let count = groups.len();
            let (session, sealed) = sealed(groups).unwrap();
            assert_eq!(sealed.len(), cookies, "{count}");
            assert!(sealed.iter().all(|cookie| cookie.len() <= limits::COOKIE_VALUE + 20));
            assert_eq!(open(&sealed), Some(session));
            for at in 0..sealed.len() {
                let less = [&sealed[..at], &sealed[at + 1..]].concat();
                assert_eq!(open(&less), None, "{count} without {at}");
            }
        }
        assert_eq!(sealed(random(700)).err(), Some(Refusal::SessionTooLarge));
    }

    #[test]
    fn what_is_cut_says_so_and_what_it_tells() {
        let (session, _) = sealed(random(20)).unwrap();
        let kept = session.subject().groups[7].clone();
        let (cut, lost) = session.cut_to(|group| group == kept, "then".into());
        assert_eq!((cut.subject().groups.as_slice(), lost), ([kept].as_slice(), 19));
        assert!(session.is_whole() && !cut.is_whole());
        let set = cut.seal(&keys(), "a.example", [1; 12], 1_000).unwrap();
        let cut = open(&[set[0].split(';').next().unwrap().to_owned()]).unwrap();
        assert!(!cut.is_whole());
        assert!(cut.tells(|| "then".into()) && !cut.tells(|| "now".into()));
        assert!(session.tells(|| "now".into()));
    }
}
