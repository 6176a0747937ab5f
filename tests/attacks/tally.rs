//! Counts what was refused and accepted, and collects what should not have been.

use std::fmt::Display;

use vestibule::identity::Facts;
use vestibule::refusals::Refusal;

use super::shapes::Shape;
use super::support::response::accepted;

/// The outcome of one class of attacks.
#[derive(Default)]
pub struct Tally {
    /// Attacks refused as they should be.
    pub refused: usize,
    /// Honest responses accepted.
    pub accepted: usize,
    /// Changes that were accepted and changed nothing that counts.
    pub harmless: usize,
    pub failures: Vec<String>,
}

impl Tally {
    /// This must be refused, with this code.
    pub fn refuse(&mut self, name: impl Display, xml: &str, expected: Refusal) {
        self.refused_for(name, accepted(xml), &[expected]);
    }

    /// This must be refused, with one of these codes.
    pub fn refuse_any(&mut self, name: impl Display, xml: &str, expected: &[Refusal]) {
        self.refused_for(name, accepted(xml), expected);
    }

    /// What was tried must have been refused.
    pub fn refused_for<T>(
        &mut self,
        name: impl Display,
        outcome: Result<T, Refusal>,
        expected: &[Refusal],
    ) {
        match outcome {
            Err(refusal) if expected.contains(&refusal) => self.refused += 1,
            Err(refusal) => self.fail(format!("{name}: {refusal:?} instead of {expected:?}")),
            Ok(_) => self.fail(format!("{name}: ACCEPTED instead of {expected:?}")),
        }
    }

    /// This is as honest as the shape that it is made from.
    pub fn accept(&mut self, name: impl Display, xml: &str, shape: &Shape) {
        match accepted(xml) {
            Ok(accepted) if accepted.subject == shape.subject => self.accepted += 1,
            Ok(accepted) => self.fail(format!("{name}: is {:?}", accepted.subject)),
            Err(refusal) => self.fail(format!("{name}: {refusal:?} instead of accepted")),
        }
    }

    /// What was tried must have been accepted.
    pub fn accepted_if(&mut self, name: impl Display, honest: bool) {
        if honest { self.accepted += 1 } else { self.fail(format!("{name}: not accepted")) }
    }

    /// Changed after signing: refused, or the very same subject.
    pub fn refuse_or_same(&mut self, name: impl Display, xml: &str, shape: &Shape) {
        self.refuse_or(name, xml, |facts| *facts == *shape.subject);
    }

    /// Changed before signing, as no attacker can: refused, or the same person with no more groups.
    pub fn refuse_or_less(&mut self, name: impl Display, xml: &str, shape: &Shape) {
        self.refuse_or(name, xml, |facts| {
            facts.name_id == shape.subject.name_id
                && facts.groups.iter().all(|group| shape.subject.groups.contains(group))
        });
    }

    fn refuse_or(&mut self, name: impl Display, xml: &str, harmless: impl Fn(&Facts) -> bool) {
        match accepted(xml) {
            Err(_) => self.refused += 1,
            Ok(accepted) if harmless(&accepted.subject) => self.harmless += 1,
            Ok(accepted) => self.fail(format!("{name}: is {:?}", accepted.subject)),
        }
    }

    fn fail(&mut self, what: String) {
        self.failures.push(what);
    }
}
