//! The canonical path: the one spelling that is both judged and sent to the application.

use percent_encoding::percent_decode_str;

use crate::limits;
use crate::refusals::Refusal;

/// The path of a request, in the one spelling that everybody reads alike.
///
/// Both the decision and the URL sent to the application take this value, so that they cannot
/// disagree. Whatever some server could read in two ways is refused instead of repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalPath {
    text: String,
    /// What servers read it as, where that is not the text itself.
    readings: Vec<String>,
    encoded_slash: bool,
}

/// An encoded slash inside a segment, for those who do not decode it. No pattern can name it.
const KEPT_SLASH: &str = "%2F";

impl CanonicalPath {
    /// Reads the path of a URL as it was received, without its query.
    pub fn parse(raw_path: &str) -> Result<CanonicalPath, Refusal> {
        if raw_path.len() > limits::PATH {
            return Err(Refusal::PathTooLong);
        }
        let rest = raw_path.strip_prefix('/').ok_or(Refusal::PathNotAbsolute)?;
        let mut text = String::with_capacity(raw_path.len());
        let mut names = Vec::new();
        for segment in rest.split('/').filter(|segment| !segment.is_empty()) {
            text.push('/');
            names.push(read_segment(segment, &mut text)?);
        }
        if names.is_empty() || rest.ends_with('/') {
            text.push('/');
        }
        // Encoding may have made it longer, and what we send must pass here again.
        if text.len() > limits::PATH || names.len() > limits::PATH_SEGMENTS {
            return Err(Refusal::PathTooLong);
        }
        let encoded_slash = names.iter().any(|name| name.contains('/'));
        let pieces = names.iter().map(|name| name.split('/').count());
        if pieces.fold(0, usize::saturating_add) > limits::PATH_SEGMENTS {
            return Err(Refusal::PathTooLong);
        }
        let readings = if text.contains(['%', ';']) { readings_of(&text) } else { Vec::new() };
        Ok(CanonicalPath { text, readings, encoded_slash })
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The segments of the canonical spelling; a trailing slash adds none.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.text.split('/').filter(|segment| !segment.is_empty())
    }

    /// The readings that have to be allowed, all of them: decoded as every server does, without
    /// parameters as servlet containers do (`/HR;x=1/payroll` is `/HR/payroll` there), and an
    /// encoded slash as a separator and as a part of its segment.
    pub(super) fn readings(&self) -> impl Iterator<Item = &str> {
        let only = self.readings.is_empty().then_some(self.text.as_str());
        only.into_iter().chain(self.readings.iter().map(String::as_str))
    }

    /// Whether a segment has an encoded slash, which only some rules allow.
    pub(super) fn has_encoded_slash(&self) -> bool {
        self.encoded_slash
    }

    /// Whether it has nothing but slashes and unreserved characters (RFC 3986, 2.3).
    pub(super) fn is_plain(&self) -> bool {
        self.text.bytes().all(|byte| byte == b'/' || is_unreserved(byte))
    }
}

impl std::fmt::Display for CanonicalPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads one segment, appends its canonical spelling and returns it decoded.
pub(super) fn read_segment(raw: &str, text: &mut String) -> Result<String, Refusal> {
    let mut name = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let byte = read_escape(bytes.next(), bytes.next()).ok_or(Refusal::PathBadEscape)?;
                if is_unreserved(byte) {
                    text.push(char::from(byte))
                } else {
                    escape(byte, text)
                }
                name.push(byte);
            }
            b'\\' => return Err(Refusal::PathBackslash),
            b'?' | b'#' => return Err(Refusal::PathHasQuery),
            0x21..=0x7E => {
                if is_path_character(byte) {
                    text.push(char::from(byte))
                } else {
                    escape(byte, text)
                }
                name.push(byte);
            }
            _ => return Err(Refusal::PathNotAscii),
        }
    }
    let name = String::from_utf8(name).map_err(|_| Refusal::PathNotUtf8)?;
    refuse_ambiguous(&name)?;
    Ok(name)
}

/// Refuses a decoded segment that some server reads as something else.
fn refuse_ambiguous(name: &str) -> Result<(), Refusal> {
    if name.chars().any(char::is_control) {
        return Err(Refusal::PathControl);
    }
    // Between two names an encoded slash is one separator at most. Elsewhere servers differ.
    if name.contains('/') {
        if name.split('/').any(|piece| without_parameters(piece).is_empty()) {
            return Err(Refusal::PathEncodedSlash);
        }
        return name.split('/').try_for_each(refuse_ambiguous);
    }
    if name.contains('\\') {
        return Err(Refusal::PathBackslash);
    }
    if name.split('%').skip(1).any(completes_an_escape) {
        return Err(Refusal::PathDoubleEncoded);
    }
    // Windows drops the spaces around a name.
    if matches!(without_parameters(name).trim_matches(' '), "." | "..") {
        return Err(Refusal::PathDotSegment);
    }
    Ok(())
}

/// Whether what follows a percent sign makes it an escape, of the kind `%41` or, on IIS, `%u0041`.
fn completes_an_escape(rest: &str) -> bool {
    let hexadecimal = |digits: Option<&[u8]>| {
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let bytes = rest.as_bytes();
    hexadecimal(bytes.get(..2))
        || (matches!(bytes.first(), Some(b'u' | b'U')) && hexadecimal(bytes.get(1..5)))
}

/// All readings of a path in its canonical spelling, each once. Servers cut parameters off before
/// they decode, or after, or not at all.
fn readings_of(text: &str) -> Vec<String> {
    let decoded = |name: &str| percent_decode_str(name).decode_utf8_lossy().into_owned();
    let mut readings = Vec::new();
    for raw in [text.to_owned(), cut(text)] {
        let names: Vec<String> = raw.split('/').skip(1).map(decoded).collect();
        for slash in ["/", KEPT_SLASH] {
            let read = joined(names.iter().map(|name| name.replace('/', slash)));
            readings.extend([cut(&read), read]);
        }
    }
    readings.sort_unstable();
    readings.dedup();
    readings
}

fn cut(path: &str) -> String {
    joined(path.split('/').skip(1).map(without_parameters))
}

fn without_parameters(name: &str) -> &str {
    name.split_once(';').map_or(name, |(bare, _)| bare)
}

fn joined(names: impl Iterator<Item: AsRef<str>>) -> String {
    let mut path = String::new();
    for name in names {
        path.push('/');
        path.push_str(name.as_ref());
    }
    path
}

fn read_escape(high: Option<u8>, low: Option<u8>) -> Option<u8> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    let value = digit(high)?.checked_mul(16)?.checked_add(digit(low)?)?;
    u8::try_from(value).ok()
}

pub(super) fn escape(byte: u8, text: &mut String) {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    text.push('%');
    text.push(digit(byte >> 4).to_ascii_uppercase());
    text.push(digit(byte & 15).to_ascii_uppercase());
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// `pchar` of RFC 3986, 3.3, without the escapes.
fn is_path_character(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte)
}
