//! The gate's own answers.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Refused;
use super::asked::{Asked, Target, is_shown};
use crate::identity::UnixTime;
use crate::limits;
use crate::pages::{self, Pages};
use crate::policy::Look;
use crate::refusals::{Kind, Refusal};
use crate::saml::binding::{Carried, Outgoing};
use crate::saml::idp::IdentityProvider;

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

/// Where and when a request was refused.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// Scheme, host and port under which people reach the host.
    pub base: &'a str,
    /// Where it wanted to go, where that can be read.
    pub target: Option<&'a Target>,
    /// How the application looks, where that is known.
    pub look: Arc<Look>,
    /// What leads to the log line.
    pub reference: &'a str,
    /// The time.
    pub now: UnixTime,
}

/// Nothing but our own style sheets and a picture within the page, nothing around us, and forms only
/// to ourselves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; \
     form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'";
/// A page that leaves for an identity provider: with our own script file. Its form may go anywhere,
/// because browsers ask the same of all that the provider then redirects to.
const LEAVING: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; \
     frame-ancestors 'none'; base-uri 'none'";
/// A page of ours whose script takes the fragment of its address along.
const WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// In a frame of the same application, which can do all that a frame around us could.
const FRAMED: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; \
     frame-ancestors 'self'; base-uri 'none'";
const PERMISSIONS_POLICY: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

impl Reply {
    fn new(status: u16, content_type: &str, body: String) -> Self {
        let headers = [
            ("content-type", content_type),
            ("x-access-gate", "ok"),
            ("cache-control", "no-store"),
            ("content-security-policy", CONTENT_SECURITY_POLICY),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", PERMISSIONS_POLICY),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        Reply { status, headers, body }
    }

    /// An HTML page.
    pub fn page(status: u16, html: String) -> Self {
        let mut reply = Reply::new(status, "text/html; charset=utf-8", html);
        // Not on the way of a sign-in: a window that was opened for one would lose its opener.
        reply.set("cross-origin-opener-policy", "same-origin".to_owned());
        reply
    }

    /// A page on the way of a sign-in, which goes on to another host by itself: by our script where
    /// it takes the fragment of its address along.
    pub(super) fn going_on(html: String, keeps_fragment: bool) -> Self {
        let mut reply = Reply::new(200, "text/html; charset=utf-8", html);
        if keeps_fragment {
            reply.set("content-security-policy", WITH_SCRIPT.to_owned());
        }
        reply
    }

    /// A page on the way of a sign-in, where a person says how to go on.
    pub(super) fn on_the_way(html: String, keeps_fragment: bool) -> Self {
        let mut reply = Reply::page(200, html);
        if keeps_fragment {
            reply.set("content-security-policy", WITH_SCRIPT.to_owned());
        }
        reply
    }

    /// A page that leaves for an identity provider.
    fn leaving(html: String) -> Self {
        let mut reply = Reply::new(200, "text/html; charset=utf-8", html);
        reply.set("content-security-policy", LEAVING.to_owned());
        reply
    }

    /// The answer: a page for those who read pages, a problem document (RFC 9457) for all others.
    pub fn refusing(refused: &Refused, asked: &dyn Asked, scene: &Scene<'_>) -> Self {
        let Scene { base, reference, .. } = scene;
        if refused.hidden {
            let to_scripts = refused.to_scripts.clone();
            let nothing = Refused { to_scripts, ..Refusal::NotFound.into() };
            return Reply::refusing(&nothing, asked, scene);
        }
        let refusal = refused.refusal;
        let signs_in = refusal.kind() == Kind::SignInNeeded;
        let fresh = if refused.stale { "?switch=yes" } else { "" };
        let login = format!("{base}/.access/login{fresh}");
        let mut reply = if is_shown(asked) {
            let mut reply = scene.page(refused, asked);
            if asked.header("sec-fetch-site").as_deref() == Some("same-origin") {
                reply.set("content-security-policy", FRAMED.to_owned());
            }
            reply
        } else {
            let problem = json!({
                "type": "about:blank",
                "title": refusal.cause(),
                "status": refusal.status(),
                "code": refusal.code(),
                "detail": refused.detail,
                "remedy": refusal.remedy(),
                "reference": reference,
                "sign_in": signs_in.then_some(&login),
            });
            let mut reply = Reply::json(refusal.status(), &problem);
            reply.set("content-type", "application/problem+json".to_owned());
            reply
        };
        if signs_in {
            // RFC 9110 11.6.1: a 401 names a way to authenticate.
            reply.set("www-authenticate", format!("Access login=\"{login}\""));
        }
        if refusal.kind() == Kind::TooMany {
            reply.set("retry-after", limits::RETRY_SECONDS.to_string());
        }
        for (name, value) in &refused.to_scripts {
            reply.set(name, value.clone());
        }
        reply.set("x-access-gate", refusal.code().to_owned());
        reply
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

    /// Headers alone.
    pub(super) fn empty(status: u16) -> Self {
        Reply::new(status, "text/plain", String::new())
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

impl Scene<'_> {
    fn page(&self, refused: &Refused, asked: &dyn Asked) -> Reply {
        let again = self.target.filter(|to| asked.method() == "GET" && to.ours().is_none());
        let to = refused.to.clone().or_else(|| again.map(Target::path_and_query));
        let refusal = pages::Refusal {
            refusal: refused.refusal,
            detail: &refused.detail,
            stale: refused.stale,
            decided: &refused.decided,
            host: self.base.split_once("://").map_or("", |(_, host)| host),
            path: self.target.map(|target| target.path.as_str()),
            to: to.as_deref().unwrap_or("/"),
            reference: self.reference,
            now: self.now,
        };
        let accept_language = asked.header("accept-language");
        let pages = Pages::new(accept_language.as_deref(), Arc::clone(&self.look));
        Reply::page(refused.refusal.status(), pages.refused(&refusal))
    }
}

/// Takes a message to an identity provider, once it is signed: by a redirect of this status, or by
/// a page that posts a form, by a script or by the person where there is none. Only a script sees the
/// fragment of an address: where `keeps` names the sign-in that keeps it, there is always a page.
pub(super) fn carrying(
    message: Outgoing,
    idp: &IdentityProvider,
    status: u16,
    cookies: Vec<String>,
    pages: Pages,
    keeps: Option<String>,
) -> Own {
    let name = idp.name.clone();
    let send = move |carried| {
        let mut reply = match carried {
            Carried::Redirect(url) if keeps.is_none() => Reply::redirect(status, url),
            Carried::Redirect(url) => Reply::leaving(pages.leaving(&name, &url, &[], keeps)),
            Carried::Form { action, fields } => {
                Reply::leaving(pages.leaving(&name, &action, &fields, keeps))
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
