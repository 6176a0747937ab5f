//! An auth host, two applications that sign in there and one that does not, and a person with a
//! browser before all of them.

use std::collections::HashMap;

use super::*;

pub const AUTH: &str = r#"{
  "name": "Sign-in", "hosts": ["auth.example"], "rules": [],
  "sign_in": { "idps": ["test"], "max_age": "12h" }
}"#;

/// A policy at another host, with other words on signing in.
pub fn policy(host: &str, sign_in: &str) -> String {
    let at = POLICY.replace("app.example", host);
    at.replace(r#""idps": ["test"], "max_age": "1h""#, sign_in)
}

/// A person's cookies, by host.
#[derive(Clone, Default)]
pub struct Person(pub HashMap<String, Browser>);

impl Person {
    pub fn at(&mut self, host: &str) -> &mut Browser {
        self.0.entry(host.to_owned()).or_default()
    }
}

/// Where a person ends up.
#[derive(Debug)]
pub enum Ended {
    /// A page of the application.
    Page(String, Box<Forward>),
    /// A page of the gate.
    Own(String, Reply),
    /// A refusal.
    Refused(Refusal),
}

/// What the ledger has under a key, nothing once it was taken; and until when.
type Kept = (Option<String>, i64);

pub struct Estate {
    pub worlds: HashMap<&'static str, World>,
    /// The ledger, by host and key.
    pub kept: RefCell<HashMap<(String, String), Kept>>,
    stamps: RefCell<HashMap<&'static str, Vec<(String, i64)>>>,
}

const HOSTS: [&str; 4] = ["auth.example", "app.example", "other.test", "foreign.example"];

impl Estate {
    pub fn new() -> Self {
        Estate::with(r#""idps": ["test"], "max_age": "1h", "auth_host": "auth.example""#)
    }

    /// With these words on signing in at `app.example`.
    pub fn with(sign_in: &str) -> Self {
        let idle = r#""idps": ["test"], "idle": "10m", "auth_host": "auth.example""#;
        let policies = [
            AUTH.to_owned(),
            policy("app.example", sign_in),
            policy("other.test", idle),
            policy("foreign.example", r#""idps": ["test"]"#),
        ];
        let idp = idp_and(serde_json::json!({}));
        let worlds = HOSTS.into_iter().zip(&policies).enumerate().map(|(at, (host, policy))| {
            let world = World::at(host, policy, World::new().deployment, &idp);
            // No two hosts draw the same.
            world.drawn.set(at as u8 * 60);
            (host, world)
        });
        let worlds = worlds.collect();
        Estate { worlds, kept: RefCell::default(), stamps: RefCell::default() }
    }

    pub fn later(&self, now: i64) {
        for world in self.worlds.values() {
            world.now.set(now);
        }
    }

    pub fn now(&self) -> i64 {
        self.worlds["auth.example"].now.get()
    }

    /// One request; no redirect is followed.
    pub fn visit(&self, person: &mut Person, url: &str) -> Result<Ended, Refusal> {
        let rest = url.strip_prefix("https://").expect(url);
        let (host, path) = rest.split_at(rest.find('/').unwrap());
        let world = &self.worlds[host];
        let browser = person.at(host);
        let before = browser.clone();
        let reply = match world.ask(browser, path).map_err(|refused| refused.refusal)? {
            Answer::Forward(forward) => {
                return Ok(Ended::Page(url.to_owned(), Box::new(forward)));
            }
            Answer::Own(own) | Answer::SignIn(own, _) => world.finish(own),
            Answer::SignOut(ended) => {
                self.stamp(host, &ended.revoke);
                world.finish(ended.answer)
            }
            Answer::HandOver(asking) => {
                let Some(other) = self.worlds.get(asking.host.as_str()) else {
                    return Err(Refusal::HandOverForeign);
                };
                let revocations = other.revocations.borrow();
                let application = &other.application;
                let given =
                    world.gate(|gate| gate.hand_over(*asking, application, &revocations, &before));
                match given.map_err(|refused| refused.refusal)? {
                    HandOver::Own(own) => world.finish(own),
                    HandOver::Deposit(deposit, reply, _) => {
                        let Deposit { host, key, sealed, until } = deposit;
                        self.kept.borrow_mut().insert((host, key), (Some(sealed), until));
                        reply
                    }
                }
            }
            Answer::Collect(collecting) => {
                let taken = self.take(host, &collecting.key);
                let collected = world.gate(|gate| gate.collect(&collecting, taken, &before));
                collected.map_err(|refused| refused.refusal)?.0
            }
            other => panic!("{url}: {other:?}"),
        };
        browser.keep(&reply);
        Ok(Ended::Own(url.to_owned(), reply))
    }

    /// Goes on as a browser does.
    pub fn follow(&self, person: &mut Person, url: &str) -> Ended {
        let mut url = url.to_owned();
        for _ in 0..10 {
            let ended = match self.visit(person, &url) {
                Ok(ended) => ended,
                Err(refusal) => return Ended::Refused(refusal),
            };
            match ended {
                Ended::Own(at, reply) => match header(&reply.headers, "location") {
                    Some(location) if location.starts_with('/') => {
                        let rest = at.strip_prefix("https://").unwrap();
                        let host = &rest[..rest.find('/').unwrap()];
                        url = format!("https://{host}{location}");
                    }
                    Some(location) => url = location.to_owned(),
                    None => match refresh(&reply) {
                        Some(location) => url = location,
                        None => return Ended::Own(at, reply),
                    },
                },
                ended => return ended,
            }
        }
        panic!("{url} redirects for ever");
    }

    /// The address to which a visit redirects.
    pub fn location(&self, person: &mut Person, url: &str) -> String {
        match self.visit(person, url) {
            Ok(Ended::Own(_, reply)) => header(&reply.headers, "location").expect(url).to_owned(),
            other => panic!("{url}: {other:?}"),
        }
    }

    /// Answers the form that leads to the identity provider, where Alice signs in just now, and goes
    /// on from there.
    pub fn sign_in(&self, person: &mut Person, ended: Ended) -> Ended {
        self.sign_in_as(person, ended, "alice", 0)
    }

    /// The same with somebody who signed in there so many seconds ago.
    pub fn sign_in_as(&self, person: &mut Person, ended: Ended, name: &str, ago: i64) -> Ended {
        let Ended::Own(url, reply) = ended else { panic!("{ended:?}") };
        assert!(url.starts_with("https://auth.example/"), "{url}");
        let (id, relay) = fields(&reply);
        let mut xml = HONEST.replace("app.example", "auth.example").replace("alice", name);
        xml = xml.replace("_request", &id);
        for (written, after) in [("12:00", 0), ("12:05", 300), ("11:55", -300), ("11:59", -ago)] {
            let moved = format!("at {}", self.now() + after);
            xml = xml.replace(&format!("2026-11-23T{written}:00Z"), &moved);
        }
        while let Some((before, rest)) = xml.split_once("at 1") {
            let (digits, rest) = rest.split_at(rest.find('"').unwrap());
            let time = format!("1{digits}").parse().unwrap();
            let time = chrono::DateTime::from_timestamp(time, 0).unwrap();
            xml = format!("{before}{}{rest}", time.format("%Y-%m-%dT%H:%M:%SZ"));
        }
        let world = &self.worlds["auth.example"];
        let browser = person.at("auth.example");
        let reply = match world.post(browser, &signed(&xml, Signed::Both), &relay, true) {
            Ok(reply) => reply,
            Err(refused) => return Ended::Refused(refused.refusal),
        };
        browser.keep(&reply);
        let to = header(&reply.headers, "location").unwrap();
        self.follow(person, &format!("https://auth.example{to}"))
    }

    /// The whole way, as far as the identity provider has to be asked; and whether it was.
    pub fn open(&self, person: &mut Person, url: &str) -> (Ended, bool) {
        match self.follow(person, url) {
            Ended::Own(at, reply) if reply.body.contains("SAMLRequest") => {
                (self.sign_in(person, Ended::Own(at, reply)), true)
            }
            ended => (ended, false),
        }
    }

    pub fn take(&self, host: &str, key: &str) -> Taken {
        match self.kept.borrow_mut().get_mut(&(host.to_owned(), key.to_owned())) {
            Some((_, until)) if *until < self.now() => Taken::Unknown,
            Some((sealed, _)) => sealed.take().map_or(Taken::Before, Taken::Deposit),
            None => Taken::Unknown,
        }
    }

    /// What the ledger and the Worker do: a host that names an auth host reads its stamps too.
    pub fn stamp(&self, host: &str, revoked: &[Revoked]) {
        let host = HOSTS.into_iter().find(|known| *known == host).unwrap();
        let stamps = revoked.iter().map(|key| (key.as_str().to_owned(), self.now()));
        self.stamps.borrow_mut().entry(host).or_default().extend(stamps);
        let stamps = self.stamps.borrow();
        for world in self.worlds.values() {
            let hosts = [Some(world.application.host.as_str()), world.application.auth_host()];
            let own = hosts.into_iter().flatten().filter_map(|host| stamps.get(host)).flatten();
            world.revocations.replace(Revocations::new(own.cloned()));
        }
    }
}

/// Where a page goes on to by itself.
pub fn refresh(reply: &Reply) -> Option<String> {
    let (_, rest) = reply.body.split_once("http-equiv=\"refresh\" content=\"0; url=")?;
    Some(rest.split('"').next().unwrap().replace("&#38;", "&"))
}
