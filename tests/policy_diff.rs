//! Who gains and who loses, from one document to another.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;

use common::{NOW, Random, get, member, policy_with};
use vestibule::policy::{Difference, Policy, RegionMoved, Verdict, diff};

fn policy(rules: &str) -> Policy {
    let document = format!(
        r#"{{ "name": "T", "hosts": ["a.example.com"], "sign_in": {{ "idps": ["main"] }},
            "sets": {{ "staff": {{ "group": ["HR", "IT"] }} }}, "rules": [{rules}] }}"#
    );
    Policy::from_json(&document).unwrap()
}

fn compared(old: &str, new: &str) -> Difference {
    diff(&policy(old), &policy(new), 1_000)
}

/// One line a region: `paths methods + who gains - who loses`.
fn lines(difference: &Difference) -> Vec<String> {
    let line = |moved: &RegionMoved| {
        let methods = moved.methods.iter().map(|methods| format!(" [{methods}]"));
        let gains = moved.gains.iter().map(|who| format!(" + {who}"));
        let loses = moved.loses.iter().map(|who| format!(" - {who}"));
        let parts: String = methods.chain(gains).chain(loses).collect();
        format!("{}{parts}", moved.paths)
    };
    difference.regions.iter().map(line).collect()
}

const ALL: &str = r#"{ "path": "/**", "allow": "signed-in" }"#;
const HR: &str = r#"{ "path": "/HR/**", "allow": { "group": "HR" } }"#;

#[test]
fn it_says_who_gains_and_who_loses() {
    let staff = r#"{ "path": "/HR/**", "allow": { "set": "staff" } }"#;
    let denied = r#"{ "path": "/HR/**", "deny": { "group": "Guests" } }"#;
    let others = r#"{ "path": "/HR/**", "allow": { "not": { "group": "Guests" } } }"#;
    let read = r#"{ "path": "/HR/**", "methods": ["GET"], "allow": { "group": "HR" } }"#;
    let public = r#"{ "path": "/HR/**", "public": true }"#;
    let both = r#"{ "path": "/HR/**", "allow": { "all": [{ "group": "HR" }, { "ip": "192.0.2.0/24" }] } }"#;
    let below = r#"{ "path": "/HR/*/photo", "allow": "signed-in" }"#;
    let moved = r#"{ "path": "/Staff/**", "allow": { "group": "HR" } }"#;
    let until =
        r#"{ "path": "/HR/**", "allow": { "group": "HR" }, "until": "1970-01-01T00:00:01Z" }"#;
    let table: &[(&str, String, &[&str])] = &[
        ("nothing", HR.into(), &[]),
        ("another group too", staff.into(), &["/HR/** + in group IT"]),
        ("a rule less", String::new(), &["/HR/** - in group HR"]),
        ("a deny", format!("{HR},{denied}"), &["/HR/** - in group HR and in group Guests"]),
        (
            "all but some",
            others.into(),
            &[
                "/HR/** + everybody who signs in; but not in group Guests - in group HR and in group Guests",
            ],
        ),
        ("reading only", read.into(), &["/HR/** [other than GET] - in group HR"]),
        ("public", public.into(), &["/HR/** + everybody, without a sign-in"]),
        ("from one network", both.into(), &["/HR/** - in group HR; but not from 192.0.2.0"]),
        ("a path below", format!("{HR},{below}"), &["/HR/other/photo + everybody who signs in"]),
        ("another place", moved.into(), &["/HR/** - in group HR", "/Staff/** + in group HR"]),
        ("a date that passed", until.into(), &["/HR/** - in group HR"]),
    ];
    for (what, new, expected) in table {
        let difference = compared(HR, new);
        let mut found = lines(&difference);
        found.sort_unstable();
        assert_eq!(found, *expected, "{what}");
        assert!(difference.complete, "{what}");
        assert_eq!(difference.is_empty(), expected.is_empty(), "{what}");
    }
}

#[test]
fn other_words_for_the_same_are_no_difference() {
    let one = r#"{ "path": "/HR/**", "allow": { "group": ["IT", "HR"] } }"#;
    let two = r#"{ "path": "/HR", "allow": { "group": "HR" } },
        { "path": "/HR", "allow": { "group": "IT" } },
        { "path": "/HR/**", "allow": { "set": "staff" } }"#;
    assert!(compared(one, two).is_empty());
    let deny = r#"{ "path": "/HR", "deny": true }"#;
    assert!(compared("", &format!("{deny},{ALL}")).regions.iter().all(|r| !r.paths.contains("HR")));
}

