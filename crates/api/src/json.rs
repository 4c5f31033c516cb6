//! Parses JSON that comes from outside: request bodies, parameters, imported files.
//!
//! All untrusted JSON passes through [`parse`] or [`parse_pruned`], because `serde_json::from_slice::<Value>` is not
//! safe for it: with some of that crate's features an object with a certain key is not an object but a number or
//! text that is parsed again, with a depth limit of its own. Here no key has a meaning, and one limit holds.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::{Map, Number, Value};

/// The most levels of arrays and objects that input may have. Ordinary parsers stop at 128, and what is stored is
/// written out inside the arrays and objects of a response, so half of it leaves room for them.
pub const MAX_DEPTH: usize = 64;

/// Why a text is refused as JSON. The display form is part of error messages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, or JSON of another shape than expected. The text says why and where.
    #[error("{0}")]
    Malformed(String),
    /// Nested deeper than the limit.
    #[error("nested deeper than {max_depth} levels at line {line} column {column}")]
    TooDeep {
        /// The limit, in levels of arrays and objects.
        max_depth: usize,
        /// The line of the first array or object beyond the limit, from 1.
        line: usize,
        /// The column in bytes, right after its opening bracket.
        column: usize,
    },
}

/// Parses JSON that is at most [`MAX_DEPTH`] levels deep.
///
/// The last of several equal keys wins. A null character in a key or text becomes U+FFFD, as does half of a surrogate
/// pair, which JavaScript writes when it cuts a text in two.
///
/// # Errors
/// Text that is not JSON, a number that no `f64` can hold, and JSON nested too deeply.
pub fn parse(json: impl AsRef<[u8]>) -> Result<Value, JsonError> {
    read(json.as_ref(), MAX_DEPTH, Excess::Refused)
}

/// [`parse`], then a conversion to `T`. `T` itself must not hold JSON values that parse text again.
///
/// # Errors
/// Those of [`parse`], and JSON of another shape than `T`.
pub fn parse_as<T: DeserializeOwned>(json: impl AsRef<[u8]>) -> Result<T, JsonError> {
    serde_json::from_value(parse(json)?).map_err(|error| JsonError::Malformed(error.to_string()))
}

/// [`parse`] for a list of items, where an item nested too deeply must not prevent the others from being read: arrays
/// and objects at level `max_depth + 1` are kept but emptied. [`check_depth`] of the item still finds them.
///
/// # Errors
/// Text that is not JSON, and a number that no `f64` can hold.
pub fn parse_pruned(json: impl AsRef<[u8]>, max_depth: usize) -> Result<Value, JsonError> {
    read(json.as_ref(), max_depth, Excess::Emptied)
}

/// Checks that a text is JSON, of any depth, without building values.
///
/// # Errors
/// Text that is not JSON.
pub fn check_syntax(json: impl AsRef<[u8]>) -> Result<(), JsonError> {
    serde_json::from_slice::<IgnoredAny>(json.as_ref())
        .map(drop)
        .map_err(|error| JsonError::Malformed(error.to_string()))
}

/// Whether a value has at most [`MAX_DEPTH`] levels of arrays and objects.
pub fn check_depth(value: &Value) -> bool {
    has_at_most(MAX_DEPTH, value)
}

/// Whether a value has at most this many levels of arrays and objects. Recurses no deeper than that, however deep the
/// value is.
pub fn has_at_most(levels: usize, value: &Value) -> bool {
    let fits = |item: &Value| has_at_most(levels - 1, item);
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(fits),
        Value::Object(map) => levels > 0 && map.values().all(fits),
        _ => true,
    }
}

/// Returns the text with U+FFFD in place of null characters, for texts that do not come as JSON.
pub fn replace_null_characters(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

/// What happens to arrays and objects beyond the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Excess {
    Refused,
    Emptied,
}

fn read(json: &[u8], max_depth: usize, excess: Excess) -> Result<Value, JsonError> {
    read_once(json, max_depth, excess).or_else(|error| match replace_lone_surrogates(json) {
        Some(repaired) if matches!(error, JsonError::Malformed(_)) => {
            read_once(&repaired, max_depth, excess)
        }
        _ => Err(error),
    })
}

