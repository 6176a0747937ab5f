//! The rules, arranged by the segments of their patterns.
//!
//! A walk along a path meets only rules whose pattern agrees with the path so far: the rest of the
//! document costs nothing.

use std::borrow::Cow;
use std::collections::HashMap;

use super::document::{Effect, Rule};
use super::pattern::Segment;

/// A tree whose edges are segments; each node holds the rules whose pattern ends there.
#[derive(Clone, Debug)]
pub(super) struct Index {
    nodes: Vec<Node>,
    case: Case,
}

/// Whether the application tells `/HR` from `/hr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Kept,
    Ignored,
}

impl Case {
    /// The spelling that stands for all that are one. By way of capitals, because several small
    /// letters may share one: the long s is an S there, as on Windows' file systems.
    pub(super) fn fold<'t>(self, text: &'t str) -> Cow<'t, str> {
        match self {
            Case::Kept => Cow::Borrowed(text),
            Case::Ignored => Cow::Owned(text.to_lowercase().to_uppercase().to_lowercase()),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Node {
    literal: HashMap<Box<str>, usize>,
    any: Option<usize>,
    /// Allow and public rules for exactly this path.
    here: Vec<usize>,
    /// Allow and public rules for this path and all below: `**`.
    below: Vec<usize>,
    /// Denies; each speaks for its subtree, however it was written.
    denies: Vec<usize>,
    /// Whether a deny stands here or further down.
    leads_to_deny: bool,
}

impl Index {
    pub(super) fn new(rules: &[Rule], case: Case) -> Self {
        let mut index = Index { nodes: vec![Node::default()], case };
        for (place, rule) in rules.iter().enumerate() {
            index.insert(place, rule);
        }
        // The answer must not depend on the order of the document, nor may the rule it names.
        for node in &mut index.nodes {
            for list in [&mut node.here, &mut node.below, &mut node.denies] {
                if list.len() > 1 {
                    list.sort_by_cached_key(|place| rules.get(*place).map(Rule::sort_key));
                }
            }
        }
        index
    }

    fn insert(&mut self, place: usize, rule: &Rule) {
        let denies = matches!(rule.effect(), Effect::Deny(_));
        let mut at = 0;
        for segment in rule.pattern().segments() {
            self.mark(at, denies);
            at = self.child(at, segment);
        }
        self.mark(at, denies);
        let Some(node) = self.nodes.get_mut(at) else { return };
        match rule.effect() {
            Effect::Deny(_) => node.denies.push(place),
            _ if rule.pattern().is_open() => node.below.push(place),
            _ => node.here.push(place),
        }
    }

    fn mark(&mut self, at: usize, denies: bool) {
        if let Some(node) = self.nodes.get_mut(at) {
            node.leads_to_deny |= denies;
        }
    }

    /// The node behind a segment, made if need be.
    fn child(&mut self, at: usize, segment: &Segment) -> usize {
        let new = self.nodes.len();
        let case = self.case;
        let Some(node) = self.nodes.get_mut(at) else { return at };
        let child = match segment {
            Segment::Literal(name) => *node.literal.entry(case.fold(name).into()).or_insert(new),
            Segment::Any => *node.any.get_or_insert(new),
        };
        if child == new {
            self.nodes.push(Node::default());
        }
        child
    }

    /// Whether the application takes `/HR` and `/hr` for one.
    pub(super) fn ignores_case(&self) -> bool {
        self.case == Case::Ignored
    }

    /// An index of other rules, with letters treated alike.
    pub(super) fn of(&self, rules: &[Rule]) -> Index {
        Index::new(rules, self.case)
    }

    /// A decoded path as [`Index::walk`] takes it.
    pub(super) fn fold<'t>(&self, path: &'t str) -> Cow<'t, str> {
        self.case.fold(path)
    }

    /// Walks along a path that was folded.
    pub(super) fn walk<'i>(&'i self, path: &'i str) -> Walk<'i> {
        let stack = self.nodes.first().map(|root| Frame::Node(root, path)).into_iter().collect();
        Walk { index: self, stack, denies_only: false }
    }
}

/// Rules that cover the path.
pub(super) enum Step<'i> {
    /// Denies, all of which count.
    Denies(&'i [usize]),
    /// Allow and public rules of one pattern. More specific ones come first.
    Opens(&'i [usize]),
}

enum Frame<'i> {
    Node(&'i Node, &'i str),
    Opens(&'i [usize]),
}

/// A depth-first walk: a literal before `*`, `*` before `**`.
pub(super) struct Walk<'i> {
    index: &'i Index,
    stack: Vec<Frame<'i>>,
    denies_only: bool,
}

impl Walk<'_> {
    /// From here on only denies matter.
    pub(super) fn denies_only(&mut self) {
        self.denies_only = true;
    }
}

impl<'i> Iterator for Walk<'i> {
    type Item = Step<'i>;

    fn next(&mut self) -> Option<Step<'i>> {
        loop {
            match self.stack.pop()? {
                Frame::Opens(_) if self.denies_only => {}
                Frame::Opens(rules) => return Some(Step::Opens(rules)),
                Frame::Node(node, _) if self.denies_only && !node.leads_to_deny => {}
                Frame::Node(node, rest) => {
                    self.descend(node, rest);
                    if !node.denies.is_empty() {
                        return Some(Step::Denies(&node.denies));
                    }
                }
            }
        }
    }
}

impl<'i> Walk<'i> {
    /// Puts on the stack what comes after a node, the most specific on top.
    fn descend(&mut self, node: &'i Node, rest: &'i str) {
        if !node.below.is_empty() {
            self.stack.push(Frame::Opens(&node.below));
        }
        let rest = rest.trim_start_matches('/');
        if rest.is_empty() {
            if !node.here.is_empty() {
                self.stack.push(Frame::Opens(&node.here));
            }
            return;
        }
        let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let children = [node.any, node.literal.get(name).copied()];
        for child in children.into_iter().flatten() {
            self.stack.extend(self.index.nodes.get(child).map(|node| Frame::Node(node, rest)));
        }
    }
}
