//! Results of insights: of `insights/…` and of `query/`.

use std::cell::RefCell;

use gloo_net::http::Method;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::client::parse;
use super::{ApiError, Client};
use crate::platform::{Abort, timer};
use crate::routes::{encode, encode_query};

/// How a result is asked for.
#[derive(Clone, Copy, Default)]
pub struct QueryOptions<'a> {
    /// Whether the server computes the result even if it has a cached one.
    pub is_forced: bool,
    /// Called with the progress of a query that the server runs in the background.
    pub on_progress: Option<&'a dyn Fn(QueryProgress)>,
}

/// The progress of a query that the server runs in the background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryProgress {
    /// How many rows the server has read.
    pub rows: u64,
    /// How many rows it expects to read; 0 where it does not say.
    pub rows_expected: u64,
}

impl QueryProgress {
    fn read(query_status: &Value) -> Self {
        let progress = &query_status["query_progress"];
        let count = |name: &str| progress[name].as_u64().unwrap_or_default();
        Self {
            rows: count("rows_read"),
            rows_expected: count("estimated_rows_total"),
        }
    }

    /// How much of the work is done, in percent.
    pub fn percent(self) -> Option<u64> {
        (self.rows * 100)
            .checked_div(self.rows_expected)
            .map(|percent| percent.min(100))
    }
}

/// The answer of an endpoint below `insights/`: `trend`, `funnel`, `retention`, `path`.
///
/// # Errors
/// See [`ApiError`].
pub async fn insight(
    client: &Client,
    name: &str,
    parameters: &[(&str, String)],
    options: QueryOptions<'_>,
    abort: &Abort,
) -> Result<Value, ApiError> {
    let mut query = encode_query(parameters, '?');
    if options.is_forced {
        query.push_str("&refresh=true");
    }
    let path = client.in_this_project(&format!("insights/{name}/{query}"));
    client.get(&path, abort).await
}

/// An insight that was saved in PostHog, by the short id in its link.
///
/// # Errors
/// See [`ApiError`]; [`ApiError::NotFound`] if there is none of this id.
pub async fn saved_insight(
    client: &Client,
    short_id: &str,
    abort: &Abort,
) -> Result<Value, ApiError> {
    let query = encode_query(&[("short_id", short_id.to_owned())], '?');
    let path = client.in_this_project(&format!("insights/{query}"));
    let answer: Value = client.get(&path, abort).await?;
    match &answer["results"][0] {
        Value::Null => Err(ApiError::NotFound),
        insight => Ok(insight.clone()),
    }
}

/// The answer of an endpoint that changes nothing and reads its parameters from a body.
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
    let text = client.read(Method::POST, &path, Some(body), abort).await?;
    parse(&text)
}

/// The result of a query. Where the server runs it in the background, it is asked for its progress until the
/// result is there; when nobody waits any more, the query is canceled.
///
/// # Errors
/// See [`ApiError`].
pub async fn query(
    client: &Client,
    query: &Value,
    options: QueryOptions<'_>,
    abort: &Abort,
) -> Result<Value, ApiError> {
    let answer = posted(
        client,
        "query/",
        &query_body(query, options.is_forced),
        abort,
    )
    .await?;
    let mut pause = FIRST_POLL_PAUSE;
    let mut state = QueryState::read(answer)?;
    loop {
        let (id, progress) = match state {
            QueryState::Complete(answer) => return Ok(answer),
            QueryState::Running(id, progress) => (id, progress),
        };
        if let Some(on_progress) = options.on_progress {
            on_progress(progress);
        }
        let path = client.in_this_project(&format!("query/{}/", encode(&id)));
        timer::sleep(pause).await;
        pause = (pause * 3 / 2).min(MAX_POLL_PAUSE);
        let answer = match abort.is_aborted() {
            true => Err(ApiError::Canceled),
            false => client.get(&path, abort).await,
        };
        if abort.is_aborted() {
            cancel(client.clone(), path);
            return Err(ApiError::Canceled);
        }
        state = QueryState::read(answer?)?;
    }
}

/// Milliseconds between two questions for the progress of a query: at first, and at most.
const FIRST_POLL_PAUSE: i64 = 500;
const MAX_POLL_PAUSE: i64 = 5_000;

/// Tells the server that nobody waits for a query any more. Whether it still runs does not matter.
fn cancel(client: Client, path: String) {
    spawn_local(async move {
        let _ = client
            .send(Method::DELETE, &path, None, &Abort::new())
            .await;
    });
}

/// `blocking` accepts a cached result for up to six hours (or longer, for longer intervals); `force_blocking` never.
fn query_body(query: &Value, is_forced: bool) -> Value {
    let refresh = ["blocking", "force_blocking"][usize::from(is_forced)];
    json!({"query": query, "refresh": refresh})
}

/// What a response of `query/` is.
#[derive(Debug, PartialEq)]
enum QueryState {
    /// It has the result.
    Complete(Value),
    /// The query of this id is running.
    Running(String, QueryProgress),
}

