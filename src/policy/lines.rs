//! Where things stand in a document's text.

use std::collections::HashMap;

use super::reader::{Node, Reader};

/// The text of a document, looked up by JSON pointers.
pub struct Lines<'a> {
    reader: Reader<'a>,
    root: Option<Node<'a>>,
    /// Arrays that were taken apart already, by their pointer.
    arrays: HashMap<String, Vec<Node<'a>>>,
}

impl<'a> Lines<'a> {
    /// Begins with a text.
    pub fn of(text: &'a str) -> Self {
        let mut reader = Reader::new(text);
        let root = reader.root();
        Lines { reader, root, arrays: HashMap::new() }
    }

    /// The line of the value that a pointer leads to, counted from 1; none where there is no such
    /// value. Keys with `~` or `/` are not looked for.
    pub fn line(&mut self, pointer: &str) -> Option<usize> {
        let mut node = self.root.clone()?;
        for token in pointer.split('/').skip(1) {
            if !node.is_array() {
                node = self.reader.members(&node)?.get(token)?.clone();
                continue;
            }
            if !self.arrays.contains_key(&node.pointer) {
                let elements = self.reader.array(&node)?;
                self.arrays.insert(node.pointer.clone(), elements);
            }
            let elements = self.arrays.get(&node.pointer)?;
            node = elements.get(token.parse::<usize>().ok()?)?.clone();
        }
        Some(self.reader.line(&node))
    }
}
