//! `vestibule saml inspect`, as it is run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use std::path::PathBuf;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use support::response::{ACS, ENTITY_ID, HONEST, SHAPES, Signed, idp_json, signed};

fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("inspect");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn inspect(name: &str, text: &str, more: &[&str]) -> Output {
    let response = file(name, text);
    let idp = file(&format!("{name}.idp"), &idp_json(&["rsa"]));
    Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["saml", "inspect"])
        .arg(response)
        .arg("--idp")
        .arg(idp)
        .args(["--entity-id", ENTITY_ID, "--acs", ACS, "--at", "2026-11-23T12:00:00Z"])
        .args(more)
        .output()
        .unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_form_of_a_response_is_read() {
    let xml = signed(HONEST, Signed::Assertion);
    let base64 = STANDARD.encode(&xml);
    let encoded: String = form_urlencoded::byte_serialize(base64.as_bytes()).collect();
    let forms = [
        ("xml", format!("\u{FEFF}\n{xml}\n")),
        ("base64", format!("{base64}\n")),
        (
            "folded",
            base64
                .as_bytes()
                .chunks(76)
                .map(|l| std::str::from_utf8(l).unwrap())
                .collect::<Vec<_>>()
                .join("\r\n"),
        ),
        ("encoded", encoded.clone()),
        ("form", format!("RelayState=x&SAMLResponse={encoded}")),
    ];
    for (name, text) in forms {
        let output = inspect(name, &text, &["--in-response-to", "_request"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}: {said}");
        assert!(said.contains("Accepted.") && said.contains("alice@example.com"), "{said}");
        assert!(said.contains("skipped signature of the response"), "{said}");
        assert!(said.contains("pass    signature of the assertion (SEC-14 to SEC-20)"), "{said}");
    }
}

/// The order of the checks is the order of the list, whatever is signed: what is not reached is
/// skipped, and one only fails.
#[test]
fn the_check_that_fails_is_named_with_its_clause() {
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "saml:Issuer>test idp",
            "saml:Issuer>other idp",
            "issuer of the response",
            "issuer-mismatch",
        ),
        (
            "status:Success",
            "status:Responder",
            "one assertion, and nothing that is not understood",
            "assertion-count",
        ),
        (
            "Destination=\"https://app",
            "Destination=\"https://evil",
            "destination",
            "destination-mismatch",
        ),
        ("12:05:00Z\">", "11:05:00Z\">", "still valid", "expired"),
        (
            "access/metadata</saml:Audience",
            "x</saml:Audience",
            "audience is our entity ID",
            "audience-mismatch",
        ),
        (
            "Recipient=\"https://app",
            "Recipient=\"https://evil",
            "bearer confirmation for our ACS and our request",
            "recipient-mismatch",
        ),
        (
            "alice@example.com",
            " ",
            "nothing in the assertion that is not understood",
            "name-id-unusable",
        ),
    ];
    for (from, to, check, code) in cases {
        for shape in SHAPES {
            let xml = signed(&HONEST.replacen(from, to, 1), shape);
            let output = inspect(&format!("{code}-{shape:?}"), &xml, &["--json"]);
            assert_eq!(output.status.code(), Some(1), "{code}");
            let report = report(&output);
            assert_eq!(report["refusal"]["code"], *code, "{shape:?}");
            let checks = report["checks"].as_array().unwrap();
            let failed: Vec<_> = checks.iter().filter(|c| c["result"] == "fail").collect();
            assert_eq!(failed.len(), 1, "{code}");
            assert_eq!(failed[0]["check"], *check);
            let at = checks.iter().position(|c| c["result"] == "fail").unwrap();
            assert!(checks[at + 1..].iter().all(|c| c["result"] == "skipped"));
        }
    }
}

#[test]
fn a_request_is_compared_where_it_is_given() {
    let xml = signed(HONEST, Signed::Both);
    let result = |output: &Output| {
        let checks = report(output)["checks"].clone();
        let all = checks.as_array().unwrap().clone();
        all.into_iter().find(|c| c["check"] == "answers the request").unwrap()["result"].clone()
    };
    assert_eq!(
        result(&inspect("given", &xml, &["--json", "--in-response-to", "_request"])),
        "pass"
    );
    assert_eq!(result(&inspect("none", &xml, &["--json"])), "skipped");
    let other = inspect("other", &xml, &["--json", "--in-response-to", "_other"]);
    assert_eq!(result(&other), "fail");
    assert_eq!(other.status.code(), Some(1));
}

#[test]
fn unusable_input_ends_with_2() {
    for (name, text) in [("empty", ""), ("words", "hello, world"), ("half", "PHNhbWxwOl")] {
        let output = inspect(name, text, &[]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(!output.stderr.is_empty(), "{name}");
    }
    let malformed = inspect("malformed", "<samlp:Response>", &[]);
    assert_eq!(malformed.status.code(), Some(1));
    assert!(String::from_utf8(malformed.stdout).unwrap().contains("fail    strict XML"));
}
