//! What an application may make of a path: every reading of a path that is let through is let
//! through for the same person by the same policy.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use std::collections::BTreeSet;

use common::{NOW, Random, member, policy, policy_with};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use vestibule::policy::{CanonicalPath, Policy, Request, Role, Verdict, explain};
use vestibule::refusals::Refusal;

const RULES: &str = r#"
    { "path": "/packages/**", "allow": { "group": "dev" }, "allow_encoded_slash": true },
    { "path": "/packages/*/secret", "allow": { "group": "ops" } },
    { "path": "/packages/closed/**", "deny": { "not": { "group": "ops" } } },
    { "path": "/wiki/**", "allow": "signed-in" },
    { "path": "/open/**", "public": true }"#;

#[test]
fn path_encoded_slash() {
    use Verdict::{Allow, Deny, SignIn};
    let (dev, both) = (Some(&["dev"][..]), Some(&["dev", "ops"][..]));
    let slash = Some(Refusal::PathEncodedSlash);
    let table = [
        ("/packages/@a%2fb", dev, Allow, None),
        ("/packages/@a%2fb", Some(&["HR"][..]), Deny, Some(Refusal::NotAllowed)),
        ("/packages/@a%2fb", None, SignIn, None),
        ("/packages%2fb", dev, Deny, slash),
        ("/wiki/a%2fb", dev, Deny, slash),
        ("/wiki/a%2fb", None, Deny, slash),
        ("/open/a%2fb", None, Deny, slash),
        ("/nowhere/a%2fb", dev, Deny, slash),
        // As a separator it is a path of the narrower rule, which does not allow any.
        ("/packages/x%2fsecret", dev, Deny, slash),
        ("/packages/x%2fsecret", both, Deny, slash),
        ("/packages/closed%2fx", dev, Deny, Some(Refusal::Denied)),
        ("/packages/closed%2fx", both, Allow, None),
        ("/packages/closed;v=1%2fx", dev, Deny, Some(Refusal::Denied)),
    ];
    let policy = policy(RULES);
    for (raw, groups, verdict, refusal) in table {
        let path = CanonicalPath::parse(raw).unwrap();
        let facts = groups.map(member);
        let found = explain(&policy, &Request::new("GET", &path, NOW), facts.as_ref());
        assert_eq!((found.verdict, found.refusal), (verdict, refusal), "{raw} {groups:?}");
        if refusal == slash && raw.starts_with("/wiki") {
            assert_eq!(found.considered[0].role, Role::NoEncodedSlash, "{raw}");
        }
    }
}

/// Servers that cut parameters off before they decode keep a semicolon that was encoded.
#[test]
fn an_encoded_semicolon_may_be_a_part_of_a_name() {
    let policy = policy(RULES);
    for raw in ["/packages/%3bx/secret;v=1", "/packages/%3bx;v=1/secret", "/packages/x;v/secret;w"]
    {
        let path = CanonicalPath::parse(raw).unwrap();
        let dev = member(&["dev"]);
        let found = explain(&policy, &Request::new("GET", &path, NOW), Some(&dev));
        assert_eq!(found.verdict, Verdict::Deny, "{raw}");
    }
}

#[test]
fn encoded_slashes_only_for_people_who_are_known() {
    for rule in [
        r#""public":true,"allow_encoded_slash":true"#,
        r#""deny":true,"allow_encoded_slash":true"#,
        r#""allow":"signed-in","allow_encoded_slash":false"#,
    ] {
        let document = format!(
            r#"{{"name":"T","hosts":["a.example.com"],"sign_in":{{"idps":["main"]}},
                "rules":[{{"path":"/**",{rule}}}]}}"#
        );
        let faults = Policy::from_json(&document).unwrap_err();
        assert_eq!(faults[0].pointer, "/rules/0/allow_encoded_slash", "{rule}");
    }
}

