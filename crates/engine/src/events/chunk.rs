//! A piece of the log of events: columns, in the order of arrival.

use std::sync::Arc;

use crate::bits::BitSet;
use crate::events::dictionary::MISSING;

/// Events in a full chunk. (Tests have few events, and are to cross the borders.)
pub(crate) const CHUNK: usize = if cfg!(test) { 8 } else { 1 << 14 };

/// Bits that say which distinct ids a full chunk may have: four for each event, so that less than one in four
/// is set, and a chunk without a distinct id is rarely searched for it.
const FILTER: usize = 4 * CHUNK;

/// The distinct id of an event that was deleted.
pub(crate) const DELETED: u32 = u32::MAX;

/// What the log keeps of an event besides its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The number of its distinct id.
    pub(crate) id: u32,
    /// Microseconds since 1970.
    pub(crate) time: i64,
    /// The number of its name.
    pub(crate) name: u32,
    /// Its number in the store.
    pub(crate) number: i64,
    /// The set of keys of its properties.
    pub(crate) shape: u32,
}

/// The bit of a distinct id in the filter of a chunk: the upper bits of a product, which are well mixed.
fn bit_of(id: u32) -> u32 {
    id.wrapping_mul(0x9E37_79B1) >> (u32::BITS - FILTER.ilog2())
}

/// Up to [`CHUNK`] events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) ids: Vec<u32>,
    pub(crate) times: Vec<i64>,
    pub(crate) names: Vec<u32>,
    pub(crate) numbers: Vec<i64>,
    shapes: Vec<u32>,
    /// Where the codes of each event start.
    starts: Vec<u32>,
    /// The codes of the properties of all events, in the order of each event's shape.
    codes: Vec<u32>,
    /// The earliest time of an event that is not deleted.
    first: Option<i64>,
    /// In a full chunk: a bit for each distinct id, see [`FILTER`].
    filter: BitSet,
}

impl Chunk {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn push(&mut self, entry: Entry, codes: &[u32]) {
        self.ids.push(entry.id);
        self.times.push(entry.time);
        self.names.push(entry.name);
        self.numbers.push(entry.number);
        self.shapes.push(entry.shape);
        self.starts.push(self.codes.len() as u32);
        self.codes.extend_from_slice(codes);
        self.first = Some(self.first.map_or(entry.time, |first| first.min(entry.time)));
    }

    /// One chunk of several.
    pub(crate) fn joined(chunks: &[Arc<Self>]) -> Self {
        let len = chunks.iter().map(|chunk| chunk.len()).sum();
        let codes = chunks.iter().map(|chunk| chunk.codes.len()).sum();
        let mut all = Self {
            ids: Vec::with_capacity(len),
            times: Vec::with_capacity(len),
            names: Vec::with_capacity(len),
            numbers: Vec::with_capacity(len),
            shapes: Vec::with_capacity(len),
            starts: Vec::with_capacity(len),
            codes: Vec::with_capacity(codes),
            first: chunks.iter().filter_map(|chunk| chunk.first).min(),
            filter: BitSet::new(FILTER),
        };
        for chunk in chunks {
            let start = all.codes.len() as u32;
            all.ids.extend_from_slice(&chunk.ids);
            all.times.extend_from_slice(&chunk.times);
            all.names.extend_from_slice(&chunk.names);
            all.numbers.extend_from_slice(&chunk.numbers);
            all.shapes.extend_from_slice(&chunk.shapes);
            all.starts.extend(chunk.starts.iter().map(|at| at + start));
            all.codes.extend_from_slice(&chunk.codes);
            chunk
                .ids
                .iter()
                .for_each(|&id| all.filter.insert(bit_of(id)));
        }
        all
    }

    /// Whether the chunk may have events of a distinct id.
    pub(crate) fn may_have(&self, id: u32) -> bool {
        self.filter.is_unset() || self.filter.contains(bit_of(id))
    }

    /// The earliest time of an event that is not deleted.
    pub(crate) fn first(&self) -> Option<i64> {
        self.first
    }

    /// The code of one property of an event; `places` says where each shape has it.
    pub(crate) fn code(&self, event: usize, places: &[Option<u32>]) -> u32 {
        let place = places.get(self.shapes[event] as usize).copied().flatten();
        place.map_or(MISSING, |place| {
            self.codes[self.starts[event] as usize + place as usize]
        })
    }

    /// The shape of an event, and the codes of the properties that it has.
    pub(crate) fn row(&self, event: usize) -> (u32, &[u32]) {
        let end = self.starts.get(event + 1);
        let end = end.map_or(self.codes.len(), |&end| end as usize);
        (
            self.shapes[event],
            &self.codes[self.starts[event] as usize..end],
        )
    }

    /// Forgets events: their places stay, empty. `shape` is that of an event without properties. `forgets` is
    /// given the name, the shape and the codes of each.
    pub(crate) fn delete(
        &mut self,
        is_deleted: impl Fn(u32, i64) -> bool,
        shape: u32,
        mut forgets: impl FnMut(u32, u32, &[u32]),
    ) {
        let codes = std::mem::take(&mut self.codes);
        self.first = None;
        for event in 0..self.len() {
            let start = self.starts[event] as usize;
            let end = self.starts.get(event + 1);
            let end = end.map_or(codes.len(), |&end| end as usize);
            let own = &codes[start..end];
            self.starts[event] = self.codes.len() as u32;
            if self.ids[event] != DELETED && is_deleted(self.ids[event], self.numbers[event]) {
                forgets(self.names[event], self.shapes[event], own);
                self.ids[event] = DELETED;
                self.shapes[event] = shape;
                self.times[event] = 0;
                self.names[event] = 0;
            } else {
                self.codes.extend_from_slice(own);
                if self.ids[event] != DELETED {
                    let time = self.times[event];
                    self.first = Some(self.first.map_or(time, |first| first.min(time)));
                }
            }
        }
        self.codes.shrink_to_fit();
    }
}
