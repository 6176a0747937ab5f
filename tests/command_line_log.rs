//! `vestibule log` and `vestibule report`, as they are run.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;

use common::folder::Folder;
use serde_json::{Value, json};

const POLICY: &str = r#"{
  "name": "T", "hosts": ["a.example.com"], "sign_in": { "idps": ["main"] },
  "rules": [
    { "path": "/HR/**", "allow": { "group": "HR" }, "why": "Payroll belongs to HR" },
    { "path": "/IT/**", "allow": { "group": "IT" } }
  ]
}"#;

/// A line of the gate: who was answered what, on a day of November at noon.
fn line(event: &str, day: u8, person: Option<&str>, path: &str, more: Value) -> Value {
    let mut line = json!({ "time": format!("2026-11-{day:02}T12:00:00Z"), "event": event,
        "host": "a.example.com", "method": "GET", "path": path, "rule": "/HR/**",
        "person": person });
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line
}

fn refusal() -> Value {
    let more = json!({ "reference": "0123456789ab", "code": "not-allowed", "cause": "C.",
        "detail": "Payroll belongs to HR", "idp": "main", "groups": ["IT"] });
    line("refused", 24, Some("bob@example.com"), "/HR/payroll", more)
}

/// Four lines, each as another program gives it.
fn log() -> String {
    let allowed =
        line("allowed", 22, Some("alice@example.com"), "/HR", json!({ "ray": "8f0c-FRA" }));
    let service = line("allowed", 23, Some("service/backup"), "/HR/all", json!({}));
    let sign_in = line("sign-in", 23, None, "/HR", json!({}));
    let tail = |line: &Value| {
        json!({ "outcome": "ok", "logs": [
        { "message": ["no line of ours"], "level": "log" },
        { "message": [line.to_string()], "level": "log" }] })
    };
    let logpush = json!({ "Outcome": "ok",
        "Logs": [{ "Level": "log", "Message": [sign_in.to_string()], "TimestampMs": 0 }] });
    let other = json!({ "time": "2026-11-24T12:00:00Z", "event": "fault", "what": "origin", "detail": "D" });
    format!("{allowed}\n{:#}\n{logpush}\n{other}\n{}\n", tail(&service), tail(&refusal()))
}

fn with_log(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.file("log.ndjson", log()).file("policy.json", POLICY);
    folder
}

#[test]
fn lines_are_read_from_whatever_kept_them_and_printed_for_people() {
    let folder = with_log("log-read");
    let (code, output, _) = folder.run("log log.ndjson");
    assert_eq!(code, 0);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(
        lines,
        [
            "2026-11-22T12:00:00Z  allowed  alice@example.com  GET a.example.com/HR  by /HR/**",
            "2026-11-23T12:00:00Z  allowed  service/backup  GET a.example.com/HR/all  by /HR/**",
            "2026-11-23T12:00:00Z  sign-in  GET a.example.com/HR  by /HR/**",
            "2026-11-24T12:00:00Z  fault  origin  — D",
            "2026-11-24T12:00:00Z  refused  bob@example.com  GET a.example.com/HR/payroll  \
             by /HR/**  not-allowed  — Payroll belongs to HR  reference 0123456789ab",
        ]
    );
    let (_, output, _) = folder.run("log --ndjson log.ndjson");
    let lines: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[4]), (5, &refusal()));
    // And what it wrote, it reads.
    folder.file("again.ndjson", &output);
    assert_eq!(folder.run("log --ndjson again.ndjson").1, output);
}

#[test]
fn every_event_says_what_it_is_about() {
    let folder = Folder::new("log-events");
    let time = "2026-11-24T12:00:00Z";
    let events = [
        json!({ "event": "signed-in", "host": "a.example.com", "method": "POST",
            "path": "/.access/acs", "person": "bob@example.com", "idp": "main" }),
        json!({ "event": "release-seen", "host": "a.example.com", "release": 3 }),
        json!({ "event": "revocation-seen", "whose": "host/a.example.com", "at": time }),
        json!({ "event": "unusable", "host": "a.example.com", "key": "candidate/a", "detail": "hosts" }),
        json!({ "event": "idp-refresh", "idp": "main", "outcome": "unchanged" }),
    ];
    let lines = events.map(|mut event| {
        event["time"] = time.into();
        event.to_string()
    });
    folder.file("log.ndjson", lines.join("\n"));
    let wanted = [
        "signed-in  bob@example.com  a.example.com  at main",
        "release-seen  a.example.com  in release 3",
        "revocation-seen  host/a.example.com",
        "unusable  a.example.com  candidate/a  — hosts",
        "idp-refresh  unchanged  at main",
    ];
    let wanted = wanted.map(|words| format!("{time}  {words}\n")).concat();
    assert_eq!(folder.run("log log.ndjson").1, wanted);
}

