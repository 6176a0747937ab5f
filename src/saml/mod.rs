//! SAML 2.0, service provider's side (Web Browser SSO profile, SAML profiles 4.1).

pub mod assertion;
pub mod authn_request;
pub mod binding;
mod grammar;
pub mod idp;
pub mod logout;
pub mod metadata;
pub mod presets;
pub mod refresh;
pub mod response;
pub mod sealed;
pub mod sp_keys;
pub mod sp_metadata;
mod subject;
mod time;
pub mod trail;
pub mod warnings;

/// Namespace of assertions.
pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// Namespace of protocol messages.
pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// Namespace of metadata.
pub const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// Namespace of XML signatures.
pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Binding by redirect (SAML bindings 3.4).
pub const HTTP_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// Binding by form (SAML bindings 3.5).
pub const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
