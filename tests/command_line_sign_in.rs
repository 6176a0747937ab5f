//! `vestibule idp check --response`: what came, and which rules it satisfies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;
mod support;

use common::folder::Folder;
use serde_json::{Value, json};
use support::response::{HONEST, Signed, idp_json, signed};

const POLICY: &str = r#"{
  "name": "Intranet", "hosts": ["app.example"], "sign_in": { "idps": ["jumpcloud"] },
  "rules": [
    { "path": "/", "allow": "signed-in" },
    { "path": "/HR/**", "allow": { "group": "HR" } },
    { "path": "/HR/salaries/**", "allow": { "group": "Payroll" } },
    { "path": "/IT/**", "methods": ["POST"], "allow": { "group": "IT" } },
    { "path": "/HR/old/**", "deny": { "group": "HR" } },
    { "path": "/assets/**", "public": true }
  ]
}"#;

const CHECK: &str = "idp check idp.json --id jumpcloud --response response.xml --host app.example \
                     --at 2026-11-23T12:00:00Z";

fn folder(name: &str, response: &str) -> Folder {
    let folder = Folder::new(name);
    std::fs::create_dir_all(folder.0.join("policies")).unwrap();
    let other = POLICY.replace("jumpcloud", "okta").replace("app.example", "other.example");
    folder
        .file("idp.json", idp_json(&["rsa"]))
        .file("response.xml", response)
        .file("policies/app.json", POLICY)
        .file("policies/other.json", other);
    folder
}

#[test]
fn a_response_is_held_against_the_rules() {
    let more = r#"<saml:Attribute Name="Group"><saml:AttributeValue>IT</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"#;
    let sent = HONEST.replace("</saml:AttributeStatement>", more);
    let folder = folder("sign-in", &signed(&sent, Signed::Assertion));
    let (code, report) = folder.json(&format!("{CHECK} --json"));
    assert_eq!(code, 0, "{report}");
    assert_eq!(report["email"], "alice@example.com");
    assert_eq!(report["groups"], json!(["HR", "R&D, West"]));
    assert_eq!(report["authn_context"], "urn:oasis:names:tc:SAML:2.0:ac:classes:Password");
    assert_eq!(report["not_read"], json!(["Group"]), "what a document with other names would read");
    let policies = report["policies"].as_array().unwrap();
    assert_eq!(policies.len(), 1, "those that name the identity provider");
    let rules: Vec<[&Value; 4]> = policies[0]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| ["path", "holds", "request", "verdict"].map(|key| &rule[key]))
        .collect();
    let wanted = [
        ["/", "true", "GET /", "allow"],
        ["/HR/**", "true", "GET /HR", "allow"],
        ["/HR/salaries/**", "false", "GET /HR/salaries", "deny"],
        ["/IT/**", "false", "POST /IT", "deny"],
        ["/HR/old/**", "true", "GET /HR/old", "deny"],
    ];
    for (rule, wanted) in rules.iter().zip(&wanted) {
        assert_eq!(rule.map(|value| value.as_str().unwrap_or("-")), *wanted);
    }
    assert_eq!(rules.len(), 6);
    assert_eq!(rules[5][3], "allow", "public");

    let (_, text, _) = folder.run(CHECK);
    for part in [
        "groups        HR, R&D, West",
        "not read      Group",
        "yes allow /HR/**",
        "no  allow /IT/**",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let (_, text, _) = folder.run(&format!("{CHECK} --policy policies/other.json"));
    assert!(text.contains("policies/other.json") && !text.contains("policies/app.json"), "{text}");
}

#[test]
fn a_response_that_the_gate_refuses_is_explained_and_not_weighed() {
    let tampered = signed(HONEST, Signed::Assertion).replace(">HR<", ">IT<");
    let folder = folder("sign-in-refused", &tampered);
    let (code, text, _) = folder.run(CHECK);
    assert_eq!(code, 1);
    assert!(text.contains("fail    signature of the assertion"), "{text}");
    assert!(!text.contains("IT") && !text.contains("policies/"), "{text}");
    folder.file("response.xml", signed(HONEST, Signed::Assertion));
    let (code, report) =
        folder.json(&format!("{} --json", CHECK.replace("app.example", "b.example")));
    assert_eq!((code, &report["accepted"]), (1, &json!(false)), "it was for another host");
    assert_eq!(folder.run("idp check idp.json --response response.xml").0, 2);
}

#[test]
fn a_sign_in_is_tried_at_a_gate_that_is_reached_safely() {
    let folder = folder("sign-in-tried", HONEST);
    for url in ["http://app.example.com", "https://user@app.example.com/", "ftp://app.example.com"]
    {
        let (code, output, error) = folder.run(&format!("idp check {url} --no-browser"));
        assert_eq!((code, output.as_str()), (2, ""), "{url}");
        assert!(error.contains(url), "{error}");
    }
}
