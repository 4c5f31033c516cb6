//! A vector in leaves of a fixed size.

use std::iter::{once, repeat_with};
use std::ops::{Index, Range};
use std::sync::Arc;

/// Leaves of a node. The first change of a leaf after a clone copies the root, a node, and the leaf: with a
/// million elements in leaves of 1024 these are 61 + 16 pointers and the leaf.
const FANOUT: usize = 16;

/// How many elements the first leaf has room for at first, so that a short vector takes little memory.
const FIRST: usize = 4;

type Leaf<T> = Arc<[T]>;
type Node<T> = Arc<[Leaf<T>]>;

/// A vector that shares its leaves of `LEAF` elements with its clones. All leaves but the last are full.
#[derive(Debug)]
pub(crate) struct CowVec<T, const LEAF: usize> {
    root: Arc<[Node<T>]>,
    len: usize,
}

impl<T, const LEAF: usize> Clone for CowVec<T, LEAF> {
    fn clone(&self) -> Self {
        Self {
            root: Arc::clone(&self.root),
            len: self.len,
        }
    }
}

impl<T, const LEAF: usize> Default for CowVec<T, LEAF> {
    fn default() -> Self {
        Self {
            root: Arc::default(),
            len: 0,
        }
    }
}

impl<T, const LEAF: usize> CowVec<T, LEAF> {
    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The element at an index.
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        (at < self.len).then(|| &self[at])
    }

    /// The elements, leaf by leaf.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &[T]> {
        let mut left = self.len;
        self.root
            .iter()
            .flat_map(|node| node.iter())
            .map(move |leaf| {
                let used = left.min(leaf.len());
                left -= used;
                &leaf[..used]
            })
    }

    /// The elements.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.leaves().flatten()
    }

    /// The ranges of indexes at which this may differ from `other`: the leaves that they do not share.
    pub(crate) fn ranges_not_shared(&self, other: &Self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let len = self.len.max(other.len);
        for number in 0..self.root.len().max(other.root.len()) {
            let (a, b) = (self.root.get(number), other.root.get(number));
            if let (Some(a), Some(b)) = (a, b)
                && Arc::ptr_eq(a, b)
            {
                continue;
            }
            for leaf in 0..FANOUT {
                let start = (number * FANOUT + leaf) * LEAF;
                let leaves = (a.and_then(|a| a.get(leaf)), b.and_then(|b| b.get(leaf)));
                match leaves {
                    (Some(a), Some(b)) if Arc::ptr_eq(a, b) => {}
                    _ if start < len => ranges.push(start..(start + LEAF).min(len)),
                    _ => {}
                }
            }
        }
        // A shared last leaf may be used up to a different element.
        let shorter = self.len.min(other.len);
        let tail = shorter..len.min(shorter.next_multiple_of(LEAF));
        if !tail.is_empty() && !ranges.iter().any(|range| range.contains(&tail.start)) {
            ranges.push(tail);
        }
        ranges
    }
}

impl<T: Clone + Default, const LEAF: usize> CowVec<T, LEAF> {
    /// The element at an index, to be changed.
    ///
    /// # Panics
    ///
    /// If the index is out of bounds.
    pub(crate) fn get_mut(&mut self, at: usize) -> &mut T {
        assert!(at < self.len, "{at} is not below the length {}", self.len);
        let node = &mut Arc::make_mut(&mut self.root)[at / (LEAF * FANOUT)];
        let leaf = &mut Arc::make_mut(node)[at / LEAF % FANOUT];
        &mut Arc::make_mut(leaf)[at % LEAF]
    }

    /// Adds an element at the end.
    pub(crate) fn push(&mut self, element: T) {
        let at = self.len;
        let (node, leaf, slot) = (at / (LEAF * FANOUT), at / LEAF % FANOUT, at % LEAF);
        if node == self.root.len() {
            self.root = self
                .root
                .iter()
                .cloned()
                .chain(once(Arc::default()))
                .collect();
        }
        let node = &mut Arc::make_mut(&mut self.root)[node];
        if leaf == node.len() {
            let room = if at == 0 { FIRST.min(LEAF) } else { LEAF };
            let new = repeat_with(T::default).take(room).collect();
            *node = node.iter().cloned().chain(once(new)).collect();
        }
        let leaf = &mut Arc::make_mut(node)[leaf];
        if slot == leaf.len() {
            let room = (slot * 2).min(LEAF) - slot;
            *leaf = leaf
                .iter()
                .cloned()
                .chain(repeat_with(T::default).take(room))
                .collect();
        }
        Arc::make_mut(leaf)[slot] = element;
        self.len += 1;
    }

    /// Takes the last element.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        let element = std::mem::take(self.get_mut(last));
        self.len = last;
        Some(element)
    }
}

impl<T, const LEAF: usize> Index<usize> for CowVec<T, LEAF> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        // The room behind the last element is no part of the vector, but reading it is no harm either.
        &self.root[at / (LEAF * FANOUT)][at / LEAF % FANOUT][at % LEAF]
    }
}

impl<T: Clone + Default, const LEAF: usize> FromIterator<T> for CowVec<T, LEAF> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut vec = Self::default();
        elements.into_iter().for_each(|element| vec.push(element));
        vec
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Push(u32),
        Pop,
        Set(usize, u32),
        Keep,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => any::<u32>().prop_map(Step::Push),
            2 => Just(Step::Pop),
            4 => (any::<usize>(), any::<u32>()).prop_map(|(at, value)| Step::Set(at, value)),
            1 => Just(Step::Keep),
        ]
    }

    proptest! {
        /// Against a plain vector; the clones kept on the way stay what they were.
        #[test]
        fn clones_are_independent_of_later_changes(steps in prop::collection::vec(step(), 0..600)) {
            let mut vec = CowVec::<u32, 8>::default();
            let mut model = Vec::new();
            let mut kept = vec![(vec.clone(), model.clone())];
            for step in steps {
                match step {
                    Step::Push(value) => { vec.push(value); model.push(value); }
                    Step::Pop => prop_assert_eq!(vec.pop(), model.pop()),
                    Step::Set(at, value) if !model.is_empty() => {
                        let at = at % model.len();
                        *vec.get_mut(at) = value;
                        model[at] = value;
                    }
                    Step::Set(..) => {}
                    Step::Keep => kept.push((vec.clone(), model.clone())),
                }
            }
            kept.push((vec.clone(), model.clone()));
            for (older, values) in &kept {
                prop_assert_eq!(older.len(), values.len());
                prop_assert!(older.iter().eq(values));
                prop_assert!((0..values.len()).all(|at| older[at] == values[at]));
                prop_assert_eq!(older.get(values.len()), None);
                // What is not in the ranges is equal.
                let ranges = vec.ranges_not_shared(older);
                for at in 0..values.len().max(model.len()) {
                    if !ranges.iter().any(|range| range.contains(&at)) {
                        prop_assert_eq!(vec.get(at), older.get(at));
                    }
                }
            }
        }
    }
}
