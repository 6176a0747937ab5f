//! The response to our AuthnRequest, from bytes to a subject (SAML profiles 4.1.4).

use super::assertion::{Assertion, Confirmation, issuer};
use super::grammar::{Children, attribute, attributes};
use super::idp::IdentityProvider;
use super::sealed::Sealed;
use super::subject::subject;
use super::trail::{Check, Trail};
use super::{ASSERTION, DSIG, PROTOCOL, time};
use crate::dsig::{self, Verified};
use crate::identity::{Subject, UnixTime};
use crate::limits::CLOCK_SKEW_SECONDS;
use crate::refusals::Refusal;
use crate::xml::{Document, Node, Profile};

pub(super) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// What a response must say to be the answer to our request.
pub struct Expected<'a> {
    /// Whom the request went to.
    pub idp: &'a IdentityProvider,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// Our assertion consumer service, as configured; never from a header (SEC-23).
    pub acs: &'a str,
    /// ID of the request; nothing for a response that nobody asked for, and that may come.
    pub request_id: Option<&'a str>,
    /// When a new sign-in was demanded; an older one is refused then (SEC-26).
    pub forced_at: Option<UnixTime>,
    /// The time.
    pub now: UnixTime,
    /// Takes down how far the checks come, for whoever wants to know.
    pub trail: Option<&'a Trail>,
}

impl Expected<'_> {
    fn at(&self, check: Check) {
        if let Some(trail) = self.trail {
            trail.at(check);
        }
    }
}

/// A response that passed every check but one: that it is the first time.
#[derive(Debug)]
pub struct Accepted {
    /// Who signed in.
    pub subject: Subject,
    /// ID of the assertion, to be claimed in the ledger (SEC-27).
    pub assertion_id: String,
    /// From when the assertion would be refused as expired anyway.
    pub expires: UnixTime,
    /// When the identity provider wants the session to end (SEC-26).
    pub session_not_on_or_after: Option<UnixTime>,
}

/// A response whose outside was checked.
#[derive(Debug)]
pub enum Received {
    /// It passed every check.
    Accepted(Box<Accepted>),
    /// Its assertion is encrypted: decrypt the content key, then [`Sealed::open`].
    Sealed(Box<Sealed>),
}

/// Checks a decoded response for a service provider that can decrypt nothing.
pub fn accept(xml: &[u8], expected: &Expected<'_>) -> Result<Accepted, Refusal> {
    match read(xml, expected, false)? {
        Received::Accepted(accepted) => Ok(*accepted),
        Received::Sealed(_) => Err(Refusal::AssertionEncrypted),
    }
}

/// Checks a decoded response, as far as it is not encrypted.
pub fn receive(xml: &[u8], expected: &Expected<'_>) -> Result<Received, Refusal> {
    read(xml, expected, true)
}

fn read(xml: &[u8], expected: &Expected<'_>, decrypts: bool) -> Result<Received, Refusal> {
    expected.at(Check::Xml);
    let document = Document::parse(xml, &Profile::MESSAGE)?;
    let response = document.root();
    expected.at(Check::Root);
    if !response.is(PROTOCOL, "Response") {
        return Err(Refusal::ResponseRoot);
    }
    expected.at(Check::Ids);
    dsig::unique_ids(&document)?;
    expected.at(Check::Outline);
    let outline = Outline::read(response, decrypts)?;
    expected.at(Check::Places);
    let on_response = dsig::signature_of(response)?;
    let on_assertion = outline.assertion.map(dsig::signature_of).transpose()?.flatten();
    let legal: Vec<_> = on_response.into_iter().chain(on_assertion).collect();
    dsig::signatures_only_in(&document, &legal)?;

    let verify = |parent, check| {
        expected.at(check);
        let idp = expected.idp;
        dsig::verify_within(parent, &idp.metadata.keys, idp.tolerance(), &Profile::MESSAGE)
    };
    // Every signature that is there must verify, also where one would be enough (SEC-13).
    let signed_response =
        on_response.map(|_| verify(response, Check::ResponseSignature)).transpose()?;
    outline.check(expected, on_response.is_some())?;
    if outline.encrypted {
        expected.at(Check::Encryption);
        let sealed = Sealed::new(document, signed_response, expected.idp)?;
        return Ok(Received::Sealed(Box::new(sealed)));
    }
    let inner = outline.assertion.ok_or(Refusal::AssertionCount)?;
    let signed_assertion =
        on_assertion.map(|_| verify(inner, Check::AssertionSignature)).transpose()?;
    expected.at(Check::Signed);
    let signed = signed_assertion.or(signed_response).ok_or(Refusal::SignatureMissing)?;
    Ok(Received::Accepted(Box::new(conclude(&signed, expected)?)))
}

