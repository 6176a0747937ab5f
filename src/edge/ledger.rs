//! The ledger: a Durable Object that remembers what may happen only once, and what is over before
//! its time (SEC-27).

use serde::Deserialize;
use wasm_bindgen::JsValue;
use worker::{
    DurableObject, Env, Method, ObjectNamespace, Request, RequestInit, Response, SqlStorage, State,
    Url, durable_object,
};

use super::log::fault;
use super::patience::within;
use crate::gate::{Claim, Deposit, Refused, SignOut, Taken};
use crate::identity::UnixTime;
use crate::limits;
use crate::refusals::Refusal;
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

    /// `POST /keep?now=…&until=…&key=…` with a value: 201, or 409 where there is that key.
    /// `POST /take?now=…&key=…`: 200 with the value, the first time; 410 then, 404 where there is none.
    /// `POST /claim?now=…&until=…&key=…&key=…`: 201 where every key is new, 409 otherwise.
    /// `POST /stamp?now=…&until=…&key=…`: 201.
    /// `GET /stamps?now=…`: `[[key, at], …]`.
    ///
    /// One object is single-threaded and none of this waits once it has its request, so of two equal
    /// claims one is first.
    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let url = request.url()?;
        let now = number(&url, "now")?;
        match (request.method(), url.path()) {
            (Method::Post, "/claim") => self.claim(&url, now),
            (Method::Post, "/stamp") => self.stamp(&url, now),
            (Method::Get, "/stamps") => self.stamps(now),
            (Method::Post, "/keep") => self.keep(&url, now, &request.text().await?),
            (Method::Post, "/take") => self.take(&url, now),
            _ => Response::error("no such page", 404),
        }
    }
}

impl Ledger {
    fn claim(&self, url: &Url, now: i64) -> worker::Result<Response> {
        let until = number(url, "until")?;
        self.prepare("claimed", "", now)?;
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
        self.prepare("stamps", "at INTEGER,", now)?;
        for key in keys(url) {
            let insert = "INSERT OR REPLACE INTO stamps VALUES (?, ?, ?)";
            self.sql.exec(insert, Some(vec![key.into(), now.into(), until.into()]))?;
        }
        Ok(Response::empty()?.with_status(201))
    }

    fn stamps(&self, now: i64) -> worker::Result<Response> {
        self.prepare("stamps", "at INTEGER,", now)?;
        let all: Vec<Stamp> = self.sql.exec("SELECT key, at FROM stamps", None)?.to_array()?;
        let all: Vec<_> = all.into_iter().map(|Stamp { key, at }| (key, at)).collect();
        Response::from_json(&all)
    }

    fn keep(&self, url: &Url, now: i64, value: &str) -> worker::Result<Response> {
        let until = number(url, "until")?;
        self.prepare("kept", "value TEXT,", now)?;
        let key = keys(url).next().ok_or("a key is missing")?;
        let insert = "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        let row = vec![key.into(), value.into(), until.into()];
        let is_new = self.sql.exec(insert, Some(row))?.rows_written() > 0;
        Ok(Response::empty()?.with_status(if is_new { 201 } else { 409 }))
    }

    fn take(&self, url: &Url, now: i64) -> worker::Result<Response> {
        self.prepare("kept", "value TEXT,", now)?;
        let key = keys(url).next().ok_or("a key is missing")?;
        let select = "SELECT value FROM kept WHERE key = ?";
        let mut found: Vec<Kept> =
            self.sql.exec(select, Some(vec![key.clone().into()]))?.to_array()?;
        let Some(Kept { value }) = found.pop() else {
            return Ok(Response::empty()?.with_status(404));
        };
        let Some(value) = value else { return Ok(Response::empty()?.with_status(410)) };
        self.sql.exec("UPDATE kept SET value = NULL WHERE key = ?", Some(vec![key.into()]))?;
        Response::ok(value)
    }

    /// A table with these columns of its own, and without what is over.
    fn prepare(&self, table: &str, columns: &str, now: i64) -> worker::Result<()> {
        let create = format!(
            "CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, {columns} until INTEGER) STRICT"
        );
        self.sql.exec(&create, None)?;
        let delete = format!("DELETE FROM {table} WHERE until < ?");
        self.sql.exec(&delete, Some(vec![now.into()]))?;
        Ok(())
    }
}

/// What waits under a key; nothing once it was taken.
#[derive(Deserialize)]
struct Kept {
    value: Option<String>,
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

/// Keeps what is handed over. `false` means that there is something under this key.
pub(super) async fn keep(env: &Env, deposit: &Deposit, now: UnixTime) -> Result<bool, Refused> {
    let Deposit { host, key, sealed, until } = deposit;
    let book = Book::of_host(env, host)?;
    match book.send(Method::Post, "/keep", &[key], *until, now, Some(sealed)).await? {
        (201, _) => Ok(true),
        (409, _) => Ok(false),
        (status, _) => Err(unavailable(status)),
    }
}

/// Takes what was handed over to a host, once.
pub(super) async fn take(
    env: &Env,
    host: &str,
    key: &str,
    now: UnixTime,
) -> Result<Taken, Refused> {
    let book = Book::of_host(env, host)?;
    match book.ask(Method::Post, "/take", &[key], now, now).await? {
        (200, sealed) => Ok(Taken::Deposit(sealed)),
        (404, _) => Ok(Taken::Unknown),
        (410, _) => Ok(Taken::Before),
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
        self.send(method, path, keys, until, now, None).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        keys: &[impl AsRef<str>],
        until: i64,
        now: UnixTime,
        value: Option<&str>,
    ) -> Result<(u16, String), Refused> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("now", &now.to_string());
        query.append_pair("until", &until.to_string());
        query.extend_pairs(keys.iter().map(|key| ("key", key.as_ref())));
        let url = format!("https://ledger{path}?{}", query.finish());
        let mut init = RequestInit::new();
        init.with_method(method).with_body(value.map(JsValue::from));
        let request = Request::new_with_init(&url, &init).map_err(unavailable)?;
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
