//! Secrets and stored documents, read once and remembered for the life of the isolate.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::json;
use worker::{Context, Env, console_error, console_warn};

use crate::gate::{Application, Deployment, Refused};
use crate::identity::UnixTime;
use crate::policy::Policy;
use crate::refusals::Refusal;
use crate::saml::idp::IdentityProvider;

/// An application is read again in the background after this many seconds …
const STALE: i64 = 30;
/// … and before it decides anything after this many. Cloudflare's own cache adds up to a minute.
const TOO_OLD: i64 = 60;

struct Loaded {
    application: Rc<Application>,
    read_at: UnixTime,
}

thread_local! {
    static DEPLOYMENT: RefCell<Option<Rc<Deployment>>> = const { RefCell::new(None) };
    static APPLICATIONS: RefCell<HashMap<String, Loaded>> = RefCell::default();
}

/// Whether everything that a gate needs is bound.
pub(super) fn check(env: &Env) -> Result<(), Refused> {
    deployment(env)?;
    env.kv("CONFIG").map_err(|_| Refused::because(Refusal::BindingMissing, "CONFIG"))?;
    super::ledger::binding(env)?;
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

/// The application of a host. What was read before stays in force where the store fails or holds
/// something unusable, and the log says so; where nothing was read before, nobody gets in.
pub(super) async fn application(
    env: &Env,
    context: &Context,
    deployment: &Deployment,
    host: &str,
    now: UnixTime,
) -> Result<Rc<Application>, Refused> {
    let base = deployment.base_of(host);
    let known = APPLICATIONS.with_borrow(|all| {
        all.get(host)
            .map(|loaded| (Rc::clone(&loaded.application), now.saturating_sub(loaded.read_at)))
    });
    match known {
        Some((application, age)) if age < STALE => Ok(application),
        Some((application, age)) if age < TOO_OLD => {
            // Others that come meanwhile need not read as well.
            let current = put(host, Rc::clone(&application), now);
            let (env, host) = (env.clone(), host.to_owned());
            context.wait_until(async move {
                drop(refresh(&env, &host, base, Some(application), now).await);
            });
            Ok(current)
        }
        other => refresh(env, host, base, other.map(|(application, _)| application), now).await,
    }
}

async fn refresh(
    env: &Env,
    host: &str,
    base: String,
    last_good: Option<Rc<Application>>,
    now: UnixTime,
) -> Result<Rc<Application>, Refused> {
    match load(env, host, base).await {
        Ok(application) => {
            if last_good.is_none() {
                warn_of_legacy(&application);
            }
            Ok(put(host, Rc::new(application), now))
        }
        // Taken away on purpose, so that nothing is left to be in force.
        Err(refused) if refused.refusal == Refusal::HostUnknown => {
            APPLICATIONS.with_borrow_mut(|all| all.remove(host));
            Err(refused)
        }
        Err(refused) => match last_good {
            Some(application) => {
                let code = refused.refusal.code();
                let line = json!({ "event": "last-good-kept", "host": host, "code": code,
                    "detail": refused.detail });
                console_error!("{line}");
                Ok(put(host, application, now))
            }
            None => Err(refused),
        },
    }
}

/// Once an isolate: what is accepted although it is weak should not be forgotten.
fn warn_of_legacy(application: &Application) {
    for idp in application.idps().iter().filter(|idp| !idp.legacy.is_empty()) {
        let line = json!({ "event": "legacy-accepted", "host": application.host,
            "idp": idp.id, "legacy": idp.legacy });
        console_warn!("{line}");
    }
}

fn put(host: &str, application: Rc<Application>, now: UnixTime) -> Rc<Application> {
    let loaded = Loaded { application: Rc::clone(&application), read_at: now };
    APPLICATIONS.with_borrow_mut(|all| all.insert(host.to_owned(), loaded));
    application
}

async fn load(env: &Env, host: &str, base: String) -> Result<Application, Refused> {
    let text = {
        let key = format!("app/{host}");
        read(env, &key).await?.ok_or_else(|| Refused::because(Refusal::HostUnknown, &key))?
    };
    let policy = Policy::from_json(&text).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Refused::because(Refusal::DocumentUnusable, &first)
    })?;
    let mut idps = Vec::new();
    for id in policy.idps() {
        let key = format!("idp/{id}");
        let missing = || Refused::because(Refusal::IdpMissing, &key);
        let json = read(env, &key).await?.ok_or_else(missing)?;
        let idp = IdentityProvider::from_json(id, &json);
        idps.push(idp.map_err(|refusal| Refused::because(refusal, &key))?);
    }
    Application::new(host, base, policy, idps)
}

async fn read(env: &Env, key: &str) -> Result<Option<String>, Refused> {
    let store =
        env.kv("CONFIG").map_err(|_| Refused::because(Refusal::BindingMissing, "CONFIG"))?;
    let unavailable = |error| {
        console_error!("CONFIG {key}: {error:?}");
        Refused::because(Refusal::StoreUnavailable, "CONFIG")
    };
    store.get(key).cache_ttl(60).text().await.map_err(unavailable)
}
