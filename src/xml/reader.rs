//! From bytes to the tree, in one pass.

use super::chars::{attribute_value, is_space, only_chars, push_text, reference};
use super::name::{XML, check_declaration, split};
use super::tag::{self, Attributes};
use super::tree::{Content, Declaration, Document, Element, Name, NamespaceId, Scope};
use super::{Comments, Profile};
use crate::limits;
use crate::refusals::Refusal;
use quick_xml::events::Event;
use std::collections::BTreeMap;

pub(super) fn read(bytes: &[u8], profile: &Profile, around: &Scope) -> Result<Document, Refusal> {
    if bytes.len() > profile.max_bytes {
        return Err(Refusal::XmlTooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::XmlEncoding)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    // quick-xml would strip a second byte order mark.
    if text.starts_with('\u{FEFF}') || !only_chars(text) {
        return Err(Refusal::XmlMalformed);
    }

    let mut tokens = quick_xml::Reader::from_str(text);
    tokens.config_mut().check_comments = true;
    let mut builder = Builder::new(profile, around);
    let mut at_start = true;
    loop {
        match tokens.read_event().map_err(|_| Refusal::XmlMalformed)? {
            Event::Start(tag) => builder.open(&tag)?,
            Event::Empty(tag) => {
                builder.open(&tag)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text)?,
            Event::GeneralRef(body) => builder.reference(&body)?,
            Event::Decl(declaration) if at_start => check_xml_declaration(&declaration)?,
            Event::Decl(_) | Event::PI(_) => return Err(Refusal::XmlInstruction),
            Event::Comment(_) if profile.comments == Comments::Ignore => {}
            Event::Comment(_) => return Err(Refusal::XmlComment),
            Event::CData(_) => return Err(Refusal::XmlCdata),
            Event::DocType(_) => return Err(Refusal::XmlDoctype),
            Event::Eof => return builder.finish(),
        }
        at_start = false;
    }
}

/// Version 1.0, and UTF-8 if an encoding is named (SEC-03; XML 1.0, production 23).
fn check_xml_declaration(declaration: &str) -> Result<(), Refusal> {
    let (_, attributes) = tag::split(declaration);
    let mut expected = ["version", "encoding", "standalone"].iter();
    let mut versioned = false;
    for attribute in attributes {
        let attribute = attribute?;
        let in_order = attribute.prefix.is_empty() && expected.any(|name| *name == attribute.local);
        versioned |= attribute.local == "version";
        if !in_order || !versioned {
            return Err(Refusal::XmlMalformed);
        }
        match (attribute.local, attribute.value) {
            ("version", "1.0") | ("standalone", "yes" | "no") => {}
            ("encoding", name) if name.eq_ignore_ascii_case("utf-8") => {}
            ("standalone", _) => return Err(Refusal::XmlMalformed),
            _ => return Err(Refusal::XmlEncoding),
        }
    }
    if versioned { Ok(()) } else { Err(Refusal::XmlMalformed) }
}

/// An element whose end has not come yet.
struct Open {
    element: usize,
    /// How many declarations were in scope around it.
    outer_scope: usize,
    /// Bytes of its text so far.
    text: usize,
}

struct Builder<'p> {
    profile: &'p Profile,
    elements: Vec<Element>,
    open: Vec<Open>,
    /// Those around the root first, then those of the open elements, outermost first.
    scope: Vec<Declaration>,
    namespaces: Vec<Box<str>>,
    known: BTreeMap<Box<str>, NamespaceId>,
}

impl<'p> Builder<'p> {
    fn new(profile: &'p Profile, around: &Scope) -> Self {
        let mut builder = Builder {
            profile,
            elements: Vec::new(),
            open: Vec::new(),
            scope: Vec::new(),
            namespaces: Vec::new(),
            known: BTreeMap::new(),
        };
        // In the order of NamespaceId::NONE and NamespaceId::XML.
        builder.intern("");
        builder.intern(XML);
        for (prefix, namespace) in &around.0 {
            let namespace = builder.intern(namespace);
            builder.scope.push(Declaration { prefix: prefix.clone(), namespace });
        }
        builder
    }

    fn intern(&mut self, namespace: &str) -> NamespaceId {
        if let Some(id) = self.known.get(namespace) {
            return *id;
        }
        let id = NamespaceId(self.namespaces.len());
        self.namespaces.push(namespace.into());
        self.known.insert(namespace.into(), id);
        id
    }

    fn open(&mut self, tag: &str) -> Result<(), Refusal> {
        if self.open.is_empty() && !self.elements.is_empty() {
            return Err(Refusal::XmlMalformed);
        }
        if self.elements.len() >= self.profile.max_elements || self.open.len() >= limits::XML_DEPTH
        {
            return Err(Refusal::XmlTooLarge);
        }
        let (name, attributes) = tag::split(tag);
        let (prefix, local) = split(name)?;
        let outer_scope = self.scope.len();
        // A declaration counts for the whole tag, also for what stands before it.
        let plain = self.declare(attributes)?;
        let name = self.element_name(prefix, local)?;
        let attributes = self.attributes(plain)?;

        let place = self.elements.len();
        let parent = self.open.last().map(|open| open.element);
        if let Some(parent) = parent.and_then(|parent| self.elements.get_mut(parent)) {
            parent.content.push(Content::Element(place));
        }
        // Its declarations are in scope until it is closed, and its own from then on.
        let (declarations, content, end) = (Vec::new(), Vec::new(), place);
        self.elements.push(Element { parent, place, end, name, declarations, attributes, content });
        self.open.push(Open { element: place, outer_scope, text: 0 });
        Ok(())
    }

