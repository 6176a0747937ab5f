//! What is remembered, and no more of it than there is room for.

use std::collections::HashMap;
use std::mem;

/// A map with room for so many bytes. What is asked for stays, whatever else comes: an entry leaves
/// when others have filled half of the room since it was last asked for.
pub struct Bounded<T> {
    half: usize,
    young: Generation<T>,
    /// Was full, and goes as soon as the young one is.
    old: Generation<T>,
}

struct Generation<T> {
    entries: HashMap<String, Entry<T>>,
    bytes: usize,
}

struct Entry<T> {
    value: T,
    bytes: usize,
}

impl<T> Bounded<T> {
    /// Room for so many bytes. One entry is remembered even if it is larger than half of that.
    pub fn new(bytes: usize) -> Self {
        Bounded { half: bytes / 2, young: Generation::new(), old: Generation::new() }
    }

    /// What is remembered under a key.
    pub fn get(&mut self, key: &str) -> Option<&mut T> {
        if !self.young.entries.contains_key(key) {
            let (key, entry) = self.old.take(key)?;
            self.put(key, entry);
        }
        self.young.entries.get_mut(key).map(|entry| &mut entry.value)
    }

    /// Remembers a value that takes so many bytes, with its key.
    pub fn insert(&mut self, key: String, value: T, bytes: usize) {
        self.remove(&key);
        self.put(key, Entry { value, bytes });
    }

    /// Forgets what is remembered under a key.
    pub fn remove(&mut self, key: &str) {
        self.young.take(key);
        self.old.take(key);
    }

    /// All that is remembered.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut T)> {
        let all = self.young.entries.iter_mut().chain(&mut self.old.entries);
        all.map(|(key, entry)| (key, &mut entry.value))
    }

    fn put(&mut self, key: String, entry: Entry<T>) {
        if self.young.bytes.saturating_add(entry.bytes) > self.half {
            self.old = mem::replace(&mut self.young, Generation::new());
        }
        self.young.bytes = self.young.bytes.saturating_add(entry.bytes);
        self.young.entries.insert(key, entry);
    }
}

impl<T> Generation<T> {
    fn new() -> Self {
        Generation { entries: HashMap::new(), bytes: 0 }
    }

    fn take(&mut self, key: &str) -> Option<(String, Entry<T>)> {
        let (key, entry) = self.entries.remove_entry(key)?;
        self.bytes = self.bytes.saturating_sub(entry.bytes);
        Some((key, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl<T> Bounded<T> {
        /// Bytes that are remembered.
        pub(crate) fn bytes(&self) -> usize {
            let all = self.young.entries.values().chain(self.old.entries.values());
            let bytes = all.map(|entry| entry.bytes).sum();
            assert_eq!(bytes, self.young.bytes.saturating_add(self.old.bytes));
            bytes
        }
    }

    #[test]
    fn there_is_never_more_than_there_is_room_for() {
        let mut all = Bounded::new(1_000);
        for n in 0..5_000 {
            all.insert(format!("{}", n % 700), n, n % 97);
            all.get(&format!("{}", n / 3 % 700));
            if n % 5 == 0 {
                all.remove(&format!("{}", n / 2 % 700));
            }
            assert!(all.bytes() <= 1_000);
        }
        assert!(all.bytes() > 500 && all.iter_mut().count() > 10);
    }

    #[test]
    fn what_is_in_use_stays_whatever_comes_beside_it() {
        let mut all = Bounded::new(1_000);
        all.insert("in use".into(), 0, 10);
        all.insert("forgotten".into(), 0, 10);
        for n in 1..1_000 {
            all.insert(format!("{n}"), n, 100);
            assert_eq!(all.get("in use"), Some(&mut 0));
            assert_eq!(all.get(&n.to_string()), Some(&mut n.clone()));
        }
        assert_eq!(all.get("forgotten"), None);
        assert!(all.bytes() <= 1_000);
    }

    #[test]
    fn an_entry_takes_the_place_of_the_one_before() {
        let mut all = Bounded::new(1_000);
        for (value, bytes) in [(1, 100), (2, 450), (3, 20)] {
            all.insert("a".into(), value, bytes);
            assert_eq!((all.get("a").copied(), all.bytes()), (Some(value), bytes));
        }
        all.remove("a");
        assert_eq!(all.get("a"), None);
        assert_eq!(all.bytes(), 0);
    }

    #[test]
    fn two_entries_of_any_size_are_remembered() {
        let mut all = Bounded::new(1_000);
        for turn in 0..3 {
            for name in ["a", "b"] {
                if turn == 0 {
                    all.insert(name.into(), 7, 5_000);
                }
                assert_eq!(all.get(name), Some(&mut 7));
            }
        }
        all.insert("c".into(), 7, 5_000);
        assert_eq!(all.iter_mut().count(), 2);
    }
}
