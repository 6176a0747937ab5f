//! The runtime's request, read piece by piece: every look across the wasm boundary costs.

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
    method: String,
    url: String,
    cookie: Option<String>,
    ray: Option<String>,
    /// Names of all headers, with commas between them: none holds one.
    names: String,
}

#[wasm_bindgen::prelude::wasm_bindgen(module = "/src/edge/crossing.js")]
extern "C" {
    fn head(request: &web_sys::Request) -> String;
}

impl<'a> Head<'a> {
    pub(super) fn of(request: &'a web_sys::Request) -> Self {
        let head = head(request);
        let mut lines = head.split('\n').map(str::to_owned);
        let mut line = || lines.next().unwrap_or_default();
        let (method, url, cookie, ray, names) = (line(), line(), line(), line(), line());
        let given = |value: String| Some(value).filter(|value| !value.is_empty());
        let (cookie, ray) = (given(cookie), given(ray));
        Head { request, method, url, cookie, ray, names }
    }

    pub(super) fn request(&self) -> &'a web_sys::Request {
        self.request
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    fn authority_and_path(&self) -> Option<(&str, &str)> {
        let (_, rest) = self.url.split_once("://")?;
        let rest = rest.split(['?', '#']).next()?;
        rest.split_at_checked(rest.find('/')?)
    }

    /// The host as it was asked for; for the log and our own addresses only.
    pub(super) fn host(&self) -> &str {
        self.authority_and_path()
            .map_or("", |(authority, _)| authority.split(':').next().unwrap_or_default())
    }

    /// The path as received, without the query; for the log and fixed addresses only.
    pub(super) fn path(&self) -> Option<&str> {
        self.authority_and_path().map(|(_, path)| path)
    }

    /// The request for the log, as it was received.
    pub(super) fn received(&self) -> records::Request<'_> {
        let (host, path) = (self.host(), self.path().unwrap_or_default());
        records::Request { ray: self.ray.as_deref(), host, method: &self.method, path }
    }

    /// The request for the log, as it was read.
    pub(super) fn asked<'b>(&'b self, target: &'b Target) -> records::Request<'b> {
        let (host, path) = (target.host.as_str(), target.path.as_str());
        records::Request { host, path, ..self.received() }
    }

    fn read(&self, name: &str) -> Option<String> {
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
        &self.method
    }

    fn header(&self, name: &str) -> Option<String> {
        // It came with the head.
        if name == "cookie" {
            return self.cookie.clone();
        }
        self.read(name)
    }

    fn header_names(&self) -> Vec<String> {
        self.names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.names.split(',').any(|known| known == name)
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
