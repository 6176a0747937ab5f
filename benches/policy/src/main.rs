//! Decision time against number of rules: ours, and Cedar's on the same questions.
//!
//! Cedar knows no path patterns. Its users write paths in two ways, and both are measured: `like`
//! over the path as a string, and `in` over a hierarchy of path entities.

mod cedar;

use std::hint::black_box;
use std::time::{Duration, Instant};

use cedar::Cedar;
use vestibule::identity::Facts;
use vestibule::policy::{CanonicalPath, Policy, Request, Verdict, Who, explain};

const NOW: i64 = 1_800_000_000;
const QUESTIONS: usize = 200;

/// Who asks for what, and whether that is allowed.
pub struct Question {
    pub groups: Vec<String>,
    pub path: String,
    pub allowed: bool,
}

fn main() {
    let rounds: usize = from_environment("ROUNDS", 5);
    let slice = Duration::from_millis(from_environment("MILLISECONDS", 200));
    println!(
        "medians of {rounds} interleaved rounds of {slice:?}, ns a decision (lowest to highest)\n"
    );
    println!(
        "{:>7} {:>8} | {:>24} | {:>32} | {:>32}",
        "rules", "load ms", "ours, with reasons", "Cedar, like", "Cedar, hierarchy"
    );
    for count in [10, 100, 1_000, 10_000, 100_000] {
        let questions = questions(count);
        let start = Instant::now();
        let ours = Ours::new(count, &questions);
        let load = start.elapsed().as_millis();
        let like = Cedar::like(count, &questions);
        let hierarchy = Cedar::hierarchy(count, &questions);
        for (at, question) in questions.iter().enumerate() {
            let answers = [ours.allows(at), like.allows(at), hierarchy.allows(at)];
            assert_eq!(answers, [question.allowed; 3], "{}", question.path);
        }
        let mut times = [vec![], vec![], vec![]];
        for _ in 0..rounds {
            times[0].push(time(slice, |at| ours.allows(at)));
            times[1].push(time(slice, |at| like.allows(at)));
            times[2].push(time(slice, |at| hierarchy.allows(at)));
        }
        let [ours, like, hierarchy] = times.map(Spread::of);
        println!(
            "{count:>7} {load:>8} | {:>24} | {:>32} | {:>32}",
            ours.to_string(),
            format!("{like}, ×{:.0}", like.median / ours.median),
            format!("{hierarchy}, ×{:.0}", hierarchy.median / ours.median)
        );
    }
}

fn from_environment<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// Every second one is allowed; each person has twenty groups.
fn questions(rules: usize) -> Vec<Question> {
    (0..QUESTIONS)
        .map(|at| {
            let rule = ((at * 7919 + 2) % rules / 10) * 10 + 2 + at % 8;
            let allowed = at % 2 == 0;
            let others = (0..20).map(|n| format!("other-{n}"));
            let groups = others.chain(allowed.then(|| format!("g{rule}"))).collect();
            let path = format!("/team{}/area{rule}/files/2027/march", rule / 10 * 10);
            Question { groups, path, allowed }
        })
        .collect()
}

/// Nanoseconds a decision.
fn time(slice: Duration, mut decide: impl FnMut(usize) -> bool) -> f64 {
    let start = Instant::now();
    let mut decisions = 0;
    while start.elapsed() < slice {
        black_box(decide(black_box(decisions % QUESTIONS)));
        decisions += 1;
    }
    start.elapsed().as_nanos() as f64 / decisions as f64
}

struct Spread {
    median: f64,
    lowest: f64,
    highest: f64,
}

impl Spread {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Spread { median: times[times.len() / 2], lowest: times[0], highest: times[times.len() - 1] }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} ({:.0} to {:.0})", self.median, self.lowest, self.highest)
    }
}

struct Ours {
    policy: Policy,
    asked: Vec<(CanonicalPath, Facts)>,
}

impl Ours {
    fn new(count: usize, questions: &[Question]) -> Self {
        let rules: Vec<String> = (0..count).map(rule).collect();
        let document = format!(
            r#"{{"name":"Bench","hosts":["a.example.com"],"sign_in":{{"idps":["main"]}},"rules":[{}]}}"#,
            rules.join(",")
        );
        let policy = Policy::from_json(&document).expect("a policy");
        let asked = questions.iter().map(|question| {
            let path = CanonicalPath::parse(&question.path).expect("a path");
            let facts =
                Facts { groups: question.groups.clone(), signed_in_at: NOW, ..Facts::default() };
            (path, facts)
        });
        Ours { asked: asked.collect(), policy }
    }

    /// The decision with its reasons, which costs more than the bare one.
    fn allows(&self, at: usize) -> bool {
        let (path, facts) = &self.asked[at];
        let request = Request::new("GET", path, NOW);
        explain(&self.policy, &request, Who::Person(facts)).verdict == Verdict::Allow
    }
}

fn rule(at: usize) -> String {
    let team = at / 10 * 10;
    match at % 10 {
        0 => format!(r#"{{"path":"/team{at}/*/reports/**","allow":{{"group":"g{at}"}}}}"#),
        1 => format!(r#"{{"path":"/team{team}/secret","deny":{{"not":{{"group":"g{at}"}}}}}}"#),
        _ => format!(r#"{{"path":"/team{team}/area{at}/**","allow":{{"group":"g{at}"}}}}"#),
    }
}