#[test]
fn only_what_is_asked_for_is_printed() {
    let folder = with_log("log-filter");
    let count = |filter: &str| {
        let (code, output, _) = folder.run(&format!("log --ndjson {filter} log.ndjson"));
        let lines = output.lines().filter(|line| line.starts_with('{')).count();
        assert_eq!(code, i32::from(lines == 0), "{filter}");
        lines
    };
    for (filter, lines) in [
        ("--person Alice@example.com", 1),
        ("--person service/backup", 1),
        ("--person carol@example.com", 0),
        ("--host A.example.com", 4),
        ("--path /HR", 4),
        ("--path /HR/**", 4),
        ("--path /HR/payroll", 1),
        ("--path /H", 0),
        ("--code not-allowed", 1),
        ("--event allowed", 2),
        ("--event allowed --person alice@example.com", 1),
        ("--since 2026-11-23T12:00:00Z", 4),
        ("--since 1s", 0),
        ("--since 100000d", 5),
    ] {
        assert_eq!(count(filter), lines, "{filter}");
    }
    for wrong in ["log --since yesterday log.ndjson", "log missing.ndjson", "log policy.json x y"] {
        assert_eq!(folder.run(wrong).0, 2, "{wrong}");
    }
}

#[test]
fn a_reference_is_explained_by_the_record_its_code_and_the_document() {
    let folder = with_log("log-reference");
    let (code, output, _) = folder.run("log --reference 0123456789ab log.ndjson policy.json");
    assert_eq!(code, 0);
    let remedy = vestibule::refusals::Refusal::NotAllowed.remedy();
    for part in [
        "bob@example.com  GET a.example.com/HR/payroll",
        r#""groups":["IT"]"#,
        remedy,
        "By this document: refused by /HR/** (not-allowed)",
        "why: Payroll belongs to HR",
        "group HR: no",
        "The opposite answer:",
    ] {
        assert!(output.contains(part), "{part} is not in {output}");
    }
    // An allowed request has no reference, and a ray.
    let (code, output, _) = folder.run("log --reference 8f0c-FRA log.ndjson");
    assert!(code == 0 && output.contains("alice@example.com"), "{output}");
    assert_eq!(folder.run("log --reference 999999999999 log.ndjson").0, 1);
    assert_eq!(folder.run("log log.ndjson policy.json").0, 2, "a policy explains references only");
}

#[cfg(unix)]
#[test]
fn without_a_file_wrangler_is_followed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = with_log("log-follow");
    let bin = folder.0.join("node_modules/.bin");
    std::fs::create_dir_all(&bin).unwrap();
    // The Worker's own log is at Cloudflare: this prints what wrangler prints.
    let script = "#!/bin/sh\n[ \"$*\" = \"tail --format json --config wrangler.toml\" ] || exit 3\n\
                  cat log.ndjson\n[ -z \"$FAILS\" ]\n";
    std::fs::write(bin.join("wrangler"), script).unwrap();
    std::fs::set_permissions(bin.join("wrangler"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (code, output, errors) = folder.run("log --code not-allowed");
    assert!(code == 0 && output.contains("0123456789ab"), "{output}{errors}");
    let (code, _, errors) = folder.run("log --config other.toml");
    assert!(code == 2 && errors.contains("wrangler tail ended with 3"), "{errors}");
}

#[test]
fn a_report_draws_rules_codes_people_and_days() {
    let folder = with_log("report");
    let (code, output, errors) = folder.run("report log.ndjson --policy policy.json");
    assert_eq!((code, output.as_str()), (0, "report.html: 4 decisions\n"), "{errors}");
    let page = std::fs::read_to_string(folder.0.join("report.html")).unwrap();
    for part in [
        "<h2>a.example.com</h2>",
        "2026-11-22 to 2026-11-24",
        "2026-11-23: 1 allowed, 1 sent to sign in, 0 refused",
        "2 allowed, 1 sent to sign in, 1 refused",
        "not-allowed",
        "service/backup</th><td class=\"count\">1</td>",
        "bob@example.com, 2026-11-24: 1",
        "<code>/IT/**</code>",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("<script") && !page.contains("://"), "it needs nothing else");
    assert_eq!(folder.run("report log.ndjson --host b.example.com").0, 1);
    assert_eq!(folder.run("report missing.ndjson").0, 2);
}

#[test]
fn what_people_are_called_is_no_markup() {
    let folder = Folder::new("report-markup");
    let person = "<script>alert(1)</script>";
    let line = line("allowed", 24, Some(person), "/HR", json!({ "rule": "/<b>/**" }));
    folder.file("log.ndjson", line.to_string());
    assert_eq!(folder.run("report log.ndjson --output x.html").0, 0);
    let page = std::fs::read_to_string(folder.0.join("x.html")).unwrap();
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
}
