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
use crate::http::call::Call;
use crate::http::error::{Answer, ApiError};
use crate::http::off_thread;
use crate::http::params::Params;

/// Answers have at most this many numbers, because each has the URL of its people beside it.
const MOST_CELLS: usize = 20_000;

/// A question whose answer is numbers.
pub(super) trait NumbersQuestion: Question {
    /// The numbers as they travel, with the URLs of their people.
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value;
}

/// `GET` and `POST insights/trend/`: trends, or what else is asked for as `insight`.
pub(in crate::http) async fn trend(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let params = call.all_params()?;
    let is_stickiness = params.get("shown_as") == Some("Stickiness");
    match params.get("insight") {
        Some("STICKINESS") => numbers::<StickinessNumbers>(questions, call, params).await,
        None | Some("TRENDS") if is_stickiness => {
            numbers::<StickinessNumbers>(questions, call, params).await
        }
        None | Some("TRENDS") => numbers::<TrendsNumbers>(questions, call, params).await,
        Some("LIFECYCLE") => numbers::<LifecycleNumbers>(questions, call, params).await,
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
    numbers::<RetentionNumbers>(questions, call, params).await
}

/// `GET` and `POST insights/funnel/`
pub(in crate::http) async fn funnel(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let params = call.all_params()?;
    numbers::<FunnelNumbers>(questions, call, params).await
}

/// `GET` and `POST insights/funnel/correlation/`
pub(in crate::http) async fn correlation(
    State(questions): State<Arc<Questions>>,
    call: Call,
) -> Answer {
    let params = call.all_params()?;
    numbers::<CorrelationNumbers>(questions, call, params).await
}

/// `GET` and `POST insights/path/`
pub(in crate::http) async fn path(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let params = call.all_params()?;
    numbers::<PathsNumbers>(questions, call, params).await
}

async fn numbers<Q: NumbersQuestion>(
    questions: Arc<Questions>,
    call: Call,
    params: Params,
) -> Answer {
    let answered = questions.ask::<Q>(&params).await?;
    let cells = Q::weight(&answered.found);
    if cells > MOST_CELLS {
        return Err(InsightError::TooManyCells(MOST_CELLS).into());
    }
    off_thread(move || {
        let result = Q::result(&answered, &questions.app, &params);
        let body = json!({
            "result": result,
            "next": null,
            "timezone": questions.app.project.info().timezone,
            "last_refresh": answered.at,
            "is_cached": answered.is_cached,
        });
        match call.format {
            crate::http::call::Format::Json => call.answer("insight", &body),
            crate::http::call::Format::Csv => call.answer("insight", &body["result"]),
        }
    })
    .await?
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
