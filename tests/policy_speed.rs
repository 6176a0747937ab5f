//! How long a decision takes, from 10 to 100 000 rules. Run it with
//! `cargo test --release --test policy_speed -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]

mod common;

use std::hint::black_box;
use std::time::Instant;

use common::{NOW, member, policy};
use vestibule::policy::{CanonicalPath, Policy, Request, decide, explain};

fn rules(count: usize) -> Policy {
    let rule = |at: usize| match at % 10 {
        0 => format!(r#"{{"path":"/team{at}/*/reports/**","allow":{{"group":"g{at}"}}}}"#),
        1 => format!(r#"{{"path":"/team{at}/secret","deny":{{"not":{{"group":"g{at}"}}}}}}"#),
        _ => {
            format!(r#"{{"path":"/team{}/area{at}/**","allow":{{"group":"g{at}"}}}}"#, at / 10 * 10)
        }
    };
    let rules: Vec<String> = (0..count).map(rule).collect();
    policy(&rules.join(",\n"))
}

/// Best of five, in nanoseconds a call.
fn measure(mut call: impl FnMut()) -> u128 {
    const CALLS: u32 = 100_000;
    let once = |call: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..CALLS).for_each(|_| call());
        start.elapsed().as_nanos() / u128::from(CALLS)
    };
    (0..5).map(|_| once(&mut call)).min().unwrap()
}

#[test]
#[ignore = "a measurement"]
fn decision_time() {
    let groups: Vec<String> =
        (0..50).map(|at| format!("group-{at}")).chain(["g5".into()]).collect();
    let person = member(&groups.iter().map(String::as_str).collect::<Vec<_>>());
    println!("   rules  load ms  path ns  anonymous ns  explained ns");
    let mut times = Vec::new();
    for count in [10, 100, 1_000, 10_000, 100_000] {
        let start = Instant::now();
        let policy = rules(count);
        let load = start.elapsed().as_millis();
        let raw = "/team0/area5/reports/2027/march";
        let path = CanonicalPath::parse(raw).unwrap();
        let request = Request::new("GET", &path, NOW);
        let parse = measure(|| drop(black_box(CanonicalPath::parse(black_box(raw)))));
        let nobody = measure(|| drop(black_box(decide(&policy, black_box(&request), None))));
        let person =
            measure(|| drop(black_box(explain(&policy, black_box(&request), Some(&person)))));
        println!("{count:8} {load:8} {parse:8} {nobody:13} {person:13}");
        times.push(nobody);
    }
    assert!(times[4] < times[0] * 5 + 500, "it grows with the rules: {times:?}");
}
