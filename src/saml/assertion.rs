//! The assertion, read from signed bytes and from nothing else (SAML core 2, SEC-20).

use super::grammar::{Children, attribute, attributes};
use super::{ASSERTION, PROTOCOL, time};
use crate::dsig::Verified;
use crate::identity::{SERVICE, UnixTime, plain_text};
use crate::limits;
use crate::refusals::Refusal;
use crate::xml::Node;

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// What an assertion says. There is one way to get one: [`Assertion::read`].
#[derive(Clone, Debug)]
pub struct Assertion {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) issued_at: UnixTime,
    pub(super) name_id: String,
    pub(super) name_id_format: Option<String>,
    pub(super) confirmations: Vec<Confirmation>,
    pub(super) conditions: Conditions,
    pub(super) authn: AuthnStatement,
    pub(super) attributes: Vec<(String, Vec<String>)>,
}

/// The data of one bearer confirmation (SAML profiles 3.3).
#[derive(Clone, Debug)]
pub(super) struct Confirmation {
    pub(super) recipient: Option<String>,
    pub(super) in_response_to: Option<String>,
    pub(super) not_before: Option<UnixTime>,
    pub(super) not_on_or_after: Option<UnixTime>,
}

/// SAML core 2.5.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    pub(super) not_before: Option<UnixTime>,
    pub(super) not_on_or_after: Option<UnixTime>,
    /// One list of audiences for each AudienceRestriction; we must be in all of them.
    pub(super) audiences: Vec<Vec<String>>,
}

/// SAML core 2.7.2. Of several statements the first counts.
#[derive(Clone, Debug)]
pub(super) struct AuthnStatement {
    pub(super) instant: UnixTime,
    pub(super) session_index: Option<String>,
    pub(super) session_not_on_or_after: Option<UnixTime>,
    pub(super) context: Option<String>,
}

impl Assertion {
    /// Reads the assertion that was signed, by itself or as part of its response.
    pub fn read(signed: &Verified) -> Result<Self, Refusal> {
        let root = signed.root();
        if root.is(ASSERTION, "Assertion") {
            return assertion(root);
        }
        if !root.is(PROTOCOL, "Response") {
            return Err(Refusal::ResponseRoot);
        }
        let inner = root.children().find(|child| child.is(ASSERTION, "Assertion"));
        assertion(inner.ok_or(Refusal::AssertionCount)?)
    }
}

fn assertion(node: Node<'_>) -> Result<Assertion, Refusal> {
    attributes(node, &["ID", "Version", "IssueInstant"])?;
    if attribute(node, "Version")? != "2.0" {
        return Err(Refusal::VersionUnsupported);
    }
    let mut children = Children::of(node)?;
    let issuer = issuer(children.required(ASSERTION, "Issuer")?)?;
    children.optional(super::DSIG, "Signature");
    let (name_id, name_id_format, confirmations) =
        subject(children.required(ASSERTION, "Subject")?)?;
    let conditions = conditions(children.required(ASSERTION, "Conditions")?)?;

    let mut authn = None;
    let mut values = Vec::new();
    // SAML core 2.3.3: statements come in any order.
    loop {
        if let Some(statement) = children.optional(ASSERTION, "AuthnStatement") {
            let statement = authn_statement(statement)?;
            authn.get_or_insert(statement);
        } else if let Some(statement) = children.optional(ASSERTION, "AttributeStatement") {
            attribute_statement(statement, &mut values)?;
        } else {
            break;
        }
    }
    children.end()?;
    Ok(Assertion {
        id: attribute(node, "ID")?.to_owned(),
        issued_at: time::parse(attribute(node, "IssueInstant")?)?,
        authn: authn.ok_or(Refusal::SamlMissing)?,
        attributes: values,
        issuer,
        name_id,
        name_id_format,
        confirmations,
        conditions,
    })
}

/// Reads an Issuer, which names an entity (SAML core 2.2.5).
pub(super) fn issuer(node: Node<'_>) -> Result<String, Refusal> {
    attributes(node, &["Format", "NameQualifier", "SPNameQualifier", "SPProvidedID"])?;
    match node.attribute("Format") {
        None | Some("urn:oasis:names:tc:SAML:2.0:nameid-format:entity") => text(node),
        Some(_) => Err(Refusal::IssuerMismatch),
    }
}

type Subject = (String, Option<String>, Vec<Confirmation>);

fn subject(node: Node<'_>) -> Result<Subject, Refusal> {
    attributes(node, &[])?;
    let mut children = Children::of(node)?;
    let (name_id, format) = name_id(children.required(ASSERTION, "NameID")?)?;
    let confirmations = children
        .many(ASSERTION, "SubjectConfirmation")
        .into_iter()
        .filter(|node| node.attribute("Method") == Some(BEARER))
        .map(confirmation)
        .collect::<Result<_, _>>()?;
    children.end()?;
    Ok((name_id, format, confirmations))
}

/// Reads a NameID and its format (SAML core 2.2.3).
pub(super) fn name_id(node: Node<'_>) -> Result<(String, Option<String>), Refusal> {
    attributes(node, &["Format", "NameQualifier", "SPNameQualifier", "SPProvidedID"])?;
    let value = text(node)?;
    let lead = value.get(..SERVICE.len()).unwrap_or_default();
    let is_service = lead.eq_ignore_ascii_case(SERVICE);
    if value.trim().is_empty() || value.len() > limits::NAME_ID || is_service {
        return Err(Refusal::NameIdUnusable);
    }
    Ok((plain_text(&value)?.to_owned(), node.attribute("Format").map(str::to_owned)))
}

