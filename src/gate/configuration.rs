//! What a gate is made of: the Worker's secrets and addresses, and an application's documents.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Refused;
use super::asked::return_to;
use super::introduction::Introductions;
use crate::identity::UnixTime;
use crate::keys::{SealKeys, SignKeys};
use crate::policy::Policy;
use crate::refusals::Refusal;
use crate::remembered::Remembered;
use crate::revocations::Revocations;
use crate::saml::idp::IdentityProvider;
use crate::saml::sp_keys::SpKeys;
use crate::service::ServiceDocument;
use crate::session::Session;
use crate::web_url::WebUrl;

/// Secrets and addresses of this Worker.
pub struct Deployment {
    /// `SEAL_KEYS`.
    pub seal: SealKeys,
    /// `SIGN_KEYS`.
    pub sign: SignKeys,
    /// `SAML_KEY` and `SAML_KEY_OLD`, where they are set.
    pub saml: Option<SpKeys>,
    /// What was opened and signed with these keys.
    pub(super) remembered: RefCell<Remembered>,
    gate_url: Option<WebUrl>,
    origin_url: Option<WebUrl>,
}

impl Deployment {
    /// Reads secrets and variables by name. A refusal names the one that is missing or unusable.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Refused> {
        let unusable = |name: &str, refusal| Refused::because(refusal, name);
        let needed = |name: &str| variable(name).ok_or(unusable(name, Refusal::BindingMissing));
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let url = |name: &str| {
            let value = given(name);
            value.map(|value| WebUrl::parse(&value)).transpose().map_err(|r| unusable(name, r))
        };
        let gate_url = url("GATE_URL")?;
        // The address of a deployed gate is https and its host's name; there is nothing to set.
        if gate_url.as_ref().is_some_and(|url| !url.is_local()) {
            return Err(unusable("GATE_URL", Refusal::UrlRefused));
        }
        let saml_keys = |name: &str| {
            let pem = given(name);
            pem.map(|pem| SpKeys::from_pem(&pem)).transpose().map_err(|r| unusable(name, r))
        };
        // Cloudflare's secrets end at 5 KB, and one key with its certificate takes up to 4.
        let saml = match (saml_keys("SAML_KEY")?, saml_keys("SAML_KEY_OLD")?) {
            (Some(keys), Some(old)) => Some(keys.and_older(old)),
            (None, Some(_)) => return Err(unusable("SAML_KEY", Refusal::BindingMissing)),
            (keys, None) => keys,
        };
        Ok(Deployment {
            seal: SealKeys::from_jwks(&needed("SEAL_KEYS")?)
                .map_err(|refusal| unusable("SEAL_KEYS", refusal))?,
            sign: SignKeys::from_jwks(&needed("SIGN_KEYS")?)
                .map_err(|refusal| unusable("SIGN_KEYS", refusal))?,
            saml,
            remembered: RefCell::default(),
            origin_url: url("ORIGIN_URL")?,
            gate_url,
        })
    }

    /// Scheme, host and port under which people reach a host.
    pub fn base_of(&self, host: &str) -> String {
        match &self.gate_url {
            Some(url) if url.host() == host => url.origin().to_owned(),
            _ => format!("https://{host}"),
        }
    }

    /// Scheme, host and port of the origin: of the application itself, unless `ORIGIN_URL` says
    /// otherwise.
    pub(super) fn origin_of<'a>(&'a self, application: &'a Application) -> &'a str {
        self.origin_url.as_ref().map_or(&application.base, WebUrl::origin)
    }
}

/// One protected host with its policy and identity providers.
pub struct Application {
    /// The host, in lower case.
    pub host: String,
    /// Scheme, host and port under which people reach it.
    pub base: String,
    /// Its policy.
    pub policy: Policy,
    /// A policy that is only tried: decided beside the other, and logged where it differs.
    pub candidate: Option<Policy>,
    /// The services that the policy names and that are stored, by their id.
    pub services: BTreeMap<String, ServiceDocument>,
    /// Bytes of the documents that it was read from.
    pub bytes: usize,
    pub(super) introductions: RefCell<Introductions>,
    idps: Vec<IdentityProvider>,
}