#[test]
fn letters_of_either_case_are_one_where_the_document_says_so() {
    use Verdict::{Allow, Deny};
    const RULES: &str = r#"
        { "path": "/**", "allow": "signed-in" },
        { "path": "/HR/**", "allow": { "group": "HR" } },
        { "path": "/Straße", "deny": true },
        { "path": "/hr/kiosk", "allow": "signed-in" }"#;
    let table = [
        ("/HR/x", Deny, Deny),
        ("/hr/x", Allow, Deny),
        ("/%68R", Allow, Deny),
        ("/hr;a/x", Allow, Deny),
        ("/STRASSE", Allow, Deny),
        ("/stra%C5%BF%C5%BFe", Allow, Deny),
        ("/stra%E1%BA%9Ee", Allow, Deny),
        ("/HR/Kiosk", Deny, Allow),
        ("/HR/%E2%84%AAiosk", Deny, Allow),
    ];
    let (kept, ignored) = (policy(RULES), policy_with(RULES, r#","ignore_case":true"#));
    for (raw, as_written, as_one) in table {
        let path = CanonicalPath::parse(raw).unwrap();
        let request = Request::new("GET", &path, NOW);
        let verdict = |policy| explain(policy, &request, Some(&member(&["IT"]))).verdict;
        assert_eq!((verdict(&kept), verdict(&ignored)), (as_written, as_one), "{raw}");
    }
}

/// Everything that some server makes of a path.
fn readings(path: &str) -> BTreeSet<String> {
    let decoded = |path: &str| percent_decode_str(path).decode_utf8_lossy().into_owned();
    let cut = |path: &str| {
        let names = path.split('/').map(|name| name.split(';').next().unwrap_or_default());
        names.collect::<Vec<_>>().join("/")
    };
    let mut found = BTreeSet::from([path.to_owned()]);
    for _ in 0..3 {
        let next: Vec<String> = found
            .iter()
            .flat_map(|path| [decoded(path), cut(path), path.replace("//", "/")])
            .collect();
        found.extend(next);
    }
    found
}

#[test]
fn every_reading_of_what_is_let_through_is_let_through() {
    const PARTS: &[&str] = &[
        "/", "/", "/", "packages", "wiki", "open", "closed", "secret", "Secret", "CLOSED", "x",
        "@a", "%2f", "%2F", ";", ";v=1", "%3b", "%25", "%", "20", "%20", "2f", "%C3%A9", ".", "..",
        "%2e", "\\", "%61",
    ];
    let (kept, ignored) = (policy(RULES), policy_with(RULES, r#","ignore_case":true"#));
    let mut random = Random(0x51ed_270b_7f4a_7c15);
    let (mut forwarded, mut with_slash) = (0, 0);
    for _ in 0..200_000 {
        let mut raw =
            random.pick(&["/packages/", "/packages/", "/wiki/", "/open/", "/"]).to_owned();
        for _ in 0..random.below(7) {
            raw.push_str(random.pick(PARTS));
        }
        let Ok(path) = CanonicalPath::parse(&raw) else { continue };
        let groups = random.pick(&[&["dev"][..], &["ops"], &["dev", "ops"], &["HR"]]);
        let person = member(groups);
        let ignores = random.chance(2);
        let policy = if ignores { &ignored } else { &kept };
        let verdict = |path: &CanonicalPath| {
            explain(policy, &Request::new("GET", path, NOW), Some(&person)).verdict
        };
        if verdict(&path) != Verdict::Allow {
            continue;
        }
        forwarded += 1;
        with_slash += usize::from(path.as_str().contains("%2F"));
        let mut read = readings(path.as_str());
        if ignores {
            let other: Vec<String> =
                read.iter().flat_map(|path| [path.to_lowercase(), path.to_uppercase()]).collect();
            read.extend(other);
        }
        for reading in read {
            let names: Vec<String> = reading
                .split('/')
                .map(|name| utf8_percent_encode(name, NON_ALPHANUMERIC).to_string())
                .collect();
            let read = CanonicalPath::parse(&names.join("/"));
            let allowed = read.as_ref().map(&verdict);
            // What reads as an escape once more has no spelling of its own.
            let unspeakable = read.as_ref().err() == Some(&Refusal::PathDoubleEncoded);
            assert!(
                allowed == Ok(Verdict::Allow) || unspeakable,
                "{raw} is let through for {groups:?}, and not {reading}"
            );
        }
    }
    assert!(forwarded > 20_000 && with_slash > 500, "{forwarded} {with_slash}");
}
