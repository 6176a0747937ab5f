//! Applications of Access as policy documents.
//!
//! In Access the first policy that matches decides; here no order counts. An allow is therefore
//! written as "whom it allows and no block before it keeps out". Nothing becomes more open: what
//! can't be said lets fewer people in, and a note says so.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::conditions::{Conditions, all_of, narrow, wide};
use super::source::Access;
use super::{Imported, Note};

/// The rules and the session of one host.
#[derive(Default)]
struct Host {
    name: String,
    rules: Vec<Value>,
    max_age: Option<u64>,
}

pub fn documents(access: &Access, idps: &[String]) -> Result<Imported, String> {
    let mut notes = Vec::new();
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    for application in &access.applications {
        let name = application.get("name").and_then(Value::as_str).unwrap_or("Application");
        for (host, path) in destinations(application) {
            let place = format!("{name} ({host}{path})");
            let rules = rules(access, application, &path, &place, &mut notes);
            let host = hosts.entry(host).or_default();
            if host.name.is_empty() || path == "/" {
                host.name = name.to_owned();
            }
            host.rules.extend(rules);
            let age = application.get("session_duration").and_then(Value::as_str).and_then(seconds);
            host.max_age = match (host.max_age, age) {
                (Some(known), Some(age)) => Some(known.min(age)),
                (known, age) => known.or(age),
            };
        }
    }
    let document = |(host, of): (String, Host)| {
        let mut sign_in = Map::from_iter([("idps".to_owned(), json!(idps))]);
        if let Some(age) = of.max_age {
            sign_in.insert("max_age".to_owned(), format!("{}s", age.clamp(60, 30 * 86_400)).into());
        }
        let document = json!({ "name": of.name, "hosts": [host], "sign_in": sign_in,
            "rules": of.rules, "expect": [] });
        (host, document)
    };
    let mut documents: Vec<(String, Value)> = hosts.into_iter().map(document).collect();
    documents.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(Imported { documents, notes })
}

/// Hosts and paths: `app.example.com/admin/*` is a host and `/admin/*`.
fn destinations(application: &Value) -> Vec<(String, String)> {
    let uris = application.get("destinations").and_then(Value::as_array).map(|list| {
        list.iter().filter_map(|one| one.get("uri")?.as_str()).map(str::to_owned).collect()
    });
    let domains = application.get("self_hosted_domains").and_then(Value::as_array);
    let domains = domains.map(|list| {
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<String>>()
    });
    let single =
        || application.get("domain").and_then(Value::as_str).map(|one| vec![one.to_owned()]);
    let mut written: Vec<String> = uris
        .filter(|list: &Vec<String>| !list.is_empty())
        .or(domains.filter(|list| !list.is_empty()))
        .or_else(single)
        .unwrap_or_default();
    written.sort_unstable();
    written.dedup();
    let split = |uri: String| {
        let uri = uri.trim_start_matches("https://");
        let (host, path) = uri.split_once('/').unwrap_or((uri, ""));
        (host.to_ascii_lowercase(), format!("/{path}"))
    };
    written.into_iter().map(split).collect()
}

/// A path of Access as one of our patterns. It covers what is below it; with a star at its end only
/// that. `Err` is the longest path above a star that has no counterpart.
fn pattern(path: &str) -> Result<String, String> {
    let trimmed = path.trim_matches('/');
    let segments: Vec<&str> = trimmed.split('/').filter(|name| !name.is_empty()).collect();
    let last = segments.len().saturating_sub(1);
    for (at, segment) in segments.iter().enumerate() {
        // A star spans several segments, unless it is all that is left.
        if segment.contains('*') && !(at == last && *segment == "*") {
            let above = segments.get(..at).unwrap_or_default();
            let above: String = above.iter().map(|name| format!("/{name}")).collect();
            return Err(format!("{above}/**"));
        }
    }
    let names: String = segments.iter().map(|name| format!("/{name}")).collect();
    Ok(format!("{names}/**"))
}

