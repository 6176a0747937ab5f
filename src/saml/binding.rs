//! How messages travel through the browser: by redirect (SAML bindings 3.4) or by form (3.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::signing::{RSA_SHA256, Unsigned};
use super::sp_keys::SpKey;
use crate::dsig::{self, PublicKey, Tolerance};
use crate::limits;
use crate::refusals::Refusal;
use crate::web_url::WebUrl;

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

/// A message on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// By a redirect to this URL.
    Redirect(String),
    /// By a form, posted.
    Form {
        /// Where the form is posted.
        action: String,
        /// Which field holds the message.
        field: Field,
        /// The message, in base64.
        message: String,
        /// Value of `RelayState`.
        relay_state: Option<String>,
    },
}

/// Puts a message into the binding of its endpoint, signed where there is a key. `relay_state` is
/// an opaque handle of at most 80 bytes (SEC-29).
pub(super) fn carry(
    message: &Unsigned,
    field: Field,
    endpoint: &Endpoint,
    relay_state: Option<&str>,
    key: Option<&SpKey>,
) -> Result<Carried, Refusal> {
    match endpoint {
        Endpoint::Redirect(url) => {
            let deflated = STANDARD.encode(compress_to_vec(message.plain().as_bytes(), 6));
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair(field.name(), &deflated);
            query.extend_pairs(relay_state.map(|handle| ("RelayState", handle)));
            let Some(key) = key else {
                return Ok(Carried::Redirect(url.with_query(&query.finish())));
            };
            // SAML bindings 3.4.4.1: over these octets, in this order.
            query.append_pair("SigAlg", RSA_SHA256);
            let octets = query.finish();
            let signature = STANDARD.encode(key.sign(octets.as_bytes())?);
            let signature: String = form_urlencoded::byte_serialize(signature.as_bytes()).collect();
            Ok(Carried::Redirect(url.with_query(&format!("{octets}&Signature={signature}"))))
        }
        Endpoint::Post(url) => {
            let xml = key.map_or_else(|| Ok(message.plain()), |key| message.signed(key))?;
            Ok(Carried::Form {
                action: url.as_str().to_owned(),
                field,
                message: STANDARD.encode(xml),
                relay_state: relay_state.map(str::to_owned),
            })
        }
    }
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
        let base64 = |raw: &str, refusal| dsig::decode_base64(&decoded(raw)?).ok_or(refusal);
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
