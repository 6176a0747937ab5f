//! Characters, references and the two normalisations.

use crate::refusals::Refusal;
use std::borrow::Cow;

/// XML 1.0, production 2.
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether a text has nothing else: no control but white space, and not the two noncharacters.
pub(super) fn only_chars(text: &str) -> bool {
    let controls = text.bytes().any(|b| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r'));
    !controls && !text.contains('\u{FFFE}') && !text.contains('\u{FFFF}')
}

/// XML 1.0, production 3. Unicode knows more white space; XML does not.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The character that `&body;` stands for: one of the five, or a number.
pub(super) fn reference(body: &str) -> Result<char, Refusal> {
    match body {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let number = body.strip_prefix('#').ok_or(Refusal::XmlEntity)?;
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // The parser of numbers would allow a sign.
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(Refusal::XmlEntity);
    }
    u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
        .filter(|c| is_char(*c))
        .ok_or(Refusal::XmlEntity)
}

/// Adds character data with its line ends normalised (XML 1.0, 2.11).
pub(super) fn push_text(out: &mut String, raw: &str) {
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\r') {
        out.push_str(before);
        out.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    out.push_str(rest);
}

/// The value of an attribute, normalised (XML 1.0, 2.11 and 3.3.3): white space becomes spaces,
/// but not the white space that a reference stands for.
pub(super) fn attribute_value(raw: &str) -> Result<Cow<'_, str>, Refusal> {
    let is_special = |b| matches!(b, b'\t' | b'\n' | b'\r' | b'&' | b'<');
    if !raw.bytes().any(is_special) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, special)) =
        rest.bytes().position(is_special).map(|at| rest.split_at(at))
    {
        value.push_str(before);
        let (first, after) = special.split_at(1);
        rest = match first {
            "<" => return Err(Refusal::XmlMalformed),
            "&" => {
                let (body, after) = after.split_once(';').ok_or(Refusal::XmlMalformed)?;
                value.push(reference(body)?);
                after
            }
            "\r" => {
                value.push(' ');
                after.strip_prefix('\n').unwrap_or(after)
            }
            _ => {
                value.push(' ');
                after
            }
        };
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

#[cfg(test)]
mod tests {
    use super::{is_char, only_chars};

    #[test]
    fn a_text_is_judged_as_its_characters_are() {
        for c in '\0'..=char::MAX {
            assert_eq!(only_chars(&format!("a{c}\u{10FFFF}")), is_char(c), "{c:?}");
        }
    }
}
