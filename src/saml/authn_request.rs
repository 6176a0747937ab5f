//! The AuthnRequest, written, and its way to the identity provider (SAML core 3.4.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;

use super::metadata::SignOn;
use super::{ASSERTION, HTTP_POST, PROTOCOL, time};
use crate::identity::UnixTime;
use crate::refusals::Refusal;
use crate::xml::write::{escape_attribute, escape_text};

/// A request that somebody be signed in.
pub struct AuthnRequest<'a> {
    /// Random, an NCName: the response must name it (SEC-24).
    pub id: &'a str,
    /// When it is made.
    pub now: UnixTime,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// Where the response goes.
    pub acs: &'a str,
}

/// How the browser carries a request to the identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// By a redirect to this URL (SAML bindings 3.4).
    Redirect(String),
    /// By a form with the fields `SAMLRequest` and `RelayState`, posted (SAML bindings 3.5).
    Form {
        /// Where the form is posted.
        action: String,
        /// Value of `SAMLRequest`.
        saml_request: String,
        /// Value of `RelayState`.
        relay_state: String,
    },
}

impl AuthnRequest<'_> {
    /// Puts the request into the binding that the identity provider takes. `relay_state` is an
    /// opaque handle of at most 80 bytes (SEC-29).
    pub fn carry(&self, sign_on: &SignOn, relay_state: &str) -> Result<Carried, Refusal> {
        Ok(match sign_on {
            SignOn::Redirect(url) => {
                let xml = self.xml(url.as_str())?;
                let request = STANDARD.encode(compress_to_vec(xml.as_bytes(), 6));
                let parameters = [("SAMLRequest", request.as_str()), ("RelayState", relay_state)];
                Carried::Redirect(url.with_parameters(&parameters))
            }
            SignOn::Post(url) => Carried::Form {
                action: url.as_str().to_owned(),
                saml_request: STANDARD.encode(self.xml(url.as_str())?),
                relay_state: relay_state.to_owned(),
            },
        })
    }

    fn xml(&self, destination: &str) -> Result<String, Refusal> {
        let instant = time::format(self.now)?;
        let id = escape_attribute(self.id);
        let destination = escape_attribute(destination);
        let acs = escape_attribute(self.acs);
        let issuer = escape_text(self.entity_id);
        Ok(format!(
            r#"<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}" ID="{id}" Version="2.0" IssueInstant="{instant}" Destination="{destination}" AssertionConsumerServiceURL="{acs}" ProtocolBinding="{HTTP_POST}"><saml:Issuer>{issuer}</saml:Issuer></samlp:AuthnRequest>"#
        ))
    }
}
