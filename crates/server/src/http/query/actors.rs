//! `ActorsQuery`: people, all or those behind a number, as rows of chosen columns.

use std::sync::Arc;

use persons_api::{Condition, FilterTree, Subject, Timestamp};
use persons_engine::PersonRef;
use serde_json::{Map, Value, json};

use super::{Query, columns, kind, nodes, object};
use crate::http::call::internal;
use crate::http::error::ApiError;
use crate::http::insights::{self, Behind, PeopleQuestion, Questions};
use crate::http::off_thread;
use crate::http::params::Params;
use crate::http::person::Wire;
use crate::regexes::Regexes;

/// What is shown if nobody says what.
const DEFAULT: [&str; 4] = ["person", "id", "created_at", "person.$delete"];

/// A column.
enum Column {
    Person,
    Id,
    CreatedAt,
    IsIdentified,
    Property(String),
    Value,
    Appearances,
    Recordings,
    Nothing,
}

impl Column {
    fn read(name: &str) -> Result<Self, ApiError> {
        Ok(match name {
            "person" | "actor" => Self::Person,
            "id" | "actor_id" | "person.id" => Self::Id,
            "created_at" | "person.created_at" => Self::CreatedAt,
            "is_identified" | "person.is_identified" => Self::IsIdentified,
            "event_count" | "value_at_data_point" => Self::Value,
            "appearances" => Self::Appearances,
            "matched_recordings" => Self::Recordings,
            "person.$delete" => Self::Nothing,
            name => {
                let bare = name.strip_prefix("person.").unwrap_or(name);
                match bare.strip_prefix("properties.") {
                    Some(key) => Self::Property(key.trim_matches('`').to_owned()),
                    None => {
                        let detail = format!("The column \"{name}\" is not offered here.");
                        return Err(ApiError::invalid("query", detail));
                    }
                }
            }
        })
    }

    fn cell(&self, row: &Row<'_>) -> Result<Value, ApiError> {
        let person = row.person;
        Ok(match self {
            Self::Person => {
                let mut value = serde_json::to_value(Wire(person)).map_err(internal)?;
                value["id"] = json!(person.uuid());
                value
            }
            Self::Id => json!(person.uuid()),
            Self::CreatedAt => json!(person.created_at()),
            Self::IsIdentified => json!(person.is_identified()),
            Self::Property(key) => json!(person.property(key)),
            Self::Value => json!(row.part),
            Self::Appearances => json!(row.appearances),
            Self::Recordings => json!([]),
            Self::Nothing => Value::Null,
        })
    }
}

/// Somebody, and what there is to say of them.
struct Row<'a> {
    person: PersonRef<'a>,
    part: Option<f64>,
    appearances: Option<Vec<u8>>,
}

/// The columns, by name.
struct Table {
    names: Vec<String>,
    columns: Vec<Column>,
}

impl Table {
    fn read(node: &Map<String, Value>) -> Result<Self, ApiError> {
        let names = columns(node, &DEFAULT)?;
        let columns = names.iter().map(|name| Column::read(name));
        Ok(Self {
            columns: columns.collect::<Result<_, _>>()?,
            names,
        })
    }

    fn row(&self, row: &Row<'_>) -> Result<Value, ApiError> {
        self.columns.iter().map(|column| column.cell(row)).collect()
    }
}

/// A page of rows.
struct Page {
    rows: Vec<Value>,
    has_more: bool,
    missing: usize,
    /// When it was found, and whether it was kept from before; not for all people.
    kept: Option<(Timestamp, bool)>,
}

