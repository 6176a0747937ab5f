//! The ledger: a Durable Object that remembers what may happen only once, and what is over before
//! its time (SEC-27).

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, RequestInit, Response, ResponseInit};
use worker::durable::State;
use worker::{Env, ObjectNamespace, SqlCursor, SqlStorage, SqlStorageValue, worker_sys};

use super::at_once::at_once;
use super::log::fault;
use super::patience::within;
use crate::gate::{Claim, Deposit, Refused, SignOut, Taken};
use crate::identity::UnixTime;
use crate::limits;
use crate::refusals::Refusal;
use crate::revocations::{Revoked, Stamps};

/// Where a book is asked. Nobody resolves it.
const ORIGIN: &str = "https://ledger";

/// What the Durable Object answers:
///
/// `POST /keep?now=…&until=…&key=…` with a value: 201, or 409 where there is that key.
/// `POST /take?now=…&key=…`: 200 with the value, the first time; 410 then, 404 where there is none.
/// `POST /claim?now=…&until=…&key=…&key=…`: 201 where every key is new, 409 otherwise.
/// `POST /stamp?now=…&until=…&key=…`: 201.
/// `GET /stamps?now=…`: `[[key, at], …]`.
///
/// One object is single-threaded and none of this waits once it has its request, so of two equal
/// claims one is first.
#[wasm_bindgen]
pub fn ledger(state: worker_sys::DurableObjectState, request: Request) -> Result<JsValue, JsValue> {
    at_once(Box::pin(async { Ok(asked(state, request).await?.into()) }))
}

async fn asked(
    state: worker_sys::DurableObjectState,
    request: Request,
) -> Result<Response, JsValue> {
    let ledger = Ledger { sql: State::from(state).storage().sql() };
    let url = request.url();
    let asked = url.strip_prefix(ORIGIN).and_then(|rest| rest.split_once('?'));
    let (path, query) = asked.ok_or("no such page")?;
    let query = Query(query);
    let now = query.number("now")?;
    match (request.method().as_str(), path) {
        ("POST", "/claim") => ledger.claim(&query, now),
        ("POST", "/stamp") => ledger.stamp(&query, now),
        ("GET", "/stamps") => ledger.stamps(now),
        ("POST", "/keep") => {
            let value = JsFuture::from(request.text()?).await?;
            ledger.keep(&query, now, &value.as_string().unwrap_or_default())
        }
        ("POST", "/take") => ledger.take(&query, now),
        _ => answer(404, "no such page"),
    }
}

/// One book: of an identity provider the claims, of a host the stamps. Each entry has the time until
/// which it must be remembered.
struct Ledger {
    sql: SqlStorage,
}

impl Ledger {
    fn claim(&self, query: &Query<'_>, now: i64) -> Result<Response, JsValue> {
        let until = query.number("until")?;
        self.prepare("claimed", "", now)?;
        let mut status = 201;
        for key in query.keys() {
            let insert = "INSERT INTO claimed VALUES (?, ?) ON CONFLICT DO NOTHING";
            if self.sql.exec(insert, Some(vec![key.into(), until.into()]))?.rows_written() == 0 {
                status = 409;
            }
        }
        answer(status, "")
    }

    fn stamp(&self, query: &Query<'_>, now: i64) -> Result<Response, JsValue> {
        let until = query.number("until")?;
        self.prepare("stamps", "at INTEGER,", now)?;
        for key in query.keys() {
            let insert = "INSERT OR REPLACE INTO stamps VALUES (?, ?, ?)";
            self.sql.exec(insert, Some(vec![key.into(), now.into(), until.into()]))?;
        }
        answer(201, "")
    }

    fn stamps(&self, now: i64) -> Result<Response, JsValue> {
        self.prepare("stamps", "at INTEGER,", now)?;
        let select = "SELECT json_group_array(json_array(key, at)) FROM stamps";
        match first(&self.sql.exec(select, None)?)? {
            Some(SqlStorageValue::String(json)) => answer(200, &json),
            _ => Err("no stamps".into()),
        }
    }

    fn keep(&self, query: &Query<'_>, now: i64, value: &str) -> Result<Response, JsValue> {
        let until = query.number("until")?;
        self.prepare("kept", "value TEXT,", now)?;
        let key = query.keys().next().ok_or("a key is missing")?;
        let insert = "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        let row = vec![key.into(), value.into(), until.into()];
        let is_new = self.sql.exec(insert, Some(row))?.rows_written() > 0;
        answer(if is_new { 201 } else { 409 }, "")
    }

