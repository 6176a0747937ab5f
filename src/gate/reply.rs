//! The gate's own answers.

use std::fmt;

use serde_json::{Value, json};

use super::asked::{Asked, wants_html};
use crate::pages;
use crate::refusals::{Kind, Refusal};
use crate::saml::binding::{Carried, Outgoing};
use crate::saml::idp::IdentityProvider;

/// A refusal with its circumstances, for the log and, as far as it helps, for the person.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// The name of what is missing, or the rule's own words; may be empty. Nothing from a request.
    pub detail: String,
    /// The path pattern of the rule that decided, for the log.
    pub rule: Option<String>,
    /// Who was refused: their mail address, or their NameID.
    pub person: Option<String>,
}

impl Refused {
    /// A refusal that names what is missing or unusable.
    pub fn because(refusal: Refusal, detail: &str) -> Self {
        Refused { detail: detail.to_owned(), ..refusal.into() }
    }

    /// The answer: a page for those who read pages, a problem document (RFC 9457) for all others.
    pub fn reply(&self, asked: &dyn Asked, base: &str, reference: &str) -> Reply {
        let refusal = self.refusal;
        let mut reply = if wants_html(asked) {
            Reply::page(refusal.status(), pages::refused(self, reference))
        } else {
            let problem = json!({
                "type": "about:blank",
                "title": refusal.cause(),
                "status": refusal.status(),
                "code": refusal.code(),
                "detail": self.detail,
                "remedy": refusal.remedy(),
                "reference": reference,
            });
            let mut reply = Reply::json(refusal.status(), &problem);
            reply.set("content-type", "application/problem+json".to_owned());
            reply
        };
        if refusal.kind() == Kind::SignInNeeded {
            // RFC 9110 11.6.1: a 401 names a way to authenticate.
            reply.set("www-authenticate", format!("Access login=\"{base}/.access/login\""));
        }
        reply.set("x-access-gate", refusal.code().to_owned());
        reply
    }

    /// The log line: one JSON object. No query, no cookie, nothing of an assertion but who it is about.
    pub fn record(&self, reference: &str, host: &str, method: &str, path: &str) -> Value {
        json!({
            "event": "refused",
            "reference": reference,
            "code": self.refusal.code(),
            "cause": self.refusal.cause(),
            "detail": self.detail,
            "rule": self.rule,
            "person": self.person,
            "host": host,
            "method": method,
            "path": path,
        })
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused { refusal, detail: String::new(), rule: None, person: None }
    }
}

/// An answer of the gate's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers in order; `set-cookie` may stand several times.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// No script but our own file, no style but our own file, no frame around us. A form may go
/// anywhere: the identity provider's address is in its metadata, and what it redirects to is not.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'";

impl Reply {
    fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = [
            ("content-type", content_type),
            ("x-access-gate", "ok"),
            ("cache-control", "no-store"),
            ("content-security-policy", CONTENT_SECURITY_POLICY),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        Reply { status, headers, body }
    }

    /// An HTML page.
    pub fn page(status: u16, html: String) -> Self {
        Reply::new(status, "text/html; charset=utf-8", html)
    }

    /// A JSON value.
    pub fn json(status: u16, value: &Value) -> Self {
        Reply::new(status, "application/json", value.to_string())
    }

    /// A public document that may be kept for five minutes.
    pub fn document(content_type: &'static str, body: String) -> Self {
        let mut reply = Reply::new(200, content_type, body);
        reply.set("cache-control", "public, max-age=300".to_owned());
        reply
    }

    /// A redirect.
    pub fn redirect(status: u16, location: String) -> Self {
        let mut reply = Reply::new(status, "text/plain", String::new());
        reply.headers.push(("location", location));
        reply
    }

    pub(super) fn set_cookies(&mut self, cookies: impl IntoIterator<Item = String>) {
        self.headers.extend(cookies.into_iter().map(|cookie| ("set-cookie", cookie)));
    }

    fn set(&mut self, name: &'static str, value: String) {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
    }
}

/// Takes a message to an identity provider, once it is signed: by a redirect of this status, or by
/// a page that posts a form, by a script or by the person where there is none.
pub(super) fn carrying(
    message: Outgoing,
    idp: &IdentityProvider,
    status: u16,
    cookies: Vec<String>,
) -> Own {
    let name = idp.name.clone();
    let send = move |carried| {
        let mut reply = match carried {
            Carried::Redirect(url) => Reply::redirect(status, url),
            Carried::Form { action, fields } => {
                Reply::page(200, pages::posting_form(&name, &action, &fields))
            }
        };
        reply.set_cookies(cookies);
        reply
    };
    match message {
        Outgoing::Ready(carried) => Own::Ready(send(carried)),
        Outgoing::Unsigned(message) => {
            let octets = message.octets().to_vec();
            Own::Unsigned(Unsigned::new(octets, move |signature| send(message.signed(signature))))
        }
    }
}

/// An answer of the gate's own.
#[derive(Debug)]
pub enum Own {
    /// It can go.
    Ready(Reply),
    /// It is to be signed first.
    Unsigned(Unsigned),
}

/// Makes the answer of the signature.
type Finish = Box<dyn FnOnce(&[u8]) -> Reply>;

/// An answer that lacks only our signature: sign its octets with the newest key of `SAML_KEY`, by
/// RSA-SHA256.
pub struct Unsigned {
    octets: Vec<u8>,
    finish: Finish,
}

impl Unsigned {
    pub(super) fn new(octets: Vec<u8>, finish: impl FnOnce(&[u8]) -> Reply + 'static) -> Self {
        Unsigned { octets, finish: Box::new(finish) }
    }

    /// What is to be signed.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The whole answer.
    pub fn signed(self, signature: &[u8]) -> Reply {
        (self.finish)(signature)
    }
}

impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an answer to be signed")
    }
}
