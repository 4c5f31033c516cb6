//! Funnels: `insights/funnel/`, and `persons/funnel/` for who came how far.
//!
//! `funnel_viz_type` says what is asked: `steps`, `trends` (of those who start in an interval, how many convert),
//! or `time_to_convert`.

use persons_api::json;
use persons_engine::dates::Interval;
use persons_engine::events::Stop;
use persons_engine::insights::funnel::durations::{
    FunnelDurations, TimeToConvert, TimeToConvertQuery,
};
use persons_engine::insights::funnel::trends::{
    FunnelTrends, FunnelTrendsCell, FunnelTrendsLine, FunnelTrendsQuery,
};
use persons_engine::insights::funnel::{
    Attribution, DEFAULT_LIMIT, Exclusion, Funnel, FunnelBreakdown, FunnelCell, FunnelLine,
    FunnelQuery, Order, Progress, StepCount, Window, WindowUnit,
};
use persons_engine::insights::points::Points;
use persons_engine::insights::{BreakdownValue, InsightError, Listed, ListedPeople, Page, Source};
use serde_json::{Value, json};

use super::breakdown::{self, breakdown_by, limit};
use super::cells::{Cells, exactly};
use super::numbers::{self, NumbersQuestion};
use super::people::PeopleQuestion;
use super::questions::{Answered, Question};
use super::series::{Series, filter, objects, refuse, some_series};
use crate::http::App;
use crate::http::calendar::{interval, moment, range};
use crate::http::error::ApiError;
use crate::http::params::{Params, check_length};

/// What changes the numbers elsewhere and is not offered here.
const NOT_OFFERED: [&str; 2] = ["aggregation_group_type_index", "funnel_aggregate_by_hogql"];

/// Items of `exclusions` and of `funnel_custom_steps`, at most. A funnel has fewer steps.
const MAX_ITEMS: usize = 100;

/// The parameters that say which funnel is asked for.
pub(super) const NAMES: [&str; 15] = [
    "funnel_window_interval",
    "funnel_window_interval_unit",
    "funnel_window_days",
    "funnel_order_type",
    "funnel_viz_type",
    "funnel_from_step",
    "funnel_to_step",
    "exclusions",
    "breakdown",
    "breakdowns",
    "breakdown_type",
    "breakdown_limit",
    "breakdown_attribution_type",
    "breakdown_attribution_value",
    "bin_count",
];

/// What is asked of a funnel.
#[derive(Debug)]
enum Asked {
    Steps(FunnelQuery),
    Trends(FunnelTrendsQuery),
    Durations(TimeToConvertQuery),
}

/// The same with what it takes from the snapshot.
pub(in crate::http) enum Ready {
    Steps(Funnel),
    Trends(FunnelTrends),
    Durations(FunnelDurations),
}

impl Asked {
    fn read(params: &Params, steps: &[Series], source: Source<'_>) -> Result<Self, ApiError> {
        let funnel = funnel_of(params, steps, source)?;
        let from_step = params.number("funnel_from_step")?;
        let to_step = params.number("funnel_to_step")?;
        match params.get("funnel_viz_type") {
            None | Some("steps") => Ok(Self::Steps(funnel)),
            Some("trends") => Ok(Self::Trends(FunnelTrendsQuery {
                interval: interval(params)?,
                funnel,
                from_step,
                to_step,
            })),
            Some("time_to_convert") => Ok(Self::Durations(TimeToConvertQuery {
                funnel,
                from_step,
                to_step,
                bins: match params.get("bin_count") {
                    Some("auto") => None,
                    _ => params.number("bin_count")?,
                },
            })),
            Some(_) => Err(ApiError::invalid(
                "funnel_viz_type",
                "Use steps, trends or time_to_convert.",
            )),
        }
    }

    fn funnel(&self) -> &FunnelQuery {
        match self {
            Self::Steps(funnel) => funnel,
            Self::Trends(query) => &query.funnel,
            Self::Durations(query) => &query.funnel,
        }
    }

