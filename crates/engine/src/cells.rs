//! Which entry of a column each person has.
//!
//! Keys that many people have are an array over all slots, so that a condition is one pass over
//! memory; rare keys are a map, so that a thousand keys on one person each cost next to nothing.

use std::collections::BTreeMap;

/// An array is used once this fraction of all slots is filled (one in eight).
const DENSE_FROM: usize = 8;

/// Slot → entry.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Entry + 1 by slot; 0 is empty. With the number of filled ones.
    Dense(Vec<u32>, usize),
    /// The filled ones only.
    Sparse(BTreeMap<u32, u32>),
}

impl Default for Cells {
    fn default() -> Self {
        Self::Sparse(BTreeMap::new())
    }
}

impl Cells {
    /// The entry in a slot.
    pub fn get(&self, slot: u32) -> Option<u32> {
        match self {
            Self::Dense(cells, _) => cells
                .get(slot as usize)
                .copied()
                .unwrap_or(0)
                .checked_sub(1),
            Self::Sparse(cells) => cells.get(&slot).copied(),
        }
    }

    /// Fills a slot and gives back what was in it. `slots` is how many slots there are in all.
    pub fn set(&mut self, slot: u32, entry: u32, slots: usize) -> Option<u32> {
        match self {
            Self::Dense(cells, filled) => {
                if cells.len() <= slot as usize {
                    // Grow with the table of slots, not by one.
                    cells.resize((slots.max(slot as usize + 1)).next_multiple_of(64), 0);
                }
                let before = std::mem::replace(&mut cells[slot as usize], entry + 1).checked_sub(1);
                *filled += usize::from(before.is_none());
                before
            }
            Self::Sparse(cells) => {
                let before = cells.insert(slot, entry);
                if cells.len() * DENSE_FROM > slots.max(64) {
                    let mut dense = vec![0; slots.max(slot as usize + 1)];
                    cells
                        .iter()
                        .for_each(|(&slot, &entry)| dense[slot as usize] = entry + 1);
                    *self = Self::Dense(dense, cells.len());
                }
                before
            }
        }
    }

    /// Empties a slot and gives back what was in it.
    pub fn clear(&mut self, slot: u32) -> Option<u32> {
        match self {
            Self::Dense(cells, filled) => {
                let before = cells
                    .get_mut(slot as usize)
                    .map(std::mem::take)
                    .unwrap_or(0)
                    .checked_sub(1);
                *filled -= usize::from(before.is_some());
                if *filled * DENSE_FROM * 4 < cells.len() {
                    let sparse = filled_cells(cells).collect();
                    *self = Self::Sparse(sparse);
                }
                before
            }
            Self::Sparse(cells) => cells.remove(&slot),
        }
    }

    /// Calls `then` with every filled slot and its entry, in the order of slots.
    pub fn each(&self, mut then: impl FnMut(u32, u32)) {
        match self {
            Self::Dense(cells, _) => {
                filled_cells(cells).for_each(|(slot, entry)| then(slot, entry))
            }
            Self::Sparse(cells) => cells.iter().for_each(|(&slot, &entry)| then(slot, entry)),
        }
    }
}

fn filled_cells(cells: &[u32]) -> impl Iterator<Item = (u32, u32)> + '_ {
    cells
        .iter()
        .enumerate()
        .filter_map(|(slot, &cell)| Some((slot as u32, cell.checked_sub(1)?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a plain map, back and forth between both forms.
        #[test]
        fn it_behaves_like_a_map(steps in prop::collection::vec((0..200u32, prop::option::weighted(0.6, 0..9u32)), 0..600)) {
            let mut cells = Cells::default();
            let mut model = BTreeMap::new();
            for (slot, entry) in steps {
                match entry {
                    Some(entry) => prop_assert_eq!(cells.set(slot, entry, 200), model.insert(slot, entry)),
                    None => prop_assert_eq!(cells.clear(slot), model.remove(&slot)),
                }
            }
            let mut all = BTreeMap::new();
            cells.each(|slot, entry| { all.insert(slot, entry); });
            prop_assert_eq!(&all, &model);
            for slot in 0..200 {
                prop_assert_eq!(cells.get(slot), model.get(&slot).copied());
            }
        }
    }
}
