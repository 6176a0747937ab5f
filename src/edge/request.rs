//! The runtime's request, read piece by piece: every look across the wasm boundary costs.

use std::ops::Range;

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::body::{self, Unread};
use crate::gate::{Asked, Certificate, Form, Refused, Target, Whence, read_form};
use crate::limits;
use crate::records;
use crate::refusals::Refusal;

/// A request whose parts are fetched once, when they are asked for.
pub(super) struct Head<'a> {
    request: &'a web_sys::Request,
    /// What [`head`] gives: method, URL, cookies, Cloudflare's id, and the names of all headers with
    /// commas between them, a line each.
    text: String,
    method: Part,
    url: Part,
    host: Part,
    path: Part,
    cookie: Part,
    ray: Part,
    names: Part,
}

/// Where something is in a text.
type Part = Range<usize>;

#[wasm_bindgen::prelude::wasm_bindgen(module = "/src/edge/crossing.js")]
extern "C" {
    fn head(request: &web_sys::Request) -> String;
}

impl<'a> Head<'a> {
    pub(super) fn of(request: &'a web_sys::Request) -> Self {
        let text = head(request);
        let mut rest = 0..text.len();
        let mut line = || {
            let line = before(&text, &rest, '\n');
            rest.start = line.end.saturating_add(1).min(text.len());
            line
        };
        let (method, url, cookie, ray, names) = (line(), line(), line(), line(), line());
        let scheme = before(&text, &url, ':');
        let authority = scheme.end.saturating_add("://".len()).min(url.end)..url.end;
        let authority = before(&text, &authority, '/');
        let host = before(&text, &authority, ':');
        let path = before(&text, &before(&text, &(authority.end..url.end), '?'), '#');
        Head { request, method, url, host, path, cookie, ray, names, text }
    }

    fn part(&self, part: &Part) -> &str {
        self.text.get(part.clone()).unwrap_or_default()
    }

    pub(super) fn request(&self) -> &'a web_sys::Request {
        self.request
    }

    pub(super) fn url(&self) -> &str {
        self.part(&self.url)
    }

    /// The host as it was asked for; for the log and our own addresses only.
    pub(super) fn host(&self) -> &str {
        self.part(&self.host)
    }

    /// The path as received, without the query; for the log and fixed addresses only.
    pub(super) fn path(&self) -> &str {
        self.part(&self.path)
    }

    /// The request for the log, as it was received.
    pub(super) fn received(&self) -> records::Request<'_> {
        let ray = Some(self.part(&self.ray)).filter(|ray| !ray.is_empty());
        records::Request { ray, host: self.host(), method: self.method(), path: self.path() }
    }

    /// The request for the log, as it was read.
    pub(super) fn asked<'b>(&'b self, target: &'b Target) -> records::Request<'b> {
        let (host, path) = (target.host.as_str(), target.path.as_str());
        records::Request { host, path, ..self.received() }
    }

    fn read(&self, name: &str) -> Option<String> {
        self.has(name).then_some(())?;
        self.request.headers().get(name).ok().flatten()
    }

    /// The posted form.
    pub(super) async fn form(&self) -> Result<Form, Refused> {
        let body = self.body().await?;
        Ok(read_form(self.header("content-type").as_deref(), &body)?)
    }

    /// The whole body, and no more of it than a form of ours may have.
    pub(super) async fn body(&self) -> Result<Vec<u8>, Refused> {
        let body =
            body::read(&self.request.headers(), self.request.body(), limits::FORM_BODY).await;
        Ok(body.map_err(|error| match error {
            Unread::TooLarge => Refusal::FormTooLarge,
            Unread::Broken(_) => Refusal::FormMalformed,
        })?)
    }
}

impl Asked for Head<'_> {
    fn method(&self) -> &str {
        self.part(&self.method)
    }

    fn header(&self, name: &str) -> Option<String> {
        // It came with the head.
        if name == "cookie" {
            return Some(self.part(&self.cookie).to_owned()).filter(|cookie| !cookie.is_empty());
        }
        self.read(name)
    }

    fn header_names(&self) -> Vec<&str> {
        self.part(&self.names).split(',').filter(|name| !name.is_empty()).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.part(&self.names).split(',').any(|known| known == name)
    }

    fn whence(&self) -> Whence {
        let cf = property(self.request, "cf");
        let certificate = cf.as_ref().and_then(|cf| property(cf, "tlsClientAuth"));
        Whence {
            ip: self.read("cf-connecting-ip").and_then(|ip| ip.parse().ok()),
            country: cf.as_ref().and_then(|cf| text(cf, "country")),
            asn: cf.as_ref().and_then(|cf| property(cf, "asn")?.as_f64()).map(|asn| asn as u32),
            certificate: certificate.and_then(|certificate| verified(&certificate)),
        }
    }
}

/// What comes before `end`, or all where that is not in it.
fn before(text: &str, part: &Part, end: char) -> Part {
    let length = text.get(part.clone()).and_then(|part| part.find(end));
    part.start..length.map_or(part.end, |length| part.start.saturating_add(length))
}

/// A client certificate that the edge has verified and that is not revoked; no other counts.
fn verified(certificate: &JsValue) -> Option<Certificate> {
    let is = |name, wanted| text(certificate, name).as_deref() == Some(wanted);
    if !is("certVerified", "SUCCESS") || !is("certRevoked", "0") {
        return None;
    }
    Some(Certificate {
        issuer: text(certificate, "certIssuerDNRFC2253")?,
        subject: text(certificate, "certSubjectDNRFC2253")?,
        sha256: text(certificate, "certFingerprintSHA256")?,
    })
}

fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_null_or_undefined())
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    property(object, name)?.as_string()
}
