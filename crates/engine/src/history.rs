//! What happened to a person: one entry for every change, with the values before and after it.
//!
//! Entries are written in the same transaction as the change they tell of. Values of people who were
//! deleted are not kept: that somebody was deleted is history, what was known of them is not.

use std::collections::{BTreeMap, HashMap};

use persons_api::{Properties, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::event::CapturedEvent;
use crate::identity::Update;

/// What kind of change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The person came to be.
    Created,
    /// Properties were set, or taken away together with others.
    Updated,
    /// One property was taken away on request.
    PropertyDeleted,
    /// Distinct ids moved to people of their own.
    Split,
    /// Somebody else became part of the person.
    Merged,
    /// The person is gone.
    Deleted,
}

impl Act {
    /// Each with its name on the wire.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Created, "created"),
        (Self::Updated, "updated"),
        (Self::PropertyDeleted, "delete_property"),
        (Self::Split, "split_person"),
        (Self::Merged, "people_merged_into"),
        (Self::Deleted, "deleted"),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name)?;
        Some(found.0)
    }
}

/// Somebody who changes people through the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Which key, or the browser's session.
    pub id: String,
    /// What the key is called.
    pub name: String,
}

/// Why something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An event was captured.
    Event {
        /// Its id.
        uuid: Uuid,
        /// What happened.
        name: String,
    },
    /// Somebody asked for it.
    Actor(Actor),
    /// It follows from the split of another person.
    SplitOf(Uuid),
    /// Nobody kept it: the data come from before history was kept.
    Unknown,
}

/// One change of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The number of the person.
    pub person: i64,
    /// The person's version after the change.
    pub version: i64,
    /// What kind of change.
    pub act: Act,
    /// Why.
    pub cause: Cause,
    /// When: the event's own time, or the server's when somebody asked.
    pub at: Timestamp,
    /// The properties that changed, as they were; a key that is only in `after` was added.
    pub before: Properties,
    /// The properties that changed, as they are; a key that is only in `before` was taken away.
    pub after: Properties,
    /// What else there is to say: the ids of a split, who was merged or deleted.
    pub details: Properties,
}

/// The values of one person's properties that a change touched.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The person's version after the change.
    pub version: i64,
    /// The values that changed, as they were.
    pub before: Properties,
    /// The values that changed, as they are.
    pub after: Properties,
}

/// An event of a person, and whose state it saw when it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it happened.
    pub at: Timestamp,
    /// The number of the person it belonged to when it arrived.
    pub person: i64,
    /// That person's version after the event.
    pub version: i64,
}

/// A stretch of time in which the watched properties stayed the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The first event of the stretch.
    pub at: Timestamp,
    /// All properties as they were at that event.
    pub properties: Properties,
    /// How many events there were until the next point.
    pub events: usize,
}

/// How the properties in `keys` changed from event to event. `events` are in the order of their time,
/// `steps` tell for each person number what changed, oldest first. A value that comes back makes a
/// point again. Without keys there is one point, at the first event.
pub fn timeline(events: &[Seen], steps: &HashMap<i64, Vec<Step>>, keys: &[String]) -> Vec<Point> {
    let mut watched: Vec<Vec<Option<Value>>> = vec![Vec::new(); events.len()];
    walk(events, steps, |event, properties| {
        watched[event] = keys
            .iter()
            .map(|key| properties.get(key).cloned())
            .collect();
    });
    let mut starts: BTreeMap<usize, Point> = BTreeMap::new();
    let mut last = None;
    for (index, event) in events.iter().enumerate() {
        if last.is_none_or(|last: usize| watched[last] != watched[index]) {
            let point = Point {
                at: event.at,
                properties: Properties::new(),
                events: 0,
            };
            starts.insert(index, point);
        }
        last = Some(index);
        if let Some(mut point) = starts.last_entry() {
            point.get_mut().events += 1;
        }
    }
    walk(events, steps, |event, properties| {
        if let Some(point) = starts.get_mut(&event) {
            point.properties = properties.clone();
        }
    });
    starts.into_values().collect()
}

/// Visits events with the properties that they saw, person by person and version by version.
fn walk(
    events: &[Seen],
    steps: &HashMap<i64, Vec<Step>>,
    mut visit: impl FnMut(usize, &Properties),
) {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|&index| (events[index].person, events[index].version));
    for life in order.chunk_by(|&a, &b| events[a].person == events[b].person) {
        let mut steps = steps
            .get(&events[life[0]].person)
            .into_iter()
            .flatten()
            .peekable();
        let mut properties = Properties::new();
        for &index in life {
            while let Some(step) = steps.next_if(|step| step.version <= events[index].version) {
                for key in step
                    .before
                    .keys()
                    .filter(|key| !step.after.contains_key(*key))
                {
                    properties.remove(key);
                }
                properties.extend(step.after.clone());
            }
            visit(index, &properties);
        }
    }
}

/// The properties that a person's events say, up to the last of them: `$set` and `$unset`, and `$set_once`
/// if wanted. `events` are in the order of their time.
pub fn replay<'e>(
    events: impl IntoIterator<Item = &'e CapturedEvent>,
    include_set_once: bool,
) -> Properties {
    let mut properties = Properties::new();
    for event in events {
        if !event.is_about_a_person() {
            continue;
        }
        let update = Update::of(event);
        if include_set_once {
            for (key, value) in update.once {
                if !properties.contains_key(&*key) {
                    properties.insert(key.into_owned(), value.clone());
                }
            }
        }
        for (key, value) in update.set {
            properties.insert(key.to_owned(), value.clone());
        }
        for key in update.unset {
            properties.remove(key);
        }
    }
    properties
}
