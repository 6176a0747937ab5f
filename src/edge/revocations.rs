//! What is over before its time, remembered in the isolate.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use worker::{Context, Env};

use super::configuration::{kept, read};
use super::ledger;
use crate::freshness::{Age, Freshness, Kept};
use crate::identity::UnixTime;
use crate::refusals::{Refusal, Refused};
use crate::revocations::{Revocations, RevokedDocument};

thread_local! {
    /// The newest of each stamp that was ever read here.
    static DOCUMENT: RefCell<Option<RevokedDocument>> = const { RefCell::new(None) };
    static HOSTS: RefCell<HashMap<String, Kept<Rc<Revocations>>>> = RefCell::default();
}

/// What sign-outs and administrators have ended at a host. Where it can't be read, what was read
/// before stays in force, and the log says so; where nothing was, nobody gets in.
pub(super) async fn of_host(
    env: &Env,
    context: &Context,
    host: &str,
    now: UnixTime,
) -> Result<Rc<Revocations>, Refused> {
    let age = HOSTS.with_borrow_mut(|all| {
        all.get_mut(host).map(|known| known.age(Freshness::REVOCATIONS, now))
    });
    match age {
        Some(Age::Fresh(known)) => Ok(known),
        Some(Age::Renew(known)) => {
            let (env, host, last_good) = (env.clone(), host.to_owned(), Rc::clone(&known));
            context.wait_until(async move {
                drop(refresh(&env, &host, Some(last_good), now).await);
            });
            Ok(known)
        }
        Some(Age::TooOld(last_good)) => refresh(env, host, Some(last_good), now).await,
        None => refresh(env, host, None, now).await,
    }
}

/// Lets the next request to a host wait until it is read anew.
pub(super) fn expire(host: &str) {
    HOSTS.with_borrow_mut(|all| {
        if let Some(known) = all.get_mut(host) {
            known.expire();
        }
    });
}

async fn refresh(
    env: &Env,
    host: &str,
    last_good: Option<Rc<Revocations>>,
    now: UnixTime,
) -> Result<Rc<Revocations>, Refused> {
    let document = match document(env, now).await {
        Ok(document) => document,
        Err(refused) => kept(host, refused, DOCUMENT.with_borrow(Option::clone))?,
    };
    let stamps = match ledger::stamps(env, host, now).await {
        Ok(stamps) => stamps,
        Err(refused) => kept(host, refused, last_good.map(|known| known.stamps().clone()))?,
    };
    let revocations = Rc::new(Revocations::new(stamps).with(host, document));
    let known = Kept::new(Rc::clone(&revocations), now);
    HOSTS.with_borrow_mut(|all| all.insert(host.to_owned(), known));
    Ok(revocations)
}

/// What an administrator has revoked.
async fn document(env: &Env, now: UnixTime) -> Result<RevokedDocument, Refused> {
    let read = match read(env, "revoked").await? {
        Some(json) => serde_json::from_str(&json)
            .map_err(|_| Refused::because(Refusal::DocumentUnusable, "revoked"))?,
        None => RevokedDocument::default(),
    };
    Ok(DOCUMENT.with_borrow_mut(|known| {
        let known = known.get_or_insert_default();
        known.merge(read, now);
        known.clone()
    }))
}
