//! Our own metadata, written (SAML metadata 2.4.4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::sp_keys::SpKeys;
use super::{DSIG, HTTP_POST, HTTP_REDIRECT, METADATA, PROTOCOL};
use crate::xenc::{XENC, XENC11};
use crate::xml::write::escape_attribute;

/// What our metadata says.
pub struct SpMetadata<'a> {
    /// Our entity ID.
    pub entity_id: &'a str,
    /// Where responses go.
    pub acs: &'a str,
    /// Where logout messages go. It is named only where there are keys: they must be signed.
    pub slo: &'a str,
    /// Our keys. An identity provider that finds one to encrypt with encrypts, so none is named
    /// that we don't hold.
    pub keys: Option<&'a SpKeys>,
    /// Whether every identity provider gets our requests signed.
    pub signs_requests: bool,
}

/// The NameIDs that we can use, the one that we like best first.
const NAME_ID_FORMATS: [&str; 3] = [
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
];

impl SpMetadata<'_> {
    /// The document, before and behind the place of its signature.
    pub fn xml(&self) -> [String; 2] {
        let (entity_id, acs) = (escape_attribute(self.entity_id), escape_attribute(self.acs));
        let signs = self.signs_requests;
        let slo = escape_attribute(self.slo);
        let logout: String = [HTTP_REDIRECT, HTTP_POST]
            .map(|b| format!("<md:SingleLogoutService Binding=\"{b}\" Location=\"{slo}\"/>\n"))
            .concat();
        let logout = self.keys.map_or("", |_| &logout);
        let keys: String = match self.keys {
            Some(keys) => keys.iter().map(|key| key_descriptors(key.certificate())).collect(),
            None => String::new(),
        };
        let formats = NAME_ID_FORMATS.map(|f| format!("<md:NameIDFormat>{f}</md:NameIDFormat>\n"));
        let formats = formats.concat();
        [
            format!(
                "<md:EntityDescriptor xmlns:md=\"{METADATA}\" ID=\"_metadata\" entityID=\"{entity_id}\">"
            ),
            format!(
                r#"
<md:SPSSODescriptor protocolSupportEnumeration="{PROTOCOL}" AuthnRequestsSigned="{signs}" WantAssertionsSigned="true">
{keys}{logout}{formats}<md:AssertionConsumerService Binding="{HTTP_POST}" Location="{acs}" index="0" isDefault="true"/>
</md:SPSSODescriptor>
</md:EntityDescriptor>
"#
            ),
        ]
    }
}

/// One key, for both uses, with the algorithms that we accept (SAML metadata 2.4.1.1). AES-CBC is
/// left out: where it is accepted at all, nobody should be told to choose it.
fn key_descriptors(certificate: &[u8]) -> String {
    let certificate = STANDARD.encode(certificate);
    format!(
        r#"<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DSIG}"><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:KeyDescriptor use="encryption"><ds:KeyInfo xmlns:ds="{DSIG}"><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
<md:EncryptionMethod Algorithm="{XENC11}aes256-gcm"/>
<md:EncryptionMethod Algorithm="{XENC11}aes128-gcm"/>
<md:EncryptionMethod Algorithm="{XENC11}rsa-oaep"><ds:DigestMethod xmlns:ds="{DSIG}" Algorithm="{XENC}sha256"/><xenc11:MGF xmlns:xenc11="{XENC11}" Algorithm="{XENC11}mgf1sha256"/></md:EncryptionMethod>
<md:EncryptionMethod Algorithm="{XENC}rsa-oaep-mgf1p"><ds:DigestMethod xmlns:ds="{DSIG}" Algorithm="{DSIG}sha1"/></md:EncryptionMethod>
</md:KeyDescriptor>
"#
    )
}
