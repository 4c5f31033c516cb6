//! Lists in pages, and the list of a property's values.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

/// One page of a list. Follow `next`; never infer the end from a short page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// How many there are in all. Absent on servers that count only when asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Where the next page is: absolute here, relative (even without a leading slash) elsewhere.
    #[serde(default)]
    pub next: Option<String>,
    /// Where the previous page is. Some servers link the page to itself.
    #[serde(default)]
    pub previous: Option<String>,
    /// The rows of this page.
    pub results: Vec<T>,
}

/// A value of a property and how many people have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueCount {
    /// The value, with its JSON type.
    pub name: Value,
    /// The number of people. Absent on some servers.
    #[serde(default)]
    pub count: u64,
}

/// The two shapes of an answer to `persons/values/`: a list, or (2026) an object around it.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueCounts {
    /// `[{name, count}]`
    List(Vec<ValueCount>),
    /// `{results, refreshing}`
    Wrapped {
        /// The values.
        results: Vec<ValueCount>,
        /// Whether the server is still computing a fresher answer.
        refreshing: bool,
    },
}

/// By hand: what serde brings for guessing among shapes weighs five kilobytes in the web app.
impl<'de> Deserialize<'de> for ValueCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = |items: Vec<Value>| items.into_iter().map(value_count).collect();
        match Value::deserialize(deserializer)? {
            Value::Array(items) => Ok(Self::List(list(items))),
            Value::Object(mut wrapped) => match wrapped.remove("results") {
                Some(Value::Array(items)) => Ok(Self::Wrapped {
                    results: list(items),
                    refreshing: wrapped.get("refreshing") == Some(&Value::Bool(true)),
                }),
                _ => Err(de::Error::missing_field("results")),
            },
            _ => Err(de::Error::custom(
                "neither a list of values nor an object around one",
            )),
        }
    }
}

fn value_count(mut item: Value) -> ValueCount {
    ValueCount {
        count: item.get("count").and_then(Value::as_u64).unwrap_or(0),
        name: item.get_mut("name").map(Value::take).unwrap_or_default(),
    }
}

impl ValueCounts {
    /// The values, whichever shape they came in.
    pub fn into_list(self) -> Vec<ValueCount> {
        match self {
            Self::List(list) | Self::Wrapped { results: list, .. } => list,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_both_shapes() {
        let list = r#"[{"name":"pro","count":128},{"name":true}]"#;
        let expected = [("\"pro\"", 128), ("true", 0)];
        for text in [list, &format!(r#"{{"results":{list},"refreshing":false}}"#)] {
            let values: ValueCounts = serde_json::from_str(text).expect("valid");
            let values = values.into_list();
            let read: Vec<_> = values
                .iter()
                .map(|v| (v.name.to_string(), v.count))
                .collect();
            assert_eq!(read, expected.map(|(name, count)| (name.to_owned(), count)));
        }
        for text in ["7", "{}", r#"{"results":{}}"#] {
            assert!(serde_json::from_str::<ValueCounts>(text).is_err(), "{text}");
        }
    }
}
