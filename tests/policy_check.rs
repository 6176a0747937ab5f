//! What is likely wrong with a document: each lint once, and its twin that is fine.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;

use std::collections::BTreeSet;

use common::{NOW, policy_with};
use vestibule::policy::{Finding, Lint, lint};

const EXPECT: &str = r#","expect":[{"get":"/","then":"deny"}]"#;

fn found(rules: &str, more: &str) -> Vec<Finding> {
    let groups = ["HR", "IT", "Staff", "Guests", "hr"].map(str::to_owned);
    lint(&policy_with(rules, more), NOW, Some(&BTreeSet::from(groups)))
}

fn codes(found: &[Finding]) -> Vec<&'static str> {
    let mut codes: Vec<&str> = found.iter().map(|finding| finding.lint.code()).collect();
    codes.dedup();
    codes
}

const HR: &str = r#"{"path":"/HR/**","allow":{"group":"HR"}}"#;

/// Rules that have it, and rules that are fine.
#[test]
fn each_once_and_its_twin() {
    let rule = |path: &str, what: &str| format!(r#"{{"path":"{path}",{what}}}"#);
    let hr = |what: &str| format!("{HR},{what}");
    let table: &[(&str, String, String)] = &[
        (
            "never-decides",
            hr(
                r#"{"path":"/HR/x","allow":{"group":"IT"}},{"path":"/HR/x","methods":["GET"],"allow":{"group":"HR"}},{"path":"/café","public":true}"#,
            ),
            hr(
                r#"{"path":"/HR/x","methods":["GET"],"allow":{"group":"HR"}},{"path":"/cafe","public":true}"#,
            ),
        ),
        (
            "shadowed-by-deny",
            hr(r#"{"path":"/HR","deny":true}"#),
            hr(r#"{"path":"/HR","deny":{"group":"Guests"}}"#),
        ),
        (
            "shadowed-by-deny",
            hr(
                r#"{"path":"/**","deny":{"not":{"group":"IT"}}},{"path":"/x","allow":{"not":{"group":"IT"}}}"#,
            ),
            hr(r#"{"path":"/HR/x","deny":{"not":{"group":"IT"}}}"#),
        ),
        (
            "lets-nobody-in",
            rule("/HR/**", r#""allow":{"all":[{"group":"HR"},{"not":{"group":["HR","IT"]}}]}"#),
            rule("/HR/**", r#""allow":{"all":[{"group":["HR","IT"]},{"not":{"group":"HR"}}]}"#),
        ),
        (
            "denies-nobody",
            hr(r#"{"path":"/HR/**","deny":{"all":["signed-in",{"not":"signed-in"}]}}"#),
            hr(r#"{"path":"/HR/**","deny":{"all":["signed-in",{"group":"Guests"}]}}"#),
        ),
        ("duplicate", hr(HR), hr(r#"{"path":"/HR/**","allow":{"group":"IT"}}"#)),
        ("group-unknown", rule("/HR/**", r#""allow":{"group":"H R"}"#), HR.to_owned()),
        (
            "opens-what-parent-closes",
            hr(r#"{"path":"/HR/list/**","allow":{"group":"IT"}}"#),
            hr(r#"{"path":"/HR/list/**","allow":{"all":[{"group":"HR"},{"group":"IT"}]}}"#),
        ),
        (
            "opens-what-parent-closes",
            hr(r#"{"path":"/HR/list/**","allow":{"group":"IT"}}"#),
            r#"{"path":"/HR/**","allow":{"group":["HR","IT"]}},{"path":"/HR/list","methods":["POST"],"allow":{"group":"HR"}}"#.to_owned(),
        ),
        (
            "opens-what-parent-closes",
            hr(r#"{"path":"/HR/list/**","public":true}"#),
            r#"{"path":"/**","allow":"signed-in"},{"path":"/list/**","public":true}"#.to_owned(),
        ),
        (
            "public-above-restricted",
            r#"{"path":"/docs/**","public":true},{"path":"/docs/HR/**","allow":{"group":"HR"}}"#
                .to_owned(),
            r#"{"path":"/docs/*","public":true},{"path":"/docs/HR/**","deny":true}"#.to_owned(),
        ),
        (
            "below-is-open",
            r#"{"path":"/**","allow":"signed-in"},{"path":"/HR/*","allow":{"group":"HR"}}"#
                .to_owned(),
            r#"{"path":"/**","allow":"signed-in"},{"path":"/HR/**","allow":{"group":"HR"}}"#
                .to_owned(),
        ),
        (
            "below-is-open",
            r#"{"path":"/**","allow":"signed-in"},{"path":"/admin","allow":{"group":"IT"}}"#
                .to_owned(),
            r#"{"path":"/**","allow":{"group":"IT"}},{"path":"/admin","allow":{"group":"IT"}}"#
                .to_owned(),
        ),
        (
            "case-twin",
            hr(r#"{"path":"/hr/list","allow":{"group":"HR"}}"#),
            hr(r#"{"path":"/HR/list","allow":{"group":"HR"}}"#),
        ),
        (
            "group-twin",
            rule("/HR/**", r#""allow":{"group":["HR","hr"]}"#),
            rule("/HR/**", r#""allow":{"group":["HR","IT"]}"#),
        ),
        (
            "until-passed",
            rule("/HR/**", r#""allow":{"group":"HR"},"until":"2001-01-01""#),
            rule("/HR/**", r#""allow":{"group":"HR"},"until":"2999-01-01""#),
        ),
        (
            "everyone",
            rule("/**", r#""allow":"signed-in""#),
            rule("/**", r#""allow":{"group":"Staff"}"#),
        ),
        (
            "report-only",
            hr(r#"{"path":"/HR/**","deny":{"group":"Guests"},"mode":"report"}"#),
            hr(r#"{"path":"/HR/**","deny":{"group":"Guests"}}"#),
        ),
    ];
    for (code, wrong, fine) in table {
        let (wrong_found, fine_found) = (found(wrong, EXPECT), found(fine, EXPECT));
        assert!(codes(&wrong_found).contains(code), "{code}: {wrong_found:#?}");
        assert!(!codes(&fine_found).contains(code), "{code}: {fine_found:#?}");
    }
    let tested: BTreeSet<&str> = table.iter().map(|(code, ..)| *code).collect();
    let elsewhere = [
        "preflights-tell",
        "cors-other-site",
        "no-expectations",
        "unused-set",
        "not-compared",
        "host-without-document",
    ];
    for lint in Lint::ALL {
        assert!(
            tested.contains(lint.code()) || elsewhere.contains(&lint.code()),
            "{}",
            lint.code()
        );
    }
}

#[test]
fn no_expectations() {
    assert_eq!(codes(&found(HR, "")), ["no-expectations"]);
    assert_eq!(codes(&found(HR, EXPECT)), [] as [&str; 0]);
}

#[test]
fn unused_set() {
    let sets = |names: &str| format!(r#"{EXPECT},"sets":{{{names}}}"#);
    let rule = r#"{"path":"/x","allow":{"set":"staff"}}"#;
    let staff = r#""staff":{"any":[{"group":"HR"},{"set":"it"}]},"it":{"group":"IT"}"#;
    assert_eq!(codes(&found(rule, &sets(staff))), [] as [&str; 0]);
    let more = found(rule, &sets(&format!(r#"{staff},"old":{{"group":"HR"}}"#)));
    assert_eq!(codes(&more), ["unused-set"]);
    assert_eq!(more[0].pointers, ["/sets/old"]);
}

/// With many facts not every combination is gone through, and nothing is said that was not seen.
#[test]
fn not_compared() {
    let all: Vec<String> =
        (0..12).map(|n| format!(r#"{{"attribute":{{"name":"a","value":"{n}"}}}}"#)).collect();
    let all = all.join(",");
    let rule = format!(r#"{{"path":"/x","allow":{{"all":[{all}]}}}}"#);
    assert_eq!(codes(&found(&rule, EXPECT)), ["not-compared"]);
    let rule = format!(r#"{{"path":"/x","allow":{{"any":[{all}]}}}}"#);
    assert_eq!(codes(&found(&rule, EXPECT)), [] as [&str; 0]);
}

#[test]
fn the_rules_concerned_are_named() {
    let rules = format!(r#"{HR},{{"path":"/HR","deny":true}}"#);
    let found = found(&rules, EXPECT);
    assert_eq!(found[0].pointers, ["/rules/0", "/rules/1"]);
    assert_eq!(found[0].detail, "/HR/**");
}

#[test]
fn the_example_is_clean() {
    for file in ["policies/intranet.json", "demo/policy.json"] {
        let text = std::fs::read_to_string(file).unwrap();
        let policy = vestibule::policy::Policy::from_json(&text).unwrap();
        let found = lint(&policy, NOW, None);
        assert!(found.iter().all(|one| one.lint == Lint::Everyone), "{file}: {found:#?}");
    }
}

#[test]
fn what_a_document_says_of_scripts() {
    let answer = |origin: &str, more: &str| {
        format!(r#"{EXPECT},"cors":{{"origins":["https://{origin}"]{more}}}"#)
    };
    let hides = r#","hide_refused":true"#;
    let cookies = r#","credentials":true"#;
    for (more, expected) in [
        (format!(r#"{EXPECT},"cors":"pass""#), None),
        (format!(r#"{EXPECT}{hides}"#), None),
        (format!(r#"{EXPECT}{hides},"cors":"pass""#), Some("preflights-tell")),
        (format!("{}{hides}", answer("spa.example.com", cookies)), None),
        (answer("spa.example.com:8443", cookies), None),
        (answer("spa.example.org", cookies), Some("cors-other-site")),
        (answer("spa.example.org", ""), None),
    ] {
        let found = found(HR, &more);
        assert_eq!(codes(&found), expected.into_iter().collect::<Vec<_>>(), "{more}");
    }
}
