//! A policy document is read or refused with at least one fault.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule::policy::Policy;

fuzz_target!(|text: &str| {
    if let Err(faults) = Policy::from_json(text) {
        assert!(!faults.is_empty());
    }
});