impl QueryState {
    fn read(mut answer: Value) -> Result<Self, ApiError> {
        if !answer["results"].is_null() {
            return Ok(Self::Complete(answer));
        }
        let status = &mut answer["query_status"];
        if status["error"] == true {
            let detail = status["error_message"].as_str().unwrap_or_default();
            let detail = match detail {
                "" => "The query failed, and the server does not say why.",
                detail => detail,
            };
            return Err(invalid(detail));
        }
        if status["complete"] == true {
            let result = status["results"].take();
            // The whole response of a query that did not run in the background, or its results alone.
            let result = match result.get("results") {
                Some(_) => result,
                None => json!({"results": result}),
            };
            return match result["results"].is_null() {
                true => Err(invalid(NO_RESULTS)),
                false => Ok(Self::Complete(result)),
            };
        }
        match status["id"].as_str() {
            Some(id) => Ok(Self::Running(id.to_owned(), QueryProgress::read(status))),
            None => Err(invalid(NO_RESULTS)),
        }
    }
}

const NO_RESULTS: &str = "The server's response to the query has no results.";

fn invalid(detail: &str) -> ApiError {
    ApiError::Invalid {
        detail: detail.to_owned(),
        attr: None,
    }
}

thread_local! {
    /// The servers and projects whose `insights/…` does not list people, or is not there.
    static WITHOUT_INSIGHTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn name_of(client: &Client) -> String {
    [&client.server().origin(), client.project()].join("/")
}

/// Whether `insights/…` is known to be of no use in this project.
pub fn is_without_insights(client: &Client) -> bool {
    let name = name_of(client);
    WITHOUT_INSIGHTS.with_borrow(|known| known.contains(&name))
}

/// Remembers that `insights/…` is of no use in this project, so that `query/` is asked first from now on.
pub fn remember_without_insights(client: &Client) {
    let name = name_of(client);
    WITHOUT_INSIGHTS.with_borrow_mut(|known| {
        if !known.contains(&name) {
            known.push(name);
        }
    });
}

/// Forgets what is known of servers. Called when a connection is checked.
pub fn forget_servers() {
    WITHOUT_INSIGHTS.with_borrow_mut(Vec::clear);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_is_forced_only_when_asked_for() {
        let query = json!({"kind": "TrendsQuery"});
        assert_eq!(query_body(&query, false)["refresh"], "blocking");
        assert_eq!(query_body(&query, true)["refresh"], "force_blocking");
    }

    #[test]
    fn a_response_with_results_is_complete() {
        for answer in [
            json!({"results": [], "query_status": null}),
            json!({"results": {"events": []}, "is_cached": true}),
        ] {
            let complete = QueryState::Complete(answer.clone());
            assert_eq!(QueryState::read(answer), Ok(complete));
        }
    }

    #[test]
    fn a_query_in_the_background_has_an_id_and_a_progress() {
        let answer = json!({"query_status": {"id": "q1", "complete": false, "error": false, "results": null,
            "query_progress": {"rows_read": 250, "estimated_rows_total": 1000, "time_elapsed": 3.2}}});
        let progress = QueryProgress {
            rows: 250,
            rows_expected: 1000,
        };
        assert_eq!(
            QueryState::read(answer),
            Ok(QueryState::Running("q1".into(), progress))
        );
        assert_eq!(progress.percent(), Some(25));
        let answer = json!({"query_status": {"id": "q1", "complete": false}});
        let unknown = QueryProgress::default();
        assert_eq!(unknown.percent(), None);
        assert_eq!(
            QueryState::read(answer),
            Ok(QueryState::Running("q1".into(), unknown))
        );
    }

    #[test]
    fn a_query_in_the_background_ends_with_its_response() {
        let response = json!({"results": [[1]], "hasMore": false});
        let answer = json!({"query_status": {"id": "q1", "complete": true, "results": response}});
        assert_eq!(QueryState::read(answer), Ok(QueryState::Complete(response)));
        let answer = json!({"query_status": {"id": "q1", "complete": true, "results": [[1]]}});
        let response = json!({"results": [[1]]});
        assert_eq!(QueryState::read(answer), Ok(QueryState::Complete(response)));
    }

    #[test]
    fn a_query_without_results_is_reported_as_such() {
        for answer in [
            json!({}),
            json!({"results": null}),
            json!({"results": null, "query_status": null}),
            json!({"query_status": {"id": "q1", "complete": true, "results": null}}),
            json!({"query_status": {"id": "q1", "complete": true, "results": {"results": null}}}),
        ] {
            assert_eq!(QueryState::read(answer), Err(invalid(NO_RESULTS)));
        }
    }

    #[test]
    fn a_query_that_failed_in_the_background_says_why() {
        let answer = json!({"query_status": {"id": "q1", "complete": true, "error": true,
            "error_message": "Query has hit the max execution time before completing."}});
        let error = QueryState::read(answer).expect_err("it failed");
        assert_eq!(
            error.to_string(),
            "Query has hit the max execution time before completing."
        );
    }
}
