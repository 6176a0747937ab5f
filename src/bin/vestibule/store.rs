//! The store CONFIG, by way of wrangler, which holds the user's login.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::wrangler;

/// Which store. One has to be named.
#[derive(Args, Clone)]
#[command(group = ArgGroup::new("which").args(["local", "remote"]).required(true))]
pub struct Store {
    #[command(flatten)]
    place: Place,
}

/// Which store, if any.
#[derive(Args, Clone)]
pub struct Place {
    /// The store of `wrangler dev` on this computer
    #[arg(long, conflicts_with = "remote")]
    local: bool,
    /// The store at Cloudflare
    #[arg(long)]
    remote: bool,
    /// The folder of the local store, as wrangler takes it
    #[arg(long, requires = "local")]
    persist_to: Option<PathBuf>,
    /// wrangler's configuration
    #[arg(long, default_value = "wrangler.toml")]
    config: PathBuf,
}

/// One value to write.
pub struct Entry {
    pub key: String,
    pub value: String,
    /// What a list of keys shows of it.
    pub metadata: Value,
}

/// A key as a list shows it.
#[derive(Deserialize)]
pub struct Listed {
    pub name: String,
    #[serde(default)]
    pub metadata: Value,
}

/// What wrangler prints for a key that holds nothing.
const NOTHING: &str = "Value not found";

impl Place {
    /// The store, where one is named.
    pub fn store(&self) -> Option<Store> {
        (self.local || self.remote).then(|| Store { place: self.clone() })
    }

    /// wrangler's configuration.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// What people call it.
    pub fn name(&self) -> &'static str {
        if self.remote { "the store at Cloudflare" } else { "the store of this computer" }
    }
}

impl Store {
    /// What a key holds.
    pub fn get(&self, key: &str) -> Result<Option<String>, String> {
        let found = self.wrangler(&["key", "get", key, "--text"])?;
        Ok(Some(found).filter(|text| text.trim() != NOTHING))
    }

    /// All keys that begin so.
    pub fn list(&self, prefix: &str) -> Result<Vec<Listed>, String> {
        let found = self.wrangler(&["key", "list", "--prefix", prefix])?;
        serde_json::from_str(&found).map_err(|error| format!("wrangler's list of keys: {error}"))
    }

    /// Writes all of them in one step.
    pub fn put(&self, entries: &[Entry]) -> Result<(), String> {
        let list: Vec<Value> = entries
            .iter()
            .map(|one| json!({ "key": one.key, "value": one.value, "metadata": one.metadata }))
            .collect();
        let name = format!("vestibule-{}.json", std::process::id());
        let file = std::env::temp_dir().join(name);
        let unwritable = |error: std::io::Error| format!("{}: {error}", file.display());
        std::fs::write(&file, Value::from(list).to_string()).map_err(unwritable)?;
        let done = self.wrangler(&["bulk", "put", &file.to_string_lossy()]);
        std::fs::remove_file(&file).map_err(unwritable)?;
        done.map(drop)
    }

    /// Empties a key.
    pub fn delete(&self, key: &str) -> Result<(), String> {
        self.wrangler(&["key", "delete", key]).map(drop)
    }

    fn wrangler(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = wrangler::command()?;
        command.arg("kv").args(arguments);
        command.args(["--binding", "CONFIG"]).arg("--config").arg(&self.place.config);
        command.arg(if self.place.remote { "--remote" } else { "--local" });
        if let Some(folder) = &self.place.persist_to {
            command.arg("--persist-to").arg(folder);
        }
        // wrangler takes a second or two.
        if std::io::stderr().is_terminal() {
            anstream::eprintln!("wrangler kv {} …", arguments.join(" "));
        }
        let output = command.output().map_err(|error| format!("wrangler: {error}"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let said = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
        // The remote store says so with an error.
        if arguments.starts_with(&["key", "get"]) && said.contains("404") {
            return Ok(NOTHING.to_owned());
        }
        Err(format!("wrangler kv {} failed: {}", arguments.join(" "), said.trim()))
    }
}
