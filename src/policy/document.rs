//! A policy document, loaded.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use super::condition::{Asked, Condition, Standing, Truth};
use super::cors::Cors;
use super::decide::{Request, Who};
use super::expect::Expectation;
use super::fault::Fault;
use super::index::Index;
use super::load;
use super::look::Look;
use super::pattern::Pattern;
use super::reader::Reader;
use super::release::Release;
use super::trace::Silent;
use crate::identity::{Subject, ToldHeader, UnixTime};

/// A policy document, checked and arranged for deciding.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(super) look: Arc<Look>,
    pub(super) hosts: Vec<String>,
    pub(super) sign_in: SignIn,
    pub(super) sets: Vec<(String, Condition)>,
    pub(super) rules: Vec<Rule>,
    pub(super) expect: Vec<Expectation>,
    pub(super) headers: Vec<ToldHeader>,
    pub(super) attributes: Vec<String>,
    pub(super) apps: Vec<String>,
    pub(super) explain: Option<Condition>,
    pub(super) release: Option<Release>,
    pub(super) cors: Cors,
    /// Whether who is refused sees the same as where there is nothing.
    pub(super) hides_refused: bool,
    /// Groups that a condition names.
    pub(super) groups: BTreeSet<String>,
    pub(super) index: Index,
    /// Whether a rule is in report mode.
    pub(super) reports: bool,
    /// Whether signing in again can change an answer.
    pub(super) asks_for_freshness: bool,
    /// Whether a condition asks where a request comes from.
    pub(super) asks_whence: bool,
    /// Ids of the services that a condition names.
    pub(super) services: BTreeSet<String>,
}

/// How people sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignIn {
    pub(super) idps: Vec<String>,
    pub(super) max_age: i64,
    pub(super) idle: Option<i64>,
    pub(super) auth_host: Option<String>,
    /// Whether a sign-in brings the fragment of an address back.
    pub(super) keeps_fragment: bool,
}

/// One rule: a path pattern with an effect and a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) place: usize,
    pub(super) pattern: Pattern,
    pub(super) methods: Vec<String>,
    pub(super) effect: Effect,
    pub(super) why: Option<String>,
    pub(super) until: Option<UnixTime>,
    pub(super) report: bool,
    pub(super) encoded_slash: bool,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Lets in whoever is signed in and meets the condition.
    Allow(Condition),
    /// Keeps out whoever meets the condition, here and below.
    Deny(Condition),
    /// Lets in everybody.
    Public {
        /// Whether the application is told who is signed in, if somebody is.
        identity: bool,
    },
}

impl Policy {
    /// Reads a document, or says all that is wrong with it.
    pub fn from_json(text: &str) -> Result<Policy, Vec<Fault>> {
        let mut reader = Reader::new(text);
        let policy = reader.root().and_then(|root| load::read(&mut reader, &root));
        match policy {
            Some(policy) if !reader.has_faults() => Ok(policy),
            _ => Err(reader.finish()),
        }
    }

    /// What the application is called.
    pub fn name(&self) -> &str {
        &self.look.name
    }

    /// How it is called and how it looks.
    pub fn look(&self) -> &Arc<Look> {
        &self.look
    }

    /// The hosts it is for, in lower case; `*.example.com` stands for one label.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Whether it is for this host, which has to be in lower case. A wildcard stands for exactly one
    /// label.
    pub fn covers_host(&self, host: &str) -> bool {
        let wildcard = wildcard_of(host);
        let is_host = !host.starts_with('*');
        let mut known = self.hosts.iter();
        is_host && known.any(|known| known == host || wildcard.as_ref() == Some(known))
    }

    /// Ids of the identity providers at which one may sign in; at least one.
    pub fn idps(&self) -> &[String] {
        &self.sign_in.idps
    }

    /// The document without what grows long.
    pub(super) fn without_rules(&self) -> Policy {
        let (rules, expect) = (Vec::new(), Vec::new());
        let groups = BTreeSet::new();
        let index = self.index.of(&rules);
        let Policy {
            look,
            hosts,
            sign_in,
            sets,
            headers,
            attributes,
            apps,
            explain,
            release,
            services,
            cors,
            ..
        } = self;
        Policy {
            look: Arc::clone(look),
            hosts: hosts.clone(),
            sign_in: sign_in.clone(),
            sets: sets.clone(),
            headers: headers.clone(),
            attributes: attributes.clone(),
            apps: apps.clone(),
            explain: explain.clone(),
            release: release.clone(),
            services: services.clone(),
            cors: cors.clone(),
            rules,
            expect,
            groups,
            index,
            ..*self
        }
    }

    /// The document with other rules.
    pub(super) fn with_rules(&self, rules: Vec<Rule>) -> Policy {
        let index = self.index.of(&rules);
        Policy { rules, index, ..self.without_rules() }
    }

    /// Seconds after which one has to sign in again.
    pub fn max_age(&self) -> i64 {
        self.sign_in.max_age
    }

