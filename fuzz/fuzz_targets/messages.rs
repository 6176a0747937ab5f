//! Queries and forms that carry a message: read or refused, never verified without a signature.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule::dsig::Tolerance;
use vestibule::gate::read_form;
use vestibule::saml::binding::SignedQuery;

fuzz_target!(|text: &str| {
    let _ = read_form(Some("application/x-www-form-urlencoded"), text.as_bytes());
    if let Ok(query) = SignedQuery::read(text) {
        assert!(query.verify(&[], Tolerance::default()).is_err());
    }
});
