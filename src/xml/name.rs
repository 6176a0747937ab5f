//! Names, qualified names and namespace names.

use crate::limits;
use crate::refusals::Refusal;

/// The namespace that the prefix `xml` always has.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// Whether this is a name without a colon (Namespaces in XML 1.0, production 4).
pub fn is_ncname(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

/// The prefix (empty without one) and the local part.
pub(super) fn split(name: &str) -> Result<(&str, &str), Refusal> {
    let (prefix, local) = match name.split_once(':') {
        Some((prefix, local)) if is_ncname(prefix) => (prefix, local),
        Some(_) => return Err(Refusal::XmlMalformed),
        None => ("", name),
    };
    if is_ncname(local) { Ok((prefix, local)) } else { Err(Refusal::XmlMalformed) }
}

/// Whether a declaration may bind this prefix to this namespace (SEC-06, SEC-07).
pub(super) fn check_declaration(prefix: &str, namespace: &str) -> Result<(), Refusal> {
    if namespace.len() > limits::XML_NAMESPACE {
        return Err(Refusal::XmlTooLarge);
    }
    let undeclares = prefix.is_empty() && namespace.is_empty();
    // Says nothing, and is allowed (Namespaces in XML 1.0, 3): Shibboleth's metadata has it.
    let needless = prefix == "xml" && namespace == XML;
    let reserved = matches!(prefix, "xml" | "xmlns") || matches!(namespace, XML | XMLNS);
    if undeclares || needless || (!reserved && is_absolute_uri(namespace)) {
        Ok(())
    } else {
        Err(Refusal::XmlNamespace)
    }
}

/// A scheme, and then only what may stand in a URI. Canonicalisation is undefined for a relative
/// one (Canonical XML 1.0, 1.3), U+0080 in one has split parsers (CVE-2025-25292), and libxml2 writes
/// an ampersand in one unescaped into canonical form.
fn is_absolute_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let scheme_chars = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let excluded =
        |b| matches!(b, b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`' | b'&');
    let uri_chars = |b: u8| b.is_ascii_graphic() && !excluded(b);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(scheme_chars)
        && !rest.is_empty()
        && rest.bytes().all(uri_chars)
}

/// XML 1.0 (fifth edition), production 4, without the colon.
fn starts_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}'
        | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// Production 4a, without the colon.
fn continues_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}'
            | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}
