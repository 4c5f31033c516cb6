//! Finds elements of another collection by their hashes.

use std::iter::once;
use std::sync::Arc;

use super::CowVec;

/// The average length of a full bucket. An insertion copies one bucket and scans it; shorter ones would take
/// more memory for their pointers than for what is in them.
const FULL: usize = 8;

/// A hash and the number of an element.
type Slot = (u32, u32);

/// A hash table of numbers, which grows and shrinks by one bucket at a time (linear hashing), so that no
/// insertion ever rearranges the whole table.
#[derive(Clone, Debug, Default)]
pub(crate) struct HashIndex {
    buckets: CowVec<Arc<[Slot]>, 16>,
    len: usize,
}

impl HashIndex {
    /// The number with this hash that `is_wanted`.
    pub(crate) fn find(&self, hash: u32, is_wanted: impl Fn(u32) -> bool) -> Option<u32> {
        if self.len == 0 {
            return None;
        }
        let bucket = &self.buckets[bucket_of(hash, self.buckets.len())];
        let mut found = bucket.iter().filter(|&&(other, _)| other == hash);
        found
            .find(|&&(_, number)| is_wanted(number))
            .map(|&(_, number)| number)
    }

    /// Adds a number, which must not be there.
    pub(crate) fn insert(&mut self, hash: u32, number: u32) {
        if self.len >= self.buckets.len() * FULL {
            self.grow();
        }
        let bucket = bucket_of(hash, self.buckets.len());
        let bucket = self.buckets.get_mut(bucket);
        *bucket = bucket.iter().copied().chain(once((hash, number))).collect();
        self.len += 1;
    }

    /// Removes a number, if it is there.
    pub(crate) fn remove(&mut self, hash: u32, number: u32) {
        if self.len == 0 {
            return;
        }
        let at = bucket_of(hash, self.buckets.len());
        let bucket = &self.buckets[at];
        if !bucket.contains(&(hash, number)) {
            return;
        }
        let rest = bucket.iter().copied();
        let rest = rest.filter(|&slot| slot != (hash, number)).collect();
        *self.buckets.get_mut(at) = rest;
        self.len -= 1;
        if self.len * 4 < (self.buckets.len() - 1) * FULL {
            self.shrink();
        }
    }

    /// Adds a bucket, which takes its share from one that it divides.
    fn grow(&mut self) {
        let new = self.buckets.len();
        if new == 0 {
            return self.buckets.push(Arc::default());
        }
        let half = greatest_power_of_two(new);
        let divided = &self.buckets[new - half];
        let moves = |&(hash, _): &Slot| hash as usize & (2 * half - 1) == new;
        let moved = divided.iter().copied().filter(moves).collect();
        let rest = divided
            .iter()
            .copied()
            .filter(|slot| !moves(slot))
            .collect();
        *self.buckets.get_mut(new - half) = rest;
        self.buckets.push(moved);
    }

    /// Gives what is in the last bucket back to the one that it was divided from.
    fn shrink(&mut self) {
        let Some(last) = self.buckets.pop().filter(|_| !self.buckets.is_empty()) else {
            return;
        };
        let removed = self.buckets.len();
        let bucket = self
            .buckets
            .get_mut(removed - greatest_power_of_two(removed));
        *bucket = bucket.iter().chain(last.iter()).copied().collect();
    }
}

/// Where a hash belongs among `buckets`.
fn bucket_of(hash: u32, buckets: usize) -> usize {
    let half = greatest_power_of_two(buckets);
    let bucket = hash as usize & (2 * half - 1);
    if bucket < buckets {
        bucket
    } else {
        hash as usize & (half - 1)
    }
}

/// The greatest power of two that is at most `n`, which is not 0.
fn greatest_power_of_two(n: usize) -> usize {
    1 << n.ilog2()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a map, with hashes of which many are equal or share their low bits.
        #[test]
        fn it_finds_what_was_inserted_and_clones_stay(
            steps in prop::collection::vec((0..400u32, prop::bool::weighted(0.6)), 0..1200),
            shift in 0..6u32,
        ) {
            let hash = |number: u32| (number / 2) << shift;
            let mut index = HashIndex::default();
            let mut model = BTreeMap::new();
            let mut kept = Vec::new();
            for (at, (number, inserts)) in steps.into_iter().enumerate() {
                match (inserts, model.contains_key(&number)) {
                    (true, false) => { index.insert(hash(number), number); model.insert(number, ()); }
                    (false, _) => { index.remove(hash(number), number); model.remove(&number); }
                    _ => {}
                }
                if at % 100 == 0 {
                    kept.push((index.clone(), model.clone()));
                }
            }
            kept.push((index, model));
            for (index, model) in kept {
                prop_assert_eq!(index.len, model.len());
                for number in 0..400 {
                    let found = index.find(hash(number), |other| other == number);
                    prop_assert_eq!(found.is_some(), model.contains_key(&number));
                }
            }
        }
    }
}
