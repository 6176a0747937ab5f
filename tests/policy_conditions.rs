//! Every condition, with a person, without one, and with facts that the request lacks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{NOW, member, policy_with};
use vestibule::identity::Facts;
use vestibule::policy::{
    CanonicalPath, ClientCertificate, Policy, Request, Truth, Verdict, Who, expectations, explain,
};

use Verdict::{Allow, Deny, SignIn};

const SETS: &str = r#","sets":{"office":{"ip":["192.0.2.0/24","2001:db8::/32"]},
    "staff":{"any":[{"group":"HR"},{"set":"it"}]},"it":{"group":"IT"}}"#;

fn ann() -> Facts {
    let attributes = [("department".to_owned(), vec!["Sales".to_owned(), "Legal".to_owned()])];
    Facts {
        attributes: attributes.into_iter().collect(),
        authn_context: Some("urn:mfa".to_owned()),
        signed_in_at: NOW - 3600,
        ..member(&["HR"])
    }
}

fn judged(condition: &str, bare: bool, facts: Option<&Facts>) -> Verdict {
    let policy = policy_with(&format!(r#"{{"path":"/**","allow":{condition}}}"#), SETS);
    let path = CanonicalPath::parse("/x").unwrap();
    let full = Request {
        ip: Some("192.0.2.7".parse().unwrap()),
        country: Some("DE"),
        asn: Some(64496),
        client_certificate: Some(ClientCertificate {
            issuer: "CN=Root",
            subject: "CN=ann",
            sha256: "AB01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01",
        }),
        ..Request::new("GET", &path, NOW)
    };
    let request = if bare { Request::new("GET", &path, NOW) } else { full };
    explain(&policy, &request, facts).verdict
}

/// What it comes to for Ann, for nobody, and for Ann by a request without facts.
#[test]
fn each() {
    let digest = r#"{"client_certificate":{"sha256":"ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01ab01"}}"#;
    let table = [
        (r#""signed-in""#, Allow, SignIn, Allow),
        (r#"{"group":"HR"}"#, Allow, SignIn, Allow),
        (r#"{"group":"hr"}"#, Deny, SignIn, Deny),
        (r#"{"group":["IT","HR"]}"#, Allow, SignIn, Allow),
        (r#"{"email":"Ann@Example.com"}"#, Allow, SignIn, Allow),
        (r#"{"email":"bob@example.com"}"#, Deny, SignIn, Deny),
        (r#"{"email_domain":"Example.com"}"#, Allow, SignIn, Allow),
        (r#"{"email_domain":"ample.com"}"#, Deny, SignIn, Deny),
        (r#"{"email_domain":"mail.example.com"}"#, Deny, SignIn, Deny),
        (r#"{"attribute":{"name":"department","value":"Legal"}}"#, Allow, SignIn, Allow),
        (r#"{"attribute":{"name":"department","value":["IT","Sales"]}}"#, Allow, SignIn, Allow),
        (r#"{"attribute":{"name":"department","value":"legal"}}"#, Deny, SignIn, Deny),
        (r#"{"attribute":{"name":"title","value":"Legal"}}"#, Deny, SignIn, Deny),
        (r#"{"idp":"main"}"#, Allow, SignIn, Allow),
        (r#"{"idp":"other"}"#, Deny, SignIn, Deny),
        (r#"{"authn_context":"urn:mfa"}"#, Allow, SignIn, Allow),
        (r#"{"authn_context":"urn:password"}"#, Deny, SignIn, Deny),
        (r#"{"signed_in_within":"1h"}"#, Allow, SignIn, Allow),
        (r#"{"signed_in_within":"59m"}"#, SignIn, SignIn, SignIn),
        (r#"{"all":[{"signed_in_within":"59m"},{"group":"IT"}]}"#, Deny, SignIn, Deny),
        (r#"{"not":{"signed_in_within":"59m"}}"#, Allow, SignIn, Allow),
        (r#"{"ip":"192.0.2.0/24"}"#, Allow, SignIn, Deny),
        (r#"{"ip":"192.0.2.7"}"#, Allow, SignIn, Deny),
        (r#"{"ip":"192.0.2.8"}"#, Deny, Deny, Deny),
        (r#"{"not":{"ip":"192.0.2.8"}}"#, Allow, SignIn, Deny),
        (r#"{"not":{"not":{"ip":"192.0.2.7"}}}"#, Allow, SignIn, Deny),
        (r#"{"country":["FR","DE"]}"#, Allow, SignIn, Deny),
        (r#"{"country":"FR"}"#, Deny, Deny, Deny),
        (r#"{"asn":64496}"#, Allow, SignIn, Deny),
        (r#"{"asn":[1,2]}"#, Deny, Deny, Deny),
        (r#"{"client_certificate":true}"#, Allow, SignIn, Deny),
        (r#"{"client_certificate":{"issuer":"CN=Root","subject":"CN=ann"}}"#, Allow, SignIn, Deny),
        (r#"{"client_certificate":{"issuer":"CN=Root","subject":"CN=bob"}}"#, Deny, Deny, Deny),
        (digest, Allow, SignIn, Deny),
        (r#"{"set":"office"}"#, Allow, SignIn, Deny),
        (r#"{"set":"staff"}"#, Allow, SignIn, Allow),
        (r#"{"set":"it"}"#, Deny, SignIn, Deny),
        (r#"{"all":[{"set":"office"},{"group":"HR"}]}"#, Allow, SignIn, Deny),
        (r#"{"all":[{"country":"FR"},{"group":"HR"}]}"#, Deny, Deny, Deny),
        (r#"{"any":[{"country":"FR"},{"group":"HR"}]}"#, Allow, SignIn, Allow),
        (r#"{"not":{"group":"HR"}}"#, Deny, SignIn, Deny),
        (r#"{"not":{"any":[{"group":"IT"},{"country":"FR"}]}}"#, Allow, SignIn, Deny),
    ];
    for (condition, for_ann, for_nobody, without_facts) in table {
        assert_eq!(judged(condition, false, Some(&ann())), for_ann, "Ann: {condition}");
        assert_eq!(judged(condition, false, None), for_nobody, "nobody: {condition}");
        assert_eq!(judged(condition, true, Some(&ann())), without_facts, "bare: {condition}");
    }
}

#[test]
fn a_missing_fact_never_opens() {
    let path = CanonicalPath::parse("/x").unwrap();
    for condition in [r#"{"country":"KP"}"#, r#"{"not":{"country":"DE"}}"#] {
        let rules =
            format!(r#"{{"path":"/**","allow":"signed-in"}}, {{"path":"/","deny":{condition}}}"#);
        let policy = policy_with(&rules, "");
        let request = Request::new("GET", &path, NOW);
        assert_eq!(explain(&policy, &request, Some(&ann())).verdict, Deny, "{condition}");
        let request = Request { country: Some("DE"), ..request };
        assert_eq!(explain(&policy, &request, Some(&ann())).verdict, Allow, "{condition}");
    }
}

#[test]
fn ipv4_in_ipv6_clothes() {
    let policy = policy_with(r#"{"path":"/**","allow":{"ip":"192.0.2.0/24"}}"#, "");
    let path = CanonicalPath::parse("/x").unwrap();
    let ip = Some("::ffff:192.0.2.9".parse().unwrap());
    let request = Request { ip, ..Request::new("GET", &path, NOW) };
    assert_eq!(explain(&policy, &request, Some(&ann())).verdict, Allow);
}

#[test]
fn explanation_names_each_condition_with_its_value() {
    let condition = r#"{"all":[{"group":"HR"},{"not":{"set":"it"}}]}"#;
    let rules =
        format!(r#"{{"path":"/**","allow":"signed-in"}}, {{"path":"/x","allow":{condition}}}"#);
    let policy = policy_with(&rules, SETS);
    let path = CanonicalPath::parse("/x").unwrap();
    let found = explain(&policy, &Request::new("GET", &path, NOW), Some(&ann()));
    let [speaks, outvoted] = &found.considered[..] else { panic!("{found:#?}") };
    assert_eq!((speaks.pointer.as_str(), speaks.truth), ("/rules/1", Some(Truth::True)));
    assert_eq!((outvoted.pointer.as_str(), outvoted.truth), ("/rules/0", None));
    let json = serde_json::to_value(speaks.condition.as_ref().unwrap()).unwrap();
    let expected = serde_json::json!({
        "condition": "all", "truth": "true", "parts": [
            { "condition": "group HR", "truth": "true" },
            { "condition": "not", "truth": "true", "parts": [
                { "condition": "set it", "truth": "false", "parts": [
                    { "condition": "group IT", "truth": "false" }] }] }] });
    assert_eq!(json, expected);
}

#[test]
fn expectations_that_fail_say_so() {
    let cases = r#","expect":[
        {"as":{"groups":["HR"]},"get":"/x","then":"deny"},
        {"as":{"groups":["HR"]},"get":"/x","then":"allow","because":"/y"},
        {"as":{"groups":["HR"]},"get":"/x","then":"allow","because":"/x"},
        {"as":{"groups":["HR"],"signed_in_ago":"2h"},"get":"/old","then":"sign-in"},
        {"as":{"groups":["HR"]},"method":"BREW","path":"/x","then":"allow"},
        {"get":"/x/%2e%2e/y","then":"deny"},
        {"ip":"192.0.2.1","get":"/net","then":"deny"},
        {"ip":"198.51.100.1","at":"2027-01-01T00:00:00Z","post":"/net","then":"sign-in"}]"#;
    let rules = r#"{"path":"/x","allow":{"group":"HR"}},
        {"path":"/old","allow":{"signed_in_within":"1h"}},
        {"path":"/net","allow":{"ip":"198.51.100.0/24"}}"#;
    let outcomes = expectations(&policy_with(rules, cases), NOW);
    let met: Vec<bool> = outcomes.iter().map(|outcome| outcome.met).collect();
    assert_eq!(met, [false, false, true, true, true, true, true, true], "{outcomes:#?}");
    assert_eq!(outcomes[5].path_refused, Some("path-dot-segment"));
    assert_eq!(outcomes[0].case, "somebody GET /x");
}

/// The gate reads where a request comes from only where this says so.
#[test]
fn asks_whence_wherever_a_condition_may_stand() {
    let asks = |condition: &str, sets: &str| {
        let document = format!(
            r#"{{ "name": "x", "hosts": ["a.example"], "sign_in": {{ "idps": ["i"] }}, {sets}
                "rules": [{{ "path": "/**", "allow": {condition} }}] }}"#
        );
        Policy::from_json(&document).unwrap().asks_whence()
    };
    for no in
        [r#""signed-in""#, r#"{ "group": "HR" }"#, r#"{ "any": [{ "email": "a@b.example" }] }"#]
    {
        assert!(!asks(no, ""), "{no}");
    }
    for yes in [
        r#"{ "ip": "192.0.2.0/24" }"#,
        r#"{ "country": "DE" }"#,
        r#"{ "asn": 64496 }"#,
        r#"{ "client_certificate": { "issuer": "CN=x" } }"#,
        r#"{ "not": { "country": "DE" } }"#,
        r#"{ "all": [{ "group": "HR" }, { "any": [{ "asn": 64496 }] }] }"#,
    ] {
        assert!(asks(yes, ""), "{yes}");
    }
    let sets = r#""sets": { "office": { "ip": "192.0.2.0/24" } },"#;
    assert!(asks(r#"{ "all": ["signed-in", { "set": "office" }] }"#, sets));
}

/// A service gets in only where a rule names it. What is said of people neither opens nor denies.
#[test]
fn service() {
    let allow = |condition: &str| format!(r#"{{"path":"/**","allow":{condition}}}"#);
    let deny = |condition: &str| {
        format!(r#"{{"path":"/**","deny":{condition}}},{}"#, allow(r#"{"service":"backup"}"#))
    };
    let table = [
        // What it comes to for the service backup, for another, and for nobody.
        (allow(r#"{"service":"backup"}"#), Allow, Deny, SignIn),
        (allow(r#"{"service":["backup","other"]}"#), Allow, Allow, SignIn),
        (allow(r#"{"any":[{"group":"HR"},{"service":"backup"}]}"#), Allow, Deny, SignIn),
        (allow(r#"{"all":[{"country":"DE"},{"service":"backup"}]}"#), Allow, Deny, SignIn),
        (allow(r#"{"all":[{"country":"FR"},{"service":"backup"}]}"#), Deny, Deny, Deny),
        // By its name, wherever it comes from; by where it comes from, never.
        (allow(r#"{"any":[{"country":"DE"},{"service":"backup"}]}"#), Allow, Deny, SignIn),
        (
            allow(r#"{"any":[{"country":"DE"},{"all":[{"country":"FR"},{"service":"backup"}]}]}"#),
            Deny,
            Deny,
            SignIn,
        ),
        (
            allow(r#"{"all":[{"country":"DE"},{"any":["signed-in",{"service":"backup"}]}]}"#),
            Allow,
            Deny,
            SignIn,
        ),
        (allow(r#"{"not":{"not":{"service":"backup"}}}"#), Deny, Deny, SignIn),
        (allow(r#"{"not":{"service":"backup"}}"#), Deny, Deny, SignIn),
        (allow(r#"{"not":{"group":"HR"}}"#), Deny, Deny, SignIn),
        (allow(r#""signed-in""#), Deny, Deny, SignIn),
        (allow(r#"{"country":"DE"}"#), Deny, Deny, SignIn),
        (allow(r#"{"signed_in_within":"1h"}"#), Deny, Deny, SignIn),
        (deny(r#"{"group":"HR"}"#), Allow, Deny, SignIn),
        (deny(r#"{"not":"signed-in"}"#), Deny, Deny, SignIn),
        (deny(r#"{"service":"backup"}"#), Deny, Deny, SignIn),
        (deny(r#"{"country":"DE"}"#), Deny, Deny, Deny),
        (r#"{"path":"/**","public":true}"#.to_owned(), Allow, Allow, Allow),
    ];
    for (rules, backup, other, nobody) in table {
        let policy = policy_with(&rules, "");
        let path = CanonicalPath::parse("/x").unwrap();
        let request = Request { country: Some("DE"), ..Request::new("GET", &path, NOW) };
        let verdict = |who: Who<'_>| explain(&policy, &request, who).verdict;
        let found =
            (verdict(Who::Service("backup")), verdict(Who::Service("other")), verdict(Who::Nobody));
        assert_eq!(found, (backup, other, nobody), "{rules}");
    }
    let ann = ann();
    let policy = policy_with(&allow(r#"{"service":"ann"}"#), "");
    let path = CanonicalPath::parse("/x").unwrap();
    let request = Request::new("GET", &path, NOW);
    assert_eq!(explain(&policy, &request, Who::Person(&ann)).verdict, Deny);
}

#[test]
fn a_service_in_an_expectation() {
    let cases = r#","expect":[
        { "as": { "service": "backup" }, "get": "/x", "then": "allow" },
        { "as": { "service": "other" }, "get": "/x", "then": "deny" }]"#;
    let rules = r#"{"path":"/**","allow":{"service":"backup"}}"#;
    let outcomes = expectations(&policy_with(rules, cases), NOW);
    assert!(outcomes.iter().all(|outcome| outcome.met), "{outcomes:?}");
    assert!(outcomes[0].case.starts_with("the service backup"), "{}", outcomes[0].case);
}
