//! `EventsQuery`: events as rows of chosen columns.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Query, columns};
use crate::http::call::internal;
use crate::http::error::ApiError;
use crate::http::events::{self, EventsQuestion};
use crate::http::insights::Questions;
use crate::http::off_thread;

/// What is shown if nobody says what.
const DEFAULT: [&str; 4] = ["*", "event", "person", "timestamp"];

/// The fields that are parameters of the list of events under another name.
const FIELDS: [(&str, &str); 9] = [
    ("event", "event"),
    ("actionId", "action_id"),
    ("personId", "person_id"),
    ("properties", "properties"),
    ("after", "after"),
    ("before", "before"),
    ("limit", "limit"),
    ("offset", "offset"),
    ("orderBy", "orderBy"),
];

/// Answers an `EventsQuery`.
pub(super) async fn answer(
    questions: &Arc<Questions>,
    query: &Query<'_>,
) -> Result<Value, ApiError> {
    let mut given = Map::new();
    for (field, value) in query.node {
        if let Some((_, name)) = FIELDS.iter().find(|(known, _)| known == field) {
            given.insert((*name).to_owned(), value.clone());
        } else if !matches!(
            field.as_str(),
            "kind" | "select" | "modifiers" | "response" | "tags" | "version"
        ) && !matches!(value, Value::Null)
        {
            let detail = format!("EventsQuery has no field \"{field}\" here.");
            return Err(ApiError::invalid("query", detail));
        }
    }
    let params = query.params(&given);
    let window = params.window()?;
    let names = columns(query.node, &DEFAULT)?;
    let columns = names.iter().map(|name| Column::read(name));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let answered = questions.ask::<EventsQuestion>(&params).await?;
    let questions = Arc::clone(questions);
    off_thread(move || {
        let project = &questions.app.project;
        let events = events::stored(project, &answered.found)?;
        let people = project.read();
        let rows = events.iter().map(|event| {
            let event = events::Wire::new(event, &people);
            let event = serde_json::to_value(event).map_err(internal)?;
            let cells = columns.iter().map(|column| column.cell(&event));
            Ok(cells.collect())
        });
        Ok(json!({
            "results": rows.collect::<Result<Vec<Value>, ApiError>>()?,
            "columns": names,
            "types": vec!["String"; names.len()],
            "limit": window.limit,
            "offset": window.offset,
            "hasMore": answered.found.has_more,
            "is_cached": answered.is_cached,
            "last_refresh": answered.at,
            "hogql": "",
            "timings": [],
        }))
    })
    .await?
}

/// A column.
enum Column {
    Everything,
    Id,
    Field(String),
    PersonId,
    Property(String),
}

impl Column {
    fn read(name: &str) -> Result<Self, ApiError> {
        Ok(match name {
            "*" => Self::Everything,
            "uuid" | "id" => Self::Id,
            "event" | "timestamp" | "distinct_id" | "person" | "properties" | "elements_chain" => {
                Self::Field(name.to_owned())
            }
            "person_id" | "person.id" => Self::PersonId,
            name => match name.strip_prefix("properties.") {
                Some(key) => Self::Property(key.trim_matches('`').to_owned()),
                None => {
                    let detail = format!("The column \"{name}\" is not offered here.");
                    return Err(ApiError::invalid("query", detail));
                }
            },
        })
    }

    /// What stands in it, of an event as it travels.
    fn cell(&self, event: &Value) -> Value {
        match self {
            Self::Everything => {
                let mut all = event.clone();
                all["uuid"] = event["id"].clone();
                all
            }
            Self::Id => event["id"].clone(),
            Self::Field(name) => event[name].clone(),
            Self::PersonId => event["person"]["uuid"].clone(),
            Self::Property(key) => event["properties"][key].clone(),
        }
    }
}
