//! Small documents that are hard to canonicalise, made from a seed.

const NAMESPACES: [&str; 4] = ["urn:one", "urn:two", "http://x.example/?a=b;c'", "urn:Two"];
const PREFIXES: [&str; 5] = ["", "a", "b", "B", "xs"];
const LOCALS: [&str; 4] = ["p", "q", "P", "\u{E9}\u{10400}"];
const VALUES: [&str; 10] = [
    "",
    "x",
    "a\tb",
    "a\r\nb\rc\nd",
    "&#9;&#10;&#13;",
    "&lt;&amp;>",
    "&quot;&apos;",
    "\u{1F600}\u{FFFD}",
    "e\u{301}",
    "&#x1F600;&#65;",
];
const TEXTS: [&str; 8] = [
    "text",
    " ",
    "\r\n\r\t",
    "a&amp;b",
    "]]&gt;&lt;",
    "&#13;&#xA;",
    "\"'\u{85}\u{2028}",
    "\u{10FFFF}",
];
pub const LISTS: [&[&str]; 6] =
    [&[], &["xs"], &["#default"], &["a", "b", "#default"], &["absent", "B"], &["xs", "a", "xs"]];

/// A linear congruential generator: the same seeds, the same documents.
pub struct Generator(u64);

impl Generator {
    pub fn new(seed: u64) -> Self {
        let mut generator = Generator(seed);
        generator.below(1);
        generator
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn document(&mut self) -> String {
        let mut out = String::new();
        self.element(&mut out, &mut Vec::new(), 0);
        out
    }

    fn element(
        &mut self,
        out: &mut String,
        scope: &mut Vec<(&'static str, &'static str)>,
        depth: usize,
    ) {
        let outer = scope.len();
        for _ in 0..self.below(4) {
            let (prefix, mut namespace) = (self.pick(&PREFIXES), self.pick(&NAMESPACES));
            if prefix.is_empty() && self.below(3) == 0 {
                namespace = "";
            }
            if !scope[outer..].iter().any(|(p, _)| *p == prefix) {
                scope.push((prefix, namespace));
            }
        }
        let name = self.name(scope, true).0;
        let mut attributes: Vec<(String, String)> = Vec::new();
        for (prefix, namespace) in &scope[outer..] {
            let colon = if prefix.is_empty() { "" } else { ":" };
            attributes.push((format!("xmlns{colon}{prefix}"), (*namespace).to_owned()));
        }
        let mut expanded = Vec::new();
        for _ in 0..self.below(5) {
            let (name, key) = self.name(scope, false);
            if !expanded.contains(&key) {
                expanded.push(key);
                attributes.push((name, self.pick(&VALUES).to_owned()));
            }
        }
        if self.below(6) == 0 {
            attributes.push(("xml:lang".to_owned(), "en".to_owned()));
        }
        out.push_str(&format!("<{name}"));
        while !attributes.is_empty() {
            let (name, value) = attributes.swap_remove(self.below(attributes.len()));
            out.push_str(self.pick(&[" ", "\n ", "\t"]));
            out.push_str(&format!("{name}{}\"{value}\"", self.pick(&["=", " = "])));
        }
        let children = if depth > 4 { 0 } else { self.below(4) };
        if children == 0 && self.below(2) == 0 {
            out.push_str("/>");
        } else {
            out.push('>');
            for _ in 0..children {
                self.text(out);
                self.element(out, scope, depth + 1);
            }
            self.text(out);
            out.push_str(&format!("</{name}>"));
        }
        scope.truncate(outer);
    }

    fn text(&mut self, out: &mut String) {
        for _ in 0..self.below(3) {
            out.push_str(self.pick(&TEXTS));
        }
    }

    /// A name as it is written, and its namespace and local name.
    fn name(
        &mut self,
        scope: &[(&'static str, &'static str)],
        element: bool,
    ) -> (String, (&'static str, &'static str)) {
        let local = self.pick(&LOCALS);
        let prefix = self.pick(&PREFIXES);
        let bound = scope.iter().rev().find(|(p, _)| *p == prefix).map(|(_, n)| *n);
        match bound {
            Some(namespace) if !prefix.is_empty() => {
                (format!("{prefix}:{local}"), (namespace, local))
            }
            Some(namespace) if element => (local.to_owned(), (namespace, local)),
            _ => (local.to_owned(), ("", local)),
        }
    }
}