fn read_once(json: &[u8], max_depth: usize, excess: Excess) -> Result<Value, JsonError> {
    let is_too_deep = Cell::new(false);
    let seed = Seed {
        levels_left: max_depth,
        excess,
        is_too_deep: &is_too_deep,
    };
    let mut reader = serde_json::Deserializer::from_slice(json);
    let read = seed
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        if is_too_deep.get() {
            JsonError::TooDeep {
                max_depth,
                line: error.line(),
                column: error.column(),
            }
        } else {
            JsonError::Malformed(error.to_string())
        }
    })
}

/// Builds a value from whatever a deserializer reports, and counts the levels that are left.
#[derive(Clone, Copy)]
struct Seed<'c> {
    levels_left: usize,
    excess: Excess,
    is_too_deep: &'c Cell<bool>,
}

impl Seed<'_> {
    /// The seed of the members of an array or object; none if they are to be skipped.
    fn members<E: Error>(self) -> Result<Option<Self>, E> {
        match self.levels_left.checked_sub(1) {
            Some(levels_left) => Ok(Some(Self {
                levels_left,
                ..self
            })),
            None if self.excess == Excess::Emptied => Ok(None),
            None => {
                self.is_too_deep.set(true);
                Err(E::custom("nested too deeply"))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(replace_null_characters(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let Some(seed) = self.members()? else {
            // Skipping does not recurse, so it is safe at any depth.
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Array(Vec::new()));
        };
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(seed)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Some(seed) = self.members()? else {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Object(Map::new()));
        };
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(seed)?;
            map.insert(replace_null_characters(key), value);
        }
        Ok(Value::Object(map))
    }
}

/// Replaces escapes of half a surrogate pair, which no text can hold, by the escape of U+FFFD. Returns nothing if
/// there are none. Positions stay the same, so that errors still point to the right place.
fn replace_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    let mut repaired: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(next) = json[at..].iter().position(|&byte| byte == b'\\') {
        at += next;
        at += match (escaped_unit(json, at), escaped_unit(json, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                let copy = repaired.get_or_insert_with(|| json.to_vec());
                copy[at..at + 6].copy_from_slice(b"\\ufffd");
                6
            }
            // The second byte may be a backslash that begins no escape.
            _ => 2,
        };
        if at >= json.len() {
            break;
        }
    }
    repaired
}

