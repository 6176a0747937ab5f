//! What becomes of CORS preflights (Fetch 3.2.2), which never carry a cookie, and so no session.

use super::language;
use super::load::read_list;
use super::reader::{Node, Reader};
use super::rules::{optional, read_method};
use crate::web_url::WebUrl;

/// What becomes of a preflight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cors {
    /// It is decided like every other request, and has no session.
    #[default]
    Refuse,
    /// The application answers it, where the request that it announces can be let in.
    Pass,
    /// The gate answers it.
    Answer(CorsAnswer),
}

/// What the gate answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsAnswer {
    /// Whose scripts may ask, letter for letter as browsers send it.
    pub origins: Vec<String>,
    /// By which methods, besides those that need no preflight.
    pub methods: Vec<String>,
    /// With which headers, in lower case, besides those that need no preflight.
    pub headers: Vec<String>,
    /// Whether with cookies.
    pub credentials: bool,
    /// For how many seconds a browser may remember the answer.
    pub max_age: Option<i64>,
}

pub(super) const ANSWER: &[&str] = &["origins", "methods", "headers", "credentials", "max_age"];

/// Reads `"pass"`, or what is answered.
pub(super) fn read<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Cors> {
    if node.is_string() {
        return r.word(node, &["pass"]).map(|_| Cors::Pass);
    }
    let members = r.object(node, ANSWER)?;
    let origins = r.required(&members, "origins").cloned();
    let origins = origins.and_then(|node| read_list(r, &node, read_origin));
    let methods = optional(&members, "methods", |node| read_list(r, node, read_method));
    let headers = optional(&members, "headers", |node| read_list(r, node, read_header));
    let credentials = optional(&members, "credentials", |node| {
        if !node.is_true() {
            r.fault(node, "true, for requests with cookies");
        }
        node.is_true().then_some(())
    });
    let max_age = optional(&members, "max_age", |node| language::read_duration(r, node));
    Some(Cors::Answer(CorsAnswer {
        origins: origins?,
        methods: methods?.unwrap_or_default(),
        headers: headers?.unwrap_or_default(),
        credentials: credentials?.is_some(),
        max_age: max_age?,
    }))
}

/// Exactly one origin: with `*` a document would trust everybody with what is behind a sign-in.
fn read_origin<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let origin = r.string(node)?;
    if !WebUrl::parse(&origin).is_ok_and(|url| url.origin() == origin) {
        r.fault(node, "an origin such as https://spa.example.com");
        return None;
    }
    Some(origin)
}

fn read_header<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let name = r.string(node)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || !name.bytes().all(plain) {
        r.fault(node, "a header in lower case, such as content-type");
        return None;
    }
    Some(name)
}
