//! What a project has seen: event names, and the keys and types of event properties. (Keys of person
//! properties need no record: the columns are one.)

use std::collections::BTreeMap;
use std::sync::Arc;

use persons_api::{Properties, PropertyType, Timestamp};
use serde_json::Value;

use crate::event::MAX_KEY;
use crate::events::{Events, Unused};
use crate::people::People;
use crate::persistent::SortedChunks;
use crate::value::{Kind, ValueRef};

/// Keys of event properties in a project, at most. New keys beyond them are left out of their events with a warning:
/// a client sends keys that are really values, and each key takes memory.
pub(crate) const MAX_EVENT_KEYS: usize = 10_000;

/// An event name's first and latest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventStat {
    /// The time of its earliest event.
    pub first: Timestamp,
    /// The time of its latest event.
    pub last: Timestamp,
}

/// What has been seen: all that the store remembers, or what a draft adds to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definitions {
    /// Event names.
    pub events: BTreeMap<String, EventStat>,
    /// Keys of event properties, with the type of their values (`None`: only nulls, lists, objects).
    pub event_keys: BTreeMap<String, Option<PropertyType>>,
}

impl Definitions {
    /// Notes an event without [`Self::excess_keys`]. `known` is what was seen before the draft began.
    pub(crate) fn note(
        &mut self,
        known: &SeenDefinitions,
        name: &str,
        at: Timestamp,
        properties: &Properties,
    ) {
        match self.events.get_mut(name) {
            Some(stat) => *stat = stat.including(at),
            None => {
                let stat = known.events.get(name).copied().unwrap_or(EventStat {
                    first: at,
                    last: at,
                });
                self.events.insert(name.to_owned(), stat.including(at));
            }
        }
        for (key, value) in properties {
            let before = self
                .event_keys
                .get(key)
                .or_else(|| known.event_keys.get(key))
                .copied();
            let after = widened(before.flatten(), type_of(value));
            if before != Some(after) {
                self.event_keys.insert(key.clone(), after);
            }
        }
    }

    /// The keys of an event that are too long, or new and beyond [`MAX_EVENT_KEYS`]. `known` is what was seen before
    /// the draft began.
    pub(crate) fn excess_keys<'k>(
        &self,
        known: &SeenDefinitions,
        keys: impl Iterator<Item = &'k String>,
    ) -> Vec<String> {
        let is_new = |key: &&String| known.event_keys.get(key).is_none();
        // Counted only when there is a new key.
        let mut room = None;
        let mut has_room = || {
            let room: &mut usize = room.get_or_insert_with(|| {
                let drafted = self.event_keys.keys().filter(is_new).count();
                MAX_EVENT_KEYS.saturating_sub(known.event_keys.len() + drafted)
            });
            let has_room = *room > 0;
            *room = room.saturating_sub(1);
            has_room
        };
        keys.filter(|key| {
            let is_long = key.chars().nth(MAX_KEY).is_some();
            is_long || is_new(key) && !self.event_keys.contains_key(*key) && !has_room()
        })
        .cloned()
        .collect()
    }
}

/// The definitions of a project, which every commit changes a little.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenDefinitions {
    events: TextMap<EventStat>,
    event_keys: TextMap<Option<PropertyType>>,
}

impl SeenDefinitions {
    /// Adds or replaces what a draft noted.
    pub(crate) fn apply(&mut self, news: Definitions) {
        for (name, stat) in news.events {
            self.events.put(&name, stat);
        }
        for (key, kind) in news.event_keys {
            self.event_keys.put(&key, kind);
        }
    }
}

/// Values by text, sorted. Clones share what neither side changes.
#[derive(Clone, Debug)]
struct TextMap<V>(SortedChunks<(Arc<str>, V), 64>);

impl<V> Default for TextMap<V> {
    fn default() -> Self {
        Self(SortedChunks::default())
    }
}