/// The UTF-16 unit of the escape `\uXXXX` that begins at a place.
fn escaped_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = str::from_utf8(digits).ok()?;
    // `from_str_radix` accepts a sign.
    if digits.starts_with('+') {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> String {
        format!("{}{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn syntax_is_checked_at_any_depth() {
        for text in ["{}", "[1, \"a\"]", &nested(10_000)] {
            assert_eq!(check_syntax(text), Ok(()));
        }
        for text in ["", "{", "[1,]", "{} {}", &"[".repeat(10_000)] {
            assert!(matches!(check_syntax(text), Err(JsonError::Malformed(_))));
        }
    }

    #[test]
    fn values_are_parsed_as_serde_json_parses_them() {
        for text in [
            "null",
            " true ",
            "0",
            "-0",
            "-7",
            "18446744073709551615",
            "-9223372036854775808",
            "123456789012345678901234567890",
            "1.5e300",
            "0.1",
            r#""a\"\u00e9\ud83d\ude00""#,
            r#"{"b":[1,{"":{}}],"a":null,"b":2}"#,
        ] {
            let expected: Value = serde_json::from_str(text).expect("valid JSON");
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn no_key_has_a_meaning() {
        for key in [
            "$serde_json::private::RawValue",
            "$serde_json::private::Number",
        ] {
            for value in [json!("[[1]]"), json!("1"), json!(1), json!([])] {
                let object = json!({key: value});
                assert_eq!(parse(format!("{{\"{key}\":{value}}}")), Ok(object));
            }
        }
    }

    #[test]
    fn depth_is_limited_and_the_place_is_named() {
        assert!(parse(nested(MAX_DEPTH)).is_ok_and(|value| check_depth(&value)));
        let too_deep = parse(nested(MAX_DEPTH + 1)).expect_err("too deep");
        assert_eq!(
            too_deep.to_string(),
            "nested deeper than 64 levels at line 1 column 66"
        );
        let object = format!("{{\"a\":\n{}1{}}}", "{\"b\":".repeat(64), "}".repeat(64));
        let too_deep = parse(object).expect_err("too deep");
        assert!(matches!(too_deep, JsonError::TooDeep { line: 2, .. }));
        assert!(matches!(
            parse("[".repeat(1_000_000)),
            Err(JsonError::TooDeep { .. })
        ));
    }

    #[test]
    fn a_deep_item_is_emptied_and_recognized_beside_the_others() {
        let text = format!("[{}, 1, {{\"a\":[2]}}]", nested(100_000));
        let list = parse_pruned(text, MAX_DEPTH + 1).expect("valid JSON");
        assert!(!check_depth(&list[0]));
        assert_eq!(list[1], json!(1));
        assert_eq!(list[2], json!({"a": [2]}));
        let fits = parse_pruned(format!("[{}]", nested(MAX_DEPTH)), MAX_DEPTH + 1);
        assert!(check_depth(&fits.expect("valid JSON")[0]));
    }

    #[test]
    fn what_is_skipped_must_be_json_too() {
        for text in ["[[{]]", "[[1 2]]", "[[\"a]]", "[[1]"] {
            let parsed = parse_pruned(text, 1);
            assert!(matches!(parsed, Err(JsonError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn null_characters_and_lone_surrogates_are_replaced() {
        assert_eq!(
            parse(r#"{"a\u0000":"b\u0000c"}"#),
            Ok(json!({"a\u{fffd}": "b\u{fffd}c"}))
        );
        for (escaped, expected) in [
            (r"\ud83d", "\u{fffd}"),
            (r"x\uDC00y", "x\u{fffd}y"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\ud83d\n", "\u{fffd}\n"),
            (r"\\ud83d\ud83d", "\\ud83d\u{fffd}"),
        ] {
            let text = format!("\"{escaped}\"");
            assert_eq!(parse(&text), Ok(json!(expected)), "{text}");
        }
    }

    #[test]
    fn malformed_json_is_refused_with_its_place() {
        for (text, place) in [
            ("", "line 1 column 0"),
            ("{\"a\":\n1e999}", "line 2"),
            ("[1] 2", "line 1 column 5"),
            ("{\"a\" 1}", "line 1"),
            ("\"\\u+123\"", "line 1"),
            ("\"\\ud83d", "line 1"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(place), "{text}: {error}");
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse_as::<Vec<String>>("[1]").is_err());
    }

    /// Arbitrary JSON values, with keys that a parser might give a meaning to.
    fn any_json() -> impl Strategy<Value = Value> {
        let key = prop_oneof![
            "[a-c\u{e9}\"\\\\]{0,3}",
            Just("$serde_json::private::RawValue".to_owned()),
            Just("$serde_json::private::Number".to_owned()),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(json!("[[[1]]]")),
        ];
        leaf.prop_recursive(70, 200, 3, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec((key.clone(), inner), 0..3)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn printed_values_are_parsed_back(value in any_json()) {
            let text = value.to_string().replace("\\u0000", "\\ufffd").replace('\0', "\u{fffd}");
            match parse(&text) {
                Ok(parsed) => prop_assert_eq!(parsed.to_string(), text),
                Err(error) => {
                    let is_too_deep = matches!(error, JsonError::TooDeep { .. });
                    prop_assert!(is_too_deep && !check_depth(&value));
                }
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}:,\"\\\\ud8cf0]{0,40}") {
            for json in [bytes.as_slice(), text.as_bytes()] {
                let plain = serde_json::from_slice::<IgnoredAny>(json).is_ok();
                prop_assert!(!plain || parse(json).is_ok() || parse_pruned(json, 2).is_ok());
            }
        }
    }
}
