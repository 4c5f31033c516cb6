//! Events in memory, for questions about what people did.
//!
//! An event belongs to a distinct id for ever; whose it is follows from the distinct ids of people, which
//! merging and splitting move. So events are kept twice:
//!
//! - The **log** has them in the order of arrival, in `chunk`s of columns. Appending touches the last chunk
//!   only. Property values are numbers of entries in one [`dictionary`] per key, see [`properties`]. Deleted
//!   events leave an empty place.
//! - The `layout` has times and names actor by actor, so that a question is one pass over memory. It is made
//!   from the log when it is first needed, and brought up to date by the questions that come after a change
//!   ([`view`]), never by the writer.
//!
//! Whoever asks takes a [`Frozen`] state under the same locks that the writer changes people and events
//! under. Chunks are shared, and only copied when the writer changes one that is still looked at; the first
//! question after people changed copies who they are and whose the distinct ids are, some bytes each.
//! Everything after that needs no lock, so that long questions hold nobody up.

pub mod census;
mod chunk;
pub mod dictionary;
mod layout;
pub mod properties;
#[cfg(test)]
mod tests;
pub mod view;

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;
use persons_api::{Properties, Timestamp};

use crate::people::People;
use census::Census;
use chunk::{CHUNK, Chunk, Entry};
use properties::{EMPTY, Property, PropertyTable, Row};
use view::Views;
pub use view::{Frozen, Stop, Stopped, View};

/// An event without its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedEvent<'a> {
    /// Its number in the store; later events have greater ones.
    pub number: i64,
    /// The number of its distinct id.
    pub distinct_id: u32,
    /// What happened.
    pub name: &'a str,
    /// When.
    pub at: Timestamp,
}

/// The names of events, by number.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

impl Names {
    /// The number of a name that has been seen.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name with a number that was given out.
    pub fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    fn add(&mut self, name: &str) -> u32 {
        let number = self.texts.len() as u32;
        self.texts.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }
}

/// The events of a project. A clone is a state of its own; both share what neither changes.
#[derive(Clone, Debug, Default)]
pub struct Events {
    names: Arc<Names>,
    properties: PropertyTable,
    /// All full but the last.
    chunks: Vec<Arc<Chunk>>,
    /// The time of the earliest event.
    first: Option<Timestamp>,
    deletions: u64,
    /// The last census that was taken.
    census: Arc<Mutex<Arc<Census>>>,
    views: Arc<Views>,
    /// Kept for its memory.
    row: Row,
}

impl Events {
    /// Adds an event that was stored.
    pub fn append(&mut self, event: LoggedEvent<'_>, properties: &Properties) {
        let mut row = std::mem::take(&mut self.row);
        let shape = self.properties.note(properties, &mut row);
        self.log(event, shape, row);
    }

    /// [`Self::append`] with properties as compact JSON text, as the store has them: for many events at once.
    pub fn append_json(
        &mut self,
        event: LoggedEvent<'_>,
        properties: &str,
    ) -> Result<(), serde_json::Error> {
        let mut row = std::mem::take(&mut self.row);
        let shape = self.properties.note_json(properties, &mut row)?;
        self.log(event, shape, row);
        Ok(())
    }

    fn log(&mut self, event: LoggedEvent<'_>, shape: u32, row: Row) {
        let name = match self.names.number(event.name) {
            Some(name) => name,
            None => Arc::make_mut(&mut self.names).add(event.name),
        };
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Arc::default());
        }
        let chunk = self.chunks.last_mut().expect("one was put there");
        let entry = Entry {
            id: event.distinct_id,
            time: event.at.0,
            name,
            number: event.number,
            shape,
        };
        Arc::make_mut(chunk).push(entry, &row.codes);
        self.first = Some(self.first.map_or(event.at, |first| first.min(event.at)));
        self.row = row;
    }

    /// Forgets the events of some distinct ids that have a smaller number than `before`.
    pub fn delete(&mut self, ids: &[u32], before: i64) {
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        let is_deleted =
            |id: u32, number: i64| number < before && sorted.binary_search(&id).is_ok();
        for chunk in &mut self.chunks {
            if (0..chunk.len()).any(|event| is_deleted(chunk.ids[event], chunk.numbers[event])) {
                let widths = |shape| self.properties.width(shape);
                Arc::make_mut(chunk).delete(is_deleted, EMPTY, widths);
            }
        }
        let alive = self.chunks.iter().flat_map(|chunk| chunk.alive());
        self.first = alive.map(Timestamp).min();
        self.deletions += 1;
    }

    /// The time of the earliest event.
    pub fn first(&self) -> Option<Timestamp> {
        self.first
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.alive().count()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// A number that changes with every change.
    pub fn version(&self) -> (u64, usize) {
        let logged = self.chunks.iter().map(|chunk| chunk.len()).sum();
        (self.deletions, logged)
    }

    /// The names of events.
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// A property that some event has had.
    pub fn property(&self, key: &str) -> Option<&Arc<Property>> {
        self.properties.get(key)
    }

    /// All properties that some event has had, each with its key, by number.
    pub(crate) fn properties(&self) -> Vec<(&str, &Arc<Property>)> {
        self.properties.keys()
    }

    /// The numbers of the properties of the events of each shape.
    pub(crate) fn shapes(&self) -> Vec<&[u32]> {
        self.properties.shapes()
    }

    /// The events and their people as they are now. Both must be locked against changes while it is taken.
    pub fn freeze(&self, people: &People) -> Frozen {
        let mut census = self.census.lock().unwrap_or_else(PoisonError::into_inner);
        if census.version() != people.census_version() {
            *census = Arc::new(Census::take(people));
        }
        Frozen {
            chunks: self.chunks.clone(),
            census: Arc::clone(&census),
            deletions: self.deletions,
            views: Arc::clone(&self.views),
            names: None,
        }
    }
}
