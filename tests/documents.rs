//! Documents that are made from the code are current. `UPDATE=1 cargo test --test documents`
//! writes them.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::Path;

use vestibule::refusals::Refusal;
use vestibule::saml::presets::{Field, Filling, Preset, presets};

#[test]
fn refusals() {
    let mut text = String::from(
        "# What does this code mean?\n\n\
         Every time the gate says no it names a code: on the page, in the header `X-Access-Gate`, \
         in JSON answers, in the log and on the command line. The reference on the page is in the \
         log line too.\n\n\
         | code | status | what happened | what to do |\n| --- | --- | --- | --- |\n",
    );
    for refusal in Refusal::ALL {
        let (code, status) = (refusal.code(), refusal.status());
        let (cause, remedy) = (refusal.cause(), refusal.remedy());
        writeln!(text, "| `{code}` | {status} | {cause} | {remedy} |").unwrap();
    }
    current("docs/refusals.md", &text);
}

/// The pages of the identity providers agree with what the command line says.
#[test]
fn forms() {
    let presets = presets();
    assert_eq!(presets.len(), std::fs::read_dir("docs/idp").unwrap().count());
    let index = std::fs::read_to_string("docs/identity-providers.md").unwrap();
    for (name, preset) in presets {
        let file = format!("docs/idp/{name}.md");
        assert!(index.contains(&format!("[{}](idp/{name}.md)", preset.name)), "{name}");
        let page = std::fs::read_to_string(&file).unwrap();
        assert!(page.starts_with(&format!("# How do I connect {}?\n", preset.name)), "{name}");
        let begin = format!("<!-- from src/saml/presets/{name}.json -->\n");
        let (before, rest) = page.split_once(&begin).unwrap();
        let (_, after) = rest.split_once("<!-- end -->\n").unwrap();
        current(&file, &format!("{before}{begin}{}<!-- end -->\n{after}", form(&preset)));
    }
}

fn form(preset: &Preset) -> String {
    let Preset { name, attributes, open, export, traps, .. } = preset;
    let filling = Filling { base: "https://app.example.com", attributes };
    let open = filling.fill(open);
    let mut text = format!("## At {name}\n\n{open}:\n\n| field | value |\n| --- | --- |\n");
    for Field { field, value } in filling.form(preset) {
        writeln!(text, "| {field} | {} |", value.replace('|', "\\|").replace('<', "&lt;")).unwrap();
    }
    write!(text, "\nIts metadata: {}.\n\n", export.replace('<', "&lt;")).unwrap();
    writeln!(text, "## What goes wrong there\n").unwrap();
    traps.iter().for_each(|trap| writeln!(text, "- {}", trap.replace('<', "&lt;")).unwrap());
    text + "\n"
}

fn current(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{file} is not current: UPDATE=1 cargo test --test documents");
}
