//! The example of docs/pages.md does what it says.
#![allow(clippy::unwrap_used, clippy::panic)]

use vestibule::policy::{Policy, expectations};

const PAGE: &str = include_str!("../docs/pages.md");

#[test]
fn every_example_of_the_page_does_what_it_says() {
    let examples: Vec<&str> =
        PAGE.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let policy = Policy::from_json(example).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let outcomes = expectations(&policy, 1_800_000_000);
        assert!(outcomes.len() >= 2, "{example}");
        for outcome in outcomes {
            assert!(outcome.met, "{example}\n{outcome:#?}");
        }
    }
}

#[test]
fn the_page_has_every_key() {
    for key in ["name", "accent", "contact", "logo", "icon", "about", "start", "apps", "explain"] {
        assert!(PAGE.contains(&format!("`{key}`")), "{key}");
    }
}