    fn take(&self, query: &Query<'_>, now: i64) -> Result<Response, JsValue> {
        self.prepare("kept", "value TEXT,", now)?;
        let key = query.keys().next().ok_or("a key is missing")?;
        let select = "SELECT value FROM kept WHERE key = ?";
        match first(&self.sql.exec(select, Some(vec![key.clone().into()]))?)? {
            None => answer(404, ""),
            Some(SqlStorageValue::String(value)) => {
                let update = "UPDATE kept SET value = NULL WHERE key = ?";
                self.sql.exec(update, Some(vec![key.into()]))?;
                answer(200, &value)
            }
            Some(_) => answer(410, ""),
        }
    }

    /// A table with these columns of its own, and without what is over.
    fn prepare(&self, table: &str, columns: &str, now: i64) -> Result<(), JsValue> {
        let create = format!(
            "CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, {columns} until INTEGER) STRICT"
        );
        self.sql.exec(&create, None)?;
        let delete = format!("DELETE FROM {table} WHERE until < ?");
        self.sql.exec(&delete, Some(vec![now.into()]))?;
        Ok(())
    }
}

/// What is asked of a book.
struct Query<'a>(&'a str);

impl Query<'_> {
    fn number(&self, name: &str) -> Result<i64, JsValue> {
        let value = form_urlencoded::parse(self.0.as_bytes()).find(|(known, _)| known == name);
        let value = value.and_then(|(_, value)| value.parse().ok());
        Ok(value.ok_or("a number is missing")?)
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        let pairs = form_urlencoded::parse(self.0.as_bytes());
        pairs.filter(|(name, _)| name == "key").map(|(_, key)| key.into_owned())
    }
}

/// The only value of the first row.
fn first(rows: &SqlCursor) -> Result<Option<SqlStorageValue>, JsValue> {
    let row = rows.raw().next().transpose()?;
    Ok(row.and_then(|mut row| row.pop()))
}

fn answer(status: u16, body: &str) -> Result<Response, JsValue> {
    let init = ResponseInit::new();
    init.set_status(status);
    Response::new_with_opt_str_and_init(Some(body), &init)
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
    match book.ask("POST", "/stamp", &keys, until, now).await? {
        (201, _) => Ok(()),
        (status, _) => Err(unavailable(status)),
    }
}

/// Keeps what is handed over. `false` means that there is something under this key.
pub(super) async fn keep(env: &Env, deposit: &Deposit, now: UnixTime) -> Result<bool, Refused> {
    let Deposit { host, key, sealed, until } = deposit;
    let book = Book::of_host(env, host)?;
    match book.send("POST", "/keep", &[key], *until, now, Some(sealed)).await? {
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
    match book.ask("POST", "/take", &[key], now, now).await? {
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
        match book.ask("GET", "/stamps", &[] as &[&str], now, now).await? {
            (200, json) => serde_json::from_str(&json).map_err(unavailable)?,
            (status, _) => return Err(unavailable(status)),
        };
    Ok(stamps.into_iter().collect())
}

/// One object of the ledger.
struct Book(worker_sys::DurableObject);

impl Book {
    fn of_idp(env: &Env, id: &str) -> Result<Self, Refused> {
        let stub = binding(env)?.get_by_name(id).map_err(unavailable)?;
        Ok(Book(stub.into_rpc()))
    }

    /// No id of an identity provider has a slash.
    fn of_host(env: &Env, host: &str) -> Result<Self, Refused> {
        Self::of_idp(env, &format!("app/{host}"))
    }

    async fn claim(&self, keys: &[String], until: i64, now: UnixTime) -> Result<bool, Refused> {
        match self.ask("POST", "/claim", keys, until, now).await? {
            (201, _) => Ok(true),
            (409, _) => Ok(false),
            (status, _) => Err(unavailable(status)),
        }
    }

    /// Status and body of its answer.
    async fn ask(
        &self,
        method: &str,
        path: &str,
        keys: &[impl AsRef<str>],
        until: i64,
        now: UnixTime,
    ) -> Result<(u16, String), Refused> {
        self.send(method, path, keys, until, now, None).await
    }

    async fn send(
        &self,
        method: &str,
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
        let url = format!("{ORIGIN}{path}?{}", query.finish());
        let init = RequestInit::new();
        init.set_method(method);
        if let Some(value) = value {
            init.set_body(&value.into());
        }
        let answer = async {
            let request = Request::new_with_str_and_init(&url, &init)?;
            let response = JsFuture::from(self.0.fetch_with_request(&request)?).await?;
            let response: Response = response.dyn_into()?;
            let body = JsFuture::from(response.text()?).await?;
            Ok((response.status(), body.as_string().unwrap_or_default()))
        };
        within(answer)
            .await
            .ok_or_else(|| unavailable("no answer"))?
            .map_err(|error: JsValue| unavailable(error))
    }
}

fn unavailable(error: impl std::fmt::Debug) -> Refused {
    fault("LEDGER", &error);
    Refusal::LedgerUnavailable.into()
}
