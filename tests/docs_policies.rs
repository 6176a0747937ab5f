//! The policy documents that the pages of docs/ show do what they say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use serde_json::Value;
use vestibule::policy::{Lint, Policy, Severity, expectations, lint};

const NOW: i64 = 1_800_000_000;
const LANGUAGE: &str = include_str!("../docs/policies.md");
const PAGES: &str = include_str!("../docs/pages.md");
const NON_BROWSERS: &str = include_str!("../docs/non-browsers.md");

/// The policy documents that a page shows.
fn examples(page: &str) -> Vec<Policy> {
    page.split("```json\n")
        .skip(1)
        .map(|rest| Policy::from_json(rest.split("```").next().unwrap()))
        .map(|read| read.unwrap_or_else(|faults| panic!("{faults:#?}")))
        .collect()
}

#[test]
fn every_example_does_what_it_says() {
    for (page, count) in [(LANGUAGE, 10), (PAGES, 2), (NON_BROWSERS, 2)] {
        let examples = examples(page);
        assert_eq!(examples.len(), count);
        for example in examples {
            let outcomes = expectations(&example, NOW);
            assert!(outcomes.len() >= 2, "{}", example.name());
            for outcome in outcomes {
                assert!(outcome.met, "{}\n{outcome:#?}", example.name());
            }
        }
    }
}

#[test]
fn nothing_but_everyone_is_found_in_the_documents_for_scripts() {
    for example in examples(NON_BROWSERS) {
        let found = lint(&example, NOW, None);
        assert!(found.iter().all(|finding| finding.lint == Lint::Everyone), "{found:#?}");
    }
}

#[test]
fn the_page_on_pages_has_every_key() {
    for key in ["name", "accent", "contact", "logo", "icon", "about", "start", "apps", "explain"] {
        assert!(PAGES.contains(&format!("`{key}`")), "{key}");
    }
}

/// tests/http signs people in by these documents.
#[test]
fn the_documents_of_many_hosts_fit_together() {
    let examples = examples(include_str!("../docs/many-hosts.md"));
    let [auth, wiki] = examples.as_slice() else { panic!("{}", examples.len()) };
    assert_eq!(wiki.auth_host(), auth.hosts().first().map(String::as_str));
    assert!(wiki.idps().iter().all(|idp| auth.idps().contains(idp)));
    assert!(expectations(wiki, NOW).iter().all(|outcome| outcome.met));
}

/// What docs/headers.md shows is a part of a document.
#[test]
fn the_page_on_headers_shows_what_is_understood() {
    let page = include_str!("../docs/headers.md");
    let shown = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let mut document: serde_json::Value = serde_json::from_str(shown).unwrap();
    let rest = serde_json::json!({ "name": "Example", "hosts": ["app.example.com"],
        "sign_in": { "idps": ["main"] }, "rules": [] });
    document.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let policy = Policy::from_json(&document.to_string()).unwrap();
    assert_eq!(policy.attributes(), ["department"]);
    for preset in ["cloudflare-access", "oauth2-proxy", "authelia"] {
        assert!(page.contains(&format!("| `{preset}` |")), "{preset}");
    }
}

#[test]
fn the_page_has_every_word_of_the_language() {
    let schema: Value = serde_json::from_str(include_str!("../policies/schema.json")).unwrap();
    let parts = ["/properties/rules", "/$defs/condition"].map(|part| schema.pointer(part).unwrap());
    let words: BTreeSet<String> = parts.into_iter().flat_map(keys).collect();
    assert!(words.len() > 20, "{words:?}");
    for word in words {
        let told = [format!("`{word}`"), format!("\"{word}\"")];
        assert!(told.iter().any(|told| LANGUAGE.contains(told)), "{word}");
    }
}

/// The keys that a JSON Schema knows, in it and below.
fn keys(schema: &Value) -> Vec<String> {
    let members = schema.as_object().into_iter().flatten();
    let own = schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.clone());
    let below = members.map(|(_, value)| value).chain(schema.as_array().into_iter().flatten());
    own.chain(below.flat_map(keys)).collect()
}

#[test]
fn the_page_on_checking_has_every_finding() {
    let page = include_str!("../docs/policy-check.md");
    for lint in Lint::ALL {
        let severity = match lint.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let row =
            format!("| `{}` | {severity} | {} | {} |\n", lint.code(), lint.cause(), lint.remedy());
        assert!(page.contains(&row), "{row}");
    }
    assert_eq!(page.matches("\n| `").count(), Lint::ALL.len());
}
