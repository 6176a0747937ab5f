//! Reads which headers tell the application who asks, besides our own.

use super::reader::{Node, Reader};
use crate::identity::{Told, ToldHeader};

/// What other gates call the same, so that an application that reads theirs need not be changed.
const PRESETS: &[(&str, &[(&str, Told)])] = &[
    (
        "cloudflare-access",
        &[
            ("cf-access-authenticated-user-email", Told::Email),
            ("cf-access-jwt-assertion", Told::Jwt),
        ],
    ),
    (
        "oauth2-proxy",
        &[
            ("x-auth-request-user", Told::Subject),
            ("x-auth-request-email", Told::Email),
            ("x-auth-request-groups", Told::Groups),
            ("x-forwarded-user", Told::Subject),
            ("x-forwarded-email", Told::Email),
            ("x-forwarded-groups", Told::Groups),
        ],
    ),
    (
        "authelia",
        &[
            ("remote-user", Told::Subject),
            ("remote-email", Told::Email),
            ("remote-groups", Told::Groups),
        ],
    ),
];

/// What a header may tell.
pub(super) const TOLD: &[(&str, Told)] = &[
    ("subject", Told::Subject),
    ("email", Told::Email),
    ("groups", Told::Groups),
    ("jwt", Told::Jwt),
];

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
    let header = |(name, told): &(&str, Told)| ToldHeader { name: (*name).to_owned(), told: *told };
    Some(headers.iter().map(header).collect())
}

fn own<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Vec<ToldHeader>> {
    let members = r.members(node)?;
    let words: Vec<&str> = TOLD.iter().map(|(word, _)| *word).collect();
    let mut headers = Vec::new();
    for (name, value) in members.iter() {
        let name = name.to_ascii_lowercase();
        if !is_free(&name) {
            r.fault(value, format!("a header such as X-WebAuth-User, and not {name}"));
            return None;
        }
        let word = r.word(value, &words)?;
        let (_, told) = TOLD.iter().find(|(known, _)| *known == word)?;
        headers.push(ToldHeader { name, told: *told });
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