impl Application {
    /// Puts together what is stored for a host. The policy must name the host itself, so that a
    /// document stored under a wrong key opens nothing.
    pub fn new(
        host: &str,
        base: String,
        policy: Policy,
        idps: Vec<IdentityProvider>,
    ) -> Result<Self, Refused> {
        if !policy.covers_host(host) {
            return Err(Refused::because(Refusal::DocumentUnusable, "hosts"));
        }
        // Where a sign-in may land that nobody here began must be a path like any other.
        for idp in &idps {
            if idp.unsolicited.as_deref().is_some_and(|to| return_to(to) != to) {
                let place = format!("idp/{}: unsolicited", idp.id);
                return Err(Refused::because(Refusal::IdpDocumentUnusable, &place));
            }
        }
        let (host, candidate, services) = (host.to_owned(), None, BTreeMap::new());
        let (bytes, introductions) = (0, RefCell::default());
        Ok(Application { host, base, policy, candidate, services, bytes, introductions, idps })
    }

    /// The other host that signs people in for this one, where there is one. A document may be for
    /// both.
    pub fn auth_host(&self) -> Option<&str> {
        self.policy.auth_host().filter(|auth_host| *auth_host != self.host)
    }

    /// Whether a session counts here: one of this host, or at the auth host the one that it would
    /// hand over. What the policy says of sign-ins holds for those who are signed in already, as
    /// its rules do.
    pub(super) fn takes(
        &self,
        session: &Session,
        revocations: &Revocations,
        now: UnixTime,
    ) -> bool {
        let signed_in_there = session.root().host == self.auth_host().unwrap_or(&self.host);
        let too_old = now >= session.started().saturating_add(self.policy.max_age());
        let idp_is_gone = self.idp(&session.subject().idp).is_err();
        let unseen = now.saturating_sub(session.seen());
        let too_idle = self.policy.idle().is_some_and(|idle| unseen >= idle);
        // A policy may name a group since then that was dropped: without it, a deny would not bite.
        let tells = session.tells(|| self.groups_digest());
        let over = too_old || too_idle || idp_is_gone || !tells || revocations.ended(session);
        signed_in_there && !over
    }

    /// Its policy, and the one that is tried beside it.
    fn policies(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.policy).chain(&self.candidate)
    }

    /// Whether one of its policies names this group.
    pub(super) fn names_group(&self, group: &str) -> bool {
        self.policies().any(|policy| policy.names_group(group))
    }

    /// A digest of the groups that its policies name.
    pub(super) fn groups_digest(&self) -> String {
        self.policies().map(Policy::groups_digest).collect()
    }

    /// Our entity ID: the address of our metadata.
    pub fn entity_id(&self) -> String {
        format!("{}/.access/metadata", self.base)
    }

    /// The assertion consumer service.
    pub fn acs(&self) -> String {
        format!("{}/.access/acs", self.base)
    }

    /// The single logout service.
    pub fn slo(&self) -> String {
        format!("{}/.access/slo", self.base)
    }

    /// Its identity providers.
    pub fn idps(&self) -> &[IdentityProvider] {
        &self.idps
    }

    /// The identity provider of this entity ID.
    pub(super) fn idp_of(&self, entity_id: &str) -> Option<&IdentityProvider> {
        self.idps.iter().find(|idp| idp.metadata.entity_id == entity_id)
    }

    /// The identity provider of this id.
    pub(super) fn idp(&self, id: &str) -> Result<&IdentityProvider, Refused> {
        let idp = self.idps.iter().find(|idp| idp.id == id);
        idp.ok_or_else(|| Refused::because(Refusal::IdpMissing, "sign_in.idps"))
    }

    /// The identity provider of this id, or the only one; none where there are several to choose
    /// from.
    pub(super) fn idp_for(&self, id: Option<&str>) -> Result<Option<&IdentityProvider>, Refused> {
        match (id, self.idps.as_slice()) {
            (Some(id), _) => self.idp(id).map(Some),
            (None, [only]) => Ok(Some(only)),
            (None, []) => Err(Refused::because(Refusal::IdpMissing, "sign_in.idps")),
            (None, _) => Ok(None),
        }
    }
}
