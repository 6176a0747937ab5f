//! Path patterns: whole segments only, so that `/HR/**` never covers `/HRX`.

use super::path;
use crate::limits;

/// A pattern such as `/HR/**`, `/users/*/settings` or `/favicon.ico`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    segments: Vec<Segment>,
    open: bool,
}

/// What a pattern asks of one segment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Exactly this, percent-decoded, in this case.
    Literal(String),
    /// Anything: `*`.
    Any,
}

impl Pattern {
    /// Reads a pattern. The error says what was expected.
    pub fn parse(written: &str) -> Result<Pattern, String> {
        let rest = written.strip_prefix('/').ok_or("a path that begins with a slash")?;
        let mut segments = Vec::new();
        let mut open = false;
        let mut parts = rest.split('/').peekable();
        while let Some(part) = parts.next() {
            match part {
                // The root alone.
                "" if segments.is_empty() && parts.peek().is_none() => {}
                "" if parts.peek().is_none() => {
                    let path = written.trim_end_matches('/');
                    return Err(format!("{path} for that path, or {path}/** for all below it too"));
                }
                "" => return Err("one slash between two segments".to_owned()),
                "**" if parts.peek().is_none() => open = true,
                "**" => return Err("** only as the last segment".to_owned()),
                "*" => segments.push(Segment::Any),
                _ => segments.push(Segment::Literal(read_literal(part)?)),
            }
        }
        if written.len() > limits::PATH || segments.len() > limits::PATH_SEGMENTS {
            return Err("at most 2 KiB and 64 segments".to_owned());
        }
        Ok(Pattern { written: written.to_owned(), segments, open })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Its segments, a last `**` left out.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Whether it ends in `**`: covers its segments alone, and everything below.
    pub fn is_open(&self) -> bool {
        self.open
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.written)
    }
}

/// Reads a literal segment, with or without percent-encoding: people write `/café`.
fn read_literal(part: &str) -> Result<String, String> {
    if part.contains('*') {
        return Err("* as a whole segment (a literal asterisk is %2A)".to_owned());
    }
    if part.contains(['?', '#']) {
        return Err("a path without query or fragment".to_owned());
    }
    let mut encoded = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte == b' ' || !byte.is_ascii() {
            path::escape(byte, &mut encoded);
        } else {
            encoded.push(char::from(byte));
        }
    }
    let name = path::read_segment(&encoded, &mut String::new())
        .map_err(|refusal| format!("a path that requests can have; {}", refusal.cause()))?;
    if name.contains('/') {
        return Err("a path without encoded slashes; they are judged as slashes too".to_owned());
    }
    if name.contains(';') {
        return Err("a segment without parameters; they are judged without".to_owned());
    }
    Ok(name)
}