    fn prepare(&self, source: Source<'_>) -> Result<Ready, InsightError> {
        Ok(match self {
            Self::Steps(query) => Ready::Steps(query.prepare(source)?),
            Self::Trends(query) => Ready::Trends(query.prepare(source)?),
            Self::Durations(query) => Ready::Durations(query.prepare(source)?),
        })
    }
}

/// The funnel that parameters describe.
pub(super) fn funnel_of(
    params: &Params,
    steps: &[Series],
    source: Source<'_>,
) -> Result<FunnelQuery, ApiError> {
    refuse(params, &NOT_OFFERED)?;
    let order = params.get("funnel_order_type").unwrap_or("ordered");
    let order = Order::from_name(order).ok_or_else(|| {
        ApiError::invalid("funnel_order_type", "Use ordered, unordered or strict.")
    })?;
    Ok(FunnelQuery {
        steps: steps.iter().map(|step| step.entity.clone()).collect(),
        exclusions: exclusions(params, source)?,
        filter: filter(params)?,
        // Weeks and months are what trends are cut into; the funnel itself has whole days.
        range: range(params, interval_of_range(params)?, source.calendar)?,
        order,
        window: window(params)?,
        breakdown: funnel_breakdown(params)?,
    })
}

/// What the range is snapped to.
fn interval_of_range(params: &Params) -> Result<Interval, ApiError> {
    match params.get("funnel_viz_type") {
        Some("trends") => interval(params),
        _ => Ok(Interval::Day),
    }
}

fn exclusions(params: &Params, source: Source<'_>) -> Result<Vec<Exclusion>, ApiError> {
    let list = params.json("exclusions")?.unwrap_or(Value::Null);
    let list = objects("exclusions", &list)?;
    check_length("exclusions", list.len(), MAX_ITEMS)?;
    let step = |value: Option<&Value>| usize::try_from(value?.as_u64()?).ok();
    let exclusion = |fields: &serde_json::Map<String, Value>| {
        Ok(Exclusion {
            event: Series::typed(fields, source.actions)?.entity,
            from_step: step(fields.get("funnel_from_step")),
            to_step: step(fields.get("funnel_to_step")),
        })
    };
    list.into_iter().map(exclusion).collect()
}

fn window(params: &Params) -> Result<Window, ApiError> {
    let count = |name| match params.number(name)? {
        Some(0) => Err(ApiError::invalid(
            name,
            "Ensure this value is greater than or equal to 1.",
        )),
        count => Ok(count.map(|count| u32::try_from(count).unwrap_or(u32::MAX))),
    };
    if let Some(count) = count("funnel_window_days")? {
        let unit = WindowUnit::Day;
        return Ok(Window { count, unit });
    }
    let usual = Window::default();
    let unit = match params.get("funnel_window_interval_unit") {
        None => usual.unit,
        Some(name) => WindowUnit::from_name(name).ok_or_else(|| {
            ApiError::invalid(
                "funnel_window_interval_unit",
                "Use second, minute, hour, day, week or month.",
            )
        })?,
    };
    Ok(Window {
        count: count("funnel_window_interval")?.unwrap_or(usual.count),
        unit,
    })
}

fn funnel_breakdown(params: &Params) -> Result<Option<FunnelBreakdown>, ApiError> {
    let by = breakdown_by(params)?;
    if by.is_empty() {
        return Ok(None);
    }
    let step = params.number("breakdown_attribution_value")?.unwrap_or(0);
    let name = params.get("breakdown_attribution_type");
    let attribution = Attribution::from_name(name.unwrap_or("first_touch"), step);
    let unknown = || {
        ApiError::invalid(
            "breakdown_attribution_type",
            "Use first_touch, last_touch, all_events or step.",
        )
    };
    Ok(Some(FunnelBreakdown {
        limit: limit(params, DEFAULT_LIMIT)?,
        attribution: attribution.ok_or_else(unknown)?,
        by,
    }))
}

/// A question for numbers.
#[derive(Debug)]
pub(in crate::http) struct FunnelNumbers {
    asked: Asked,
    steps: Vec<Series>,
}

