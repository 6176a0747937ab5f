//! Random policies, decided by us and by a second implementation that is too simple to be wrong:
//! no index, no order of evaluation, every rule looked at for every request.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{NOW, Random, member, policy_with};
use vestibule::identity::Facts;
use vestibule::policy::{CanonicalPath, Decision, Request, Verdict, decide, explain};

#[derive(Clone)]
struct Rule {
    path: String,
    method: Option<&'static str>,
    effect: &'static str,
    condition: Condition,
    expired: bool,
    report: bool,
}

#[derive(Clone)]
enum Condition {
    Everyone,
    SignedIn,
    Group(&'static str),
    Country(&'static str),
    Recent,
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
}

struct Asked<'a> {
    method: &'a str,
    segments: Vec<String>,
    plain: bool,
    country: Option<&'static str>,
    facts: Option<&'a Facts>,
    recent: bool,
}

/// The opinions that are possible of one condition: may it hold, may it fail?
#[derive(Clone, Copy)]
struct May {
    hold: bool,
    fail: bool,
}

fn may(condition: &Condition, asked: &Asked, missing: bool) -> May {
    let sure = |holds: bool| May { hold: holds, fail: !holds };
    let person = |holds: &dyn Fn(&Facts) -> bool| match asked.facts {
        Some(facts) => sure(holds(facts)),
        None => May { hold: true, fail: true },
    };
    match condition {
        Condition::Everyone => sure(true),
        Condition::SignedIn => person(&|_| true),
        Condition::Group(name) => person(&|facts| facts.groups.iter().any(|group| group == name)),
        Condition::Recent => person(&|_| asked.recent),
        Condition::Country(code) => sure(asked.country.map_or(missing, |country| country == *code)),
        Condition::Not(part) => {
            let part = may(part, asked, !missing);
            May { hold: part.fail, fail: part.hold }
        }
        Condition::Any(parts) => {
            let parts: Vec<May> = parts.iter().map(|part| may(part, asked, missing)).collect();
            May { hold: parts.iter().any(|p| p.hold), fail: parts.iter().all(|p| p.fail) }
        }
        Condition::All(parts) => {
            let parts: Vec<May> = parts.iter().map(|part| may(part, asked, missing)).collect();
            May { hold: parts.iter().all(|p| p.hold), fail: parts.iter().any(|p| p.fail) }
        }
    }
}

fn covers(pattern: &[&str], path: &[String], subtree: bool) -> bool {
    match (pattern, path) {
        (["**"], _) => true,
        ([], []) => true,
        ([], _) => subtree,
        ([first, pattern @ ..], [name, path @ ..]) => {
            (*first == "*" || first == name) && covers(pattern, path, subtree)
        }
        (_, []) => false,
    }
}

fn split(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// Smaller is more specific; equal only for rules that speak together.
fn specificity(rule: &Rule) -> (Vec<u8>, bool) {
    let rank = |segment: &&str| match *segment {
        "**" => 2,
        "*" => 1,
        _ => 0,
    };
    (split(&rule.path).iter().map(rank).collect(), rule.method.is_none())
}

fn naive(rules: &[Rule], asked: &Asked) -> Verdict {
    let once = naive_once(rules, asked);
    if once == Verdict::Deny && asked.facts.is_some() && !asked.recent {
        let fresh = Asked { recent: true, segments: asked.segments.clone(), ..*asked };
        if naive_once(rules, &fresh) == Verdict::Allow {
            return Verdict::SignIn;
        }
    }
    once
}

fn naive_once(rules: &[Rule], asked: &Asked) -> Verdict {
    let bare = asked.segments.iter().map(|name| name.split(';').next().unwrap().to_owned());
    let bare: Vec<String> = bare.filter(|name| !name.is_empty()).collect();
    let readings = [asked.segments.clone(), bare];
    readings.iter().map(|segments| naive_reading(rules, asked, segments)).max().unwrap()
}

fn naive_reading(rules: &[Rule], asked: &Asked, segments: &[String]) -> Verdict {
    let for_method = |rule: &&Rule| rule.method.is_none_or(|method| method == asked.method);
    let rules: Vec<&Rule> = rules.iter().filter(for_method).collect();

    let denies = rules.iter().filter(|rule| rule.effect == "deny");
    let denies = denies.filter(|rule| covers(&split(&rule.path), segments, true));
    let denies: Vec<May> = denies.map(|rule| may(&rule.condition, asked, true)).collect();
    if denies.iter().any(|deny| !deny.fail) {
        return Verdict::Deny;
    }

    let opens = |rule: &&&Rule| {
        rule.effect != "deny"
            && covers(&split(&rule.path), segments, false)
            && (rule.effect != "public" || asked.plain)
    };
    let opening: Vec<&&Rule> = rules.iter().filter(opens).collect();
    let best = opening.iter().map(|rule| specificity(rule)).min();
    let speakers = opening.iter().filter(|rule| Some(specificity(rule)) == best);
    let found = speakers.map(|rule| {
        let allowed = may(&rule.condition, asked, false);
        if rule.expired || !allowed.hold {
            Verdict::Deny
        } else if rule.effect == "public" || (asked.facts.is_some() && !allowed.fail) {
            Verdict::Allow
        } else {
            Verdict::SignIn
        }
    });
    let opened = found.min().unwrap_or(Verdict::Deny);
    if denies.iter().any(|deny| deny.hold) { opened.max(Verdict::SignIn) } else { opened }
}

fn random_condition(random: &mut Random, levels: usize) -> Condition {
    let parts = |random: &mut Random| -> Vec<Condition> {
        (0..=random.below(2)).map(|_| random_condition(random, levels - 1)).collect()
    };
    match random.below(if levels == 0 { 7 } else { 10 }) {
        0 | 1 => Condition::SignedIn,
        2..=4 => Condition::Group(random.pick(&["HR", "IT"])),
        5 => Condition::Country(random.pick(&["DE", "FR"])),
        6 => Condition::Recent,
        7 => Condition::Any(parts(random)),
        8 => Condition::All(parts(random)),
        _ => Condition::Not(Box::new(random_condition(random, levels - 1))),
    }
}

fn random_rule(random: &mut Random) -> Rule {
    let mut path = String::new();
    for _ in 0..random.below(4) {
        path.push('/');
        path.push_str(random.pick(&["a", "b", "*", "*", "a%2Cb"]));
    }
    if path.is_empty() || !random.chance(3) {
        path.push_str(random.pick(&["/**", "/**", "/a"]));
    }
    let effect =
        random.pick(&["allow", "allow", "allow", "allow", "allow", "allow", "deny", "public"]);
    let condition = match effect {
        "public" => Condition::Everyone,
        "deny" if random.chance(4) => Condition::Everyone,
        _ => random_condition(random, 2),
    };
    Rule {
        // The comma is written in two ways and is one segment.
        path: path.replace("%2C", random.pick(&["%2C", ","])),
        method: if random.chance(4) { Some(random.pick(&["GET", "POST"])) } else { None },
        effect,
        condition,
        expired: effect != "deny" && random.chance(8),
        report: random.chance(8),
    }
}

fn write_condition(condition: &Condition) -> String {
    let list =
        |parts: &[Condition]| parts.iter().map(write_condition).collect::<Vec<_>>().join(",");
    match condition {
        Condition::Everyone => "true".to_owned(),
        Condition::SignedIn => r#""signed-in""#.to_owned(),
        Condition::Group(name) => format!(r#"{{"group":"{name}"}}"#),
        Condition::Country(code) => format!(r#"{{"country":"{code}"}}"#),
        Condition::Recent => r#"{"signed_in_within":"1h"}"#.to_owned(),
        Condition::Any(parts) => format!(r#"{{"any":[{}]}}"#, list(parts)),
        Condition::All(parts) => format!(r#"{{"all":[{}]}}"#, list(parts)),
        Condition::Not(part) => format!(r#"{{"not":{}}}"#, write_condition(part)),
    }
}

fn write_rule(rule: &Rule) -> String {
    let Rule { path, effect, condition, .. } = rule;
    let mut text = format!(r#"{{"path":"{path}","{effect}":{}"#, write_condition(condition));
    if let Some(method) = rule.method {
        text.push_str(&format!(r#","methods":["{method}"]"#));
    }
    if rule.expired {
        text.push_str(r#","until":"2020-01-01""#);
    }
    if rule.report {
        text.push_str(r#","mode":"report""#);
    }
    text + "}"
}

fn write_rules(rules: &[Rule]) -> String {
    rules.iter().map(write_rule).collect::<Vec<_>>().join(",")
}

#[test]
fn two_implementations_and_any_order_agree() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut seen = [0_usize; 3];
    let mut differed = 0_usize;
    for round in 0..100_000 {
        let rules: Vec<Rule> = (0..random.below(9)).map(|_| random_rule(&mut random)).collect();
        let policy = policy_with(&write_rules(&rules), "");
        let mut raw = String::new();
        for _ in 0..=random.below(4) {
            raw.push('/');
            raw.push_str(random.pick(&["a", "b", "c", "%61", "a;b", ";", "a%2Cb", "a,b", ""]));
        }
        let path = CanonicalPath::parse(&raw).unwrap();
        let decoded = path.as_str().replace("%2C", ",");
        let groups = random.pick(&[&[][..], &["HR"], &["IT"], &["HR", "IT"]]);
        let person = Facts { signed_in_at: NOW - random.pick(&[0, 7200]), ..member(groups) };
        let facts = if random.chance(3) { None } else { Some(&person) };
        let asked = Asked {
            method: random.pick(&["GET", "POST", "PUT"]),
            segments: split(&decoded).into_iter().map(str::to_owned).collect(),
            plain: !path.as_str().contains(['%', ';', ',']),
            country: random.pick(&[None, Some("DE"), Some("FR"), Some("GB")]),
            facts,
            recent: person.signed_in_at == NOW,
        };
        // The second implementation compares patterns as decoded text.
        let decode = |rule: &Rule| Rule { path: rule.path.replace("%2C", ","), ..rule.clone() };
        let all: Vec<Rule> = rules.iter().map(decode).collect();
        let enforced: Vec<Rule> = all.iter().filter(|rule| !rule.report).cloned().collect();
        let expected = naive(&enforced, &asked);
        let request = Request { country: asked.country, ..Request::new(asked.method, &path, NOW) };
        let found = explain(&policy, &request, facts);
        let context = || format!("{round}: {} {raw}\n{}", asked.method, write_rules(&rules));
        assert_eq!(found.verdict, expected, "{}\n{found:#?}", context());

        let reported = found.reported.as_ref().map_or(expected, |reported| reported.verdict);
        assert_eq!(reported, naive(&all, &asked), "report mode, {}", context());
        differed += usize::from(reported != expected);

        if facts.is_none() {
            let verdict = match decide(&policy, &request, None) {
                Decision::Forward(granted) => {
                    assert_eq!(granted.path(), &path);
                    assert!(!granted.carries_identity());
                    Verdict::Allow
                }
                Decision::SignIn(_) => Verdict::SignIn,
                Decision::Refused(_) => Verdict::Deny,
            };
            assert_eq!(verdict, expected, "decide, {}", context());
        }

        seen[expected as usize] += 1;
        if round % 4 > 0 {
            continue;
        }
        let mut shuffled = rules.clone();
        random.shuffle(&mut shuffled);
        let again = explain(&policy_with(&write_rules(&shuffled), ""), &request, facts);
        let essence = |found: &vestibule::policy::Explanation| {
            (found.verdict, found.refusal, found.rule.clone(), found.reported.clone())
        };
        assert_eq!(essence(&again), essence(&found), "order, {}", context());
    }
    assert!(seen.iter().all(|count| *count > 10_000), "{seen:?}");
    assert!(differed > 1_000, "{differed}");
}
