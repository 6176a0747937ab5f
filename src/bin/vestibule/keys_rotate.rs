//! `vestibule keys rotate`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use vestibule::identity::UnixTime;
use vestibule::keys::{SealKeys, SignKeys};
use vestibule::limits::{CLOCK_SKEW_SECONDS, ORIGIN_ASSERTION_SECONDS, SESSION_SECONDS};

use crate::keys_new::{new_seal_key, new_sign_key};
use crate::{Answer, clock, private_file};

#[derive(Args)]
#[command(after_help = "Example:
  vestibule keys rotate keys.json
  npx wrangler secret bulk keys.json")]
pub struct Arguments {
    /// The file that `keys new --json` printed and `wrangler secret bulk` took
    file: PathBuf,
    /// For how many minutes a new key is known before it is used
    #[arg(long, default_value_t = 60)]
    announce_minutes: u16,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Puts a new key before the others of each list, and takes those away that no cookie and no
/// assertion needs any more.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let Arguments { file, announce_minutes, json } = arguments;
    let unusable = |what: &str| format!("{}: {what}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| unusable(&error.to_string()))?;
    let mut secrets: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|_| unusable("not the JSON object that `keys new --json` prints"))?;
    let now = clock::now();
    let use_from = now.saturating_add(i64::from(*announce_minutes).saturating_mul(60));
    // A cookie lives as long as a session may, an assertion ten minutes.
    let needed = ORIGIN_ASSERTION_SECONDS.saturating_add(CLOCK_SKEW_SECONDS);
    let lists =
        [("SEAL_KEYS", new_seal_key()?, SESSION_SECONDS), ("SIGN_KEYS", new_sign_key()?, needed)];
    let mut dropped = Map::new();
    for (name, new, needed) in lists {
        let list = secrets.get(name).and_then(Value::as_str);
        let list = list.ok_or_else(|| unusable(&format!("{name} is missing")))?;
        let mut list = List::read(name, list).ok_or_else(|| unusable(&unreadable(name)))?;
        if let Some(from) = list.announced(now) {
            let from = clock::write(from);
            return Ok(Answer::No(format!(
                "{name}: its newest key is announced and will be used from {from}; rotate after that"
            )));
        }
        let before = list.0.len();
        list.drop_superseded(now, needed);
        dropped.insert(name.to_owned(), json!(before.saturating_sub(list.0.len())));
        list.announce(new, use_from);
        let list = json!({ "keys": list.0 }).to_string();
        if !is_usable(name, &list) {
            return Err(unusable(&unreadable(name)));
        }
        secrets.insert(name.to_owned(), list.into());
    }
    private_file::replace(file, &Value::from(secrets).to_string())?;
    Ok(Answer::Yes(summary(file, &clock::write(use_from), &dropped, *json)))
}

fn summary(file: &Path, from: &str, dropped: &Map<String, Value>, as_json: bool) -> String {
    let shown = file.display();
    if as_json {
        return json!({ "file": shown.to_string(), "use_from": from, "dropped": dropped })
            .to_string();
    }
    let old: Vec<_> = dropped.iter().map(|(name, count)| format!("{count} of {name}")).collect();
    format!(
        "{shown}: a new key for each list, used from {from}. Taken away: {}.\n\
         Bring it to the Worker: npx wrangler secret bulk {shown}",
        old.join(", ")
    )
}

fn unreadable(name: &str) -> String {
    format!("{name} is not a list that the gate can use")
}

/// Whether the gate can.
fn is_usable(name: &str, list: &str) -> bool {
    match name {
        "SEAL_KEYS" => SealKeys::from_jwks(list).is_ok(),
        _ => SignKeys::from_jwks(list).is_ok(),
    }
}

/// Private JWKs, newest first.
struct List(Vec<Value>);

const USE_FROM: &str = "use_from";

impl List {
    fn read(name: &str, text: &str) -> Option<Self> {
        let mut set: Value = serde_json::from_str(text).ok().filter(|_| is_usable(name, text))?;
        Some(List(set.get_mut("keys")?.as_array_mut().map(std::mem::take)?))
    }

    /// From when the newest key will be used, where that is still to come.
    fn announced(&self, now: UnixTime) -> Option<UnixTime> {
        let from = self.0.first()?.get(USE_FROM)?.as_i64()?;
        (from > now).then_some(from)
    }

    /// A key made nothing any more since the next one was used.
    fn drop_superseded(&mut self, now: UnixTime, needed: i64) {
        let was_used = |key: &Value| {
            let from = key.get(USE_FROM).and_then(Value::as_i64);
            from.is_some_and(|from| from.saturating_add(needed) <= now)
        };
        if let Some(at) = self.0.iter().position(was_used) {
            self.0.truncate(at.saturating_add(1));
        }
        // There is nothing older to be used before it.
        if let Some(oldest) = self.0.last_mut().and_then(Value::as_object_mut) {
            oldest.remove(USE_FROM);
        }
    }

    fn announce(&mut self, mut new: Value, from: UnixTime) {
        if let Some(members) = new.as_object_mut() {
            members.insert(USE_FROM.to_owned(), from.into());
        }
        self.0.insert(0, new);
    }
}
