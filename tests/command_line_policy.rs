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
