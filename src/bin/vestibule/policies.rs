//! Policy documents as files.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vestibule::policy::{Fault, Policy};

/// What is wrong with one file.
pub struct Unusable {
    pub path: PathBuf,
    pub faults: Vec<Fault>,
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