fn confirmation(node: Node<'_>) -> Result<Confirmation, Refusal> {
    attributes(node, &["Method"])?;
    let mut children = Children::of(node)?;
    let data = children.required(ASSERTION, "SubjectConfirmationData")?;
    children.end()?;
    attributes(data, &["NotBefore", "NotOnOrAfter", "Recipient", "InResponseTo", "Address"])?;
    Children::of(data)?.end()?;
    Ok(Confirmation {
        recipient: data.attribute("Recipient").map(str::to_owned),
        in_response_to: data.attribute("InResponseTo").map(str::to_owned),
        not_before: moment(data, "NotBefore")?,
        not_on_or_after: moment(data, "NotOnOrAfter")?,
    })
}

fn conditions(node: Node<'_>) -> Result<Conditions, Refusal> {
    attributes(node, &["NotBefore", "NotOnOrAfter"])?;
    node.only_elements()?;
    let mut conditions = Conditions {
        not_before: moment(node, "NotBefore")?,
        not_on_or_after: moment(node, "NotOnOrAfter")?,
        audiences: Vec::new(),
    };
    for condition in node.children() {
        let mut children = Children::of(condition)?;
        if condition.is(ASSERTION, "AudienceRestriction") {
            attributes(condition, &[])?;
            let audiences = children.many(ASSERTION, "Audience");
            children.end()?;
            conditions.audiences.push(texts(audiences)?);
        } else if condition.is(ASSERTION, "OneTimeUse") {
            // As every assertion is.
            attributes(condition, &[])?;
            children.end()?;
        } else if condition.is(ASSERTION, "ProxyRestriction") {
            // We pass none on.
            attributes(condition, &["Count"])?;
            texts(children.many(ASSERTION, "Audience"))?;
            children.end()?;
        } else {
            return Err(Refusal::ConditionUnknown);
        }
    }
    Ok(conditions)
}

fn authn_statement(node: Node<'_>) -> Result<AuthnStatement, Refusal> {
    attributes(node, &["AuthnInstant", "SessionIndex", "SessionNotOnOrAfter"])?;
    let mut children = Children::of(node)?;
    if let Some(locality) = children.optional(ASSERTION, "SubjectLocality") {
        attributes(locality, &["Address", "DNSName"])?;
        Children::of(locality)?.end()?;
    }
    let context = children.required(ASSERTION, "AuthnContext")?;
    children.end()?;
    Ok(AuthnStatement {
        instant: time::parse(attribute(node, "AuthnInstant")?)?,
        session_index: node.attribute("SessionIndex").map(str::to_owned),
        session_not_on_or_after: moment(node, "SessionNotOnOrAfter")?,
        context: authn_context(context)?,
    })
}

/// The class. A declaration could be anything, and nobody sends one (SEC-10).
fn authn_context(node: Node<'_>) -> Result<Option<String>, Refusal> {
    attributes(node, &[])?;
    let mut children = Children::of(node)?;
    let class = children.optional(ASSERTION, "AuthnContextClassRef").map(text).transpose()?;
    children.optional(ASSERTION, "AuthnContextDeclRef").map(text).transpose()?;
    texts(children.many(ASSERTION, "AuthenticatingAuthority"))?;
    children.end()?;
    Ok(class)
}

/// Adds the attributes of one statement. The same name again adds values (SEC-31).
fn attribute_statement(
    node: Node<'_>,
    all: &mut Vec<(String, Vec<String>)>,
) -> Result<(), Refusal> {
    attributes(node, &[])?;
    let mut children = Children::of(node)?;
    for child in children.many(ASSERTION, "Attribute") {
        let name = attribute(child, "Name")?;
        // The schema lets others add attributes, in namespaces of their own.
        let known = ["Name", "NameFormat", "FriendlyName"];
        if child.attributes().any(|a| a.namespace.is_empty() && !known.contains(&a.local)) {
            return Err(Refusal::SamlUnexpected);
        }
        child.only_elements()?;
        let mut values = Vec::new();
        for value in child.children() {
            if !value.is(ASSERTION, "AttributeValue") {
                return Err(Refusal::SamlUnexpected);
            }
            // Structured values, such as eduPersonTargetedID, are not text: left out, not flattened.
            // An empty one, as of xsi:nil, says nothing, and names no group.
            if value.children().next().is_none() && !value.text()?.is_empty() {
                values.push(text(value)?);
            }
        }
        match all.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.append(&mut values),
            None => all.push((name.to_owned(), values)),
        }
    }
    children.end()?;
    let count: usize = all.iter().map(|(_, values)| values.len()).sum();
    if count > limits::ATTRIBUTE_VALUES { Err(Refusal::AttributesTooMany) } else { Ok(()) }
}

fn moment(node: Node<'_>, name: &str) -> Result<Option<UnixTime>, Refusal> {
    node.attribute(name).map(time::parse).transpose()
}

fn texts(nodes: Vec<Node<'_>>) -> Result<Vec<String>, Refusal> {
    nodes.into_iter().map(text).collect()
}

fn text(node: Node<'_>) -> Result<String, Refusal> {
    Ok(node.text()?.to_string())
}
