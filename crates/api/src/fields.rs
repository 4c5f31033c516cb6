//! Reading an object whose fields come and go with the age of the server.
//!
//! What is missing, null, or of another kind than expected is taken for its default: one odd field must
//! not take a whole list away. By hand, because what serde derives for the same is strict, and weighs
//! several kilobytes in the web app.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

/// The fields that were not taken yet.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads an object.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(de::Error::custom("an object is expected")),
        }
    }

    /// Whatever is there.
    pub fn take(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or_default()
    }

    /// A text, empty by default.
    pub fn text(&mut self, name: &str) -> String {
        text(self.take(name)).unwrap_or_default()
    }

    /// Something that is written as a text.
    pub fn parsed<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        parse(self.take(name).as_str()?)
    }

    /// A whole number that is not negative.
    pub fn number(&mut self, name: &str) -> Option<u64> {
        self.take(name).as_u64()
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.take(name).as_bool()
    }

    /// The texts in a list.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        match self.take(name) {
            Value::Array(items) => Some(items.into_iter().filter_map(text).collect()),
            _ => None,
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}