/// Its answer.
pub(in crate::http) enum Found {
    Steps(Vec<FunnelLine>),
    Trends(Points, Vec<FunnelTrendsLine>),
    Durations(TimeToConvert),
}

impl Question for FunnelNumbers {
    type Ready = Ready;
    type Found = Found;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let steps = some_series(params, source.actions)?;
        let asked = Asked::read(params, &steps, source)?;
        Ok(Self { asked, steps })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Ready, ApiError> {
        Ok(self.asked.prepare(source)?)
    }

    fn answer(&self, ready: Ready, stop: &Stop) -> Result<Found, InsightError> {
        Ok(match ready {
            Ready::Steps(funnel) => Found::Steps(funnel.numbers(stop)?),
            Ready::Trends(trends) => {
                let lines = trends.numbers(stop)?;
                Found::Trends(trends.points().clone(), lines)
            }
            Ready::Durations(durations) => Found::Durations(durations.numbers(stop)?),
        })
    }

    fn weight(found: &Found) -> usize {
        match found {
            Found::Steps(lines) => lines.iter().map(|line| line.steps.len()).sum(),
            Found::Trends(_, lines) => lines.iter().map(|line| line.points.len()).sum(),
            Found::Durations(times) => times.bins.len(),
        }
    }
}

impl NumbersQuestion for FunnelNumbers {
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value {
        let cells = Cells::new(app, "persons/funnel", params, &NAMES);
        match &*answered.found {
            Found::Steps(lines) => answered.steps(lines, &cells),
            Found::Trends(points, lines) => answered.trends(points, lines, &cells),
            Found::Durations(times) => answered.durations(times, &cells),
        }
    }
}

/// The values of a breakdown on the wire: a cohort is one value, properties are a list of them.
fn wire(values: &[BreakdownValue]) -> Value {
    match values {
        [cohort @ BreakdownValue::Cohort(_)] => breakdown::wire(cohort),
        values => values.iter().map(breakdown::wire).collect(),
    }
}

impl Answered<FunnelNumbers> {
    /// What the cells of one line have in common.
    fn line(&self, values: Option<&[BreakdownValue]>) -> Vec<(&'static str, Value)> {
        let mut cell = exactly(self.question.asked.funnel().range).to_vec();
        cell.extend(values.map(|values| ("funnel_step_breakdown", wire(values))));
        cell
    }

    fn steps(&self, lines: &[FunnelLine], cells: &Cells) -> Value {
        let mut lines = lines.iter().map(|line| {
            let steps = line.steps.iter().enumerate();
            steps
                .map(|(order, step)| self.step(order, step, line.breakdown.as_deref(), cells))
                .collect::<Value>()
        });
        match self.question.asked.funnel().breakdown {
            None => lines.next().unwrap_or_default(),
            Some(_) => lines.collect(),
        }
    }

    fn step(
        &self,
        order: usize,
        step: &StepCount,
        values: Option<&[BreakdownValue]>,
        cells: &Cells,
    ) -> Value {
        let FunnelNumbers { asked, steps } = &self.question;
        let series = &steps[order];
        let url = |step: i64| {
            let mut cell = self.line(values);
            cell.push(("funnel_step", json!(step)));
            cells.rooted(&cell)
        };
        let number = order as i64 + 1;
        let mut shown = json!({
            "people": [],
            "order": order,
            "count": step.count,
            "average_conversion_time": step.average_time,
            "median_conversion_time": step.median_time,
            "converted_people_url": url(number),
            "dropped_people_url": (order > 0).then(|| url(-number)),
        });
        if asked.funnel().order == Order::Unordered {
            let plural = if order == 0 { "" } else { "s" };
            shown["name"] = json!(format!("Completed {number} step{plural}"));
            shown["action_id"] = Value::Null;
            shown["custom_name"] = Value::Null;
            shown["type"] = json!("events");
        } else {
            let entity = series.wire(order);
            shown["name"] = entity["name"].clone();
            shown["action_id"] = entity["id"].clone();
            shown["custom_name"] = entity["custom_name"].clone();
            shown["type"] = entity["type"].clone();
        }
        if let Some(values) = values {
            shown["breakdown"] = wire(values);
            shown["breakdown_value"] = wire(values);
        }
        shown
    }

