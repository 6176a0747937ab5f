//! A canonical path reads back as itself, however it came about.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule::gate::Target;
use vestibule::policy::CanonicalPath;

fuzz_target!(|text: &str| {
    if let Ok(path) = CanonicalPath::parse(text) {
        assert!(path.as_str().starts_with('/') && !path.as_str().contains("//"));
        let again = CanonicalPath::parse(path.as_str()).unwrap();
        assert_eq!(again.as_str(), path.as_str());
    }
    if let Ok(target) = Target::parse(&format!("https://app.example{text}")) {
        let again = Target::parse(&format!("https://app.example{}", target.path_and_query()));
        assert_eq!(again.unwrap().path.as_str(), target.path.as_str());
    }
});
