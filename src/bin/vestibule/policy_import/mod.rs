//! `vestibule policy import access`: from Cloudflare Access.

mod conditions;
mod idps;
mod source;
mod terraform;
mod translate;

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use vestibule::policy::Policy;

use crate::Answer;

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule policy import access apps.json groups.json --idp jumpcloud > policies/intranet.json
  vestibule policy import access access.tf --idp jumpcloud --folder policies")]
pub struct Arguments {
    /// Applications, policies and groups: JSON as Cloudflare's API gives it, or Terraform files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// An identity provider in CONFIG, the <id> of idp/<id>; where Access has several, with its id
    /// there: jumpcloud=<id>
    #[arg(long, required = true)]
    idp: Vec<String>,
    /// Write each host's document into this folder, and do not print it
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Print documents and notes as JSON
    #[arg(long)]
    json: bool,
}

/// What can't be carried over as it was, where it stood, and what to do.
#[derive(serde::Serialize, Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub place: String,
    pub says: String,
}

/// The documents that were made, and what could not be.
#[derive(Default)]
pub struct Imported {
    pub documents: Vec<(String, Value)>,
    pub notes: Vec<Note>,
}

/// Ends with 0 where all was carried over, and with 1 where there are notes to read.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let access = source::read(&arguments.files)?;
    let imported = translate::documents(&access, &arguments.idp)?;
    for (host, document) in &imported.documents {
        if let Err(faults) = Policy::from_json(&document.to_string()) {
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            return Err(format!("{host} can't be written in our language: {first}"));
        }
    }
    let pretty = |document: &Value| {
        serde_json::to_string_pretty(document).map_err(|error| error.to_string())
    };
    let mut printed = Vec::new();
    for (host, document) in &imported.documents {
        match &arguments.folder {
            Some(folder) => {
                let file = folder.join(format!("{}.json", host.replace('*', "_")));
                if file.exists() {
                    return Err(format!("{} is there already", file.display()));
                }
                let unwritable = |error: std::io::Error| format!("{}: {error}", file.display());
                std::fs::create_dir_all(folder).map_err(unwritable)?;
                std::fs::write(&file, pretty(document)?).map_err(unwritable)?;
                printed.push(format!("wrote {}", file.display()));
            }
            None => printed.push(pretty(document)?),
        }
    }
    if arguments.folder.is_none() && imported.documents.len() > 1 && !arguments.json {
        return Err("there are several hosts: say --folder, or --json".to_owned());
    }
    let clean = imported.notes.is_empty();
    let output = if arguments.json {
        let documents = imported.documents.into_iter().map(|(_, document)| document);
        json!({ "documents": Value::from_iter(documents), "notes": imported.notes }).to_string()
    } else {
        for Note { place, says } in &imported.notes {
            eprintln!("{place}: {says}");
        }
        printed.join("\n")
    };
    Ok(if clean { Answer::Yes(output) } else { Answer::No(output) })
}
