//! `vestibule init` and `vestibule completion`, as they are run.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;

use common::folder::Folder;

#[test]
fn a_first_document_holds_what_it_expects() {
    let folder = Folder::new("init");
    drop(std::fs::remove_file(folder.0.join("policies/app.example.com.json")));
    let flags = "init --host app.example.com --name Intranet --idp jumpcloud --section /HR=HR --section /IT=IT --public /assets";
    let (code, output, errors) = folder.run(flags);
    assert_eq!(code, 0, "{errors}");
    assert!(output.starts_with("wrote policies/app.example.com.json\n"), "{output}");
    assert!(output.ends_with("publish policies/app.example.com.json --remote\n"), "{output}");
    let here = flags.replace("app.example.com", "localhost") + " --output here.json";
    drop(std::fs::remove_file(folder.0.join("here.json")));
    let (_, output, _) = folder.run(&here);
    assert!(output.ends_with("publish here.json --local\n"), "{output}");
    let file = "policies/app.example.com.json";
    let (code, output, _) = folder.run(&format!("policy test {file}"));
    assert_eq!((code, output), (0, format!("{file}: 8 of 8 expectations met\n")));
    let (code, output, _) = folder.run(&format!("policy check {file} --strict"));
    assert_eq!((code, output.as_str()), (0, "nothing found\n"));
    let explain = "policy explain --group HR GET https://app.example.com/HR/x";
    assert_eq!(folder.run(explain).0, 0);
    assert_eq!(folder.run(&explain.replace("/HR/x", "/IT")).0, 1);
    // It never writes over one that is there.
    let (code, _, errors) = folder.run(flags);
    assert!(code == 2 && errors.contains("is there already"), "{errors}");
}

#[test]
fn without_a_terminal_it_names_the_flag_that_is_missing() {
    let folder = Folder::new("init-flags");
    let table = [
        ("init", "say --host"),
        ("init --host a.example.com", "say --name"),
        ("init --host a.example.com --name A", "say --idp"),
        ("init --host A --name A --idp main --output x.json", "a host in lower case"),
        ("init --host a.example.com --name A --idp main --section /HR", "write /path=group"),
        (
            "init --host a.example.com --name A --idp main --section /HR=HR --public /HR --output x.json",
            "contradict",
        ),
    ];
    for (arguments, says) in table {
        let (code, _, errors) = folder.run(arguments);
        assert!(code == 2 && errors.contains(says), "{arguments}: {errors}");
    }
}

#[test]
fn shells_complete() {
    let folder = Folder::new("completion");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, output, _) = folder.run(&format!("completion {shell}"));
        assert!(code == 0 && output.contains("rollback"), "{shell}");
    }
}

/// Every verb has help with an example.
#[test]
fn help_shows_an_example() {
    let folder = Folder::new("help");
    let groups = ["policy", "policy import", "service", "idp", "keys", "saml", ""];
    let mut verbs = 0;
    for group in groups {
        let (_, output, _) = folder.run(format!("{group} --help").trim());
        let listed = output.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
        for verb in listed.lines().filter_map(|line| line.split_whitespace().next()) {
            let whole = format!("{group} {verb}").trim().to_owned();
            if verb == "help" || groups.contains(&whole.as_str()) {
                continue;
            }
            let (_, help, _) = folder.run(&format!("{whole} --help"));
            assert!(help.contains("Example"), "{whole}");
            verbs += 1;
        }
    }
    assert!(verbs >= 17, "{verbs}");
}
