//! Signing what we send: the one shape of XML signature that we accept ourselves (XML-Signature
//! core 3.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::sp_keys::SpKey;
use crate::refusals::Refusal;
use crate::xml::c14n::canonicalize;
use crate::xml::write::escape_attribute;
use crate::xml::{Document, Profile};

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const SHA256_URI: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
/// The algorithm of every signature that we make.
pub(super) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// A document of ours in two halves: the signature of its root belongs between them.
pub(super) struct Unsigned {
    /// The `ID` of the root.
    pub id: String,
    /// Up to where the signature belongs: behind the Issuer of a message, and first in metadata.
    pub head: String,
    /// From there on.
    pub tail: String,
}

impl Unsigned {
    /// The document as it is.
    pub(super) fn plain(&self) -> String {
        format!("{}{}", self.head, self.tail)
    }

    /// The document with an enveloped signature.
    pub(super) fn signed(&self, key: &SpKey) -> Result<String, Refusal> {
        let document = Document::parse(self.plain().as_bytes(), &Profile::METADATA)?;
        let octets = canonicalize(document.root(), None, &[])?;
        let digest = STANDARD.encode(digest(&SHA256, &octets));
        let id = escape_attribute(&self.id);
        // In canonical form as it stands here, but for the declaration that its parent makes.
        let signed_info = |declaration: &str| {
            format!(
                concat!(
                    "<ds:SignedInfo{}>",
                    r#"<ds:CanonicalizationMethod Algorithm="{}"></ds:CanonicalizationMethod>"#,
                    r#"<ds:SignatureMethod Algorithm="{}"></ds:SignatureMethod>"#,
                    r##"<ds:Reference URI="#{}"><ds:Transforms>"##,
                    r#"<ds:Transform Algorithm="{}"></ds:Transform>"#,
                    r#"<ds:Transform Algorithm="{}"></ds:Transform></ds:Transforms>"#,
                    r#"<ds:DigestMethod Algorithm="{}"></ds:DigestMethod>"#,
                    "<ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
                ),
                declaration, EXCLUSIVE, RSA_SHA256, id, ENVELOPED, EXCLUSIVE, SHA256_URI, digest
            )
        };
        let declaration = format!(r#" xmlns:ds="{}""#, super::DSIG);
        let value = STANDARD.encode(key.sign(signed_info(&declaration).as_bytes())?);
        let certificate = STANDARD.encode(key.certificate());
        Ok(format!(
            concat!(
                "{}<ds:Signature{}>{}<ds:SignatureValue>{}</ds:SignatureValue>",
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate>",
                "</ds:X509Data></ds:KeyInfo></ds:Signature>{}",
            ),
            self.head,
            declaration,
            signed_info(""),
            value,
            certificate,
            self.tail
        ))
    }
}
