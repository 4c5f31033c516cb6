//! Sets of property keys: which keys a person or an event has.
//!
//! Most people, and most events of a name, have the same keys. So each holds the number of its set.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;

use crate::persistent::{CowVec, HashIndex};

/// The set without keys.
pub(crate) const EMPTY: u32 = 0;

/// Reference-counted lists of key numbers. Clones share what neither side changes.
#[derive(Clone, Debug)]
pub(crate) struct KeySets {
    sets: CowVec<KeySet, 32>,
    free: CowVec<u32, 64>,
    index: HashIndex,
    hasher: DefaultHashBuilder,
}

#[derive(Clone, Debug, Default)]
struct KeySet {
    keys: Arc<[u32]>,
    holders: u32,
}

impl Default for KeySets {
    fn default() -> Self {
        let mut sets = Self {
            sets: CowVec::default(),
            free: CowVec::default(),
            index: HashIndex::default(),
            hasher: DefaultHashBuilder::default(),
        };
        // It stays, whether anything holds it or not.
        sets.hold(&[]);
        sets
    }
}

impl KeySets {
    /// How many numbers of sets have been given out.
    pub(crate) fn len(&self) -> usize {
        self.sets.len()
    }

    /// The keys of a set.
    pub(crate) fn keys(&self, set: u32) -> &Arc<[u32]> {
        &self.sets[set as usize].keys
    }

    /// All sets by number; released ones are empty.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.sets.iter().map(|set| &*set.keys)
    }

    /// The set of some keys, made if need be, with one holder more.
    pub(crate) fn hold(&mut self, keys: &[u32]) -> u32 {
        let set = self.intern(keys);
        self.add_holders(set, 1);
        set
    }

    /// The set of some keys, made if need be, whose holders are not counted yet.
    pub(crate) fn intern(&mut self, keys: &[u32]) -> u32 {
        let hash = self.hash(keys);
        let is_wanted = |set: u32| *self.sets[set as usize].keys == *keys;
        if let Some(set) = self.index.find(hash, is_wanted) {
            return set;
        }
        let set = self.free.pop().unwrap_or_else(|| {
            self.sets.push(KeySet::default());
            (self.sets.len() - 1) as u32
        });
        self.sets.get_mut(set as usize).keys = keys.into();
        self.index.insert(hash, set);
        set
    }

    /// Counts holders of a set.
    pub(crate) fn add_holders(&mut self, set: u32, holders: u32) {
        self.sets.get_mut(set as usize).holders += holders;
    }

    /// Takes holders away; the last one frees the set.
    pub(crate) fn release(&mut self, set: u32, holders: u32) {
        let state = self.sets.get_mut(set as usize);
        state.holders -= holders;
        if state.holders > 0 {
            return;
        }
        let keys = std::mem::take(&mut state.keys);
        self.index.remove(self.hash(&keys), set);
        self.free.push(set);
    }

    fn hash(&self, keys: &[u32]) -> u32 {
        self.hasher.hash_one(keys) as u32
    }
}
