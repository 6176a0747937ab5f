//! Whatever is posted to the ACS, nothing but what the identity provider signed is accepted.
#![no_main]

#[path = "../../tests/support/mod.rs"]
mod support;

use libfuzzer_sys::fuzz_target;
use support::response::{NOW, accept_at};

fuzz_target!(|text: &str| {
    if let Ok(accepted) = accept_at(text, NOW) {
        assert_eq!(accepted.subject.name_id, "alice@example.com");
        assert_eq!(accepted.subject.groups, ["HR", "R&D, West"]);
    }
});
