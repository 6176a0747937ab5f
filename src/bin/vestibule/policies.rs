//! Policy documents as files.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use vestibule::policy::{Fault, Lines, Policy};

/// A document that can be read.
pub struct Document {
    pub policy: Policy,
    /// As it would be stored: with the sets that it includes.
    pub text: String,
    /// As the file has it.
    pub written: String,
}

/// What is wrong with one file.
pub struct Unusable {
    pub path: PathBuf,
    pub faults: Vec<Fault>,
}

/// The folder where policy documents are kept.
const FOLDER: &str = "policies";

/// The files that were named, or else all documents in the folder.
pub fn given_or_all(files: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    if !files.is_empty() {
        return Ok(files.to_vec());
    }
    let unreadable = |error: std::io::Error| format!("{FOLDER}: {error}; name the files");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(FOLDER).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_schema = path.file_name().is_some_and(|name| name == "schema.json");
        if path.extension().is_some_and(|extension| extension == "json") && !is_schema {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads a document and what it includes. The error says that a file is not there or can't be
/// included; a document that is wrong is told apart, because it is the answer to a question.
pub fn read(path: &Path) -> Result<Result<Document, Unusable>, String> {
    let written = text(path)?;
    let text = match included(path, &written)? {
        Some(text) => text,
        None => written.clone(),
    };
    let placed = |mut fault: Fault| {
        // The lines of the file and not of what it becomes.
        if text != written {
            fault.line = Lines::of(&written).line(&fault.pointer).unwrap_or(1);
        }
        fault
    };
    Ok(match Policy::from_json(&text) {
        Ok(policy) => Ok(Document { policy, text, written }),
        Err(faults) => Err(Unusable {
            path: path.to_owned(),
            faults: faults.into_iter().map(placed).collect(),
        }),
    })
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The document with the sets of the files that it includes written into it. None where it includes
/// none, or is no JSON.
fn included(path: &Path, written: &str) -> Result<Option<String>, String> {
    let Ok(Value::Object(mut document)) = serde_json::from_str::<Value>(written) else {
        return Ok(None);
    };
    let Some(files) = document.remove("include") else { return Ok(None) };
    let files: Vec<String> = serde_json::from_value(files)
        .map_err(|_| format!("{}: include is a list of files", path.display()))?;
    let mut sets = match document.remove("sets") {
        Some(Value::Object(sets)) => sets,
        Some(_) => return Err(format!("{}: sets is an object", path.display())),
        None => Map::new(),
    };
    for file in files {
        let file = path.parent().unwrap_or(Path::new("")).join(file);
        let shared = text(&file)?;
        let shared: Value = serde_json::from_str(&shared)
            .map_err(|error| format!("{}:{}: {error}", file.display(), error.line()))?;
        let others = shared.as_object().map(|all| all.keys().any(|key| key != "sets"));
        let (Some(false), Some(shared)) = (others, shared.get("sets").and_then(Value::as_object))
        else {
            return Err(format!("{}: a shared file has sets and nothing else", file.display()));
        };
        for (name, set) in shared {
            if sets.insert(name.clone(), set.clone()).is_some() {
                let (file, path) = (file.display(), path.display());
                return Err(format!("{file}: {path} has another set {name:?} already"));
            }
        }
    }
    document.insert("sets".to_owned(), Value::Object(sets));
    serde_json::to_string_pretty(&document).map(Some).map_err(|error| error.to_string())
}

impl Unusable {
    /// One line a fault, each beginning `file:line:` as editors and terminals understand it.
    pub fn lines(&self) -> String {
        let line = |fault: &Fault| format!("{}:{}: {fault}", self.path.display(), fault.line);
        self.faults.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub fn json(&self) -> Value {
        json!({ "file": self.path, "faults": self.faults })
    }
}
