//! What stands in the files: applications, policies and rule groups, told apart by their members.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::terraform;

/// Everything that the files have, by id where it has one.
#[derive(Default)]
pub struct Access {
    pub applications: Vec<Value>,
    pub policies: BTreeMap<String, Value>,
    pub groups: BTreeMap<String, Value>,
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
    if access.applications.is_empty() {
        return Err("there is no application in these files".to_owned());
    }
    Ok(access)
}

fn is_terraform(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "tf")
}

impl Access {
    /// Takes an answer of the API, a list, or one object.
    fn take(&mut self, value: Value) -> Result<(), String> {
        match value {
            Value::Array(list) => list.into_iter().try_for_each(|one| self.take(one)),
            Value::Object(mut members) if members.contains_key("result") => {
                self.take(members.remove("result").unwrap_or_default())
            }
            Value::Object(members) => {
                let has = |key| members.contains_key(key);
                let id = members.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                if has("decision") {
                    self.policies.insert(id, members.into());
                } else if has("domain") || has("destinations") || has("self_hosted_domains") {
                    self.applications.push(members.into());
                } else if has("include") {
                    self.groups.insert(id, members.into());
                } else {
                    return Err("an object that is no application, policy or group".to_owned());
                }
                Ok(())
            }
            _ => Err("no object of Access".to_owned()),
        }
    }

    /// The policies of an application in the order in which Access asks them: those that need no
    /// sign-in first, then the others. `Err` names one that is not in the files.
    pub fn policies_of<'a>(&'a self, application: &'a Value) -> Result<Vec<&'a Value>, String> {
        let listed = application.get("policies").and_then(Value::as_array);
        let mut found = Vec::new();
        for (place, entry) in listed.into_iter().flatten().enumerate() {
            let id = entry.as_str().or_else(|| entry.get("id")?.as_str()).unwrap_or_default();
            let whole = entry.get("decision").is_some().then_some(entry);
            let Some(policy) = whole.or_else(|| self.policies.get(id)) else {
                return Err(id.to_owned());
            };
            let precedence = entry.get("precedence").or_else(|| policy.get("precedence"));
            let place = u64::try_from(place).unwrap_or(u64::MAX);
            found.push((precedence.and_then(Value::as_u64).unwrap_or(place), policy));
        }
        found.sort_by_key(|(precedence, policy)| {
            let decision = policy.get("decision").and_then(Value::as_str);
            (!matches!(decision, Some("bypass" | "non_identity")), *precedence)
        });
        Ok(found.into_iter().map(|(_, policy)| policy).collect())
    }
}
