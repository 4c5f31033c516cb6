//! Answers of insights that are numbers: of `insights/…` and of `query/`.

use gloo_net::http::Method;
use serde_json::{Value, json};

use super::client::parse;
use super::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::encode_query;

/// The answer of an endpoint below `insights/`: `trend`, `funnel`, `retention`, `path`.
///
/// # Errors
/// See [`ApiError`].
pub async fn insight(
    client: &Client,
    name: &str,
    parameters: &[(&str, String)],
    abort: &Abort,
) -> Result<Value, ApiError> {
    let query = encode_query(parameters, '?');
    let path = client.in_this_project(&format!("insights/{name}/{query}"));
    client.get(&path, abort).await
}

/// The answer of an endpoint that reads its parameters from a body.
///
/// # Errors
/// See [`ApiError`].
pub async fn posted(
    client: &Client,
    rest: &str,
    body: &Value,
    abort: &Abort,
) -> Result<Value, ApiError> {
    let path = client.in_this_project(rest);
    let text = client.send(Method::POST, &path, Some(body), abort).await?;
    parse(&text)
}

/// The answer to a query.
///
/// # Errors
/// See [`ApiError`].
pub async fn query(client: &Client, query: &Value, abort: &Abort) -> Result<Value, ApiError> {
    let body = json!({"query": query, "refresh": "blocking"});
    posted(client, "query/", &body, abort).await
}
