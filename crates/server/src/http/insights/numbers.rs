//! Answers that are numbers, and which insight a request to `insights/trend/` is about.

use std::sync::Arc;

use axum::extract::State;
use persons_api::Timestamp;
use persons_engine::dates::Calendar;
use persons_engine::insights::InsightError;
use serde_json::{Value, json};

use super::correlation::CorrelationNumbers;
use super::funnel::FunnelNumbers;
use super::lifecycle::LifecycleNumbers;
use super::paths::PathsNumbers;
use super::questions::{Answered, Question, Questions};
use super::retention::RetentionNumbers;
use super::stickiness::StickinessNumbers;
use super::trends::TrendsNumbers;
use crate::http::App;
use crate::http::calendar::zoned;
use crate::http::call::{Call, Format};
use crate::http::error::{Answer, ApiError};
use crate::http::off_thread;
use crate::http::params::Params;

/// Answers have at most this many numbers, because each has the URL of its people beside it.
const MOST_CELLS: usize = 20_000;

/// A question whose answer is numbers.
pub(in crate::http) trait NumbersQuestion: Question {
    /// The numbers as they travel, with the URLs of their people.
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value;
}

/// `GET` and `POST insights/trend/`: trends, or what else is asked for as `insight`.
pub(in crate::http) async fn trend(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let params = call.all_params()?;
    let is_stickiness = params.get("shown_as") == Some("Stickiness");
    match params.get("insight") {
        Some("STICKINESS") => answer::<StickinessNumbers>(questions, call, params).await,
        None | Some("TRENDS") if is_stickiness => {
            answer::<StickinessNumbers>(questions, call, params).await
        }
        None | Some("TRENDS") => answer::<TrendsNumbers>(questions, call, params).await,
        Some("LIFECYCLE") => answer::<LifecycleNumbers>(questions, call, params).await,
        Some(_) => Err(ApiError::invalid(
            "insight",
            "Use TRENDS, STICKINESS or LIFECYCLE.",
        )),
    }
}

/// `GET` and `POST insights/retention/`
pub(in crate::http) async fn retention(
    State(questions): State<Arc<Questions>>,
    call: Call,
) -> Answer {
    let params = call.all_params()?;
    answer::<RetentionNumbers<false>>(questions, call, params).await
}

/// `GET` and `POST insights/funnel/`
pub(in crate::http) async fn funnel(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let params = call.all_params()?;
    answer::<FunnelNumbers>(questions, call, params).await
}

/// `GET` and `POST insights/funnel/correlation/`
pub(in crate::http) async fn correlation(
    State(questions): State<Arc<Questions>>,
    call: Call,
) -> Answer {
    let params = call.all_params()?;
    answer::<CorrelationNumbers>(questions, call, params).await
}

/// `GET` and `POST insights/path/`
pub(in crate::http) async fn path(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let params = call.all_params()?;
    answer::<PathsNumbers>(questions, call, params).await
}

/// An answer as it travels, and how fresh it is.
pub(in crate::http) struct Numbers {
    pub(in crate::http) result: Value,
    pub(in crate::http) is_cached: bool,
    pub(in crate::http) at: Timestamp,
}

/// Asks, and writes the answer.
pub(in crate::http) async fn numbers<Q: NumbersQuestion>(
    questions: &Arc<Questions>,
    params: &Params,
) -> Result<Numbers, ApiError> {
    let answered = questions.ask::<Q>(params).await?;
    let cells = Q::weight(&answered.found);
    if cells > MOST_CELLS {
        return Err(InsightError::TooManyCells(MOST_CELLS).into());
    }
    let (questions, params) = (Arc::clone(questions), params.clone());
    off_thread(move || Numbers {
        result: Q::result(&answered, &questions.app, &params),
        is_cached: answered.is_cached,
        at: answered.at,
    })
    .await
}

async fn answer<Q: NumbersQuestion>(
    questions: Arc<Questions>,
    call: Call,
    params: Params,
) -> Answer {
    let Numbers {
        result,
        is_cached,
        at,
    } = numbers::<Q>(&questions, &params).await?;
    match call.format {
        Format::Csv => call.answer("insight", &result),
        Format::Json => {
            let mut body = json!({
                "next": null,
                "timezone": questions.app.project.info().timezone,
                "last_refresh": at,
                "is_cached": is_cached,
            });
            // Moved, as `json!` would copy all of it.
            body["result"] = result;
            call.answer("insight", &body)
        }
    }
}

/// A day, or an hour of one, as it is shown: `1-May-2024`, `1-May-2024 10:00`.
pub(super) fn label(calendar: &Calendar, at: Timestamp, is_hourly: bool) -> String {
    let form = if is_hourly {
        "%-d-%b-%Y %H:%M"
    } else {
        "%-d-%b-%Y"
    };
    zoned(calendar, at).strftime(form).to_string()
}

/// A day, or an hour of one, to be read: `2024-05-01`, `2024-05-01 10:00:00`.
pub(super) fn day(calendar: &Calendar, at: Timestamp, is_hourly: bool) -> String {
    let form = if is_hourly {
        "%Y-%m-%d %H:%M:%S"
    } else {
        "%Y-%m-%d"
    };
    zoned(calendar, at).strftime(form).to_string()
}
