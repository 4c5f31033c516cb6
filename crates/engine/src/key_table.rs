//! What is kept for each property key or event name, by its text and by its number.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;

use crate::persistent::{CowVec, HashIndex};

/// Values by key. Clones share what neither side changes; numbers of removed keys are given out again.
#[derive(Clone, Debug)]
pub(crate) struct KeyTable<V> {
    entries: CowVec<Option<KeyEntry<V>>, 16>,
    free: CowVec<u32, 64>,
    index: HashIndex,
    hasher: DefaultHashBuilder,
}

#[derive(Clone, Debug)]
struct KeyEntry<V> {
    key: Arc<str>,
    value: V,
}

impl<V> Default for KeyTable<V> {
    fn default() -> Self {
        Self {
            entries: CowVec::default(),
            free: CowVec::default(),
            index: HashIndex::default(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl<V> KeyTable<V> {
    /// The number that is greater than those of all keys.
    pub(crate) fn size(&self) -> usize {
        self.entries.len()
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// The number of a key.
    pub(crate) fn number(&self, key: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(key) as u32;
        let is_wanted = |number: u32| self.entry(number).is_some_and(|entry| *entry.key == *key);
        self.index.find(hash, is_wanted)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.value(self.number(key)?)
    }

    /// The value of the key with a number.
    pub(crate) fn value(&self, number: u32) -> Option<&V> {
        self.entry(number).map(|entry| &entry.value)
    }

    /// The key with a number, and its value.
    pub(crate) fn pair(&self, number: u32) -> Option<(&str, &V)> {
        let entry = self.entry(number)?;
        Some((&entry.key, &entry.value))
    }

    /// The key with a number.
    pub(crate) fn key(&self, number: u32) -> Option<&str> {
        self.entry(number).map(|entry| &*entry.key)
    }

    /// All keys with their numbers and values, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &str, &V)> {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(number, entry)| {
            let KeyEntry { key, value } = entry.as_ref()?;
            Some((number as u32, &**key, value))
        })
    }

    fn entry(&self, number: u32) -> Option<&KeyEntry<V>> {
        self.entries.get(number as usize)?.as_ref()
    }
}

impl<V: Clone> KeyTable<V> {
    /// The number of a key, which is added if need be, with the value that `make` makes of the number.
    pub(crate) fn number_or_add(&mut self, key: &str, make: impl FnOnce(u32) -> V) -> u32 {
        if let Some(number) = self.number(key) {
            return number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            (self.entries.len() - 1) as u32
        });
        *self.entries.get_mut(number as usize) = Some(KeyEntry {
            key: key.into(),
            value: make(number),
        });
        self.index.insert(self.hasher.hash_one(key) as u32, number);
        number
    }

    /// The value of the key with a number, to be changed.
    pub(crate) fn value_mut(&mut self, number: u32) -> Option<&mut V> {
        self.entry(number)?;
        let entry = self.entries.get_mut(number as usize).as_mut()?;
        Some(&mut entry.value)
    }

    /// Removes a key and gives it back.
    pub(crate) fn remove(&mut self, number: u32) -> Option<Arc<str>> {
        self.entry(number)?;
        let entry = self.entries.get_mut(number as usize).take()?;
        self.index
            .remove(self.hasher.hash_one(&*entry.key) as u32, number);
        self.free.push(number);
        Some(entry.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_removed_keys_are_given_out_again() {
        let mut table = KeyTable::default();
        let a = table.number_or_add("a", |number| number * 10);
        let b = table.number_or_add("b", |number| number * 10);
        let older = table.clone();
        assert_eq!(table.remove(a).as_deref(), Some("a"));
        assert_eq!(
            (table.number("a"), table.value(a), table.len()),
            (None, None, 1)
        );
        assert_eq!(table.number_or_add("c", |_| 7), a);
        assert_eq!(
            (table.get("c"), table.get("b")),
            (Some(&7), Some(&(b * 10)))
        );
        assert_eq!(
            older.iter().collect::<Vec<_>>(),
            [(a, "a", &0), (b, "b", &10)]
        );
    }
}