    fn trends(&self, points: &Points, lines: &[FunnelTrendsLine], cells: &Cells) -> Value {
        let Asked::Trends(query) = &self.question.asked else {
            return Value::Null;
        };
        let is_hourly = query.interval == Interval::Hour;
        let starts = || points.pieces.iter().map(|piece| piece.interval);
        let labels: Vec<String> = starts()
            .map(|at| numbers::label(&self.calendar, at, is_hourly))
            .collect();
        let days: Vec<String> = starts()
            .map(|at| numbers::day(&self.calendar, at, is_hourly))
            .collect();
        let line = |line: &FunnelTrendsLine| {
            let url = |is_drop_off: bool| {
                let urls = starts().map(|start| {
                    let mut cell = self.line(line.breakdown.as_deref());
                    cell.push(("entrance_period_start", json!(start)));
                    cell.push(("drop_off", json!(is_drop_off)));
                    cells.rooted(&cell)
                });
                urls.collect::<Value>()
            };
            let points = line.points.iter();
            let mut shown = json!({
                "count": line.points.len(),
                "data": points.clone().map(|point| point.rate()).collect::<Value>(),
                "days": days,
                "labels": labels,
                "reached_from_step_counts": points.clone().map(|point| point.entered).collect::<Value>(),
                "reached_to_step_counts": points.map(|point| point.converted).collect::<Value>(),
                "converted_people_urls": url(false),
                "dropped_people_urls": url(true),
            });
            if let Some(values) = &line.breakdown {
                shown["breakdown_value"] = wire(values);
            }
            shown
        };
        lines.iter().map(line).collect()
    }

    fn durations(&self, times: &TimeToConvert, cells: &Cells) -> Value {
        let url = |bin: usize| {
            let mut cell = self.line(None);
            cell.push(("funnel_bin", json!(bin)));
            cells.rooted(&cell)
        };
        let bins = times.bins.iter();
        json!({
            "bins": bins.map(|bin| json!([bin.from, bin.count])).collect::<Value>(),
            "average_conversion_time": times.average,
            "people_urls": (0..times.bins.len()).map(url).collect::<Value>(),
        })
    }
}

/// Some of the people of a funnel.
#[derive(Debug)]
enum Cell {
    Steps(FunnelCell),
    /// Of those who start in the interval of a moment, these.
    Trends {
        start: persons_api::Timestamp,
        is_drop_off: bool,
        breakdown: Option<Vec<BreakdownValue>>,
    },
    Bin(usize),
}

/// A question for the people behind a number.
#[derive(Debug)]
pub(in crate::http) struct FunnelPeople {
    asked: Asked,
    cell: Cell,
}

impl Cell {
    fn read(params: &Params, asked: &Asked, source: Source<'_>) -> Result<Self, ApiError> {
        let invalid = |detail: &str| ApiError::Invalid {
            code: "invalid_input",
            detail: detail.into(),
            attr: None,
        };
        match asked {
            Asked::Steps(funnel) => Ok(Self::Steps(FunnelCell {
                progress: progress(params)?,
                breakdown: step_breakdown(params, funnel)?,
            })),
            Asked::Trends(query) => {
                let drop_off = "Filter parameter drop_off must be provided and a bool for funnel trends persons!";
                let start = "Filter parameter entrance_period_start must be provided and a datetime for funnel trends persons!";
                if params.given("drop_off").is_none() {
                    return Err(invalid(drop_off));
                }
                Ok(Self::Trends {
                    is_drop_off: params.flag("drop_off").map_err(|_| invalid(drop_off))?,
                    start: moment(params, "entrance_period_start", source.calendar)
                        .ok()
                        .flatten()
                        .ok_or_else(|| invalid(start))?,
                    breakdown: step_breakdown(params, &query.funnel)?,
                })
            }
            Asked::Durations(_) => {
                let bin = params.number("funnel_bin")?;
                Ok(Self::Bin(
                    bin.ok_or_else(|| ApiError::required("funnel_bin"))?,
                ))
            }
        }
    }
}

