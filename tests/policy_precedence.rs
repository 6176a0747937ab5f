//! The six sentences: who speaks for a path.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{NOW, ask, get, member, policy};
use vestibule::policy::{CanonicalPath, Decision, Request, Role, Verdict, decide};
use vestibule::refusals::Refusal;

use Verdict::{Allow, Deny, SignIn};

#[test]
fn patterns_cover_whole_segments() {
    let table: &[(&str, &[&str], &[&str])] = &[
        (
            "/HR/**",
            &["/HR", "/HR/", "/HR/a", "/HR/a/b/", "//HR//a", "/%48R"],
            &["/HRX", "/", "/hr"],
        ),
        ("/HR", &["/HR", "/HR/"], &["/HR/a", "/"]),
        ("/", &["/", "//"], &["/a"]),
        ("/**", &["/", "/a", "/a/b"], &[]),
        ("/*", &["/a", "/b/"], &["/", "/a/b"]),
        ("/*/**", &["/a", "/a/b/c"], &["/"]),
        ("/a/*/c", &["/a/b/c", "/a/c/c/"], &["/a/c", "/a/b/b/c", "/a/b/d"]),
        ("/café", &["/caf%C3%A9", "/caf%c3%a9"], &["/cafe"]),
        ("/caf%C3%A9", &["/caf%C3%A9"], &[]),
        ("/a b", &["/a%20b"], &["/ab"]),
        ("/a@b", &["/a@b", "/a%40b"], &[]),
        ("/%2A", &["/*", "/%2a"], &["/a"]),
        ("/100%25", &["/100%25"], &[]),
    ];
    for (pattern, covered, others) in table {
        let policy = policy(&format!(r#"{{"path":"{pattern}","allow":"signed-in"}}"#));
        for path in *covered {
            assert_eq!(get(&policy, path, Some(&member(&[]))).verdict, Allow, "{pattern} {path}");
        }
        for path in *others {
            assert_eq!(get(&policy, path, Some(&member(&[]))).verdict, Deny, "{pattern} {path}");
        }
    }
}

#[test]
fn most_specific_speaks_alone() {
    let policy = policy(
        r#"{"path":"/**","allow":{"group":"all"}}, {"path":"/*/x","allow":{"group":"star"}},
           {"path":"/a/**","allow":{"group":"a"}}, {"path":"/a","allow":{"group":"a-itself"}},
           {"path":"/*/b/c","allow":{"group":"deep"}}, {"path":"/t/**","public":true},
           {"path":"/t/t/**","allow":{"group":"t"}}, {"path":"/t/t/t","public":true}"#,
    );
    let table = [
        ("/", "all"),
        ("/z/y", "all"),
        ("/z/x", "star"),
        ("/a/x", "a"),
        ("/a/b/c", "a"),
        ("/z/b/c", "deep"),
        ("/z/b", "all"),
        ("/a", "a-itself"),
        ("/a/", "a-itself"),
        ("/t/t/u", "t"),
    ];
    for (path, group) in table {
        for other in ["all", "star", "a", "a-itself", "deep", "t"] {
            let found = get(&policy, path, Some(&member(&[other]))).verdict;
            assert_eq!(found == Allow, other == group, "{path} {other}");
        }
    }
    for path in ["/t", "/t/x", "/t/t/t"] {
        assert_eq!(get(&policy, path, None).verdict, Allow, "{path}");
    }
}

#[test]
fn one_allow_of_a_pattern_is_enough() {
    let policy = policy(
        r#"{"path":"/a/**","allow":{"group":"x"}}, {"path":"/a/**","allow":{"group":"y"}},
           {"path":"/p","public":true}, {"path":"/p","allow":{"group":"x"}}"#,
    );
    for (groups, verdict) in [(&["x"], Allow), (&["y"], Allow), (&["z"], Deny)] {
        assert_eq!(get(&policy, "/a", Some(&member(groups))).verdict, verdict, "{groups:?}");
    }
    assert_eq!(get(&policy, "/p", None).verdict, Allow);
}

#[test]
fn deny_speaks_for_its_subtree_and_wins() {
    let policy = policy(
        r#"{"path":"/**","allow":"signed-in"}, {"path":"/a","deny":true,"why":"Closed"},
           {"path":"/a/b/**","allow":"signed-in"}, {"path":"/p/**","public":true},
           {"path":"/p/*/q/**","deny":{"group":"guests"}}"#,
    );
    let ann = member(&[]);
    for path in ["/a", "/a/", "/a/b", "/a/b/c"] {
        let found = get(&policy, path, Some(&ann));
        assert_eq!((found.verdict, found.refusal), (Deny, Some(Refusal::Denied)), "{path}");
        assert_eq!((found.rule.as_deref(), found.why.as_deref()), (Some("/a"), Some("Closed")));
        assert_eq!(get(&policy, path, None).verdict, Deny, "certain before sign-in: {path}");
    }
    assert_eq!(get(&policy, "/ab", Some(&ann)).verdict, Allow);
    assert_eq!(get(&policy, "/p/x/q/r", None).verdict, SignIn, "depends on who asks");
    assert_eq!(get(&policy, "/p/x/q/r", Some(&ann)).verdict, Allow);
    assert_eq!(get(&policy, "/p/x/q/r", Some(&member(&["guests"]))).verdict, Deny);
    assert_eq!(get(&policy, "/p/x", None).verdict, Allow);
}

#[test]
fn a_rule_that_names_the_method_beats_one_that_does_not() {
    let policy = policy(
        r#"{"path":"/a/**","allow":"signed-in"},
           {"path":"/a/**","methods":["POST","DELETE"],"allow":{"group":"editors"}},
           {"path":"/a/b","methods":["PUT"],"allow":{"group":"none"}},
           {"path":"/g","methods":["GET"],"allow":"signed-in"},
           {"path":"/d/**","allow":"signed-in"}, {"path":"/d","methods":["DELETE"],"deny":true}"#,
    );
    let table = [
        ("GET", "/a", &[][..], Allow),
        ("POST", "/a", &[], Deny),
        ("post", "/a", &[], Deny),
        ("POST", "/a", &["editors"], Allow),
        ("DELETE", "/a/x", &["editors"], Allow),
        ("PUT", "/a/b", &["editors"], Deny),
        ("POST", "/a/b", &[], Deny),
        ("GET", "/a/b", &[], Allow),
        ("HEAD", "/g", &[], Allow),
        ("POST", "/g", &[], Deny),
        ("DELETE", "/d/x", &[], Deny),
        ("GET", "/d/x", &[], Allow),
    ];
    for (method, path, groups, verdict) in table {
        let found = ask(&policy, method, path, Some(&member(groups)));
        assert_eq!(found.verdict, verdict, "{method} {path} {groups:?}");
    }
}

#[test]
fn nothing_matches_nothing_is_allowed() {
    let found = get(&policy(""), "/", Some(&member(&["admins"])));
    assert_eq!((found.verdict, found.refusal), (Deny, Some(Refusal::NotAllowed)));
    assert_eq!((found.rule, found.considered.len()), (None, 0));
    assert_eq!(get(&policy(""), "/", None).verdict, Deny, "a sign-in would not help");
}

/// Servers that cut `;parameters` must not be a way around a rule.
#[test]
fn parameters_are_judged_with_and_without() {
    let policy = policy(
        r#"{"path":"/**","allow":"signed-in"}, {"path":"/HR/**","allow":{"group":"HR"}},
           {"path":"/x/**","deny":true}"#,
    );
    for path in ["/HR;a/p", "/HR;a=b;c/p", "/;x/HR/p", "/HR%3Ba/p", "/HR;/p", "/x;y", "/;/x/z"] {
        assert_eq!(get(&policy, path, Some(&member(&[]))).verdict, Deny, "{path}");
    }
    assert_eq!(get(&policy, "/HR;a/p", Some(&member(&["HR"]))).verdict, Allow);
    assert_eq!(get(&policy, "/IT;a/p", Some(&member(&[]))).verdict, Allow);
}

#[test]
fn public_rules_cover_plain_paths_only() {
    let policy =
        policy(r#"{"path":"/**","allow":"signed-in"}, {"path":"/assets/**","public":true}"#);
    for path in ["/assets", "/assets/", "/assets/a-b_c.d~e/f.css", "/assets/%61"] {
        assert_eq!(get(&policy, path, None).verdict, Allow, "{path}");
    }
    for path in ["/assets/a%23b", "/assets/a%3Fb", "/assets/a;b", "/assets/a@b", "/assets/%C3%A9"] {
        let found = get(&policy, path, None);
        assert_eq!(found.verdict, SignIn, "{path}");
        assert!(found.considered.iter().any(|rule| rule.role == Role::NotPlain), "{path}");
        assert_eq!(get(&policy, path, Some(&member(&[]))).verdict, Allow, "{path}");
    }
}

/// Only `public` opens without a sign-in, however true an allow is.
#[test]
fn allow_asks_for_a_person() {
    let policy = policy(r#"{"path":"/**","allow":{"not":{"country":"KP"}}}"#);
    let path = CanonicalPath::parse("/").unwrap();
    let request = Request { country: Some("DE"), ..Request::new("GET", &path, NOW) };
    assert!(matches!(decide(&policy, &request, None), Decision::SignIn(_)));
    let request = Request { country: Some("KP"), ..request };
    assert!(matches!(decide(&policy, &request, None), Decision::Refused(_)));
}

/// A rule that has run out still speaks: the wider one must not open what it guarded.
#[test]
fn until() {
    let policy = policy(
        r#"{"path":"/**","allow":"signed-in"},
           {"path":"/past/**","allow":"signed-in","until":"2027-01-14"},
           {"path":"/today/**","allow":"signed-in","until":"2027-01-15"},
           {"path":"/past-second","allow":"signed-in","until":"2027-01-15T09:00:00+01:00"},
           {"path":"/next-second","allow":"signed-in","until":"2027-01-15T08:00:01Z"},
           {"path":"/open","public":true,"until":"2027-01-14"}"#,
    );
    // NOW is 2027-01-15T08:00:00Z.
    let table =
        [("/past", Deny), ("/today", Allow), ("/past-second", Deny), ("/next-second", Allow)];
    for (path, verdict) in table {
        assert_eq!(get(&policy, path, Some(&member(&[]))).verdict, verdict, "{path}");
    }
    assert_eq!(get(&policy, "/past", None).verdict, Deny, "a sign-in would not help");
    assert_eq!(get(&policy, "/open", None).verdict, Deny);
}

#[test]
fn report_mode_is_decided_and_not_enforced() {
    let policy = policy(
        r#"{"path":"/**","allow":"signed-in"},
           {"path":"/a/**","allow":{"group":"a"},"mode":"report"},
           {"path":"/b/**","deny":{"group":"b"},"mode":"report"},
           {"path":"/c/**","public":true,"mode":"report"}"#,
    );
    let ann = member(&["b"]);
    let table = [
        ("/a/x", Some(&ann), Allow, Some((Deny, "/a/**"))),
        ("/b/x", Some(&ann), Allow, Some((Deny, "/b/**"))),
        ("/c/x", Some(&ann), Allow, None),
        ("/c/x", None, SignIn, Some((Allow, "/c/**"))),
        ("/d", Some(&ann), Allow, None),
    ];
    for (path, facts, verdict, reported) in table {
        let found = get(&policy, path, facts);
        assert_eq!(found.verdict, verdict, "{path}");
        let report = found.reported.map(|report| (report.verdict, report.rule.unwrap()));
        let expected = reported.map(|(verdict, rule)| (verdict, rule.to_owned()));
        assert_eq!(report, expected, "{path}");
    }
}
