//! The URLs of the people behind numbers. They hold the whole question, and nothing else that came with it: no
//! key that stood in the URL of the request gets into them.

use form_urlencoded::Serializer;
use persons_api::json;
use persons_engine::dates::DateRange;
use serde_json::{Value, json};

use crate::http::App;
use crate::http::params::Params;

/// The parameters of every question.
const SHARED: [&str; 6] = [
    "events",
    "actions",
    "properties",
    "filter_test_accounts",
    "interval",
    "display",
];

/// Makes the URLs of one list of people.
pub(super) struct Cells {
    /// Up to the question mark.
    path: String,
    /// What all cells have in common.
    shared: Vec<Shared>,
}

/// A parameter of all cells.
struct Shared {
    name: &'static str,
    value: String,
    /// Both as a URL has them: an answer can have thousands of cells.
    encoded: String,
}

impl Cells {
    /// The cells of a question. `path` is that of the list below the project, `own` the insight's parameters.
    pub(super) fn new(app: &App, path: &str, params: &Params, own: &[&'static str]) -> Self {
        let shared = params.only(&SHARED).chain(params.only(own));
        Self {
            path: format!("api/projects/{}/{path}/", app.project.info().id),
            shared: shared
                .map(|(name, value)| Shared {
                    name,
                    value: value.to_owned(),
                    encoded: Serializer::new(String::new())
                        .append_pair(name, value)
                        .finish(),
                })
                .collect(),
        }
    }

    /// The URL of a cell that is described by these parameters.
    pub(super) fn url(&self, cell: &[(&'static str, Value)]) -> String {
        let is_own = |name: &str| cell.iter().any(|(own, _)| *own == name);
        let shared = self.shared.iter().filter(|shared| !is_own(shared.name));
        let mut url = format!("{}?", self.path);
        let start = url.len();
        for Shared { encoded, .. } in shared {
            if url.len() > start {
                url.push('&');
            }
            url.push_str(encoded);
        }
        let mut query = Serializer::for_suffix(url, start);
        for (name, value) in cell {
            match value {
                Value::Null => {}
                Value::String(text) => {
                    query.append_pair(name, text);
                }
                value => {
                    query.append_pair(name, &value.to_string());
                }
            }
        }
        query.finish()
    }

    /// [`Self::url`] as some insights write it: from the root of the server.
    pub(super) fn rooted(&self, cell: &[(&'static str, Value)]) -> String {
        format!("/{}", self.url(cell))
    }

    /// The cell on the wire.
    pub(super) fn wire(&self, cell: &[(&'static str, Value)]) -> Value {
        let filter = cell.iter();
        let filter = filter.map(|(name, value)| ((*name).to_owned(), value.clone()));
        // Moved, as `json!` would copy all of it.
        let fields = [
            ("filter", Value::Object(filter.collect())),
            ("url", Value::String(self.url(cell))),
        ];
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// The question on the wire.
    pub(super) fn filter(&self) -> Value {
        let filter = self.shared.iter().map(|Shared { name, value, .. }| {
            let value = json::parse(value).unwrap_or_else(|_| json!(value));
            ((*name).to_owned(), value)
        });
        Value::Object(filter.collect())
    }
}

/// The parameters that mean exactly this range.
pub(super) fn exactly(range: DateRange) -> [(&'static str, Value); 3] {
    [
        ("date_from", json!(range.from)),
        ("date_to", json!(range.to)),
        ("explicit_date", json!(true)),
    ]
}
