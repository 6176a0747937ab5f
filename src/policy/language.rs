//! Reads conditions.

use std::net::IpAddr;

use ipnet::IpNet;

use super::condition::Condition;
use super::load;
use super::reader::{Node, Reader};
use super::time;
use crate::identity::Email;
use crate::limits;

/// The conditions that are written `{ "key": … }`.
pub(super) const KEYS: &[&str] = &[
    "group",
    "email",
    "email_domain",
    "attribute",
    "idp",
    "authn_context",
    "signed_in_within",
    "ip",
    "country",
    "asn",
    "client_certificate",
    "service",
    "set",
    "any",
    "all",
    "not",
];
/// The conditions that are a word.
pub(super) const WORDS: &[&str] = &["signed-in"];
pub(super) const ATTRIBUTE: &[&str] = &["name", "value"];
pub(super) const CERTIFICATE: &[&str] = &["issuer", "subject", "sha256"];

/// What a condition may refer to.
pub(super) struct Known<'k> {
    /// Identity providers of the document.
    pub(super) idps: &'k [String],
    /// Names of its sets, in order.
    pub(super) sets: &'k [String],
}

/// Reads one condition.
pub(super) fn read<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    known: &Known<'_>,
) -> Option<Condition> {
    read_at(r, node, known, limits::CONDITION_DEPTH)
}

fn read_at<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    known: &Known<'_>,
    levels: usize,
) -> Option<Condition> {
    let Some(levels) = levels.checked_sub(1) else {
        r.fault(node, format!("at most {} levels of conditions", limits::CONDITION_DEPTH));
        return None;
    };
    if node.is_string() {
        r.word(node, WORDS)?;
        return Some(Condition::SignedIn);
    }
    let members = r.object(node, KEYS)?;
    let (Some((key, value)), 1) = (members.iter().next(), members.len()) else {
        r.fault(node, "one condition; put several into {\"all\": […]} or {\"any\": […]}");
        return None;
    };
    match key {
        "group" => each(r, value, |r, node| r.text(node)).map(Condition::Group),
        "email" => each(r, value, read_email).map(Condition::Email),
        "email_domain" => each(r, value, read_domain).map(Condition::EmailDomain),
        "attribute" => read_attribute(r, value),
        "idp" => each(r, value, |r, node| read_known(r, node, known.idps)).map(Condition::Idp),
        "authn_context" => each(r, value, |r, node| r.text(node)).map(Condition::AuthnContext),
        "signed_in_within" => read_duration(r, value).map(Condition::SignedInWithin),
        "ip" => each(r, value, read_network).map(Condition::Ip),
        "country" => each(r, value, read_country).map(Condition::Country),
        "asn" => each(r, value, |r, node| r.number(node)).map(Condition::Asn),
        "client_certificate" => read_certificate(r, value),
        "service" => each(r, value, load::read_id).map(Condition::Service),
        "set" => {
            let name = read_known(r, value, known.sets)?;
            let place = known.sets.iter().position(|set| *set == name)?;
            Some(Condition::Set { name, place })
        }
        "any" => read_parts(r, value, known, levels).map(Condition::Any),
        "all" => read_parts(r, value, known, levels).map(Condition::All),
        "not" => read_at(r, value, known, levels).map(|part| Condition::Not(Box::new(part))),
        _ => None,
    }
}

fn read_parts<'a>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    known: &Known<'_>,
    levels: usize,
) -> Option<Vec<Condition>> {
    if !node.is_array() {
        r.fault(node, "an array of conditions");
        return None;
    }
    each(r, node, |r, node| read_at(r, node, known, levels))
}

/// Reads one value or an array of them; all of them, so that every fault is found.
pub(super) fn each<'a, T>(
    r: &mut Reader<'a>,
    node: &Node<'a>,
    mut read: impl FnMut(&mut Reader<'a>, &Node<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let nodes = r.one_or_more(node)?;
    let found: Vec<Option<T>> = nodes.iter().map(|node| read(r, node)).collect();
    found.into_iter().collect()
}

fn read_known<'a>(r: &mut Reader<'a>, node: &Node<'a>, known: &[String]) -> Option<String> {
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    if words.is_empty() {
        r.fault(node, "nothing: the document defines none");
        return None;
    }
    r.word(node, &words).map(str::to_owned)
}

pub(super) fn read_email<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Email> {
    let email = Email::parse(&r.string(node)?).ok();
    if email.is_none() {
        r.fault(node, "one mail address");
    }
    email
}

fn read_domain<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let domain = r.string(node)?.to_ascii_lowercase();
    if !is_host_name(&domain) {
        r.fault(node, "a domain such as example.com, compared as a whole");
        return None;
    }
    Some(domain)
}

/// Whether it is a DNS name in lower case, without the last dot.
pub fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() < 64
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.len() < 254 && name.split('.').all(label)
}

/// Whether it is such a name, or a wildcard that stands for the names right below one: of a top-level
/// domain that would be half the internet.
pub fn is_host_or_wildcard(name: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(domain) => domain.contains('.') && is_host_name(domain),
        None => is_host_name(name),
    }
}

fn read_attribute<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Condition> {
    let members = r.object(node, ATTRIBUTE)?;
    let name = r.required(&members, "name").and_then(|node| r.text(node));
    let value = r.required(&members, "value");
    let values = value.and_then(|node| each(r, node, |r, node| r.text(node)));
    Some(Condition::Attribute { name: name?, values: values? })
}

fn read_certificate<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Condition> {
    if node.is_true() {
        return Some(Condition::ClientCertificate { issuer: None, subject: None, sha256: None });
    }
    let members = r.object(node, CERTIFICATE)?;
    let mut read = |key| members.get(key).map(|node| (node, r.text(node)));
    let (issuer, subject, sha256) = (read("issuer"), read("subject"), read("sha256"));
    if members.len() == 0 {
        r.fault(node, "true for any verified certificate, or issuer, subject or sha256");
        return None;
    }
    if let Some((node, Some(digits))) = &sha256
        && (digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        r.fault(node, "64 hexadecimal digits");
        return None;
    }
    let given = |found: Option<(&Node<'a>, Option<String>)>| match found {
        None => Some(None),
        Some((_, text)) => text.map(Some),
    };
    let sha256 = given(sha256)?.map(|digits| digits.to_ascii_lowercase());
    Some(Condition::ClientCertificate { issuer: given(issuer)?, subject: given(subject)?, sha256 })
}

pub(super) fn read_duration<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<i64> {
    let seconds = time::read_duration(&r.string(node)?);
    if seconds.is_none() {
        r.fault(node, time::DURATION);
    }
    seconds
}

fn read_network<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<IpNet> {
    let written = r.string(node)?;
    let address = written.parse::<IpAddr>().map(IpNet::from);
    let Ok(network) = written.parse::<IpNet>().or(address) else {
        r.fault(node, "an address or network such as 192.0.2.0/24 or 2001:db8::/32");
        return None;
    };
    // Requests are compared as IPv4 where they can be, so this would never hold.
    if matches!(network, IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some()) {
        r.fault(node, "the IPv4 network itself");
        return None;
    }
    if network.trunc() != network {
        r.fault(node, format!("{}, or {} alone", network.trunc(), network.addr()));
        return None;
    }
    Some(network)
}

pub(super) fn read_country<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let code = r.string(node)?;
    let is_code = code.len() == 2
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !is_code {
        r.fault(node, "a country code of two capitals, such as DE (ISO 3166-1), or T1 for Tor");
        return None;
    }
    Some(code)
}
