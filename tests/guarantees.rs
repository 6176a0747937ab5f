//! docs/guarantees.md against the tests: every class and rule has one, every link leads to it, and
//! no test of an attack is left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;
use std::path::Path;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The rows of the page's tables: their first cell, and the tests that they link to.
fn rows() -> Vec<(String, Vec<(String, String)>)> {
    let page = read("docs/guarantees.md");
    let cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = cells.map(|row| {
        let links = row.split("[`").skip(1).map(|link| {
            let (name, rest) = link.split_once("`](../").expect("a link to a test");
            (name.to_owned(), rest.split_once(')').unwrap().0.to_owned())
        });
        (row.split(" | ").next().unwrap().to_owned(), links.collect())
    });
    rows.filter(|(first, _): &(String, Vec<_>)| first != "class" && first != "rule")
        .filter(|(first, _)| !first.starts_with("---"))
        .collect()
}

#[test]
fn every_class_and_every_rule_has_a_test() {
    let classes = (1..=40).map(|number| format!("A{number}"));
    let rules = (1..=38).map(|number| format!("SEC-{number:02}"));
    let wanted: Vec<String> = classes.chain(["all".to_owned()]).chain(rules).collect();
    let rows = rows();
    assert_eq!(rows.iter().map(|(first, _)| first.clone()).collect::<Vec<_>>(), wanted);
    for (first, tests) in rows {
        assert!(!tests.is_empty(), "{first} has no test");
    }
}

#[test]
fn every_link_leads_to_a_test() {
    for (first, tests) in rows() {
        for (name, file) in tests {
            let text = read(&file);
            // The attacks are functions that a macro makes into tests.
            let is_attack = file.starts_with("tests/attacks/");
            let start = if is_attack { "pub fn " } else { "#[test]\n" };
            let found = text.split(start).skip(1).any(|rest| {
                let rest = rest.trim_start().strip_prefix("fn ").unwrap_or(rest);
                rest.split('(').next() == Some(&name)
            });
            assert!(found, "{first}: {file} has no {name}");
        }
    }
}

#[test]
fn every_test_of_an_attack_stands_in_a_row() {
    let main = read("tests/attacks/main.rs");
    let classes = main.split_once("\nclasses! {").unwrap().1.split_once("\n}").unwrap().0;
    let tests: BTreeSet<_> = classes
        .split(';')
        .filter_map(|module| module.split_once(": "))
        .flat_map(|(_, names)| names.split_whitespace())
        .map(str::to_owned)
        .collect();
    let named = rows().into_iter().flat_map(|(_, tests)| tests);
    let named: BTreeSet<_> =
        named.filter(|(_, f)| f.starts_with("tests/attacks/")).map(|(name, _)| name).collect();
    assert_eq!(tests, named);
}

/// Whoever cites a rule in the code cites one that there is.
#[test]
fn every_rule_that_the_code_cites_is_one() {
    let rules: BTreeSet<_> = rows().into_iter().map(|(first, _)| first).collect();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut cited = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for (at, _) in text.match_indices("SEC-") {
                let rule: String = text[at..].chars().take(6).collect();
                assert!(rules.contains(&rule), "{} cites {rule}", path.display());
                cited += 1;
            }
        }
    }
    assert!(cited > 50, "only {cited}");
}
