//! Which value each person has of one property key.
//!
//! Keys that many people have are an array over all slots, so that a condition is one pass over
//! memory; rare keys are a sorted list, so that a thousand keys on one person each cost next to nothing.

use crate::persistent::{CowVec, SortedChunks};

/// An array is used once this fraction of all slots is filled (one in eight).
const DENSE_FROM: usize = 8;

/// Slot → entry of the key's dictionary. Clones share what neither side changes.
#[derive(Clone, Debug)]
pub enum ColumnCodes {
    /// An array.
    Dense(Dense),
    /// The filled slots only.
    Sparse(Sparse),
}

/// Entry + 1 by slot; 0 is empty.
#[derive(Clone, Debug, Default)]
pub struct Dense {
    codes: CowVec<u32, 1024>,
    filled: usize,
}

/// Slots with their entries, by slot.
#[derive(Clone, Debug, Default)]
pub struct Sparse(SortedChunks<(u32, u32), 256>);

impl Default for ColumnCodes {
    fn default() -> Self {
        Self::Sparse(Sparse::default())
    }
}

impl ColumnCodes {
    /// The entry in a slot.
    pub fn get(&self, slot: u32) -> Option<u32> {
        match self {
            Self::Dense(dense) => dense.codes.get(slot as usize)?.checked_sub(1),
            Self::Sparse(Sparse(codes)) => {
                let found = codes.find(|&(other, _)| other.cmp(&slot));
                found.map(|&(_, entry)| entry)
            }
        }
    }

    /// Fills a slot and gives back what was in it. `slots` is how many slots there are in all.
    pub fn set(&mut self, slot: u32, entry: u32, slots: usize) -> Option<u32> {
        match self {
            Self::Dense(dense) => {
                while dense.codes.len() <= slot as usize {
                    dense.codes.push(0);
                }
                let code = dense.codes.get_mut(slot as usize);
                let before = std::mem::replace(code, entry + 1).checked_sub(1);
                dense.filled += usize::from(before.is_none());
                before
            }
            Self::Sparse(Sparse(codes)) => {
                let before = codes.insert((slot, entry), |&(other, _)| other.cmp(&slot));
                if codes.len() * DENSE_FROM > slots.max(64) {
                    let mut dense = Dense::default();
                    for &(slot, entry) in codes.iter() {
                        while dense.codes.len() < slot as usize {
                            dense.codes.push(0);
                        }
                        dense.codes.push(entry + 1);
                    }
                    dense.filled = codes.len();
                    *self = Self::Dense(dense);
                }
                before.map(|(_, entry)| entry)
            }
        }
    }

    /// Empties a slot and gives back what was in it.
    pub fn clear(&mut self, slot: u32) -> Option<u32> {
        match self {
            Self::Dense(dense) => {
                let before = dense.codes.get(slot as usize)?.checked_sub(1)?;
                *dense.codes.get_mut(slot as usize) = 0;
                dense.filled -= 1;
                if dense.filled * DENSE_FROM * 4 < dense.codes.len() {
                    let mut filled = Vec::with_capacity(dense.filled);
                    self.each(|slot, entry| filled.push((slot, entry)));
                    *self = Self::Sparse(Sparse(SortedChunks::from_sorted(&filled)));
                }
                Some(before)
            }
            Self::Sparse(Sparse(codes)) => {
                let removed = codes.remove(|&(other, _)| other.cmp(&slot));
                removed.map(|(_, entry)| entry)
            }
        }
    }

    /// Calls `then` with every filled slot and its entry, in the order of slots.
    pub fn each(&self, mut then: impl FnMut(u32, u32)) {
        match self {
            Self::Dense(dense) => {
                let mut slot = 0;
                for leaf in dense.codes.leaves() {
                    for code in leaf {
                        if let Some(entry) = code.checked_sub(1) {
                            then(slot, entry);
                        }
                        slot += 1;
                    }
                }
            }
            Self::Sparse(Sparse(codes)) => {
                codes.iter().for_each(|&(slot, entry)| then(slot, entry));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a plain map, back and forth between both forms, while older clones stay what they were.
        #[test]
        fn it_behaves_like_a_map(steps in prop::collection::vec((0..200u32, prop::option::weighted(0.6, 0..9u32)), 0..600)) {
            let mut codes = ColumnCodes::default();
            let mut model = BTreeMap::new();
            let mut kept = Vec::new();
            for (step, (slot, entry)) in steps.into_iter().enumerate() {
                if step % 60 == 0 {
                    kept.push((codes.clone(), model.clone()));
                }
                match entry {
                    Some(entry) => prop_assert_eq!(codes.set(slot, entry, 200), model.insert(slot, entry)),
                    None => prop_assert_eq!(codes.clear(slot), model.remove(&slot)),
                }
            }
            kept.push((codes, model));
            for (codes, model) in kept {
                let mut all = BTreeMap::new();
                codes.each(|slot, entry| { all.insert(slot, entry); });
                prop_assert_eq!(&all, &model);
                for slot in 0..200 {
                    prop_assert_eq!(codes.get(slot), model.get(&slot).copied());
                }
            }
        }
    }
}
