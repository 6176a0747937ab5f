//! A certificate is read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule::dsig::Certificate;

fuzz_target!(|bytes: &[u8]| {
    let _ = Certificate::from_der(bytes);
});
