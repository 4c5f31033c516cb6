//! Paths: `insights/path/`, and `persons/path/` for who went which way.

use persons_engine::events::Stop;
use persons_engine::insights::funnel::Stretch;
use persons_engine::insights::paths::{
    AroundStep, Cleaning, Include, PathEdge, PathNode, Paths, PathsCell, PathsQuery,
};
use persons_engine::insights::{InsightError, ListedPeople, Page, Source};
use serde_json::{Map, Value, json};

use super::cells::{Cells, exactly};
use super::funnel::{funnel_of, step};
use super::numbers::NumbersQuestion;
use super::people::PeopleQuestion;
use super::questions::{Answered, Question};
use super::series::{filter, objects, refuse, some_series};
use crate::http::App;
use crate::http::calendar::range;
use crate::http::error::ApiError;
use crate::http::params::{Params, check_length};

/// What changes the numbers elsewhere and is not offered here.
const NOT_OFFERED: [&str; 1] = ["paths_hogql_expression"];

/// The parameters that say which paths are asked for.
const NAMES: [&str; 16] = [
    "include_event_types",
    "include_custom_events",
    "exclude_events",
    "path_groupings",
    "local_path_cleaning_filters",
    "path_replacements",
    "start_point",
    "end_point",
    "step_limit",
    "edge_limit",
    "min_edge_weight",
    "max_edge_weight",
    "path_type",
    "funnel_paths",
    "funnel_filter",
    "funnel_step",
];

/// Items of a path, and edges, if nobody says how many.
const DEFAULT_STEPS: usize = 5;
const DEFAULT_EDGES: usize = 50;

/// More than this are a mistake.
const MOST_STEPS: usize = 50;
const MOST_EDGES: usize = 5_000;

/// Cleaning rules, at most: each is a pattern that every item is compared with.
const MAX_RULES: usize = 100;

/// A question for numbers.
#[derive(Debug)]
pub(in crate::http) struct PathsNumbers(PathsQuery);

fn query(params: &Params, source: Source<'_>) -> Result<PathsQuery, ApiError> {
    refuse(params, &NOT_OFFERED)?;
    let point = |name| Ok::<_, ApiError>(params.text(name)?.map(str::to_owned));
    let weight = |name| Ok::<_, ApiError>(params.number(name)?.map(|weight| weight as u64));
    Ok(PathsQuery {
        range: range(params, Default::default(), source.calendar)?,
        filter: filter(params)?,
        include: include(params)?,
        exclude: params.texts("exclude_events")?,
        cleaning: cleaning(params)?,
        groupings: params.texts("path_groupings")?,
        start_point: point("start_point")?,
        end_point: point("end_point")?,
        step_limit: limit(params, "step_limit", DEFAULT_STEPS, MOST_STEPS)?,
        edge_limit: limit(params, "edge_limit", DEFAULT_EDGES, MOST_EDGES)?,
        min_edge_weight: weight("min_edge_weight")?,
        max_edge_weight: weight("max_edge_weight")?,
        around: around(params, source)?,
    })
}

/// What `funnel_paths` and `funnel_filter` mean: the parameters of a funnel, the step among them. The funnel has the
/// dates of the paths, unless it has some of its own.
fn around(params: &Params, source: Source<'_>) -> Result<Option<AroundStep>, ApiError> {
    let Some(stretch) = params.get("funnel_paths") else {
        // Without it the funnel would be passed over in silence.
        return match params.get("funnel_filter") {
            Some(_) => Err(ApiError::required("funnel_paths")),
            None => Ok(None),
        };
    };
    let stretch = match stretch {
        "funnel_path_before_step" => Stretch::Before,
        "funnel_path_between_steps" => Stretch::Between,
        "funnel_path_after_step" => Stretch::After,
        _ => {
            let detail =
                "Use funnel_path_before_step, funnel_path_between_steps or funnel_path_after_step.";
            return Err(ApiError::invalid("funnel_paths", detail));
        }
    };
    let own = params.json("funnel_filter")?;
    let own = own.ok_or_else(|| ApiError::required("funnel_filter"))?;
    let own = own
        .as_object()
        .ok_or_else(|| ApiError::invalid("funnel_filter", "This has to be an object as JSON."))?;
    let usual = params.only(&["date_from", "date_to", "explicit_date", "funnel_step"]);
    let usual: Map<_, _> = usual
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let funnel = Params::default().and(&usual).and(own);
    let steps = some_series(&funnel, source.actions)?;
    Ok(Some(AroundStep {
        funnel: funnel_of(&funnel, &steps, source)?,
        stretch,
        step: step(&funnel)?,
    }))
}

