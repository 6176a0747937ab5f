//! Terraform files, as the API would have them.

use serde_json::{Map, Value, json};

use super::Note;
use super::source::{Access, insert};

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
    for (name, _) in file.get("module").and_then(Value::as_object).into_iter().flatten() {
        access.notes.push(Note {
            place: format!("module.{name}"),
            says: "is not read: what an application in it protects may be open".to_owned(),
        });
    }
    let resources = file.get("resource").and_then(Value::as_object);
    for (kind, named) in resources.into_iter().flatten() {
        let kind = kind.trim_start_matches("cloudflare_").trim_start_matches("zero_trust_");
        for (name, body) in named.as_object().into_iter().flatten() {
            let Some(body) = body.as_object() else { continue };
            let id = format!("{kind}.{name}");
            let ours = ["access_application", "access_policy", "access_group"].contains(&kind);
            // How many there are, and which, is known only to Terraform.
            if ours && (body.contains_key("count") || body.contains_key("for_each")) {
                return Err(format!("{id}: write it out, instead of count and for_each"));
            }
            match kind {
                "access_application" if body.contains_key("dynamic") => {
                    return Err(format!("{id}: write it out, instead of dynamic blocks"));
                }
                "access_application" => {
                    let mut body = body.clone();
                    body.insert("id".into(), id.into());
                    refer(&mut body);
                    access.applications.push(body.into());
                }
                "access_policy" => insert(&mut access.policies, id, rules_of(body))?,
                "access_group" => insert(&mut access.groups, id, rules_of(body))?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Version 4 says in the policy which application it is for. To be called once, after all files.
pub fn attach(access: &mut Access) -> Result<(), String> {
    for (id, policy) in &access.policies {
        let of = policy.get("application_id").and_then(Value::as_str).unwrap_or_default();
        if of.contains(['$', '[']) {
            return Err(format!("{id}: write out which application it is for, instead of {of}"));
        }
    }
    for application in &mut access.applications {
        let own: Vec<Value> = access
            .policies
            .iter()
            .filter(|(_, policy)| {
                let of = policy.get("application_id");
                of.is_some() && of == application.get("id")
            })
            .map(|(id, policy)| {
                // The order of a file says nothing, so a precedence has to be there.
                let precedence = policy.get("precedence").cloned();
                json!({ "id": id, "precedence": precedence.unwrap_or_else(|| "none".into()) })
            })
            .collect();
        if let Some(members) = application.as_object_mut()
            && !own.is_empty()
        {
            let listed = members.entry("policies").or_insert_with(|| json!([]));
            match listed.as_array_mut() {
                Some(listed) => listed.extend(own),
                None => return Err(format!("{}: policies is no list", members["id"])),
            }
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
        // What a dynamic block makes is known only to Terraform.
        if let Some(dynamic) = body.get("dynamic").and_then(|blocks| blocks.get(key)).cloned() {
            let rules = body.entry(key).or_insert_with(|| json!([]));
            if let Some(rules) = rules.as_array_mut() {
                rules.push(json!({ "dynamic": dynamic }));
            }
        }
    }
    refer(&mut body);
    body.into()
}

/// The rules of one block: version 5 has one rule an object, version 4 lists. An expression stays as
/// it is, and is not understood later on.
fn expanded(block: &Value) -> Vec<Value> {
    let mut rules = Vec::new();
    if !block.is_object() && !block.is_null() {
        rules.push(block.clone());
    }
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