    /// Brings the declarations of a tag into scope and gives back the other attributes.
    fn declare<'t>(
        &mut self,
        attributes: Attributes<'t>,
    ) -> Result<Vec<tag::RawAttribute<'t>>, Refusal> {
        let mut plain = Vec::new();
        let outer_scope = self.scope.len();
        for attribute in attributes {
            let attribute = attribute?;
            if attribute.value.len() > limits::XML_TEXT {
                return Err(Refusal::XmlTooLarge);
            }
            let prefix = match (attribute.prefix, attribute.local) {
                ("", "xmlns") => "",
                ("xmlns", prefix) => prefix,
                _ if plain.len() >= limits::XML_ATTRIBUTES => return Err(Refusal::XmlTooLarge),
                _ => {
                    plain.push(attribute);
                    continue;
                }
            };
            let namespace = attribute_value(attribute.value)?;
            check_declaration(prefix, &namespace)?;
            let own = self.scope.get(outer_scope..).unwrap_or_default();
            if own.iter().any(|declaration| *declaration.prefix == *prefix) {
                return Err(Refusal::XmlDuplicateAttribute);
            }
            if own.len() >= limits::XML_DECLARATIONS || self.scope.len() >= limits::XML_IN_SCOPE {
                return Err(Refusal::XmlTooLarge);
            }
            let namespace = self.intern(&namespace);
            self.scope.push(Declaration { prefix: prefix.into(), namespace });
        }
        Ok(plain)
    }

    fn element_name(&self, prefix: &str, local: &str) -> Result<Name, Refusal> {
        let namespace = match (self.resolve(prefix), prefix) {
            (Some(namespace), _) => namespace,
            (None, "") => NamespaceId::NONE,
            (None, _) => return Err(Refusal::XmlNamespace),
        };
        Ok(Name { prefix: prefix.into(), local: local.into(), namespace })
    }

    /// Unique by spelling and by expanded name (Namespaces in XML 1.0, 6.3). There are few, and
    /// their names are parts of one bounded tag, so each is compared with each.
    fn attributes(&self, raw: Vec<tag::RawAttribute>) -> Result<Vec<(Name, Box<str>)>, Refusal> {
        let mut attributes: Vec<(Name, Box<str>)> = Vec::with_capacity(raw.len());
        for tag::RawAttribute { prefix, local, value } in raw {
            let namespace = match prefix {
                "" => NamespaceId::NONE,
                prefix => self.resolve(prefix).ok_or(Refusal::XmlNamespace)?,
            };
            if attributes.iter().any(|(n, _)| n.namespace == namespace && *n.local == *local) {
                return Err(Refusal::XmlDuplicateAttribute);
            }
            let name = Name { prefix: prefix.into(), local: local.into(), namespace };
            attributes.push((name, attribute_value(value)?.into()));
        }
        Ok(attributes)
    }

    fn resolve(&self, prefix: &str) -> Option<NamespaceId> {
        if prefix == "xml" {
            return Some(NamespaceId::XML);
        }
        self.scope.iter().rev().find(|d| *d.prefix == *prefix).map(|d| d.namespace)
    }

    fn close(&mut self) -> Result<(), Refusal> {
        let open = self.open.pop().ok_or(Refusal::XmlMalformed)?;
        let declarations = self.scope.split_off(open.outer_scope);
        let end = self.elements.len();
        let element = self.elements.get_mut(open.element).ok_or(Refusal::XmlMalformed)?;
        element.end = end;
        element.declarations = declarations;
        Ok(())
    }

    fn text(&mut self, raw: &str) -> Result<(), Refusal> {
        if self.open.is_empty() {
            let blank = raw.chars().all(is_space);
            return if blank { Ok(()) } else { Err(Refusal::XmlMalformed) };
        }
        // Also where `>` would do no harm (XML 1.0, production 14).
        if raw.contains("]]>") {
            return Err(Refusal::XmlMalformed);
        }
        push_text(self.open_text(raw.len())?, raw);
        Ok(())
    }

    fn reference(&mut self, body: &str) -> Result<(), Refusal> {
        let c = reference(body)?;
        self.open_text(c.len_utf8())?.push(c);
        Ok(())
    }

    /// The text at the end of the open element, for this many more bytes.
    fn open_text(&mut self, more: usize) -> Result<&mut String, Refusal> {
        let open = self.open.last_mut().ok_or(Refusal::XmlMalformed)?;
        open.text = open.text.saturating_add(more);
        if open.text > limits::XML_TEXT {
            return Err(Refusal::XmlTooLarge);
        }
        let element = self.elements.get_mut(open.element).ok_or(Refusal::XmlMalformed)?;
        if !matches!(element.content.last(), Some(Content::Text(_))) {
            element.content.push(Content::Text(String::new()));
        }
        match element.content.last_mut() {
            Some(Content::Text(text)) => Ok(text),
            _ => Err(Refusal::XmlMalformed),
        }
    }

    fn finish(self) -> Result<Document, Refusal> {
        let mut elements = self.elements.into_iter();
        let root = elements.next().ok_or(Refusal::XmlMalformed)?;
        if !self.open.is_empty() {
            return Err(Refusal::XmlMalformed);
        }
        // What the elements declared went out of scope with them.
        let (others, around) = (elements.collect(), self.scope);
        Ok(Document { root, others, namespaces: self.namespaces, around })
    }
}
