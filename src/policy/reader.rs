//! Reads JSON and remembers where everything stood.
//!
//! Values are slices of the text, taken apart on demand: that gives each its line, keeps doubled
//! keys visible (a rule with two `allow` must not load), and lets one reading report many faults.

use serde::de::Deserializer as _;
use serde_json::value::RawValue;

use super::fault::{Fault, nearest};
use super::raw::{Elements, Pairs};
use crate::limits;

/// One value of the document.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    raw: &'a str,
    pub(super) pointer: String,
}

impl<'a> Node<'a> {
    /// The value one step further in; steps are escaped by RFC 6901.
    fn child(&self, step: &str, raw: &'a str) -> Node<'a> {
        let step = step.replace('~', "~0").replace('/', "~1");
        Node { raw, pointer: format!("{}/{step}", self.pointer) }
    }

    pub(super) fn is_string(&self) -> bool {
        self.raw.starts_with('"')
    }

    pub(super) fn is_array(&self) -> bool {
        self.raw.starts_with('[')
    }

    pub(super) fn is_true(&self) -> bool {
        self.raw == "true"
    }
}

/// The members of an object, each under its key.
pub(super) struct Members<'a> {
    object: Node<'a>,
    members: Vec<(String, Node<'a>)>,
}

impl<'a> Members<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.members.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Node<'a>)> {
        self.members.iter().map(|(key, node)| (key.as_str(), node))
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }
}

