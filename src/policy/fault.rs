//! What is wrong with a document, said so that one can correct it.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the value.
    pub pointer: String,
    /// Line of the text, the first is 1.
    pub line: usize,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
    /// The known word that is most like what was found.
    pub nearest: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "line {}, {place}: found {}, expected {}", self.line, self.found, self.expected)?;
        match &self.nearest {
            Some(word) => write!(f, ". Did you mean {word}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// The word that `found` was most likely meant to be.
pub(super) fn nearest<'a>(found: &str, words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = found.to_lowercase();
    // One slip in a short word, two in a longer one; everything is near to a long limit.
    let slips = if wanted.chars().count() < 5 { 1 } else { 2 };
    words
        .into_iter()
        .map(|word| (distance(&wanted, &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= slips)
        .min()
        .map(|(_, word)| word.to_owned())
}

/// How many letters to add, take away or change (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    if from.len().abs_diff(to.len()) > 8 {
        return usize::MAX;
    }
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.chars().enumerate() {
        let mut diagonal = above;
        let mut left = above.saturating_add(1);
        let mut next = vec![left];
        for (other, up) in to.iter().zip(row.iter().skip(1)) {
            let changed = if letter == *other { diagonal } else { diagonal.saturating_add(1) };
            left = changed.min(up.saturating_add(1)).min(left.saturating_add(1));
            next.push(left);
            diagonal = *up;
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
