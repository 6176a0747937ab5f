//! Terraform files, as the API would have them.

use serde_json::{Map, Value, json};

use super::source::Access;

/// Selectors whose values version 4 of the provider lists, and the member that the API has them in.
const LISTED: &[(&str, &str)] = &[
    ("email", "email"),
    ("email_domain", "domain"),
    ("ip", "ip"),
    ("geo", "country_code"),
    ("group", "id"),
    ("service_token", "token_id"),
];

/// Reads the resources of a file. References are taken by name and not resolved: what is not a
/// resource of these files stays a reference, and is not understood later on.
pub fn read(text: &str, access: &mut Access) -> Result<(), String> {
    let file: Value = hcl::from_str(text).map_err(|error| error.to_string())?;
    let resources = file.get("resource").and_then(Value::as_object);
    for (kind, named) in resources.into_iter().flatten() {
        let kind = kind.trim_start_matches("cloudflare_").trim_start_matches("zero_trust_");
        for (name, body) in named.as_object().into_iter().flatten() {
            let Some(body) = body.as_object() else { continue };
            let id = format!("{kind}.{name}");
            match kind {
                "access_application" => {
                    let mut body = body.clone();
                    body.insert("id".into(), id.into());
                    refer(&mut body);
                    access.applications.push(body.into());
                }
                "access_policy" => drop(access.policies.insert(id, rules_of(body))),
                "access_group" => drop(access.groups.insert(id, rules_of(body))),
                _ => {}
            }
        }
    }
    // Version 4 says in the policy which application it is for.
    for application in &mut access.applications {
        let own: Vec<Value> = access
            .policies
            .iter()
            .filter(|(_, policy)| policy.get("application_id") == application.get("id"))
            .map(|(id, policy)| json!({ "id": id, "precedence": policy.get("precedence") }))
            .collect();
        if let Some(members) = application.as_object_mut()
            && !own.is_empty()
        {
            members.insert("policies".into(), own.into());
        }
    }
    Ok(())
}

/// A policy or group with its rules in the API's shape.
fn rules_of(body: &Map<String, Value>) -> Value {
    let mut body = body.clone();
    for key in ["include", "require", "exclude"] {
        if let Some(rules) = body.remove(key) {
            let blocks = match rules {
                Value::Array(blocks) => blocks,
                one => vec![one],
            };
            let rules: Vec<Value> = blocks.iter().flat_map(expanded).collect();
            body.insert(key.into(), rules.into());
        }
    }
    refer(&mut body);
    body.into()
}

/// The rules of one block: version 5 has one rule an object, version 4 lists.
fn expanded(block: &Value) -> Vec<Value> {
    let mut rules = Vec::new();
    for (selector, value) in block.as_object().into_iter().flatten() {
        let listed = LISTED.iter().find(|(known, _)| known == selector);
        match (value, listed) {
            (Value::Null | Value::Bool(false), _) => {}
            (Value::Array(values), Some((_, member))) => {
                rules.extend(values.iter().map(|value| json!({ selector: { *member: value } })));
            }
            (Value::Array(values), None) => {
                rules.extend(values.iter().map(|value| json!({ selector: value })));
            }
            (Value::Bool(true), _) => rules.push(json!({ selector: {} })),
            _ => rules.push(json!({ selector: value })),
        }
    }
    rules
}

/// `${cloudflare_zero_trust_access_group.staff.id}` is the id `access_group.staff` here.
fn refer(members: &mut Map<String, Value>) {
    for value in members.values_mut() {
        match value {
            Value::String(text) => {
                let reference = text.strip_prefix("${").and_then(|text| text.strip_suffix(".id}"));
                if let Some(reference) = reference {
                    *text = reference
                        .trim_start_matches("cloudflare_")
                        .trim_start_matches("zero_trust_")
                        .to_owned();
                }
            }
            Value::Object(inner) => refer(inner),
            Value::Array(list) => {
                let mut wrapped = Map::new();
                for (at, one) in std::mem::take(list).into_iter().enumerate() {
                    wrapped.insert(format!("{at:06}"), one);
                }
                refer(&mut wrapped);
                *list = wrapped.into_iter().map(|(_, one)| one).collect();
            }
            _ => {}
        }
    }
}
