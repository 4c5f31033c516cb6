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
use crate::http::person::ActorJson;
use crate::regexes::Regexes;

/// The columns of a query that selects none.
const DEFAULT: [&str; 4] = ["person", "id", "created_at", "person.$delete"];

/// A column.
enum Column {
    Person,
    Id,
    Uuid,
    Name,
    CreatedAt,
    IsIdentified,
    LastSeenAt,
    Property(String),
    EventCount,
    Appearances,
    /// Whether a person appears in this column of a row of retention.
    Interval(usize),
    Recordings,
    Delete,
}

/// The insight whose people are listed, which decides on the columns there are.
enum Source {
    Trends,
    /// With the name of an interval, and how many there are.
    Retention(String, usize),
    Other,
}

impl Source {
    /// Reads the kind of an insight and its parameters.
    fn read(kind: &str, params: &Map<String, Value>) -> Self {
        match kind {
            "TrendsQuery" => Self::Trends,
            "RetentionQuery" => {
                let period = params.get("period").and_then(Value::as_str);
                let intervals = params.get("total_intervals").and_then(Value::as_u64);
                Self::Retention(
                    period.unwrap_or("day").to_ascii_lowercase(),
                    intervals.map_or(insights::DEFAULT_RETENTION_INTERVALS, |count| {
                        usize::try_from(count).unwrap_or(usize::MAX)
                    }),
                )
            }
            _ => Self::Other,
        }
    }

    /// The number of the interval that a column is about: 3 of `week_3`.
    fn interval(&self, column: &str) -> Option<usize> {
        let Self::Retention(period, count) = self else {
            return None;
        };
        let number = column.strip_prefix(period.as_str())?.strip_prefix('_')?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| is_number)?;
        (number < *count).then_some(number)
    }
}

impl Column {
    fn read(name: &str, source: &Source) -> Result<Self, ApiError> {
        Ok(match (name, source) {
            ("person" | "actor", _) => Self::Person,
            ("id" | "actor_id" | "person.id", _) => Self::Id,
            ("uuid" | "person.uuid", _) => Self::Uuid,
            ("name" | "person.name", _) => Self::Name,
            ("created_at" | "person.created_at", _) => Self::CreatedAt,
            ("is_identified" | "person.is_identified", _) => Self::IsIdentified,
            ("last_seen_at" | "person.last_seen_at", _) => Self::LastSeenAt,
            ("event_count", Source::Trends) => Self::EventCount,
            ("appearances", Source::Retention(..)) => Self::Appearances,
            ("matched_recordings", _) => Self::Recordings,
            ("person.$delete", _) => Self::Delete,
            (name, source) => {
                let bare = name.strip_prefix("person.").unwrap_or(name);
                let key = bare.strip_prefix("properties.");
                match (key, source.interval(name)) {
                    (Some(key), _) => Self::Property(key.trim_matches('`').to_owned()),
                    (None, Some(interval)) => Self::Interval(interval),
                    (None, None) => {
                        let detail = format!("The column \"{name}\" is not offered here.");
                        return Err(ApiError::invalid("query", detail));
                    }
                }
            }
        })
    }

    /// The type of the cells, as ClickHouse calls it.
    fn type_name(&self) -> &'static str {
        match self {
            Self::Person | Self::Id | Self::Uuid => "UUID",
            Self::Name => "String",
            Self::CreatedAt => "DateTime64(6, 'UTC')",
            Self::LastSeenAt => "Nullable(DateTime64(6, 'UTC'))",
            Self::IsIdentified | Self::Interval(_) | Self::Delete => "UInt8",
            Self::Property(_) => "Nullable(String)",
            Self::EventCount => "UInt64",
            Self::Appearances => "Array(Int64)",
            Self::Recordings => "Array(String)",
        }
    }

    fn cell(&self, row: &Row<'_>) -> Result<Value, ApiError> {
        let person = row.person;
        let appears = || row.appearances.unwrap_or_default();
        Ok(match self {
            Self::Person => serde_json::to_value(ActorJson(person)).map_err(internal)?,
            Self::Id | Self::Uuid => json!(person.uuid()),
            Self::Name => json!(person.name()),
            Self::CreatedAt => json!(person.created_at()),
            Self::IsIdentified => json!(person.is_identified()),
            Self::LastSeenAt => json!(person.last_seen_at()),
            Self::Property(key) => json!(person.property(key)),
            Self::EventCount => json!(row.event_count),
            Self::Appearances => {
                let columns = appears().iter().enumerate();
                let columns = columns.filter(|(_, appears)| **appears);
                columns.map(|(column, _)| json!(column)).collect()
            }
            Self::Interval(column) => json!(u8::from(appears().get(*column) == Some(&true))),
            Self::Recordings => json!([]),
            Self::Delete => json!(1),
        })
    }
}

