//! `vestibule init`

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use vestibule::policy::{Policy, expectations};

use crate::{Answer, ask, clock};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule init
  vestibule init --host app.example.com --name Intranet --idp jumpcloud \\
    --section /HR=HR --section /IT=IT --public /assets")]
pub struct Arguments {
    /// The application's host, such as app.example.com
    #[arg(long)]
    host: Option<String>,
    /// What people call the application
    #[arg(long)]
    name: Option<String>,
    /// The id of the identity provider, the <id> of idp/<id>
    #[arg(long)]
    idp: Option<String>,
    /// A path and the group that may see it and what is below, such as /HR=HR
    #[arg(long, value_parser = section)]
    section: Vec<(String, String)>,
    /// A path that everybody may see without a sign-in, and what is below
    #[arg(long)]
    public: Vec<String>,
    /// Where to write it; without this, policies/<host>.json
    #[arg(long)]
    output: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn section(written: &str) -> Result<(String, String), String> {
    let (path, group) = written.split_once('=').ok_or("write /path=group")?;
    Ok((path.to_owned(), group.to_owned()))
}

/// Writes a first document with expectations that it meets. Asks for what the flags leave out, where
/// there is a terminal.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let asks = std::io::stdin().is_terminal() && arguments.host.is_none();
    let given = |flag: &Option<String>, name: &str, question: &str| match flag {
        Some(value) => Ok(value.clone()),
        None if asks => ask::line(question),
        None => Err(format!("say --{name}")),
    };
    let host = given(&arguments.host, "host", "The application's host (app.example.com): ")?;
    let name = given(&arguments.name, "name", "What people call it: ")?;
    let idp = given(&arguments.idp, "idp", "The id of your identity provider (jumpcloud): ")?;
    let mut sections = arguments.section.clone();
    let mut public = arguments.public.clone();
    if asks {
        let pairs = ask::lines("A path and its group, such as /HR=HR (empty: no more): ")?;
        for pair in pairs {
            sections.push(section(&pair)?);
        }
        public.extend(ask::lines(
            "A path that is open to everybody, such as /assets (empty: no more): ",
        )?);
    }
    let document = document(&host, &name, &idp, &sections, &public);
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    let policy = Policy::from_json(&text)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    if let Some(unmet) = expectations(&policy, clock::now()).iter().find(|outcome| !outcome.met) {
        return Err(format!("these rules contradict each other: {}", unmet.case));
    }
    let file = arguments.output.clone();
    let file =
        file.unwrap_or_else(|| PathBuf::from(format!("policies/{}.json", host.replace('*', "_"))));
    let place = file.display();
    if file.exists() {
        return Err(format!("{place} is there already"));
    }
    let unwritable = |error: std::io::Error| format!("{place}: {error}");
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    std::fs::write(&file, text + "\n").map_err(unwritable)?;
    if arguments.json {
        return Ok(Answer::Yes(json!({ "file": file, "document": document }).to_string()));
    }
    let store = if host == "localhost" { "--local" } else { "--remote" };
    Ok(Answer::Yes(format!(
        "wrote {place}\nTry it:     vestibule policy explain --group SOME GET https://{host}/\n\
         Publish it: vestibule publish {place} {store}"
    )))
}

fn document(
    host: &str,
    name: &str,
    idp: &str,
    sections: &[(String, String)],
    public: &[String],
) -> Value {
    let below = |path: &str| format!("{}/**", path.trim_end_matches('/'));
    let mut rules = vec![json!({ "path": "/", "allow": "signed-in" })];
    let mut expect = vec![json!({ "get": "/", "then": "sign-in" })];
    for (path, group) in sections {
        rules.push(json!({ "path": below(path), "allow": { "group": group } }));
        let stranger = json!({ "groups": [] });
        expect.extend([
            json!({ "as": { "groups": [group] }, "get": path, "then": "allow" }),
            json!({ "as": stranger, "get": path, "then": "deny" }),
            json!({ "get": path, "then": "sign-in" }),
        ]);
    }
    for path in public {
        rules.push(json!({ "path": below(path), "public": true }));
        expect.push(json!({ "get": path, "then": "allow" }));
    }
    json!({ "$schema": "./schema.json", "name": name, "hosts": [host],
        "sign_in": { "idps": [idp], "max_age": "12h" }, "rules": rules, "expect": expect })
}
