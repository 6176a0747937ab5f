//! The AuthnRequest, written (SAML core 3.4.1).

use super::binding::{Endpoint, Field, Message, Outgoing};
use super::idp::RequestOptions;
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
    /// What else it asks for.
    pub options: &'a RequestOptions,
}

impl AuthnRequest<'_> {
    /// Puts the request into the binding that the identity provider takes, signed where there is a
    /// `key`. `relay_state` is an opaque handle of at most 80 bytes (SEC-29).
    pub fn carry(
        &self,
        sign_on: &Endpoint,
        relay_state: &str,
        key: Option<&SpKey>,
    ) -> Result<Outgoing, Refusal> {
        let xml = self.xml(sign_on.url().as_str())?;
        let message = Message { field: Field::Request, xml, relay_state: Some(relay_state) };
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
        let (name_id, context) = (self.name_id_policy(), self.requested_authn_context());
        Ok([
            format!(
                r#"<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}" ID="{id}" Version="2.0" IssueInstant="{instant}" Destination="{destination}" AssertionConsumerServiceURL="{acs}" ProtocolBinding="{HTTP_POST}"{force}><saml:Issuer>{issuer}</saml:Issuer>"#
            ),
            format!("{name_id}{context}</samlp:AuthnRequest>"),
        ])
    }
    /// SAML core 3.4.1.1.
    fn name_id_policy(&self) -> String {
        let Some(format) = &self.options.name_id_format else { return String::new() };
        let format = escape_attribute(format);
        format!(r#"<samlp:NameIDPolicy Format="{format}" AllowCreate="true"/>"#)
    }

    /// SAML core 3.3.2.2.1: one of these, and no other that the provider may think better.
    fn requested_authn_context(&self) -> String {
        if self.options.authn_context.is_empty() {
            return String::new();
        }
        let class = |class: &String| {
            let class = escape_text(class);
            format!("<saml:AuthnContextClassRef>{class}</saml:AuthnContextClassRef>")
        };
        let classes: String = self.options.authn_context.iter().map(class).collect();
        format!(
            r#"<samlp:RequestedAuthnContext Comparison="exact">{classes}</samlp:RequestedAuthnContext>"#
        )
    }
}
