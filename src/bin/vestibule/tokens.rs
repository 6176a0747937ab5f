//! The tokens of `vestibule login`, in the user's own folder.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vestibule::identity::UnixTime;
use vestibule::web_url::WebUrl;

/// A token, and when it ends.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub token: String,
    pub ends: UnixTime,
}

/// All of them, by scheme, host and port.
#[derive(Default)]
pub struct Tokens(BTreeMap<String, Token>);

impl Tokens {
    /// Those that are kept.
    pub fn read() -> Result<Self, String> {
        let file = file()?;
        match fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text).map(Tokens).map_err(|e| named(&file, e)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Tokens::default()),
            Err(error) => Err(named(&file, error)),
        }
    }

    /// The token of an application, where it still counts.
    pub fn of(&self, url: &WebUrl, now: UnixTime) -> Option<&str> {
        self.0.get(url.origin()).filter(|token| now < token.ends).map(|token| &*token.token)
    }

    /// Keeps one more, and forgets those that are over.
    pub fn put(&mut self, url: &WebUrl, token: Token, now: UnixTime) -> Result<(), String> {
        self.0.retain(|_, token| now < token.ends);
        self.0.insert(url.origin().to_owned(), token);
        let file = file()?;
        let json = serde_json::to_string_pretty(&self.0).map_err(|error| named(&file, error))?;
        write(&file, json.as_bytes()).map_err(|error| named(&file, error))
    }
}

/// Writes a file that nobody else can read, in one step.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&new).and_then(|mut to| to.write_all(bytes));
    written.and_then(|()| fs::rename(&new, file)).inspect_err(|_| drop(fs::remove_file(&new)))
}

fn file() -> Result<PathBuf, String> {
    let of = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || of("HOME").map(|home| home.join(".config"));
    let folder = of("XDG_CONFIG_HOME").or_else(|| of("APPDATA")).or_else(home);
    let folder = folder.ok_or("there is no home folder: set XDG_CONFIG_HOME")?;
    Ok(folder.join("vestibule").join("tokens.json"))
}

fn named(file: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", file.display())
}
