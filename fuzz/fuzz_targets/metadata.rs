//! Metadata is read or refused, and what is read leads nowhere but to https.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule::saml::metadata::Metadata;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(metadata) = Metadata::parse(bytes, None, None) {
        let url = metadata.sign_on.url();
        assert!(url.as_str().starts_with("https://") || url.is_local());
        assert!(!metadata.keys.is_empty());
    }
});
