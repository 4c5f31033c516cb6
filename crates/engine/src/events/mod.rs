//! Events in memory, for questions about what people did.
//!
//! An event belongs to a distinct id for ever; whose it is follows from the distinct ids of people, which
//! merging and splitting move. So events are kept twice:
//!
//! - The **log** has them in the order of arrival, in `chunk`s of columns. Appending touches the last block
//!   only. Property values are numbers of entries in one [`dictionary`] per key, see [`properties`]. Deleted
//!   events leave an empty place; values, keys and names that no event has any more are forgotten.
//! - The `layout` has times and names actor by actor, so that a question is one pass over memory. It is made
//!   from the log when it is first needed, and brought up to date by the questions that come after a change
//!   ([`view`]), never by the writer.
//!
//! A question takes a [`Frozen`] state of events and people of the same moment. Chunks are shared, and the
//! writer copies the ones that it changes. So nothing that a question does needs a lock that the writer
//! meets: the layouts that questions share among themselves are behind locks of their own.

pub mod census;
mod chunk;
pub mod dictionary;
mod layout;
mod log;
pub mod properties;
#[cfg(test)]
mod tests;
pub mod view;

use std::sync::Arc;

use persons_api::{Properties, Timestamp};

use crate::bits::BitSet;
use crate::key_sets::EMPTY;
use crate::key_table::KeyTable;
use crate::people::People;
use census::Census;
use chunk::{CHUNK, Chunk, Entry};
use log::Log;
use properties::{Property, PropertyTable, Row};
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

/// The names of events, by number, with how many events have each.
#[derive(Clone, Debug, Default)]
pub struct Names(KeyTable<u32>);

impl Names {
    /// The number of a name that some event has.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.0.number(name)
    }

    /// The name with a number; empty if no event has it any more.
    pub fn text(&self, number: u32) -> &str {
        self.0.key(number).unwrap_or_default()
    }

    /// The number that is greater than those of all names.
    pub fn len(&self) -> usize {
        self.0.size()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.len() == 0
    }
}

/// What no event has any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unused {
    /// Names of events.
    pub names: Vec<Arc<str>>,
    /// Keys of properties.
    pub keys: Vec<Arc<str>>,
}

/// The events of a project. A clone is a snapshot: it costs the same however many events there are, needs no
/// lock, and stays what it is.
#[derive(Clone, Debug, Default)]
pub struct Events {
    names: Arc<Names>,
    properties: PropertyTable,
    log: Log,
    /// How many events there are.
    len: usize,
    /// The time of the earliest event.
    first: Option<Timestamp>,
    deletions: u64,
    views: Arc<Views>,
    /// Kept for its memory.
    row: Row,
}

/// Takes in the events that were stored, without counting who holds what until the end.
#[derive(Debug, Default)]
pub struct EventLoader(Events);

impl EventLoader {
    /// Adds an event with its properties as compact JSON text, as the store has them.
    pub fn append_json(
        &mut self,
        event: LoggedEvent<'_>,
        properties: &str,
    ) -> Result<(), serde_json::Error> {
        let events = &mut self.0;
        let mut row = std::mem::take(&mut events.row);
        let noted = events.properties.note_json(properties, &mut row);
        if let Ok(shape) = noted {
            events.log(event, shape, &row);
        }
        events.row = row;
        noted.map(|_| ())
    }

    /// All events that were added.
    pub fn finish(self) -> Events {
        let mut events = self.0;
        events.properties.hold_all(&events.log);
        // Nothing of what was read stays behind.
        events.row = Row::default();
        events
    }
}

impl Events {
    /// Adds an event that was stored.
    pub fn append(&mut self, event: LoggedEvent<'_>, properties: &Properties) {
        let mut row = std::mem::take(&mut self.row);
        let shape = self.properties.note(properties, &mut row);
        self.properties.hold(shape, &row.codes);
        self.log(event, shape, &row);
        self.row = row;
    }

    /// [`Self::append`] with properties as compact JSON text.
    pub fn append_json(
        &mut self,
        event: LoggedEvent<'_>,
        properties: &str,
    ) -> Result<(), serde_json::Error> {
        let mut row = std::mem::take(&mut self.row);
        let shape = self.properties.note_json(properties, &mut row)?;
        self.properties.hold(shape, &row.codes);
        self.log(event, shape, &row);
        self.row = row;
        Ok(())
    }

    fn log(&mut self, event: LoggedEvent<'_>, shape: u32, row: &Row) {
        let names = &mut Arc::make_mut(&mut self.names).0;
        let name = names.number_or_add(event.name, |_| 0);
        if let Some(holders) = names.value_mut(name) {
            *holders += 1;
        }
        let entry = Entry {
            id: event.distinct_id,
            time: event.at.0,
            name,
            number: event.number,
            shape,
        };
        self.log.push(entry, &row.codes);
        self.len += 1;
        self.first = Some(self.first.map_or(event.at, |first| first.min(event.at)));
    }

    /// Forgets the events of some distinct ids that have a smaller number than `before`, and the values, keys
    /// and names that no event has any more. Returns these keys and names.
    pub fn delete(&mut self, ids: &[u32], before: i64) -> Unused {
        // Asking the filters for very many ids costs more than looking at all events.
        let asked = if ids.len() <= CHUNK / 8 { ids } else { &[] };
        let may_have =
            |chunk: &Chunk| asked.is_empty() || asked.iter().any(|&id| chunk.may_have(id));
        let set: BitSet = ids.iter().copied().collect();
        let is_deleted = |id: u32, number: i64| set.contains(id) && number < before;
        let mut deleted = Vec::new();
        self.log.change(
            |chunk| {
                let mut events = chunk.ids.iter().zip(&chunk.numbers);
                may_have(chunk) && events.any(|(&id, &number)| is_deleted(id, number))
            },
            |chunk| {
                chunk.delete(is_deleted, EMPTY, |name, shape, codes| {
                    deleted.push((name, shape, codes.to_vec()));
                });
            },
        );
        let mut unused = Unused::default();
        self.len -= deleted.len();
        for (name, shape, codes) in deleted {
            unused.keys.extend(self.properties.release(shape, &codes));
            let names = &mut Arc::make_mut(&mut self.names).0;
            let holders = names.value_mut(name);
            let is_last = holders.is_some_and(|holders| {
                *holders -= 1;
                *holders == 0
            });
            if is_last {
                unused.names.extend(names.remove(name));
            }
        }
        let first = self.log.chunks().filter_map(|chunk| chunk.first()).min();
        self.first = first.map(Timestamp);
        self.deletions += 1;
        unused
    }

    /// The time of the earliest event.
    pub fn first(&self) -> Option<Timestamp> {
        self.first
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A number that changes with every change.
    pub fn version(&self) -> (u64, usize) {
        (self.deletions, self.log.len())
    }

    /// The names of events.
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// A property that some event has had.
    pub fn property(&self, key: &str) -> Option<&Arc<Property>> {
        self.properties.get(key)
    }

    /// All properties, each with its key, by number; `None` for numbers that none has any more.
    pub(crate) fn properties(&self) -> Vec<Option<(&str, &Arc<Property>)>> {
        self.properties.keys()
    }

    /// The numbers of the properties of the events of each shape.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = &[u32]> {
        self.properties.shapes().iter()
    }

    /// The events and their people as they are now. Both must be of the same moment.
    pub fn freeze(&self, people: &People) -> Frozen {
        Frozen {
            log: self.log.clone(),
            shapes: self.properties.shapes().clone(),
            census: Arc::new(Census::take(people)),
            deletions: self.deletions,
            views: Arc::clone(&self.views),
            names: None,
        }
    }
}
