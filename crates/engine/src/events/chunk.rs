//! A piece of the log of events: columns, in the order of arrival.

use crate::events::dictionary::MISSING;

/// Events in a full chunk. Copying one must be quick: a capture does it while somebody looks at the last chunk.
/// (Tests have few events, and are to cross the borders.)
pub(crate) const CHUNK: usize = if cfg!(test) { 8 } else { 1 << 14 };

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
    /// Which properties it has, see [`super::shapes`].
    pub(crate) shape: u32,
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

    /// The times of the events that are not deleted.
    pub(crate) fn alive(&self) -> impl Iterator<Item = i64> + '_ {
        let events = self.ids.iter().zip(&self.times);
        events
            .filter(|&(&id, _)| id != DELETED)
            .map(|(_, &time)| time)
    }

    /// Forgets events: their places stay, empty. `shape` is that of an event without properties.
    pub(crate) fn delete(
        &mut self,
        is_deleted: impl Fn(u32, i64) -> bool,
        shape: u32,
        shapes: impl Fn(u32) -> usize,
    ) {
        let codes = std::mem::take(&mut self.codes);
        for event in 0..self.len() {
            let start = self.starts[event] as usize;
            let keys = shapes(self.shapes[event]);
            self.starts[event] = self.codes.len() as u32;
            if is_deleted(self.ids[event], self.numbers[event]) {
                self.ids[event] = DELETED;
                self.shapes[event] = shape;
            } else {
                self.codes.extend_from_slice(&codes[start..start + keys]);
            }
        }
    }
}