#[test]
fn a_letter_that_counts_no_longer_opens_the_other_spelling() {
    let old = policy(HR);
    let new = format!(
        r#"{{ "name": "T", "hosts": ["a.example.com"], "ignore_case": true,
            "sign_in": {{ "idps": ["main"] }},
            "rules": [{HR}, {{ "path": "/hr/new", "allow": "signed-in" }}] }}"#
    );
    let new = Policy::from_json(&new).unwrap();
    let found = lines(&diff(&old, &new, 1_000));
    assert!(found.contains(&"/hr/** + in group HR".to_owned()), "{found:?}");
    assert!(found.contains(&"/HR/new + everybody who signs in".to_owned()), "{found:?}");
}

#[test]
fn expectations_of_both_are_asked() {
    let with = |rules: &str, expect: &str| {
        let document = format!(
            r#"{{ "name": "T", "hosts": ["a.example.com"], "sign_in": {{ "idps": ["main"] }},
                "rules": [{rules}], "expect": [{expect}] }}"#
        );
        Policy::from_json(&document).unwrap()
    };
    let old = with(HR, r#"{ "as": { "groups": ["HR"] }, "get": "/HR", "then": "allow" }"#);
    let new = with(
        "",
        r#"{ "as": { "groups": ["HR"] }, "get": "/HR", "then": "deny" },
           { "get": "/HR/x", "then": "deny" }, { "get": "/", "then": "deny" }"#,
    );
    let found: Vec<String> = diff(&old, &new, 1_000)
        .expectations
        .iter()
        .map(|moved| format!("{}: {} to {}", moved.case, moved.old, moved.new))
        .collect();
    assert_eq!(found, ["somebody GET /HR: allow to deny", "nobody GET /HR/x: sign-in to deny"]);
}

fn random_condition(random: &mut Random, depth: usize) -> String {
    let group = random.pick(&["HR", "IT", "Guests"]);
    match random.below(if depth == 0 { 2 } else { 5 }) {
        0 => r#""signed-in""#.to_owned(),
        1 => format!(r#"{{"group":"{group}"}}"#),
        2 => format!(r#"{{"not":{}}}"#, random_condition(random, depth - 1)),
        at => {
            let parts = [random_condition(random, depth - 1), random_condition(random, depth - 1)];
            format!(r#"{{"{}":[{}]}}"#, ["any", "all"][at - 3], parts.join(","))
        }
    }
}

fn random_rules(random: &mut Random) -> String {
    let rule = |random: &mut Random| {
        let mut path: String =
            (0..random.below(3)).map(|_| format!("/{}", random.pick(&["a", "b", "*"]))).collect();
        path.push_str(if path.is_empty() || random.chance(2) { "/**" } else { "" });
        let condition = random_condition(random, 2);
        let effect = match random.below(6) {
            0 => r#""public":true"#.to_owned(),
            1 => format!(r#""deny":{condition}"#),
            _ => format!(r#""allow":{condition}"#),
        };
        format!(r#"{{"path":"{path}",{effect}}}"#)
    };
    (0..1 + random.below(4)).map(|_| rule(random)).collect::<Vec<_>>().join(",")
}

/// It finds a difference where, and only where, somebody is answered differently on some path.
#[test]
fn it_agrees_with_asking_for_every_path_and_everybody() {
    let mut random = Random(11);
    let names = ["a", "b", "c"];
    let mut paths = vec!["/".to_owned()];
    for depth in 0..3 {
        let longest: Vec<String> = paths
            .iter()
            .filter(|path| path.matches('/').count() == depth.max(1))
            .cloned()
            .collect();
        for path in longest {
            paths.extend(names.map(|name| format!("{}/{name}", path.trim_end_matches('/'))));
        }
    }
    let people: Vec<_> = (0..8)
        .map(|bits| {
            let all = ["HR", "IT", "Guests"];
            let groups: Vec<&str> =
                (0..3).filter(|at| bits >> at & 1 == 1).map(|at| all[at]).collect();
            member(&groups)
        })
        .collect();
    let mut different = 0;
    for _ in 0..3_000 {
        let (old, mut new) = (random_rules(&mut random), random_rules(&mut random));
        if random.chance(2) {
            new = format!("{old},{new}");
        }
        let (was, is) = (policy_with(&old, ""), policy_with(&new, ""));
        let allows = |policy, path: &str, who| get(policy, path, who).verdict == Verdict::Allow;
        let moved = paths.iter().any(|path| {
            let mut who = people.iter().map(Some).chain([None]);
            who.any(|who| allows(&was, path, who) != allows(&is, path, who))
        });
        let found = diff(&was, &is, NOW);
        assert_eq!(!found.is_empty(), moved, "{old}\n{new}\n{found:#?}");
        different += usize::from(moved);
    }
    assert!((1_000..2_800).contains(&different), "{different}");
}
