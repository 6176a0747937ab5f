//! Secrets and stored documents, read once and remembered for the life of the isolate.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::json;
use worker::{Context, Env, KvStore, console_error, console_warn};

use super::ledger;
use super::patience::within;
use crate::gate::{Application, Deployment};
use crate::identity::UnixTime;
use crate::look::Look;
use crate::policy::{Policy, wildcard_of};
use crate::refusals::{Refusal, Refused};
use crate::revocations::{Revocations, RevokedDocument};
use crate::saml::idp::IdentityProvider;
use crate::service::ServiceDocument;

/// A host's documents are read again in the background after this many seconds …
const STALE: i64 = 30;
/// … and before they decide anything after this many. Cloudflare's own cache adds up to a minute.
const TOO_OLD: i64 = 60;

/// What is remembered of one host.
#[derive(Clone)]
pub(super) struct Host {
    pub(super) application: Rc<Application>,
    pub(super) revocations: Rc<Revocations>,
}

struct Loaded {
    host: Host,
    read_at: UnixTime,
}

thread_local! {
    static DEPLOYMENT: RefCell<Option<Rc<Deployment>>> = const { RefCell::new(None) };
    static HOSTS: RefCell<HashMap<String, Loaded>> = RefCell::default();
}

/// Whether everything that a gate needs is bound.
pub(super) fn check(env: &Env) -> Result<(), Refused> {
    deployment(env)?;
    store(env)?;
    ledger::binding(env)?;
    Ok(())
}

pub(super) fn deployment(env: &Env) -> Result<Rc<Deployment>, Refused> {
    if let Some(known) = DEPLOYMENT.with_borrow(Option::clone) {
        return Ok(known);
    }
    let text = |name: &str| env.var(name).ok().map(|value| value.to_string());
    let read = Rc::new(Deployment::read(text)?);
    DEPLOYMENT.set(Some(Rc::clone(&read)));
    Ok(read)
}

/// What belongs to a host. What was read before stays in force where the store fails or holds
/// something unusable, and the log says so; where nothing was read before, nobody gets in.
pub(super) async fn host(
    env: &Env,
    context: &Context,
    deployment: &Deployment,
    name: &str,
    now: UnixTime,
) -> Result<Host, Refused> {
    let base = deployment.base_of(name);
    let known = HOSTS.with_borrow(|all| {
        all.get(name).map(|loaded| (loaded.host.clone(), now.saturating_sub(loaded.read_at)))
    });
    match known {
        Some((host, age)) if (0..STALE).contains(&age) => Ok(host),
        Some((host, age)) if (STALE..TOO_OLD).contains(&age) => {
            // Others that come meanwhile need not read as well.
            let current = put(name, host.clone(), now);
            let (env, name) = (env.clone(), name.to_owned());
            context.wait_until(async move {
                drop(refresh(&env, &name, base, Some(host), now).await);
            });
            Ok(current)
        }
        other => refresh(env, name, base, other.map(|(host, _)| host), now).await,
    }
}

/// How the application of a host looks, where that is known.
pub(super) fn look(name: &str) -> Arc<Look> {
    HOSTS.with_borrow(|all| {
        let known = all.get(name).map(|loaded| &loaded.host.application.policy);
        known.map(|policy| Arc::clone(policy.look())).unwrap_or_default()
    })
}

/// Lets the next request to a host wait until all is read anew.
pub(super) fn expire(name: &str) {
    HOSTS.with_borrow_mut(|all| {
        if let Some(loaded) = all.get_mut(name) {
            loaded.read_at = UnixTime::MIN;
        }
    });
}

async fn refresh(
    env: &Env,
    name: &str,
    base: String,
    last_good: Option<Host>,
    now: UnixTime,
) -> Result<Host, Refused> {
    let (known_application, known_revocations) = match last_good {
        Some(host) => (Some(host.application), Some(host.revocations)),
        None => (None, None),
    };
    let application = match load(env, name, base).await {
        Ok(application) if is_old(&application, known_application.as_deref(), now) => {
            kept(name, Refusal::DocumentOld.into(), known_application)?
        }
        Ok(application) => {
            if known_application.is_none() {
                warn_of_legacy(&application);
            }
            Rc::new(application)
        }
        // Taken away on purpose, so that nothing is left to be in force.
        Err(refused) if refused.refusal == Refusal::HostUnknown => {
            HOSTS.with_borrow_mut(|all| all.remove(name));
            return Err(refused);
        }
        Err(refused) => kept(name, refused, known_application)?,
    };
    let revocations = match revocations(env, name, now).await {
        Ok(revocations) => Rc::new(revocations),
        Err(refused) => kept(name, refused, known_revocations)?,
    };
    Ok(put(name, Host { application, revocations }, now))
}

fn is_old(read: &Application, known: Option<&Application>, now: UnixTime) -> bool {
    known.is_some_and(|known| read.policy.is_old_copy_of(&known.policy, now))
}