/// Answers an `ActorsQuery`.
pub(super) async fn answer(
    questions: &Arc<Questions>,
    query: &Query<'_>,
) -> Result<Value, ApiError> {
    let node = query.node;
    let known = [
        "kind",
        "source",
        "select",
        "search",
        "properties",
        "fixedProperties",
        "orderBy",
        "limit",
        "offset",
        "modifiers",
        "response",
        "tags",
        "version",
    ];
    if let Some(unknown) = node.keys().find(|field| !known.contains(&field.as_str())) {
        let detail = format!("ActorsQuery has no field \"{unknown}\" here.");
        return Err(ApiError::invalid("query", detail));
    }
    let table = Table::read(node)?;
    let own = window_and_search(node);
    let window = Params::default().and(&own).window()?;
    let names = json!(table.names);
    let page = match node.get("source") {
        None | Some(Value::Null) => everybody(questions, node, own, table).await?,
        Some(source) => behind(questions, query, object(source)?, own, table).await?,
    };
    let mut body = json!({
        "columns": names,
        "types": names.as_array().map(|names| vec!["String"; names.len()]),
        "limit": window.limit,
        "offset": window.offset,
        "hasMore": page.has_more,
        "missing_actors_count": page.missing,
        "hogql": "",
        "timings": [],
    });
    // Moved, as `json!` would copy all of it.
    body["results"] = Value::Array(page.rows);
    if let Some((at, is_cached)) = page.kept {
        body["last_refresh"] = json!(at);
        body["is_cached"] = json!(is_cached);
    }
    Ok(body)
}

/// What all lists of people are asked with.
fn window_and_search(node: &Map<String, Value>) -> Map<String, Value> {
    let given = ["limit", "offset", "search"].into_iter();
    let given = given.filter_map(|name| Some((name.to_owned(), node.get(name)?.clone())));
    given.collect()
}

/// The conditions on people.
fn conditions(node: &Map<String, Value>) -> Result<FilterTree, ApiError> {
    let given = ["properties", "fixedProperties"].into_iter();
    let trees = given.filter_map(|name| node.get(name));
    let trees = trees.map(|tree| FilterTree::from_json(tree, Subject::Person));
    Ok(FilterTree::Group(
        Condition::And,
        trees.collect::<Result<_, _>>()?,
    ))
}

/// Refuses an order that the rows do not have.
fn check_order(node: &Map<String, Value>, offered: &[&str]) -> Result<(), ApiError> {
    let order = node.get("orderBy").and_then(Value::as_array);
    for part in order.into_iter().flatten() {
        if !part.as_str().is_some_and(|part| offered.contains(&part)) {
            let detail = format!("The order {part} is not offered here: use {offered:?}.");
            return Err(ApiError::invalid("query", detail));
        }
    }
    Ok(())
}

async fn everybody(
    questions: &Arc<Questions>,
    node: &Map<String, Value>,
    own: Map<String, Value>,
    table: Table,
) -> Result<Page, ApiError> {
    check_order(
        node,
        &["created_at DESC", "person.created_at DESC", "id DESC"],
    )?;
    let params = Params::default().and(&own);
    let window = params.window()?;
    let mut query = params.query()?;
    query.filter = conditions(node)?;
    let questions = Arc::clone(questions);
    off_thread(move || {
        let people = questions.app.project.read();
        let selection = people.select(&query, &Regexes)?;
        let found = people.page(&selection, window.offset, window.limit);
        let row = |person| {
            table.row(&Row {
                person,
                part: None,
                appearances: None,
            })
        };
        let after = window.offset.saturating_add(window.limit);
        Ok(Page {
            rows: found.into_iter().map(row).collect::<Result<_, _>>()?,
            has_more: after < people.count(&selection),
            missing: 0,
            kept: None,
        })
    })
    .await?
}

