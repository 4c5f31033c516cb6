//! Events in the order in which questions read them: actor by actor, each one's by time.
//!
//! Most questions are about events of a few names. A layout makes a smaller one of these, and keeps it: what
//! reads it passes over no other events, and never has to guess whether the next one matters.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::events::census::{Actor, Census};
use crate::events::chunk::DELETED;
use crate::events::log::Log;
use crate::events::properties::Property;
use crate::key_sets::KeySets;

/// Columns that a layout keeps; those that were not asked for the longest are built again when needed.
const KEPT_COLUMNS: usize = 16;

/// The same of a layout of some names. There are several of these, so that each keeps less.
const KEPT_COLUMNS_OF_NAMES: usize = 6;

/// From this part of all events on, a column is quicker read as a whole.
const WHOLE_COLUMN_FROM: usize = 8;

/// Layouts of events of some names that a layout keeps, as it keeps columns.
const KEPT_OF_NAMES: usize = 4;

/// Such a layout has at most this part of all events (three in four); with more it saves nothing.
const OF_NAMES_UP_TO: (usize, usize) = (3, 4);

/// Some actors with all their events.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// Ascending.
    pub(crate) actors: Vec<Actor>,
    /// Where the events of each actor start; one more than there are actors.
    pub(crate) offsets: Vec<u32>,
    pub(crate) times: Vec<i64>,
    pub(crate) names: Vec<u32>,
    /// Where each event is in the log.
    pub(crate) rows: Vec<u32>,
    /// The log when the layout was made, and the shapes of its events.
    log: Log,
    shapes: KeySets,
    /// Columns that were asked for, by key number.
    columns: Kept<u32, Vec<u32>>,
    /// How many events there are of each name; nothing in a layout of some names, which makes no smaller ones.
    counts: Vec<u32>,
    /// Layouts of events of some names that were asked for.
    of_names: Kept<Box<[u32]>, Layout>,
}

/// Things that are kept by key, those that were asked for last.
#[derive(Debug)]
struct Kept<K, T>(Mutex<Vec<(K, Arc<T>)>>);

impl<K, T> Default for Kept<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, T> Kept<K, T> {
    /// What is kept by a key, made if there is nothing; at most `most` things are kept.
    fn get(&self, key: K, most: usize, make: impl FnOnce() -> T) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.iter().position(|(known, _)| *known == key) {
            kept[at..].rotate_left(1);
        } else {
            if kept.len() == most {
                kept.remove(0);
            }
            kept.push((key, Arc::new(make())));
        }
        let (_, last) = kept.last().expect("one was put there");
        Arc::clone(last)
    }
}

/// An event on its way to its place.
#[derive(Clone, Copy)]
struct Placed {
    actor: Actor,
    time: i64,
    name: u32,
    row: u32,
}

impl Layout {
    /// All events of the log.
    pub(crate) fn of_all(log: &Log, shapes: &KeySets, census: &Census) -> Self {
        let actors = census.actors();
        let mut start = 0;
        let chunks: Vec<_> = log
            .chunks()
            .map(|chunk| {
                let first = start;
                start += chunk.len();
                (first, chunk)
            })
            .collect();
        let events = chunks.iter().flat_map(|&(first, chunk)| {
            let alive = (0..chunk.len()).filter(|&event| chunk.ids[event] != DELETED);
            let actors = &actors;
            alive.map(move |event| Placed {
                actor: actors[chunk.ids[event] as usize],
                time: chunk.times[event],
                name: chunk.names[event],
                row: (first + event) as u32,
            })
        });
        Self::arrange(events, log, shapes, census)
    }

    /// The events in some rows of the log.
    pub(crate) fn of_rows(rows: &[u32], log: &Log, shapes: &KeySets, census: &Census) -> Self {
        let events = rows.iter().map(|&row| {
            let (chunk, event) = log.locate(row);
            Placed {
                actor: census.actor(chunk.ids[event]),
                time: chunk.times[event],
                name: chunk.names[event],
                row,
            }
        });
        Self::arrange(events, log, shapes, census)
    }

    /// Places events, which come in the order of the log.
    fn arrange(
        events: impl Iterator<Item = Placed> + Clone,
        log: &Log,
        shapes: &KeySets,
        census: &Census,
    ) -> Self {
        // Actors are counted in the order of their numbers: people, then ids that belong to nobody.
        let slots = census.slots();
        let place = |actor: Actor| match (actor.slot(), actor.id()) {
            (Some(slot), _) => slot as usize,
            (None, id) => slots + id.unwrap_or_default() as usize,
        };
        let mut next = vec![0u32; slots + census.ids()];
        events
            .clone()
            .for_each(|event| next[place(event.actor)] += 1);
        let (mut actors, mut offsets, mut start) = (Vec::new(), vec![0], 0);
        for (index, next) in next.iter_mut().enumerate().filter(|(_, next)| **next > 0) {
            actors.push(if index < slots {
                Actor::person(index as u32)
            } else {
                Actor::nobody((index - slots) as u32)
            });
            let count = std::mem::replace(next, start);
            start += count;
            offsets.push(start);
        }
        let size = start as usize;
        let (mut times, mut names, mut rows) = (vec![0; size], vec![0; size], vec![0; size]);
        events.for_each(|event| {
            let next = &mut next[place(event.actor)];
            let at = *next as usize;
            *next += 1;
            (times[at], names[at], rows[at]) = (event.time, event.name, event.row);
        });
        let mut counts = Vec::new();
        for &name in &names {
            let name = name as usize;
            if name >= counts.len() {
                counts.resize(name + 1, 0);
            }
            counts[name] += 1;
        }
        let mut layout = Self {
            actors,
            offsets,
            times,
            names,
            rows,
            log: log.clone(),
            shapes: shapes.clone(),
            counts,
            ..Self::default()
        };
        layout.sort();
        layout
    }

