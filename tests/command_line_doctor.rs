//! What `vestibule doctor` reads out of wrangler.toml, where no gate answers.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;

use common::folder::Folder;
use serde_json::Value;

const GOOD: &str = r#"
name = "vestibule"
workers_dev = false
preview_urls = false
routes = [{ pattern = "localhost/*", zone_name = "localhost" }]
[[kv_namespaces]]
binding = "CONFIG"
id = "0123456789abcdef0123456789abcdef"
[[ratelimits]]
name = "LOGIN_LIMIT"
namespace_id = "1001"
simple = { limit = 20, period = 60 }
"#;

fn outcome(report: &Value, check: &str) -> String {
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|one| one["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no {check}: {report}"));
    format!("{}: {}", found["outcome"].as_str().unwrap(), found["says"].as_str().unwrap())
}

#[test]
fn the_worker_as_wrangler_toml_says() {
    let folder = Folder::new("doctor");
    let routes = r#"routes = [{ pattern = "localhost/*", zone_name = "localhost" }]"#;
    for (from, to, check, says) in [
        ("", "", "workers-dev", "good: "),
        ("", "", "preview-urls", "good: "),
        ("", "", "route", "good: localhost/* covers all"),
        ("", "", "store", "good: "),
        ("", "", "login-limit", "good: "),
        ("", "", "fail-closed", "unknown: "),
        ("", "", "health", "bad: "),
        ("", "", "release", "unknown: the store was not asked"),
        ("", "", "identity-provider", "unknown: the store was not asked"),
        ("", "", "origin", "unknown: the origin's own address was not given"),
        ("workers_dev = false", "workers_dev = true", "workers-dev", "bad: wrangler.toml turns on"),
        ("workers_dev = false", "", "workers-dev", "bad: wrangler.toml does not turn off"),
        ("preview_urls = false", "", "preview-urls", "bad: "),
        (routes, "", "route", "bad: no route"),
        (routes, r#"route = "localhost/*""#, "route", "good: "),
        (routes, r#"routes = ["*localhost/*"]"#, "route", "good: "),
        (routes, r#"routes = ["other.example/*"]"#, "route", "bad: no route"),
        (routes, r#"routes = ["*.localhost/*"]"#, "route", "bad: no route"),
        (routes, r#"routes = ["localhost/HR/*"]"#, "route", "bad: only localhost/HR/* is routed"),
        (routes, r#"routes = ["localhost"]"#, "route", "bad: no route"),
        (
            routes,
            r#"routes = [{ pattern = "localhost", custom_domain = true }]"#,
            "route",
            "good: ",
        ),
        ("0123456789abcdef0123456789abcdef", "00000000000000000000000000000000", "store", "bad: "),
        ("CONFIG", "OTHER", "store", "bad: no KV namespace"),
        ("LOGIN_LIMIT", "OTHER", "login-limit", "bad: "),
        ("workers_dev", "= workers_dev", "wrangler-toml", "unknown: wrangler.toml: "),
    ] {
        folder.file("wrangler.toml", GOOD.replace(from, if from.is_empty() { from } else { to }));
        let (code, report) = folder.json("doctor https://localhost:9 --json");
        assert_eq!(code, 1, "nothing answers there");
        let found = outcome(&report, check);
        assert!(found.starts_with(says), "{to}: {found}");
    }
    folder.file("wrangler.toml", GOOD);
    let (code, text, _) = folder.run("doctor https://localhost:9");
    assert_eq!(code, 1);
    assert!(text.contains("good     workers-dev") && text.contains("5 good, 1 bad"), "{text}");
    for wrong in ["doctor http://app.example.com", "doctor app.example.com", "doctor"] {
        assert_eq!(folder.run(wrong).0, 2, "{wrong}");
    }
}
