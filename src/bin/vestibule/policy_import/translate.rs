//! Applications of Access as policy documents.
//!
//! In Access the first policy that matches decides; here no order counts. An allow is therefore
//! written as "whom it allows and no block before it keeps out". Nothing becomes more open: what
//! can't be said lets fewer people in, and a note says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::conditions::{Conditions, all_of, narrow, wide};
use super::idps::Idps;
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
    let all = access.applications.iter().chain(access.policies.values());
    let idps = Idps::new(idps, all.chain(access.groups.values()));
    let mut notes = access.notes.clone();
    let mut hosts: BTreeMap<String, Host> = BTreeMap::new();
    let mut taken: BTreeSet<(String, String)> = BTreeSet::new();
    for application in &access.applications {
        let name = application.get("name").and_then(Value::as_str).unwrap_or("Application");
        let mut own = BTreeSet::new();
        for (host, path) in destinations(application, name, &mut notes) {
            let place = format!("{name} ({host}{path})");
            let mut note = |says: String| notes.push(Note { place: place.clone(), says });
            let pattern = match pattern(&path) {
                Ok(pattern) => pattern,
                Err(above) => {
                    note(format!(
                        "a star inside a path has no counterpart: {above} is closed; write rules for it"
                    ));
                    hosts.entry(host).or_default().rules.push(denied(&above));
                    continue;
                }
            };
            if !own.insert((host.clone(), pattern.clone())) {
                continue;
            }
            let first = taken.insert((host.clone(), pattern.clone()));
            if path.ends_with("/*") && pattern != "/**" {
                note(format!(
                    "as in Access, {path} leaves {} to a wider rule",
                    path.trim_end_matches("/*")
                ));
            }
            let host = hosts.entry(host).or_default();
            if host.name.is_empty() || path == "/" {
                host.name = name.to_owned();
            }
            if !first {
                note(format!(
                    "another application has the same path: {pattern} is closed; say which holds"
                ));
                host.rules.push(denied(&pattern));
                continue;
            }
            let translation =
                Translation { access, idps: &idps, application, pattern: &pattern, place: &place };
            host.rules.extend(translation.rules(&mut notes));
            host.max_age = host.max_age.into_iter().chain(max_age(access, application)).min();
        }
    }
    overlaps(&hosts, &mut notes);
    let document = |(host, of): (String, Host)| {
        let mut sign_in = Map::from_iter([("idps".to_owned(), json!(idps.ours()))]);
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

/// A host with a star and one that it covers: here the document of the exact host speaks alone.
fn overlaps(hosts: &BTreeMap<String, Host>, notes: &mut Vec<Note>) {
    for (wild, _) in hosts.iter().filter(|(host, _)| host.contains('*')) {
        let covers = |host: &&String| {
            let labels = wild.trim_start_matches('*');
            !host.contains('*') && host.ends_with(labels)
        };
        for host in hosts.keys().filter(covers) {
            let says = format!("{wild} does not count for {host}, which has a document of its own");
            notes.push(Note { place: host.clone(), says });
        }
    }
}

/// The shortest session that the application or one of its policies asks for, in seconds.
fn max_age(access: &Access, application: &Value) -> Option<u64> {
    let policies = access.policies_of(application).unwrap_or_default();
    let ages = std::iter::once(application).chain(policies).filter_map(|of| {
        let written = of.get("session_duration")?.as_str()?;
        // What is not understood ends as soon as a session can.
        Some(seconds(written).unwrap_or(0))
    });
    ages.min()
}

/// Kinds of application that stand before no host of one's own.
const ELSEWHERE: &[&str] = &["saas", "bookmark", "app_launcher", "dash_sso", "warp", "biso"];

/// Hosts and paths: `app.example.com/admin/*` is a host and `/admin/*`.
fn destinations(application: &Value, name: &str, notes: &mut Vec<Note>) -> Vec<(String, String)> {
    let mut note = |says: String| notes.push(Note { place: name.to_owned(), says });
    let kind = application.get("type").and_then(Value::as_str).unwrap_or("self_hosted");
    if ELSEWHERE.contains(&kind) {
        note(format!("{kind} has no counterpart: it is left out"));
        return Vec::new();
    }
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
    if written.is_empty() {
        note("it has no public host: it is left out".to_owned());
    }
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
    // At the top, and only there, a star covers what is above it too.
    let trimmed = if path == "/*" { "" } else { path.trim_matches('/') };
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

/// One destination of an application on its way to rules.
struct Translation<'a> {
    access: &'a Access,
    idps: &'a Idps,
    application: &'a Value,
    pattern: &'a str,
    place: &'a str,
}

impl Translation<'_> {
    fn rules(&self, notes: &mut Vec<Note>) -> Vec<Value> {
        match self.policies() {
            Ok((signed_in, policies)) => self.rules_of(&signed_in, &policies, notes),
            Err(why) => {
                let says = format!("{why}: {} is closed", self.pattern);
                notes.push(Note { place: self.place.to_owned(), says });
                vec![closed(self.pattern)]
            }
        }
    }

    /// Its policies in order, and where one has to be signed in for all of them.
    fn policies(&self) -> Result<(Value, Vec<&Value>), String> {
        let application = self.application;
        let kind = application.get("type").and_then(Value::as_str).unwrap_or("self_hosted");
        if kind != "self_hosted" {
            return Err(format!("{kind} has no counterpart"));
        }
        if let Some(asked) = asks_more(application) {
            return Err(format!("it has {asked}, which has no counterpart"));
        }
        let allowed: Option<Vec<&str>> = match application.get("allowed_idps") {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(list) => list.as_array().and_then(|list| list.iter().map(Value::as_str).collect()),
        };
        let signed_in = allowed.and_then(|allowed| self.idps.signed_in_at(&allowed));
        let signed_in = signed_in.ok_or("say --idp for each of its identity providers")?;
        Ok((signed_in, self.access.policies_of(application)?))
    }

    fn rules_of(
        &self,
        signed_in: &Value,
        policies: &[&Value],
        notes: &mut Vec<Note>,
    ) -> Vec<Value> {
        let Translation { access, idps, pattern, place, .. } = *self;
        let mut conditions = Conditions { access, idps, place: place.to_owned(), notes };
        let mut rules = Vec::new();
        let mut blocks: Vec<Value> = Vec::new();
        for policy in policies {
            let name = policy.get("name").and_then(Value::as_str).unwrap_or_default();
            let decision = policy.get("decision").and_then(Value::as_str).unwrap_or_default();
            let parts = conditions.parts(policy);
            match decision {
            "bypass" => {
                let include = policy.get("include").and_then(Value::as_array);
                    let is_everyone = |rule: &Value| rule.get("everyone").is_some();
                    let everyone = include.is_some_and(|list| list.iter().any(is_everyone));
                if everyone && parts.require.is_empty() && parts.exclude.is_empty() {
                    return vec![json!({ "path": pattern, "public": true })];
                }
                conditions.note(format!("the bypass {name:?} is not for everybody: it is left out, so that all sign in"));
            }
            "non_identity" => match narrow(parts) {
                Some(condition) if names_person(&condition) => conditions.note(format!("{name:?} asks for a person, whom Access does not know there: it is left out")),
                Some(condition) if names_service(&condition) => {
                    rules.push(allow(pattern, condition, name));
                    conditions.note(format!("make the services of {name:?} with `vestibule service add`"));
                }
                _ => conditions.note(format!("{name:?} lets in without a sign-in or a service token: it is left out")),
            },
            "deny" => match wide(parts) {
                Some(condition) if condition != json!("signed-in") => blocks.push(condition),
                // Everybody is kept out from here on.
                _ => break,
            },
            "allow" if let Some(asked) = asks_more(policy) => conditions.note(format!("the allow {name:?} has {asked}, which has no counterpart: it is left out")),
            "allow" => match narrow(parts) {
                Some(condition) if names_service(&condition) => conditions.note(format!("the allow {name:?} has a service token, for which Access asks for a sign-in all the same: it is left out")),
                Some(condition) => {
                    let not = blocks.iter().map(|block| json!({ "not": block }));
                    let all = std::iter::once(condition).chain(not);
                    let at = Some(signed_in.clone()).filter(|at| *at != json!("signed-in"));
                    rules.push(allow(pattern, all_of(at.into_iter().chain(all).collect()), name));
                }
                None => conditions.note(format!("the allow {name:?} is left out")),
            },
            // It may keep people out.
            other => {
                conditions.note(format!("the decision {other:?} of {name:?} is not known: it and what comes after it are left out"));
                break;
            }
        }
        }
        if rules.is_empty() {
            conditions.note(format!("nobody is let in to {pattern}"));
            rules.push(closed(pattern));
        }
        rules
    }
}

