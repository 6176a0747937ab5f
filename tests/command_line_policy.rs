//! `vestibule policy …`, as it is run.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;

use common::folder::Folder;
use serde_json::Value;

const DOCUMENT: &str = r#"{
  "name": "T", "hosts": ["a.example.com"], "sign_in": { "idps": ["main"] },
  "rules": [{ "path": "/HR/**", "allow": { "group": "HR" } }],
  "expect": [
    { "as": { "groups": ["HR"] }, "get": "/HR", "then": "allow" },
    { "get": "/HR", "then": "THEN" },
    { "get": "/other", "then": "deny" }
  ]
}"#;

#[test]
fn expectations_are_run_and_the_exit_code_tells() {
    let folder = Folder::new("policy-test");
    folder.file("good.json", DOCUMENT.replace("THEN", "sign-in"));
    folder.file("wrong.json", DOCUMENT.replace("THEN", "allow"));
    folder.file("broken.json", DOCUMENT.replace("\"group\"", "\"gruop\""));
    assert_eq!(
        folder.run("policy test good.json"),
        (0, "good.json: 3 of 3 expectations met\n".to_owned(), String::new())
    );
    let (code, output, _) = folder.run("policy test good.json wrong.json");
    assert_eq!(code, 1);
    assert!(
        output.contains(
            "wrong.json/expect/1: nobody GET /HR: expected allow, found sign-in by /HR/**"
        ),
        "{output}"
    );
    let (code, output, _) = folder.run("policy test broken.json");
    assert_eq!(code, 1);
    assert!(output.starts_with("broken.json:3: ") && output.contains("mean group?"), "{output}");
    let (code, _, error) = folder.run("policy test missing.json");
    assert_eq!((code, error.contains("missing.json")), (2, true));
    let (code, output, _) = folder.run("policy test --json wrong.json");
    let report: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(
        (code, report[0]["met"].as_u64(), report[0]["total"].as_u64()),
        (1, Some(2), Some(3))
    );
}

#[test]
fn an_explanation_names_rule_conditions_and_what_would_turn_it() {
    let folder = Folder::new("policy-explain");
    std::fs::create_dir_all(folder.0.join("policies")).unwrap();
    folder.file("policies/intranet.json", include_str!("../policies/intranet.json"));
    folder.file("policies/schema.json", "{}");
    let bob = "--as bob@example.com --group IT";
    let explained = |who: &str, what: &str| folder.run(&format!("policy explain {who} GET {what}"));
    let table = [
        (bob, "HR", 1, "refused by /HR/** (not-allowed)", "in group HR"),
        (bob, "HR", 1, "  group HR: no", "in group HR"),
        (bob, "IT", 0, "/rules/2 allow /IT/**: yes", "not in group IT"),
        ("--as cto@example.com", "IT", 0, "    email cto@example.com: yes", "No change"),
        ("--idp jumpcloud", "", 0, "allowed by /**", "No change"),
        ("--at 2026-11-23T12:00:00Z", "", 1, "depends on who signs in", "anybody signed in"),
        ("--at 2026-11-23T12:00:00Z", "HR", 1, "not asked", "in group HR"),
        ("--at 2026-11-23T12:00:00Z", "a%2fb", 1, "it does not allow encoded slashes", "No change"),
    ];
    for (who, path, code, says, opposite) in table {
        let found = explained(who, &format!("https://intranet.example.com/{path}"));
        let (_, output, error) = &found;
        assert_eq!(found.0, code, "{who} /{path}: {output}{error}");
        assert!(output.contains(says), "{who} /{path} lacks {says:?}: {output}");
        let last = output.lines().last().unwrap();
        assert!(last.contains(opposite), "{who} /{path} lacks {opposite:?}: {last}");
    }
    let (code, _, error) = explained(bob, "https://other.example.com/");
    assert_eq!((code, error.contains("other.example.com")), (2, true));
    let (code, _, error) = explained(bob, "https://intranet.example.com/a/../b");
    assert_eq!((code, error.contains("path-dot-segment")), (2, true));
    let url = "https://intranet.example.com/HR";
    let (_, report) = folder.json(&format!("policy explain --json {bob} GET {url}"));
    assert_eq!(report["explanation"]["refusal"], "not-allowed");
    assert_eq!(report["contrary"], serde_json::json!(["in group HR"]));
}

