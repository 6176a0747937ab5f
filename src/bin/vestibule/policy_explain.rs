//! `vestibule policy explain`

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use vestibule::gate::Target;
use vestibule::identity::{Email, Facts, UnixTime};
use vestibule::policy::{
    Considered, Explanation, Policy, Request, Role, Truth, Verdict, Weighed, Who, contrary, explain,
};

use crate::{Answer, clock, paint, policies};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule policy explain --as bob@example.com --group IT GET https://intranet.example.com/HR
  vestibule policy explain GET https://intranet.example.com/ policies/intranet.json")]
pub struct Arguments {
    /// The method, such as GET
    method: String,
    /// The address, such as https://intranet.example.com/HR
    url: String,
    /// Policy documents; without any, those in policies/
    files: Vec<PathBuf>,
    /// Mail address of who asks; without this and any group, nobody is signed in
    #[arg(long = "as", value_parser = email)]
    email: Option<Email>,
    /// A group of theirs
    #[arg(long)]
    group: Vec<String>,
    /// Where they signed in; without this, at the document's first identity provider
    #[arg(long)]
    idp: Option<String>,
    /// An attribute of theirs, such as department=Payroll
    #[arg(long, value_parser = attribute)]
    attribute: Vec<(String, String)>,
    /// A service that asks, instead of a person
    #[arg(long, conflicts_with_all = ["email", "group", "idp", "attribute"])]
    service: Option<String>,
    /// Where the request comes from
    #[arg(long)]
    ip: Option<IpAddr>,
    /// The country it comes from, such as DE
    #[arg(long)]
    country: Option<String>,
    /// The autonomous system it comes from
    #[arg(long)]
    asn: Option<u32>,
    /// Decide as of this time, such as 2026-11-23T12:00:00Z, and not as of now
    #[arg(long, value_parser = clock::read)]
    at: Option<UnixTime>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn email(written: &str) -> Result<Email, String> {
    Email::parse(written).map_err(|refusal| refusal.cause().to_owned())
}

fn attribute(written: &str) -> Result<(String, String), String> {
    let (name, value) = written.split_once('=').ok_or("write name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Ends with 0 where the request passes, and with 1 where it does not.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let target = Target::parse(&arguments.url)
        .map_err(|refusal| format!("{} ({})", refusal.cause(), refusal.code()))?;
    let files = policies::given_or_all(&arguments.files)?;
    let mut documents = Vec::new();
    for file in files {
        match policies::read(&file)? {
            Ok(document) => documents.push((file, document.policy)),
            Err(unusable) => return Err(unusable.lines()),
        }
    }
    let exact = |policy: &Policy| policy.hosts().contains(&target.host);
    let (file, policy) = documents
        .iter()
        .find(|(_, policy)| exact(policy))
        .or_else(|| documents.iter().find(|(_, policy)| policy.covers_host(&target.host)))
        .ok_or_else(|| format!("no document is for the host {:?}", target.host))?;
    let now = arguments.at.unwrap_or_else(clock::now);
    let request = Request {
        ip: arguments.ip,
        country: arguments.country.as_deref(),
        asn: arguments.asn,
        ..Request::new(&arguments.method, &target.path, now)
    };
    let facts = facts(arguments, policy, now);
    let explained = Explained::new(policy, &request, facts.as_ref(), arguments.service.as_deref());
    let Explained { explanation, turned, .. } = &explained;
    let output = if arguments.json {
        json!({ "file": file, "host": target.host, "path": target.path.as_str(),
            "explanation": explanation, "contrary": turned })
        .to_string()
    } else {
        format!("{} {}: {explained}", arguments.method, target.path)
    };
    let passes = explanation.verdict == Verdict::Allow;
    Ok(if passes { Answer::Yes(output) } else { Answer::No(output) })
}

/// A decision with its reasons, for people.
pub struct Explained<'a> {
    policy: &'a Policy,
    explanation: Explanation,
    /// What would turn it around; of services nothing is looked for.
    turned: Option<Vec<String>>,
    of_service: bool,
}

impl<'a> Explained<'a> {
    pub fn new(
        policy: &'a Policy,
        request: &Request<'_>,
        facts: Option<&Facts>,
        service: Option<&str>,
    ) -> Self {
        let explanation = explain(policy, request, service.map_or(facts.into(), Who::Service));
        let turned = contrary(policy, request, facts).filter(|_| service.is_none());
        Explained { policy, explanation, turned, of_service: service.is_some() }
    }
}

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explained { policy, explanation, turned, of_service } = self;
        write!(f, "{}\n\n{}", outcome(explanation), rules(explanation, policy))?;
        match of_service {
            true => Ok(()),
            false => write!(f, "\n\n{}", opposite(turned.as_deref())),
        }
    }
}

