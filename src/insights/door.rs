//! Which way a question is asked: servers of different ages answer at different doors.

use serde_json::Value;

use super::figure::Answer;
use super::question::{Insight, Question};
use super::{answer, before};
use crate::api::{ApiError, Client, numbers};
use crate::platform::{Abort, clock};

/// Where a question can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// At `insights/…`, as servers up to 2026 do.
    Insights,
    /// At `query/`, as servers since 2024 do.
    Query,
}

/// Asks the server: at the door that answered last, or at one after the other.
///
/// # Errors
/// See [`ApiError`]; [`ApiError::NotOffered`] when there is neither.
pub async fn ask(
    client: &Client,
    question: &Question,
    known: Option<Door>,
    abort: &Abort,
) -> Result<(Answer, Door), ApiError> {
    if question.is_compared && question.insight == Insight::Trends {
        return compared(client, question, known, abort).await;
    }
    once(client, question, known, abort).await
}

/// Asks for the time before, too. No server is asked to compare: not all can, and this way the people of both
/// times are listed as those of any other answer.
async fn compared(
    client: &Client,
    question: &Question,
    known: Option<Door>,
    abort: &Abort,
) -> Result<(Answer, Door), ApiError> {
    let now = Question {
        is_compared: false,
        ..question.clone()
    };
    let (mut answer, door) = once(client, &now, known, abort).await?;
    if let Some(earlier) = before::question(&now, &answer) {
        let (earlier, _) = once(client, &earlier, Some(door), abort).await?;
        before::join(&mut answer, earlier);
    }
    Ok((answer, door))
}

async fn once(
    client: &Client,
    question: &Question,
    known: Option<Door>,
    abort: &Abort,
) -> Result<(Answer, Door), ApiError> {
    let doors = match known {
        Some(Door::Query) => [Door::Query, Door::Insights],
        _ => [Door::Insights, Door::Query],
    };
    let found = match at(doors[0], client, question, abort).await {
        Err(refused) if is_closed(&refused) => match at(doors[1], client, question, abort).await {
            // Whoever may ask at neither is told what the first one said, if that can be helped.
            Err(error) if is_closed(&error) => {
                let both = [refused, error];
                let helped = both
                    .iter()
                    .find(|error| matches!(error, ApiError::Forbidden { .. }));
                return Err(helped.cloned().unwrap_or(ApiError::NotOffered));
            }
            answer => (answer?, doors[1]),
        },
        answer => (answer?, doors[0]),
    };
    let answer = answer::read(question, &found.0, clock::now()).ok_or(ApiError::Unreadable)?;
    Ok((answer, found.1))
}

/// Whether another door may be open.
fn is_closed(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::NotFound | ApiError::NotOffered | ApiError::Forbidden { .. }
    )
}

async fn at(
    door: Door,
    client: &Client,
    question: &Question,
    abort: &Abort,
) -> Result<Value, ApiError> {
    match door {
        Door::Insights => legacy(client, question, abort).await,
        Door::Query => {
            let mut answer = numbers::query(client, &question.query(), abort).await?;
            if question.insight == Insight::Correlation
                && answer["results"]["success_total"].is_null()
            {
                put_totals(&mut answer, client, question, abort).await?;
            }
            Ok(question.from_query(answer))
        }
    }
}

/// How many converted and how many did not, which newer servers do not say beside what goes along with it.
async fn put_totals(
    answer: &mut Value,
    client: &Client,
    question: &Question,
    abort: &Abort,
) -> Result<(), ApiError> {
    let funnel = question.turned_into(Insight::Funnel);
    let steps = numbers::query(client, &funnel.query(), abort).await?;
    let counts = steps["results"].as_array().into_iter().flatten();
    let counts: Vec<u64> = counts.filter_map(|step| step["count"].as_u64()).collect();
    if let [began, .., ended] = counts[..] {
        answer["results"]["success_total"] = ended.into();
        answer["results"]["failure_total"] = began.saturating_sub(ended).into();
    }
    Ok(())
}

/// At `insights/…`.
async fn legacy(client: &Client, question: &Question, abort: &Abort) -> Result<Value, ApiError> {
    let name = match question.insight {
        Insight::Trends | Insight::Lifecycle | Insight::Stickiness => "trend",
        Insight::Funnel => "funnel",
        Insight::Retention => "retention",
        Insight::Paths => "path",
        // This one has always been asked with a body.
        Insight::Correlation => {
            let body = Value::Object(question.body());
            return numbers::posted(client, "insights/funnel/correlation/", &body, abort).await;
        }
    };
    numbers::insight(client, name, &question.parameters(), abort).await
}
