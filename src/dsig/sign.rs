//! Our own enveloped signatures, of the very shape that we accept: RSA-SHA256 and exclusive
//! canonicalisation. RSA itself is left to the caller.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::algorithms::{DIGEST_SHA256, ENVELOPED, EXCLUSIVE, RSA_SHA256};
use crate::refusals::Refusal;
use crate::xml::c14n::canonicalize;
use crate::xml::write::escape_attribute;
use crate::xml::{DS, Document, Profile};

/// A document whose root lacks only the value of its signature.
#[derive(Debug)]
pub struct Enveloped {
    octets: Vec<u8>,
    before: String,
    after: String,
}

impl Enveloped {
    /// Prepares the signature over a document, to be placed between its two parts: right behind the
    /// Issuer, or first in a root without one. The root has an ID; `certificate` (in DER) tells
    /// whose signature it is.
    pub fn new(before: &str, after: &str, certificate: &[u8]) -> Result<Self, Refusal> {
        let document = Document::parse(format!("{before}{after}").as_bytes(), &Profile::MESSAGE)?;
        let root = document.root();
        let id = escape_attribute(root.attribute("ID").ok_or(Refusal::IdMissing)?);
        let digest = STANDARD.encode(digest(&SHA256, &canonicalize(root, None, &[])?));
        let parts = [
            format!("<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>"),
            format!("<ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"/>"),
            format!("<ds:Reference URI=\"#{id}\"><ds:Transforms>"),
            format!("<ds:Transform Algorithm=\"{ENVELOPED}\"/>"),
            format!("<ds:Transform Algorithm=\"{EXCLUSIVE}\"/></ds:Transforms>"),
            format!("<ds:DigestMethod Algorithm=\"{DIGEST_SHA256}\"/>"),
            format!("<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"),
        ]
        .concat();
        let info = format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{parts}</ds:SignedInfo>");
        let info = Document::parse(info.as_bytes(), &Profile::MESSAGE)?;
        let certificate = STANDARD.encode(certificate);
        Ok(Enveloped {
            octets: canonicalize(info.root(), None, &[])?,
            before: format!(
                "{before}<ds:Signature xmlns:ds=\"{DS}\"><ds:SignedInfo>{parts}</ds:SignedInfo>\
                 <ds:SignatureValue>"
            ),
            after: format!(
                "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}\
                 </ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>{after}"
            ),
        })
    }

    /// What is to be signed with RSA-SHA256.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The whole document.
    pub fn signed(self, signature: &[u8]) -> String {
        let Enveloped { before, after, .. } = self;
        format!("{before}{}{after}", STANDARD.encode(signature))
    }
}