/// What an allow asks for besides its rules.
fn asks_more(policy: &Value) -> Option<&'static str> {
    let asks = ["approval_required", "isolation_required", "mfa_config"];
    let is_set = |key: &str| {
        let value = policy.get(key);
        value.is_some_and(|value| !value.is_null() && *value != json!(false) && *value != json!({}))
    };
    asks.into_iter().find(|key| is_set(key))
}

fn names_service(condition: &Value) -> bool {
    names(condition, &["service"])
}

/// Whether it tells one person from another.
fn names_person(condition: &Value) -> bool {
    names(condition, &["signed-in", "email", "email_domain", "group", "attribute", "idp"])
}

fn names(condition: &Value, facts: &[&str]) -> bool {
    match condition {
        Value::Object(members) => {
            members.iter().any(|(fact, of)| facts.contains(&fact.as_str()) || names(of, facts))
        }
        Value::Array(list) => list.iter().any(|of| names(of, facts)),
        Value::String(fact) => fact == "signed-in" && facts.contains(&"signed-in"),
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

/// A rule that keeps everybody out, also from what is below: where the application that it stands
/// for could not be told from its neighbours.
fn denied(pattern: &str) -> Value {
    json!({ "path": pattern, "deny": true, "why": "Closed since the move from Cloudflare Access" })
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
    digits.is_empty().then_some(total)
}
