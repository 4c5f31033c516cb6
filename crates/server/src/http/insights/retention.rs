//! Retention: `insights/retention/`, and `persons/retention/` for the people of a row and when they came back.

use std::sync::Arc;

use axum::extract::State;
use persons_engine::dates::Interval;
use persons_engine::events::Stop;
use persons_engine::insights::points::Points;
use persons_engine::insights::retention::{
    Retention, RetentionCell, RetentionKind, RetentionQuery, RetentionRow,
};
use persons_engine::insights::{
    BreakdownValue, Entity, InsightError, ListedPeople, OrderKey, Page, Source,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::breakdown::{self, breakdown};
use super::cells::Cells;
use super::numbers::NumbersQuestion;
use super::people::{Behind, PeopleQuestion};
use super::questions::{Answered, Question, Questions};
use super::series::{filter, one, refuse};
use crate::http::App;
use crate::http::calendar::moment;
use crate::http::call::{Call, Format};
use crate::http::error::{Answer, ApiError};
use crate::http::off_thread;
use crate::http::params::Params;
use crate::http::person::Listed;

/// What changes the numbers elsewhere and is not offered here.
const NOT_OFFERED: [&str; 2] = ["aggregation_group_type_index", "compare"];

/// The parameters that say what retention is asked for.
const NAMES: [&str; 6] = [
    "period",
    "total_intervals",
    "date_to",
    "retention_type",
    "target_entity",
    "returning_entity",
];

/// The cells of such a question.
fn cells(app: &App, params: &Params) -> Cells {
    let own = [&NAMES[..], &breakdown::NAMES[..]].concat();
    Cells::new(app, "persons/retention", params, &own)
}

/// Intervals if nobody says how many.
pub(in crate::http) const DEFAULT_INTERVALS: usize = 11;

/// A question for numbers. At `query/`, tables are square; at `insights/…`, each row is shorter than the one before.
#[derive(Debug)]
pub(in crate::http) struct RetentionNumbers<const IS_SQUARE: bool>(RetentionQuery);

/// Its answer.
pub(in crate::http) struct Table {
    points: Points,
    rows: Vec<RetentionRow>,
}

fn query(params: &Params, is_square: bool, source: Source<'_>) -> Result<RetentionQuery, ApiError> {
    refuse(params, &NOT_OFFERED)?;
    let period = params.get("period").unwrap_or("Day");
    let interval = match period.to_ascii_lowercase().as_str() {
        "hour" => Interval::Hour,
        "day" => Interval::Day,
        "week" => Interval::Week,
        "month" => Interval::Month,
        _ => {
            let detail = format!("Period {period} is unsupported.");
            return Err(ApiError::invalid("period", detail));
        }
    };
    let calendar = source.calendar;
    let until = moment(params, "date_to", calendar)?.unwrap_or(calendar.now);
    let intervals = match params.number("total_intervals")? {
        Some(0) => {
            let detail = "Ensure this value is greater than or equal to 1.";
            return Err(ApiError::invalid("total_intervals", detail));
        }
        intervals => intervals.unwrap_or(DEFAULT_INTERVALS),
    };
    let kind = params.get("retention_type");
    let kind = RetentionKind::from_name(kind.unwrap_or("retention_recurring"));
    let kind = kind.ok_or_else(|| {
        ApiError::invalid(
            "retention_type",
            "Use retention_recurring or retention_first_time.",
        )
    })?;
    let entity = |name| Ok::<_, ApiError>(one(params, name, source.actions)?.map(|one| one.entity));
    let target = entity("target_entity")?.unwrap_or_else(|| Entity::event(Some("$pageview")));
    Ok(RetentionQuery {
        returning: entity("returning_entity")?.unwrap_or_else(|| target.clone()),
        target,
        kind,
        filter: filter(params)?,
        // The whole interval counts, and the question is the same all through it.
        until: calendar.start_of(interval, until),
        interval,
        intervals,
        is_square,
        breakdown: breakdown(params)?,
    })
}

impl<const IS_SQUARE: bool> Question for RetentionNumbers<IS_SQUARE> {
    type Ready = Retention;
    type Found = Table;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        query(params, IS_SQUARE, source).map(Self)
    }

    fn prepare(&self, source: Source<'_>) -> Result<Retention, ApiError> {
        Ok(self.0.prepare(source)?)
    }

    fn answer(&self, ready: Retention, stop: &Stop) -> Result<Table, InsightError> {
        Ok(Table {
            rows: ready.numbers(stop)?,
            points: ready.points().clone(),
        })
    }

    fn weight(found: &Table) -> usize {
        found.rows.iter().map(|row| row.values.len()).sum()
    }
}

impl<const IS_SQUARE: bool> NumbersQuestion for RetentionNumbers<IS_SQUARE> {
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value {
        if IS_SQUARE {
            return square(answered);
        }
        let cells = cells(app, params);
        let query = &answered.question.0;
        let rows = answered.found.rows.iter().enumerate();
        let row = |(number, row): (usize, &RetentionRow)| {
            let mut cell = vec![
                ("date_to", json!(query.until)),
                ("total_intervals", json!(query.intervals)),
            ];
            cell.push(match &row.breakdown {
                Some(value) => ("breakdown_values", json!([breakdown::wire(value)])),
                None => ("selected_interval", json!(number)),
            });
            let url = cells.rooted(&cell);
            // Each cell's people are those of the row who appear in its column.
            let values = row.values.iter().map(|&count| match count > 0.0 {
                true => json!({"count": count as u64, "people": [], "people_url": url}),
                false => json!({"count": 0, "people": []}),
            });
            let mut shown = json!({"values": values.collect::<Value>(), "people_url": url});
            match &row.breakdown {
                Some(value) => {
                    shown["label"] = breakdown::wire(value);
                    shown["breakdown_values"] = json!([breakdown::wire(value)]);
                }
                None => {
                    shown["label"] = json!(label(query.interval, number));
                    shown["date"] = json!(answered.found.points.pieces[number].interval);
                }
            }
            shown
        };
        rows.map(row).collect()
    }
}

