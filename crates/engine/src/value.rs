//! A property's value as text with a kind: the form in which it is stored, compared and searched.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, value::RawValue};

/// The JSON type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// JSON null.
    Null,
    /// True or false.
    Bool,
    /// A number.
    Number,
    /// Text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Null,
        Self::Bool,
        Self::Number,
        Self::String,
        Self::Array,
        Self::Object,
    ];

    /// The kind of a JSON value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

/// The text of a value: the content of a string, the compact JSON of anything else. This is the left
/// side of every comparison, so that the number 1 equals the text "1".
pub fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed("null"),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        other => Cow::Owned(other.to_string()),
    }
}

/// A stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueRef<'a> {
    /// Its JSON type.
    pub kind: Kind,
    /// Its text, see [`text_of`].
    pub text: &'a str,
}

impl ValueRef<'_> {
    /// The JSON value.
    pub fn to_value(self) -> Value {
        match self.kind {
            Kind::String => Value::String(self.text.to_owned()),
            // The text was printed from a JSON value; null is only a net under a bug.
            _ => serde_json::from_str(self.text).unwrap_or(Value::Null),
        }
    }

    /// Whether it is this JSON value, without building a second one.
    pub fn equals(self, value: &Value) -> bool {
        self.kind == Kind::of(value) && self.text == text_of(value)
    }
}

impl Serialize for ValueRef<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kind {
            Kind::String => serializer.serialize_str(self.text),
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool => serializer.serialize_bool(self.text == "true"),
            _ => match serde_json::from_str::<&RawValue>(self.text) {
                Ok(raw) => raw.serialize(serializer),
                Err(error) => Err(serde::ser::Error::custom(error)),
            },
        }
    }
}
