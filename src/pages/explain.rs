//! The page that explains a decision.

use askama::Template;

use super::texts::{Texts, TextsExplain};
use super::{Pages, rendered};
use crate::policy::Look;
use crate::policy::{Considered, Explanation, METHODS, Role, Truth, Verdict, Weighed};
use crate::refusals::Refusal;

/// Which decision is to be explained, as it was asked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// The path.
    pub path: String,
    /// The method.
    pub method: &'static str,
    /// Whose request.
    pub whose: Whose,
    /// Their mail address.
    pub email: String,
    /// Their groups, on lines or with commas between them.
    pub groups: String,
    /// The id of the identity provider at which they signed in.
    pub idp: String,
}

/// Whose request is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of who asks the question.
    Mine,
    /// That of somebody of whom the question says something.
    Somebodys,
    /// That of nobody who is signed in.
    Nobodys,
}

/// The answer.
#[derive(Debug)]
pub enum Explained {
    /// Nothing was asked yet.
    Nothing,
    /// The path or the mail address is refused before anything is decided.
    Refused(Refusal),
    /// The decision with its reasons.
    Answer(Box<Explanation>),
}

impl Question {
    /// The groups.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.split(['\n', ',']).map(str::trim).filter(|group| !group.is_empty())
    }
}

#[derive(Template)]
#[template(path = "explain.html")]
struct ExplainPage<'a> {
    t: &'static Texts,
    look: &'a Look,
    person: &'a str,
    idps: Vec<(&'a str, &'a str)>,
    question: &'a Question,
    explained: &'a Explained,
    rules: Vec<RuleTold<'a>>,
}

/// A rule that covers the path, in words.
struct RuleTold<'a> {
    rule: &'a Considered,
    came_to: Option<&'static str>,
    part: &'static str,
    /// The parts of its condition, each with how deep it stands and what it came to.
    parts: Vec<(usize, &'a str, &'static str)>,
}

/// Conditions within conditions are set in up to so deep.
const DEEPEST: usize = 4;

impl Pages {
    /// The question, and what it came to.
    pub fn explain(
        &self,
        person: &str,
        idps: Vec<(&str, &str)>,
        question: &Question,
        explained: &Explained,
    ) -> String {
        let t = self.texts;
        let rules = match explained {
            Explained::Answer(answer) => {
                answer.considered.iter().map(|rule| told(rule, t)).collect()
            }
            _ => Vec::new(),
        };
        let look = &*self.look;
        rendered(&ExplainPage { t, look, person, idps, question, explained, rules })
    }
}

impl ExplainPage<'_> {
    fn verdict(&self, verdict: &Verdict) -> &'static str {
        let t = &self.t.explain;
        match verdict {
            Verdict::Allow => t.allow,
            Verdict::SignIn => t.sign_in,
            Verdict::Deny => t.deny,
        }
    }

    fn is(&self, whose: Whose) -> bool {
        self.question.whose == whose
    }
}

fn told<'a>(rule: &'a Considered, t: &'static Texts) -> RuleTold<'a> {
    let t = &t.explain;
    let mut parts = Vec::new();
    if let Some(condition) = &rule.condition {
        collect(condition, 0, t, &mut parts);
    }
    let came_to = rule.truth.map(|truth| word(truth, t));
    RuleTold { rule, came_to, part: part(rule.role, t), parts }
}

fn collect<'a>(
    weighed: &'a Weighed,
    depth: usize,
    t: &TextsExplain,
    parts: &mut Vec<(usize, &'a str, &'static str)>,
) {
    parts.push((depth.min(DEEPEST), &weighed.condition, word(weighed.truth, t)));
    for part in &weighed.parts {
        collect(part, depth.saturating_add(1), t, parts);
    }
}

fn word(truth: Truth, t: &TextsExplain) -> &'static str {
    match truth {
        Truth::True => t.yes,
        Truth::False => t.no,
        Truth::Unknown => t.unknown,
    }
}

fn part(role: Role, t: &TextsExplain) -> &'static str {
    match role {
        Role::Denies => t.denies,
        Role::Speaks => t.speaks,
        Role::Outvoted => t.outvoted,
        Role::OtherMethod => t.other_method,
        Role::NotPlain => t.not_plain,
        Role::NoEncodedSlash => t.no_encoded_slash,
        Role::ReportOnly => t.report_only,
    }
}
