//! `EventsQuery`: events as rows of chosen columns.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Query;
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
    let columns: Vec<String> = match query.node.get("select") {
        None | Some(Value::Null) => DEFAULT.map(str::to_owned).to_vec(),
        Some(list) => serde_json::from_value(list.clone())
            .map_err(|_| ApiError::invalid("query", "\"select\" has to be a list of columns."))?,
    };
    let answered = questions.ask::<EventsQuestion>(&params).await?;
    let questions = Arc::clone(questions);
    off_thread(move || {
        let project = &questions.app.project;
        let events = events::stored(project, &answered.found)?;
        let people = project.read();
        let rows = events.iter().map(|event| {
            let event = events::Wire::new(event, &people);
            let event = serde_json::to_value(event).map_err(internal)?;
            columns.iter().map(|column| cell(&event, column)).collect()
        });
        Ok(json!({
            "results": rows.collect::<Result<Vec<Value>, ApiError>>()?,
            "columns": columns,
            "types": vec!["String"; columns.len()],
            "limit": window.limit,
            "offset": window.offset,
            "hasMore": answered.found.has_more,
            "hogql": "",
            "timings": [],
        }))
    })
    .await?
}

/// What stands in a column of an event as it travels.
fn cell(event: &Value, column: &str) -> Result<Value, ApiError> {
    Ok(match column {
        "*" => {
            let mut all = event.clone();
            all["uuid"] = event["id"].clone();
            all
        }
        "uuid" | "id" => event["id"].clone(),
        "event" | "timestamp" | "distinct_id" | "person" | "properties" | "elements_chain" => {
            event[column].clone()
        }
        "person_id" | "person.id" => event["person"]["uuid"].clone(),
        column => match column.strip_prefix("properties.") {
            Some(key) => event["properties"][key.trim_matches('`')].clone(),
            None => {
                let detail = format!("The column \"{column}\" is not offered here.");
                return Err(ApiError::invalid("query", detail));
            }
        },
    })
}
