//! A property's value as text with a kind: the form in which it is stored, compared and searched.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

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
            _ => match serde_json::from_str::<Value>(self.text) {
                Ok(value) => value.serialize(serializer),
                Err(error) => Err(serde::ser::Error::custom(error)),
            },
        }
    }
}

/// Reads a stored JSON value without building it: `sink` gets its kind and its text, see [`text_of`].
pub(crate) struct TextSeed<'b, F> {
    /// Where texts are put together; kept from value to value.
    pub(crate) buffer: &'b mut Vec<u8>,
    /// Takes the kind and the text.
    pub(crate) sink: F,
}

impl<F: FnOnce(Kind, &str)> TextSeed<'_, F> {
    /// Passes on a number, array or object that is in the buffer.
    fn finish<E: Error>(self, kind: Kind) -> Result<(), E> {
        let text = str::from_utf8(self.buffer).map_err(E::custom)?;
        (self.sink)(kind, text);
        Ok(())
    }

    /// Writes into the empty buffer.
    fn writer(&mut self) -> CompactWriter<'_> {
        self.buffer.clear();
        CompactWriter(self.buffer)
    }
}

impl<'de, F: FnOnce(Kind, &str)> DeserializeSeed<'de> for TextSeed<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnOnce(Kind, &str)> Visitor<'de> for TextSeed<'_, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        (self.sink)(Kind::Null, "null");
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        (self.sink)(Kind::Bool, if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.sink)(Kind::String, text);
        Ok(())
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<(), E> {
        self.writer().visit_i64(value)?;
        self.finish(Kind::Number)
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<(), E> {
        self.writer().visit_u64(value)?;
        self.finish(Kind::Number)
    }

    fn visit_f64<E: Error>(mut self, value: f64) -> Result<(), E> {
        self.writer().visit_f64(value)?;
        self.finish(Kind::Number)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, items: A) -> Result<(), A::Error> {
        self.writer().visit_seq(items)?;
        self.finish(Kind::Array)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, members: A) -> Result<(), A::Error> {
        self.writer().visit_map(members)?;
        self.finish(Kind::Object)
    }
}

/// Appends a value to a buffer as compact JSON, as serde_json prints it.
struct CompactWriter<'b>(&'b mut Vec<u8>);

impl CompactWriter<'_> {
    fn put<E: Error>(self, value: &impl Serialize) -> Result<(), E> {
        serde_json::to_writer(self.0, value).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for CompactWriter<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CompactWriter<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(&())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.put(&Number::from_f64(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(&text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self(buffer) = self;
        let start = buffer.len();
        buffer.push(b'[');
        loop {
            let before = buffer.len();
            if before > start + 1 {
                buffer.push(b',');
            }
            if items.next_element_seed(CompactWriter(buffer))?.is_none() {
                buffer.truncate(before);
                break;
            }
        }
        buffer.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(buffer) = self;
        let start = buffer.len();
        buffer.push(b'{');
        loop {
            let before = buffer.len();
            if before > start + 1 {
                buffer.push(b',');
            }
            if members.next_key_seed(CompactWriter(buffer))?.is_none() {
                buffer.truncate(before);
                break;
            }
            buffer.push(b':');
            members.next_value_seed(CompactWriter(buffer))?;
        }
        buffer.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_as_the_text_they_are_printed_as() {
        for value in [
            json!(null),
            json!(true),
            json!(-7),
            json!(u64::MAX),
            json!(0.1),
            json!(-0.0),
            json!(1e300),
            json!("a\"\u{1}é"),
            json!([]),
            json!({}),
            json!([[], [1, {"b": [null, "\n"], "": {}}], 2.5]),
            json!({"$serde_json::private::RawValue": "[1]", "x": false}),
        ] {
            let json = value.to_string();
            let mut read = None;
            let seed = TextSeed {
                buffer: &mut vec![b'x'],
                sink: |kind, text: &str| read = Some((kind, text.to_owned())),
            };
            let mut reader = serde_json::Deserializer::from_str(&json);
            seed.deserialize(&mut reader).expect("valid JSON");
            let (kind, text) = read.expect("passed on");
            assert_eq!((kind, text.as_str()), (Kind::of(&value), &*text_of(&value)));
            let stored = ValueRef { kind, text: &text };
            assert_eq!(stored.to_value(), value);
            assert_eq!(serde_json::to_value(stored).expect("serializes"), value);
        }
    }
}
