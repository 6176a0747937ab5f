//! The examples of docs/policies.md and docs/many-hosts.md do what they say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use vestibule::policy::{Lint, Policy, Severity, expectations};

const PAGE: &str = include_str!("../docs/policies.md");

#[test]
fn every_example_of_the_page_does_what_it_says() {
    let examples: Vec<&str> =
        PAGE.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(examples.len(), 10);
    for example in examples {
        let policy = Policy::from_json(example).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let outcomes = expectations(&policy, 1_800_000_000);
        assert!(outcomes.len() >= 2, "{example}");
        for outcome in outcomes {
            assert!(outcome.met, "{example}\n{outcome:#?}");
        }
    }
}

/// tests/http signs people in by these documents.
#[test]
fn the_documents_of_many_hosts_fit_together() {
    let page = include_str!("../docs/many-hosts.md");
    let examples = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let policies: Vec<Policy> = examples
        .map(|example| Policy::from_json(example).unwrap_or_else(|f| panic!("{f:#?}")))
        .collect();
    let [auth, wiki] = policies.as_slice() else { panic!("{}", policies.len()) };
    assert_eq!(wiki.auth_host(), auth.hosts().first().map(String::as_str));
    assert!(wiki.idps().iter().all(|idp| auth.idps().contains(idp)));
    assert!(expectations(wiki, 1_800_000_000).iter().all(|outcome| outcome.met));
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
    for word in [
        "path",
        "methods",
        "allow",
        "deny",
        "public",
        "why",
        "until",
        "mode",
        "allow_encoded_slash",
        "group",
        "email",
        "email_domain",
        "attribute",
        "idp",
        "authn_context",
        "signed_in_within",
        "ip",
        "country",
        "asn",
        "client_certificate",
        "service",
        "set",
        "any",
        "all",
        "not",
        "signed-in",
    ] {
        let told = [format!("`{word}`"), format!("`\"{word}\"`")].iter().any(|w| PAGE.contains(w));
        assert!(told, "{word}");
    }
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
