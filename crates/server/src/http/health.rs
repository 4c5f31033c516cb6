//! `GET /healthz`, for probes.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::App;
use crate::store::{DamageLog, RowId, TableDamage};

/// Row numbers that are listed for each table.
const MAX_ROWS: usize = 100;

/// Answers `ok` as long as the writer works, or the details as JSON to `?details` or `Accept: application/json`.
/// Anyone may ask, so the details say where damaged rows are and nothing of what is in them.
pub(super) async fn health(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let is_healthy = app.project.is_healthy();
    let (status, text) = match is_healthy {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the writer has stopped"),
    };
    let accepts = headers.get(header::ACCEPT).map(|value| value.as_bytes());
    if query.as_deref() != Some("details") && accepts != Some(b"application/json") {
        return (status, text).into_response();
    }
    let body = json!({"status": text, "damaged_rows": damaged_rows(app.project.damage())});
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, body.to_string()).into_response()
}

/// The damaged rows of each table: how many, and the numbers of the first of them.
fn damaged_rows(damage: &DamageLog) -> Value {
    let tables = damage.tables().into_iter();
    let tables = tables.map(|(table, TableDamage { count, rows })| {
        let numbers = rows.keys().filter_map(|row| match row {
            RowId::Number(number) => Some(*number),
            RowId::Pair(..) | RowId::Text(_) | RowId::Literal(_) => None,
        });
        let numbers: Vec<i64> = numbers.take(MAX_ROWS).collect();
        (table.to_owned(), json!({"count": count, "rows": numbers}))
    });
    Value::Object(tables.collect::<Map<_, _>>())
}
