//! An identity provider as it is stored: the document at `idp/<id>`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;
use super::sp_keys::{SpKey, SpKeys};
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

/// What our requests to an identity provider are like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// Whether they are signed. Unset: where its metadata wants it and we hold a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<bool>,
}

/// A switch that lets in what is refused otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Legacy {
    /// AES-CBC where only the assertion inside is signed, as SimpleSAMLphp and AD FS encrypt.
    CbcSignedInside,
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
    /// Our requests to it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request: Requests,
    /// What is let in of this identity provider only.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub legacy: BTreeSet<Legacy>,
}

fn is_default(requests: &Requests) -> bool {
    *requests == Requests::default()
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
    /// Our requests to it.
    pub request: Requests,
    /// Its switches.
    pub legacy: BTreeSet<Legacy>,
    /// Its entity ID, keys and sign-on location.
    pub metadata: Metadata,
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
            legacy: document.legacy,
        })
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
