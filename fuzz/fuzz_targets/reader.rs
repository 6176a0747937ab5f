//! What we read, a strict reader of others reads too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule::xml::{Document, Profile};

fuzz_target!(|bytes: &[u8]| {
    if Document::parse(bytes, &Profile::MESSAGE).is_ok() {
        let text = std::str::from_utf8(bytes).expect("only UTF-8 is read");
        assert!(roxmltree::Document::parse(text).is_ok());
    }
});