/// Who asks; none where nobody is signed in.
fn facts(arguments: &Arguments, policy: &Policy, now: UnixTime) -> Option<Facts> {
    let Arguments { email, group, idp, attribute, .. } = arguments;
    if email.is_none() && group.is_empty() && idp.is_none() && attribute.is_empty() {
        return None;
    }
    let mut facts = Facts {
        idp: idp.clone().or_else(|| policy.idps().first().cloned()).unwrap_or_default(),
        email: email.clone(),
        groups: group.clone(),
        signed_in_at: now,
        ..Facts::default()
    };
    for (name, value) in attribute {
        facts.attributes.entry(name.clone()).or_default().push(value.clone());
    }
    Some(facts)
}

fn outcome(explanation: &Explanation) -> String {
    let verdict = match explanation.verdict {
        Verdict::Allow => paint::good("allowed"),
        Verdict::SignIn => paint::notable("depends on who signs in"),
        Verdict::Deny => paint::bad("refused"),
    };
    let by = match &explanation.rule {
        Some(rule) => format!(" by {rule}"),
        None => ", for no rule covers it".to_owned(),
    };
    let code = explanation.refusal.map(|refusal| format!(" ({})", refusal.code()));
    let why = explanation.why.as_ref().map(|why| format!("\nwhy: {why}"));
    let reported = explanation
        .reported
        .as_ref()
        .map(|reported| format!("\nwith the rules in report mode in force: {}", reported.verdict));
    [Some(verdict), Some(by), code, why, reported].into_iter().flatten().collect()
}

fn opposite(turned: Option<&[String]>) -> String {
    match turned {
        Some(changes) => format!("The opposite answer: {}.", changes.join(" and ")),
        None => "No change of one or two facts about the person gives the opposite answer.".into(),
    }
}

/// Each rule that covers the path, with what its conditions came to.
fn rules(explanation: &Explanation, policy: &Policy) -> String {
    let mut lines = Vec::new();
    for considered in &explanation.considered {
        let Considered { pointer, path, effect, role, truth, expired, condition, .. } = considered;
        let came_to = truth.map(|truth| format!(": {}", word(truth))).unwrap_or_default();
        let expired = if *expired { ", and its date has passed" } else { "" };
        lines.push(format!("{pointer} {effect} {path}{came_to}, {}{expired}", part(*role)));
        if let Some(condition) = condition {
            tree(condition, "  ", &mut lines);
        }
    }
    let others = policy.rules().len().saturating_sub(explanation.considered.len());
    if explanation.considered.is_empty() {
        lines.push(format!("None of the {others} rules covers this path."));
    }
    lines.join("\n")
}

fn tree(weighed: &Weighed, indent: &str, lines: &mut Vec<String>) {
    lines.push(format!("{indent}{}: {}", weighed.condition, word(weighed.truth)));
    for part in &weighed.parts {
        tree(part, &format!("{indent}  "), lines);
    }
}

fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "yes",
        Truth::False => "no",
        Truth::Unknown => "depends on who signs in",
    }
}

fn part(role: Role) -> &'static str {
    match role {
        Role::Denies => "a deny speaks for all below it",
        Role::Speaks => "the most specific rule speaks",
        Role::Outvoted => "not asked, for a more specific rule speaks",
        Role::OtherMethod => "not asked, for it is for other methods",
        Role::NotPlain => "not asked, for the path has signs that public rules don't cover",
        Role::NoEncodedSlash => "it does not allow encoded slashes",
        Role::ReportOnly => "in report mode, not enforced",
    }
}
