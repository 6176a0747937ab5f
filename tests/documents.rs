//! Documents that are made from the code are current. `UPDATE=1 cargo test --test documents`
//! writes them.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
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

/// Both of light and dark are there, and small. `SCREENSHOTS=docs npm test` writes them.
#[test]
fn pictures_of_the_readme() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let mut shown = 0;
    for rest in readme.split(" src=\"").skip(1) {
        let light = rest.split('"').next().unwrap();
        let dark = light.replace("-light.png", "-dark.png");
        assert!(readme.contains(&format!("srcset=\"{dark}\"")) && light != dark, "{light}");
        for file in [light, &dark] {
            let bytes = std::fs::metadata(file).map(|file| file.len()).unwrap_or_default();
            assert!((1..60 * 1024).contains(&bytes), "{file}: {bytes} bytes");
        }
        shown += 1;
    }
    assert!(shown >= 3, "{shown}");
}

/// What CONTRIBUTING.md says of the structure is so, and there is no circle in it.
#[test]
fn dependencies_point_one_way() {
    let contributing = std::fs::read_to_string("CONTRIBUTING.md").unwrap();
    let (_, rest) = contributing.split_once("Dependencies point one way: ").unwrap();
    let sentence = rest.split_once('.').unwrap().0;
    let mut uses = uses();
    let levels: Vec<Vec<&str>> = sentence
        .split('→')
        .map(|level| level.split(|c: char| !c.is_alphanumeric()).collect())
        .map(|words: Vec<_>| words.into_iter().filter(|word| uses.contains_key(*word)).collect())
        .collect();
    assert!(levels.len() > 5 && levels.iter().all(|level| !level.is_empty()), "{levels:?}");
    let mut above = BTreeSet::new();
    for level in levels {
        for module in &level {
            let back: Vec<_> = uses[*module].iter().filter(|used| above.contains(*used)).collect();
            assert!(back.is_empty(), "{module} uses {back:?}");
        }
        above.extend(level.into_iter().map(str::to_owned));
    }
    while !uses.is_empty() {
        let before = uses.len();
        let left: BTreeSet<_> = uses.keys().cloned().collect();
        uses.retain(|_, used| !used.is_disjoint(&left));
        assert!(uses.len() < before, "a circle is in {uses:?}");
    }
}

/// Which other modules each module of `src` uses. Links of comments and what tests use don't count.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut folders = vec![Path::new("src").to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("bin") {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|end| end != "rs") {
                continue;
            }
            let module = path.iter().nth(1).unwrap().to_str().unwrap().trim_end_matches(".rs");
            let used = uses.entry(module.to_owned()).or_default();
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod").next().unwrap();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                used.extend(line.split("crate::").skip(1).flat_map(named));
            }
            used.remove(module);
        }
    }
    uses
}

/// The modules that stand behind `crate::`: one, or several in braces.
fn named(rest: &str) -> Vec<String> {
    let several = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
    let paths = several.unwrap_or(rest).split(',').take(if several.is_some() { 99 } else { 1 });
    let module = |path: &str| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        path.trim_start().split(|c| !is_part(c)).next().unwrap().to_owned()
    };
    paths.map(module).collect()
}

fn current(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{file} is not current: UPDATE=1 cargo test --test documents");
}
