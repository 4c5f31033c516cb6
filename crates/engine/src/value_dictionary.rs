//! The distinct values of a property key, each with the number of its holders.
//!
//! Holders are people, or events. They keep the number of their value, called its *entry*. So a condition is
//! tested once per distinct value instead of once per holder, the list of a key's values is the dictionary
//! itself, and "contains" is one vectorized pass over a few pieces of memory.
//!
//! The texts stand in segments, one behind the other. A clone shares them, and a change copies the one
//! segment that it concerns. A value without holders is overwritten at once: nothing of it stays in memory
//! beyond the clones that still have it.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use memchr::memmem;

use crate::bits::BitSet;
use crate::persistent::{CowVec, HashIndex};
use crate::value::{Kind, ValueRef};

/// Stands behind every text in a segment. No UTF-8 text contains it, so no match spans two entries.
const SEPARATOR: u8 = 0xFF;

/// A segment takes no more texts beyond this many bytes. A change copies up to this much, and a search calls
/// the vectorized search once for each.
const SEGMENT: usize = if cfg!(test) { 256 } else { 1 << 15 };

/// Marks an entry whose text is the one in the segment's folded part.
const FOLDED_ONLY: u32 = u32::MAX;

/// Marks an entry that stands for no value.
const RELEASED: u32 = u32::MAX;

/// A reference-counted dictionary of texts with their kinds. With `SEARCHED` it keeps the texts lower-cased
/// for searching, and the original where that differs.
#[derive(Clone, Debug, Default)]
pub struct ValueDictionary<const SEARCHED: bool> {
    entries: CowVec<Entry, 128>,
    /// Released entries, to be given out again.
    free: CowVec<u32, 256>,
    segments: CowVec<Arc<Segment>, 16>,
    /// The segment that takes the next texts.
    open: u32,
    /// Segments that have lost most of their texts, to be filled again.
    spare: CowVec<u32, 256>,
    /// Finds an entry by kind and text.
    index: HashIndex,
    hasher: DefaultHashBuilder,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    segment: u32,
    /// Where the text starts in the segment.
    start: u32,
    /// How long it is.
    len: u32,
    /// Where the original text starts in the segment's originals, its length before it; or [`FOLDED_ONLY`].
    original: u32,
    holders: u32,
    kind: Kind,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            segment: RELEASED,
            start: 0,
            len: 0,
            original: FOLDED_ONLY,
            holders: 0,
            kind: Kind::Null,
        }
    }
}

impl Entry {
    fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// Texts, one behind the other.
#[derive(Debug, Default)]
struct Segment {
    /// The texts that are searched, each followed by [`SEPARATOR`].
    bytes: Vec<u8>,
    /// The texts themselves, where lower-casing changed them, each after its length.
    originals: Vec<u8>,
    /// The entries in the order of their texts.
    pieces: Vec<u32>,
    /// Bytes that belonged to released entries.
    dead: usize,
    /// Whether it is among the spare ones.
    is_spare: bool,
}

impl Clone for Segment {
    /// A copy is made because a text comes or goes, so it has room for one.
    fn clone(&self) -> Self {
        fn roomy<T: Clone>(from: &[T]) -> Vec<T> {
            let mut copy = Vec::with_capacity(from.len() + from.len() / 8 + 8);
            copy.extend_from_slice(from);
            copy
        }
        Self {
            bytes: roomy(&self.bytes),
            originals: if self.originals.is_empty() {
                Vec::new()
            } else {
                roomy(&self.originals)
            },
            pieces: roomy(&self.pieces),
            dead: self.dead,
            is_spare: self.is_spare,
        }
    }
}

impl Segment {
    fn size(&self) -> usize {
        self.bytes.len() + self.originals.len()
    }

    /// Where an original text is, given where its length is.
    fn original(&self, at: u32) -> Range<usize> {
        let at = at as usize;
        let len = self.originals[at..at + 4].iter().rev();
        let len = len.fold(0, |len, &byte| len << 8 | usize::from(byte));
        at + 4..at + 4 + len
    }

