//! What a project has seen: event names, and the keys and types of event properties. (Keys of person
//! properties need no record: the columns are one.)

use std::collections::BTreeMap;

use persons_api::{Properties, PropertyType, Timestamp};
use serde_json::Value;

use crate::people::People;
use crate::value::{Kind, ValueRef};

/// More event property keys than this are stored with their events but not listed: somebody is
/// sending keys that are really values.
const MAX_EVENT_KEYS: usize = 10_000;

/// An event name's first and latest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventStat {
    /// The time of its earliest event.
    pub first: Timestamp,
    /// The time of its latest event.
    pub last: Timestamp,
}

/// What has been seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definitions {
    /// Event names.
    pub events: BTreeMap<String, EventStat>,
    /// Keys of event properties, with the type of their values (`None`: only nulls, lists, objects).
    pub event_keys: BTreeMap<String, Option<PropertyType>>,
}

impl Definitions {
    /// Notes an event. `known` is what was seen before the draft began.
    pub(crate) fn note(
        &mut self,
        known: &Self,
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
            if before.is_none() && known.event_keys.len() + self.event_keys.len() >= MAX_EVENT_KEYS
            {
                continue;
            }
            let after = widened(before.flatten(), type_of(value));
            if before != Some(after) {
                self.event_keys.insert(key.clone(), after);
            }
        }
    }

    pub(crate) fn apply(&mut self, news: Self) {
        self.events.extend(news.events);
        self.event_keys.extend(news.event_keys);
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
    /// What events there have been.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Sets what was seen before, as the store remembers it.
    pub fn restore_definitions(&mut self, definitions: Definitions) {
        self.definitions = definitions;
    }

    /// The keys that somebody has, with the type of their values, by name.
    pub fn person_keys(&self) -> Vec<(&str, Option<PropertyType>)> {
        let mut keys: Vec<_> = self
            .keys
            .iter()
            .zip(&self.columns)
            .filter(|(_, column)| !column.is_unused())
            .map(|(key, column)| {
                // A thousand distinct values tell the type as well as all of them.
                let kind = column
                    .entries()
                    .take(1000)
                    .map(|entry| type_of_text(column.value(entry)))
                    .reduce(widened)
                    .flatten();
                (&**key, kind)
            })
            .collect();
        keys.sort_unstable_by_key(|&(key, _)| key);
        keys
    }
}
