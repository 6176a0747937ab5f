//! Every command in the documents is one that we have, with flags that it takes.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::process::Command;

/// Words of a shell line, as far as our documents need it.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), close) if open == close => quote = None,
            (None, ' ') => words.push(String::new()),
            (None, '#' | '>' | '&') => break,
            _ => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_commands_of_the_documents_are_understood() {
    let folders = ["docs", "docs/idp"].map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = folders.into_iter().flatten().map(|one| one.unwrap().path()).collect();
    files.push("README.md".into());
    files.push("CONTRIBUTING.md".into());
    let mut commands = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "md")) {
        let text = std::fs::read_to_string(file).unwrap().replace("\\\n", " ");
        for line in text.lines().map(str::trim) {
            let line = line
                .strip_prefix("cargo run --bin vestibule -- ")
                .or(line.strip_prefix("vestibule "));
            let Some(line) = line else { continue };
            // The help comes after all before it was understood; what curl is told is curl's.
            let mut words = words(line);
            let at = if words[0] == "curl" { 2 } else { words.len() };
            words.insert(at, "--help".to_owned());
            let output =
                Command::new(env!("CARGO_BIN_EXE_vestibule")).args(words).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {line}\n{errors}", file.display());
            commands += 1;
        }
    }
    assert!(commands >= 20, "{commands}");
}
