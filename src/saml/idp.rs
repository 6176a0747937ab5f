//! An identity provider as it is stored: the document at `idp/<id>`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;
use super::sp_keys::{SpKey, SpKeys};
use crate::dsig::Tolerance;
use crate::refusals::Refusal;

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
}

fn name_id() -> Vec<String> {
    vec![NAME_ID.to_owned()]
}

impl Default for AttributeNames {
    fn default() -> Self {
        AttributeNames { email: name_id(), groups: Vec::new(), others: BTreeMap::new() }
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
    /// AES-CBC where only the assertion inside is signed, as SimpleSAMLphp and AD FS encrypt
    /// (SEC-33).
    CbcSignedInside,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdpDocument {
    /// What people call it.
    pub name: String,
    /// Which entity of the metadata it is; only needed where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<String>,
    /// Its metadata, as it came.
    pub metadata: String,
    /// Its attribute names.
    #[serde(default)]
    pub attributes: AttributeNames,
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

/// An identity provider, ready for use.
#[derive(Clone)]
pub struct IdentityProvider {
    /// The `<id>` of `idp/<id>`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its attribute names.
    pub attributes: AttributeNames,
    /// Its entity ID, keys and sign-on location.
    pub metadata: Metadata,
    /// What our requests ask for.
    pub request: RequestOptions,
    /// Where an unsolicited response lands, where it may.
    pub unsolicited: Option<String>,
    /// Its switches.
    pub legacy: BTreeSet<Legacy>,
}

impl IdentityProvider {
    /// Reads the document stored at `idp/<id>`.
    pub fn from_json(id: &str, json: &str) -> Result<Self, Refusal> {
        let document: IdpDocument =
            serde_json::from_str(json).or(Err(Refusal::IdpDocumentUnusable))?;
        Ok(IdentityProvider {
            id: id.to_owned(),
            metadata: Metadata::parse(document.metadata.as_bytes(), document.entity_id.as_deref())?,
            name: document.name,
            attributes: document.attributes,
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
