//! The rules of Access as conditions.

use serde_json::{Value, json};

use super::Note;
use super::idps::Idps;
use super::source::Access;

/// Names under which identity providers send groups.
const GROUPS: &[&str] = &["group", "groups", "memberOf", "http://schemas.xmlsoap.org/claims/Group"];

/// Rule groups may name rule groups; deeper than this they are taken for a circle.
const DEPTH: usize = 8;

/// Reads rules of one policy; what can't be carried over is noted.
pub struct Conditions<'a> {
    pub access: &'a Access,
    pub idps: &'a Idps,
    /// Where the notes say that it is.
    pub place: String,
    pub notes: &'a mut Vec<Note>,
}

/// Include, require and exclude, each rule as a condition; none where it has no counterpart.
pub struct Parts {
    pub include: Vec<Option<Value>>,
    pub require: Vec<Option<Value>>,
    pub exclude: Vec<Option<Value>>,
}

impl Conditions<'_> {
    pub fn parts(&mut self, of: &Value) -> Parts {
        self.parts_at(of, DEPTH)
    }

    fn parts_at(&mut self, of: &Value, depth: usize) -> Parts {
        let mut read = |key: &str| {
            let rules = of.get(key).and_then(Value::as_array);
            let mut read: Vec<Option<Value>> =
                rules.into_iter().flatten().map(|rule| self.condition(rule, depth)).collect();
            // Rules that are there but no list, such as a reference to a variable.
            if of.get(key).is_some_and(|rules| !rules.is_array() && !rules.is_null()) {
                self.note(format!("the rules of {key} are not written out"));
                read.push(None);
            }
            read
        };
        Parts { include: read("include"), require: read("require"), exclude: read("exclude") }
    }

    fn condition(&mut self, rule: &Value, depth: usize) -> Option<Value> {
        let members = rule.as_object().filter(|members| members.len() == 1);
        let Some((selector, value)) = members.and_then(|members| members.iter().next()) else {
            self.note(format!("not a rule of Access: {rule}"));
            return None;
        };
        let text = |key: &str| {
            let text = value.get(key)?.as_str()?;
            // A reference that was not resolved names nothing.
            (!text.contains("${") && !text.is_empty()).then(|| text.to_owned())
        };
        let found = match selector.as_str() {
            "everyone" => Some(json!("signed-in")),
            "email" => text("email").map(|email| json!({ "email": email })),
            "email_domain" => text("domain").map(|domain| json!({ "email_domain": domain })),
            "ip" => text("ip").map(|ip| json!({ "ip": ip })),
            "geo" => text("country_code").map(|code| json!({ "country": code })),
            "certificate" => Some(json!({ "client_certificate": true })),
            // A team is fewer people than its organisation.
            "github-organization" if value.get("team").is_some_and(|team| !team.is_null()) => None,
            "okta" | "github-organization" => text("name").map(|name| json!({ "group": name })),
            "gsuite" => text("email").map(|name| json!({ "group": name })),
            "azureAD" | "azure_ad" => text("id").map(|id| json!({ "group": id })),
            "saml" => text("attribute_name").zip(text("attribute_value")).map(|(name, value)| {
                if GROUPS.contains(&name.as_str()) {
                    json!({ "group": value })
                } else {
                    json!({ "attribute": { "name": name, "value": value } })
                }
            }),
            "login_method" => text("id").and_then(|id| self.idps.signed_in_at(&[&id])),
            "service_token" => text("token_id").map(|id| json!({ "service": service_id(&id) })),
            "group" => text("id").and_then(|id| self.group(&id, depth)),
            _ => None,
        };
        // The same name at another identity provider is another group.
        let provider = value.get("identity_provider_id").and_then(Value::as_str);
        let found = match provider {
            Some(provider) => found.and_then(|found| {
                let mut all = vec![self.idps.signed_in_at(&[provider])?];
                all.retain(|one| *one != json!("signed-in"));
                Some(all_of(all.into_iter().chain([found]).collect()))
            }),
            None => found,
        };
        if found.is_none() {
            self.note(format!("{selector} can't be carried over: {value}"));
        }
        found
    }

    /// A rule group, written out.
    fn group(&mut self, id: &str, depth: usize) -> Option<Value> {
        let group = self.access.groups.get(id)?.clone();
        let parts = self.parts_at(&group, depth.checked_sub(1)?);
        // As it may stand in an exclude, a group is understood wholly or not at all.
        let whole = |list: &[Option<Value>]| list.iter().all(Option::is_some);
        (whole(&parts.include) && whole(&parts.require) && whole(&parts.exclude))
            .then(|| narrow(parts))
            .flatten()
    }

    pub fn note(&mut self, says: String) {
        let note = Note { place: self.place.clone(), says };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// An id as ours are: the token has to be made anew under it.
pub fn service_id(id: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' }
    };
    id.chars().map(plain).take(64).collect()
}

/// Include any, require all, exclude none. Nobody, where a requirement or an exception is unknown.
pub fn narrow(parts: Parts) -> Option<Value> {
    let include: Vec<Value> = parts.include.into_iter().flatten().collect();
    let mut all = vec![any(include)?];
    all.extend(parts.require.into_iter().collect::<Option<Vec<_>>>()?);
    let exclude = parts.exclude.into_iter().collect::<Option<Vec<_>>>()?;
    all.extend(any(exclude).map(|excluded| json!({ "not": excluded })));
    Some(all_of(all))
}

/// What a block keeps out at least: where something is unknown, more than it did. None means
/// everybody.
pub fn wide(parts: Parts) -> Option<Value> {
    let include = parts.include.into_iter().collect::<Option<Vec<_>>>()?;
    let mut all = vec![any(include)?];
    all.extend(parts.require.into_iter().flatten());
    let exclude: Vec<Value> = parts.exclude.into_iter().flatten().collect();
    all.extend(any(exclude).map(|excluded| json!({ "not": excluded })));
    Some(all_of(all))
}

fn any(mut of: Vec<Value>) -> Option<Value> {
    match of.len() {
        0 => None,
        1 => of.pop(),
        _ => Some(json!({ "any": of })),
    }
}

pub fn all_of(mut of: Vec<Value>) -> Value {
    of.dedup();
    match (of.len(), of.pop()) {
        (1, Some(only)) => only,
        (_, last) => json!({ "all": of.into_iter().chain(last).collect::<Vec<_>>() }),
    }
}
