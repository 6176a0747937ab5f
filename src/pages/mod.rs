//! The pages that people see. No page needs a script. How they are built stands in `templates/`,
//! and what they say in `templates/texts/`, in every language under the same names.

mod apps;
mod explain;
mod refusal;
mod texts;

use std::sync::Arc;

use askama::Template;
use chrono::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub use apps::App;
pub use explain::{Explained, Question, Whose};

use crate::identity::{Facts, UnixTime};
use crate::policy::{Contact, Look};
use crate::records::Decided;
use crate::refusals::{self, Kind};
use crate::session::Session;
use refusal::{Offer, Sentences, told};
use texts::Texts;

/// The style sheet of every page.
pub const STYLE: &str = include_str!("../../templates/style.css");
/// Leaves for an identity provider, and keeps the fragment of the address where it is asked to.
/// Without it a person presses the button.
pub const SUBMIT: &str = include_str!("../../templates/submit.js");

/// All that has to be encoded in an address of `mailto:` (RFC 6068).
const MAILTO: &AsciiSet = &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_');

/// The pages in the language of who reads them, with the look of the application.
#[derive(Clone)]
pub struct Pages {
    texts: &'static Texts,
    look: Arc<Look>,
}

/// A refusal, and where and when it happened.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// Why.
    pub refusal: refusals::Refusal,
    /// The name of what is missing, or the rule's own words; may be empty.
    pub detail: &'a str,
    /// Whether the person is signed in, and did so too long ago for this.
    pub stale: bool,
    /// What was decided, and who asked.
    pub decided: &'a Decided,
    /// The host that was asked for.
    pub host: &'a str,
    /// The path that was asked for; none where it could not be read.
    pub path: Option<&'a str>,
    /// Path and query to come back to.
    pub to: &'a str,
    /// What leads to the log line.
    pub reference: &'a str,
    /// The time.
    pub now: UnixTime,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    t: &'static Texts,
    look: &'a Look,
    sentences: &'static Sentences,
    why: Option<&'a str>,
    missing: Option<&'a str>,
    time: String,
    refusal: &'a Refusal<'a>,
    way_on: Option<(&'static str, String)>,
    new_tab: bool,
}

#[derive(Template)]
#[template(path = "choose.html")]
struct Choose<'a> {
    t: &'static Texts,
    look: &'a Look,
    ways: Vec<(&'a str, String)>,
    carries: bool,
}

#[derive(Template)]
#[template(path = "leaving.html")]
struct Leaving<'a> {
    t: &'static Texts,
    look: &'a Look,
    idp: &'a str,
    address: &'a str,
    fields: &'a [(&'a str, String)],
    keeps: String,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOut<'a> {
    t: &'static Texts,
    look: &'a Look,
    only_here: bool,
}

#[derive(Template)]
#[template(path = "signed_in.html")]
struct SignedIn<'a> {
    t: &'static Texts,
    look: &'a Look,
    person: &'a str,
}

#[derive(Template)]
#[template(path = "signed_out_here.html")]
struct SignedOutHere<'a> {
    t: &'static Texts,
    look: &'a Look,
    auth_host: &'a str,
    everywhere: &'a str,
}

#[derive(Template)]
#[template(path = "going_on.html")]
struct GoingOn<'a> {
    t: &'static Texts,
    look: &'a Look,
    name: &'a str,
    url: &'a str,
    carries: bool,
}

#[derive(Template)]
#[template(path = "command_line.html")]
struct CommandLine<'a> {
    t: &'static Texts,
    look: &'a Look,
    person: &'a str,
    question: &'a str,
}

#[derive(Template)]
#[template(path = "hand_over.html")]
struct HandOver<'a> {
    t: &'static Texts,
    look: &'a Look,
    person: &'a str,
    same: &'a str,
    somebody_else: &'a str,
    carries: bool,
}

#[derive(Template)]
#[template(path = "whoami.html")]
struct Whoami<'a> {
    t: &'static Texts,
    look: &'a Look,
    person: &'a str,
    groups: &'a [String],
    idp: &'a str,
    since: String,
    until: String,
}

impl RefusedPage<'_> {
    /// Where the person asks for help; a mail says already which refusal it is about.
    fn address_of(&self, contact: &Contact) -> String {
        match contact {
            Contact::Mail(address) => {
                let address = utf8_percent_encode(address.as_str(), MAILTO);
                let subject = format!("{} {}", self.t.refused.reference, self.refusal.reference);
                let subject = utf8_percent_encode(&subject, NON_ALPHANUMERIC);
                format!("mailto:{address}?subject={subject}")
            }
            Contact::Page(url) => url.as_str().to_owned(),
        }
    }
}

impl Pages {
    /// Pages for who sends this `Accept-Language`.
    pub fn new(accept_language: Option<&str>, look: Arc<Look>) -> Self {
        Pages { texts: Texts::of(accept_language.unwrap_or_default()), look }
    }

