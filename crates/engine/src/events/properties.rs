//! The properties of events: which keys there are, their values, and which events have which keys.
//!
//! Most events of a name have the same keys. So an event holds the number of its list of keys, called its
//! *shape*, and one code per key of it. A *property* is what is known of one key.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use persons_api::Properties;
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, MapAccess, Visitor};

use crate::events::dictionary::Dictionary;
use crate::events::log::Log;
use crate::key_sets::KeySets;
use crate::key_table::KeyTable;
use crate::value::{Kind, TextSeed, text_of};

/// One key. It is shared with those who look at events, and copied before it changes.
#[derive(Clone, Debug)]
pub struct Property {
    /// Which key it is.
    pub(crate) number: u32,
    known: Known,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) values: Dictionary,
}

impl Property {
    fn new(number: u32) -> Self {
        Self {
            number,
            known: Known::default(),
        }
    }

    /// Its values.
    pub(crate) fn known(&self) -> &Known {
        &self.known
    }
}

/// All keys and shapes.
#[derive(Clone, Debug, Default)]
pub(crate) struct PropertyTable {
    properties: KeyTable<Arc<Property>>,
    shapes: KeySets,
}

/// The keys and codes of one event, collected before its shape is known. Kept from event to event.
#[derive(Debug, Default)]
pub(crate) struct Row {
    keys: Vec<u32>,
    pub(crate) codes: Vec<u32>,
    buffer: Vec<u8>,
}

impl PropertyTable {
    /// A key that some event has.
    pub(crate) fn get(&self, key: &str) -> Option<&Arc<Property>> {
        self.properties.get(key)
    }

    /// All keys, by number; `None` for numbers that no key has any more.
    pub(crate) fn keys(&self) -> Vec<Option<(&str, &Arc<Property>)>> {
        let mut keys = vec![None; self.properties.size()];
        for (number, key, property) in self.properties.iter() {
            keys[number as usize] = Some((key, property));
        }
        keys
    }

    /// The sets of keys that events have.
    pub(crate) fn shapes(&self) -> &KeySets {
        &self.shapes
    }

    /// Notes properties and says their shape; the codes are in `row` then. Holders are not counted.
    pub(crate) fn note(&mut self, properties: &Properties, row: &mut Row) -> u32 {
        row.clear();
        for (key, value) in properties {
            self.note_value(key, Kind::of(value), &text_of(value), row);
        }
        self.shapes.intern(&row.keys)
    }

    /// [`Self::note`] of properties as JSON text, without making values of it.
    pub(crate) fn note_json(
        &mut self,
        json: &str,
        row: &mut Row,
    ) -> Result<u32, serde_json::Error> {
        row.clear();
        let mut reader = serde_json::Deserializer::from_str(json);
        reader.deserialize_map(RowReader { table: self, row })?;
        reader.end()?;
        Ok(self.shapes.intern(&row.keys))
    }

    fn note_value(&mut self, key: &str, kind: Kind, text: &str, row: &mut Row) {
        let make = |number| Arc::new(Property::new(number));
        let number = self.properties.number_or_add(key, make);
        let known = self.properties.value(number);
        let code = known
            .and_then(|property| property.known.values.lookup(kind, text))
            .or_else(|| {
                let property = Arc::make_mut(self.properties.value_mut(number)?);
                Some(property.known.values.code(kind, text))
            });
        row.keys.push(number);
        row.codes.extend(code);
    }

    /// Counts an event as the holder of its shape and its values.
    pub(crate) fn hold(&mut self, shape: u32, codes: &[u32]) {
        self.shapes.add_holders(shape, 1);
        let keys = Arc::clone(self.shapes.keys(shape));
        for (&key, &code) in keys.iter().zip(codes) {
            self.add_holders(key, code, 1);
        }
    }

    fn add_holders(&mut self, key: u32, code: u32, holders: u32) {
        if let Some(property) = self.properties.value_mut(key) {
            let values = &mut Arc::make_mut(property).known.values;
            values.add_holders(code, holders);
        }
    }

    /// Counts the events of a log, of which none was counted, and forgets what none of them has.
    pub(crate) fn hold_all(&mut self, log: &Log) {
        let mut shapes = vec![0; self.shapes.len()];
        let sizes = self.keys().into_iter().map(|key| {
            let (_, property) = key?;
            Some(vec![0; property.known.values.size()])
        });
        let mut counts: Vec<Option<Vec<u32>>> = sizes.collect();
        for chunk in log.chunks() {
            for event in 0..chunk.len() {
                let (shape, codes) = chunk.row(event);
                shapes[shape as usize] += 1;
                for (&key, &code) in self.shapes.keys(shape).iter().zip(codes) {
                    if let Some(counts) = &mut counts[key as usize] {
                        counts[code as usize] += 1;
                    }
                }
            }
        }
        for (shape, holders) in (0..).zip(shapes) {
            self.shapes.add_holders(shape, holders);
            if holders == 0 {
                self.shapes.release(shape, 0);
            }
        }
        for (key, counts) in (0..).zip(counts) {
            for (code, holders) in (0..).zip(counts.into_iter().flatten()).skip(1) {
                self.add_holders(key, code, holders);
                if holders == 0 {
                    self.release_value(key, code, 0);
                }
            }
        }
    }

    /// Stops counting an event. Values and keys that no event has any more are forgotten; returns these keys.
    pub(crate) fn release(&mut self, shape: u32, codes: &[u32]) -> Vec<Arc<str>> {
        let keys = Arc::clone(self.shapes.keys(shape));
        self.shapes.release(shape, 1);
        let values = keys.iter().zip(codes);
        values
            .filter_map(|(&key, &code)| self.release_value(key, code, 1))
            .collect()
    }

    /// Returns the key if no event has it any more.
    fn release_value(&mut self, key: u32, code: u32, holders: u32) -> Option<Arc<str>> {
        let property = self.properties.value_mut(key)?;
        let values = &mut Arc::make_mut(property).known.values;
        values.release(code, holders);
        if !values.is_unused() {
            return None;
        }
        self.properties.remove(key)
    }
}

impl Clone for Row {
    /// A clone of the events needs none of it.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Row {
    fn clear(&mut self) {
        self.keys.clear();
        self.codes.clear();
    }
}

/// Reads a JSON object into a row.
struct RowReader<'t> {
    table: &'t mut PropertyTable,
    row: &'t mut Row,
}

impl<'de> Visitor<'de> for RowReader<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("properties")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Text)? {
            let mut buffer = std::mem::take(&mut self.row.buffer);
            map.next_value_seed(TextSeed {
                buffer: &mut buffer,
                sink: |kind, text: &str| self.table.note_value(&key, kind, text, self.row),
            })?;
            self.row.buffer = buffer;
        }
        Ok(())
    }
}

/// Reads a text, borrowed where it has no escapes.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
