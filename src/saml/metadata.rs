//! Identity provider metadata, read (SAML metadata 2.4.3).

use crate::dsig::{Certificate, PublicKey};
use crate::identity::UnixTime;
use crate::refusals::Refusal;
use crate::saml::binding::Endpoint;
use crate::saml::{DSIG, HTTP_POST, HTTP_REDIRECT, METADATA, PROTOCOL, time};
use crate::web_url::WebUrl;
use crate::xml::{Document, Node, Profile};

/// What the metadata of one identity provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Its entity ID, byte for byte. JumpCloud's need not be a URL.
    pub entity_id: String,
    /// Where people sign in.
    pub sign_on: Endpoint,
    /// Whether it wants our AuthnRequests signed.
    pub wants_signed_requests: bool,
    /// Where it takes logout messages.
    pub logout: Option<Logout>,
    /// The keys that it signs with, each once. Never empty.
    pub keys: Vec<PublicKey>,
    /// The certificates that hold them, in the same order.
    pub certificates: Vec<Certificate>,
    /// Why keys were left out.
    pub left_out: Vec<Refusal>,
    /// Until when the document may be used. The gate goes on using what has expired, because
    /// some name the end of a certificate here; a refresh does not take it (SEC-34).
    pub valid_until: Option<UnixTime>,
}

impl Metadata {
    /// Reads a metadata document: an EntityDescriptor, or an EntitiesDescriptor from which
    /// `entity_id` chooses, or which holds a single identity provider. `sign_on` takes the place of
    /// the address that the document gives.
    pub fn parse(
        xml: &[u8],
        entity_id: Option<&str>,
        sign_on: Option<Endpoint>,
    ) -> Result<Self, Refusal> {
        let document = Document::parse(xml, &Profile::METADATA)?;
        let mut candidates = document
            .root()
            .descendants()
            .filter(|node| node.is(METADATA, "EntityDescriptor"))
            .filter(|entity| above(*entity).all(|node| node.is(METADATA, "EntitiesDescriptor")))
            .filter(|entity| entity_id.is_none_or(|id| entity.attribute("entityID") == Some(id)))
            .flat_map(identity_providers);
        let role = candidates.next().ok_or(Refusal::MetadataNoIdp)?;
        if candidates.next().is_some() {
            return Err(Refusal::MetadataAmbiguous);
        }
        let entity_id = role.parent().and_then(|entity| entity.attribute("entityID"));
        let entity_id = entity_id.filter(|id| !id.is_empty()).ok_or(Refusal::MetadataNoIdp)?;
        let Signing { certificates, left_out } = Signing::read(role)?;
        Ok(Metadata {
            entity_id: entity_id.to_owned(),
            sign_on: match sign_on {
                Some(sign_on) => sign_on,
                None => endpoint(role, "SingleSignOnService", "Location")?
                    .ok_or(Refusal::MetadataNoSignOn)?,
            },
            wants_signed_requests: matches!(
                role.attribute("WantAuthnRequestsSigned"),
                Some("true" | "1")
            ),
            // A location that is refused is none: signing out ends here then.
            logout: logout(role).unwrap_or_default(),
            keys: certificates.iter().map(|certificate| certificate.key.clone()).collect(),
            certificates,
            left_out,
            valid_until: valid_until(role)?,
        })
    }
}

/// Where an identity provider takes logout messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// LogoutRequests.
    pub requests: Endpoint,
    /// LogoutResponses.
    pub responses: Endpoint,
}

/// The elements around one.
fn above(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    std::iter::successors(node.parent(), |node| node.parent())
}

/// The SAML 2.0 identity provider roles of an entity. Entra ID's metadata has other roles too, and
/// a service provider can be the same entity.
fn identity_providers(entity: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    entity.children().filter(|role| role.is(METADATA, "IDPSSODescriptor")).filter(|role| {
        let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
    })
}