    /// Seconds without a request after which one has to sign in again.
    pub fn idle(&self) -> Option<i64> {
        self.sign_in.idle
    }

    /// The host that signs people in for this one and others, as the document says it.
    pub fn auth_host(&self) -> Option<&str> {
        self.sign_in.auth_host.as_deref()
    }

    /// Whether anything depends on where a request comes from: address, country, network or client
    /// certificate.
    pub fn asks_whence(&self) -> bool {
        self.asks_whence
    }

    /// Headers that tell the application who asks, besides ours.
    pub fn headers(&self) -> &[ToldHeader] {
        &self.headers
    }

    /// Attributes that the assertion to the origin carries, by our names.
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// Hosts of other applications that people find from here.
    pub fn apps(&self) -> &[String] {
        &self.apps
    }

    /// Whether this person may see how requests of others are decided.
    pub fn may_explain(&self, request: &Request<'_>, subject: &Subject) -> bool {
        let signed_in_at = subject.signed_in_at;
        let who = Who::Person(subject);
        let asked = Asked { request, who, signed_in_at, sets: &self.sets };
        let standing = Standing { denies: false, negated: false };
        let explain = self.explain.as_ref();
        explain
            .is_some_and(|condition| condition.weigh(&asked, standing, &mut Silent) == Truth::True)
    }

    /// What becomes of CORS preflights.
    pub fn cors(&self) -> &Cors {
        &self.cors
    }

    /// Whether who is refused sees the same as where there is nothing.
    pub fn hides_refused(&self) -> bool {
        self.hides_refused
    }

    /// Whether a sign-in brings the fragment of an address back.
    pub fn keeps_fragment(&self) -> bool {
        self.sign_in.keeps_fragment
    }

    /// Which release it is, where it was published.
    pub fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }

    /// Ids of the services that a condition names, in order.
    pub fn services(&self) -> &BTreeSet<String> {
        &self.services
    }

    /// Whether a condition names this group.
    pub fn names_group(&self, group: &str) -> bool {
        self.groups.contains(group)
    }

    /// A digest of the groups that conditions name.
    pub fn groups_digest(&self) -> String {
        let text: String = self.groups.iter().map(|g| format!("{}:{g}", g.len())).collect();
        let digest = digest(&SHA256, text.as_bytes());
        URL_SAFE_NO_PAD.encode(digest.as_ref().get(..16).unwrap_or_default())
    }

    /// The rules, in the order of the document.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The named conditions, in the order of the document.
    pub fn sets(&self) -> &[(String, Condition)] {
        &self.sets
    }
}

/// The wildcard that stands for a host: `*.example.com` for `app.example.com`. None for a host whose
/// wildcard would be one of a top-level domain, and for what begins with a wildcard itself.
pub fn wildcard_of(host: &str) -> Option<String> {
    let (label, domain) = host.split_once('.')?;
    let stands = !label.is_empty() && label != "*" && domain.contains('.');
    stands.then(|| format!("*.{domain}"))
}

impl Rule {
    /// Which paths it is for.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The methods it is for; none means all.
    pub fn methods(&self) -> &[String] {
        &self.methods
    }

    /// What it does.
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// Why it is there.
    pub fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }

    /// The second from which it no longer allows.
    pub fn until(&self) -> Option<UnixTime> {
        self.until
    }

    /// Whether it is only decided and logged, not enforced.
    pub fn is_report(&self) -> bool {
        self.report
    }

    /// Whether it lets in to paths with an encoded slash.
    pub fn allows_encoded_slash(&self) -> bool {
        self.encoded_slash
    }

    /// Where it stands in the document, as a JSON pointer.
    pub fn pointer(&self) -> String {
        format!("/rules/{}", self.place)
    }

    /// Whether it is for this method. `GET` stands for `HEAD` too, and letter case does not count,
    /// because the application may not look at it.
    pub(super) fn covers_method(&self, method: &str) -> bool {
        let method = if method.eq_ignore_ascii_case("HEAD") { "GET" } else { method };
        self.methods.is_empty() || self.methods.iter().any(|own| own.eq_ignore_ascii_case(method))
    }

    /// Whether the application is told who asks, if that is known.
    pub(super) fn carries_identity(&self) -> bool {
        matches!(self.effect, Effect::Allow(_) | Effect::Public { identity: true })
    }

    /// Orders the rules of one pattern by what they say, not by where they stand.
    pub(super) fn sort_key(&self) -> String {
        let Rule { place: _, pattern, methods, effect, why, until, report, encoded_slash } = self;
        format!("{pattern} {methods:?} {effect:?} {why:?} {until:?} {report} {encoded_slash}")
    }
}

impl Effect {
    /// Its condition, where it has one.
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Effect::Allow(condition) | Effect::Deny(condition) => Some(condition),
            Effect::Public { .. } => None,
        }
    }

    /// Where its condition stands.
    pub(super) fn standing(&self) -> Standing {
        Standing { denies: matches!(self, Effect::Deny(_)), negated: false }
    }
}
