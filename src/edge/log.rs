//! Writes lines of the log, and counts decisions.

use std::cell::OnceCell;
use std::fmt::Debug;

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Env, console_error, console_log, console_warn};

use super::now;
use crate::records::{Event, Level};

#[wasm_bindgen(module = "/src/edge/crossing.js")]
extern "C" {
    fn count(dataset: &JsValue, lines: &str) -> String;
}

thread_local! {
    /// The binding `DECISIONS`, where there is one.
    static DATASET: OnceCell<Option<JsValue>> = const { OnceCell::new() };
}

/// Logs an event.
pub(super) fn log(event: &Event<'_>) {
    let line = match event.line(now()) {
        Ok(line) => line,
        Err(refusal) => return console_error!("{refusal}"),
    };
    match event.level() {
        Level::Info => console_log!("{line}"),
        Level::Warning => console_warn!("{line}"),
        Level::Error => console_error!("{line}"),
    }
}

/// Logs a decision, and counts it where there is something to count with.
pub(super) fn decision(env: &Env, event: &Event<'_>) {
    log(event);
    DATASET.with(|dataset| {
        let bound = || Reflect::get(env, &"DECISIONS".into()).ok().filter(JsValue::is_object);
        let dataset = dataset.get_or_init(bound).as_ref();
        if let (Some(dataset), Some(point)) = (dataset, event.point()) {
            let error = count(dataset, &point.join("\n"));
            if !error.is_empty() {
                log(&Event::Fault { what: "DECISIONS", detail: &error });
            }
        }
    });
}

/// Logs that the runtime or a binding fails, in its own words.
pub(super) fn fault(what: &str, error: &dyn Debug) {
    log(&Event::Fault { what, detail: &format!("{error:?}") });
}
