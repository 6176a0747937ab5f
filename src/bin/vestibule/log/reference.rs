//! What became of one request.

use std::ops::ControlFlow;

use vestibule::policy::{CanonicalPath, Policy, Request};
use vestibule::refusals::Refusal;

use super::{Arguments, read, readable};
use crate::policy_explain::Explained;
use crate::recorded::Recorded;
use crate::{Answer, policies};

/// The record, what its code means, and how the document decides that request.
pub fn explain(arguments: &Arguments, reference: &str) -> Result<Answer, String> {
    let mut found = None;
    read(arguments, |recorded| {
        let is = |id: &Option<String>| id.as_deref() == Some(reference);
        if !is(&recorded.reference) && !is(&recorded.ray) {
            return ControlFlow::Continue(());
        }
        found = Some(recorded);
        ControlFlow::Break(())
    })?;
    let Some(recorded) = found else {
        return Ok(Answer::No(format!("No line has the reference or ray {reference}.")));
    };
    let mut parts = vec![format!("{}\n\n{}", readable(&recorded), recorded.line)];
    let refusal = Refusal::ALL.iter().find(|one| Some(one.code()) == recorded.code.as_deref());
    if let Some(refusal) = refusal {
        parts.push(format!("{} {}", refusal.cause(), refusal.remedy()));
    }
    if let Some(file) = &arguments.policy {
        let document = policies::read(file)?.map_err(|unusable| unusable.lines())?;
        parts.extend(trace(&recorded, &document.policy));
    }
    Ok(Answer::Yes(parts.join("\n\n")))
}

/// As of the time of the line.
fn trace(recorded: &Recorded, policy: &Policy) -> Option<String> {
    let decision = recorded.decision()?;
    if !policy.covers_host(decision.host) {
        return Some(format!("The document is not for the host {}.", decision.host));
    }
    let Ok(path) = CanonicalPath::parse(decision.path) else {
        return Some("The path itself was refused: no rule was asked.".to_owned());
    };
    let request = Request::new(decision.method, &path, recorded.time);
    let facts = recorded.facts();
    let heading = match (policy.release(), recorded.release) {
        (Some(release), Some(number)) if release.number != number => {
            format!("Release {} decided; this is release {}:", number, release.number)
        }
        _ => "By this document:".to_owned(),
    };
    let explained = Explained::new(policy, &request, facts.as_ref(), recorded.service());
    let unknown = "The log holds no network address, country, certificate or attribute: \
                   conditions on these come out as if nothing were known.";
    Some(format!("{heading} {explained}\n\n{unknown}"))
}
