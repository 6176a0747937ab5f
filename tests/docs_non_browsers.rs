//! The documents in docs/non-browsers.md do what they say.
#![allow(clippy::unwrap_used, clippy::panic)]

use vestibule::policy::{Lint, Policy, expectations, lint};

#[test]
fn every_document_of_the_page_does_what_it_says() {
    let page = include_str!("../docs/non-browsers.md");
    let documents: Vec<&str> =
        page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(documents.len(), 2);
    for document in documents {
        let policy = Policy::from_json(document).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let outcomes = expectations(&policy, 1_800_000_000);
        assert!(outcomes.len() >= 2 && outcomes.iter().all(|outcome| outcome.met), "{outcomes:#?}");
        let found = lint(&policy, 1_800_000_000, None);
        assert!(found.iter().all(|finding| finding.lint == Lint::Everyone), "{found:#?}");
    }
}
