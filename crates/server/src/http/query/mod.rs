//! `POST query/`: the same questions in the words of newer clients.
//!
//! [`nodes`] turns a query into the parameters that `http/insights/` reads, so that a question has one meaning in
//! both; [`results`] leaves out what PostHog does not send here; [`actors`] and [`events`] write rows of chosen columns.

mod actors;
mod events;
mod nodes;
mod results;

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::error::{Answer, ApiError};
use super::insights::{self, Numbers, NumbersQuestion, Questions};
use super::params::Params;

/// What is asked, and whether kept answers will do.
struct Query<'a> {
    kind: &'a str,
    node: &'a Map<String, Value>,
    is_refresh: bool,
}

impl<'a> Query<'a> {
    fn read(body: &'a Map<String, Value>) -> Result<Self, ApiError> {
        let node = body
            .get("query")
            .ok_or_else(|| ApiError::required("query"))?;
        let node = object(node)?;
        Ok(Self {
            kind: kind(node)?,
            node,
            is_refresh: is_forced(body.get("refresh"))?,
        })
    }

    /// The parameters of the query, and of whom it asks for.
    fn params(&self, more: &Map<String, Value>) -> Params {
        let refresh = json!({"refresh": self.is_refresh});
        let refresh = refresh.as_object().cloned().unwrap_or_default();
        Params::default().and(more).and(&refresh)
    }
}

/// Whether a cached result must not be used. Every query is computed before it is answered, also one that may be
/// computed in the background.
fn is_forced(refresh: Option<&Value>) -> Result<bool, ApiError> {
    match refresh {
        None | Some(Value::Null) => Ok(false),
        Some(refresh) => match refresh.as_str() {
            Some("force_blocking" | "force_async") => Ok(true),
            Some(
                "blocking" | "async" | "async_except_on_cache_miss" | "lazy_async" | "force_cache",
            ) => Ok(false),
            _ => Err(ApiError::invalid(
                "refresh",
                "Use blocking, async, async_except_on_cache_miss, lazy_async, force_blocking, force_async or force_cache.",
            )),
        },
    }
}

fn object(node: &Value) -> Result<&Map<String, Value>, ApiError> {
    let node = node.as_object();
    node.ok_or_else(|| ApiError::invalid("query", "A query has to be an object with a \"kind\"."))
}

fn kind(node: &Map<String, Value>) -> Result<&str, ApiError> {
    let kind = node.get("kind").and_then(Value::as_str);
    kind.ok_or_else(|| ApiError::invalid("query", "A query has to have a \"kind\"."))
}

/// `POST query/`
pub(super) async fn ask(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let query = Query::read(call.payload.object()?)?;
    let mut body = match query.kind {
        "ActorsQuery" => actors::answer(&questions, &query).await?,
        "EventsQuery" => events::answer(&questions, &query).await?,
        "TrendsQuery" => numbers::<insights::TrendsNumbers>(&questions, &query).await?,
        "StickinessQuery" => numbers::<insights::StickinessNumbers>(&questions, &query).await?,
        "LifecycleQuery" => numbers::<insights::LifecycleNumbers>(&questions, &query).await?,
        "FunnelsQuery" => numbers::<insights::FunnelNumbers>(&questions, &query).await?,
        "RetentionQuery" => numbers::<insights::RetentionNumbers<true>>(&questions, &query).await?,
        "PathsQuery" => numbers::<insights::PathsNumbers>(&questions, &query).await?,
        "FunnelCorrelationQuery" => {
            check_correlation_names(&query)?;
            numbers::<insights::CorrelationNumbers>(&questions, &query).await?
        }
        other => return Err(nodes::not_offered(other)),
    };
    body["timezone"] = json!(questions.app.project.info().timezone);
    call.answer("query", &body)
}

/// Correlation by properties needs their names, and by properties of events the names of these, as at PostHog.
fn check_correlation_names(query: &Query<'_>) -> Result<(), ApiError> {
    let (field, detail) = match query
        .node
        .get("funnelCorrelationType")
        .and_then(Value::as_str)
    {
        Some("properties") => (
            "funnelCorrelationNames",
            "Property Correlation expects atleast one Property to run correlation on",
        ),
        Some("event_with_properties") => (
            "funnelCorrelationEventNames",
            "Event Property Correlation expects atleast one event name to run correlation on",
        ),
        _ => return Ok(()),
    };
    match query.node.get(field).and_then(Value::as_array) {
        Some(names) if !names.is_empty() => Ok(()),
        _ => Err(ApiError::invalid(field, detail)),
    }
}

async fn numbers<Q: NumbersQuestion>(
    questions: &Arc<Questions>,
    query: &Query<'_>,
) -> Result<Value, ApiError> {
    let params = query.params(&nodes::params(query.node)?);
    let Numbers {
        mut result,
        is_cached,
        at,
    } = insights::numbers::<Q>(questions, &params).await?;
    results::remove_insight_fields(query.kind, &mut result);
    let mut body = json!({
        "is_cached": is_cached,
        "last_refresh": at,
        "timings": [],
    });
    if query.kind == "TrendsQuery" {
        body["hasMore"] = json!(results::has_more_values(&result));
    }
    // Moved, as `json!` would copy all of it.
    body["results"] = result;
    Ok(body)
}
/// More columns than this are a mistake.
const MOST_COLUMNS: usize = 100;

/// The names of the columns that a query selects.
fn columns(node: &Map<String, Value>, default: &[&str]) -> Result<Vec<String>, ApiError> {
    let names: Vec<String> = match node.get("select") {
        None | Some(Value::Null) => default.iter().copied().map(str::to_owned).collect(),
        Some(list) => serde_json::from_value(list.clone())
            .map_err(|_| ApiError::invalid("query", "\"select\" has to be a list of columns."))?,
    };
    if names.len() > MOST_COLUMNS {
        let detail = format!("\"select\" has more than {MOST_COLUMNS} columns.");
        return Err(ApiError::invalid("query", detail));
    }
    Ok(names)
}