/// `funnel_custom_steps`, or else `funnel_step`.
pub(super) fn progress(params: &Params) -> Result<Progress, ApiError> {
    if let Some(list) = params.json("funnel_custom_steps")? {
        let steps = serde_json::from_value::<Vec<usize>>(list).map_err(|_| {
            let detail = "This has to be a list of numbers of steps as JSON.";
            ApiError::invalid("funnel_custom_steps", detail)
        })?;
        check_length("funnel_custom_steps", steps.len(), MAX_ITEMS)?;
        if !steps.is_empty() {
            return Ok(Progress::Furthest(steps));
        }
    }
    step(params).map(Progress::from_step)
}

/// `funnel_step`: k is the step k, −k the people who dropped off before it.
pub(super) fn step(params: &Params) -> Result<i64, ApiError> {
    let step = params.get("funnel_step");
    let step = step.ok_or_else(|| ApiError::required("funnel_step"))?;
    let step = step.parse();
    step.map_err(|_| ApiError::invalid("funnel_step", "A valid integer is required."))
}

/// The values of `funnel_step_breakdown`, one for each property.
fn step_breakdown(
    params: &Params,
    funnel: &FunnelQuery,
) -> Result<Option<Vec<BreakdownValue>>, ApiError> {
    let Some(text) = params.given("funnel_step_breakdown") else {
        return Ok(None);
    };
    let Some(breakdown) = &funnel.breakdown else {
        return Err(ApiError::required("breakdown"));
    };
    let texts: Vec<String> = match json::parse(text) {
        Ok(Value::Array(list)) => list
            .iter()
            .map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
            .collect(),
        _ => vec![text.to_owned()],
    };
    if texts.len() != breakdown.by.len() {
        let detail = "This has to be one value for each property of the breakdown.";
        return Err(ApiError::invalid("funnel_step_breakdown", detail));
    }
    let values = breakdown.by.iter().zip(&texts);
    let values = values.map(|(by, text)| breakdown::value(by, text));
    values.collect::<Result<_, _>>().map(Some)
}

impl PeopleQuestion for FunnelPeople {
    type Ready = Ready;
    type Value = ();

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let steps = some_series(params, source.actions)?;
        let asked = Asked::read(params, &steps, source)?;
        Ok(Self {
            cell: Cell::read(params, &asked, source)?,
            asked,
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Ready, InsightError> {
        self.asked.prepare(source)
    }

    fn people(
        &self,
        ready: &Ready,
        page: &Page,
        stop: &Stop,
    ) -> Result<ListedPeople<()>, InsightError> {
        match (&self.cell, ready) {
            (Cell::Steps(cell), Ready::Steps(funnel)) => funnel.people(cell, page, stop).map(plain),
            (
                Cell::Trends {
                    start,
                    is_drop_off,
                    breakdown,
                },
                Ready::Trends(trends),
            ) => {
                let mut pieces = trends.points().pieces.iter();
                let point =
                    pieces.position(|piece| (piece.interval..=piece.range.to).contains(start));
                let cell = FunnelTrendsCell {
                    point: point.ok_or(InsightError::NoSuchCell("point"))?,
                    is_drop_off: *is_drop_off,
                    breakdown: breakdown.clone(),
                };
                trends.people(&cell, page, stop).map(plain)
            }
            (Cell::Bin(bin), Ready::Durations(durations)) => {
                durations.people(*bin, page, stop).map(plain)
            }
            // The cell was read for what is asked.
            _ => Err(InsightError::NoSuchCell("cell")),
        }
    }
}

/// A page of people about whom nothing more is said.
pub(super) fn plain<T>(found: ListedPeople<T>) -> ListedPeople<()> {
    let people = found.people.into_iter().map(|person| Listed {
        number: person.number,
        uuid: person.uuid,
        value: (),
    });
    ListedPeople {
        people: people.collect(),
        missing: found.missing,
        has_more: found.has_more,
        count: found.count,
    }
}
