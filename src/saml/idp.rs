//! An identity provider as it is stored: the document at `idp/<id>`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::binding::Endpoint;
use super::metadata::Metadata;
use super::sp_keys::{SpKey, SpKeys};
use crate::dsig::{Certificate, PublicKey, Tolerance};
use crate::refusals::Refusal;
use crate::web_url::WebUrl;

/// The name that stands for the NameID itself among attribute names.
pub const NAME_ID: &str = "NameID";

/// Which attributes carry what. Of several names all that are sent are taken together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeNames {
    /// The mail address; `NameID` means the NameID. The first that is sent counts.
    #[serde(default = "name_id")]
    pub email: Vec<String>,
    /// The groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Others that policies and the application use: our name, and the provider's names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Vec<String>>,
    /// By an attribute's name, the character at which each of its values is cut into several.
    /// Nothing is cut unless it says so here (SEC-31).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub separators: BTreeMap<String, char>,
    /// Whether groups are paths, as Keycloak sends them, and lose the slash that they begin with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strip_slash: bool,
}

fn name_id() -> Vec<String> {
    vec![NAME_ID.to_owned()]
}

impl Default for AttributeNames {
    fn default() -> Self {
        AttributeNames {
            email: name_id(),
            groups: Vec::new(),
            others: BTreeMap::new(),
            separators: BTreeMap::new(),
            strip_slash: false,
        }
    }
}

/// A switch that lets in what is refused otherwise: weak, but this identity provider can't do
/// without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Legacy {
    /// SHA-1 in RSA signatures and digests (SEC-17).
    Sha1,
    /// Inclusive canonicalisation (SEC-15).
    InclusiveC14n,
    /// AES-CBC where only the assertion inside is signed, as AD FS encrypts, and SimpleSAMLphp where
    /// it signs no responses (SEC-33).
    CbcSignedInside,
}

/// A sign-on address that takes the place of the one in the metadata: JumpCloud's lists Redirect
/// only where a box was ticked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignOnAddress {
    /// For HTTP-Redirect.
    Redirect(String),
    /// For HTTP-POST.
    Post(String),
}

impl SignOnAddress {
    fn read(&self) -> Result<Endpoint, Refusal> {
        Ok(match self {
            SignOnAddress::Redirect(url) => Endpoint::Redirect(WebUrl::parse(url)?),
            SignOnAddress::Post(url) => Endpoint::Post(WebUrl::parse(url)?),
        })
    }
}

/// What our AuthnRequests ask for (SAML core 3.4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestOptions {
    /// Whether they are signed. Where this is not said, they are if the metadata wants it and
    /// there is a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<bool>,
    /// Format of the NameID. An answer in another is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_id_format: Option<String>,
    /// Classes of authentication context, one of which must be met. An answer that names none of
    /// them is refused (SEC-26).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authn_context: Vec<String>,
}

/// The stored document, as JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdpDocument {
    /// What people call it.
    pub name: String,
    /// Which entity of the metadata it is; only needed where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<String>,
    /// Its metadata, as it came.
    pub metadata: String,
    /// Where its metadata is fetched anew (SEC-34).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_url: Option<String>,
    /// The certificate, in base64, whose key signs what is fetched. Without one a change of keys or
    /// addresses is only proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_key: Option<String>,
    /// Where people sign in, if not where the metadata says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_on: Option<SignOnAddress>,
    /// Its attribute names.
    #[serde(default)]
    pub attributes: AttributeNames,
    /// The domains of the mail addresses that it may vouch for; without a list, all (SEC-30).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_domains: Option<Vec<String>>,
    /// What our requests ask for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request: RequestOptions,
    /// Where a response that answers no request of ours may begin a session, as a path of the
    /// application. Without it such a response only begins a sign-in of our own (SEC-28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsolicited: Option<String>,
    /// What is let in of this identity provider only.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub legacy: BTreeSet<Legacy>,
}

fn is_default(options: &RequestOptions) -> bool {
    *options == RequestOptions::default()
}

/// Where metadata is fetched anew.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its address.
    pub url: WebUrl,
    /// The key that must have signed it.
    pub key: Option<PublicKey>,
}

/// An identity provider, ready for use.
#[derive(Clone, Debug)]
pub struct IdentityProvider {
    /// The `<id>` of `idp/<id>`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its attribute names.
    pub attributes: AttributeNames,
    /// Its entity ID, keys and sign-on location.
    pub metadata: Metadata,
    /// Where its metadata is fetched anew.
    pub source: Option<Source>,
    /// The domains of the mail addresses that it may vouch for.
    pub email_domains: Option<Vec<String>>,
    /// What our requests ask for.
    pub request: RequestOptions,
    /// Where an unsolicited response lands, where it may.
    pub unsolicited: Option<String>,
    /// Its switches.
    pub legacy: BTreeSet<Legacy>,
}

impl IdpDocument {
    /// Reads the JSON.
    pub fn from_json(json: &str) -> Result<Self, Refusal> {
        serde_json::from_str(json).or(Err(Refusal::IdpDocumentUnusable))
    }

    /// Reads metadata, its own or newer, as the document says.
    pub(super) fn read_metadata(&self, xml: &[u8]) -> Result<Metadata, Refusal> {
        let sign_on = self.sign_on.as_ref().map(SignOnAddress::read).transpose()?;
        Metadata::parse(xml, self.entity_id.as_deref(), sign_on)
    }

    fn source(&self) -> Result<Option<Source>, Refusal> {
        let key = self.metadata_key.as_deref().map(Certificate::from_base64).transpose()?;
        let key = key.map(|certificate| certificate.key);
        match &self.metadata_url {
            Some(url) => Ok(Some(Source { url: WebUrl::parse(url)?, key })),
            // A key that nothing is checked with would give a false sense of safety.
            None if key.is_some() => Err(Refusal::IdpDocumentUnusable),
            None => Ok(None),
        }
    }
}

impl IdentityProvider {
    /// Reads the document stored at `idp/<id>`.
    pub fn from_json(id: &str, json: &str) -> Result<Self, Refusal> {
        Self::from_document(id, IdpDocument::from_json(json)?)
    }

    /// Makes one from its document.
    pub fn from_document(id: &str, document: IdpDocument) -> Result<Self, Refusal> {
        Ok(IdentityProvider {
            id: id.to_owned(),
            metadata: document.read_metadata(document.metadata.as_bytes())?,
            source: document.source()?,
            name: document.name,
            attributes: document.attributes,
            email_domains: document.email_domains,
            request: document.request,
            unsolicited: document.unsolicited,
            legacy: document.legacy,
        })
    }

    /// What its signatures may still use.
    pub fn tolerance(&self) -> Tolerance {
        Tolerance {
            sha1: self.legacy.contains(&Legacy::Sha1),
            inclusive: self.legacy.contains(&Legacy::InclusiveC14n),
        }
    }

    /// The key that signs our requests to it, where they are signed.
    pub fn signing_key<'k>(&self, ours: Option<&'k SpKeys>) -> Result<Option<&'k SpKey>, Refusal> {
        let wanted = self.request.sign.unwrap_or(self.metadata.wants_signed_requests);
        match ours {
            None if self.request.sign == Some(true) => Err(Refusal::SigningKeyMissing),
            ours => Ok(ours.filter(|_| wanted).map(SpKeys::newest)),
        }
    }
}
