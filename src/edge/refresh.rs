//! The cron trigger: looks at every identity provider, and fetches its metadata anew (SEC-34).

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestInit, RequestRedirect};
use worker::Env;

use super::body::{self, Unread};
use super::log::log;
use super::store;
use crate::gate::Refused;
use crate::identity::UnixTime;
use crate::limits;
use crate::records::{Event, Refreshed};
use crate::refusals::Refusal;
use crate::saml::idp::{IdentityProvider, IdpDocument};
use crate::saml::refresh::{Outcome, refresh};
use crate::web_url::WebUrl;

#[wasm_bindgen::prelude::wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    fn fetch_metadata(request: &web_sys::Request) -> js_sys::Promise;
}

/// Milliseconds that one fetch may take, with all that it reads.
const PATIENCE: u32 = 10_000;
/// Redirects that one fetch may follow.
const REDIRECTS: usize = 3;

/// Refreshes every identity provider. One that fails keeps what is stored, and stops no other.
pub(super) async fn all(env: &Env, now: UnixTime) {
    let ids = match store::below(env, "idp/").await {
        Ok(ids) => ids,
        Err(refused) => return failed("", &refused),
    };
    for id in ids {
        if let Err(refused) = one(env, &id, now).await {
            failed(&id, &refused);
        }
    }
}

fn failed(idp: &str, refused: &Refused) {
    let outcome = Refreshed::Failed { code: refused.refusal.code(), detail: &refused.detail };
    log(&Event::IdpRefresh { idp, outcome });
}

async fn one(env: &Env, id: &str, now: UnixTime) -> Result<(), Refused> {
    let key = format!("idp/{id}");
    let because = |refusal| Refused::because(refusal, &key);
    let Some(json) = store::read(env, &key).await? else { return Ok(()) };
    let document = IdpDocument::from_json(&json).map_err(because)?;
    let idp = IdentityProvider::from_document(id, document.clone()).map_err(because)?;
    for warning in idp.warnings(now).iter().filter(|warning| warning.is_due()) {
        let (code, detail) = (warning.code(), &warning.to_string());
        log(&Event::IdpWarning { idp: id, code, detail });
    }
    let Some(source) = idp.source else { return Ok(()) };
    let fetched = fetch(source.url).await?;
    let proposal = format!("proposal/{id}");
    let outcome = refresh(&document, &fetched, now);
    let came_to = |outcome| log(&Event::IdpRefresh { idp: id, outcome });
    match outcome.map_err(|refusal| Refused::because(refusal, "what was fetched"))? {
        Outcome::Unchanged => {
            withdraw(env, &proposal).await?;
            came_to(Refreshed::Unchanged);
        }
        Outcome::Take(new, changes) => {
            put(env, &key, &new).await?;
            withdraw(env, &proposal).await?;
            came_to(Refreshed::Taken { changes: &changes });
        }
        Outcome::Propose(new, changes) => {
            put(env, &proposal, &new).await?;
            came_to(Refreshed::Proposed { changes: &changes });
        }
    }
    Ok(())
}

/// Fetches metadata. A redirect is followed to the same host only.
async fn fetch(mut url: WebUrl) -> Result<Vec<u8>, Refused> {
    let failed = |detail: &str| Refused::because(Refusal::MetadataUnreachable, detail);
    let broken = |error: JsValue| failed(&format!("{error:?}"));
    let signal = AbortSignal::timeout_with_u32(PATIENCE);
    for _ in 0..=REDIRECTS {
        let init = RequestInit::new();
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(&signal));
        let request =
            web_sys::Request::new_with_str_and_init(url.as_str(), &init).map_err(broken)?;
        let response = JsFuture::from(fetch_metadata(&request)).await.map_err(broken)?;
        let response: web_sys::Response = response.dyn_into().map_err(broken)?;
        let headers = response.headers();
        match response.status() {
            200 => {
                let body = body::read(&headers, response.body(), limits::METADATA).await;
                return body.map_err(|error| match error {
                    Unread::TooLarge => Refused::because(Refusal::XmlTooLarge, url.as_str()),
                    Unread::Broken(error) => broken(error),
                });
            }
            301 | 302 | 303 | 307 | 308 => {
                let location = headers.get("location").map_err(broken)?.unwrap_or_default();
                let elsewhere = |_| failed(&format!("a redirect to {location}"));
                url = url.redirected(&location).map_err(elsewhere)?;
            }
            status => return Err(failed(&format!("status {status}"))),
        }
    }
    Err(failed("too many redirects"))
}

/// Writes a document, unless it is there.
async fn put(env: &Env, key: &str, document: &IdpDocument) -> Result<(), Refused> {
    let json = serde_json::to_string(document).or(Err(Refusal::Broken))?;
    if store::read(env, key).await?.as_ref() == Some(&json) {
        return Ok(());
    }
    store::write(env, key, &json).await
}

/// Takes a proposal away that no longer stands.
async fn withdraw(env: &Env, key: &str) -> Result<(), Refused> {
    if store::read(env, key).await?.is_none() {
        return Ok(());
    }
    store::remove(env, key).await
}