/// A person, and what the source says about them.
struct Row<'a> {
    person: PersonRef<'a>,
    event_count: Option<u64>,
    appearances: Option<&'a [bool]>,
}

/// The columns, by name.
struct Table {
    names: Vec<String>,
    columns: Vec<Column>,
}

impl Table {
    fn read(node: &Map<String, Value>, source: &Source) -> Result<Self, ApiError> {
        let names = columns(node, &DEFAULT)?;
        let columns = names.iter().map(|name| Column::read(name, source));
        Ok(Self {
            columns: columns.collect::<Result<_, _>>()?,
            names,
        })
    }

    /// The order of people behind a number in a query that has none. PostHog sorts by the time of creation if that is a
    /// column, else by the first column, which is the id in all queries of its own.
    fn usual_order(&self) -> &'static str {
        let is_created_at = |column: &Column| matches!(column, Column::CreatedAt);
        if self.columns.iter().any(is_created_at) {
            "created_at DESC"
        } else {
            "id"
        }
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
    calculated_at: Timestamp,
    is_cached: bool,
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
    let own = window_and_search(node);
    let window = Params::default().and(&own).window()?;
    let (table, actors) = match node.get("source") {
        None | Some(Value::Null) => (Table::read(node, &Source::Other)?, None),
        Some(source) => {
            let actors = ActorsSource::read(object(source)?)?;
            let source = Source::read(actors.insight, &actors.params);
            (Table::read(node, &source)?, Some(actors))
        }
    };
    let names = table.names.clone();
    let types: Vec<_> = table.columns.iter().map(Column::type_name).collect();
    let page = match actors {
        None => everybody(questions, node, own, table).await?,
        Some(actors) => behind(questions, query, actors, own, table).await?,
    };
    let mut body = json!({
        "columns": names,
        "types": types,
        "limit": window.limit,
        "offset": window.offset,
        "hasMore": page.has_more,
        "missing_actors_count": page.missing,
        "is_cached": page.is_cached,
        "last_refresh": page.calculated_at,
        "hogql": "",
        "timings": [],
    });
    // Moved, as `json!` would copy all of it.
    body["results"] = Value::Array(page.rows);
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
                event_count: None,
                appearances: None,
            })
        };
        let after = window.offset.saturating_add(window.limit);
        Ok(Page {
            rows: found.into_iter().map(row).collect::<Result<_, _>>()?,
            has_more: after < people.count(&selection),
            missing: 0,
            calculated_at: questions.app.project.now(),
            is_cached: false,
        })
    })
    .await?
}

/// The source of a query: which people of which insight are asked for.
struct ActorsSource<'a> {
    kind: &'a str,
    /// The kind of the insight.
    insight: &'a str,
    params: Map<String, Value>,
}

impl<'a> ActorsSource<'a> {
    fn read(source: &'a Map<String, Value>) -> Result<Self, ApiError> {
        let params = nodes::params(source)?;
        let insight = source.get("source").map(object).transpose()?;
        let insight =
            insight.ok_or_else(|| ApiError::invalid("query", "The source has no source."))?;
        Ok(Self {
            kind: kind(source)?,
            insight: kind(insight)?,
            params,
        })
    }
}

/// The order that a query asks for, its parts joined by commas.
fn requested_order(node: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let parts: Vec<String> = match node.get("orderBy") {
        None | Some(Value::Null) => return Ok(None),
        Some(list) => serde_json::from_value(list.clone())
            .map_err(|_| ApiError::invalid("query", "\"orderBy\" has to be a list of columns."))?,
    };
    Ok(Some(parts.join(", ")).filter(|order| !order.is_empty()))
}

/// The people behind a number.
async fn behind(
    questions: &Arc<Questions>,
    query: &Query<'_>,
    source: ActorsSource<'_>,
    mut own: Map<String, Value>,
    table: Table,
) -> Result<Page, ApiError> {
    let ActorsSource {
        kind: asked,
        insight,
        mut params,
    } = source;
    let conditions = conditions(query.node)?;
    if !conditions.is_empty() {
        params.insert("actor_properties".to_owned(), conditions.to_json());
    }
    let order = requested_order(query.node)?;
    let order = order.unwrap_or_else(|| table.usual_order().to_owned());
    params.insert("actor_order".to_owned(), json!(order));
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
            rows::<insights::RetentionPeople<true>>(questions, params, table).await
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
                event_count: Q::event_count(&listed.value),
                appearances: Q::appearances(&listed.value),
            }))
        };
        let rows = found.people.iter().filter_map(row);
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(Page {
            missing: found.missing + found.people.len() - rows.len(),
            rows,
            has_more: found.has_more,
            calculated_at: answered.at,
            is_cached: answered.is_cached,
        })
    })
    .await?
}
