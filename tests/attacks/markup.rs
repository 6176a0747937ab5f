//! Where elements, attributes and texts stand in a document, so that each can be changed. The
//! documents are our own, and write no `>` into an attribute.

use std::ops::Range;

/// An element in the text of a document.
#[derive(Clone, Debug)]
pub struct Element {
    /// Its name without a prefix.
    pub local: String,
    /// From the start tag to the end tag.
    pub whole: Range<usize>,
    /// Between the tags; nothing for an empty element.
    pub inside: Option<Range<usize>>,
}

/// All elements, in the order of the document: the root first.
pub fn elements(xml: &str) -> Vec<Element> {
    let mut found: Vec<Element> = Vec::new();
    let mut open = Vec::new();
    for tag in tags(xml) {
        let text = &xml[tag.clone()];
        if text.starts_with("</") {
            let element: &mut Element = &mut found[open.pop().unwrap()];
            element.inside = Some(element.whole.end..tag.start);
            element.whole.end = tag.end;
            continue;
        }
        if !text.ends_with("/>") {
            open.push(found.len());
        }
        let name = text[1..].split([' ', '/', '>']).next().unwrap();
        let local = name.split(':').next_back().unwrap().to_owned();
        found.push(Element { local, whole: tag, inside: None });
    }
    found
}

/// The first element of this name.
pub fn element(xml: &str, local: &str) -> Element {
    nth(xml, local, 0)
}

/// One of several elements of this name.
pub fn nth(xml: &str, local: &str, n: usize) -> Element {
    elements(xml).into_iter().filter(|e| e.local == local).nth(n).unwrap()
}

/// The text of the first element of this name, with its tags.
pub fn source<'a>(xml: &'a str, local: &str) -> &'a str {
    &xml[element(xml, local).whole]
}

/// An attribute in the text of a document.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name, with a prefix if it has one.
    pub name: String,
    /// With the space before it.
    pub whole: Range<usize>,
    /// Between the quotes.
    pub value: Range<usize>,
}

/// All attributes, declarations of namespaces among them.
pub fn attributes(xml: &str) -> Vec<Attribute> {
    let mut found = Vec::new();
    for tag in tags(xml) {
        let mut at = tag.start;
        while let Some(equals) = xml[at..tag.end].find("=\"").map(|n| at + n) {
            let start = xml[..equals].rfind(' ').unwrap();
            let value = equals + 2..equals + 2 + xml[equals + 2..].find('"').unwrap();
            at = value.end + 1;
            found.push(Attribute {
                name: xml[start + 1..equals].to_owned(),
                whole: start..at,
                value,
            });
        }
    }
    found
}

/// All texts that are not white space.
pub fn texts(xml: &str) -> Vec<Range<usize>> {
    let ends: Vec<_> = tags(xml).collect();
    let between = ends.windows(2).map(|pair| pair[0].end..pair[1].start);
    between.filter(|text| !xml[text.clone()].trim().is_empty()).collect()
}

fn tags(xml: &str) -> impl Iterator<Item = Range<usize>> {
    xml.match_indices('<').map(|(at, _)| at..at + xml[at..].find('>').unwrap() + 1)
}

/// The document with something else in place of a part.
pub fn replaced(xml: &str, part: Range<usize>, by: &str) -> String {
    [&xml[..part.start], by, &xml[part.end..]].concat()
}

/// The document with something more in it.
pub fn inserted(xml: &str, at: usize, more: &str) -> String {
    replaced(xml, at..at, more)
}

/// Changes what must be there.
pub fn changed(xml: &str, from: &str, to: &str) -> String {
    assert!(xml.contains(from), "{from} stands nowhere in {xml}");
    xml.replacen(from, to, 1)
}
