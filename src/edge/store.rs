//! The store: the KV namespace `CONFIG`.

use std::fmt::Debug;

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::log::fault;
use super::patience::within;
use crate::freshness::STORE_CACHE;
use crate::gate::Refused;
use crate::refusals::Refusal;

const BINDING: &str = "CONFIG";

#[wasm_bindgen]
extern "C" {
    /// A KV namespace. The `worker` crate's has far more code than is used here.
    pub(super) type Store;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Store, key: &str, options: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Store, key: &str, value: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &Store, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn list(this: &Store, options: &Object) -> Result<Promise, JsValue>;
}

/// The binding, if there is one.
pub(super) fn bound(env: &Env) -> Result<Store, Refused> {
    let binding = Reflect::get(env, &BINDING.into()).ok().filter(JsValue::is_object);
    let binding = binding.ok_or_else(|| Refused::because(Refusal::BindingMissing, BINDING))?;
    Ok(binding.unchecked_into())
}

/// What is stored under a key.
pub(super) async fn read(env: &Env, key: &str) -> Result<Option<String>, Refused> {
    let options = options(&[("cacheTtl", STORE_CACHE.into())]);
    Ok(reached(key, bound(env)?.get(key, &options)).await?.as_string())
}

pub(super) async fn write(env: &Env, key: &str, value: &str) -> Result<(), Refused> {
    reached(key, bound(env)?.put(key, value)).await.map(drop)
}

pub(super) async fn remove(env: &Env, key: &str) -> Result<(), Refused> {
    reached(key, bound(env)?.delete(key)).await.map(drop)
}

/// What follows `prefix` in each key that begins with it.
pub(super) async fn below(env: &Env, prefix: &str) -> Result<Vec<String>, Refused> {
    let store = bound(env)?;
    let mut all = Vec::new();
    let mut cursor = JsValue::UNDEFINED;
    loop {
        let options = options(&[("prefix", prefix.into()), ("cursor", cursor)]);
        let page = reached(prefix, store.list(&options)).await?;
        let keys = Array::from(&member(&page, "keys"));
        let names = keys.iter().filter_map(|key| member(&key, "name").as_string());
        all.extend(names.filter_map(|name| name.strip_prefix(prefix).map(str::to_owned)));
        cursor = member(&page, "cursor");
        if member(&page, "list_complete").is_truthy() || !cursor.is_string() {
            return Ok(all);
        }
    }
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

fn options(members: &[(&str, JsValue)]) -> Object {
    let pair = |(name, value): &(&str, JsValue)| Array::of2(&(*name).into(), value);
    let pairs: Array = members.iter().map(pair).collect();
    // Fails only for what is no list of pairs.
    Object::from_entries(&pairs).unwrap_or_default()
}

/// What the store answers, if it does.
async fn reached(what: &str, asked: Result<Promise, JsValue>) -> Result<JsValue, Refused> {
    let unavailable = |error: &dyn Debug| {
        fault(&format!("{BINDING} {what}"), error);
        Refused::because(Refusal::StoreUnavailable, BINDING)
    };
    let answered = within(async { JsFuture::from(asked?).await }).await;
    answered.ok_or_else(|| unavailable(&"no answer"))?.map_err(|error| unavailable(&error))
}
