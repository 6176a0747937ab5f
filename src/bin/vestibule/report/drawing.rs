//! Counts as shapes. Lengths are in the units of the drawing's `viewBox`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use vestibule::policy::Policy;

use super::counts::{Answers, Counts};

/// Width of every drawing.
pub const WIDTH: u64 = 720;
/// Height of the columns.
pub const HEIGHT: u64 = 120;
/// People that are drawn, those with the most requests first.
const PEOPLE: usize = 40;
/// The lightest shade of the rows of people, in tenths …
const LIGHTEST: u64 = 2;
/// … and how many darker ones there are.
const DARKER: u64 = 7;

/// One host, ready to be written.
pub struct Section {
    pub host: String,
    pub answers: Answers,
    pub first: String,
    pub last: String,
    pub busiest: u64,
    pub days: Vec<Column>,
    pub rules: Vec<Bar>,
    pub codes: Vec<Bar>,
    pub people: People,
    /// Where a document was given: the rules that decided nothing.
    pub unused: Option<Vec<(String, String)>>,
}

/// A bar of up to three parts.
pub struct Bar {
    pub label: String,
    pub count: u64,
    pub answers: Answers,
    /// Allowed, sent to sign in, refused: where each begins, and its width.
    pub parts: [(u64, u64); 3],
}

/// A day.
pub struct Column {
    pub day: String,
    pub x: u64,
    pub width: u64,
    pub answers: Answers,
    /// Allowed, sent to sign in, refused: where each begins from above, and its height.
    pub parts: [(u64, u64); 3],
}

/// Who asked how often on which day.
pub struct People {
    pub rows: Vec<Person>,
    /// Those that are not drawn.
    pub more: usize,
}

/// One row.
pub struct Person {
    pub name: String,
    pub count: u64,
    pub cells: Vec<Cell>,
}

/// One person on one day.
pub struct Cell {
    pub day: String,
    pub count: u64,
    pub x: u64,
    pub width: u64,
    pub shade: u64,
}

impl Section {
    pub fn new(host: String, counts: &Counts, policy: Option<&Policy>) -> Self {
        let days = days(counts);
        Section {
            host,
            answers: counts.answers,
            first: days.first().cloned().unwrap_or_default(),
            last: days.last().cloned().unwrap_or_default(),
            busiest: counts.days.values().map(Answers::all).max().unwrap_or_default(),
            rules: rules(counts),
            codes: codes(counts),
            people: people(counts, &days),
            unused: policy.map(|policy| counts.unused(policy)),
            days: columns(counts, &days),
        }
    }
}

/// Every day from the first to the last, those without a request too.
fn days(counts: &Counts) -> Vec<String> {
    let day = |text: Option<&String>| text?.parse::<NaiveDate>().ok();
    let (first, last) = (day(counts.days.keys().next()), day(counts.days.keys().next_back()));
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    first.iter_days().take_while(|day| *day <= last).map(|day| day.to_string()).collect()
}

/// `count` of `most`, of a length.
fn share(count: u64, most: u64, length: u64) -> u64 {
    let share = count.saturating_mul(length).checked_div(most).unwrap_or_default();
    // What there is must be seen.
    if count > 0 { share.max(2) } else { 0 }
}

fn parts(answers: &Answers, most: u64, length: u64) -> [(u64, u64); 3] {
    let mut at = 0_u64;
    [answers.allowed, answers.sign_in, answers.refused].map(|count| {
        let part = (at, share(count, most, length));
        at = at.saturating_add(part.1);
        part
    })
}

fn rules(counts: &Counts) -> Vec<Bar> {
    let most = counts.rules.values().map(Answers::all).max().unwrap_or_default();
    let bar = |(rule, answers): (&Option<String>, &Answers)| Bar {
        label: rule.clone().unwrap_or_else(|| "no rule".to_owned()),
        count: answers.all(),
        answers: *answers,
        parts: parts(answers, most, WIDTH),
    };
    by_count(counts.rules.iter().map(bar).collect())
}

fn codes(counts: &Counts) -> Vec<Bar> {
    let most = counts.codes.values().copied().max().unwrap_or_default();
    let bar = |(code, count): (&String, &u64)| {
        let answers = Answers { refused: *count, ..Answers::default() };
        let parts = parts(&answers, most, WIDTH);
        Bar { label: code.clone(), count: *count, answers, parts }
    };
    by_count(counts.codes.iter().map(bar).collect())
}

fn by_count(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
    bars
}

/// Where the nth of several begins, and its width.
fn place(at: usize, of: usize) -> (u64, u64) {
    let (at, of) = (at as u64, of as u64);
    let edge = |n: u64| n.saturating_mul(WIDTH).checked_div(of).unwrap_or_default();
    let (begins, ends) = (edge(at), edge(at.saturating_add(1)));
    let gap = u64::from(ends.saturating_sub(begins) > 3);
    (begins, ends.saturating_sub(begins).saturating_sub(gap).max(1))
}

fn columns(counts: &Counts, days: &[String]) -> Vec<Column> {
    let most = counts.days.values().map(Answers::all).max().unwrap_or_default();
    let column = |(at, day): (usize, &String)| {
        let answers = counts.days.get(day).copied().unwrap_or_default();
        let (x, width) = place(at, days.len());
        // From below.
        let parts = parts(&answers, most, HEIGHT);
        let parts = parts
            .map(|(from, height)| (HEIGHT.saturating_sub(from).saturating_sub(height), height));
        Column { day: day.clone(), x, width, answers, parts }
    };
    days.iter().enumerate().map(column).collect()
}

fn people(counts: &Counts, days: &[String]) -> People {
    let total = |of: &BTreeMap<String, u64>| of.values().sum::<u64>();
    let mut all: Vec<_> = counts.people.iter().collect();
    all.sort_by_key(|(_, of)| std::cmp::Reverse(total(of)));
    let more = all.len().saturating_sub(PEOPLE);
    all.truncate(PEOPLE);
    let most = all.iter().flat_map(|(_, of)| of.values()).copied().max().unwrap_or_default();
    let row = |(name, of): (&String, &BTreeMap<String, u64>)| {
        let cell = |(at, day): (usize, &String)| {
            let count = of.get(day).copied().unwrap_or_default();
            let (x, width) = place(at, days.len());
            let darker = count.saturating_mul(DARKER).div_ceil(most.max(1));
            let shade = darker.saturating_add(LIGHTEST);
            Cell { day: day.clone(), count, x, width, shade }
        };
        let cells = days.iter().enumerate().map(cell).filter(|cell| cell.count > 0).collect();
        Person { name: name.clone(), count: total(of), cells }
    };
    People { rows: all.into_iter().map(row).collect(), more }
}
