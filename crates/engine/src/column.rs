//! One property key over all people: a dictionary of its distinct values.
//!
//! People hold numbers of entries, entries count the people that hold them. So a condition on a key is
//! tested once per distinct value instead of once per person, the list of a key's values is the
//! dictionary itself, and "contains" is one vectorised pass over a single piece of memory.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use memchr::memmem;

use crate::bits::BitSet;
use crate::value::{Kind, ValueRef};

/// Stands behind every text in the arena. No UTF-8 text contains it, so no match spans two entries.
const SEPARATOR: u8 = 0xFF;

/// Arenas smaller than this are never worth rewriting.
const COMPACT_ABOVE: usize = 64 * 1024;

/// A reference-counted dictionary of texts with their kinds.
#[derive(Clone, Debug, Default)]
pub struct Column {
    entries: Vec<Entry>,
    /// Numbers of released entries, to be given out again.
    free: Vec<u32>,
    /// The lower-cased texts, one behind the other, each followed by [`SEPARATOR`].
    arena: Vec<u8>,
    /// Which entry each piece of the arena belongs to, in arena order: (start, entry).
    /// Pieces of released entries stay until the arena is rewritten.
    pieces: Vec<(usize, u32)>,
    /// Bytes of the arena that belong to released entries.
    dead: usize,
    /// Finds an entry by kind and text.
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

#[derive(Clone, Debug)]
struct Entry {
    /// Where the lower-cased text starts in the arena.
    start: usize,
    /// How long the lower-cased text is.
    len: usize,
    /// The text itself, where lower-casing changed it.
    original: Option<Box<str>>,
    kind: Kind,
    /// How many people hold it; 0 means released.
    holders: u32,
}

impl Column {
    /// The number of entry numbers in use or free: the size of a set of entries.
    pub fn size(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody holds any value.
    pub fn is_unused(&self) -> bool {
        self.free.len() == self.entries.len()
    }

    /// The entry for a text, made if need be, with one holder more.
    pub fn hold(&mut self, kind: Kind, text: &str) -> u32 {
        let hash = self.hasher.hash_one((kind, text));
        if let Some(&entry) = self.find(hash, kind, text) {
            self.entries[entry as usize].holders += 1;
            return entry;
        }
        let lower = text.to_lowercase();
        let made = Entry {
            start: self.arena.len(),
            len: lower.len(),
            original: (lower != text).then(|| text.into()),
            kind,
            holders: 1,
        };
        self.arena.extend_from_slice(lower.as_bytes());
        self.arena.push(SEPARATOR);
        let entry = match self.free.pop() {
            Some(entry) => {
                self.entries[entry as usize] = made;
                entry
            }
            None => {
                self.entries.push(made);
                (self.entries.len() - 1) as u32
            }
        };
        self.pieces
            .push((self.entries[entry as usize].start, entry));
        let Self {
            table,
            entries,
            arena,
            hasher,
            ..
        } = self;
        table.insert_unique(hash, entry, |&other| {
            let other = &entries[other as usize];
            hasher.hash_one((other.kind, other.text(arena)))
        });
        entry
    }

    /// Takes one holder away; the last one frees the entry.
    pub fn release(&mut self, entry: u32) {
        let index = entry as usize;
        self.entries[index].holders -= 1;
        if self.entries[index].holders > 0 {
            return;
        }
        let (kind, len) = (self.entries[index].kind, self.entries[index].len);
        let hash = self
            .hasher
            .hash_one((kind, self.entries[index].text(&self.arena)));
        if let Ok(found) = self.table.find_entry(hash, |&other| other == entry) {
            found.remove();
        }
        self.entries[index].original = None;
        self.free.push(entry);
        self.dead += len + 1;
        if self.dead > COMPACT_ABOVE && self.dead * 2 > self.arena.len() {
            self.compact();
        }
    }

    /// The value of a held entry.
    pub fn value(&self, entry: u32) -> ValueRef<'_> {
        let entry = &self.entries[entry as usize];
        ValueRef {
            kind: entry.kind,
            text: entry.text(&self.arena),
        }
    }

    /// How many people hold the entry.
    pub fn holders(&self, entry: u32) -> u32 {
        self.entries[entry as usize].holders
    }

    /// The entry with exactly this kind and text.
    pub fn lookup(&self, kind: Kind, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one((kind, text));
        self.find(hash, kind, text).copied()
    }

    /// All held entries.
    pub fn entries(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.entries.len() as u32).filter(|&entry| self.entries[entry as usize].holders > 0)
    }

    /// The held entries whose lower-cased text contains `needle`, which must be lower-case.
    pub fn containing(&self, needle: &str) -> BitSet {
        self.containing_with(&memmem::Finder::new(needle))
    }

