//! The way of a message through the browser: in the query of a redirect (SAML bindings 3.4), or in
//! a form that is posted (3.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::sp_keys::SpKey;
use crate::dsig::{self, Enveloped, PublicKey, RSA_SHA256, Tolerance};
use crate::limits;
use crate::refusals::Refusal;
use crate::web_url::WebUrl;
use crate::xml::decode_base64;

/// Which way a message goes: the name of the parameter or field that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `SAMLRequest`
    Request,
    /// `SAMLResponse`
    Response,
}

impl Field {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Field::Request => "SAMLRequest",
            Field::Response => "SAMLResponse",
        }
    }
}

/// Where a message goes, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// In the query of a redirect.
    Redirect(WebUrl),
    /// In a form that the browser posts.
    Post(WebUrl),
}

impl Endpoint {
    /// The address, which is also the Destination of the message.
    pub fn url(&self) -> &WebUrl {
        match self {
            Endpoint::Redirect(url) | Endpoint::Post(url) => url,
        }
    }
}

/// A message of ours.
#[derive(Debug)]
pub struct Message<'a> {
    /// What it is.
    pub field: Field,
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
        /// What it is.
        field: Field,
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
    pub fn carry(&self, to: &Endpoint, key: Option<&SpKey>) -> Result<Outgoing, Refusal> {
        let [before, after] = &self.xml;
        let relay_state = self.relay_state.map(str::to_owned);
        Ok(match (to, key) {
            (Endpoint::Redirect(url), None) => {
                Outgoing::Ready(Carried::Redirect(url.with_query(&self.query())))
            }
            (Endpoint::Redirect(url), Some(_)) => {
                let algorithm = encoded([("SigAlg", RSA_SHA256)]);
                let query = format!("{}&{algorithm}", self.query());
                Outgoing::Unsigned(Unsigned::Redirect { url: url.clone(), query })
            }
            (Endpoint::Post(url), None) => {
                let xml = format!("{before}{after}");
                Outgoing::Ready(form(url, self.field, &xml, relay_state))
            }
            (Endpoint::Post(url), Some(key)) => Outgoing::Unsigned(Unsigned::Form {
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
        encoded([(self.field.name(), deflated.as_str())].into_iter().chain(relay_state))
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

fn form(url: &WebUrl, field: Field, xml: &str, relay_state: Option<String>) -> Carried {
    let mut fields = vec![(field.name(), STANDARD.encode(xml))];
    fields.extend(relay_state.map(|value| ("RelayState", value)));
    Carried::Form { action: url.as_str().to_owned(), fields }
}

fn encoded<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A signed message as it arrived in a query.
#[derive(Debug)]
pub struct SignedQuery {
    /// Which way the message goes.
    pub field: Field,
    /// The message, inflated. Unverified.
    pub xml: Vec<u8>,
    /// `RelayState`. Unverified.
    pub relay_state: Option<String>,
    octets: String,
    algorithm: String,
    signature: Vec<u8>,
}

impl SignedQuery {
    /// Reads a query as received. Every parameter of the binding stands at most once and by its
    /// plain name; the size of what is inflated is bounded (SEC-01, SEC-02).
    pub fn read(query: &str) -> Result<Self, Refusal> {
        if query.len() > limits::SAML_QUERY {
            return Err(Refusal::FormTooLarge);
        }
        let (request, response) = (only(query, "SAMLRequest")?, only(query, "SAMLResponse")?);
        let (field, message) = match (request, response) {
            (Some(message), None) => (Field::Request, message),
            (None, Some(message)) => (Field::Response, message),
            _ => return Err(Refusal::FormMalformed),
        };
        // The default encoding by any other name would be another one (SAML bindings 3.4.4).
        if only(query, "SAMLEncoding")?.is_some() {
            return Err(Refusal::FormMalformed);
        }
        let missing = Refusal::SignatureMissing;
        let algorithm = only(query, "SigAlg")?.ok_or(missing)?;
        let signature = only(query, "Signature")?.ok_or(missing)?;
        let relay_state = only(query, "RelayState")?;
        let mut octets = format!("{}={message}", field.name());
        for (name, value) in [("RelayState", relay_state), ("SigAlg", Some(algorithm))] {
            if let Some(value) = value {
                octets.push_str(&format!("&{name}={value}"));
            }
        }
        let base64 = |raw: &str, refusal| decode_base64(&decoded(raw)?).ok_or(refusal);
        let deflated = base64(message, Refusal::Base64Malformed)?;
        let xml = decompress_to_vec_with_limit(&deflated, limits::SAML_INFLATED)
            .or(Err(Refusal::DeflateMalformed))?;
        Ok(SignedQuery {
            field,
            xml,
            relay_state: relay_state.map(decoded).transpose()?,
            octets,
            algorithm: decoded(algorithm)?,
            signature: base64(signature, Refusal::SignatureEncoding)?,
        })
    }

    /// Verifies the signature over the octets as they were received (SEC-35).
    pub fn verify(&self, keys: &[PublicKey], tolerance: Tolerance) -> Result<(), Refusal> {
        let (octets, signature) = (self.octets.as_bytes(), &self.signature);
        dsig::verify_octets_under(&self.algorithm, octets, signature, keys, tolerance)
    }
}

/// The raw value of a parameter, which may stand once, and under no other spelling of its name.
fn only<'a>(query: &'a str, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut found = None;
    for pair in query.split('&') {
        let (raw_name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decoded(raw_name)? == name && (raw_name != name || found.replace(value).is_some()) {
            return Err(Refusal::FormMalformed);
        }
    }
    Ok(found)
}

fn decoded(raw: &str) -> Result<String, Refusal> {
    let spaced = raw.replace('+', " ");
    let text = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    text.map(|text| text.into_owned()).or(Err(Refusal::FormMalformed))
}
