//! What stands in the files: applications, policies and rule groups, told apart by their members.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Note, terraform};

/// Everything that the files have, by id where it has one.
#[derive(Default)]
pub struct Access {
    pub applications: Vec<Value>,
    pub policies: BTreeMap<String, Value>,
    pub groups: BTreeMap<String, Value>,
    /// How many applications there are, where an answer of the API says so.
    announced: u64,
    /// What the files do not have, as far as they say so.
    pub notes: Vec<Note>,
}

/// Reads JSON and Terraform files.
pub fn read(files: &[PathBuf]) -> Result<Access, String> {
    let mut access = Access::default();
    for file in files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let wrong = |error: String| format!("{}: {error}", file.display());
        if is_terraform(file) {
            terraform::read(&text, &mut access).map_err(wrong)?;
        } else {
            let value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
            access.take(value).map_err(wrong)?;
        }
    }
    terraform::attach(&mut access)?;
    let (read, announced) = (access.applications.len() as u64, access.announced);
    if read < announced {
        access.notes.push(Note {
            place: "applications".into(),
            says: format!(
                "{read} of {announced}: fetch all pages, or what the others protect is open"
            ),
        });
    }
    if access.applications.is_empty() {
        return Err("there is no application in these files".to_owned());
    }
    Ok(access)
}

fn is_terraform(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "tf")
}

/// Keeps one under its id, which no other may have.
pub fn insert(into: &mut BTreeMap<String, Value>, id: String, one: Value) -> Result<(), String> {
    if id.is_empty() {
        return Err("a policy or group without an id".to_owned());
    }
    match into.get(&id) {
        Some(known) if *known != one => Err(format!("there are two of {id}")),
        _ => {
            into.insert(id, one);
            Ok(())
        }
    }
}

impl Access {
    /// Takes an answer of the API, a list, or one object.
    fn take(&mut self, value: Value) -> Result<(), String> {
        match value {
            Value::Array(list) => list.into_iter().try_for_each(|one| self.take(one)),
            Value::Object(mut members) if members.contains_key("result") => {
                let before = self.applications.len();
                self.take(members.remove("result").unwrap_or_default())?;
                let total =
                    members.get("result_info").and_then(|info| info["total_count"].as_u64());
                if self.applications.len() > before {
                    self.announced = self.announced.max(total.unwrap_or_default());
                }
                Ok(())
            }
            Value::Object(members) => {
                let has = |key| members.contains_key(key);
                let id = members.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                let application = ["domain", "destinations", "self_hosted_domains", "aud"];
                if has("decision") {
                    insert(&mut self.policies, id, members.into())?;
                } else if application.into_iter().any(has) {
                    self.applications.push(members.into());
                } else if has("include") {
                    insert(&mut self.groups, id, members.into())?;
                } else {
                    return Err("an object that is no application, policy or group".to_owned());
                }
                Ok(())
            }
            _ => Err("no object of Access".to_owned()),
        }
    }

    /// The policies of an application in the order in which Access asks them: those that need no
    /// sign-in first, then the others. `Err` says why they are not known.
    pub fn policies_of<'a>(&'a self, application: &'a Value) -> Result<Vec<&'a Value>, String> {
        let listed = application.get("policies").and_then(Value::as_array);
        let mut found = Vec::new();
        let mut ordered = 0_usize;
        for (place, entry) in listed.into_iter().flatten().enumerate() {
            let id = entry.as_str().or_else(|| entry.get("id")?.as_str()).unwrap_or_default();
            let whole = entry.get("decision").is_some().then_some(entry);
            let Some(policy) = whole.or_else(|| self.policies.get(id)) else {
                return Err(format!("the policy {id} is not in these files"));
            };
            let precedence = entry.get("precedence").or_else(|| policy.get("precedence"));
            let place = u64::try_from(place).unwrap_or(u64::MAX);
            let precedence = match precedence.filter(|written| !written.is_null()) {
                None => None,
                Some(Value::String(written)) => Some(written.parse().ok()),
                Some(written) => Some(written.as_u64()),
            };
            let Some(order) = precedence.unwrap_or(Some(place)) else {
                return Err(format!("the precedence of the policy {id} is not known"));
            };
            ordered = ordered.saturating_add(usize::from(precedence.is_some()));
            found.push((order, policy));
        }
        if ordered != 0 && ordered != found.len() {
            return Err("only some of its policies have a precedence".to_owned());
        }
        found.sort_by_key(|(precedence, policy)| {
            let decision = policy.get("decision").and_then(Value::as_str);
            (!matches!(decision, Some("bypass" | "non_identity")), *precedence)
        });
        Ok(found.into_iter().map(|(_, policy)| policy).collect())
    }
}
