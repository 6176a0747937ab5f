//! What people see of an application on the gate's pages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::accent::Accent;
use super::path::CanonicalPath;
use super::reader::{Node, Reader};
use super::rules::optional;
use crate::identity::Email;
use crate::limits;
use crate::web_url::WebUrl;

/// How an application is called and how it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Its name.
    pub name: String,
    /// What it is for, in a few words.
    pub about: Option<String>,
    /// A sign or two letters that stand for it.
    pub icon: Option<String>,
    /// The page at which it begins; without one, `/`.
    pub start: Option<CanonicalPath>,
    /// A picture, as a `data:` URI. It is shown by `<img>` alone, where no script in it runs and
    /// nothing is fetched.
    pub logo: Option<String>,
    /// The colour of buttons and links.
    pub accent: Option<Accent>,
    /// Whom to ask.
    pub contact: Option<Contact>,
}

/// Whom a person who was refused may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// By mail.
    Mail(Email),
    /// On a page.
    Page(WebUrl),
}

impl Contact {
    /// What people read.
    pub fn shown(&self) -> &str {
        match self {
            Contact::Mail(address) => address.as_str(),
            Contact::Page(url) => url.host(),
        }
    }
}

/// The keys of `look`.
pub(super) const LOOK: &[&str] = &["about", "icon", "start", "logo", "accent", "contact"];

/// What a logo may be, and how it begins.
const PICTURES: &[(&str, &[u8])] =
    &[("data:image/png;base64,", b"\x89PNG\r\n\x1a\n"), ("data:image/svg+xml;base64,", b"<")];

/// Reads the members of `look`; the name stands beside it.
pub(super) fn read<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Look> {
    let members = r.object(node, LOOK)?;
    let about = optional(&members, "about", |node| read_short(r, node, limits::ABOUT));
    let icon = optional(&members, "icon", |node| read_short(r, node, limits::ICON));
    let start = optional(&members, "start", |node| read_start(r, node));
    let logo = optional(&members, "logo", |node| read_logo(r, node));
    let accent = optional(&members, "accent", |node| read_accent(r, node));
    let contact = optional(&members, "contact", |node| read_contact(r, node));
    Some(Look {
        name: String::new(),
        about: about?,
        icon: icon?,
        start: start?,
        logo: logo?,
        accent: accent?,
        contact: contact?,
    })
}

/// A text of so many letters at most.
fn read_short<'a>(r: &mut Reader<'a>, node: &Node<'a>, letters: usize) -> Option<String> {
    let text = r.text(node)?;
    if text.chars().count() > letters {
        r.fault(node, format!("at most {letters} letters"));
        return None;
    }
    Some(text)
}

fn read_start<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<CanonicalPath> {
    let start = CanonicalPath::parse(&r.string(node)?).ok();
    if start.is_none() {
        r.fault(node, "a path, such as /welcome");
    }
    start
}

fn read_logo<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let logo = r.string(node)?;
    let is_picture = PICTURES.iter().any(|(lead, begins)| {
        let data = logo.strip_prefix(lead).and_then(|data| STANDARD.decode(data).ok());
        data.is_some_and(|data| data.starts_with(begins))
    });
    if !is_picture || logo.len() > limits::LOGO {
        let most = limits::LOGO;
        r.fault(node, format!("a PNG or SVG as data:image/…;base64,… of at most {most} bytes"));
        return None;
    }
    Some(logo)
}

fn read_accent<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Accent> {
    let accent = Accent::parse(&r.string(node)?);
    if accent.is_none() {
        r.fault(node, "a colour such as #1f5c4d, dark enough to read white text on it");
    }
    accent
}

fn read_contact<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Contact> {
    let text = r.string(node)?;
    let contact = match Email::parse(&text) {
        Ok(address) => Some(Contact::Mail(address)),
        Err(_) => WebUrl::parse(&text).ok().map(Contact::Page),
    };
    if contact.is_none() {
        r.fault(node, "a mail address or an https address");
    }
    contact
}
