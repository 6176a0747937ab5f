//! Secrets and stored documents, read once and remembered for the life of the isolate.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use worker::{Context, Env};

use super::at_once::{Pending, all};
use super::ledger;
use super::log::log;
use super::store::{self, read};
use crate::bounded::Bounded;
use crate::freshness::{Age, Freshness, Kept};
use crate::gate::{Application, Deployment, Refused};
use crate::identity::UnixTime;
use crate::policy::Look;
use crate::policy::{Policy, wildcard_of};
use crate::records::Event;
use crate::refusals::Refusal;
use crate::saml::idp::IdentityProvider;
use crate::service::ServiceDocument;

/// Bytes of documents that are remembered: as many as the largest has, and in memory several times
/// as many.
const REMEMBERED: usize = 8 * 1024 * 1024;
/// Bytes that a host takes besides.
const HOST: usize = 4 * 1024;

thread_local! {
    static DEPLOYMENT: RefCell<Option<Rc<Deployment>>> = const { RefCell::new(None) };
    /// A wildcard stands for any number of hosts.
    static HOSTS: RefCell<Bounded<Kept<Rc<Application>>>> =
        RefCell::new(Bounded::new(REMEMBERED));
}

/// Whether everything that a gate needs is bound.
pub(super) fn check(env: &Env) -> Result<(), Refused> {
    deployment(env)?;
    store::bound(env)?;
    ledger::binding(env)?;
    Ok(())
}

pub(super) fn deployment(env: &Env) -> Result<Rc<Deployment>, Refused> {
    if let Some(known) = DEPLOYMENT.with_borrow(Option::clone) {
        return Ok(known);
    }
    let text = |name: &str| env.var(name).ok().map(|value| value.to_string());
    let read = Rc::new(Deployment::read(text)?);
    log(&Event::Keys { seal: read.seal.ids(), sign: read.sign.ids() });
    DEPLOYMENT.set(Some(Rc::clone(&read)));
    Ok(read)
}

/// The documents of a host. What was read before stays in force where the store fails or holds
/// something unusable, and the log says so; where nothing was read before, nobody gets in.
pub(super) async fn application(
    env: &Env,
    context: &Context,
    deployment: &Deployment,
    name: &str,
    now: UnixTime,
) -> Result<Rc<Application>, Refused> {
    let age = HOSTS
        .with_borrow_mut(|all| all.get(name).map(|known| known.age(Freshness::DOCUMENTS, now)));
    match age {
        Some(Age::Fresh(known)) => Ok(known),
        Some(Age::Renew(known)) => {
            let (env, name) = (env.clone(), name.to_owned());
            let base = deployment.base_of(&name);
            let renewal: Pending<()> = Box::pin(async move {
                drop(refresh(&env, &name, base, now).await);
            });
            context.wait_until(renewal);
            Ok(known)
        }
        Some(Age::TooOld(_)) | None => {
            Box::pin(refresh(env, name, deployment.base_of(name), now)).await
        }
    }
}

/// How the application of a host looks, where that is known.
pub(super) fn look(name: &str) -> Arc<Look> {
    HOSTS.with_borrow_mut(|all| {
        let known = all.get(name).map(|known| &known.value().policy);
        known.map(|policy| Arc::clone(policy.look())).unwrap_or_default()
    })
}

async fn refresh(
    env: &Env,
    name: &str,
    base: String,
    now: UnixTime,
) -> Result<Rc<Application>, Refused> {
    let loaded = load(env, name, base).await;
    // Another reading may have brought something newer meanwhile.
    let last_good =
        HOSTS.with_borrow_mut(|all| all.get(name).map(|known| Rc::clone(known.value())));
    let application = match loaded {
        Ok(application) if is_old(&application, last_good.as_deref(), now) => {
            kept(name, Refusal::DocumentOld.into(), last_good)?
        }
        Ok(application) => {
            if last_good.is_none() {
                warn_of_legacy(&application);
            }
            let release = application.policy.release();
            if last_good.as_ref().is_none_or(|known| known.policy.release() != release) {
                log(&Event::ReleaseSeen { host: name, release: release.map(Into::into) });
            }
            Rc::new(application)
        }
        // Taken away on purpose, so that nothing is left to be in force.
        Err(refused) if refused.refusal == Refusal::HostUnknown => {
            HOSTS.with_borrow_mut(|all| all.remove(name));
            return Err(refused);
        }
        Err(refused) => kept(name, refused, last_good)?,
    };
    let (known, bytes) = (Kept::new(Rc::clone(&application), now), application.bytes);
    HOSTS.with_borrow_mut(|all| all.insert(name.to_owned(), known, bytes));
    Ok(application)
}

fn is_old(read: &Application, known: Option<&Application>, now: UnixTime) -> bool {
    known.is_some_and(|known| read.policy.is_old_copy_of(&known.policy, now))
}

