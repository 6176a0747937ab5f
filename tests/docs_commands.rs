//! Every command in the documents is one that we have, with flags that it takes. Those that need
//! nothing but files are run; those that reach a store or a gate are run by tests/http.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;
mod support;

use std::path::Path;
use std::process::Command;

use common::folder::Folder;
use support::idps::{IDPS, metadata};
use support::pem;

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

/// The commands of each document, in its order.
fn commands() -> Vec<(String, Vec<Vec<String>>)> {
    let folders = ["docs", "docs/idp"].map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = folders.into_iter().flatten().map(|one| one.unwrap().path()).collect();
    files.push("README.md".into());
    files.push("CONTRIBUTING.md".into());
    files.retain(|file| file.extension().is_some_and(|end| end == "md"));
    let command = |line: &str| {
        let own = line.strip_prefix("cargo run --bin vestibule -- ");
        Some(words(own.or(line.strip_prefix("vestibule "))?))
    };
    let of_file = |file: &Path| {
        let text = std::fs::read_to_string(file).unwrap().replace("\\\n", " ");
        text.lines().map(str::trim).filter_map(command).collect()
    };
    files.iter().map(|file| (file.display().to_string(), of_file(file))).collect()
}

/// Whether a command needs nothing but files.
fn needs_only_files(words: &[String]) -> bool {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let reaches = has("--remote") || has("--local") || words.iter().any(|w| w.contains("://"));
    let follows = has("log") && !words.iter().any(|word| word.ends_with(".ndjson"));
    !reaches && !follows
}

/// Puts a file that a command reads, where no command before it has written one.
fn put(folder: &Folder, name: &str) {
    let path = folder.0.join(name);
    if path.exists() {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let (stem, end) = name.rsplit_once('.').unwrap();
    let copy = |from: &str| std::fs::copy(from, &path).map(drop).unwrap();
    match (end, stem) {
        ("xml", idp) => {
            let idp = IDPS.iter().find(|known| **known == idp).copied().unwrap_or("keycloak");
            folder.file(name, metadata(idp));
        }
        ("json", "apps" | "groups") => copy(&format!("tests/access/{name}")),
        ("json", "keys") => {
            let (_, keys, _) = folder.run("keys new --json");
            folder.file(name, keys);
        }
        ("json", idp) if IDPS.contains(&idp) => {
            put(folder, &format!("{idp}.xml"));
            folder.run(&format!("idp add {idp}.xml --preset {idp} --out {name}"));
        }
        ("json", _) => copy("policies/intranet.json"),
        // Of a time that is never too long ago.
        ("ndjson", _) => {
            let record = r#"{"time":"2099-11-24T12:00:00Z","event":"refused","host":"intranet.example.com","method":"GET","path":"/HR","rule":"/HR/**","person":"bob@example.com","reference":"5f0c2a9b1d3e","code":"not-allowed","cause":"","detail":""}"#;
            folder.file(name, format!("{record}\n"));
        }
        ("pem", _) => {
            let both = pem("rsa", "rsa");
            let at = both.find("-----BEGIN CERTIFICATE").unwrap();
            folder.file(name, &both[at..]);
        }
        _ => panic!("what is {name}?"),
    }
}

#[test]
fn the_commands_of_the_documents_are_understood() {
    let mut commands_run = 0;
    for (file, commands) in commands() {
        for mut words in commands {
            // The help comes after all before it was understood; what curl is told is curl's.
            let at = if words[0] == "curl" { 2 } else { words.len() };
            words.insert(at, "--help".to_owned());
            let output =
                Command::new(env!("CARGO_BIN_EXE_vestibule")).args(&words).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{file}: {words:?}\n{errors}");
            commands_run += 1;
        }
    }
    assert!(commands_run >= 20, "{commands_run}");
}

#[test]
fn the_commands_that_need_only_files_do_their_work() {
    let mut commands_run = 0;
    for (at, (file, commands)) in commands().into_iter().enumerate() {
        let folder = Folder::new(&format!("docs-{at}"));
        std::fs::remove_dir_all(&folder.0).unwrap();
        std::fs::create_dir_all(&folder.0).unwrap();
        for words in commands.into_iter().filter(|words| needs_only_files(words)) {
            let is_written = |at: usize| ["--out", "--output"].contains(&words[at - 1].as_str());
            for (at, word) in words.iter().enumerate().skip(1) {
                let is_file =
                    [".xml", ".json", ".ndjson", ".pem"].iter().any(|e| word.ends_with(e));
                if is_file && !is_written(at) {
                    put(&folder, word);
                }
            }
            let output = Command::new(env!("CARGO_BIN_EXE_vestibule"))
                .args(&words)
                .current_dir(&folder.0)
                .output()
                .unwrap();
            let (said, errors) = (output.stdout, output.stderr);
            let [said, errors] =
                [said, errors].map(|text| String::from_utf8_lossy(&text).into_owned());
            // An import of which something is left to do ends with 1.
            let most = if words.iter().any(|word| word == "import") { 1 } else { 0 };
            let code = output.status.code().unwrap();
            assert!(code <= most, "{file}: {words:?}\n{said}\n{errors}");
            commands_run += 1;
        }
    }
    assert!(commands_run >= 20, "{commands_run}");
}
