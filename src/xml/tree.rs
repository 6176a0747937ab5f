//! The tree: elements in document order in one arena.

use crate::refusals::Refusal;

/// A whole document, immutable.
#[derive(Debug)]
pub struct Document {
    /// Apart from the others, so that there always is one.
    pub(super) root: Element,
    /// In document order; the element at position 1 of the document is at 0 here.
    pub(super) others: Vec<Element>,
    /// Namespace names, each once: two are equal if and only if their places are.
    pub(super) namespaces: Vec<Box<str>>,
    /// Declarations that are in scope at the root without standing on it.
    pub(super) around: Vec<Declaration>,
}

/// The namespace declarations in scope at an element: each prefix once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(pub(super) Vec<(Box<str>, Box<str>)>);

/// The place of a namespace name in [`Document::namespaces`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamespaceId(pub usize);

impl NamespaceId {
    /// The empty name: no namespace.
    pub const NONE: NamespaceId = NamespaceId(0);
    /// The namespace of the prefix `xml`.
    pub const XML: NamespaceId = NamespaceId(1);
}

#[derive(Debug)]
pub(super) struct Element {
    pub parent: Option<usize>,
    /// Its own place.
    pub place: usize,
    /// The place after its last descendant.
    pub end: usize,
    pub name: Name,
    pub declarations: Vec<Declaration>,
    pub attributes: Vec<(Name, Box<str>)>,
    pub content: Vec<Content>,
}

/// The name of an element or attribute. The prefix matters to canonicalisation only.
#[derive(Debug, PartialEq)]
pub(super) struct Name {
    pub prefix: Box<str>,
    pub local: Box<str>,
    pub namespace: NamespaceId,
}

/// `xmlns:prefix="namespace"`.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    pub prefix: Box<str>,
    pub namespace: NamespaceId,
}

/// Two texts never follow each other.
#[derive(Debug)]
pub(super) enum Content {
    Element(usize),
    Text(String),
}

impl Document {
    /// The one root element.
    pub fn root(&self) -> Node<'_> {
        Node { document: self, element: &self.root }
    }

    pub(super) fn node(&self, place: usize) -> Option<Node<'_>> {
        let element = match place.checked_sub(1) {
            None => &self.root,
            Some(place) => self.others.get(place)?,
        };
        Some(Node { document: self, element })
    }

    pub(super) fn namespace(&self, id: NamespaceId) -> &str {
        self.namespaces.get(id.0).map_or("", |name| name)
    }
}

/// An element. Two nodes are equal when they are the same element of the same document.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    pub(super) document: &'a Document,
    pub(super) element: &'a Element,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.element, other.element)
    }
}

impl Eq for Node<'_> {}

/// An attribute. Declarations of namespaces are not attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// The namespace, empty without a prefix.
    pub namespace: &'a str,
    /// The name without its prefix.
    pub local: &'a str,
    /// The normalised value.
    pub value: &'a str,
}

impl<'a> Node<'a> {
    /// Whether the element has this namespace and local name. Nothing is ever found by prefix.
    pub fn is(self, namespace: &str, local: &str) -> bool {
        self.local() == local && self.namespace() == namespace
    }

    /// The namespace, empty for none.
    pub fn namespace(self) -> &'a str {
        self.document.namespace(self.element.name.namespace)
    }

    /// The name without its prefix.
    pub fn local(self) -> &'a str {
        &self.element.name.local
    }

    /// The document that the element is part of.
    pub fn document(self) -> &'a Document {
        self.document
    }

    /// The element around this one.
    pub fn parent(self) -> Option<Node<'a>> {
        self.document.node(self.element.parent?)
    }

    /// The child elements, in order.
    pub fn children(self) -> impl Iterator<Item = Node<'a>> {
        self.element.content.iter().filter_map(move |content| match content {
            Content::Element(place) => self.document.node(*place),
            Content::Text(_) => None,
        })
    }

    /// The element itself and all below it, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Node<'a>> {
        (self.element.place..self.element.end).filter_map(move |place| self.document.node(place))
    }

    /// The value of the attribute of this name in no namespace.
    pub fn attribute(self, local: &str) -> Option<&'a str> {
        self.attributes().find(|a| a.namespace.is_empty() && a.local == local).map(|a| a.value)
    }

    /// The attributes, in the order of the document.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        self.element.attributes.iter().map(move |(name, value)| Attribute {
            namespace: self.document.namespace(name.namespace),
            local: &name.local,
            value,
        })
    }

    /// The whole text of an element that has only text (SEC-09).
    pub fn text(self) -> Result<&'a str, Refusal> {
        match self.element.content.as_slice() {
            [] => Ok(""),
            [Content::Text(text)] => Ok(text),
            _ => Err(Refusal::XmlContent),
        }
    }

    /// That between the child elements there is only white space.
    pub fn only_elements(self) -> Result<(), Refusal> {
        let has_text = self.element.content.iter().any(|content| match content {
            Content::Element(_) => false,
            Content::Text(text) => !text.chars().all(super::chars::is_space),
        });
        if has_text { Err(Refusal::XmlContent) } else { Ok(()) }
    }

    /// What a prefix (empty for the default namespace) means here.
    pub(super) fn resolve(self, prefix: &str) -> Option<NamespaceId> {
        let mut at = Some(self);
        while let Some(node) = at {
            if let Some(found) = node.element.declarations.iter().find(|d| *d.prefix == *prefix) {
                return Some(found.namespace);
            }
            at = node.parent();
        }
        self.document.around.iter().find(|d| *d.prefix == *prefix).map(|d| d.namespace)
    }

    /// The declarations in scope here.
    pub fn scope(self) -> Scope {
        let mut scope = Scope::default();
        let ancestors = std::iter::successors(Some(self), |node| node.parent());
        let declared = ancestors.flat_map(|node| &node.element.declarations);
        for declaration in declared.chain(&self.document.around) {
            if scope.0.iter().all(|(prefix, _)| *prefix != declaration.prefix) {
                let namespace = self.document.namespace(declaration.namespace);
                scope.0.push((declaration.prefix.clone(), namespace.into()));
            }
        }
        scope
    }
}
