//! A set of small integers: slots of people, or entries of a column.

/// A set of `u32` below a fixed size, one bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// An empty set with room for `0..size`.
    pub fn new(size: usize) -> Self {
        Self {
            words: vec![0; size.div_ceil(64)],
        }
    }

    /// Whether it was made without room for anything.
    pub(crate) fn is_unset(&self) -> bool {
        self.words.is_empty()
    }

    /// Adds a member. It must be below the size.
    pub fn insert(&mut self, member: u32) {
        self.words[member as usize / 64] |= 1 << (member % 64);
    }

    /// Takes a member away. It must be below the size.
    pub fn remove(&mut self, member: u32) {
        self.words[member as usize / 64] &= !(1 << (member % 64));
    }

    /// Whether it is a member; anything beyond the size is not.
    pub fn contains(&self, member: u32) -> bool {
        self.words
            .get(member as usize / 64)
            .is_some_and(|word| word >> (member % 64) & 1 == 1)
    }

    /// Keeps only the members of both.
    pub fn intersect(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word &= other);
    }

    /// Adds the members of the other.
    pub fn unite(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word |= other);
    }

    /// Takes the members of the other away.
    pub fn subtract(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word &= !other);
    }

    /// The members, ascending.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        let in_word = |(at, &word): (usize, &u64)| {
            let left = |word: u64| (word != 0).then_some(word);
            let rest = std::iter::successors(left(word), move |rest| left(rest & (rest - 1)));
            rest.map(move |rest| at as u32 * 64 + rest.trailing_zeros())
        };
        self.words.iter().enumerate().flat_map(in_word)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }
}

impl FromIterator<u32> for BitSet {
    fn from_iter<I: IntoIterator<Item = u32>>(members: I) -> Self {
        let mut set = Self::default();
        for member in members {
            let needed = member as usize / 64 + 1;
            if set.words.len() < needed {
                set.words.resize(needed, 0);
            }
            set.insert(member);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_combined_whatever_their_sizes() {
        let set = |members: &[u32]| members.iter().copied().collect::<BitSet>();
        let (small, large) = (set(&[1, 2]), set(&[2, 200]));
        for (combine, expected) in [
            (BitSet::intersect as fn(&mut BitSet, &BitSet), vec![2]),
            (BitSet::unite, vec![1, 2, 200]),
            (BitSet::subtract, vec![1]),
        ] {
            let mut combined = small.clone();
            combine(&mut combined, &large);
            let members: Vec<u32> = (0..300)
                .filter(|&member| combined.contains(member))
                .collect();
            assert_eq!(members, expected);
        }
    }

    #[test]
    fn members_are_found_and_counted() {
        let set: BitSet = [0, 63, 64, 200].into_iter().collect();
        assert_eq!(set.len(), 4);
        assert!(set.contains(63) && set.contains(200));
        assert!(!set.contains(1) && !set.contains(100_000));
    }
}