/// The checks of what was signed.
pub(super) fn conclude(signed: &Verified, expected: &Expected<'_>) -> Result<Accepted, Refusal> {
    expected.at(Check::Assertion);
    let assertion = Assertion::read(signed)?;
    let expires = check(&assertion, expected)?;
    expected.at(Check::Subject);
    if let Some(trail) = expected.trail {
        trail.sent(assertion.attributes.iter().map(|(name, _)| name.clone()));
    }
    Ok(Accepted {
        assertion_id: assertion.id.clone(),
        session_not_on_or_after: assertion.authn.session_not_on_or_after,
        subject: subject(assertion, expected.idp)?,
        expires,
    })
}

/// The response around the assertion. It may be unsigned, so it can only cause a refusal (SEC-20).
struct Outline<'a> {
    response: Node<'a>,
    issuer: Option<String>,
    status: &'a str,
    assertion: Option<Node<'a>>,
    encrypted: bool,
}

impl<'a> Outline<'a> {
    fn read(response: Node<'a>, decrypts: bool) -> Result<Self, Refusal> {
        let known = ["ID", "Version", "IssueInstant", "Destination", "Consent", "InResponseTo"];
        attributes(response, &known)?;
        time::parse(attribute(response, "IssueInstant")?)?;
        let mut children = Children::of(response)?;
        let issuer = children.optional(ASSERTION, "Issuer").map(issuer).transpose()?;
        children.optional(DSIG, "Signature");
        let status = status(children.required(PROTOCOL, "Status")?)?;
        let encrypted = children.optional(ASSERTION, "EncryptedAssertion").is_some();
        let assertion = children.optional(ASSERTION, "Assertion");

        // Counted anywhere in the document, so that none hides in a place we don't read (SEC-11).
        let count = |local| response.descendants().filter(|n| n.is(ASSERTION, local)).count();
        let (plain, sealed) = (count("Assertion"), count("EncryptedAssertion"));
        let wanted = if status == SUCCESS { 1 } else { 0 };
        if plain.saturating_add(sealed) != wanted {
            return Err(Refusal::AssertionCount);
        }
        if encrypted && !decrypts {
            return Err(Refusal::AssertionEncrypted);
        }
        children.end()?;
        Ok(Outline { response, issuer, status, assertion, encrypted })
    }

    fn check(&self, expected: &Expected<'_>, signed: bool) -> Result<(), Refusal> {
        let response = self.response;
        expected.at(Check::Version);
        if attribute(response, "Version")? != "2.0" {
            return Err(Refusal::VersionUnsupported);
        }
        expected.at(Check::ResponseIssuer);
        if self.issuer.as_ref().is_some_and(|issuer| *issuer != expected.idp.metadata.entity_id) {
            return Err(Refusal::IssuerMismatch);
        }
        expected.at(Check::Destination);
        match response.attribute("Destination") {
            Some(destination) if destination == expected.acs => {}
            // SAML bindings 3.5.5.2: required where the message is signed.
            None if !signed => {}
            _ => return Err(Refusal::DestinationMismatch),
        }
        expected.at(Check::Status);
        if self.status != SUCCESS {
            return Err(Refusal::StatusNotSuccess);
        }
        expected.at(Check::InResponseTo);
        in_response_to(response.attribute("InResponseTo"), expected)
    }
}

/// The answer to our request, or to none where none was made (SEC-24).
fn in_response_to(named: Option<&str>, expected: &Expected<'_>) -> Result<(), Refusal> {
    match (named, expected.request_id) {
        (named, wanted) if named == wanted => Ok(()),
        (None, _) => Err(Refusal::Unsolicited),
        (Some(_), _) => Err(Refusal::InResponseToMismatch),
    }
}

/// Whether a response answers no request, and then who claims to have sent it. Nothing is verified.
pub fn unsolicited_issuer(xml: &[u8]) -> Result<Option<String>, Refusal> {
    let document = Document::parse(xml, &Profile::MESSAGE)?;
    let response = document.root();
    if !response.is(PROTOCOL, "Response") {
        return Err(Refusal::ResponseRoot);
    }
    if response.attribute("InResponseTo").is_some() {
        return Ok(None);
    }
    // SAML profiles 4.1.4.2: the response names its issuer, or else the assertion does.
    let assertion = response.children().find(|child| child.is(ASSERTION, "Assertion"));
    let mut named = [Some(response), assertion].into_iter().flatten();
    let found = named.find_map(|node| node.children().find(|child| child.is(ASSERTION, "Issuer")));
    found.map(issuer).transpose()?.ok_or(Refusal::SamlMissing).map(Some)
}

