//! What is over before its time, remembered in the isolate.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use worker::{Context, Env};

use super::at_once::Pending;
use super::configuration::kept;
use super::ledger;
use super::log::log;
use super::store::read;
use crate::bounded::Bounded;
use crate::freshness::{Age, Freshness, Kept};
use crate::gate::{Application, Refused};
use crate::identity::UnixTime;
use crate::records::Event;
use crate::refusals::Refusal;
use crate::revocations::{Revocations, Revoked, RevokedDocument, Stamps};

/// Bytes of what is remembered of hosts.
const REMEMBERED: usize = 4 * 1024 * 1024;
/// Bytes that a host takes, and each stamp of it.
const HOST: usize = 512;
const STAMP: usize = 128;

thread_local! {
    /// The newest of each stamp that was read here, for all hosts.
    static DOCUMENT: RefCell<Option<Rc<RevokedDocument>>> = const { RefCell::new(None) };
    static HOSTS: RefCell<Bounded<Known>> = RefCell::new(Bounded::new(REMEMBERED));
    /// How often this isolate has begun to read, or somebody has signed out in it.
    static READINGS: Cell<u64> = const { Cell::new(0) };
    /// Which of them was the last sign-out.
    static SIGNED_OUT: Cell<u64> = const { Cell::new(0) };
}

/// What is over at a host.
struct Known {
    auth_host: Option<String>,
    revocations: Kept<Rc<Revocations>>,
    /// Which reading or sign-out brought it.
    reading: u64,
}

/// What sign-outs and administrators have ended at a host and at its auth host. Where it can't be read, what was read
/// before stays in force, and the log says so; where nothing was, nobody gets in.
pub(super) async fn of_host(
    env: &Env,
    context: &Context,
    application: &Application,
    now: UnixTime,
) -> Result<Rc<Revocations>, Refused> {
    let (host, auth_host) = (application.host.as_str(), application.auth_host());
    let age = HOSTS.with_borrow_mut(|all| {
        let known = known(all, host, auth_host)?;
        Some(known.revocations.age(Freshness::REVOCATIONS, now))
    });
    match age {
        Some(Age::Fresh(known)) => Ok(known),
        Some(Age::Renew(known)) => {
            let (env, host) = (env.clone(), host.to_owned());
            let auth_host = auth_host.map(str::to_owned);
            let renewal: Pending<()> = Box::pin(async move {
                drop(refresh(&env, &host, auth_host.as_deref(), now).await);
            });
            context.wait_until(renewal);
            Ok(known)
        }
        Some(Age::TooOld(_)) | None => Box::pin(refresh(env, host, auth_host, now)).await,
    }
}

fn known<'a>(
    all: &'a mut Bounded<Known>,
    host: &str,
    auth_host: Option<&str>,
) -> Option<&'a mut Known> {
    all.get(host).filter(|known| known.auth_host.as_deref() == auth_host)
}

/// Ends this at a host, and at those whose auth host it is: their next request waits until all is read
/// anew.
pub(super) fn end(host: &str, ended: &[Revoked], now: UnixTime) {
    let reading = next_reading();
    SIGNED_OUT.set(reading);
    HOSTS.with_borrow_mut(|all| {
        for (name, known) in all.iter_mut() {
            if name == host || known.auth_host.as_deref() == Some(host) {
                // It stays ended where the ledger can't be read from now on.
                let more = known.revocations.value().and(ended, now);
                known.revocations = Kept::new(Rc::new(more), UnixTime::MIN);
                known.reading = reading;
            }
        }
    });
}

fn next_reading() -> u64 {
    READINGS.set(READINGS.get().wrapping_add(1));
    READINGS.get()
}

async fn refresh(
    env: &Env,
    host: &str,
    auth_host: Option<&str>,
    now: UnixTime,
) -> Result<Rc<Revocations>, Refused> {
    let reading = next_reading();
    let document = match document(env, now).await {
        Ok(document) => document,
        Err(refused) => kept(host, refused, DOCUMENT.with_borrow(Option::clone))?,
    };
    let stamps = match stamps(env, host, auth_host, now).await {
        Ok(stamps) => stamps,
        Err(refused) => {
            // Another reading may have brought more meanwhile.
            let last_good = HOSTS.with_borrow_mut(|all| {
                let known = known(all, host, auth_host)?;
                Some(known.revocations.value().stamps().clone())
            });
            kept(host, refused, last_good)?
        }
    };
    let revocations = Rc::new(Revocations::new(stamps).with(host, document));
    let auth_host = auth_host.map(str::to_owned);
    let bytes = revocations.stamps().len().saturating_mul(STAMP).saturating_add(HOST);
    let mut read = Kept::new(Rc::clone(&revocations), now);
    // It may have been read before somebody signed out, and come after.
    if reading < SIGNED_OUT.get() {
        read.expire();
    }
    let known = Known { auth_host, revocations: read, reading };
    HOSTS.with_borrow_mut(|all| {
        // What was read later may have come first.
        if all.get(host).is_none_or(|known| known.reading < reading) {
            all.insert(host.to_owned(), known, bytes);
        }
    });
    Ok(revocations)
}

/// What signed out at a host and at its auth host.
async fn stamps(
    env: &Env,
    host: &str,
    auth_host: Option<&str>,
    now: UnixTime,
) -> Result<Stamps, Refused> {
    let own = ledger::stamps(env, host, now).await?;
    let Some(auth_host) = auth_host else { return Ok(own) };
    let others = ledger::stamps(env, auth_host, now).await?;
    Ok(Revocations::new(own.into_iter().chain(others)).stamps().clone())
}

/// What an administrator has revoked.
async fn document(env: &Env, now: UnixTime) -> Result<Rc<RevokedDocument>, Refused> {
    let read = match read(env, "revoked").await? {
        Some(json) => serde_json::from_str(&json)
            .map_err(|_| Refused::because(Refusal::DocumentUnusable, "revoked"))?,
        None => RevokedDocument::default(),
    };
    Ok(DOCUMENT.with_borrow_mut(|known| {
        let before = known.take().unwrap_or_default();
        let mut newest = RevokedDocument::clone(&before);
        newest.merge(read, now);
        for (whose, at) in newest.news(&before, now) {
            log(&Event::RevocationSeen { whose: &whose, at });
        }
        let newest = if newest == *before { before } else { Rc::new(newest) };
        Rc::clone(known.insert(newest))
    }))
}
