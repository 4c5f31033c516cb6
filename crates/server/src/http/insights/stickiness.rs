//! Stickiness: `insights/trend/` with `insight=STICKINESS`, and `persons/stickiness/` for the people who were
//! active in exactly so many intervals.

use persons_engine::dates::Interval;
use persons_engine::events::Stop;
use persons_engine::insights::stickiness::{Stickiness, StickinessCell, StickinessQuery};
use persons_engine::insights::{Entity, InsightError, ListedPeople, Page, Source};
use serde_json::{Value, json};

use super::cells::Cells;
use super::numbers::NumbersQuestion;
use super::people::PeopleQuestion;
use super::questions::{Answered, Question};
use super::series::{Series, filter, refuse, some_series, target};
use super::trends::cell;
use crate::http::App;
use crate::http::calendar::{interval, range};
use crate::http::error::ApiError;
use crate::http::params::Params;

/// What changes the numbers elsewhere and is not offered here.
const NOT_OFFERED: [&str; 5] = [
    "compare",
    "breakdown",
    "breakdowns",
    "stickiness_criteria",
    "aggregation_group_type_index",
];

/// A question for numbers.
#[derive(Debug)]
pub(in crate::http) struct StickinessNumbers {
    query: StickinessQuery,
    series: Vec<Series>,
}

fn query(
    params: &Params,
    series: Vec<Entity>,
    source: Source<'_>,
) -> Result<StickinessQuery, ApiError> {
    refuse(params, &NOT_OFFERED)?;
    let interval = interval(params)?;
    Ok(StickinessQuery {
        series,
        filter: filter(params)?,
        range: range(params, interval, source.calendar)?,
        interval,
    })
}

impl Question for StickinessNumbers {
    type Ready = Stickiness;
    type Found = Vec<Vec<f64>>;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let series = some_series(params, source.actions)?;
        let entities = series.iter().map(|series| series.entity.clone()).collect();
        Ok(Self {
            query: query(params, entities, source)?,
            series,
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Stickiness, ApiError> {
        Ok(self.query.prepare(source)?)
    }

    fn answer(&self, ready: Stickiness, stop: &Stop) -> Result<Vec<Vec<f64>>, InsightError> {
        ready.numbers(stop)
    }

    fn weight(found: &Vec<Vec<f64>>) -> usize {
        found.iter().map(Vec::len).sum()
    }
}

impl NumbersQuestion for StickinessNumbers {
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value {
        let cells = Cells::new(app, "persons/stickiness", params, &[]);
        let question = &answered.question;
        let lines = question
            .series
            .iter()
            .zip(answered.found.iter())
            .enumerate();
        let line = |(order, (series, data)): (usize, (&Series, &Vec<f64>))| {
            let days = 1..=data.len();
            let people = days.clone().map(|day| {
                let mut cell = cell(series, order, question.query.range);
                cell.push(("stickiness_days", json!(day)));
                cells.wire(&cell)
            });
            json!({
                "action": series.wire(order),
                "label": series.label(),
                "count": data.iter().sum::<f64>(),
                "data": data,
                "labels": days.clone().map(|day| label(day, question.query.interval)).collect::<Value>(),
                "days": days.collect::<Value>(),
                "persons_urls": people.collect::<Value>(),
                "filter": cells.filter(),
            })
        };
        lines.map(line).collect()
    }
}

/// A number of intervals as it is shown.
fn label(count: usize, interval: Interval) -> String {
    let unit = match interval {
        Interval::Hour => "hour",
        Interval::Day => "day",
        Interval::Week => "week",
        Interval::Month => "month",
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A question for the people behind a number.
#[derive(Debug)]
pub(in crate::http) struct StickinessPeople {
    query: StickinessQuery,
    intervals: usize,
}

impl PeopleQuestion for StickinessPeople {
    type Ready = Stickiness;
    type Value = ();

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let intervals = match params.number("stickiness_days")? {
            None => params.number("selected_interval")?,
            intervals => intervals,
        };
        Ok(Self {
            query: query(params, vec![target(params, source.actions)?], source)?,
            intervals: intervals.ok_or_else(|| ApiError::required("stickiness_days"))?,
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Stickiness, InsightError> {
        self.query.prepare(source)
    }

    fn people(
        &self,
        ready: &Stickiness,
        page: &Page,
        stop: &Stop,
    ) -> Result<ListedPeople<()>, InsightError> {
        let cell = StickinessCell {
            series: 0,
            intervals: self.intervals,
        };
        ready.people(&cell, page, stop)
    }
}