/// The people behind a number.
async fn behind(
    questions: &Arc<Questions>,
    query: &Query<'_>,
    source: &Map<String, Value>,
    mut own: Map<String, Value>,
    table: Table,
) -> Result<Page, ApiError> {
    let mut params = nodes::params(source)?;
    let insight = source.get("source").map(object).transpose()?;
    let insight = insight.ok_or_else(|| ApiError::invalid("query", "The source has no source."))?;
    let conditions = conditions(query.node)?;
    if !conditions.is_empty() {
        params.insert("actor_properties".to_owned(), conditions.to_json());
    }
    let insight = kind(insight)?;
    if insight == "FunnelCorrelationQuery" {
        for (ours, theirs) in [
            ("funnel_correlation_person_limit", "limit"),
            ("funnel_correlation_person_offset", "offset"),
        ] {
            let value = own.remove(theirs);
            own.extend(value.map(|value| (ours.to_owned(), value)));
        }
    }
    let renamed = match insight {
        "LifecycleQuery" => Some("target_date"),
        "StickinessQuery" => Some("stickiness_days"),
        _ => None,
    };
    if let Some(name) = renamed {
        let day = params.remove("day");
        params.extend(day.map(|day| (name.to_owned(), day)));
    }
    if matches!(insight, "TrendsQuery" | "StickinessQuery") {
        // The first series, if nobody says which.
        params.entry("entity_order").or_insert(json!(0));
    }
    if insight == "RetentionQuery" {
        let value = params.remove("breakdown_value");
        params.extend(value.map(|value| ("breakdown_values".to_owned(), json!([value]))));
    }
    params.extend(own);
    let params = query.params(&params);
    let newest = &["created_at DESC", "actor_id DESC", "id DESC"][..];
    let (order, asked) = (
        match insight {
            "TrendsQuery" => &[
                "event_count DESC",
                "value_at_data_point DESC",
                "actor_id DESC",
            ][..],
            "FunnelsQuery" | "FunnelCorrelationQuery" => newest,
            _ => &["actor_id ASC", "id ASC"][..],
        },
        kind(source)?,
    );
    check_order(query.node, order)?;
    match (asked, insight) {
        ("InsightActorsQuery", "TrendsQuery") => {
            rows::<insights::TrendsPeople>(questions, params, table).await
        }
        ("InsightActorsQuery" | "StickinessActorsQuery", "StickinessQuery") => {
            rows::<insights::StickinessPeople>(questions, params, table).await
        }
        ("InsightActorsQuery", "LifecycleQuery") => {
            rows::<insights::LifecyclePeople>(questions, params, table).await
        }
        ("InsightActorsQuery", "RetentionQuery") => {
            rows::<insights::RetentionPeople>(questions, params, table).await
        }
        ("InsightActorsQuery", "PathsQuery") => {
            rows::<insights::PathsPeople>(questions, params, table).await
        }
        ("InsightActorsQuery" | "FunnelsActorsQuery", "FunnelsQuery") => {
            rows::<insights::FunnelPeople>(questions, params, table).await
        }
        ("FunnelCorrelationActorsQuery", "FunnelCorrelationQuery") => {
            rows::<insights::CorrelationPeople>(questions, params, table).await
        }
        (asked, insight) => {
            let detail = format!("There are no people of {asked} with {insight} as its source.");
            Err(ApiError::invalid("query", detail))
        }
    }
}

async fn rows<Q: PeopleQuestion>(
    questions: &Arc<Questions>,
    params: Params,
    table: Table,
) -> Result<Page, ApiError> {
    let answered = questions.ask::<Behind<Q>>(&params).await?;
    let questions = Arc::clone(questions);
    off_thread(move || {
        let found = &answered.found;
        let people = questions.app.project.read();
        let row = |listed: &persons_engine::insights::Listed<Q::Value>| {
            let person = people.by_number(listed.number)?;
            Some(table.row(&Row {
                person,
                part: Q::part(&listed.value),
                appearances: Q::appearances(&listed.value),
            }))
        };
        let rows = found.people.iter().filter_map(row);
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(Page {
            missing: found.missing + found.people.len() - rows.len(),
            rows,
            has_more: found.has_more,
            kept: Some((answered.at, answered.is_cached)),
        })
    })
    .await?
}
