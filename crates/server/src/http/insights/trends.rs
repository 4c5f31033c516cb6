//! Trends: `insights/trend/`, and `persons/trends/` for the people behind a point.

use persons_api::Timestamp;
use persons_engine::dates::{DateRange, Interval};
use persons_engine::events::Stop;
use persons_engine::insights::points::{Piece, Points};
use persons_engine::insights::trends::{Line, PersonPart, Shape, Trends, TrendsCell, TrendsQuery};
use persons_engine::insights::{
    BreakdownValue, InsightError, ListedPeople, OrderKey, Page, Source,
};
use serde_json::{Value, json};

use super::breakdown::{self, breakdown};
use super::cells::{Cells, exactly};
use super::numbers::{self, NumbersQuestion};
use super::people::PeopleQuestion;
use super::questions::{Answered, Question};
use super::series::{Series, filter, refuse, some_series, target};
use crate::http::App;
use crate::http::calendar::{interval, is_aggregate, moment, range};
use crate::http::error::ApiError;
use crate::http::params::Params;

/// What changes the numbers elsewhere and is not offered here.
const NOT_OFFERED: [&str; 4] = [
    "formula",
    "compare",
    "smoothing_intervals",
    "aggregation_group_type_index",
];

/// How the values of a breakdown are ranked if the people of a point are asked for: over this range.
const RANKED_FROM: &str = "breakdown_date_from";
const RANKED_TO: &str = "breakdown_date_to";

/// A question for numbers.
#[derive(Debug)]
pub(in crate::http) struct TrendsNumbers {
    query: TrendsQuery,
    series: Vec<Series>,
}

/// Its answer.
pub(in crate::http) struct Lines {
    points: Points,
    lines: Vec<Line>,
}

impl Question for TrendsNumbers {
    type Ready = Trends;
    type Found = Lines;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        refuse(params, &NOT_OFFERED)?;
        let series = some_series(params, source.actions)?;
        let interval = interval(params)?;
        let query = TrendsQuery {
            series: series.iter().map(|series| series.entity.clone()).collect(),
            filter: filter(params)?,
            range: range(params, interval, source.calendar)?,
            interval,
            shape: shape(params),
            breakdown: breakdown(params)?,
        };
        Ok(Self { query, series })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Trends, ApiError> {
        Ok(self.query.prepare(source)?)
    }

    fn answer(&self, ready: Trends, stop: &Stop) -> Result<Lines, InsightError> {
        Ok(Lines {
            lines: ready.numbers(stop)?,
            points: ready.points().clone(),
        })
    }

    fn weight(found: &Lines) -> usize {
        found.lines.iter().map(|line| line.data.len()).sum()
    }
}

/// What the points of a chart are.
fn shape(params: &Params) -> Shape {
    match params.get("display") {
        _ if is_aggregate(params) => Shape::Total,
        Some("ActionsLineGraphCumulative") => Shape::Cumulative,
        _ => Shape::Line,
    }
}

impl NumbersQuestion for TrendsNumbers {
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value {
        let cells = Cells::new(app, "persons/trends", params, &breakdown::NAMES);
        let lines = answered.found.lines.iter();
        lines.map(|line| answered.line(line, &cells)).collect()
    }
}

impl Answered<TrendsNumbers> {
    fn line(&self, line: &Line, cells: &Cells) -> Value {
        let query = &self.question.query;
        let series = &self.question.series[line.series];
        let value = line.breakdown.as_ref();
        let mut shown = json!({
            "action": series.wire(line.series),
            "label": label(series, value),
            "filter": cells.filter(),
        });
        if let Some(value) = value {
            shown["breakdown_value"] = breakdown::wire(value);
        }
        let ranges = self
            .found
            .points
            .pieces
            .iter()
            .map(|piece| match query.shape {
                Shape::Line | Shape::Total => piece.range,
                Shape::Cumulative => DateRange {
                    from: query.range.from,
                    to: piece.range.to,
                },
            });
        let mut people = ranges.map(|range| {
            let mut cell = cell(series, line.series, range);
            cell.extend(value.map(|value| ("breakdown_value", breakdown::wire(value))));
            if value == Some(&BreakdownValue::Other) {
                cell.push((RANKED_FROM, json!(query.range.from)));
                cell.push((RANKED_TO, json!(query.range.to)));
            }
            cells.wire(&cell)
        });
        if query.shape == Shape::Total {
            let total = line.data.first();
            shown["aggregated_value"] = json!(total);
            shown["count"] = json!(total);
            shown["data"] = json!([]);
            shown["labels"] = json!([]);
            shown["days"] = json!([]);
            shown["persons"] = people.next().unwrap_or_default();
            return shown;
        }
        let is_hourly = query.interval == Interval::Hour;
        let starts = || self.found.points.pieces.iter().map(|piece| piece.interval);
        let printed = |print: fn(&_, Timestamp, bool) -> String| -> Vec<String> {
            starts()
                .map(|at| print(&self.calendar, at, is_hourly))
                .collect()
        };
        shown["count"] = json!(line.data.iter().sum::<f64>());
        shown["data"] = json!(line.data);
        shown["labels"] = json!(printed(numbers::label));
        shown["days"] = json!(printed(numbers::day));
        shown["persons_urls"] = people.collect();
        shown
    }
}

