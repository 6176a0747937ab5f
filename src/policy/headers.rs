//! Reads which headers tell the application who asks, besides our own.

use super::reader::{Node, Reader};
use crate::identity::{Told, ToldHeader};

/// What other gates call the same, so that an application that reads theirs need not be changed.
/// The attributes have the names of OpenID Connect's claims, which those gates pass on.
const PRESETS: &[(&str, &[(&str, &str)])] = &[
    (
        "cloudflare-access",
        &[("cf-access-authenticated-user-email", "email"), ("cf-access-jwt-assertion", "jwt")],
    ),
    (
        "oauth2-proxy",
        &[
            ("x-auth-request-user", "subject"),
            ("x-auth-request-email", "email"),
            ("x-auth-request-groups", "groups"),
            ("x-auth-request-preferred-username", "attribute:preferred_username"),
            ("x-forwarded-user", "subject"),
            ("x-forwarded-email", "email"),
            ("x-forwarded-groups", "groups"),
            ("x-forwarded-preferred-username", "attribute:preferred_username"),
        ],
    ),
    (
        "authelia",
        &[
            ("remote-user", "subject"),
            ("remote-email", "email"),
            ("remote-groups", "groups"),
            ("remote-name", "attribute:name"),
        ],
    ),
];

/// What a header may tell, besides an attribute.
pub(super) const TOLD: &[&str] = &["subject", "email", "groups", "jwt"];
/// What leads the name of an attribute.
pub(super) const ATTRIBUTE: &str = "attribute:";

fn told(word: &str) -> Option<Told> {
    Some(match word {
        "subject" => Told::Subject,
        "email" => Told::Email,
        "groups" => Told::Groups,
        "jwt" => Told::Jwt,
        _ => Told::Attribute(word.strip_prefix(ATTRIBUTE).filter(|name| !name.is_empty())?.into()),
    })
}

/// Names that say something else to an application, or that are ours.
const TAKEN: &[&str] = &["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip"];

/// The names of all presets.
pub(super) fn presets() -> Vec<&'static str> {
    PRESETS.iter().map(|(name, _)| *name).collect()
}

/// Reads a list of presets, and of objects with a header for each name.
pub(super) fn read<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Vec<ToldHeader>> {
    let mut headers: Vec<ToldHeader> = Vec::new();
    for entry in r.array(node)? {
        let found = if entry.is_string() { preset(r, &entry)? } else { own(r, &entry)? };
        for header in found {
            if headers.iter().any(|known| known.name == header.name) {
                r.fault(&entry, format!("the header {} once", header.name));
                return None;
            }
            headers.push(header);
        }
    }
    Some(headers)
}

fn preset<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Vec<ToldHeader>> {
    let word = r.word(node, &presets())?;
    let (_, headers) = PRESETS.iter().find(|(name, _)| *name == word)?;
    let header = |(name, word): &(&str, &str)| {
        Some(ToldHeader { name: (*name).to_owned(), told: told(word)? })
    };
    headers.iter().map(header).collect()
}

fn own<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Vec<ToldHeader>> {
    let members = r.members(node)?;
    let mut headers = Vec::new();
    for (name, value) in members.iter() {
        let name = name.to_ascii_lowercase();
        if !is_free(&name) {
            r.fault(value, format!("a header such as X-WebAuth-User, and not {name}"));
            return None;
        }
        let Some(told) = told(&r.string(value)?) else {
            r.fault(value, format!("{} or {ATTRIBUTE}<name>", TOLD.join(", ")));
            return None;
        };
        headers.push(ToldHeader { name, told });
    }
    Some(headers)
}

/// Whether a header of this name may tell who asks: none that means something to HTTP, and none of
/// ours.
fn is_free(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let leads = ["x-", "remote-"].iter().any(|lead| name.starts_with(lead));
    leads
        && name.len() <= 64
        && name.bytes().all(plain)
        && !name.starts_with("x-access-")
        && !TAKEN.contains(&name)
}
