//! policies/schema.json is what the loader's words make, and both agree on documents.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};
use vestibule::policy::{Policy, schema};

#[test]
fn the_file_is_current() {
    let file: Value = serde_json::from_str(include_str!("../policies/schema.json")).unwrap();
    assert!(file == schema(), "make it anew: vestibule policy schema > policies/schema.json");
}

/// A document in which one value stands elsewhere, or is gone.
fn with(pointer: &str, value: Value) -> Value {
    let mut document: Value =
        serde_json::from_str(include_str!("../policies/intranet.json")).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => drop(members.remove(key).unwrap()),
        (Value::Object(members), value) => drop(members.insert(key.to_owned(), value)),
        (Value::Array(elements), value) => elements[key.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    document
}

#[test]
fn schema_and_loader_agree() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let agree = |document: &Value, good: bool| {
        assert_eq!(validator.is_valid(document), good, "schema: {document}");
        assert_eq!(Policy::from_json(&document.to_string()).is_ok(), good, "loader: {document}");
    };
    let rule = |more: Value| {
        let mut rule = json!({ "path": "/x" });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with("/rules/0", rule)
    };
    let allow = |condition: Value| rule(json!({ "allow": condition }));
    for good in [
        with("/name", json!("Other")),
        with("/sign_in/idle", json!("30m")),
        with("/sign_in/auth_host", json!("auth.example.com")),
        with("/ignore_case", json!(true)),
        with("/hide_refused", json!(true)),
        with("/sign_in/keep_fragment", json!(true)),
        with("/cors", json!("pass")),
        with(
            "/cors",
            json!({ "origins": ["https://a.example.com", "http://localhost:5173"],
                "methods": ["PUT"], "headers": ["content-type"], "credentials": true,
                "max_age": "10m" }),
        ),
        with("/look", json!({ "accent": "#1F5C4D", "contact": "it@example.com", "icon": "HR" })),
        rule(json!({ "deny": true })),
        rule(json!({ "public": "with-identity", "methods": ["GET"] })),
        rule(json!({ "allow": "signed-in", "allow_encoded_slash": true, "until": "2027-03-31" })),
        allow(json!({ "group": ["HR", "IT"] })),
        allow(json!({ "all": [{ "not": { "country": "DE" } }, { "asn": [64496] }] })),
        allow(json!({ "client_certificate": true })),
        allow(json!({ "attribute": { "name": "a", "value": "b" } })),
        with("/expect", json!([{ "as": {}, "method": "PUT", "path": "/x", "then": "allow" }])),
    ] {
        agree(&good, true);
    }
    for bad in [
        with("/name", Value::Null),
        with("/hosts", json!([])),
        with("/hosts", json!("intranet.example.com")),
        with("/rulez", json!([])),
        with("/sign_in/max_age", json!(12)),
        with("/sign_in/auth_host", json!(["auth.example.com"])),
        with("/ignore_case", json!(false)),
        with("/hide_refused", json!(false)),
        with("/sign_in/keep_fragment", json!("yes")),
        with("/cors", json!("refuse")),
        with("/cors", json!({})),
        with("/cors", json!({ "origins": [] })),
        with("/cors", json!({ "origins": ["https://a.example.com"], "credentials": false })),
        with("/cors", json!({ "origins": ["https://a.example.com"], "methods": ["HEAD"] })),
        with("/cors", json!({ "origins": ["https://a.example.com"], "headers": ["*"] })),
        with("/cors", json!({ "origins": ["https://a.example.com"], "max_age": 600 })),
        with("/look", json!({ "colour": "#1F5C4D" })),
        with("/look", json!({ "icon": "long" })),
        with("/look", json!({ "logo": "https://cdn.example/logo.png" })),
        rule(json!({})),
        rule(json!({ "allow": "signed-in", "deny": true })),
        rule(json!({ "public": false })),
        rule(json!({ "public": true, "allow_encoded_slash": true })),
        rule(json!({ "allow": "signed-in", "methods": ["FETCH"] })),
        rule(json!({ "allow": "signed-in", "mode": "test" })),
        allow(json!("everyone")),
        allow(json!({})),
        allow(json!({ "group": "HR", "email": "a@example.com" })),
        allow(json!({ "gruop": "HR" })),
        allow(json!({ "any": [] })),
        allow(json!({ "country": "Germany" })),
        allow(json!({ "client_certificate": {} })),
        with("/expect/0/then", json!("maybe")),
        with("/expect/0/as/group", json!("HR")),
    ] {
        agree(&bad, false);
    }
}