fn limit(
    params: &Params,
    name: &'static str,
    default: usize,
    most: usize,
) -> Result<usize, ApiError> {
    match params.number(name)?.unwrap_or(default) {
        limit if (1..=most).contains(&limit) => Ok(limit),
        _ => {
            let detail = format!("This has to be a number from 1 to {most}.");
            Err(ApiError::invalid(name, detail))
        }
    }
}

fn include(params: &Params) -> Result<Vec<Include>, ApiError> {
    let mut include = Vec::new();
    let custom = params.texts("include_custom_events")?;
    let types = params.texts("include_event_types")?;
    for kind in types
        .iter()
        .map(String::as_str)
        .chain(params.get("path_type"))
    {
        include.push(match kind {
            "$pageview" => Include::Pageviews,
            "$screen" => Include::Screens,
            "custom_event" if custom.is_empty() => Include::CustomEvents,
            "custom_event" => {
                let detail =
                    "Cannot include all custom events and specific custom events in the same query";
                return Err(ApiError::invalid("include_custom_events", detail));
            }
            _ => {
                let detail = "Use $pageview, $screen or custom_event.";
                return Err(ApiError::invalid("include_event_types", detail));
            }
        });
    }
    include.extend(custom.into_iter().map(Include::Event));
    Ok(include)
}

/// The rules of the question. The project has none of its own, so `true` adds nothing.
fn cleaning(params: &Params) -> Result<Vec<Cleaning>, ApiError> {
    let mut rules = Vec::new();
    for name in ["path_replacements", "local_path_cleaning_filters"] {
        let list = params.json(name)?.unwrap_or(Value::Null);
        if list.is_boolean() {
            continue;
        }
        let list = objects(name, &list)?;
        check_length(name, list.len(), MAX_RULES)?;
        for rule in list {
            let text = |field| rule.get(field).and_then(Value::as_str);
            let pattern = text("regex").ok_or_else(|| {
                ApiError::invalid(name, "A rule has to have a \"regex\" and an \"alias\".")
            })?;
            rules.push(Cleaning {
                pattern: pattern.to_owned(),
                alias: text("alias").unwrap_or_default().to_owned(),
            });
        }
    }
    Ok(rules)
}

impl Question for PathsNumbers {
    type Ready = Paths;
    type Found = Vec<PathEdge>;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        query(params, source).map(Self)
    }

    fn prepare(&self, source: Source<'_>) -> Result<Paths, ApiError> {
        Ok(self.0.prepare(source)?)
    }

    fn answer(&self, ready: Paths, stop: &Stop) -> Result<Vec<PathEdge>, InsightError> {
        ready.numbers(stop)
    }

    fn weight(found: &Vec<PathEdge>) -> usize {
        found.len()
    }
}

impl NumbersQuestion for PathsNumbers {
    fn result(answered: &Answered<Self>, app: &App, params: &Params) -> Value {
        let cells = Cells::new(app, "persons/path", params, &NAMES);
        let edges = answered.found.iter();
        let edge = |edge: &PathEdge| {
            let (source, target) = (edge.source.to_string(), edge.target.to_string());
            let mut cell = exactly(answered.question.0.range).to_vec();
            let mut end = cell.clone();
            end.push(("path_dropoff_key", json!(target)));
            cell.push(("path_start_key", json!(source)));
            cell.push(("path_end_key", json!(target)));
            let (dropoffs, dropoff_people) = edge.ended;
            json!({
                "source": source,
                "target": target,
                "value": edge.value,
                "average_conversion_time": edge.average_conversion_time,
                "people": edge.people,
                "people_url": cells.rooted(&cell),
                "dropoffs": dropoffs,
                "dropoff_people": dropoff_people,
                "dropoff_url": cells.rooted(&end),
            })
        };
        edges.map(edge).collect()
    }
}

/// A question for the people on a way.
#[derive(Debug)]
pub(in crate::http) struct PathsPeople {
    query: PathsQuery,
    cell: PathsCell,
}

impl PeopleQuestion for PathsPeople {
    type Ready = Paths;
    type Value = ();

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let node = |name| match params.get(name).map(PathNode::parse) {
            None => Ok(None),
            Some(Some(node)) => Ok(Some(node)),
            Some(None) => Err(ApiError::invalid(
                name,
                "This has to be a place and an item, such as 2_/pricing.",
            )),
        };
        Ok(Self {
            query: query(params, source)?,
            cell: PathsCell::of_nodes(
                node("path_start_key")?,
                node("path_end_key")?,
                node("path_dropoff_key")?,
            ),
        })
    }

    fn prepare(&self, source: Source<'_>) -> Result<Paths, InsightError> {
        self.query.prepare(source)
    }

    fn people(
        &self,
        ready: &Paths,
        page: &Page,
        stop: &Stop,
    ) -> Result<ListedPeople<()>, InsightError> {
        ready.people(&self.cell, page, stop)
    }
}
