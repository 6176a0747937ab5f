//! The pages that people see. Texts are here and in `templates/`; no page needs a script.

use askama::Template;

use crate::identity::Facts;
use crate::refusals::{Kind, Refusal, Refused};

/// The style sheet of every page.
pub const STYLE: &str = include_str!("../templates/style.css");
/// Posts the form that carries a message. Without it a person presses the button.
pub const SUBMIT: &str = include_str!("../templates/submit.js");

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    heading: &'static str,
    words: &'static str,
    why: Option<&'a str>,
    missing: Option<&'a str>,
    person: Option<&'a str>,
    code: &'static str,
    reference: &'a str,
    switch: &'static str,
}

/// The page for a refusal: plain words for the person, code and reference for the administrator.
pub fn refused(refused: &Refused, reference: &str) -> String {
    let (heading, words) = words(refused.refusal);
    let detail = Some(refused.detail.as_str()).filter(|detail| !detail.is_empty());
    let kind = refused.refusal.kind();
    let page = RefusedPage {
        heading,
        words,
        why: detail.filter(|_| kind == Kind::NotAllowed),
        missing: detail.filter(|_| kind == Kind::Unavailable),
        person: refused.person.as_deref(),
        code: refused.refusal.code(),
        reference,
        switch: match kind {
            Kind::NotAllowed => "Sign in as somebody else",
            Kind::SignInFailed | Kind::SignInNeeded => "Sign in again",
            Kind::BadRequest | Kind::NotFound | Kind::TooMany | Kind::Unavailable => "",
        },
    };
    rendered(&page)
}

fn words(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal.kind() {
        Kind::BadRequest => (
            "This link does not work",
            "The address or the message that came with it could not be understood. \
             Go back and try again.",
        ),
        Kind::SignInNeeded => ("Please sign in", "You need to sign in to see this page."),
        Kind::SignInFailed => (
            "Signing in did not work",
            "Try once more. If it happens again, tell your administrator the reference below.",
        ),
        Kind::NotAllowed => (
            "You can’t open this page",
            "You are signed in, but this page is not open to you. If you need it, ask your \
             administrator and tell them the reference below.",
        ),
        Kind::NotFound => ("There is no such page", "Check the address."),
        Kind::TooMany => ("Too many sign-ins", "Wait a minute, and try again."),
        Kind::Unavailable => (
            "This is not available right now",
            "It is not your fault. Try again in a few minutes. If it goes on, tell your \
             administrator the reference below.",
        ),
    }
}

#[derive(Template)]
#[template(path = "posting_form.html")]
struct PostingForm<'a> {
    idp: &'a str,
    action: &'a str,
    fields: &'a [(&'a str, String)],
}

/// The page that posts a message to the identity provider (SAML bindings 3.5.4).
pub fn posting_form(idp: &str, action: &str, fields: &[(&str, String)]) -> String {
    rendered(&PostingForm { idp, action, fields })
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOut {
    only_here: bool,
}

/// The page after signing out: only here, or at the identity provider too.
pub fn signed_out(only_here: bool) -> String {
    rendered(&SignedOut { only_here })
}

#[derive(Template)]
#[template(path = "whoami.html")]
struct Whoami<'a> {
    person: &'a str,
    groups: &'a [String],
}

/// The page that tells a person who they are signed in as.
pub fn whoami(facts: &Facts) -> String {
    rendered(&Whoami { person: facts.shown(), groups: &facts.groups })
}

/// Writing into a string fails for no template of ours; an empty page would still be a refusal.
fn rendered(page: &impl Template) -> String {
    page.render().unwrap_or_default()
}
