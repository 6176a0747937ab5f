//! What a sign-in brought, and which rules it satisfies.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use vestibule::identity::{Email, Facts, UnixTime};
use vestibule::policy::{
    CanonicalPath, Considered, Policy, Request, Rule, Truth, Verdict, explain,
};
use vestibule::saml::idp::AttributeNames;

use crate::{paint, policies};

/// A sign-in, and the documents that it is held against.
pub struct SignIn<'a> {
    pub facts: &'a Facts,
    /// Names of attributes that came and that nothing reads.
    pub unread: Vec<String>,
    pub policies: &'a [(PathBuf, Policy)],
    pub now: UnixTime,
}

/// The attributes that came and that a document of an identity provider does not name.
pub fn unread(sent: &[String], names: &AttributeNames) -> Vec<String> {
    let others = names.others.values().flatten();
    let read: Vec<&String> = names.email.iter().chain(&names.groups).chain(others).collect();
    sent.iter().filter(|name| !read.contains(name)).cloned().collect()
}

/// The documents that were named, or those in policies/ that it is about.
pub fn documents(
    named: &[PathBuf],
    is_about: impl Fn(&Policy) -> bool,
) -> Result<Vec<(PathBuf, Policy)>, String> {
    let files = policies::given_or_all(named);
    let files = if named.is_empty() { files.unwrap_or_default() } else { files? };
    let mut found = Vec::new();
    for file in files {
        match policies::read(&file)? {
            Ok(document) => found.push((file, document.policy)),
            Err(unusable) if named.is_empty() => anstream::eprintln!("{}", unusable.lines()),
            Err(unusable) => return Err(unusable.lines()),
        }
    }
    found.retain(|(_, policy)| !named.is_empty() || is_about(policy));
    Ok(found)
}

/// A path that a pattern covers.
pub fn example(pattern: &str) -> String {
    let path = pattern.replace("/**", "/").replace('*', "x");
    if path.len() > 1 { path.trim_end_matches('/').to_owned() } else { path }
}

/// A rule as it was met, and what becomes of a request that it covers.
struct Met {
    rule: Considered,
    request: String,
    verdict: Verdict,
}

impl SignIn<'_> {
    /// The rules of a document, each by a request for a path that it covers.
    fn met(&self, policy: &Policy) -> Vec<Met> {
        let one = |(at, rule): (usize, &Rule)| {
            let path = example(rule.pattern().as_str());
            let canonical = CanonicalPath::parse(&path).ok()?;
            let method = rule.methods().first().map_or("GET", String::as_str);
            let request = Request::new(method, &canonical, self.now);
            let explained = explain(policy, &request, Some(self.facts));
            let pointer = format!("/rules/{at}");
            let rule = explained.considered.into_iter().find(|one| one.pointer == pointer)?;
            Some(Met { rule, request: format!("{method} {path}"), verdict: explained.verdict })
        };
        policy.rules().iter().enumerate().filter_map(one).collect()
    }

    pub fn text(&self) -> String {
        let facts = self.facts;
        let list = |values: &[String]| match values {
            [] => "none".to_owned(),
            values => values.join(", "),
        };
        let mut lines = vec![
            ("NameID".to_owned(), facts.name_id.clone()),
            ("mail address".to_owned(), facts.email.as_ref().map_or("none", Email::as_str).into()),
            ("groups".to_owned(), list(&facts.groups)),
        ];
        lines.extend(facts.attributes.iter().map(|(name, values)| (name.clone(), list(values))));
        let context =
            facts.authn_context.clone().map(|context| ("signed in by".to_owned(), context));
        lines.extend(context);
        let mut text = String::from("What came\n");
        for (what, value) in lines {
            let _ = writeln!(text, "  {what:<13} {value}");
        }
        if !self.unread.is_empty() {
            let _ = writeln!(text, "  not read      {}", self.unread.join(", "));
        }
        if self.policies.is_empty() {
            text.push_str("\nNo document in policies/ is about it: name one with --policy to see its rules.\n");
        }
        for (file, policy) in self.policies {
            let _ = writeln!(text, "\n{}", file.display());
            for Met { rule, request, verdict } in self.met(policy) {
                let word = match rule.truth {
                    Some(Truth::True) => paint::good("yes"),
                    Some(Truth::False) => paint::bad("no "),
                    Some(Truth::Unknown) => paint::notable("?  "),
                    None => "-  ".to_owned(),
                };
                let rule = format!("{} {}", rule.effect, rule.path);
                let _ = writeln!(text, "  {word} {rule:<30} {request}: {verdict}");
            }
        }
        text.trim_end().to_owned()
    }

    pub fn json(&self) -> Value {
        let facts = self.facts;
        let rule = |Met { rule, request, verdict }: &Met| {
            json!({ "path": rule.path, "effect": rule.effect, "holds": rule.truth,
                "request": request, "verdict": verdict })
        };
        let document = |(file, policy): &(PathBuf, Policy)| json!({ "file": file, "rules": self.met(policy).iter().map(rule).collect::<Vec<_>>() });
        json!({ "name_id": facts.name_id, "email": facts.email, "groups": facts.groups,
            "attributes": facts.attributes, "authn_context": facts.authn_context,
            "not_read": self.unread,
            "policies": self.policies.iter().map(document).collect::<Vec<_>>() })
    }
}
