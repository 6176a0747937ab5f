//! How an application looks: what a document may say of it.
#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::{Value, json};
use vestibule::policy::Policy;
use vestibule::policy::{Contact, Look};

/// A dot, and a script that must never run.
const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";

fn look(look: &Value) -> Result<Look, Vec<String>> {
    let document = json!({
        "name": "Intranet", "hosts": ["a.example.com"], "sign_in": { "idps": ["main"] },
        "rules": [], "look": look,
    });
    let policy = Policy::from_json(&document.to_string());
    policy
        .map(|policy| Look::clone(policy.look()))
        .map_err(|faults| faults.into_iter().map(|fault| fault.expected).collect())
}

fn data(kind: &str, bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine;
    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
    format!("data:image/{kind};base64,{data}")
}

#[test]
fn a_document_says_how_its_application_looks() {
    let found = look(&json!({
        "about": "Payroll and holidays", "icon": "🌳", "start": "/welcome",
        "logo": data("svg+xml", SVG), "accent": "#1F5C4D", "contact": "IT@example.com",
    }));
    let found = found.unwrap();
    assert_eq!(found.name, "Intranet");
    assert_eq!(found.about.as_deref(), Some("Payroll and holidays"));
    assert_eq!(found.icon.as_deref(), Some("🌳"));
    assert_eq!(found.start.unwrap().as_str(), "/welcome");
    assert!(found.accent.unwrap().style().contains("--accent:#1f5c4d"));
    assert!(matches!(found.contact, Some(Contact::Mail(a)) if a.as_str() == "it@example.com"));
    let page = look(&json!({ "contact": "https://help.example.com/new?about=access" })).unwrap();
    assert_eq!(page.contact.unwrap().shown(), "help.example.com");
    assert!(look(&json!({ "logo": data("png", PNG) })).is_ok());
    assert_eq!(look(&json!({})).unwrap().name, "Intranet");
}

#[test]
fn what_is_not_understood_is_refused() {
    for (bad, expected) in [
        (json!({ "colour": "#1f5c4d" }), "accent"),
        (json!({ "accent": "#ffdd00" }), "dark enough"),
        (json!({ "accent": "red" }), "a colour such as"),
        (json!({ "icon": "ICON" }), "at most 2 letters"),
        (json!({ "icon": "" }), "text without"),
        (json!({ "about": "x".repeat(101) }), "at most 100 letters"),
        (json!({ "about": "a\u{202E}b" }), "text without"),
        (json!({ "start": "https://evil.example/" }), "a path"),
        (json!({ "start": "/a/../b" }), "a path"),
        (json!({ "logo": "https://cdn.example/logo.png" }), "a PNG or SVG"),
        (json!({ "logo": data("png", SVG) }), "a PNG or SVG"),
        (json!({ "logo": data("svg+xml", PNG) }), "a PNG or SVG"),
        (json!({ "logo": data("gif", "GIF89a") }), "a PNG or SVG"),
        (json!({ "logo": data("svg+xml", format!("<svg>{}</svg>", "x".repeat(6_000))) }), "6144"),
        (json!({ "logo": "data:image/png;base64,!" }), "a PNG or SVG"),
        (json!({ "logo": "data:text/html;base64,PGI+" }), "a PNG or SVG"),
        (json!({ "contact": "javascript:alert(1)" }), "a mail address or an https address"),
        (json!({ "contact": "http://help.example.com/" }), "a mail address or an https address"),
        (json!({ "contact": "Bob <bob@example.com>" }), "a mail address or an https address"),
        (json!("green"), "an object"),
    ] {
        let faults = look(&bad).expect_err(&bad.to_string());
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{bad}: {faults:?}");
    }
}