fn rules(
    access: &Access,
    application: &Value,
    path: &str,
    place: &str,
    notes: &mut Vec<Note>,
) -> Vec<Value> {
    let mut note = |says: String| notes.push(Note { place: place.to_owned(), says });
    let pattern = match pattern(path) {
        Ok(pattern) => pattern,
        Err(above) => {
            note(format!(
                "a star inside a path has no counterpart: {above} is closed; write rules for it"
            ));
            return vec![closed(&above)];
        }
    };
    let policies = match access.policies_of(application) {
        Ok(policies) => policies,
        Err(id) => {
            note(format!("the policy {id} is not in these files: {pattern} is closed"));
            return vec![closed(&pattern)];
        }
    };
    let mut conditions = Conditions { access, place: place.to_owned(), notes };
    let mut rules = Vec::new();
    let mut blocks: Vec<Value> = Vec::new();
    for policy in policies {
        let name = policy.get("name").and_then(Value::as_str).unwrap_or_default();
        let decision = policy.get("decision").and_then(Value::as_str).unwrap_or_default();
        let parts = conditions.parts(policy);
        match decision {
            "bypass" => {
                let everyone = parts.include.contains(&Some(json!("signed-in")));
                if everyone && parts.require.is_empty() && parts.exclude.is_empty() {
                    return vec![json!({ "path": pattern, "public": true })];
                }
                conditions.note(format!("the bypass {name:?} is not for everybody: it is left out, so that all sign in"));
            }
            "non_identity" => match narrow(parts) {
                Some(condition) if names_service(&condition) => {
                    rules.push(allow(&pattern, condition, name));
                    conditions.note(format!("make the services of {name:?} with `vestibule service add`"));
                }
                _ => conditions.note(format!("{name:?} lets in without a sign-in or a service token: it is left out")),
            },
            "deny" => match wide(parts) {
                Some(condition) if condition != json!("signed-in") => blocks.push(condition),
                // Everybody is kept out from here on.
                _ => break,
            },
            "allow" => match narrow(parts) {
                Some(condition) if names_service(&condition) => conditions.note(format!("the allow {name:?} has a service token, for which Access asks for a sign-in all the same: it is left out")),
                Some(condition) => {
                    let not = blocks.iter().map(|block| json!({ "not": block }));
                    let all = std::iter::once(condition).chain(not).collect();
                    rules.push(allow(&pattern, all_of(all), name));
                }
                None => conditions.note(format!("the allow {name:?} is left out")),
            },
            other => conditions.note(format!("the decision {other:?} of {name:?} is not known: it is left out")),
        }
    }
    if rules.is_empty() {
        conditions.note(format!("nobody is let in to {pattern}"));
        rules.push(closed(&pattern));
    }
    rules
}

fn names_service(condition: &Value) -> bool {
    match condition {
        Value::Object(members) => {
            members.contains_key("service") || members.values().any(names_service)
        }
        Value::Array(list) => list.iter().any(names_service),
        _ => false,
    }
}

fn allow(pattern: &str, condition: Value, why: &str) -> Value {
    let mut rule = json!({ "path": pattern, "allow": condition });
    if let Some(members) = rule.as_object_mut()
        && !why.is_empty()
    {
        members.insert("why".to_owned(), why.into());
    }
    rule
}

/// A rule that lets nobody in, so that no wider one speaks here; what is below may be open.
fn closed(pattern: &str) -> Value {
    json!({ "path": pattern, "allow": "signed-in", "until": "2000-01-01",
        "why": "Closed since the move from Cloudflare Access" })
}

/// A duration as Go writes it: `24h`, `1h30m`.
fn seconds(written: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut digits = String::new();
    for letter in written.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            'h' | 'm' | 's' => {
                let unit = [('h', 3_600), ('m', 60), ('s', 1)];
                let (_, unit) = unit.into_iter().find(|(known, _)| *known == letter)?;
                let count: u64 = digits.parse().ok()?;
                total = total.checked_add(count.checked_mul(unit)?)?;
                digits.clear();
            }
            _ => return None,
        }
    }
    (digits.is_empty() && total > 0).then_some(total)
}
