//! `vestibule keys new`

use clap::Args;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};
use vestibule::keys;

use crate::clock;

#[derive(Args)]
#[command(after_help = "Example:\n  vestibule keys new --json > keys.json")]
pub struct Arguments {
    /// Print one JSON object, as `wrangler secret bulk` takes it
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let seal = json!({ "keys": [new_seal_key()?] }).to_string();
    let sign = json!({ "keys": [new_sign_key()?] }).to_string();
    if arguments.json {
        return Ok(json!({ "SEAL_KEYS": seal, "SIGN_KEYS": sign }).to_string());
    }
    Ok(format!("SEAL_KEYS={seal}\nSIGN_KEYS={sign}"))
}

const NO_RANDOMNESS: &str = "this system has no randomness";

/// A new key of `SEAL_KEYS`.
pub fn new_seal_key() -> Result<Value, String> {
    let mut random = [0; 32];
    SystemRandom::new().fill(&mut random).or(Err(NO_RANDOMNESS))?;
    Ok(dated(keys::new_seal_key(random)))
}

/// A new key of `SIGN_KEYS`.
pub fn new_sign_key() -> Result<Value, String> {
    Ok(dated(keys::new_sign_key().ok_or(NO_RANDOMNESS)?))
}

/// A key that says when it was made.
fn dated(mut key: Value) -> Value {
    if let Some(members) = key.as_object_mut() {
        members.insert("iat".to_owned(), clock::now().into());
    }
    key
}
