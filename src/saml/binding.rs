//! The way of a message through the browser: in the query of a redirect (SAML bindings 3.4), or in
//! a form that is posted (3.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;

use super::metadata::SignOn;
use super::sp_keys::SpKey;
use crate::dsig::{Enveloped, RSA_SHA256};
use crate::refusals::Refusal;
use crate::web_url::WebUrl;

/// A message of ours.
#[derive(Debug)]
pub struct Message<'a> {
    /// The name of its field: `SAMLRequest` or `SAMLResponse`.
    pub field: &'static str,
    /// The document, in two parts: before and behind the place of its signature.
    pub xml: [String; 2],
    /// Opaque, of at most 80 bytes (SEC-29).
    pub relay_state: Option<&'a str>,
}

/// What the browser is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// To go to this URL.
    Redirect(String),
    /// To post a form.
    Form {
        /// Where it is posted.
        action: String,
        /// Its fields, by name.
        fields: Vec<(&'static str, String)>,
    },
}

/// A message that lacks only its signature.
#[derive(Debug)]
pub enum Unsigned {
    /// Its query is signed, as it is sent.
    Redirect {
        /// Where it goes.
        url: WebUrl,
        /// Message, RelayState and algorithm, in this order (SAML bindings 3.4.4.1).
        query: String,
    },
    /// Its document is signed.
    Form {
        /// Where it is posted.
        url: WebUrl,
        /// The name of its field.
        field: &'static str,
        /// The document.
        xml: Box<Enveloped>,
        /// The RelayState.
        relay_state: Option<String>,
    },
}

/// A message, sent or to be signed first.
#[derive(Debug)]
pub enum Outgoing {
    /// It can go.
    Ready(Carried),
    /// Sign its octets, then [`Unsigned::signed`].
    Unsigned(Unsigned),
}

impl Message<'_> {
    /// Puts the message into a binding; it will be signed where there is a `key` to sign with.
    pub fn carry(&self, to: &SignOn, key: Option<&SpKey>) -> Result<Outgoing, Refusal> {
        let [before, after] = &self.xml;
        let relay_state = self.relay_state.map(str::to_owned);
        Ok(match (to, key) {
            (SignOn::Redirect(url), None) => {
                Outgoing::Ready(Carried::Redirect(url.with_query(&self.query())))
            }
            (SignOn::Redirect(url), Some(_)) => {
                let algorithm = encoded([("SigAlg", RSA_SHA256)]);
                let query = format!("{}&{algorithm}", self.query());
                Outgoing::Unsigned(Unsigned::Redirect { url: url.clone(), query })
            }
            (SignOn::Post(url), None) => {
                let xml = format!("{before}{after}");
                Outgoing::Ready(form(url, self.field, &xml, relay_state))
            }
            (SignOn::Post(url), Some(key)) => Outgoing::Unsigned(Unsigned::Form {
                url: url.clone(),
                field: self.field,
                xml: Box::new(Enveloped::new(before, after, key.certificate())?),
                relay_state,
            }),
        })
    }

    fn query(&self) -> String {
        let deflated = STANDARD.encode(compress_to_vec(self.xml.concat().as_bytes(), 6));
        let relay_state = self.relay_state.map(|value| ("RelayState", value));
        encoded([(self.field, deflated.as_str())].into_iter().chain(relay_state))
    }
}

impl Unsigned {
    /// What is to be signed with RSA-SHA256.
    pub fn octets(&self) -> &[u8] {
        match self {
            Unsigned::Redirect { query, .. } => query.as_bytes(),
            Unsigned::Form { xml, .. } => xml.octets(),
        }
    }

    /// The whole message.
    pub fn signed(self, signature: &[u8]) -> Carried {
        match self {
            Unsigned::Redirect { url, query } => {
                let signature = encoded([("Signature", STANDARD.encode(signature).as_str())]);
                Carried::Redirect(url.with_query(&format!("{query}&{signature}")))
            }
            Unsigned::Form { url, field, xml, relay_state } => {
                form(&url, field, &xml.signed(signature), relay_state)
            }
        }
    }
}

fn form(url: &WebUrl, field: &'static str, xml: &str, relay_state: Option<String>) -> Carried {
    let mut fields = vec![(field, STANDARD.encode(xml))];
    fields.extend(relay_state.map(|value| ("RelayState", value)));
    Carried::Form { action: url.as_str().to_owned(), fields }
}

fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
