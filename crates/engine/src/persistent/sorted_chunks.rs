//! A sorted sequence in chunks.

use std::cmp::Ordering;
use std::sync::Arc;

/// A sorted sequence that shares its chunks of at most `CHUNK` elements with its clones. The order is that
/// of the comparisons passed in, which must always be the same one. No chunk is empty.
#[derive(Debug)]
pub(crate) struct SortedChunks<T, const CHUNK: usize> {
    chunks: Arc<Vec<Arc<Vec<T>>>>,
    len: usize,
}

impl<T, const CHUNK: usize> Clone for SortedChunks<T, CHUNK> {
    fn clone(&self) -> Self {
        Self {
            chunks: Arc::clone(&self.chunks),
            len: self.len,
        }
    }
}

impl<T, const CHUNK: usize> Default for SortedChunks<T, CHUNK> {
    fn default() -> Self {
        Self {
            chunks: Arc::default(),
            len: 0,
        }
    }
}

impl<T: Clone, const CHUNK: usize> SortedChunks<T, CHUNK> {
    /// Takes over elements that are sorted.
    pub(crate) fn from_sorted(elements: &[T]) -> Self {
        let chunks = elements.chunks(CHUNK).map(|chunk| Arc::new(chunk.to_vec()));
        Self {
            len: elements.len(),
            chunks: Arc::new(chunks.collect()),
        }
    }

    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The elements, first to last.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The elements, last to first, without the last `skipped` ones. Passes over whole chunks.
    pub(crate) fn iter_back(&self, mut skipped: usize) -> impl Iterator<Item = &T> {
        let mut chunks = self.chunks.len();
        while let Some(chunk) = chunks.checked_sub(1).map(|last| &self.chunks[last]) {
            if chunk.len() > skipped {
                break;
            }
            skipped -= chunk.len();
            chunks -= 1;
        }
        let left = self.chunks[..chunks].iter().rev();
        left.flat_map(|chunk| chunk.iter().rev()).skip(skipped)
    }

    /// The element that compares equal; `compare` says how an element compares to the wanted one.
    pub(crate) fn find(&self, compare: impl Fn(&T) -> Ordering) -> Option<&T> {
        let (chunk, place) = self.place(compare);
        self.chunks.get(chunk)?.get(place.ok()?)
    }

    /// Puts an element where it belongs, in place of the one that compares equal, which is returned.
    pub(crate) fn insert(&mut self, element: T, compare: impl Fn(&T) -> Ordering) -> Option<T> {
        let (number, place) = self.place(compare);
        let chunks = Arc::make_mut(&mut self.chunks);
        let at = match place {
            Ok(at) => {
                let old = &mut Arc::make_mut(&mut chunks[number])[at];
                return Some(std::mem::replace(old, element));
            }
            Err(at) => at,
        };
        self.len += 1;
        let count = chunks.len();
        let Some(chunk) = chunks.get_mut(number) else {
            chunks.push(Arc::new(vec![element]));
            return None;
        };
        if chunk.len() < CHUNK {
            Arc::make_mut(chunk).insert(at, element);
            return None;
        }
        if at == CHUNK && number + 1 == count {
            // What only grows at its end has full chunks.
            chunks.push(Arc::new(vec![element]));
            return None;
        }
        let chunk = Arc::make_mut(chunk);
        let mut upper = chunk.split_off(CHUNK / 2);
        match at.checked_sub(CHUNK / 2) {
            Some(at) if at > 0 => upper.insert(at, element),
            _ => chunk.insert(at, element),
        }
        chunks.insert(number + 1, Arc::new(upper));
        None
    }

    /// Removes the element that compares equal.
    pub(crate) fn remove(&mut self, compare: impl Fn(&T) -> Ordering) -> Option<T> {
        let (number, place) = self.place(compare);
        let at = place.ok()?;
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(&mut chunks[number]);
        let removed = chunk.remove(at);
        let left = chunk.len();
        self.len -= 1;
        let next = chunks.get(number + 1).map(|next| next.len());
        if left == 0 {
            chunks.remove(number);
        } else if left < CHUNK / 4 && next.is_some_and(|next| left + next <= CHUNK / 2) {
            let next = chunks.remove(number + 1);
            Arc::make_mut(&mut chunks[number]).extend_from_slice(&next);
        }
        Some(removed)
    }

    /// The chunk where an element is, and its place there, or the one where it belongs.
    fn place(&self, compare: impl Fn(&T) -> Ordering) -> (usize, Result<usize, usize>) {
        let after = self
            .chunks
            .partition_point(|chunk| compare(&chunk[0]) != Ordering::Greater);
        let number = after.saturating_sub(1);
        let place = match self.chunks.get(number) {
            Some(chunk) => chunk.binary_search_by(compare),
            None => Err(0),
        };
        (number, place)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a map; the clones kept on the way stay what they were.
        #[test]
        fn it_behaves_like_a_sorted_map(
            steps in prop::collection::vec((0..300u32, prop::option::weighted(0.6, any::<u32>())), 0..1000),
            ascending in 0..200u32,
        ) {
            let mut sorted = SortedChunks::<(u32, u32), 8>::default();
            let mut model = BTreeMap::new();
            let mut kept = Vec::new();
            let steps = (0..ascending).map(|key| (key, Some(key))).chain(steps);
            for (at, (key, value)) in steps.enumerate() {
                match value {
                    Some(value) => {
                        let before = sorted.insert((key, value), |other| other.0.cmp(&key));
                        prop_assert_eq!(before.map(|(_, value)| value), model.insert(key, value));
                    }
                    None => {
                        let before = sorted.remove(|other| other.0.cmp(&key));
                        prop_assert_eq!(before.map(|(_, value)| value), model.remove(&key));
                    }
                }
                if at % 100 == 0 {
                    kept.push((sorted.clone(), model.clone()));
                }
            }
            kept.push((sorted, model));
            for (sorted, model) in kept {
                let all: Vec<(u32, u32)> = model.iter().map(|(&key, &value)| (key, value)).collect();
                prop_assert_eq!(sorted.len(), all.len());
                prop_assert_eq!(sorted.is_empty(), all.is_empty());
                prop_assert!(sorted.iter().eq(&all));
                prop_assert!(sorted.chunks.iter().all(|chunk| (1..=8).contains(&chunk.len())));
                for skipped in [0, 1, 7, 30, all.len()] {
                    prop_assert!(sorted.iter_back(skipped).eq(all.iter().rev().skip(skipped)));
                }
                for key in 0..300 {
                    let found = sorted.find(|other| other.0.cmp(&key)).map(|&(_, value)| value);
                    prop_assert_eq!(found, model.get(&key).copied());
                }
                let rebuilt = SortedChunks::<(u32, u32), 8>::from_sorted(&all);
                prop_assert!(rebuilt.iter().eq(sorted.iter()));
            }
        }
    }
}
