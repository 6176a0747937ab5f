//! Policy documents as files.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vestibule::policy::{Fault, Policy};

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

/// Reads a document. The error says that there is no such file; a file that is wrong is told apart,
/// because it is the answer to a question.
pub fn read(path: &Path) -> Result<Result<Policy, Unusable>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Policy::from_json(&text).map_err(|faults| Unusable { path: path.to_owned(), faults }))
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
