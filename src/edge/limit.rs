//! The rate limit `LOGIN_LIMIT`, which counts sign-ins and nothing else.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::log::fault;
use super::patience::within;
use crate::gate::Refused;
use crate::refusals::Refusal;

const BINDING: &str = "LOGIN_LIMIT";

#[wasm_bindgen]
extern "C" {
    type RateLimiter;
    #[wasm_bindgen(method, catch)]
    fn limit(this: &RateLimiter, options: &Object) -> Result<Promise, JsValue>;
}

/// Counts a step of a sign-in. Without a limiter, or with one that fails, there is no limit: it
/// opens nothing, and nobody could sign in otherwise.
pub(super) async fn count(env: &Env, name: &str) -> Result<(), Refused> {
    match ask(env, name).await {
        Ok(Some(false)) => Err(Refusal::TooManySignIns.into()),
        Ok(_) => Ok(()),
        Err(error) => {
            fault(BINDING, &error);
            Ok(())
        }
    }
}

/// Counts a try where unlimited tries would give a secret away: without a limiter there is none.
pub(super) async fn demanded(env: &Env, name: &str) -> Result<(), Refused> {
    let unusable = || Refused::because(Refusal::BindingMissing, BINDING);
    match ask(env, name).await {
        Ok(Some(true)) => Ok(()),
        Ok(Some(false)) => Err(Refusal::TooManySignIns.into()),
        Ok(None) => Err(unusable()),
        Err(error) => {
            fault(BINDING, &error);
            Err(unusable())
        }
    }
}

/// Whether it was not too often yet. `None` without a limiter.
async fn ask(env: &Env, name: &str) -> Result<Option<bool>, JsValue> {
    let limiter = Reflect::get(env, &BINDING.into())?;
    if limiter.is_undefined() {
        return Ok(None);
    }
    let options = Object::new();
    Reflect::set(&options, &"key".into(), &name.into())?;
    let limiter: RateLimiter = limiter.unchecked_into();
    let outcome = within(JsFuture::from(limiter.limit(&options)?)).await;
    let outcome = outcome.ok_or("no answer")??;
    let success = Reflect::get(&outcome, &"success".into())?.as_bool();
    success.map(Some).ok_or_else(|| "no outcome".into())
}