#[test]
fn check_names_the_line_and_only_errors_end_with_one() {
    let folder = Folder::new("policy-check");
    folder.file("good.json", DOCUMENT.replace("THEN", "sign-in"));
    let twin = r#"{ "path": "/hr", "allow": { "group": "HR" } },
            { "path": "/HR/**""#;
    folder.file(
        "twin.json",
        DOCUMENT.replace("THEN", "sign-in").replace(r#"{ "path": "/HR/**""#, twin),
    );
    folder.file(
        "denied.json",
        DOCUMENT
            .replace("THEN", "sign-in")
            .replace("\"rules\": [", "\"rules\": [\n{ \"path\": \"/HR\", \"deny\": true },\n"),
    );
    assert_eq!(folder.run("policy check good.json").0, 0);
    let (code, output, _) = folder.run("policy check twin.json");
    assert_eq!(code, 0);
    assert!(
        output.contains("twin.json:3: warning: ") && output.contains("[case-twin]"),
        "{output}"
    );
    assert_eq!(folder.run("policy check twin.json --strict").0, 1);
    let (code, output, _) = folder.run("policy check denied.json");
    assert_eq!(code, 1);
    assert!(output.contains("denied.json:5: error: Wherever"), "{output}");
    let (code, json) = folder.json("policy check denied.json --json");
    assert_eq!((code, &json[0]["code"]), (1, &"shadowed-by-deny".into()));
    assert_eq!(json[0]["lines"], serde_json::json!([5, 4]));

    assert_eq!(folder.run("policy check good.json --host a.example.com").0, 0);
    let (code, output, _) = folder.run("policy check good.json --host b.example.com");
    assert_eq!(code, 1);
    assert!(output.contains("(b.example.com)"), "{output}");
    folder.file("groups.txt", "IT\nhr\n");
    let (code, output, _) = folder.run("policy check good.json --groups groups.txt");
    assert_eq!(code, 1);
    assert!(output.contains("[group-unknown]"), "{output}");
    assert_eq!(folder.run("policy check missing.json").0, 2);
}

#[test]
fn diff_tells_who_gains_and_ends_with_one_where_somebody_does() {
    let folder = Folder::new("policy-diff");
    folder.file("old.json", DOCUMENT.replace("THEN", "sign-in"));
    folder.file(
        "new.json",
        DOCUMENT.replace("THEN", "sign-in").replace(r#""group": "HR""#, r#""group": ["HR", "IT"]"#),
    );
    assert_eq!(folder.run("policy diff old.json old.json").0, 0);
    let (code, output, _) = folder.run("policy diff old.json new.json");
    assert_eq!((code, output.as_str()), (1, "/HR/**\n  + in group IT\n"));
    // A line of the gate, and the same in what wrangler prints around it, on many lines.
    let line = serde_json::json!({ "time": "2026-11-24T12:00:00Z", "event": "refused",
        "host": "a.example.com", "method": "GET", "path": "/HR/x", "person": "bob@example.com",
        "idp": "main", "groups": ["IT"] });
    let tail = serde_json::json!({ "logs": [{ "message": [line.to_string()] }] });
    let other = line.to_string().replace("a.example.com\"", "other.example.com\"");
    folder.file("log.ndjson", format!("{line}\n{tail:#}\n\n{other}\n{{}}\n"));
    let (_, json) = folder.json("policy diff old.json new.json --decisions log.ndjson --json");
    let decision = serde_json::json!([{ "case": "bob@example.com GET /HR/x", "old": "deny",
        "new": "allow", "times": 2 }]);
    assert_eq!(json["decisions"], decision);
    folder.file("bad.ndjson", "{");
    assert_eq!(folder.run("policy diff old.json new.json --decisions bad.ndjson").0, 2);
}

#[test]
fn documents_share_sets() {
    let folder = Folder::new("policy-include");
    let with = |include: &str, sets: &str| {
        DOCUMENT
            .replace("THEN", "sign-in")
            .replace(r#"{ "group": "HR" }"#, r#"{ "set": "staff" }"#)
            .replace(
                r#""expect""#,
                &format!(r#""include": {include}, "sets": {{{sets}}}, "expect""#),
            )
    };
    folder.file("people.json", r#"{ "sets": { "staff": { "group": "HR" } } }"#);
    folder.file("more.json", r#"{ "sets": { "it": { "group": "IT" } }, "rules": [] }"#);
    folder.file("good.json", with(r#"["people.json"]"#, r#""own": { "set": "staff" }"#));
    assert_eq!(folder.run("policy test good.json").0, 0);

    let refused = [
        (with(r#"["people.json"]"#, r#""staff": "signed-in""#), "another set \"staff\""),
        (with(r#"["more.json"]"#, r#""staff": "signed-in""#), "sets and nothing else"),
        (with(r#"["absent.json"]"#, ""), "absent.json"),
        (with(r#""people.json""#, ""), "a list of files"),
    ];
    for (document, says) in refused {
        folder.file("bad.json", document);
        let (code, _, errors) = folder.run("policy test bad.json");
        assert!(code == 2 && errors.contains(says), "{says}: {errors}");
    }
    // A fault keeps the line of the file.
    folder.file(
        "bad.json",
        with(r#"["people.json"]"#, "").replace(r#""then": "deny""#, r#""then": "den""#),
    );
    let (code, output, _) = folder.run("policy test bad.json");
    assert!(code == 1 && output.starts_with("bad.json:7: "), "{output}");
    // The gate knows nothing of files.
    let faults = vestibule::policy::Policy::from_json(&with(
        r#"["people.json"]"#,
        r#""staff": "signed-in""#,
    ));
    assert_eq!(faults.unwrap_err()[0].pointer, "/include");
}

#[test]
fn explain_takes_a_service_too() {
    let folder = Folder::new("policy-explain-service");
    let document =
        DOCUMENT.replace("THEN", "sign-in").replace(r#""group": "HR""#, r#""service": "backup""#);
    folder.file("a.json", document);
    let explain = "policy explain --service backup GET https://a.example.com/HR a.json";
    let (code, output, _) = folder.run(explain);
    assert!(code == 0 && !output.contains("opposite"), "{output}");
    assert_eq!(folder.run(&explain.replace("backup", "other")).0, 1);
    assert_eq!(folder.run(&explain.replace("GET", "--group HR GET")).0, 2);
}
