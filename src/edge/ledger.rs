//! The ledger: a Durable Object that remembers what may happen only once, and what is over before
//! its time (SEC-27).

use serde::Deserialize;
use worker::{
    DurableObject, Env, Method, ObjectNamespace, Request, Response, SqlStorage, State, Url,
    durable_object,
};

use super::log::fault;
use super::patience::within;
use crate::gate::{Claim, SignOut};
use crate::identity::UnixTime;
use crate::limits;
use crate::refusals::{Refusal, Refused};
use crate::revocations::{Revoked, Stamps};

/// One book: of an identity provider the claims, of a host the stamps. Each entry has the time until
/// which it must be remembered.
#[durable_object]
pub struct Ledger {
    sql: SqlStorage,
}

impl DurableObject for Ledger {
    fn new(state: State, _: Env) -> Self {
        Ledger { sql: state.storage().sql() }
    }

    /// `POST /claim?now=…&until=…&key=…&key=…`: 201 where every key is new, 409 otherwise.
    /// `POST /stamp?now=…&until=…&key=…`: 201.
    /// `GET /stamps?now=…`: `[[key, at], …]`.
    ///
    /// One object is single-threaded and this never waits, so of two equal claims one is first.
    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let url = request.url()?;
        let now = number(&url, "now")?;
        match (request.method(), url.path()) {
            (Method::Post, "/claim") => self.claim(&url, now),
            (Method::Post, "/stamp") => self.stamp(&url, now),
            (Method::Get, "/stamps") => self.stamps(now),
            _ => Response::error("no such page", 404),
        }
    }
}

impl Ledger {
    fn claim(&self, url: &Url, now: i64) -> worker::Result<Response> {
        let until = number(url, "until")?;
        self.sql.exec(
            "CREATE TABLE IF NOT EXISTS claimed (key TEXT PRIMARY KEY, until INTEGER) STRICT",
            None,
        )?;
        self.sql.exec("DELETE FROM claimed WHERE until < ?", Some(vec![now.into()]))?;
        let mut status = 201;
        for key in keys(url) {
            let insert = "INSERT INTO claimed VALUES (?, ?) ON CONFLICT DO NOTHING";
            if self.sql.exec(insert, Some(vec![key.into(), until.into()]))?.rows_written() == 0 {
                status = 409;
            }
        }
        Ok(Response::empty()?.with_status(status))
    }

    fn stamp(&self, url: &Url, now: i64) -> worker::Result<Response> {
        let until = number(url, "until")?;
        self.prepare_stamps(now)?;
        for key in keys(url) {
            let insert = "INSERT OR REPLACE INTO stamps VALUES (?, ?, ?)";
            self.sql.exec(insert, Some(vec![key.into(), now.into(), until.into()]))?;
        }
        Ok(Response::empty()?.with_status(201))
    }

    fn stamps(&self, now: i64) -> worker::Result<Response> {
        self.prepare_stamps(now)?;
        let all: Vec<Stamp> = self.sql.exec("SELECT key, at FROM stamps", None)?.to_array()?;
        let all: Vec<_> = all.into_iter().map(|Stamp { key, at }| (key, at)).collect();
        Response::from_json(&all)
    }

    fn prepare_stamps(&self, now: i64) -> worker::Result<()> {
        self.sql.exec(
            "CREATE TABLE IF NOT EXISTS stamps (key TEXT PRIMARY KEY, at INTEGER, until INTEGER) STRICT",
            None,
        )?;
        self.sql.exec("DELETE FROM stamps WHERE until < ?", Some(vec![now.into()]))?;
        Ok(())
    }
}

#[derive(Deserialize)]
struct Stamp {
    key: String,
    at: UnixTime,
}

fn number(url: &Url, name: &str) -> worker::Result<i64> {
    let value = url.query_pairs().find(|(known, _)| known == name);
    let value = value.and_then(|(_, value)| value.parse().ok());
    Ok(value.ok_or("a number is missing")?)
}

