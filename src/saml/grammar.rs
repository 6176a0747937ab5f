//! Reading an element against a closed grammar (SEC-10): children in order, attributes by name,
//! nothing else.

use std::iter::Peekable;

use crate::refusals::Refusal;
use crate::xml::Node;

/// Namespaces whose attributes say nothing to us: xsi:type, xsi:schemaLocation, xml:lang.
const SILENT: &[&str] =
    &["http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace"];

/// Refuses an element that has an attribute other than `allowed` and those of [`SILENT`].
pub(super) fn attributes(node: Node<'_>, allowed: &[&str]) -> Result<(), Refusal> {
    let known = node.attributes().all(|attribute| match attribute.namespace {
        "" => allowed.contains(&attribute.local),
        namespace => SILENT.contains(&namespace),
    });
    if known { Ok(()) } else { Err(Refusal::SamlUnexpected) }
}

/// An attribute that must be there.
pub(super) fn attribute<'a>(node: Node<'a>, name: &str) -> Result<&'a str, Refusal> {
    node.attribute(name).ok_or(Refusal::SamlMissing)
}

/// The child elements of an element, taken in the order of the schema.
pub(super) struct Children<'a>(Peekable<std::vec::IntoIter<Node<'a>>>);

impl<'a> Children<'a> {
    pub(super) fn of(node: Node<'a>) -> Result<Self, Refusal> {
        node.only_elements()?;
        Ok(Children(node.children().collect::<Vec<_>>().into_iter().peekable()))
    }

    pub(super) fn optional(&mut self, namespace: &str, local: &str) -> Option<Node<'a>> {
        self.0.next_if(|child| child.is(namespace, local))
    }

    pub(super) fn required(&mut self, namespace: &str, local: &str) -> Result<Node<'a>, Refusal> {
        match self.optional(namespace, local) {
            Some(child) => Ok(child),
            None if self.0.peek().is_some() => Err(Refusal::SamlUnexpected),
            None => Err(Refusal::SamlMissing),
        }
    }

    pub(super) fn many(&mut self, namespace: &str, local: &str) -> Vec<Node<'a>> {
        std::iter::from_fn(|| self.optional(namespace, local)).collect()
    }

    pub(super) fn end(mut self) -> Result<(), Refusal> {
        if self.0.next().is_none() { Ok(()) } else { Err(Refusal::SamlUnexpected) }
    }
}
