//! The one place that escapes (SEC-37), for what we generate and for canonical form: the
//! escapes of Canonical XML 1.0 (2.3) are right everywhere, and their result reads back equal.

use super::chars::is_char;
use std::borrow::Cow;

/// Text between tags.
pub fn escape_text(text: &str) -> Cow<'_, str> {
    escape(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#xD;"),
        c => no_character(c),
    })
}

/// The value of an attribute, for double quotes.
pub fn escape_attribute(value: &str) -> Cow<'_, str> {
    escape(value, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#x9;"),
        '\n' => Some("&#xA;"),
        '\r' => Some("&#xD;"),
        c => no_character(c),
    })
}

/// What XML can't say at all becomes the replacement character. Nothing that was read has such.
fn no_character(c: char) -> Option<&'static str> {
    (!is_char(c)).then_some("\u{FFFD}")
}

fn escape(text: &str, of: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if text.chars().all(|c| of(c).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len().saturating_add(16));
    for c in text.chars() {
        match of(c) {
            Some(escape) => escaped.push_str(escape),
            None => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}
