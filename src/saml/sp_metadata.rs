//! Our own metadata, written (SAML metadata 2.4.4).

use super::{HTTP_POST, METADATA, PROTOCOL};
use crate::xml::write::escape_attribute;

/// The metadata of the service provider `entity_id` that takes responses at `acs`.
///
/// It names no key: we sign no request and can decrypt nothing, and an identity provider that
/// finds an encryption key here encrypts.
pub fn write(entity_id: &str, acs: &str) -> String {
    let (entity_id, acs) = (escape_attribute(entity_id), escape_attribute(acs));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="{METADATA}" entityID="{entity_id}">
  <md:SPSSODescriptor protocolSupportEnumeration="{PROTOCOL}" AuthnRequestsSigned="false" WantAssertionsSigned="true">
    <md:AssertionConsumerService Binding="{HTTP_POST}" Location="{acs}" index="0" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
"#
    )
}
