//! Honest responses of several shapes, as several identity providers write and sign them.

use std::sync::LazyLock;

use vestibule::identity::Subject;
use vestibule::xml::{Document, Profile};

use super::markup::{changed, element, replaced};
use super::support::response::{HONEST, Signed, accepted};
use super::support::{Signing, TEMPLATE, sign_with};

/// One way to write and sign.
pub struct Shape {
    pub name: String,
    pub what: Signed,
    /// Before it is signed.
    pub unsigned: String,
    /// As it is sent.
    pub good: String,
    /// Whom it names.
    pub subject: Subject,
    template: String,
    prefixes: &'static [&'static str],
}

/// What differs between identity providers besides what they sign.
struct Style {
    name: &'static str,
    unsigned: String,
    template: String,
    prefixes: &'static [&'static str],
}

const EXCLUSIVE: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#;
const WITH_PREFIXES: &str = concat!(
    r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">"#,
    r#"<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" "#,
    r#"PrefixList="xs #default"/></ds:Transform>"#,
);
const MORE_ATTRIBUTES: &str = concat!(
    r#"<saml:Attribute Name="memberOf" FriendlyName="groups" "#,
    r#"NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">"#,
    r#"<saml:AttributeValue>Finance</saml:AttributeValue></saml:Attribute>"#,
    r#"<saml:Attribute Name="phone"><saml:AttributeValue/></saml:Attribute>"#,
    r#"<saml:Attribute Name="nickname"/>"#,
    r#"</saml:AttributeStatement>"#,
);

/// Every style, with assertion, response and both signed.
pub fn all() -> &'static [Shape] {
    static ALL: LazyLock<Vec<Shape>> = LazyLock::new(|| {
        let ways = [Signed::Assertion, Signed::Response, Signed::Both];
        styles().iter().flat_map(|style| ways.map(|what| Shape::of(style, what))).collect()
    });
    &ALL
}

/// The plainest style only, for recipes that sign anew thousands of times.
pub fn plain() -> &'static [Shape] {
    &all()[..3]
}

fn styles() -> Vec<Style> {
    let plain = || TEMPLATE.to_owned();
    let style = |name, unsigned, template| Style { name, unsigned, template, prefixes: &[] };
    let pretty = HONEST.replace("><", ">\n  <");
    let more = HONEST.replace("</saml:AttributeStatement>", MORE_ATTRIBUTES);
    let defaults = TEMPLATE.replace("ds:", "").replace("xmlns:ds", "xmlns");
    vec![
        style("plain", HONEST.to_owned(), plain()),
        Style {
            prefixes: &["xs", "#default"],
            ..style(
                "prefix list",
                HONEST.to_owned(),
                TEMPLATE.replacen(EXCLUSIVE, WITH_PREFIXES, 1),
            )
        },
        style("default namespace", default_namespace(), defaults),
        style("pretty", pretty, TEMPLATE.replace("><", ">\n<")),
        style("more attributes", more, plain()),
    ]
}

/// The assertion without prefixes, as Keycloak writes it.
fn default_namespace() -> String {
    let assertion = element(HONEST, "Assertion").whole;
    let bare = HONEST[assertion.clone()].replace("saml:", "");
    let declared = "<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\" ";
    replaced(HONEST, assertion, &changed(&bare, "<Assertion ", declared))
}

impl Shape {
    fn of(style: &Style, what: Signed) -> Shape {
        let Style { name, unsigned, template, prefixes } = style;
        let (unsigned, template) = (unsigned.clone(), template.clone());
        let good = sign_as(&unsigned, what, &template, prefixes);
        let subject = accepted(&good).unwrap_or_else(|r| panic!("{name}, {what:?}: {r}")).subject;
        let name = format!("{name}, {what:?}");
        Shape { name, what, unsigned, good, subject, template, prefixes }
    }

    /// Signs a document in this shape.
    pub fn sign(&self, xml: &str) -> String {
        sign_as(xml, self.what, &self.template, self.prefixes)
    }

    /// Signs a changed document, where there still is what the signature is over.
    pub fn try_sign(&self, xml: &str) -> Option<String> {
        let document = Document::parse(xml.as_bytes(), &Profile::MESSAGE).ok()?;
        let has = |id| document.root().descendants().any(|node| node.attribute("ID") == Some(id));
        let written = |id| has(id) && xml.contains(&format!("ID=\"{id}\""));
        let assertion = self.what == Signed::Response || written("_assertion");
        let response = self.what == Signed::Assertion || written("_response");
        (assertion && response).then(|| self.sign(xml))
    }

    /// Changes the document and then signs it.
    pub fn sign_changed(&self, from: &str, to: &str) -> String {
        self.sign(&changed(&self.unsigned, from, to))
    }

    /// Signs with a changed template, all that this shape signs.
    pub fn sign_template(&self, template: &str) -> String {
        sign_as(&self.unsigned, self.what, template, self.prefixes)
    }

    /// What it signs with.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// An assertion of somebody else, unsigned, that could stand in this response.
    pub fn evil(&self, id: &str) -> String {
        let assertion = &self.unsigned[element(&self.unsigned, "Assertion").whole];
        let named = changed(assertion, "ID=\"_assertion\"", &format!("ID=\"{id}\""));
        changed(&named, "alice@", "mallory@")
    }
}

fn sign_as(xml: &str, what: Signed, template: &str, prefixes: &[&str]) -> String {
    let signing = Signing { template: template.to_owned(), prefixes, ..Signing::default() };
    let ids: &[&str] = match what {
        Signed::Nothing => &[],
        Signed::Assertion => &["_assertion"],
        Signed::Response => &["_response"],
        Signed::Both => &["_assertion", "_response"],
    };
    ids.iter().fold(xml.to_owned(), |xml, id| sign_with(&xml, id, &signing))
}