    /// The events of these names (ascending), with the actors who have any; `None` if these are too many for
    /// a layout of their own.
    pub(crate) fn of_names(&self, names: &[u32]) -> Option<Arc<Self>> {
        let counts = names
            .iter()
            .filter_map(|&name| self.counts.get(name as usize));
        let size: usize = counts.map(|&count| count as usize).sum();
        let (part, whole) = OF_NAMES_UP_TO;
        if size * whole > self.names.len() * part {
            return None;
        }
        let make = || self.only(names, size);
        Some(self.of_names.get(names.into(), KEPT_OF_NAMES, make))
    }

    /// The events of some names, of which there are `size`.
    fn only(&self, names: &[u32], size: usize) -> Self {
        let mut is_one = vec![false; self.counts.len()];
        for &name in names {
            if let Some(is_one) = is_one.get_mut(name as usize) {
                *is_one = true;
            }
        }
        // Every event is put down, and those of other names are overwritten by the next: a processor cannot
        // foresee which these are. So there is room for one more at the end.
        let mut found = vec![0u32; size + 1];
        let (mut actors, mut offsets, mut len) = (Vec::new(), vec![0], 0);
        for (index, &actor) in self.actors.iter().enumerate() {
            let before = len;
            for event in self.events(index) {
                found[len] = event as u32;
                len += usize::from(is_one[self.names[event] as usize]);
            }
            if len > before {
                actors.push(actor);
                offsets.push(len as u32);
            }
        }
        found.truncate(len);
        let places = || found.iter().map(|&event| event as usize);
        Self {
            actors,
            offsets,
            times: places().map(|event| self.times[event]).collect(),
            names: places().map(|event| self.names[event]).collect(),
            rows: places().map(|event| self.rows[event]).collect(),
            log: self.log.clone(),
            shapes: self.shapes.clone(),
            ..Self::default()
        }
    }

    /// Sorts each actor's events by time. They are in the order of arrival, which equal times keep.
    fn sort(&mut self) {
        let mut moved = Vec::new();
        for actor in 0..self.actors.len() {
            let range = self.events(actor);
            if self.times[range.clone()].is_sorted() {
                continue;
            }
            moved.clear();
            moved.extend(
                range
                    .clone()
                    .map(|at| (self.times[at], self.names[at], self.rows[at])),
            );
            moved.sort_by_key(|&(time, ..)| time);
            for (at, &(time, name, row)) in range.zip(&moved) {
                (self.times[at], self.names[at], self.rows[at]) = (time, name, row);
            }
        }
    }

    /// Where an actor's events are.
    pub(crate) fn events(&self, actor: usize) -> Range<usize> {
        self.offsets[actor] as usize..self.offsets[actor + 1] as usize
    }

    /// Which of the actors this is.
    pub(crate) fn find(&self, actor: Actor) -> Option<usize> {
        self.actors.binary_search(&actor).ok()
    }

    /// How many events there were in the log.
    pub(crate) fn log_len(&self) -> usize {
        self.log.len()
    }

    /// The shape of an event, and the codes of the properties that it has.
    pub(crate) fn row(&self, event: usize) -> (u32, &[u32]) {
        let (chunk, event) = self.log.locate(self.rows[event]);
        chunk.row(event)
    }

    /// The codes of a property, event by event.
    pub(crate) fn column(&self, property: &Property) -> Arc<Vec<u32>> {
        let most = if self.counts.is_empty() {
            KEPT_COLUMNS_OF_NAMES
        } else {
            KEPT_COLUMNS
        };
        let make = || self.read(property);
        self.columns.get(property.number, most, make)
    }

    fn read(&self, property: &Property) -> Vec<u32> {
        let places = self.places(property);
        if self.rows.len() * WHOLE_COLUMN_FROM >= self.log_len() {
            let mut column = Vec::with_capacity(self.log_len());
            for chunk in self.log.chunks() {
                column.extend((0..chunk.len()).map(|event| chunk.code(event, &places)));
            }
            return self.rows.iter().map(|&row| column[row as usize]).collect();
        }
        let code = |&row: &u32| {
            let (chunk, event) = self.log.locate(row);
            chunk.code(event, &places)
        };
        self.rows.iter().map(code).collect()
    }

    /// The place of a property in each shape that has it.
    fn places(&self, property: &Property) -> Vec<Option<u32>> {
        let shapes = self.shapes.iter();
        let place = |keys: &[u32]| keys.iter().position(|&key| key == property.number);
        shapes
            .map(|keys| place(keys).map(|place| place as u32))
            .collect()
    }
}
