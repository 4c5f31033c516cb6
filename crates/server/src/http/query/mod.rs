//! `POST query/`: the same questions in the words of newer clients.
//!
//! [`nodes`] turns a query into the parameters that `http/insights/` reads, so that a question has one meaning in
//! both; [`actors`] and [`events`] write rows of chosen columns.

mod actors;
mod events;
mod nodes;

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
            is_refresh: match body.get("refresh") {
                Some(Value::Bool(refresh)) => *refresh,
                Some(Value::String(refresh)) => {
                    refresh.starts_with("force_") && refresh != "force_cache"
                }
                _ => false,
            },
        })
    }

    /// The parameters of the query, and of whom it asks for.
    fn params(&self, more: &Map<String, Value>) -> Params {
        let refresh = json!({"refresh": self.is_refresh});
        let refresh = refresh.as_object().cloned().unwrap_or_default();
        Params::default().and(more).and(&refresh)
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
    let body = match query.kind {
        "ActorsQuery" => actors::answer(&questions, &query).await?,
        "EventsQuery" => events::answer(&questions, &query).await?,
        "TrendsQuery" => numbers::<insights::TrendsNumbers>(&questions, &query).await?,
        "StickinessQuery" => numbers::<insights::StickinessNumbers>(&questions, &query).await?,
        "LifecycleQuery" => numbers::<insights::LifecycleNumbers>(&questions, &query).await?,
        "FunnelsQuery" => numbers::<insights::FunnelNumbers>(&questions, &query).await?,
        "RetentionQuery" => numbers::<insights::RetentionNumbers>(&questions, &query).await?,
        "PathsQuery" => numbers::<insights::PathsNumbers>(&questions, &query).await?,
        "FunnelCorrelationQuery" => {
            numbers::<insights::CorrelationNumbers>(&questions, &query).await?
        }
        other => return Err(nodes::not_offered(other)),
    };
    call.answer("query", &body)
}

async fn numbers<Q: NumbersQuestion>(
    questions: &Arc<Questions>,
    query: &Query<'_>,
) -> Result<Value, ApiError> {
    let params = query.params(&nodes::params(query.node)?);
    let Numbers {
        result,
        is_cached,
        at,
    } = insights::numbers::<Q>(questions, &params).await?;
    let mut body = json!({
        "is_cached": is_cached,
        "last_refresh": at,
        "timezone": questions.app.project.info().timezone,
        "timings": [],
    });
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
