//! Which way a question is asked: servers of different ages answer at different doors.

use serde_json::{Map, Value};

use super::answer;
use super::figure::Answer;
use super::question::{Insight, Question};
use crate::api::{ApiError, Client, numbers};
use crate::platform::{Abort, clock};

/// Asks the server.
///
/// # Errors
/// See [`ApiError`].
pub async fn ask(client: &Client, question: &Question, abort: &Abort) -> Result<Answer, ApiError> {
    let found = legacy(client, question, abort).await?;
    answer::read(question, &found, clock::now()).ok_or(ApiError::Unreadable)
}

/// At `insights/…`.
async fn legacy(client: &Client, question: &Question, abort: &Abort) -> Result<Value, ApiError> {
    let parameters = question.parameters();
    let name = match question.insight {
        Insight::Trends | Insight::Lifecycle | Insight::Stickiness => "trend",
        Insight::Funnel => "funnel",
        Insight::Retention => "retention",
        Insight::Paths => "path",
        // This one has always been asked with a body.
        Insight::Correlation => {
            let body = parameters
                .into_iter()
                .filter(|(name, _)| *name != "insight");
            let body: Map<String, Value> = body
                .map(|(name, value)| (name.to_owned(), json_or_text(value)))
                .collect();
            let body = Value::Object(body);
            return numbers::posted(client, "insights/funnel/correlation/", &body, abort).await;
        }
    };
    numbers::insight(client, name, &parameters, abort).await
}

/// Lists and objects travel as such in a body, and as text in a URL.
fn json_or_text(value: String) -> Value {
    match serde_json::from_str(&value) {
        Ok(json @ (Value::Array(_) | Value::Object(_))) => json,
        _ => Value::String(value),
    }
}
