//! `vestibule keys`, as it is run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use vestibule::keys::{Purpose, SealKeys, SignKeys};

const MONTH: i64 = 30 * 86_400;

fn vestibule(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vestibule")).arg("keys").args(arguments).output().unwrap()
}

#[allow(clippy::disallowed_methods)]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs().try_into().unwrap()
}

/// A file with new keys, and something else that is in it.
fn new_file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("keys");
    std::fs::create_dir_all(&folder).unwrap();
    let mut secrets: Value = serde_json::from_slice(&vestibule(&["new", "--json"]).stdout).unwrap();
    secrets["SAML_KEY"] = "kept".into();
    let path = folder.join(name);
    std::fs::write(&path, secrets.to_string()).unwrap();
    path
}

fn secrets(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list(path: &Path, name: &str) -> Vec<Value> {
    let text = secrets(path)[name].as_str().unwrap().to_owned();
    let set: Value = serde_json::from_str(&text).unwrap();
    set["keys"].as_array().unwrap().clone()
}

/// The dates of a list, as seconds from now.
fn dates(path: &Path, name: &str) -> Vec<Option<i64>> {
    let from_now = |key: &Value| key.get("use_from").map(|from| from.as_i64().unwrap() - now());
    list(path, name).iter().map(from_now).collect()
}

/// As if so much time had passed since.
fn age(path: &Path, seconds: i64) {
    let mut all = secrets(path);
    for name in ["SEAL_KEYS", "SIGN_KEYS"] {
        let mut keys = list(path, name);
        for from in keys.iter_mut().filter_map(|key| key.get_mut("use_from")) {
            *from = (from.as_i64().unwrap() - seconds).into();
        }
        all[name] = json!({ "keys": keys }).to_string().into();
    }
    std::fs::write(path, all.to_string()).unwrap();
}

fn rotate(path: &Path, more: &[&str]) -> Output {
    let path = path.to_str().unwrap();
    vestibule(&[&["rotate", path], more].concat())
}

#[test]
fn rotating_announces_a_key_and_keeps_what_is_sealed_open() {
    let path = new_file("announced.json");
    let before = secrets(&path);
    let seal = SealKeys::from_jwks(before["SEAL_KEYS"].as_str().unwrap()).unwrap();
    let sealed = seal.seal(Purpose::Session, "a", [7; 12], now(), b"x").unwrap();

    let done = rotate(&path, &["--json"]);
    assert!(done.status.success(), "{done:?}");
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["dropped"], json!({ "SEAL_KEYS": 0, "SIGN_KEYS": 0 }));
    let after = secrets(&path);
    assert_eq!(after["SAML_KEY"], "kept");
    for name in ["SEAL_KEYS", "SIGN_KEYS"] {
        let found = dates(&path, name);
        assert!(matches!(found[..], [Some(3_590..=3_600), None]), "{name} {found:?}");
        let old: Value = serde_json::from_str(before[name].as_str().unwrap()).unwrap();
        assert_eq!(list(&path, name)[1], old["keys"][0], "{name}");
    }
    let rotated = SealKeys::from_jwks(after["SEAL_KEYS"].as_str().unwrap()).unwrap();
    assert!(rotated.open(Purpose::Session, "a", &sealed).is_some());
    // What it seals now, an isolate that has only the old set opens.
    let sealed = rotated.seal(Purpose::Session, "a", [7; 12], now(), b"x").unwrap();
    assert!(seal.open(Purpose::Session, "a", &sealed).is_some());
    let later = rotated.seal(Purpose::Session, "a", [7; 12], now() + 3_600, b"x").unwrap();
    assert!(seal.open(Purpose::Session, "a", &later).is_none());
    SignKeys::from_jwks(after["SIGN_KEYS"].as_str().unwrap()).unwrap();
}

#[test]
fn a_key_is_taken_away_when_nothing_of_it_can_live() {
    let path = new_file("dropped.json");
    assert!(rotate(&path, &[]).status.success());
    let again = rotate(&path, &[]);
    assert_eq!(again.status.code(), Some(1), "one is announced already");
    assert_eq!(list(&path, "SEAL_KEYS").len(), 2);

    let rotated = |after: i64| {
        age(&path, after);
        let done = rotate(&path, &["--announce-minutes", "0", "--json"]);
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice::<Value>(&done.stdout).unwrap()["dropped"].clone()
    };
    // The assertions of the first are over ten minutes and a bit after the second was used.
    assert_eq!(rotated(3_600 + 600), json!({ "SEAL_KEYS": 0, "SIGN_KEYS": 0 }));
    assert_eq!(rotated(660), json!({ "SEAL_KEYS": 0, "SIGN_KEYS": 2 }));
    assert_eq!(list(&path, "SEAL_KEYS").len(), 4);
    // Sessions live a month at most.
    assert_eq!(rotated(MONTH - 660), json!({ "SEAL_KEYS": 2, "SIGN_KEYS": 1 }));
    assert_eq!(rotated(MONTH), json!({ "SEAL_KEYS": 2, "SIGN_KEYS": 1 }));
    let found = dates(&path, "SEAL_KEYS");
    assert!(matches!(found[..], [Some(-5..=0), None]), "{found:?}");
}

#[test]
fn what_is_not_understood_is_left_as_it_is() {
    let path = new_file("broken.json");
    let good = secrets(&path);
    let with = |name: &str, value: Value| {
        let mut all = good.clone();
        all[name] = value;
        all.to_string()
    };
    for text in [
        "SEAL_KEYS=x".to_owned(),
        "[]".to_owned(),
        with("SEAL_KEYS", Value::Null),
        with("SIGN_KEYS", "{\"keys\":[]}".into()),
        with("SIGN_KEYS", good["SEAL_KEYS"].clone()),
        with("SEAL_KEYS", good["SEAL_KEYS"].as_str().unwrap().replace("oct", "EC").into()),
    ] {
        std::fs::write(&path, &text).unwrap();
        let done = rotate(&path, &[]);
        assert_eq!(done.status.code(), Some(2), "{text}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let path = new_file("private.json");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(rotate(&path, &[]).status.success());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// So that `vestibule doctor` can tell how old they are. Applications see it of the signing keys.
#[test]
fn keys_say_when_they_were_made() {
    let file = new_file("made.json");
    let rotated = vestibule(&["rotate", file.to_str().unwrap()]);
    assert!(rotated.status.success());
    for name in ["SEAL_KEYS", "SIGN_KEYS"] {
        for key in list(&file, name) {
            assert!((0..60).contains(&(now() - key["iat"].as_i64().unwrap())), "{name}");
        }
    }
    let sign = secrets(&file)["SIGN_KEYS"].as_str().unwrap().to_owned();
    let shown: Value =
        serde_json::from_str(&SignKeys::from_jwks(&sign).unwrap().public_jwks()).unwrap();
    assert_eq!(shown["keys"].as_array().unwrap().len(), 2);
    assert_eq!(shown["keys"][0]["iat"], list(&file, "SIGN_KEYS")[0]["iat"]);
}
