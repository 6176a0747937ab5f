//! `vestibule service add`, `rotate` and `remove`

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};
use vestibule::identity::UnixTime;
use vestibule::service::{HashedSecret, SECRETS, ServiceDocument, hash};

use crate::store::{Entry, Store};
use crate::{Answer, clock, revoke};

#[derive(Args)]
#[command(after_help = "Example:
  vestibule service add backup --name 'Nightly backup' --until 2027-03-31T00:00:00Z --remote")]
pub struct AddArguments {
    /// The id that rules name, of lower-case letters, digits and hyphens
    id: String,
    /// What it is for
    #[arg(long)]
    name: String,
    /// When its token expires, such as 2027-03-31T00:00:00Z
    #[arg(long, value_parser = in_the_future)]
    until: UnixTime,
    #[command(flatten)]
    store: Store,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:
  vestibule service rotate backup --until 2027-06-30T00:00:00Z --overlap-hours 24 --remote")]
pub struct RotateArguments {
    /// The service's id
    id: String,
    /// When the new token expires, such as 2027-06-30T00:00:00Z
    #[arg(long, value_parser = in_the_future)]
    until: UnixTime,
    /// For how many hours the old token still counts
    #[arg(long, default_value_t = 24)]
    overlap_hours: u16,
    #[command(flatten)]
    store: Store,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:\n  vestibule service remove backup --remote")]
pub struct RemoveArguments {
    /// The service's id
    id: String,
    #[command(flatten)]
    store: Store,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Read before anything is done, so that no old token ends for one that never counts.
fn in_the_future(text: &str) -> Result<UnixTime, String> {
    let time = clock::read(text)?;
    if time > clock::now() { Ok(time) } else { Err("it has to be in the future".to_owned()) }
}

/// Makes a token, which is shown once and of which only a hash is stored.
pub fn add(arguments: &AddArguments) -> Result<Answer, String> {
    let AddArguments { id, name, until, store, json } = arguments;
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.is_empty() || id.len() > 64 || !id.bytes().all(known) {
        return Err(format!("{id:?} is no id of lower-case letters, digits and hyphens"));
    }
    if read(store, id)?.is_some() {
        return Ok(Answer::No(format!("there is a service {id}; rotate or remove it")));
    }
    let document = ServiceDocument { name: name.clone(), secrets: Vec::new() };
    renew(store, id, document, *until, *json)
}

/// Makes another token; the newest of the old ones counts for a while.
pub fn rotate(arguments: &RotateArguments) -> Result<Answer, String> {
    let RotateArguments { id, until, overlap_hours, store, json } = arguments;
    let Some(mut document) = read(store, id)? else {
        return Ok(Answer::No(format!("there is no service {id}")));
    };
    let end = clock::now().saturating_add(i64::from(*overlap_hours).saturating_mul(3_600));
    let ended = if *overlap_hours == 0 { 0 } else { SECRETS.saturating_sub(1) };
    let ended = document.secrets.split_off(ended.min(document.secrets.len()));
    if !ended.is_empty() {
        revoke::end_tokens(store, ended.iter().map(|secret| &secret.sha256))?;
    }
    for secret in &mut document.secrets {
        secret.expires = secret.expires.min(end);
    }
    renew(store, id, document, *until, *json)
}

/// Takes a service away. Its token is refused within a minute.
pub fn remove(arguments: &RemoveArguments) -> Result<Answer, String> {
    let RemoveArguments { id, store, json } = arguments;
    let Some(document) = read(store, id)? else {
        return Ok(Answer::No(format!("there is no service {id}")));
    };
    revoke::end_tokens(store, document.secrets.iter().map(|secret| &secret.sha256))?;
    store.delete(&key(id))?;
    Ok(Answer::Yes(if *json {
        json!({ "removed": id }).to_string()
    } else {
        format!("{id}: removed; its token is refused within a minute")
    }))
}

fn key(id: &str) -> String {
    format!("service/{id}")
}

fn read(store: &Store, id: &str) -> Result<Option<ServiceDocument>, String> {
    let Some(text) = store.get(&key(id))? else { return Ok(None) };
    ServiceDocument::from_json(&text).map(Some).map_err(|fault| format!("{}: {fault}", key(id)))
}

fn renew(
    store: &Store,
    id: &str,
    mut document: ServiceDocument,
    until: UnixTime,
    as_json: bool,
) -> Result<Answer, String> {
    let mut random = [0; 32];
    SystemRandom::new().fill(&mut random).or(Err("this system has no randomness"))?;
    let secret = URL_SAFE_NO_PAD.encode(random);
    document.secrets.insert(0, HashedSecret { sha256: hash(&secret), expires: until });
    let value = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    store.put(&[Entry { key: key(id), value, metadata: Value::Null }])?;
    let until = clock::write(until);
    Ok(Answer::Yes(if as_json {
        json!({ "id": id, "secret": secret, "until": until }).to_string()
    } else {
        format!(
            "X-Access-Client-Id: {id}\nX-Access-Client-Secret: {secret}\n\n\
             The secret is shown this once. It counts within two minutes, until {until}."
        )
    }))
}
