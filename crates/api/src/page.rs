//! Lists in pages, and the list of a property's values.

use serde::{Deserialize, Serialize};

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
    pub name: serde_json::Value,
    /// The number of people. Absent on some servers.
    #[serde(default)]
    pub count: u64,
}

/// The two shapes of an answer to `persons/values/`: a list, or (2026) an object around it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ValueCounts {
    /// `[{name, count}]`
    List(Vec<ValueCount>),
    /// `{results, refreshing}`
    Wrapped {
        /// The values.
        results: Vec<ValueCount>,
        /// Whether the server is still computing a fresher answer.
        #[serde(default)]
        refreshing: bool,
    },
}

impl ValueCounts {
    /// The values, whichever shape they came in.
    pub fn into_list(self) -> Vec<ValueCount> {
        match self {
            Self::List(list) | Self::Wrapped { results: list, .. } => list,
        }
    }
}