fn label(series: &Series, value: Option<&BreakdownValue>) -> String {
    let name = series.label();
    match value.map(breakdown::wire) {
        None => name.to_owned(),
        Some(Value::String(text)) => format!("{name} - {text}"),
        Some(other) => format!("{name} - {other}"),
    }
}

/// The parameters of one series in one range.
pub(super) fn cell(series: &Series, order: usize, range: DateRange) -> Vec<(&'static str, Value)> {
    let (id, kind) = series.id_and_type();
    let mut cell = vec![
        ("entity_id", id),
        ("entity_type", json!(kind)),
        ("entity_math", json!(series.math)),
        ("entity_order", json!(order)),
    ];
    cell.extend(exactly(range));
    cell
}

/// A question for the people behind a number.
#[derive(Debug)]
pub(in crate::http) struct TrendsPeople {
    query: TrendsQuery,
    breakdown: Option<BreakdownValue>,
    point: Point,
}

/// Which of the points of a query.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// The one with this range.
    Exactly(DateRange),
    /// The one in whose interval this is.
    Of(Timestamp),
}

impl Point {
    fn is(self, piece: &Piece, shape: Shape) -> bool {
        match (self, shape) {
            (_, Shape::Total) => true,
            (Self::Exactly(range), Shape::Line) => range == piece.range,
            (Self::Exactly(range), Shape::Cumulative) => range.to == piece.range.to,
            (Self::Of(at), _) => (piece.interval..=piece.range.to).contains(&at),
        }
    }
}

impl PeopleQuestion for TrendsPeople {
    type Ready = Trends;
    type Value = PersonPart;

    const OWN_ORDER: Option<(&'static str, OrderKey)> = Some(("event_count", OrderKey::Events));

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        refuse(params, &NOT_OFFERED)?;
        let interval = interval(params)?;
        let range = range(params, interval, source.calendar)?;
        let day = moment(params, "day", source.calendar)?;
        let mut query = TrendsQuery {
            series: vec![target(params, source.actions)?],
            filter: filter(params)?,
            range,
            interval,
            // One point is asked for, unless it is one of the query's.
            shape: day.map_or(Shape::Total, |_| shape(params)),
            breakdown: breakdown(params)?,
        };
        let value = match (params.given("breakdown_value"), &query.breakdown) {
            (Some(text), Some(breakdown)) => Some(breakdown::value(&breakdown.by, text)?),
            (Some(_), None) => return Err(ApiError::required("breakdown")),
            (None, _) => None,
        };
        // Which values are beyond the limit is decided over the whole range of the question.
        if value == Some(BreakdownValue::Other) && day.is_none() {
            let ranked = |name| moment(params, name, source.calendar);
            query.range = DateRange {
                from: ranked(RANKED_FROM)?.unwrap_or(range.from),
                to: ranked(RANKED_TO)?.unwrap_or(range.to),
            };
            if query.range != range {
                query.shape = shape(params);
            }
        }
        Ok(Self {
            query,
            breakdown: value,
            point: day.map_or(Point::Exactly(range), Point::Of),
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Trends, InsightError> {
        self.query.prepare(source)
    }

    fn people(
        &self,
        ready: &Trends,
        page: &Page,
        stop: &Stop,
    ) -> Result<ListedPeople<PersonPart>, InsightError> {
        let pieces = &ready.points().pieces;
        let shape = self.query.shape;
        let point = pieces.iter().position(|piece| self.point.is(piece, shape));
        let cell = TrendsCell {
            series: 0,
            breakdown: self.breakdown.clone(),
            point: point.ok_or(InsightError::NoSuchCell("point"))?,
        };
        ready.parts(&cell, page, stop)
    }

    fn part(part: &PersonPart) -> Option<f64> {
        Some(part.value)
    }

    fn event_count(part: &PersonPart) -> Option<u64> {
        Some(part.events)
    }
}
