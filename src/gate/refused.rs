//! A refusal with its circumstances.

use crate::records::{Decided, Decision, Event, Request};
use crate::refusals::Refusal;

/// A refusal with its circumstances, for the log and, as far as it helps, for the person.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The name of what is missing, or the rule's own words; may be empty. Nothing from a request.
    pub detail: String,
    /// Whether the person is signed in, and did so too long ago for this.
    pub stale: bool,
    /// Whether the answer must say no more than where there is nothing.
    pub hidden: bool,
    /// Where the person wanted to go, where that is not the page that was asked for: a path of this
    /// host, as a sign-in keeps it.
    pub to: Option<String>,
    /// Headers by which a script of another origin may read the answer.
    pub to_scripts: Vec<(&'static str, String)>,
    /// What was decided, and who asked.
    pub decided: Box<Decided>,
}

impl Refused {
    /// A refusal that names what is missing or unusable.
    pub fn because(refusal: Refusal, detail: &str) -> Self {
        Refused { detail: detail.to_owned(), ..refusal.into() }
    }

    /// What is logged of it; `reference` leads from the answer to that line.
    pub fn event<'a>(&'a self, reference: &'a str, request: Request<'a>) -> Event<'a> {
        let Refused { refusal, detail, decided, .. } = self;
        let (code, cause) = (refusal.code(), refusal.cause());
        Event::Refused { reference, code, cause, detail, decision: Decision { request, decided } }
    }

    /// The same at the end of a sign-in that was to lead to this page.
    pub fn on_the_way_to(self, to: &str) -> Self {
        Refused { to: Some(to.to_owned()), ..self }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused {
            refusal,
            detail: String::new(),
            stale: false,
            hidden: false,
            to: None,
            to_scripts: Vec::new(),
            decided: Box::default(),
        }
    }
}
