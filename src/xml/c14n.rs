//! Exclusive XML Canonicalization 1.0 and, for those who are stuck with it, Canonical XML 1.0; both
//! without comments.

use super::tree::{Content, Name, NamespaceId, Node};
use super::write::{escape_attribute, escape_text};
use crate::limits;
use crate::refusals::Refusal;

/// The canonical bytes of `apex` and all below it, but for `without`, which is left out by
/// identity (SEC-16). `prefixes` is the PrefixList, with `#default` for the default namespace.
pub fn canonicalize(
    apex: Node<'_>,
    without: Option<Node<'_>>,
    prefixes: &[&str],
) -> Result<Vec<u8>, Refusal> {
    if without == Some(apex) {
        return Err(Refusal::CanonicalEmpty);
    }
    let prefixes = prefixes.iter().map(|p| if *p == "#default" { "" } else { *p }).collect();
    let mut writer = Writer { out: String::new(), rendered: Vec::new(), prefixes };
    let mut open = vec![writer.start(apex)];
    while let Some(frame) = open.last_mut() {
        match frame.content.next() {
            Some(Content::Text(text)) => writer.out.push_str(&escape_text(text)),
            Some(Content::Element(place)) => {
                let child = apex.document.node(*place);
                if let Some(child) = child.filter(|child| Some(*child) != without) {
                    let frame = writer.start(child);
                    open.push(frame);
                }
            }
            None => {
                writer.end(frame);
                open.pop();
            }
        }
        if writer.out.len() > limits::CANONICAL {
            return Err(Refusal::XmlTooLarge);
        }
    }
    if writer.out.is_empty() { Err(Refusal::CanonicalEmpty) } else { Ok(writer.out.into_bytes()) }
}

/// The same in the inclusive form: it is the exclusive one with every prefix on the PrefixList
/// (exclusive canonicalisation, 3). What it would also take over from around the apex, attributes
/// such as `xml:lang`, nobody sends, and it is refused.
pub fn canonicalize_inclusive(
    apex: Node<'_>,
    without: Option<Node<'_>>,
) -> Result<Vec<u8>, Refusal> {
    let mut around = std::iter::successors(apex.parent(), |node| node.parent());
    let inherited = |node: Node<'_>| {
        node.element.attributes.iter().any(|(name, _)| name.namespace == NamespaceId::XML)
    };
    if around.any(inherited) {
        return Err(Refusal::SignatureTransform);
    }
    let all = apex.document.root().descendants();
    let mut prefixes: Vec<_> =
        all.flat_map(|node| &node.element.declarations).map(|d| &*d.prefix).collect();
    prefixes.push("#default");
    prefixes.sort_unstable();
    prefixes.dedup();
    if prefixes.len() > limits::XML_IN_SCOPE {
        return Err(Refusal::XmlTooLarge);
    }
    canonicalize(apex, without, &prefixes)
}

/// An element whose start tag is written and whose end tag is not.
struct Frame<'a> {
    node: Node<'a>,
    content: std::slice::Iter<'a, Content>,
    /// How many declarations were rendered around it.
    outer: usize,
}

struct Writer<'a> {
    out: String,
    /// The declarations that the open elements of the output carry, outermost first.
    rendered: Vec<(&'a str, NamespaceId)>,
    prefixes: Vec<&'a str>,
}

impl<'a> Writer<'a> {
    fn start(&mut self, node: Node<'a>) -> Frame<'a> {
        let outer = self.rendered.len();
        self.out.push('<');
        self.name(&node.element.name);
        self.declarations(node);
        self.attributes(node);
        self.out.push('>');
        Frame { node, content: node.element.content.iter(), outer }
    }

    fn end(&mut self, frame: &Frame<'a>) {
        self.out.push_str("</");
        self.name(&frame.node.element.name);
        self.out.push('>');
        self.rendered.truncate(frame.outer);
    }

    fn name(&mut self, name: &Name) {
        if !name.prefix.is_empty() {
            self.out.push_str(&name.prefix);
            self.out.push(':');
        }
        self.out.push_str(&name.local);
    }

    /// The namespaces that the element visibly utilises, and those of the PrefixList that are in
    /// scope, unless an open element of the output already says the same. By prefix, the default
    /// namespace first.
    fn declarations(&mut self, node: Node<'a>) {
        let attributes = node.element.attributes.iter().map(|(name, _)| &*name.prefix);
        let mut wanted: Vec<&'a str> = attributes.filter(|prefix| !prefix.is_empty()).collect();
        wanted.push(&node.element.name.prefix);
        wanted.extend(&self.prefixes);
        wanted.retain(|prefix| *prefix != "xml");
        wanted.sort_unstable();
        wanted.dedup();
        for prefix in wanted {
            let meaning = match (node.resolve(prefix), prefix) {
                (Some(namespace), _) => namespace,
                // Then `xmlns=""` is due where an ancestor in the output has a default namespace.
                (None, "") => NamespaceId::NONE,
                (None, _) => continue,
            };
            let said = self.rendered.iter().rev().find(|(p, _)| *p == prefix);
            if said
                .map_or(prefix.is_empty() && meaning == NamespaceId::NONE, |(_, n)| *n == meaning)
            {
                continue;
            }
            self.rendered.push((prefix, meaning));
            self.out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.out.push_str(prefix);
            self.value(node.document.namespace(meaning));
        }
    }

    /// By namespace and then by local name, those in no namespace first.
    fn attributes(&mut self, node: Node<'a>) {
        let key = |name: &'a Name| (node.document.namespace(name.namespace), &*name.local);
        let mut attributes: Vec<_> = node.element.attributes.iter().collect();
        attributes.sort_unstable_by(|(a, _), (b, _)| key(a).cmp(&key(b)));
        for (name, value) in attributes {
            self.out.push(' ');
            self.name(name);
            self.value(value);
        }
    }

    fn value(&mut self, value: &str) {
        self.out.push_str("=\"");
        self.out.push_str(&escape_attribute(value));
        self.out.push('"');
    }
}