    /// [`Self::containing`] with a needle that was prepared once for many columns.
    pub fn containing_with(&self, finder: &memmem::Finder<'_>) -> BitSet {
        let mut found = BitSet::new(self.entries.len());
        self.each_containing(finder, |entry| found.insert(entry));
        found
    }

    /// Calls `hit` once for every held entry that contains the finder's (lower-case) needle.
    pub fn each_containing(&self, finder: &memmem::Finder<'_>, mut hit: impl FnMut(u32)) {
        if finder.needle().is_empty() {
            self.entries().for_each(hit);
            return;
        }
        let mut from = 0;
        let mut piece = 0;
        while let Some(at) = finder.find(&self.arena[from..]) {
            // The piece that holds the match: matches come in order, so look only ahead.
            piece += self.pieces[piece..].partition_point(|&(start, _)| start <= from + at) - 1;
            let (start, entry) = self.pieces[piece];
            let owner = &self.entries[entry as usize];
            if owner.holders > 0 && owner.start == start {
                hit(entry);
            }
            piece += 1;
            match self.pieces.get(piece) {
                Some(&(next, _)) => from = next,
                None => break,
            }
        }
    }

    /// Orders two entries by their lower-cased texts, equal ones by their texts and kinds.
    pub fn compare(&self, a: u32, b: u32) -> std::cmp::Ordering {
        let (a, b) = (&self.entries[a as usize], &self.entries[b as usize]);
        let by_lower = self.arena[a.range()].cmp(&self.arena[b.range()]);
        by_lower.then_with(|| {
            (a.text(&self.arena), a.kind as u8).cmp(&(b.text(&self.arena), b.kind as u8))
        })
    }

    fn find(&self, hash: u64, kind: Kind, text: &str) -> Option<&u32> {
        self.table.find(hash, |&entry| {
            let entry = &self.entries[entry as usize];
            entry.kind == kind && entry.text(&self.arena) == text
        })
    }

    /// Rewrites the arena without the texts of released entries.
    fn compact(&mut self) {
        let mut arena = Vec::with_capacity(self.arena.len() - self.dead);
        let mut pieces = Vec::with_capacity(self.entries.len() - self.free.len());
        for &(start, number) in &self.pieces {
            let entry = &mut self.entries[number as usize];
            if entry.holders == 0 || entry.start != start {
                continue;
            }
            let piece = &self.arena[start..=start + entry.len];
            entry.start = arena.len();
            pieces.push((entry.start, number));
            arena.extend_from_slice(piece);
        }
        self.arena = arena;
        self.pieces = pieces;
        self.dead = 0;
    }
}

impl Entry {
    fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.len
    }

    fn lower<'a>(&self, arena: &'a [u8]) -> &'a str {
        std::str::from_utf8(&arena[self.range()])
            .expect("every piece of the arena was copied from a text")
    }

    fn text<'a>(&'a self, arena: &'a [u8]) -> &'a str {
        self.original
            .as_deref()
            .unwrap_or_else(|| self.lower(arena))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds_keep_equal_texts_apart() {
        let mut column = Column::default();
        let text = column.hold(Kind::String, "1");
        let number = column.hold(Kind::Number, "1");
        assert_ne!(text, number);
        assert_eq!(column.lookup(Kind::String, "1"), Some(text));
    }

    #[test]
    fn a_match_never_spans_two_entries() {
        let mut column = Column::default();
        column.hold(Kind::String, "ab");
        column.hold(Kind::String, "cd");
        assert!(column.containing("bc").is_empty());
    }

    proptest! {
        /// Against a plain map of texts and counts, through growth, release and compaction.
        #[test]
        fn it_behaves_like_a_counted_map(steps in prop::collection::vec((any::<bool>(), 0..30u32), 0..400)) {
            let long = "Äx".repeat(3000);
            let text = |n: u32| format!("{}Value {n}{}", if n.is_multiple_of(2) { &long } else { "" }, n * 7);
            let mut column = Column::default();
            let mut model: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
            for (hold, n) in steps {
                if hold {
                    let entry = column.hold(Kind::String, &text(n));
                    let slot = model.entry(n).or_insert((entry, 0));
                    prop_assert_eq!(slot.0, entry);
                    slot.1 += 1;
                } else if let Some(&(entry, held)) = model.get(&n) {
                    column.release(entry);
                    if held == 1 { model.remove(&n); } else { model.insert(n, (entry, held - 1)); }
                }
            }
            prop_assert_eq!(column.entries().count(), model.len());
            for (n, (entry, held)) in &model {
                prop_assert_eq!(column.value(*entry).text, text(*n));
                prop_assert_eq!(column.holders(*entry), *held);
                let needle = format!("value {n}");
                prop_assert!(column.containing(&needle).contains(*entry));
            }
            prop_assert_eq!(column.containing("value").len(), model.len());
        }
    }
}
