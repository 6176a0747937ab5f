//! Metadata of the shapes that well-known identity providers publish: tests/idps, with `@rsa@` for
//! the certificate tests/keys/rsa.der in one line, and `@rsa:lines@` for the same in many.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{der, path, sign};

/// All of them, by the name of the file.
pub const IDPS: [&str; 13] = [
    "adfs",
    "auth0",
    "entra",
    "google",
    "jumpcloud",
    "keycloak",
    "keycloak-old",
    "okta",
    "onelogin",
    "pingfederate",
    "pingone",
    "shibboleth",
    "simplesamlphp",
];

/// The metadata of one of [`IDPS`]. Entra ID and AD FS sign theirs.
pub fn metadata(name: &str) -> String {
    let xml = filled(&std::fs::read_to_string(path(&format!("idps/metadata/{name}.xml"))).unwrap());
    match name {
        "entra" => sign(&xml, "_entra"),
        "adfs" => sign(&xml, "_adfs"),
        _ => xml,
    }
}

/// Puts certificates in.
pub fn filled(template: &str) -> String {
    let mut parts = template.split('@');
    let mut xml = parts.next().unwrap().to_owned();
    while let (Some(name), Some(text)) = (parts.next(), parts.next()) {
        match name.strip_suffix(":lines") {
            Some(name) => xml += &lines(&STANDARD.encode(der(name))),
            None => xml += &STANDARD.encode(der(name)),
        }
        xml += text;
    }
    xml
}

fn lines(base64: &str) -> String {
    base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}