    fn text(&self, entry: &Entry) -> &[u8] {
        if entry.original == FOLDED_ONLY {
            &self.bytes[entry.range()]
        } else {
            &self.originals[self.original(entry.original)]
        }
    }
}

impl<const SEARCHED: bool> ValueDictionary<SEARCHED> {
    /// The number that is greater than every entry: the size of a set of entries.
    pub fn size(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no value.
    pub fn is_unused(&self) -> bool {
        self.free.len() == self.entries.len()
    }

    /// The entry of a value, made if need be, with one holder more.
    pub fn hold(&mut self, kind: Kind, text: &str) -> u32 {
        self.intern_with(kind, text, 1)
    }

    /// The entry of a value, made if need be, whose holders are not counted yet.
    pub fn intern(&mut self, kind: Kind, text: &str) -> u32 {
        self.intern_with(kind, text, 0)
    }

    fn intern_with(&mut self, kind: Kind, text: &str, holders: u32) -> u32 {
        let hash = self.hash(kind, text.as_bytes());
        if let Some(entry) = self.find(hash, kind, text) {
            if holders > 0 {
                self.add_holders(entry, holders);
            }
            return entry;
        }
        let entry = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry::default());
            (self.entries.len() - 1) as u32
        });
        let lower = if SEARCHED {
            text.to_lowercase()
        } else {
            String::new()
        };
        let is_folded = SEARCHED && lower != text;
        let folded = if is_folded { &lower } else { text };
        let original = if is_folded { text } else { "" };
        let number = self.segment_for(folded.len() + original.len() + 5);
        let segment = Arc::make_mut(self.segments.get_mut(number as usize));
        let made = Entry {
            segment: number,
            start: segment.bytes.len() as u32,
            len: folded.len() as u32,
            original: if is_folded {
                segment.originals.len() as u32
            } else {
                FOLDED_ONLY
            },
            holders,
            kind,
        };
        segment.bytes.extend_from_slice(folded.as_bytes());
        segment.bytes.push(SEPARATOR);
        if is_folded {
            segment
                .originals
                .extend_from_slice(&(text.len() as u32).to_le_bytes());
            segment.originals.extend_from_slice(text.as_bytes());
        }
        segment.pieces.push(entry);
        *self.entries.get_mut(entry as usize) = made;
        self.index.insert(hash, entry);
        entry
    }

    /// Adds an entry without a text, as if it had been erased.
    pub fn push_erased(&mut self) -> u32 {
        self.entries.push(Entry {
            holders: 1,
            kind: Kind::String,
            ..Entry::default()
        });
        (self.entries.len() - 1) as u32
    }

    /// Counts holders of an entry.
    pub fn add_holders(&mut self, entry: u32, holders: u32) {
        self.entries.get_mut(entry as usize).holders += holders;
    }

    /// Takes holders away; the last one frees the entry. Says whether it did.
    pub fn release(&mut self, entry: u32, holders: u32) -> bool {
        let state = self.entries.get_mut(entry as usize);
        state.holders -= holders;
        if state.holders > 0 || state.segment == RELEASED {
            return false;
        }
        self.erase(entry);
        *self.entries.get_mut(entry as usize) = Entry::default();
        self.free.push(entry);
        true
    }

    /// Forgets the text of an entry that keeps its number and its holders: it is empty from now on, and not
    /// found any more.
    pub fn erase(&mut self, entry: u32) {
        let state = self.entries[entry as usize];
        if state.segment == RELEASED {
            return;
        }
        let hash = self.hash(state.kind, self.text(entry));
        self.index.remove(hash, entry);
        let entries = &self.entries;
        let segment = Arc::make_mut(self.segments.get_mut(state.segment as usize));
        let piece = segment
            .pieces
            .binary_search_by_key(&state.start, |&other| entries[other as usize].start);
        if let Ok(piece) = piece {
            segment.pieces.remove(piece);
        }
        segment.bytes[state.range()].fill(SEPARATOR);
        segment.dead += state.len as usize + 1;
        if state.original != FOLDED_ONLY {
            let original = segment.original(state.original);
            segment.dead += original.len() + 4;
            segment.originals[original].fill(0);
        }
        let is_sparse = segment.dead * 2 > segment.size();
        *self.entries.get_mut(entry as usize) = Entry {
            holders: state.holders,
            kind: state.kind,
            ..Entry::default()
        };
        if is_sparse {
            self.compact(state.segment);
        }
    }

    /// The value of an entry.
    pub fn value(&self, entry: u32) -> ValueRef<'_> {
        let entry = &self.entries[entry as usize];
        ValueRef {
            kind: entry.kind,
            text: text_of_bytes(self.text_of(entry)),
        }
    }

    /// How many holders the entry has.
    pub fn holders(&self, entry: u32) -> u32 {
        self.entries[entry as usize].holders
    }

    /// The entry with exactly this kind and text.
    pub fn lookup(&self, kind: Kind, text: &str) -> Option<u32> {
        self.find(self.hash(kind, text.as_bytes()), kind, text)
    }

    /// All entries that stand for a value.
    pub fn entries(&self) -> impl Iterator<Item = u32> + '_ {
        let entries = self.entries.iter().enumerate();
        let live = entries.filter(|(_, entry)| entry.segment != RELEASED);
        live.map(|(number, _)| number as u32)
    }

    /// Orders two entries by their lower-cased texts, equal ones by their texts and kinds.
    pub fn compare(&self, a: u32, b: u32) -> std::cmp::Ordering {
        self.searched(a).cmp(self.searched(b)).then_with(|| {
            let kind = |entry: u32| self.entries[entry as usize].kind as u8;
            (self.text(a), kind(a)).cmp(&(self.text(b), kind(b)))
        })
    }

    /// The text of an entry as it is searched, by which values are listed.
    pub(crate) fn searched(&self, entry: u32) -> &[u8] {
        let entry = &self.entries[entry as usize];
        match self.segments.get(entry.segment as usize) {
            Some(segment) => &segment.bytes[entry.range()],
            None => &[],
        }
    }

    fn text(&self, entry: u32) -> &[u8] {
        self.text_of(&self.entries[entry as usize])
    }

    fn text_of(&self, entry: &Entry) -> &[u8] {
        match self.segments.get(entry.segment as usize) {
            Some(segment) => segment.text(entry),
            None => &[],
        }
    }

    fn hash(&self, kind: Kind, text: &[u8]) -> u32 {
        self.hasher.hash_one((kind, text)) as u32
    }

    fn find(&self, hash: u32, kind: Kind, text: &str) -> Option<u32> {
        self.index.find(hash, |entry| {
            let entry = &self.entries[entry as usize];
            entry.kind == kind && self.text_of(entry) == text.as_bytes()
        })
    }

    /// A segment with room for some bytes.
    fn segment_for(&mut self, bytes: usize) -> u32 {
        let has_room = |segment: Option<&Arc<Segment>>| {
            segment.is_some_and(|segment| {
                segment.bytes.is_empty() || segment.size() + bytes <= SEGMENT
            })
        };
        if has_room(self.segments.get(self.open as usize)) {
            return self.open;
        }
        let last = self.spare.len().checked_sub(1).map(|last| self.spare[last]);
        let found = match last.filter(|&last| has_room(self.segments.get(last as usize))) {
            Some(last) => {
                self.spare.pop();
                Arc::make_mut(self.segments.get_mut(last as usize)).is_spare = false;
                last
            }
            None => {
                self.segments.push(Arc::default());
                (self.segments.len() - 1) as u32
            }
        };
        // A long text has a segment of its own, and leaves the open one to shorter ones.
        if bytes <= SEGMENT / 2 {
            self.open = found;
        }
        found
    }

    /// Rewrites a segment without the texts of released entries.
    fn compact(&mut self, number: u32) {
        let segment = Arc::make_mut(self.segments.get_mut(number as usize));
        let size = segment.size() - segment.dead;
        let mut left = Segment {
            bytes: Vec::with_capacity(size),
            pieces: std::mem::take(&mut segment.pieces),
            is_spare: segment.is_spare,
            ..Segment::default()
        };
        for &piece in &left.pieces {
            let entry = self.entries.get_mut(piece as usize);
            let start = left.bytes.len() as u32;
            left.bytes.extend_from_slice(&segment.bytes[entry.range()]);
            left.bytes.push(SEPARATOR);
            entry.start = start;
            if entry.original != FOLDED_ONLY {
                let original = segment.original(entry.original);
                entry.original = left.originals.len() as u32;
                left.originals
                    .extend_from_slice(&segment.originals[original.start - 4..original.end]);
            }
        }
        left.pieces.shrink_to_fit();
        let becomes_spare = !left.is_spare && number != self.open;
        left.is_spare |= becomes_spare;
        *segment = left;
        if becomes_spare {
            self.spare.push(number);
        }
    }
}

