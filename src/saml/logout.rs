//! Single logout: its two messages, read and written (SAML core 3.7, SAML profiles 4.4).

use super::binding::{Endpoint, Field, Message as Sent, Outgoing, SignedQuery};
use super::grammar::{Children, attribute, attributes};
use super::idp::IdentityProvider;
use super::response::{SUCCESS, status};
use super::sp_keys::SpKey;
use super::{ASSERTION, DSIG, PROTOCOL, assertion, time};
use crate::dsig;
use crate::identity::UnixTime;
use crate::limits::{CLOCK_SKEW_SECONDS, LOGOUT_SECONDS};
use crate::refusals::Refusal;
use crate::xml::write::{escape_attribute, escape_text};
use crate::xml::{Document, Node, Profile};

/// A message as it arrived: by Redirect with its signature beside it, or by POST with it inside.
#[derive(Debug)]
pub enum Arrived {
    /// A query.
    Query(SignedQuery),
    /// A form: which field it was, and what the field decodes to.
    Form(Field, Vec<u8>),
}

/// What a message must say to be meant for us.
pub struct Expected<'a> {
    /// Those that may send one.
    pub idps: &'a [IdentityProvider],
    /// Our logout service, as configured; never from a header.
    pub slo: &'a str,
    /// The time.
    pub now: UnixTime,
}

/// What a verified message says, and who says it.
pub enum Message<'a> {
    /// Somebody is to be signed out.
    Request(&'a IdentityProvider, Request),
    /// Our own request was answered; `true` if everybody is signed out who was to be.
    Response(bool),
}

/// A LogoutRequest (SAML core 3.7.1).
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// Its ID, to be claimed in the ledger and named in the answer.
    pub id: String,
    /// Whom it is about.
    pub name_id: String,
    /// The sessions that end; all of them where none is named.
    pub session_indexes: Vec<String>,
}

/// Verifies a message and reads it. Without a signature of the identity provider that it names as
/// its issuer nothing in it counts (SEC-35).
pub fn accept<'a>(arrived: &Arrived, expected: &Expected<'a>) -> Result<Message<'a>, Refusal> {
    let (field, xml) = match arrived {
        Arrived::Query(query) => (query.field, &query.xml),
        Arrived::Form(field, xml) => (*field, xml),
    };
    let document = Document::parse(xml, &Profile::MESSAGE)?;
    let root = document.root();
    dsig::unique_ids(&document)?;
    // As it claims itself: chooses the keys, and nothing else.
    let claimed = root.children().find(|child| child.is(ASSERTION, "Issuer"));
    let claimed = assertion::issuer(claimed.ok_or(Refusal::SamlMissing)?)?;
    let idp = expected.idps.iter().find(|idp| idp.metadata.entity_id == claimed);
    let idp = idp.ok_or(Refusal::IssuerMismatch)?;
    let (keys, tolerance) = (&idp.metadata.keys, idp.tolerance());

    match arrived {
        Arrived::Query(query) => {
            // SAML bindings 3.4.4.1: then there is none inside.
            dsig::signatures_only_in(&document, &[])?;
            query.verify(keys, tolerance)?;
            read(root, field, idp, expected)
        }
        Arrived::Form(..) => {
            let signature = dsig::signature_of(root)?.ok_or(Refusal::SignatureMissing)?;
            dsig::signatures_only_in(&document, &[signature])?;
            let signed = dsig::verify_within(root, keys, tolerance, &Profile::MESSAGE)?;
            read(signed.root(), field, idp, expected)
        }
    }
}

