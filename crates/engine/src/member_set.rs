//! The people of a static cohort.

use std::fmt;

use crate::persistent::SortedChunks;

/// Numbers of people, ascending. Clones share what neither side changes, so that a cohort of a million people
/// can lose one of them without being copied.
#[derive(Clone, Default)]
pub struct MemberSet(SortedChunks<i64, 256>);

impl MemberSet {
    /// How many people there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a person is one of them.
    pub fn contains(&self, person: &i64) -> bool {
        self.0.find(|other| other.cmp(person)).is_some()
    }

    /// Adds a person; says whether it was not there.
    pub fn insert(&mut self, person: i64) -> bool {
        let before = self.0.insert(person, |other| other.cmp(&person));
        before.is_none()
    }

    /// Removes a person; says whether it was there.
    pub fn remove(&mut self, person: &i64) -> bool {
        self.0.remove(|other| other.cmp(person)).is_some()
    }

    /// Removes the people that are not to be kept.
    pub fn retain(&mut self, keeps: impl Fn(&i64) -> bool) {
        let gone: Vec<i64> = self
            .iter()
            .copied()
            .filter(|person| !keeps(person))
            .collect();
        for person in gone {
            self.remove(&person);
        }
    }

    /// The people.
    pub fn iter(&self) -> impl Iterator<Item = &i64> {
        self.0.iter()
    }
}

impl FromIterator<i64> for MemberSet {
    fn from_iter<I: IntoIterator<Item = i64>>(people: I) -> Self {
        let mut people: Vec<i64> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        Self(SortedChunks::from_sorted(&people))
    }
}

impl<'a> IntoIterator for &'a MemberSet {
    type Item = &'a i64;
    type IntoIter = Box<dyn Iterator<Item = &'a i64> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl<const N: usize> From<[i64; N]> for MemberSet {
    fn from(people: [i64; N]) -> Self {
        people.into_iter().collect()
    }
}

impl PartialEq for MemberSet {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for MemberSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a plain set; an older clone stays what it was.
        #[test]
        fn it_behaves_like_a_set(
            first in prop::collection::vec(0..99i64, 0..60),
            steps in prop::collection::vec((0..99i64, any::<bool>()), 0..200),
            modulus in 1..5i64,
        ) {
            let mut set: MemberSet = first.iter().copied().collect();
            let mut model: BTreeSet<i64> = first.into_iter().collect();
            let older = (set.clone(), model.clone());
            for (person, adds) in steps {
                if adds {
                    prop_assert_eq!(set.insert(person), model.insert(person));
                } else {
                    prop_assert_eq!(set.remove(&person), model.remove(&person));
                }
                prop_assert_eq!(set.contains(&person), adds);
            }
            let keeps = |person: &i64| person % modulus == 0;
            set.retain(keeps);
            model.retain(keeps);
            for (set, model) in [(set, model), older] {
                prop_assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
                prop_assert!(set.iter().eq(&model));
                prop_assert_eq!(set, model.into_iter().collect());
            }
        }
    }
}
