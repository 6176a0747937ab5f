//! The ledger: a Durable Object that remembers what may happen only once (SEC-27).

use worker::{
    DurableObject, Env, Method, ObjectNamespace, Request, Response, SqlStorage, State,
    console_error, durable_object,
};

use crate::gate::{Claim, Refused};
use crate::identity::UnixTime;
use crate::refusals::Refusal;

/// Keys claimed, each with the time until which it must be remembered.
#[durable_object]
pub struct Ledger {
    sql: SqlStorage,
}

impl DurableObject for Ledger {
    fn new(state: State, _: Env) -> Self {
        Ledger { sql: state.storage().sql() }
    }

    /// `POST /?now=…&until=…&key=…&key=…`: 201 where every key is new, 409 otherwise. One object is
    /// single-threaded and this never waits, so of two equal claims one is first.
    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let url = request.url()?;
        let number = |name: &str| {
            let value = url.query_pairs().find(|(known, _)| known == name);
            value.and_then(|(_, value)| value.parse::<i64>().ok()).ok_or("a number is missing")
        };
        let (now, until) = (number("now")?, number("until")?);
        self.sql.exec(
            "CREATE TABLE IF NOT EXISTS claimed (key TEXT PRIMARY KEY, until INTEGER) STRICT",
            None,
        )?;
        self.sql.exec("DELETE FROM claimed WHERE until < ?", Some(vec![now.into()]))?;
        let mut status = 201;
        for (_, key) in url.query_pairs().filter(|(name, _)| name == "key") {
            let insert = "INSERT INTO claimed VALUES (?, ?) ON CONFLICT DO NOTHING";
            let values = vec![key.as_ref().into(), until.into()];
            if self.sql.exec(insert, Some(values))?.rows_written() == 0 {
                status = 409;
            }
        }
        Ok(Response::empty()?.with_status(status))
    }
}

pub(super) fn binding(env: &Env) -> Result<ObjectNamespace, Refused> {
    env.durable_object("LEDGER").map_err(|_| Refused::because(Refusal::BindingMissing, "LEDGER"))
}

/// Claims a response. `false` means that it, or the request it answers, was used before.
pub(super) async fn claim(env: &Env, claim: &Claim, now: UnixTime) -> Result<bool, Refused> {
    let unavailable = |error: worker::Error| {
        console_error!("LEDGER: {error}");
        Refused::from(Refusal::LedgerUnavailable)
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("now", &now.to_string());
    query.append_pair("until", &claim.until().to_string());
    for key in claim.keys() {
        query.append_pair("key", &key);
    }
    let url = format!("https://ledger/?{}", query.finish());
    let request = Request::new(&url, Method::Post).map_err(unavailable)?;
    let object = binding(env)?.get_by_name(claim.idp()).map_err(unavailable)?;
    let response = object.fetch_with_request(request).await.map_err(unavailable)?;
    match response.status_code() {
        201 => Ok(true),
        409 => Ok(false),
        status => Err(unavailable(format!("status {status}").into())),
    }
}
