//! The AuthnRequest, written (SAML core 3.4.1).

use super::binding::{Message, Outgoing};
use super::metadata::SignOn;
use super::sp_keys::SpKey;
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
    /// Whether the person must sign in anew, whatever session they have there.
    pub force: bool,
}

impl AuthnRequest<'_> {
    /// Puts the request into the binding that the identity provider takes, signed where there is a
    /// `key`. `relay_state` is an opaque handle of at most 80 bytes (SEC-29).
    pub fn carry(
        &self,
        sign_on: &SignOn,
        relay_state: &str,
        key: Option<&SpKey>,
    ) -> Result<Outgoing, Refusal> {
        let (SignOn::Redirect(url) | SignOn::Post(url)) = sign_on;
        let xml = self.xml(url.as_str())?;
        let message = Message { field: "SAMLRequest", xml, relay_state: Some(relay_state) };
        message.carry(sign_on, key)
    }

    /// The document, before and behind the place of its signature (SAML core 3.2.1).
    fn xml(&self, destination: &str) -> Result<[String; 2], Refusal> {
        let instant = time::format(self.now)?;
        let id = escape_attribute(self.id);
        let destination = escape_attribute(destination);
        let acs = escape_attribute(self.acs);
        let issuer = escape_text(self.entity_id);
        let force = if self.force { r#" ForceAuthn="true""# } else { "" };
        Ok([
            format!(
                r#"<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}" ID="{id}" Version="2.0" IssueInstant="{instant}" Destination="{destination}" AssertionConsumerServiceURL="{acs}" ProtocolBinding="{HTTP_POST}"{force}><saml:Issuer>{issuer}</saml:Issuer>"#
            ),
            "</samlp:AuthnRequest>".to_owned(),
        ])
    }
}