impl ValueDictionary<true> {
    /// The entries whose lower-cased text contains `needle`, which must be lower-case.
    pub fn containing(&self, needle: &str) -> BitSet {
        self.containing_with(&memmem::Finder::new(needle))
    }

    /// [`Self::containing`] with a needle that was prepared once for many dictionaries.
    pub fn containing_with(&self, finder: &memmem::Finder<'_>) -> BitSet {
        let mut found = BitSet::new(self.entries.len());
        self.each_containing(finder, |entry| found.insert(entry));
        found
    }

    /// Calls `hit` once for every entry that contains the finder's (lower-case) needle.
    pub fn each_containing(&self, finder: &memmem::Finder<'_>, mut hit: impl FnMut(u32)) {
        if finder.needle().is_empty() {
            self.entries().for_each(hit);
            return;
        }
        for segment in self.segments.iter() {
            let start = |entry: u32| self.entries[entry as usize].start as usize;
            let (mut from, mut piece) = (0, 0);
            while let Some(at) = finder.find(&segment.bytes[from..]) {
                // The piece that holds the match: matches come in order, so look only ahead, nearby first.
                let pieces = &segment.pieces;
                let (position, mut step) = (from + at, 1);
                while pieces
                    .get(piece + step)
                    .is_some_and(|&next| start(next) <= position)
                {
                    piece += step;
                    step *= 2;
                }
                let near = &pieces[piece..(piece + step).min(pieces.len())];
                piece += near.partition_point(|&entry| start(entry) <= position) - 1;
                hit(segment.pieces[piece]);
                piece += 1;
                match segment.pieces.get(piece) {
                    Some(&next) => from = start(next),
                    None => break,
                }
            }
        }
    }
}

