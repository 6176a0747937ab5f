//! `vestibule keys new`

use clap::Args;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use vestibule::keys::{new_seal_key, new_sign_key};

#[derive(Args)]
#[command(after_help = "Example:\n  vestibule keys new --json > keys.json")]
pub struct Arguments {
    /// Print one JSON object, as `wrangler secret bulk` takes it
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let no_randomness = "this system has no randomness";
    let mut random = [0; 32];
    SystemRandom::new().fill(&mut random).or(Err(no_randomness))?;
    let seal = json!({ "keys": [new_seal_key(random)] }).to_string();
    let sign = json!({ "keys": [new_sign_key().ok_or(no_randomness)?] }).to_string();
    if arguments.json {
        return Ok(json!({ "SEAL_KEYS": seal, "SIGN_KEYS": sign }).to_string());
    }
    Ok(format!("SEAL_KEYS={seal}\nSIGN_KEYS={sign}"))
}
