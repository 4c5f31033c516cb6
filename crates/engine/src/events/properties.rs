//! The properties of events: which keys there are, their values, and which events have which keys.
//!
//! Most events of a name have the same keys. So an event holds the number of its list of keys, called its
//! *shape*, and one code per key of it. A *property* is what is known of one key.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use hashbrown::HashMap;
use persons_api::Properties;
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, MapAccess, Visitor};

use crate::events::chunk::Chunk;
use crate::events::dictionary::Dictionary;
use crate::value::{Kind, TextSeed, text_of};

/// The shape of events without properties.
pub(crate) const EMPTY: u32 = 0;

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
    /// Where the shapes that have the key have it.
    places: HashMap<u32, u32>,
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

    /// The codes of all events, in the order of the log.
    pub(crate) fn column(&self, chunks: &[Arc<Chunk>]) -> Vec<u32> {
        let places = self.places();
        let events = chunks
            .iter()
            .flat_map(|chunk| (0..chunk.len()).map(|event| chunk.code(event, &places)));
        let mut column = Vec::with_capacity(chunks.iter().map(|chunk| chunk.len()).sum());
        column.extend(events);
        column
    }

    /// The place of the key in each shape that has it.
    pub(crate) fn places(&self) -> Vec<Option<u32>> {
        let known = self.known();
        let size = known
            .places
            .keys()
            .max()
            .map_or(0, |&last| last as usize + 1);
        let mut places = vec![None; size];
        for (&shape, &place) in &known.places {
            places[shape as usize] = Some(place);
        }
        places
    }
}

/// All keys and shapes.
#[derive(Clone, Debug)]
pub(crate) struct PropertyTable {
    numbers: HashMap<Box<str>, u32>,
    properties: Vec<Arc<Property>>,
    shapes: HashMap<Box<[u32]>, u32>,
    /// How many keys each shape has.
    widths: Vec<u32>,
}

impl Default for PropertyTable {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            properties: Vec::new(),
            shapes: HashMap::from([(Box::default(), EMPTY)]),
            widths: vec![0],
        }
    }
}

/// The keys and codes of one event, collected before its shape is known. Kept from event to event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    keys: Vec<u32>,
    pub(crate) codes: Vec<u32>,
    buffer: Vec<u8>,
}

impl PropertyTable {
    /// A key that some event has had.
    pub(crate) fn get(&self, key: &str) -> Option<&Arc<Property>> {
        let number = *self.numbers.get(key)?;
        Some(&self.properties[number as usize])
    }

    /// All keys, by number.
    pub(crate) fn keys(&self) -> Vec<(&str, &Arc<Property>)> {
        let mut keys: Vec<(&str, &Arc<Property>)> = self
            .numbers
            .iter()
            .map(|(key, &number)| (key.as_ref(), &self.properties[number as usize]))
            .collect();
        keys.sort_unstable_by_key(|(_, property)| property.number);
        keys
    }

    /// The numbers of the keys of each shape.
    pub(crate) fn shapes(&self) -> Vec<&[u32]> {
        let mut shapes = vec![&[][..]; self.widths.len()];
        for (keys, &shape) in &self.shapes {
            shapes[shape as usize] = keys;
        }
        shapes
    }

    /// How many keys a shape has.
    pub(crate) fn width(&self, shape: u32) -> usize {
        self.widths[shape as usize] as usize
    }

    /// Notes properties and says their shape; the codes are in `row` then.
    pub(crate) fn note(&mut self, properties: &Properties, row: &mut Row) -> u32 {
        row.clear();
        for (key, value) in properties {
            self.note_value(key, Kind::of(value), &text_of(value), row);
        }
        self.shape(row)
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
        Ok(self.shape(row))
    }

    fn note_value(&mut self, key: &str, kind: Kind, text: &str, row: &mut Row) {
        let number = match self.numbers.get(key) {
            Some(&number) => number,
            None => {
                let number = self.properties.len() as u32;
                self.properties.push(Arc::new(Property::new(number)));
                self.numbers.insert(key.into(), number);
                number
            }
        };
        let property = &mut self.properties[number as usize];
        let code = match Arc::get_mut(property) {
            Some(property) => property.known.values.code(kind, text),
            None => match property.known.values.lookup(kind, text) {
                Some(code) => code,
                None => Arc::make_mut(property).known.values.code(kind, text),
            },
        };
        row.keys.push(number);
        row.codes.push(code);
    }

    fn shape(&mut self, row: &Row) -> u32 {
        if let Some(&shape) = self.shapes.get(row.keys.as_slice()) {
            return shape;
        }
        let shape = self.widths.len() as u32;
        self.widths.push(row.keys.len() as u32);
        self.shapes.insert(row.keys.as_slice().into(), shape);
        for (place, &key) in row.keys.iter().enumerate() {
            let property = Arc::make_mut(&mut self.properties[key as usize]);
            property.known.places.insert(shape, place as u32);
        }
        shape
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