fn text_of_bytes(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("every piece of a segment was copied from a text")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    impl<const SEARCHED: bool> ValueDictionary<SEARCHED> {
        /// Whether a text is anywhere in memory.
        pub(crate) fn has_bytes(&self, text: &str) -> bool {
            let finder = memmem::Finder::new(text);
            let mut segments = self.segments.iter();
            segments.any(|segment| {
                let mut parts = [&segment.bytes, &segment.originals].into_iter();
                parts.any(|bytes| finder.find(bytes).is_some())
            })
        }

        /// Bytes that texts take.
        pub(crate) fn bytes(&self) -> usize {
            self.segments.iter().map(|segment| segment.size()).sum()
        }
    }

    #[test]
    fn kinds_keep_equal_texts_apart() {
        let mut values = ValueDictionary::<true>::default();
        let text = values.hold(Kind::String, "1");
        let number = values.hold(Kind::Number, "1");
        assert_ne!(text, number);
        assert_eq!(values.lookup(Kind::String, "1"), Some(text));
    }

    #[test]
    fn a_match_never_spans_two_entries() {
        let mut values = ValueDictionary::<true>::default();
        values.hold(Kind::String, "ab");
        values.hold(Kind::String, "cd");
        assert!(values.containing("bc").is_empty());
    }

    #[test]
    fn a_released_text_leaves_the_memory_and_an_older_clone_keeps_it() {
        let mut values = ValueDictionary::<true>::default();
        let ada = values.hold(Kind::String, "Ada Lovelace");
        let bob = values.hold(Kind::String, "Bob");
        let older = values.clone();
        values.release(ada, 1);
        assert!(!values.has_bytes("Ada") && !values.has_bytes("ada"));
        assert!(older.has_bytes("Ada Lovelace") && older.has_bytes("ada lovelace"));
        assert_eq!(older.value(ada).text, "Ada Lovelace");
        values.erase(bob);
        assert!(!values.has_bytes("Bob") && !values.has_bytes("bob"));
        assert_eq!((values.value(bob).text, values.holders(bob)), ("", 1));
        assert_eq!(values.lookup(Kind::String, "Bob"), None);
    }

    /// A dictionary's values, with all that can be asked about each.
    fn contents<const SEARCHED: bool>(
        values: &ValueDictionary<SEARCHED>,
    ) -> BTreeMap<u32, (String, u32)> {
        values
            .entries()
            .map(|entry| {
                let text = values.value(entry).text.to_owned();
                (entry, (text, values.holders(entry)))
            })
            .collect()
    }

    proptest! {
        /// Against a plain map of texts and counts, through growth, release and compaction, while older
        /// clones stay what they were.
        #[test]
        fn it_behaves_like_a_counted_map(steps in prop::collection::vec((any::<bool>(), 0..30u32), 0..400)) {
            let long = "Äx".repeat(30);
            let text = |n: u32| format!("{}Value {n};", if n.is_multiple_of(2) { &long } else { "" });
            let mut values = ValueDictionary::<true>::default();
            let mut model: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
            let mut kept = Vec::new();
            for (step, (hold, n)) in steps.into_iter().enumerate() {
                if step % 40 == 0 {
                    kept.push((values.clone(), contents(&values)));
                }
                if hold {
                    let entry = values.hold(Kind::String, &text(n));
                    let slot = model.entry(n).or_insert((entry, 0));
                    prop_assert_eq!(slot.0, entry);
                    slot.1 += 1;
                } else if let Some(&(entry, held)) = model.get(&n) {
                    prop_assert_eq!(values.release(entry, 1), held == 1);
                    if held == 1 { model.remove(&n); } else { model.insert(n, (entry, held - 1)); }
                }
            }
            prop_assert_eq!(values.entries().count(), model.len());
            prop_assert_eq!(values.is_unused(), model.is_empty());
            for n in 0..30 {
                let (text, held) = (text(n), model.get(&n));
                prop_assert_eq!(values.lookup(Kind::String, &text), held.map(|&(entry, _)| entry));
                prop_assert_eq!(values.has_bytes(&text), held.is_some());
            }
            for (n, (entry, held)) in &model {
                prop_assert_eq!(values.value(*entry).text, text(*n));
                prop_assert_eq!(values.holders(*entry), *held);
                let needle = format!("value {n};");
                prop_assert_eq!(values.containing(&needle).members().collect::<Vec<_>>(), [*entry]);
            }
            prop_assert_eq!(values.containing("value").len(), model.len());
            let alive: usize = model.keys().map(|&n| 2 * text(n).len() + 5).sum();
            prop_assert!(values.bytes() <= 2 * alive, "{} of {alive}", values.bytes());
            for (older, before) in kept {
                prop_assert_eq!(contents(&older), before);
            }
        }
    }
}
