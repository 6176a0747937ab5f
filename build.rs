//! Makes constants of `templates/texts/`, a file for each language. English decides which texts
//! there are: one that another language lacks, has too much, or has with other gaps, does not
//! compile.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

const FOLDER: &str = "templates/texts";
/// The language of those who read none of the others stands first.
const LANGUAGES: [&str; 2] = ["en", "de"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed=build.rs");
    let mut source = String::new();
    for language in LANGUAGES {
        let file = Path::new(FOLDER).join(language).with_extension("json");
        let texts: Value = serde_json::from_str(&fs::read_to_string(&file)?)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        if language == LANGUAGES[0] {
            type_of("Texts", &texts, &mut source)?;
        }
        let name = language.to_uppercase();
        writeln!(source, "static {name}: Texts = {};", literal("Texts", &texts))?;
    }
    let names = LANGUAGES.map(|language| format!("&{}", language.to_uppercase())).join(", ");
    writeln!(source, "static ALL: [&Texts; {}] = [{names}];", LANGUAGES.len())?;
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("texts.rs"), source)?)
}

/// A text; one with a gap, `{}`, is what stands before and after it; an array is several texts; an
/// object is a type of its own, which is declared.
fn type_of(name: &str, value: &Value, source: &mut String) -> Result<String, Box<dyn Error>> {
    Ok(match value {
        Value::String(text) if text.contains("{}") => "(&'static str, &'static str)".to_owned(),
        Value::String(_) => "&'static str".to_owned(),
        Value::Array(texts) => format!("[&'static str; {}]", texts.len()),
        Value::Object(members) => {
            let mut fields = String::new();
            for (key, value) in members {
                let of_key = type_of(&named(name, key), value, source)?;
                writeln!(fields, "pub(crate) {key}: {of_key},")?;
            }
            writeln!(source, "pub(crate) struct {name} {{ {fields} }}")?;
            name.to_owned()
        }
        other => return Err(format!("{name}: {other}").into()),
    })
}

fn literal(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => match text.split_once("{}") {
            Some(around) => format!("{around:?}"),
            None => format!("{text:?}"),
        },
        Value::Array(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| literal(name, text)).collect();
            format!("[{}]", texts.join(", "))
        }
        Value::Object(members) => {
            let field = |(key, value): (&String, &Value)| {
                format!("{key}: {}", literal(&named(name, key), value))
            };
            let fields: Vec<String> = members.iter().map(field).collect();
            format!("{name} {{ {} }}", fields.join(",\n"))
        }
        other => other.to_string(),
    }
}

/// The type of the member `key`: `Texts` and `sign_in` make `TextsSignIn`.
fn named(outer: &str, key: &str) -> String {
    let word = |word: &str| word.split_at_checked(1).map(|(a, b)| a.to_uppercase() + b);
    key.split('_').filter_map(word).fold(outer.to_owned(), |name, word| name + &word)
}
