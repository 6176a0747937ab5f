//! Identity provider metadata, read (SAML metadata 2.4.3).

use crate::dsig::{Certificate, PublicKey};
use crate::identity::UnixTime;
use crate::refusals::Refusal;
use crate::saml::{DSIG, HTTP_POST, HTTP_REDIRECT, METADATA, PROTOCOL};
use crate::web_url::WebUrl;
use crate::xml::{Document, Node, Profile};

/// How an AuthnRequest reaches the identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignOn {
    /// In the query of a redirect.
    Redirect(WebUrl),
    /// In a form that the browser posts.
    Post(WebUrl),
}

/// What the metadata of one identity provider says.
#[derive(Clone)]
pub struct Metadata {
    /// Its entity ID, byte for byte. JumpCloud's need not be a URL.
    pub entity_id: String,
    /// Where people sign in.
    pub sign_on: SignOn,
    /// The keys that it signs with. Never empty.
    pub keys: Vec<PublicKey>,
    /// Whether it wants requests signed.
    pub wants_signed_requests: bool,
    /// When the certificate that expires first does.
    pub certificates_end: UnixTime,
}

impl Metadata {
    /// Reads a metadata document: an EntityDescriptor, or an EntitiesDescriptor from which
    /// `entity_id` chooses, or which holds a single identity provider.
    pub fn parse(xml: &[u8], entity_id: Option<&str>) -> Result<Self, Refusal> {
        let document = Document::parse(xml, &Profile::METADATA)?;
        let mut candidates = document
            .root()
            .descendants()
            .filter(|node| node.is(METADATA, "EntityDescriptor"))
            .filter(|entity| entity_id.is_none_or(|id| entity.attribute("entityID") == Some(id)))
            .filter_map(|entity| Some((entity, identity_provider(entity)?)));
        let (entity, role) = candidates.next().ok_or(Refusal::MetadataNoIdp)?;
        if candidates.next().is_some() {
            return Err(Refusal::MetadataAmbiguous);
        }
        let entity_id = entity.attribute("entityID").filter(|id| !id.is_empty());
        let certificates = certificates(role)?;
        let certificates_end = certificates.iter().map(|certificate| certificate.not_after).min();
        Ok(Metadata {
            entity_id: entity_id.ok_or(Refusal::MetadataNoIdp)?.to_owned(),
            sign_on: sign_on(role)?,
            keys: certificates.into_iter().map(|certificate| certificate.key).collect(),
            wants_signed_requests: matches!(
                role.attribute("WantAuthnRequestsSigned"),
                Some("true" | "1")
            ),
            certificates_end: certificates_end.ok_or(Refusal::NoKey)?,
        })
    }
}

/// The SAML 2.0 identity provider role of an entity. Entra ID's metadata has other roles too.
fn identity_provider(entity: Node<'_>) -> Option<Node<'_>> {
    entity.children().filter(|role| role.is(METADATA, "IDPSSODescriptor")).find(|role| {
        let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
    })
}

fn certificates(role: Node<'_>) -> Result<Vec<Certificate>, Refusal> {
    role.children()
        .filter(|child| child.is(METADATA, "KeyDescriptor"))
        .filter(|key| matches!(key.attribute("use"), None | Some("signing")))
        .flat_map(|key| key.descendants())
        .filter(|node| node.is(DSIG, "X509Certificate"))
        .map(|node| Certificate::from_base64(node.text()?))
        .collect()
}

fn sign_on(role: Node<'_>) -> Result<SignOn, Refusal> {
    let location = |binding: &str| {
        role.children()
            .filter(|child| child.is(METADATA, "SingleSignOnService"))
            .find(|service| service.attribute("Binding") == Some(binding))
            .and_then(|service| service.attribute("Location"))
            .map(WebUrl::parse)
            .transpose()
    };
    if let Some(url) = location(HTTP_REDIRECT)? {
        return Ok(SignOn::Redirect(url));
    }
    location(HTTP_POST)?.map(SignOn::Post).ok_or(Refusal::MetadataNoSignOn)
}