/// What was good last, if anything was.
pub(super) fn kept<T>(name: &str, refused: Refused, last_good: Option<T>) -> Result<T, Refused> {
    let Some(last_good) = last_good else { return Err(refused) };
    let (code, detail) = (refused.refusal.code(), &refused.detail);
    log(&Event::LastGoodKept { host: name, code, detail });
    Ok(last_good)
}

/// Once an isolate: what is accepted although it is weak should not be forgotten.
fn warn_of_legacy(application: &Application) {
    for idp in application.idps().iter().filter(|idp| !idp.legacy.is_empty()) {
        let (host, legacy) = (&application.host, &idp.legacy);
        log(&Event::LegacyAccepted { host, idp: &idp.id, legacy });
    }
}

/// A host whose identity providers are not stored yet: enough for our metadata, which they want
/// first, and for nothing else.
pub(super) async fn without_idps(
    env: &Env,
    deployment: &Deployment,
    name: &str,
) -> Result<Rc<Application>, Refused> {
    let policy = policy(&mut Reader::of(env), name).await?;
    Ok(Rc::new(Application::new(name, deployment.base_of(name), policy, Vec::new())?))
}

/// The document of the host itself, or else of the wildcard that stands for it.
async fn policy(reader: &mut Reader<'_>, host: &str) -> Result<Policy, Refused> {
    let key = format!("app/{host}");
    let text = match (reader.read(&key).await?, wildcard_of(host)) {
        (Some(text), _) => Some(text),
        (None, Some(wildcard)) => reader.read(&format!("app/{wildcard}")).await?,
        (None, None) => None,
    };
    let text = text.ok_or_else(|| Refused::because(Refusal::HostUnknown, &key))?;
    Policy::from_json(&text).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Refused::because(Refusal::DocumentUnusable, &first)
    })
}

async fn load(env: &Env, host: &str, base: String) -> Result<Application, Refused> {
    let mut reader = Reader::of(env);
    let policy = policy(&mut reader, host).await?;
    let mut idps = Vec::new();
    for id in policy.idps() {
        let key = format!("idp/{id}");
        let missing = || Refused::because(Refusal::IdpMissing, &key);
        let json = reader.read(&key).await?.ok_or_else(missing)?;
        let idp = IdentityProvider::from_json(id, &json);
        idps.push(idp.map_err(|refusal| Refused::because(refusal, &key))?);
    }
    let mut services = BTreeMap::new();
    for id in policy.services() {
        if let Some(json) = reader.read(&format!("service/{id}")).await? {
            match ServiceDocument::from_json(&json) {
                Ok(document) => drop(services.insert(id.clone(), document)),
                // Its token is refused; the others need not suffer.
                Err(detail) => {
                    log(&Event::Unusable { host, key: &format!("service/{id}"), detail: &detail });
                }
            }
        }
    }
    let mut application = Application::new(host, base, policy, idps)?;
    application.services = services;
    application.candidate = candidate(&mut reader, host).await;
    application.bytes = reader.bytes.saturating_add(HOST);
    Ok(application)
}

/// The documents of the other applications that one lists, each under its host. What can't be used
/// is left out, and the log says so.
pub(super) async fn apps(env: &Env, application: &Application) -> Vec<(String, Policy)> {
    let others = application.policy.apps().iter().filter(|host| **host != application.host);
    let reads = others.map(|host| async move { (host, policy(&mut Reader::of(env), host).await) });
    let mut apps = Vec::new();
    for (host, policy) in all(reads).await {
        let detail = match policy {
            Ok(policy) if policy.covers_host(host) => {
                apps.push((host.clone(), policy));
                continue;
            }
            Ok(_) => "hosts".to_owned(),
            Err(refused) => refused.detail,
        };
        let key = format!("app/{host}");
        log(&Event::Unusable { host: &application.host, key: &key, detail: &detail });
    }
    apps
}

/// The document that is tried beside the live one. What is wrong with it is logged and nothing else.
async fn candidate(reader: &mut Reader<'_>, host: &str) -> Option<Policy> {
    let key = format!("candidate/{host}");
    let text = reader.read(&key).await.ok()??;
    match Policy::from_json(&text) {
        Ok(policy) if policy.covers_host(host) => Some(policy),
        Ok(_) => {
            log(&Event::Unusable { host, key: &key, detail: "hosts" });
            None
        }
        Err(faults) => {
            let detail = &faults.first().map(ToString::to_string).unwrap_or_default();
            log(&Event::Unusable { host, key: &key, detail });
            None
        }
    }
}

/// Reads documents, and counts their bytes.
struct Reader<'a> {
    env: &'a Env,
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn of(env: &'a Env) -> Self {
        Reader { env, bytes: 0 }
    }

    async fn read(&mut self, key: &str) -> Result<Option<String>, Refused> {
        let text = read(self.env, key).await?;
        self.bytes = self.bytes.saturating_add(text.as_ref().map_or(0, String::len));
        Ok(text)
    }
}
