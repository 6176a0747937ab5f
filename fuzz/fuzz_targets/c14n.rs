//! Canonical form reads back, and its canonical form is itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule::xml::c14n::canonicalize;
use vestibule::xml::{Document, Profile};

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::parse(bytes, &Profile::METADATA) else { return };
    let Ok(once) = canonicalize(document.root(), None, &[]) else { return };
    let Ok(again) = Document::parse(&once, &Profile::METADATA) else { return };
    assert_eq!(canonicalize(again.root(), None, &[]).as_deref(), Ok(&*once));
});
