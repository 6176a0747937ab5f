//! The inside of a start tag, and of the XML declaration: a name and its attributes.

use super::chars::is_space;
use super::name;
use crate::refusals::Refusal;

/// The name of a tag, and the attributes that follow it.
pub(super) fn split(tag: &str) -> (&str, Attributes<'_>) {
    let end = tag.find(is_space).unwrap_or(tag.len());
    let (name, rest) = tag.split_at(end);
    (name, Attributes { rest })
}

/// One attribute as it is written.
pub(super) struct RawAttribute<'a> {
    pub prefix: &'a str,
    pub local: &'a str,
    pub value: &'a str,
}

/// The attributes of a tag, in order.
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<RawAttribute<'a>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let spaced = self.rest.trim_start_matches(is_space);
        if spaced.is_empty() {
            return None;
        }
        if spaced.len() == self.rest.len() {
            // `x='1'y='2'` is not XML.
            self.rest = "";
            return Some(Err(Refusal::XmlMalformed));
        }
        self.rest = "";
        Some(read(spaced).map(|(attribute, rest)| {
            self.rest = rest;
            attribute
        }))
    }
}

/// Name, equals sign, quoted value (XML 1.0, productions 10, 25 and 41).
fn read(text: &str) -> Result<(RawAttribute<'_>, &str), Refusal> {
    let (name, after) = text.split_once('=').ok_or(Refusal::XmlMalformed)?;
    let (prefix, local) = name::split(name.trim_end_matches(is_space))?;
    let quoted = after.trim_start_matches(is_space);
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''));
    let quote = quote.ok_or(Refusal::XmlMalformed)?;
    let (value, rest) =
        quoted.get(1..).and_then(|q| q.split_once(quote)).ok_or(Refusal::XmlMalformed)?;
    Ok((RawAttribute { prefix, local, value }, rest))
}