/// The end of the role, of its entity or of a group around it, whichever comes first.
fn valid_until(role: Node<'_>) -> Result<Option<UnixTime>, Refusal> {
    let ends = std::iter::once(role).chain(above(role));
    let ends = ends.filter_map(|node| node.attribute("validUntil")).map(time::parse);
    Ok(ends.collect::<Result<Vec<_>, _>>()?.into_iter().min())
}

/// The certificates that a role signs with.
#[derive(Default)]
struct Signing {
    certificates: Vec<Certificate>,
    left_out: Vec<Refusal>,
}

impl Signing {
    /// Reads every KeyDescriptor for signing. What only we can't use, such as a P-521 key beside an
    /// RSA key, is left out; at least one key must remain (SEC-18).
    fn read(role: Node<'_>) -> Result<Self, Refusal> {
        let mut signing = Signing::default();
        let keys = role
            .children()
            .filter(|child| child.is(METADATA, "KeyDescriptor"))
            .filter(|key| matches!(key.attribute("use"), None | Some("signing")));
        for key in keys {
            match certificates(key)? {
                // As KeyName or KeyValue: without a certificate nobody would see it change or end.
                encoded if encoded.is_empty() => signing.left_out.push(Refusal::KeyBare),
                encoded => encoded.into_iter().try_for_each(|text| signing.add(text))?,
            }
        }
        match signing.left_out.first() {
            Some(refusal) if signing.certificates.is_empty() => Err(*refusal),
            None if signing.certificates.is_empty() => Err(Refusal::NoKey),
            _ => Ok(signing),
        }
    }

    fn add(&mut self, encoded: &str) -> Result<(), Refusal> {
        let certificate = match Certificate::from_base64(encoded) {
            Ok(certificate) => certificate,
            Err(refusal @ (Refusal::KeyUnsupported | Refusal::KeyWeak)) => {
                self.left_out.push(refusal);
                return Ok(());
            }
            Err(refusal) => return Err(refusal),
        };
        match self.certificates.iter_mut().find(|known| known.key == certificate.key) {
            // One key in two certificates is in use until the later ends.
            Some(known) if known.not_after < certificate.not_after => *known = certificate,
            Some(_) => {}
            None => self.certificates.push(certificate),
        }
        Ok(())
    }
}

/// The first certificate of every X509Data: those behind it are its chain, and an authority that
/// issued a certificate does not sign assertions.
fn certificates(key: Node<'_>) -> Result<Vec<&str>, Refusal> {
    let infos = key.children().filter(|child| child.is(DSIG, "KeyInfo"));
    let data = infos.flat_map(|info| info.children()).filter(|child| child.is(DSIG, "X509Data"));
    data.filter_map(|data| data.children().find(|child| child.is(DSIG, "X509Certificate")))
        .map(|certificate| certificate.text())
        .collect()
}

/// The service of this name: by Redirect where there is one, or else by POST.
fn endpoint(role: Node<'_>, service: &str, attribute: &str) -> Result<Option<Endpoint>, Refusal> {
    let location = |binding: &str| {
        role.children()
            .filter(|child| child.is(METADATA, service))
            .filter(|service| service.attribute("Binding") == Some(binding))
            .find_map(|service| service.attribute(attribute))
            .map(WebUrl::parse)
            .transpose()
    };
    if let Some(url) = location(HTTP_REDIRECT)? {
        return Ok(Some(Endpoint::Redirect(url)));
    }
    Ok(location(HTTP_POST)?.map(Endpoint::Post))
}

/// SAML metadata 2.2.2: answers go to the ResponseLocation, where there is one.
fn logout(role: Node<'_>) -> Result<Option<Logout>, Refusal> {
    const SERVICE: &str = "SingleLogoutService";
    let Some(requests) = endpoint(role, SERVICE, "Location")? else { return Ok(None) };
    let responses = endpoint(role, SERVICE, "ResponseLocation")?;
    Ok(Some(Logout { responses: responses.unwrap_or_else(|| requests.clone()), requests }))
}