/// The rows of a square table, as `query/` has them. PostHog leaves it to its clients to find out which intervals are
/// over; here each value says so.
fn square<const IS_SQUARE: bool>(answered: &Answered<RetentionNumbers<IS_SQUARE>>) -> Value {
    let query = &answered.question.0;
    let pieces = &answered.found.points.pieces;
    let row = |(number, row): (usize, &RetentionRow)| {
        // People of a row of a breakdown begin in any interval, at the latest in the last.
        let start = match row.breakdown {
            Some(_) => query.intervals - 1,
            None => number,
        };
        let values = row.values.iter().enumerate().map(|(column, &count)| {
            let piece = pieces.get(start + column);
            json!({
                "count": count as u64,
                "label": label(query.interval, column),
                "is_complete": piece.is_some_and(|piece| piece.range.to < answered.calendar.now),
            })
        });
        let mut shown = json!({"values": values.collect::<Value>()});
        match &row.breakdown {
            Some(value) => {
                shown["label"] = breakdown::wire(value);
                shown["breakdown_value"] = breakdown::wire(value);
            }
            None => {
                shown["label"] = json!(label(query.interval, number));
                shown["date"] = json!(pieces[number].interval);
            }
        }
        shown
    };
    answered.found.rows.iter().enumerate().map(row).collect()
}

fn label(interval: Interval, number: usize) -> String {
    let period = match interval {
        Interval::Hour => "Hour",
        Interval::Day => "Day",
        Interval::Week => "Week",
        Interval::Month => "Month",
    };
    format!("{period} {number}")
}

/// A question for the people of a row of such a table.
#[derive(Debug)]
pub(in crate::http) struct RetentionPeople<const IS_SQUARE: bool> {
    query: RetentionQuery,
    cell: RetentionCell,
}

/// The row that is asked for.
fn cell(params: &Params, query: &RetentionQuery) -> Result<RetentionCell, ApiError> {
    let Some(breakdown) = &query.breakdown else {
        let row = params.number("selected_interval")?.unwrap_or(0);
        return Ok(RetentionCell::Interval(row));
    };
    let values = params.json("breakdown_values")?;
    let value: Option<&Value> = match &values {
        Some(Value::Array(list)) if list.len() == 1 => Some(&list[0]),
        _ => None,
    };
    let value = value.ok_or_else(|| {
        ApiError::invalid(
            "breakdown_values",
            "This has to be a list of one value as JSON.",
        )
    })?;
    let text = value.as_str().map_or(value.to_string(), str::to_owned);
    let value: BreakdownValue = breakdown::value(&breakdown.by, &text)?;
    Ok(RetentionCell::Value(value))
}

impl<const IS_SQUARE: bool> PeopleQuestion for RetentionPeople<IS_SQUARE> {
    type Ready = Retention;
    type Value = Vec<bool>;

    const OWN_ORDER: Option<(&'static str, OrderKey)> =
        Some(("length(appearances)", OrderKey::Appearances));

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let query = query(params, IS_SQUARE, source)?;
        Ok(Self {
            cell: cell(params, &query)?,
            query,
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Retention, InsightError> {
        self.query.prepare(source)
    }

    fn people(
        &self,
        ready: &Retention,
        page: &Page,
        stop: &Stop,
    ) -> Result<ListedPeople<Vec<bool>>, InsightError> {
        ready.people(&self.cell, page, stop)
    }

    fn appearances(columns: &Vec<bool>) -> Option<&[bool]> {
        Some(columns)
    }

    fn weight(columns: &Vec<bool>) -> usize {
        1 + columns.len() / 8
    }
}

/// Somebody, and in which columns they appear.
#[derive(Serialize)]
struct Row<'a> {
    person: Listed<'a>,
    appearances: Vec<u8>,
}

/// `GET persons/retention/`
pub(in crate::http) async fn people(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let params = call.all_params()?;
    let answered = questions
        .ask::<Behind<RetentionPeople<false>>>(&params)
        .await?;
    off_thread(move || {
        let found = &answered.found;
        let state = questions.app.project.read();
        let rows = found.people.iter().filter_map(|listed| {
            let person = state.by_number(listed.number)?;
            Some(Row {
                person: Listed::new(person, None),
                appearances: listed.value.iter().copied().map(u8::from).collect(),
            })
        });
        let rows: Vec<Row<'_>> = rows.collect();
        if call.format == Format::Csv {
            return call.answer("persons", &json!({"results": rows}));
        }
        let next = found.has_more.then(|| call.link(answered.question.after()));
        let cells = cells(&questions.app, &params);
        call.answer(
            "persons",
            &json!({
                "result": rows,
                "next": next,
                "missing_persons": found.missing + found.people.len() - rows.len(),
                "filters": cells.filter(),
                "is_cached": answered.is_cached,
                "last_refresh": answered.at,
            }),
        )
    })
    .await?
}