fn keys(url: &Url) -> impl Iterator<Item = String> + '_ {
    url.query_pairs().filter(|(name, _)| name == "key").map(|(_, key)| key.into_owned())
}

pub(super) fn binding(env: &Env) -> Result<ObjectNamespace, Refused> {
    env.durable_object("LEDGER").map_err(|_| Refused::because(Refusal::BindingMissing, "LEDGER"))
}

/// Claims a response. `false` means that it, or the request it answers, was used before.
pub(super) async fn claim(env: &Env, claim: &Claim, now: UnixTime) -> Result<bool, Refused> {
    let book = Book::of_idp(env, claim.idp())?;
    book.claim(&claim.keys(), claim.until(), now).await
}

/// Writes down what a sign-out ends. A logout request that was seen before counts no more.
pub(super) async fn sign_out(
    env: &Env,
    host: &str,
    sign_out: &SignOut,
    now: UnixTime,
) -> Result<(), Refused> {
    if let Some((idp, request)) = &sign_out.claim {
        let until = now.saturating_add(limits::LOGOUT_SECONDS + limits::CLOCK_SKEW_SECONDS);
        let key = format!("logout {request}");
        if !Book::of_idp(env, idp)?.claim(&[key], until, now).await? {
            return Err(Refusal::Replayed.into());
        }
    }
    if sign_out.revoke.is_empty() {
        return Ok(());
    }
    let until = now.saturating_add(limits::SESSION_SECONDS);
    let keys: Vec<_> = sign_out.revoke.iter().map(Revoked::as_str).collect();
    let book = Book::of_host(env, host)?;
    match book.ask(Method::Post, "/stamp", &keys, until, now).await? {
        (201, _) => Ok(()),
        (status, _) => Err(unavailable(status)),
    }
}

/// The stamps of a host.
pub(super) async fn stamps(env: &Env, host: &str, now: UnixTime) -> Result<Stamps, Refused> {
    let book = Book::of_host(env, host)?;
    let stamps: Vec<(String, UnixTime)> =
        match book.ask(Method::Get, "/stamps", &[] as &[&str], now, now).await? {
            (200, json) => serde_json::from_str(&json).map_err(unavailable)?,
            (status, _) => return Err(unavailable(status)),
        };
    Ok(stamps.into_iter().collect())
}

/// One object of the ledger.
struct Book(worker::Stub);

impl Book {
    fn of_idp(env: &Env, id: &str) -> Result<Self, Refused> {
        binding(env)?.get_by_name(id).map(Book).map_err(unavailable)
    }

    /// No id of an identity provider has a slash.
    fn of_host(env: &Env, host: &str) -> Result<Self, Refused> {
        binding(env)?.get_by_name(&format!("app/{host}")).map(Book).map_err(unavailable)
    }

    async fn claim(&self, keys: &[String], until: i64, now: UnixTime) -> Result<bool, Refused> {
        match self.ask(Method::Post, "/claim", keys, until, now).await? {
            (201, _) => Ok(true),
            (409, _) => Ok(false),
            (status, _) => Err(unavailable(status)),
        }
    }

    /// Status and body of its answer.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        keys: &[impl AsRef<str>],
        until: i64,
        now: UnixTime,
    ) -> Result<(u16, String), Refused> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("now", &now.to_string());
        query.append_pair("until", &until.to_string());
        query.extend_pairs(keys.iter().map(|key| ("key", key.as_ref())));
        let url = format!("https://ledger{path}?{}", query.finish());
        let request = Request::new(&url, method).map_err(unavailable)?;
        let answer = async {
            let mut response = self.0.fetch_with_request(request).await?;
            Ok((response.status_code(), response.text().await?))
        };
        within(answer)
            .await
            .ok_or_else(|| unavailable("no answer"))?
            .map_err(|error: worker::Error| unavailable(error))
    }
}

fn unavailable(error: impl std::fmt::Debug) -> Refused {
    fault("LEDGER", &error);
    Refusal::LedgerUnavailable.into()
}