/// Takes values apart and collects what is wrong with them.
pub(super) struct Reader<'a> {
    text: &'a str,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Reader { text, faults: Vec::new() }
    }

    /// The whole document, if it is JSON.
    pub(super) fn root(&mut self) -> Option<Node<'a>> {
        if self.text.len() > limits::DOCUMENT {
            let found = format!("{} bytes", self.text.len());
            let expected = format!("at most {}", limits::DOCUMENT);
            self.push(String::new(), 1, found, expected, None);
            return None;
        }
        match serde_json::from_str::<&RawValue>(self.text) {
            Ok(raw) => Some(Node { raw: raw.get(), pointer: String::new() }),
            Err(error) => {
                let line = error.line().max(1);
                self.push(String::new(), line, error.to_string(), "JSON".to_owned(), None);
                None
            }
        }
    }

    /// What is wrong, in the order of the text.
    pub(super) fn finish(mut self) -> Vec<Fault> {
        self.faults.sort_by_key(|fault| fault.line);
        self.faults
    }

    pub(super) fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Enough has been said; the rest of the document is not read.
    pub(super) fn is_full(&self) -> bool {
        self.faults.len() >= limits::FAULTS
    }

    /// Notes that `node` should have been something else.
    pub(super) fn fault(&mut self, node: &Node<'_>, expected: impl Into<String>) {
        self.push(
            node.pointer.clone(),
            self.line(node),
            shortened(node.raw),
            expected.into(),
            None,
        );
    }

    /// The same where one of `words` was expected.
    pub(super) fn unknown(&mut self, node: &Node<'_>, word: &str, words: &[&str]) {
        let near = nearest(word, words.iter().copied());
        let found = shortened(&format!("{word:?}"));
        self.push(node.pointer.clone(), self.line(node), found, one_of(words), near);
    }

    /// The members of an object with none but `keys`.
    pub(super) fn object(&mut self, node: &Node<'a>, keys: &[&str]) -> Option<Members<'a>> {
        let found = self.members(node)?;
        for (key, value) in found.iter() {
            if !keys.contains(&key) {
                self.unknown_key(value, key, keys);
            }
        }
        Some(found)
    }

    pub(super) fn unknown_key(&mut self, value: &Node<'_>, key: &str, keys: &[&str]) {
        let near = nearest(key, keys.iter().copied());
        let found = format!("the unknown key {}", shortened(&format!("{key:?}")));
        self.push(value.pointer.clone(), self.line(value), found, one_of(keys), near);
    }

    /// The members of any object without a doubled key.
    pub(super) fn members(&mut self, node: &Node<'a>) -> Option<Members<'a>> {
        let mut json = serde_json::Deserializer::from_str(node.raw);
        let Ok(pairs) = json.deserialize_map(Pairs) else {
            self.fault(node, "an object");
            return None;
        };
        let mut members: Vec<(String, Node<'a>)> = Vec::with_capacity(pairs.len());
        let mut seen = std::collections::HashSet::with_capacity(pairs.len());
        for (key, raw) in pairs {
            let value = node.child(&key, raw.get());
            if seen.insert(key.clone()) {
                members.push((key, value));
            } else {
                self.fault(&value, format!("the key {key:?} only once"));
            }
        }
        Some(Members { object: node.clone(), members })
    }

    /// The member that has to be there.
    pub(super) fn required<'m>(
        &mut self,
        members: &'m Members<'a>,
        key: &str,
    ) -> Option<&'m Node<'a>> {
        let found = members.get(key);
        if found.is_none() {
            let Node { pointer, .. } = members.object.clone();
            let line = self.line(&members.object);
            self.push(pointer, line, "no such key".to_owned(), format!("the key {key:?}"), None);
        }
        found
    }

    /// The elements of an array.
    pub(super) fn array(&mut self, node: &Node<'a>) -> Option<Vec<Node<'a>>> {
        let mut json = serde_json::Deserializer::from_str(node.raw);
        let Ok(elements) = json.deserialize_seq(Elements) else {
            self.fault(node, "an array");
            return None;
        };
        let child = |(at, raw): (usize, &'a RawValue)| node.child(&at.to_string(), raw.get());
        Some(elements.into_iter().enumerate().map(child).collect())
    }

    /// The elements of an array that is not empty, or the one value that stands for such an array.
    pub(super) fn one_or_more(&mut self, node: &Node<'a>) -> Option<Vec<Node<'a>>> {
        if !node.is_array() {
            return Some(vec![node.clone()]);
        }
        let elements = self.array(node)?;
        if elements.is_empty() {
            self.fault(node, "at least one value");
            return None;
        }
        Some(elements)
    }

    pub(super) fn string(&mut self, node: &Node<'a>) -> Option<String> {
        let found = serde_json::from_str(node.raw).ok();
        if found.is_none() {
            self.fault(node, "a string");
        }
        found
    }

    /// A string that is not empty and has nothing in it that deceives the eye.
    pub(super) fn text(&mut self, node: &Node<'a>) -> Option<String> {
        let found = self.string(node)?;
        if found.trim().is_empty() || crate::identity::plain_text(&found).is_err() {
            self.fault(node, "text without control or invisible characters");
            return None;
        }
        Some(found)
    }

    pub(super) fn number(&mut self, node: &Node<'a>) -> Option<u32> {
        let found = serde_json::from_str(node.raw).ok();
        if found.is_none() {
            self.fault(node, "a whole number");
        }
        found
    }

    /// A string that is one of `words`.
    pub(super) fn word<'w>(&mut self, node: &Node<'a>, words: &[&'w str]) -> Option<&'w str> {
        let found = self.string(node)?;
        let known = words.iter().copied().find(|word| *word == found);
        if known.is_none() {
            self.unknown(node, &found, words);
        }
        known
    }

    fn push(
        &mut self,
        pointer: String,
        line: usize,
        found: String,
        expected: String,
        nearest: Option<String>,
    ) {
        if !self.is_full() {
            self.faults.push(Fault { pointer, line, found, expected, nearest });
        }
    }

    pub(super) fn line(&self, node: &Node<'_>) -> usize {
        // Both are slices of one text; should they not be, the line is the first.
        let offset = node.raw.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1)
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [word] => (*word).to_owned(),
        _ => format!("one of {}", words.join(", ")),
    }
}

fn shortened(text: &str) -> String {
    const LETTERS: usize = 60;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LETTERS {
        return line;
    }
    line.chars().take(LETTERS).chain(['…']).collect()
}
