//! Writes lines of the log.

use std::fmt::Debug;

use worker::{console_error, console_log, console_warn};

use super::now;
use crate::records::{Event, Level};

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

/// Logs that the runtime or a binding fails, in its own words.
pub(super) fn fault(what: &str, error: &dyn Debug) {
    log(&Event::Fault { what, detail: &format!("{error:?}") });
}