/// What sign-outs and administrators have ended at a host.
async fn revocations(env: &Env, host: &str, now: UnixTime) -> Result<Revocations, Refused> {
    let document = match read(env, "revoked").await? {
        Some(json) => serde_json::from_str(&json)
            .map_err(|_| Refused::because(Refusal::DocumentUnusable, "revoked"))?,
        None => RevokedDocument::default(),
    };
    Ok(ledger::revocations(env, host, now).await?.with(host, document))
}

/// What was good last, if anything was.
fn kept<T>(name: &str, refused: Refused, last_good: Option<T>) -> Result<T, Refused> {
    let Some(last_good) = last_good else { return Err(refused) };
    let line = json!({ "event": "last-good-kept", "host": name, "code": refused.refusal.code(),
        "detail": refused.detail });
    console_error!("{line}");
    Ok(last_good)
}

/// Once an isolate: what is accepted although it is weak should not be forgotten.
fn warn_of_legacy(application: &Application) {
    for idp in application.idps().iter().filter(|idp| !idp.legacy.is_empty()) {
        let line = json!({ "event": "legacy-accepted", "host": application.host,
            "idp": idp.id, "legacy": idp.legacy });
        console_warn!("{line}");
    }
}

fn put(name: &str, host: Host, now: UnixTime) -> Host {
    let loaded = Loaded { host: host.clone(), read_at: now };
    HOSTS.with_borrow_mut(|all| all.insert(name.to_owned(), loaded));
    host
}

/// A host whose identity providers are not stored yet: enough for our metadata, which they want
/// first, and for nothing else.
pub(super) async fn without_idps(
    env: &Env,
    deployment: &Deployment,
    name: &str,
) -> Result<Host, Refused> {
    let policy = policy(env, name).await?;
    let application = Application::new(name, deployment.base_of(name), policy, Vec::new())?;
    Ok(Host { application: Rc::new(application), revocations: Rc::default() })
}

/// The document of the host itself, or else of the wildcard that stands for it.
async fn policy(env: &Env, host: &str) -> Result<Policy, Refused> {
    let key = format!("app/{host}");
    let text = match (read(env, &key).await?, wildcard_of(host)) {
        (Some(text), _) => Some(text),
        (None, Some(wildcard)) => read(env, &format!("app/{wildcard}")).await?,
        (None, None) => None,
    };
    let text = text.ok_or_else(|| Refused::because(Refusal::HostUnknown, &key))?;
    Policy::from_json(&text).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Refused::because(Refusal::DocumentUnusable, &first)
    })
}

async fn load(env: &Env, host: &str, base: String) -> Result<Application, Refused> {
    let policy = policy(env, host).await?;
    let mut idps = Vec::new();
    for id in policy.idps() {
        let key = format!("idp/{id}");
        let missing = || Refused::because(Refusal::IdpMissing, &key);
        let json = read(env, &key).await?.ok_or_else(missing)?;
        let idp = IdentityProvider::from_json(id, &json);
        idps.push(idp.map_err(|refusal| Refused::because(refusal, &key))?);
    }
    let mut services = BTreeMap::new();
    for id in policy.services() {
        if let Some(json) = read(env, &format!("service/{id}")).await? {
            match ServiceDocument::from_json(&json) {
                Ok(document) => drop(services.insert(id.clone(), document)),
                // Its token is refused; the others need not suffer.
                Err(fault) => unusable(host, &format!("service/{id}"), &fault),
            }
        }
    }
    let mut application = Application::new(host, base, policy, idps)?;
    application.services = services;
    application.candidate = candidate(env, host).await;
    Ok(application)
}

/// The document that is tried beside the live one. What is wrong with it is logged and nothing else.
async fn candidate(env: &Env, host: &str) -> Option<Policy> {
    let key = format!("candidate/{host}");
    let text = read(env, &key).await.ok()??;
    match Policy::from_json(&text) {
        Ok(policy) if policy.covers_host(host) => Some(policy),
        Ok(_) => {
            unusable(host, &key, "hosts");
            None
        }
        Err(faults) => {
            unusable(host, &key, &faults.first().map(ToString::to_string).unwrap_or_default());
            None
        }
    }
}

fn unusable(host: &str, key: &str, detail: &str) {
    let line = json!({ "event": "unusable", "host": host, "key": key, "detail": detail });
    console_error!("{line}");
}

/// What is stored under a key.
pub(super) async fn read(env: &Env, key: &str) -> Result<Option<String>, Refused> {
    reached(key, store(env)?.get(key).cache_ttl(60).text()).await
}

pub(super) fn store(env: &Env) -> Result<KvStore, Refused> {
    env.kv("CONFIG").map_err(|_| Refused::because(Refusal::BindingMissing, "CONFIG"))
}

/// What the store answers, if it does.
pub(super) async fn reached<T, E: Debug>(
    what: &str,
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, Refused> {
    let unavailable = |error: &dyn Debug| {
        console_error!("CONFIG {what}: {error:?}");
        Refused::because(Refusal::StoreUnavailable, "CONFIG")
    };
    within(asked)
        .await
        .ok_or_else(|| unavailable(&"no answer"))?
        .map_err(|error| unavailable(&error))
}