fn read<'a>(
    root: Node<'_>,
    field: Field,
    idp: &'a IdentityProvider,
    expected: &Expected<'_>,
) -> Result<Message<'a>, Refusal> {
    if attribute(root, "Version")? != "2.0" {
        return Err(Refusal::VersionUnsupported);
    }
    if root.attribute("Destination") != Some(expected.slo) {
        return Err(Refusal::DestinationMismatch);
    }
    let issued = time::parse(attribute(root, "IssueInstant")?)?;
    if issued > expected.now.saturating_add(CLOCK_SKEW_SECONDS) {
        return Err(Refusal::NotYetValid);
    }
    let earliest = expected.now.saturating_sub(CLOCK_SKEW_SECONDS);
    let end = root.attribute("NotOnOrAfter").map(time::parse).transpose()?;
    if issued <= expected.now.saturating_sub(LOGOUT_SECONDS) || end.is_some_and(|e| e <= earliest) {
        return Err(Refusal::Expired);
    }
    let mut children = Children::of(root)?;
    let issuer = assertion::issuer(children.required(ASSERTION, "Issuer")?)?;
    if issuer != idp.metadata.entity_id {
        return Err(Refusal::IssuerMismatch);
    }
    children.optional(DSIG, "Signature");
    match field {
        Field::Request if root.is(PROTOCOL, "LogoutRequest") => {
            Ok(Message::Request(idp, request(root, children)?))
        }
        Field::Response if root.is(PROTOCOL, "LogoutResponse") => {
            let known = ["ID", "Version", "IssueInstant", "Destination", "Consent", "InResponseTo"];
            attributes(root, &known)?;
            let status = status(children.required(PROTOCOL, "Status")?)?;
            children.end()?;
            Ok(Message::Response(status == SUCCESS))
        }
        _ => Err(Refusal::ResponseRoot),
    }
}

fn request(root: Node<'_>, mut children: Children<'_>) -> Result<Request, Refusal> {
    let known =
        ["ID", "Version", "IssueInstant", "Destination", "Consent", "Reason", "NotOnOrAfter"];
    attributes(root, &known)?;
    let (name_id, _) = assertion::name_id(children.required(ASSERTION, "NameID")?)?;
    let indexes = children.many(PROTOCOL, "SessionIndex");
    children.end()?;
    let text = |node: Node<'_>| node.text().map(str::to_owned);
    Ok(Request {
        id: attribute(root, "ID")?.to_owned(),
        name_id,
        session_indexes: indexes.into_iter().map(text).collect::<Result<_, _>>()?,
    })
}

/// What every logout message of ours begins with.
pub struct Sender<'a> {
    /// Random, an NCName.
    pub id: &'a str,
    /// When it is made.
    pub now: UnixTime,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// Signs it: the profile demands that (SAML profiles 4.4.4).
    pub key: &'a SpKey,
}

impl Sender<'_> {
    /// A request that this person be signed out everywhere.
    pub fn request(
        &self,
        to: &Endpoint,
        name_id: &str,
        name_id_format: Option<&str>,
        session_index: Option<&str>,
    ) -> Result<Outgoing, Refusal> {
        let format = name_id_format.map(escape_attribute);
        let format = format.map(|format| format!(r#" Format="{format}""#)).unwrap_or_default();
        let index = session_index.map(escape_text);
        let index = index.map(|i| format!("<samlp:SessionIndex>{i}</samlp:SessionIndex>"));
        let xml = self.xml(
            "LogoutRequest",
            to,
            "",
            &format!(
                "<saml:NameID{format}>{}</saml:NameID>{}",
                escape_text(name_id),
                index.unwrap_or_default()
            ),
        )?;
        Sent { field: Field::Request, xml, relay_state: None }.carry(to, Some(self.key))
    }

    /// The answer that they are signed out. `relay_state` is the identity provider's own.
    pub fn response(
        &self,
        to: &Endpoint,
        in_response_to: &str,
        relay_state: Option<&str>,
    ) -> Result<Outgoing, Refusal> {
        let in_response_to = format!(r#" InResponseTo="{}""#, escape_attribute(in_response_to));
        let status =
            format!(r#"<samlp:Status><samlp:StatusCode Value="{SUCCESS}"/></samlp:Status>"#);
        let xml = self.xml("LogoutResponse", to, &in_response_to, &status)?;
        Sent { field: Field::Response, xml, relay_state }.carry(to, Some(self.key))
    }

    /// The document, before and behind the place of its signature (SAML core 3.2.1).
    fn xml(
        &self,
        name: &str,
        to: &Endpoint,
        more: &str,
        body: &str,
    ) -> Result<[String; 2], Refusal> {
        let (id, instant) = (escape_attribute(self.id), time::format(self.now)?);
        let destination = escape_attribute(to.url().as_str());
        let issuer = escape_text(self.entity_id);
        Ok([
            format!(
                r#"<samlp:{name} xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}" ID="{id}" Version="2.0" IssueInstant="{instant}" Destination="{destination}"{more}><saml:Issuer>{issuer}</saml:Issuer>"#
            ),
            format!("{body}</samlp:{name}>"),
        ])
    }
}
