//! Lifecycle: `insights/trend/` with `insight=LIFECYCLE`, and `persons/lifecycle/` for who is new, comes back or
//! stays away in an interval.

use persons_api::Timestamp;
use persons_engine::dates::Interval;
use persons_engine::events::Stop;
use persons_engine::insights::lifecycle::{Lifecycle, LifecycleCell, LifecycleQuery, Status};
use persons_engine::insights::points::Points;
use persons_engine::insights::{InsightError, ListedPeople, Page, Source};
use serde_json::{Value, json};

use super::cells::{Cells, exactly};
use super::numbers::{self, NumbersQuestion};
use super::people::PeopleQuestion;
use super::questions::{Answered, Question};
use super::series::{Series, filter, refuse, some_series};
use crate::http::App;
use crate::http::calendar::{interval, moment, range};
use crate::http::error::ApiError;
use crate::http::params::Params;

/// What changes the numbers elsewhere and is not offered here.
const NOT_OFFERED: [&str; 3] = ["breakdown", "breakdowns", "aggregation_group_type_index"];

/// A question for numbers.
#[derive(Debug)]
pub(in crate::http) struct LifecycleNumbers {
    query: LifecycleQuery,
    series: Series,
}

/// Its answer.
pub(in crate::http) struct Lines {
    points: Points,
    /// In the order of [`Status::ALL`].
    data: [Vec<f64>; 4],
}

/// The first entity, and what is asked of it.
fn read(params: &Params, source: Source<'_>) -> Result<(LifecycleQuery, Series), ApiError> {
    refuse(params, &NOT_OFFERED)?;
    let series = some_series(params, source.actions)?.swap_remove(0);
    let interval = interval(params)?;
    let query = LifecycleQuery {
        entity: series.entity.clone(),
        filter: filter(params)?,
        range: range(params, interval, source.calendar)?,
        interval,
    };
    Ok((query, series))
}

impl Question for LifecycleNumbers {
    type Ready = Lifecycle;
    type Found = Lines;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let (query, series) = read(params, source)?;
        Ok(Self { query, series })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Lifecycle, ApiError> {
        Ok(self.query.prepare(source)?)
    }

    fn answer(&self, ready: Lifecycle, stop: &Stop) -> Result<Lines, InsightError> {
        Ok(Lines {
            data: ready.numbers(stop)?,
            points: ready.points().clone(),
        })
    }

    fn weight(found: &Lines) -> usize {
        4 * found.points.pieces.len()
    }
}

impl NumbersQuestion for LifecycleNumbers {
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value {
        let cells = Cells::new(app, "persons/lifecycle", params, &[]);
        let LifecycleNumbers { query, series } = &answered.question;
        let pieces = &answered.found.points.pieces;
        let is_hourly = query.interval == Interval::Hour;
        let printed = |print: fn(&_, Timestamp, bool) -> String| -> Vec<String> {
            let print = |at| print(&answered.calendar, at, is_hourly);
            pieces.iter().map(|piece| print(piece.interval)).collect()
        };
        let lines = Status::ALL.into_iter().zip(&answered.found.data);
        let line = |(status, data): (Status, &Vec<f64>)| {
            let people = pieces.iter().map(|piece| {
                let mut cell = vec![
                    ("target_date", json!(piece.interval)),
                    ("lifecycle_type", json!(status.name())),
                ];
                cell.extend(exactly(query.range));
                cells.wire(&cell)
            });
            json!({
                "action": series.wire(0),
                "label": format!("{} - {}", series.label(), status.name()),
                "status": status.name(),
                "count": data.iter().sum::<f64>(),
                "data": data,
                "labels": printed(numbers::label),
                "days": printed(numbers::day),
                "persons_urls": people.collect::<Value>(),
                "filter": cells.filter(),
            })
        };
        lines.map(line).collect()
    }
}

/// A question for the people behind a number.
#[derive(Debug)]
pub(in crate::http) struct LifecyclePeople {
    query: LifecycleQuery,
    status: Status,
    /// A moment in the interval.
    at: Timestamp,
}

impl PeopleQuestion for LifecyclePeople {
    type Ready = Lifecycle;
    type Value = ();

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let missing = |attr, detail: &str| ApiError::Invalid {
            code: "required",
            detail: detail.into(),
            attr: Some(attr),
        };
        let at = moment(params, "target_date", source.calendar)?;
        let at = at.ok_or_else(|| missing("target_date", "Must include specified date"))?;
        let name = params.get("lifecycle_type");
        let name = name.ok_or_else(|| missing("lifecycle_type", "Must include lifecycle type"))?;
        let status = Status::ALL.into_iter().find(|status| status.name() == name);
        let unknown = || {
            ApiError::invalid(
                "lifecycle_type",
                "Use new, returning, resurrecting or dormant.",
            )
        };
        let (query, _) = read(params, source)?;
        Ok(Self {
            query,
            status: status.ok_or_else(unknown)?,
            at,
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Lifecycle, InsightError> {
        self.query.prepare(source)
    }

    fn people(
        &self,
        ready: &Lifecycle,
        page: &Page,
        stop: &Stop,
    ) -> Result<ListedPeople<()>, InsightError> {
        let point = ready.point_of(self.at);
        let cell = LifecycleCell {
            status: self.status,
            point: point.ok_or(InsightError::NoSuchCell("point"))?,
        };
        ready.people(&cell, page, stop)
    }
}