impl<V: Clone> TextMap<V> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, text: &str) -> Option<&V> {
        let found = self.0.find(|(other, _)| (**other).cmp(text))?;
        Some(&found.1)
    }

    fn put(&mut self, text: &str, value: V) {
        let known = self.0.find(|(other, _)| (**other).cmp(text));
        let key = known.map_or_else(|| text.into(), |(known, _)| Arc::clone(known));
        self.0
            .insert((key, value), |(other, _)| (**other).cmp(text));
    }

    fn remove(&mut self, text: &str) {
        self.0.remove(|(other, _)| (**other).cmp(text));
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(text, value)| (&**text, value))
    }
}

impl EventStat {
    fn including(self, at: Timestamp) -> Self {
        Self {
            first: self.first.min(at),
            last: self.last.max(at),
        }
    }
}

/// The type that covers both: values of several types are text.
fn widened(a: Option<PropertyType>, b: Option<PropertyType>) -> Option<PropertyType> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => Some(PropertyType::String),
        (a, b) => a.or(b),
    }
}

/// The type of one value; null, lists and objects have none.
fn type_of(value: &Value) -> Option<PropertyType> {
    type_of_text(ValueRef {
        kind: Kind::of(value),
        text: value.as_str().unwrap_or_default(),
    })
}

fn type_of_text(value: ValueRef<'_>) -> Option<PropertyType> {
    match value.kind {
        Kind::Bool => Some(PropertyType::Boolean),
        Kind::Number => Some(PropertyType::Numeric),
        Kind::String if Timestamp::parse(value.text).is_some() => Some(PropertyType::DateTime),
        Kind::String => Some(PropertyType::String),
        Kind::Null | Kind::Array | Kind::Object => None,
    }
}

impl People {
    /// The names of events with when each happened, by name.
    pub fn event_stats(&self) -> impl Iterator<Item = (&str, EventStat)> {
        let events = self.definitions.events.iter();
        events.map(|(name, &stat)| (name, stat))
    }

    /// The keys of event properties, with the type of their values, by key.
    pub fn event_keys(&self) -> impl Iterator<Item = (&str, Option<PropertyType>)> {
        let keys = self.definitions.event_keys.iter();
        keys.map(|(key, &kind)| (key, kind))
    }

    /// Sets what was seen before, as the store remembers it.
    pub fn restore_definitions(&mut self, definitions: Definitions) {
        self.definitions = SeenDefinitions::default();
        self.definitions.apply(definitions);
    }

    /// Forgets the names and keys that no event has any more.
    pub fn forget_definitions(&mut self, unused: &Unused) {
        for name in &unused.names {
            self.definitions.events.remove(name);
        }
        for key in &unused.keys {
            self.definitions.event_keys.remove(key);
        }
    }

    /// Forgets all names and keys that no event has.
    pub fn keep_definitions_of(&mut self, events: &Events) {
        let names = self.definitions.events.iter().map(|(name, _)| name);
        let names = names.filter(|name| events.names().number(name).is_none());
        let keys = self.definitions.event_keys.iter().map(|(key, _)| key);
        let keys = keys.filter(|key| events.property(key).is_none());
        let unused = Unused {
            names: names.map(Arc::from).collect(),
            keys: keys.map(Arc::from).collect(),
        };
        self.forget_definitions(&unused);
    }

    /// The keys that somebody has, with the type of their values, by name.
    pub fn person_keys(&self) -> Vec<(&str, Option<PropertyType>)> {
        let mut keys: Vec<_> = self
            .columns
            .iter()
            .map(|(_, key, column)| {
                // A thousand distinct values tell the type as well as all of them.
                let values = &column.values;
                let kind = values
                    .entries()
                    .take(1000)
                    .map(|entry| type_of_text(values.value(entry)))
                    .reduce(widened)
                    .flatten();
                (key, kind)
            })
            .collect();
        keys.sort_unstable_by_key(|&(key, _)| key);
        keys
    }
}
