//! Documents that do not load, and what is said about them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use vestibule::policy::{Fault, Policy};

fn faults(text: &str) -> Vec<Fault> {
    Policy::from_json(text).err().unwrap_or_default()
}

fn with(members: &str) -> String {
    format!(
        "{{\n\"name\": \"T\",\n\"hosts\": [\"a.example.com\"],\n\"sign_in\": {{ \"idps\": [\"main\"] }},\n{members}\n}}"
    )
}

fn with_rule(members: &str) -> String {
    with(&format!("\"rules\": [\n{{ {members} }}\n]"))
}

/// Pointer and expectation of the only fault; the rule stands in line 6.
#[test]
fn rules() {
    let deep = format!("{}\"signed-in\"{}", r#"{"not":"#.repeat(12), "}".repeat(12));
    let deep = format!(r#""path":"/","allow":{deep}"#);
    let deep_at = format!("/rules/0/allow{}", "/not".repeat(12));
    let table: &[(&str, &str, &str)] = &[
        (r#""path":"/""#, "/rules/0", "exactly one of allow, deny, public"),
        (r#""path":"/","allow":"signed-in","public":true"#, "/rules/0", "exactly one"),
        (r#""allow":"signed-in""#, "/rules/0", "the key \"path\""),
        (r#""path":"/","allow":"signed-in","allow":"signed-in""#, "/rules/0/allow", "only once"),
        (r#""path":"/","allow":{"group":"a","email":"a@b"}"#, "/rules/0/allow", "one condition"),
        (r#""path":"/","allow":{}"#, "/rules/0/allow", "one condition"),
        (r#""path":"/","allow":{"any":[]}"#, "/rules/0/allow/any", "at least one"),
        (r#""path":"/","allow":{"any":{"group":"a"}}"#, "/rules/0/allow/any", "an array"),
        (r#""path":"/","allow":true"#, "/rules/0/allow", "an object"),
        (r#""path":"/","allow":{"service":"CI"}"#, "/rules/0/allow/service", "an id of lower-case"),
        (r#""path":"/","allow":{"set":"x"}"#, "/rules/0/allow/set", "defines none"),
        (r#""path":"/","allow":{"idp":"mian"}"#, "/rules/0/allow/idp", "main"),
        (r#""path":"/","allow":{"group":""}"#, "/rules/0/allow/group", "text"),
        (r#""path":"/","allow":{"group":["a",1]}"#, "/rules/0/allow/group/1", "a string"),
        (r#""path":"/","allow":{"email":"a@b@c"}"#, "/rules/0/allow/email", "one mail address"),
        (r#""path":"/","allow":{"email_domain":"@b.c"}"#, "/rules/0/allow/email_domain", "domain"),
        (r#""path":"/","allow":{"attribute":{"name":"a"}}"#, "/rules/0/allow/attribute", "value"),
        (r#""path":"/","allow":{"ip":"10.0.0.1/8"}"#, "/rules/0/allow/ip", "10.0.0.0/8"),
        (r#""path":"/","allow":{"ip":"10.0.0"}"#, "/rules/0/allow/ip", "192.0.2.0/24"),
        (r#""path":"/","allow":{"ip":"::ffff:10.0.0.0/104"}"#, "/rules/0/allow/ip", "IPv4"),
        (r#""path":"/","allow":{"country":"de"}"#, "/rules/0/allow/country", "two capitals"),
        (r#""path":"/","allow":{"asn":-1}"#, "/rules/0/allow/asn", "whole number"),
        (r#""path":"/","allow":{"asn":"AS1"}"#, "/rules/0/allow/asn", "whole number"),
        (
            r#""path":"/","allow":{"signed_in_within":"0h"}"#,
            "/rules/0/allow/signed_in_within",
            "12h",
        ),
        (
            r#""path":"/","allow":{"client_certificate":{}}"#,
            "/rules/0/allow/client_certificate",
            "true",
        ),
        (&deep, &deep_at, "at most 12 levels"),
        (r#""path":"/","deny":false"#, "/rules/0/deny", "an object"),
        (r#""path":"/","public":false"#, "/rules/0/public", "with-identity"),
        (r#""path":"/","public":"with-identty""#, "/rules/0/public", "with-identity"),
        (
            r#""path":"/","deny":true,"until":"2027-01-01""#,
            "/rules/0/until",
            "only on rules with allow",
        ),
        (r#""path":"/","public":true,"until":"2027-02-30""#, "/rules/0/until", "2027-03-31"),
        (r#""path":"/","public":true,"mode":"reprot""#, "/rules/0/mode", "report"),
        (r#""path":"/","public":true,"methods":["Get"]"#, "/rules/0/methods/0", "GET"),
        (
            r#""path":"/","public":true,"methods":["HEAD"]"#,
            "/rules/0/methods/0",
            "GET, which covers HEAD",
        ),
        (r#""path":"/","public":true,"methods":[]"#, "/rules/0/methods", "at least one"),
        (r#""path":"/","public":true,"why":"a\u0000b""#, "/rules/0/why", "text"),
        (r#""path":"HR/**","public":true"#, "/rules/0/path", "begins with a slash"),
        (r#""path":"/HR/","public":true"#, "/rules/0/path", "/HR for that path, or /HR/**"),
        (r#""path":"/HR//a","public":true"#, "/rules/0/path", "one slash"),
        (r#""path":"/**/a","public":true"#, "/rules/0/path", "** only as the last"),
        (r#""path":"/*.css","public":true"#, "/rules/0/path", "* as a whole segment"),
        (r#""path":"/a?b","public":true"#, "/rules/0/path", "without query"),
        (r#""path":"/a/../b","public":true"#, "/rules/0/path", "dot segment"),
        (r#""path":"/a%2Fb","public":true"#, "/rules/0/path", "without encoded slashes"),
        (r#""path":"/a;b","public":true"#, "/rules/0/path", "without parameters"),
    ];
    for (members, pointer, expected) in table {
        let found = faults(&with_rule(members));
        let [fault] = &found[..] else { panic!("{members}: {found:#?}") };
        assert_eq!((fault.pointer.as_str(), fault.line), (*pointer, 6), "{members}");
        assert!(fault.expected.contains(expected), "{members}: {fault}");
    }
}

#[test]
fn documents() {
    let table: &[(String, &str, &str)] = &[
        (with(""), "", "JSON"),
        ("[]".to_owned(), "", "an object"),
        ("{}".to_owned(), "", "the key \"name\""),
        (with("\"rules\": {}"), "/rules", "an array"),
        (with("\"rules\": [], \"rules\": []"), "/rules", "only once"),
        (with("\"rules\": []").replace("a.example.com", "A.example.com"), "/hosts/0", "lower case"),
        (with("\"rules\": []").replace("a.example.com", "*.com"), "/hosts/0", "a host"),
        (with("\"rules\": []").replace("a.example.com", "a.example.com:80"), "/hosts/0", "a host"),
        (with("\"rules\": []").replace("[\"main\"]", "[]"), "/sign_in/idps", "at least one"),
        (with("\"rules\": []").replace("[\"main\"]", "\"main\""), "/sign_in/idps", "an array"),
        (with("\"rules\": []").replace("\"main\"", "\"a/b\""), "/sign_in/idps/0", "an id"),
        (with("\"rules\": []").replace("\"main\"", "\"a\",\"a\""), "/sign_in/idps/1", "once"),
        (
            with("\"rules\": []").replace("] }", "], \"auth_host\": \"*.example.com\" }"),
            "/sign_in/auth_host",
            "one host",
        ),
        (
            with("\"rules\": []").replace("] }", "], \"max_age\": \"12 h\" }"),
            "/sign_in/max_age",
            "a duration",
        ),
        (
            with("\"rules\": [], \"sets\": {\"a/~\":{\"set\":\"a/~\"}}"),
            "/sets/a~1~0",
            "names itself",
        ),
        (with("\"rules\": [], \"expect\": [{\"get\":\"/\"}]"), "/expect/0", "the key \"then\""),
        (with("\"rules\": [], \"expect\": [{\"then\":\"deny\"}]"), "/expect/0", "one of get"),
        (
            with("\"rules\": [], \"expect\": [{\"then\":\"deny\",\"get\":\"/\",\"put\":\"/\"}]"),
            "/expect/0",
            "one of get",
        ),
    ];
    for (text, pointer, expected) in table {
        let found = faults(text);
        let fault = found.iter().find(|fault| fault.pointer == *pointer);
        let fault = fault.unwrap_or_else(|| panic!("{text}\n{found:#?}"));
        assert!(fault.expected.contains(expected), "{text}: {fault}");
    }
}

#[test]
fn all_at_once_with_line_and_nearest_word() {
    let text = r#"{
  "name": "T",
  "hots": ["a.example.com"],
  "sign_in": { "idps": ["main"] },
  "rules": [
    { "path": "/HR/**", "alow": { "group": "HR" } },
    { "path": "/IT/**", "allow": { "any": [ { "grup": "IT" }, "signed_in" ] } }
  ]
}"#;
    let found: Vec<String> = faults(text).iter().map(Fault::to_string).collect();
    let expected = [
        "line 1, the document: found no such key, expected the key \"hosts\"",
        "line 3, /hots: found the unknown key \"hots\", expected one of $schema, name, look, hosts, ignore_case, headers, assertion, cors, hide_refused, sign_in, apps, explain, rules, include, sets, expect, release. Did you mean hosts?",
        "line 6, /rules/0/alow: found the unknown key \"alow\", expected one of path, methods, allow, deny, public, why, until, mode, allow_encoded_slash. Did you mean allow?",
        "line 6, /rules/0: found { \"path\": \"/HR/**\", \"alow\": { \"group\": \"HR\" } }, expected exactly one of allow, deny, public",
        "line 7, /rules/1/allow/any/0/grup: found the unknown key \"grup\", expected one of group, email, email_domain, attribute, idp, authn_context, signed_in_within, ip, country, asn, client_certificate, service, set, any, all, not. Did you mean group?",
        "line 7, /rules/1/allow/any/1: found \"signed_in\", expected signed-in. Did you mean signed-in?",
    ];
    assert_eq!(found, expected);
}

/// Neither depth nor doubling of sets makes work.
#[test]
fn hostile_documents_are_cheap() {
    let deep = format!("{}1{}", "[".repeat(500_000), "]".repeat(500_000));
    assert!(!faults(&with(&format!("\"rules\": {deep}"))).is_empty());
    assert!(!faults(&with_rule(&format!("\"path\":\"/\",\"allow\":{deep}"))).is_empty());
    assert!(!faults(&"[".repeat(1_000_000)).is_empty());
    assert!(!faults(&" ".repeat(9_000_000)).is_empty());

    let mut sets = "\"s0\":\"signed-in\"".to_owned();
    for at in 1..6 {
        let part = format!("{{\"set\":\"s{}\"}}", at - 1);
        sets.push_str(&format!(",\"s{at}\":{{\"all\":[{}]}}", vec![part; 20].join(",")));
    }
    let found = faults(&with(&format!("\"rules\": [], \"sets\": {{{sets}}}")));
    assert!(found.iter().any(|fault| fault.expected.contains("10000")), "{found:#?}");

    let many = vec!["{}"; 100_000].join(",");
    assert_eq!(faults(&with(&format!("\"rules\": [{many}]"))).len(), 50);
}

#[test]
fn headers() {
    let document = |headers: &str| {
        format!(
            r#"{{ "name": "T", "hosts": ["a.example.com"], "headers": {headers},
                "sign_in": {{ "idps": ["main"] }}, "rules": [] }}"#
        )
    };
    let fine = document(r#"["authelia", { "X-WebAuth-User": "email", "Remote-Role": "groups" }]"#);
    let policy = Policy::from_json(&fine).unwrap();
    let names: Vec<&str> = policy.headers().iter().map(|header| header.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "remote-user",
            "remote-email",
            "remote-groups",
            "remote-name",
            "x-webauth-user",
            "remote-role"
        ]
    );
    for (bad, expected) in [
        (r#"["autheila"]"#, "authelia"),
        (r#"[{ "X-User": "mail" }]"#, "subject, email, groups, jwt"),
        (r#"["authelia", { "Remote-User": "email" }]"#, "the header remote-user once"),
        (r#"[{ "X-User": "email", "x-user": "email" }]"#, "once"),
        (r#"[{ "Cookie": "email" }]"#, "X-WebAuth-User"),
        (r#"[{ "Host": "email" }]"#, "X-WebAuth-User"),
        (r#"[{ "X-Access-Jwt": "email" }]"#, "X-WebAuth-User"),
        (r#"[{ "X-Forwarded-For": "email" }]"#, "X-WebAuth-User"),
        (r#"[{ "X_User": "email" }]"#, "X-WebAuth-User"),
        (r#"[{ "X-User\r\n": "email" }]"#, "X-WebAuth-User"),
    ] {
        let faults = Policy::from_json(&document(bad)).unwrap_err();
        assert!(faults[0].to_string().contains(expected), "{bad}: {}", faults[0]);
    }
}
