//! Characters, references and the two normalisations.

use crate::refusals::Refusal;

/// XML 1.0, production 2.
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
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
pub(super) fn attribute_value(raw: &str) -> Result<String, Refusal> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once(['\t', '\n', '\r', '&', '<']) {
        value.push_str(before);
        let special = rest.get(before.len()..).unwrap_or_default();
        rest = if special.starts_with('<') {
            return Err(Refusal::XmlMalformed);
        } else if special.starts_with('&') {
            let (body, after) = after.split_once(';').ok_or(Refusal::XmlMalformed)?;
            value.push(reference(body)?);
            after
        } else {
            value.push(' ');
            if special.starts_with("\r\n") { after.get(1..).unwrap_or_default() } else { after }
        };
    }
    value.push_str(rest);
    Ok(value)
}