    /// The page for a refusal: plain words for the person; code, time and rule for the
    /// administrator.
    pub fn refused(&self, refusal: &Refusal<'_>) -> String {
        let (t, Refusal { to, now, .. }) = (self.texts, refusal);
        let signed_in = refusal.decided.person.is_some();
        let (sentences, offer) = told(refusal.refusal, signed_in, &t.refusals);
        let detail = Some(refusal.detail).filter(|detail| !detail.is_empty());
        let kind = refusal.refusal.kind();
        let way_on = match offer {
            Offer::SignIn => Some((t.sign_in_again, login(None, to, false))),
            Offer::Switch => Some((t.somebody_else, login(None, to, true))),
            Offer::Start => Some((t.start_page, "/".to_owned())),
            Offer::Again => Some((t.try_again, (*to).to_owned())),
            Offer::Beside => {
                Some((t.sign_in_beside, login(None, "/.access/signed-in", refusal.stale)))
            }
            Offer::Nothing => None,
        };
        rendered(&RefusedPage {
            t,
            look: &self.look,
            sentences,
            why: detail.filter(|_| kind == Kind::NotAllowed),
            missing: detail.filter(|_| kind == Kind::Unavailable),
            time: moment(*now),
            refusal,
            way_on,
            new_tab: offer == Offer::Beside,
        })
    }

    /// The page on which a person chooses an identity provider: by name, and where it leads.
    /// Nothing of the choice is remembered.
    /// Where it carries the fragment of its address, its script puts that behind those.
    pub fn choose(&self, ways: Vec<(&str, String)>, carries: bool) -> String {
        rendered(&Choose { t: self.texts, look: &self.look, ways, carries })
    }

    /// The page that leads to the identity provider: by a form with these fields (SAML bindings
    /// 3.5.4), or by a link. `keeps` names the sign-in that keeps the fragment of this page's address.
    pub fn leaving(
        &self,
        idp: &str,
        address: &str,
        fields: &[(&str, String)],
        keeps: Option<String>,
    ) -> String {
        let keeps = keeps.unwrap_or_default();
        rendered(&Leaving { t: self.texts, look: &self.look, idp, address, fields, keeps })
    }

    /// The page after signing out: only here, or at the identity provider too.
    pub fn signed_out(&self, only_here: bool) -> String {
        rendered(&SignedOut { t: self.texts, look: &self.look, only_here })
    }

    /// The page at the end of a sign-in in a new tab.
    pub fn signed_in(&self, facts: &Facts) -> String {
        rendered(&SignedIn { t: self.texts, look: &self.look, person: facts.shown() })
    }

    /// The page after signing out of one application of several that share a sign-in.
    pub fn signed_out_here(&self, auth_host: &str, everywhere: &str) -> String {
        rendered(&SignedOutHere { t: self.texts, look: &self.look, auth_host, everywhere })
    }

    /// The page that asks whether the command line may act as a person, with the sealed question.
    pub fn command_line(&self, person: &str, question: &str) -> String {
        rendered(&CommandLine { t: self.texts, look: &self.look, person, question })
    }

    /// The page that goes on to another host by itself.
    pub fn going_on(&self, name: &str, url: &str, carries: bool) -> String {
        rendered(&GoingOn { t: self.texts, look: &self.look, name, url, carries })
    }

    /// The page of an auth host that asks whether to go on as the person who is signed in there.
    pub fn hand_over(
        &self,
        person: &str,
        same: &str,
        somebody_else: &str,
        carries: bool,
    ) -> String {
        let (t, look) = (self.texts, &self.look);
        rendered(&HandOver { t, look, person, same, somebody_else, carries })
    }

    /// The page that tells a person who they are signed in as, and at which identity provider.
    pub fn whoami(&self, session: &Session, idp: &str) -> String {
        let subject = session.subject();
        rendered(&Whoami {
            t: self.texts,
            look: &self.look,
            person: subject.shown(),
            groups: &subject.groups,
            idp,
            since: moment(subject.signed_in_at),
            until: moment(session.ends()),
        })
    }
}

/// Where a sign-in begins that ends at `to`: `switch` is a new one, whoever is signed in.
pub fn login(idp: Option<&str>, to: &str, switch: bool) -> String {
    let idp = idp.map(|id| format!("idp={id}&")).unwrap_or_default();
    let switch = if switch { "&switch=yes" } else { "" };
    format!("/.access/login?{idp}to={}{switch}", utf8_percent_encode(to, NON_ALPHANUMERIC))
}

/// A moment as every language reads it.
fn moment(time: UnixTime) -> String {
    let moment = DateTime::from_timestamp(time, 0);
    let written = moment.map(|moment| moment.naive_utc().to_string()).unwrap_or_default();
    // 2026-11-23 10:00:00
    written.rsplit_once(':').map(|(minute, _)| format!("{minute} UTC")).unwrap_or_default()
}

/// Writing into a string fails for no template of ours; an empty page would still be a refusal.
fn rendered(page: &impl Template) -> String {
    page.render().unwrap_or_default()
}