/// The first-level status code (SAML core 3.2.2.2).
pub(super) fn status(node: Node<'_>) -> Result<&str, Refusal> {
    attributes(node, &[])?;
    let mut children = Children::of(node)?;
    let code = status_code(children.required(PROTOCOL, "StatusCode")?)?;
    if let Some(message) = children.optional(PROTOCOL, "StatusMessage") {
        attributes(message, &[])?;
        message.text()?;
    }
    let detail = children.optional(PROTOCOL, "StatusDetail");
    children.end()?;
    if code == SUCCESS && detail.is_some() { Err(Refusal::SamlUnexpected) } else { Ok(code) }
}

/// A code, perhaps with one below it that says more.
fn status_code(node: Node<'_>) -> Result<&str, Refusal> {
    attributes(node, &["Value"])?;
    let mut children = Children::of(node)?;
    if let Some(second) = children.optional(PROTOCOL, "StatusCode") {
        status_code(second)?;
    }
    children.end()?;
    attribute(node, "Value")
}

/// SEC-21 to SEC-26. Gives the time from which the assertion is expired.
fn check(assertion: &Assertion, expected: &Expected<'_>) -> Result<UnixTime, Refusal> {
    expected.at(Check::Issuer);
    if assertion.issuer != expected.idp.metadata.entity_id {
        return Err(Refusal::IssuerMismatch);
    }
    let latest = expected.now.saturating_add(CLOCK_SKEW_SECONDS);
    let earliest = expected.now.saturating_sub(CLOCK_SKEW_SECONDS);
    let conditions = &assertion.conditions;
    expected.at(Check::NotBefore);
    if assertion.issued_at > latest
        || assertion.authn.instant > latest
        || conditions.not_before.is_some_and(|start| start > latest)
    {
        return Err(Refusal::NotYetValid);
    }
    expected.at(Check::Freshness);
    let forced_at = expected.forced_at.map(|time| time.saturating_sub(CLOCK_SKEW_SECONDS));
    if forced_at.is_some_and(|time| assertion.authn.instant < time) {
        return Err(Refusal::AuthnStale);
    }
    expected.at(Check::Context);
    let asked_for = &expected.idp.request;
    let classes = &asked_for.authn_context;
    if !classes.is_empty() && !assertion.authn.context.as_ref().is_some_and(|c| classes.contains(c))
    {
        return Err(Refusal::AuthnContextMismatch);
    }
    expected.at(Check::NameIdFormat);
    if asked_for.name_id_format.is_some() && assertion.name_id_format != asked_for.name_id_format {
        return Err(Refusal::NameIdFormatMismatch);
    }
    expected.at(Check::NotOnOrAfter);
    let ends = [conditions.not_on_or_after, assertion.authn.session_not_on_or_after];
    if ends.into_iter().flatten().any(|end| end <= earliest) {
        return Err(Refusal::Expired);
    }
    expected.at(Check::Audience);
    let ours = |audiences: &Vec<String>| audiences.iter().any(|a| a == expected.entity_id);
    if conditions.audiences.is_empty() || !conditions.audiences.iter().all(ours) {
        return Err(Refusal::AudienceMismatch);
    }
    expected.at(Check::Confirmation);
    let mut refused = Refusal::ConfirmationMissing;
    for confirmation in &assertion.confirmations {
        match confirm(confirmation, expected, earliest) {
            Ok(expires) => return Ok(expires),
            Err(refusal) => refused = refusal,
        }
    }
    Err(refused)
}

/// One bearer confirmation must hold as a whole (SEC-24).
fn confirm(
    confirmation: &Confirmation,
    expected: &Expected<'_>,
    earliest: UnixTime,
) -> Result<UnixTime, Refusal> {
    if confirmation.recipient.as_deref() != Some(expected.acs) {
        return Err(Refusal::RecipientMismatch);
    }
    in_response_to(confirmation.in_response_to.as_deref(), expected)?;
    match (confirmation.not_before, confirmation.not_on_or_after) {
        (None, Some(end)) if end > earliest => Ok(end.saturating_add(CLOCK_SKEW_SECONDS)),
        (None, Some(_)) => Err(Refusal::Expired),
        // SAML profiles 4.1.4.2: an end, and no beginning.
        _ => Err(Refusal::ConfirmationMissing),
    }
}
