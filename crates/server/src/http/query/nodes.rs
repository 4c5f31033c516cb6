//! What the fields of queries are called as parameters.

use serde_json::{Map, Value, json};

use super::{kind, object};
use crate::http::error::ApiError;

/// What a field means.
enum Meaning {
    /// The parameter of this name.
    Is(&'static str),
    /// An object whose fields mean something.
    Has(&'static [(&'static str, Meaning)]),
    /// The entities.
    Series,
    /// Another query: the one that this one is about.
    Source,
    /// Another query that is a parameter of this one: an object of parameters.
    Parameters(&'static str),
    /// How the answer is drawn, or what a server may do to find it.
    Nothing,
}

use Meaning::{Has, Is, Nothing, Parameters, Series, Source};

type Fields = &'static [(&'static str, Meaning)];

/// The fields of every query.
const SHARED: Fields = &[
    ("kind", Nothing),
    ("dateRange", Has(DATE_RANGE)),
    ("properties", Is("properties")),
    ("filterTestAccounts", Is("filter_test_accounts")),
    ("samplingFactor", Nothing),
    ("modifiers", Nothing),
    ("response", Nothing),
    ("tags", Nothing),
    ("version", Nothing),
    ("dataColorTheme", Nothing),
    (
        "aggregation_group_type_index",
        Is("aggregation_group_type_index"),
    ),
];

const DATE_RANGE: Fields = &[
    ("date_from", Is("date_from")),
    ("date_to", Is("date_to")),
    ("explicitDate", Is("explicit_date")),
];

const BREAKDOWN: Fields = &[
    ("breakdown", Is("breakdown")),
    ("breakdowns", Is("breakdowns")),
    ("breakdown_type", Is("breakdown_type")),
    ("breakdown_limit", Is("breakdown_limit")),
    (
        "breakdown_histogram_bin_count",
        Is("breakdown_histogram_bin_count"),
    ),
    ("breakdown_group_type_index", Nothing),
    ("breakdown_hide_other_aggregation", Nothing),
];

const TRENDS: Fields = &[
    ("series", Series),
    ("interval", Is("interval")),
    ("breakdownFilter", Has(BREAKDOWN)),
    ("compareFilter", Has(COMPARISON)),
    (
        "trendsFilter",
        Has(&[
            ("display", Is("display")),
            ("formula", Is("formula")),
            ("formulas", Is("formula")),
            ("formulaNodes", Is("formula")),
            ("smoothingIntervals", Is("smoothing_intervals")),
            ("aggregationAxisFormat", Nothing),
            ("showLegend", Nothing),
            ("showValuesOnSeries", Nothing),
            ("yAxisScaleType", Nothing),
        ]),
    ),
];

const COMPARISON: Fields = &[("compare", Is("compare")), ("compare_to", Nothing)];

const STICKINESS: Fields = &[
    ("series", Series),
    ("interval", Is("interval")),
    ("compareFilter", Has(COMPARISON)),
    (
        "stickinessFilter",
        Has(&[
            ("display", Is("display")),
            ("stickinessCriteria", Is("stickiness_criteria")),
            ("showLegend", Nothing),
            ("showValuesOnSeries", Nothing),
        ]),
    ),
];

const LIFECYCLE: Fields = &[
    ("series", Series),
    ("interval", Is("interval")),
    (
        "lifecycleFilter",
        Has(&[
            ("showLegend", Nothing),
            ("showValuesOnSeries", Nothing),
            ("toggledLifecycles", Nothing),
        ]),
    ),
];

const FUNNELS: Fields = &[
    ("series", Series),
    ("interval", Is("interval")),
    ("breakdownFilter", Has(BREAKDOWN)),
    (
        "funnelsFilter",
        Has(&[
            ("exclusions", Is("exclusions")),
            ("funnelWindowInterval", Is("funnel_window_interval")),
            (
                "funnelWindowIntervalUnit",
                Is("funnel_window_interval_unit"),
            ),
            ("funnelOrderType", Is("funnel_order_type")),
            ("funnelVizType", Is("funnel_viz_type")),
            ("funnelFromStep", Is("funnel_from_step")),
            ("funnelToStep", Is("funnel_to_step")),
            ("funnelAggregateByHogQL", Is("funnel_aggregate_by_hogql")),
            ("breakdownAttributionType", Is("breakdown_attribution_type")),
            (
                "breakdownAttributionValue",
                Is("breakdown_attribution_value"),
            ),
            ("binCount", Is("bin_count")),
            ("funnelStepReference", Nothing),
            ("hiddenLegendBreakdowns", Nothing),
            ("layout", Nothing),
        ]),
    ),
];

const RETENTION: Fields = &[
    ("breakdownFilter", Has(BREAKDOWN)),
    (
        "retentionFilter",
        Has(&[
            ("period", Is("period")),
            ("totalIntervals", Is("total_intervals")),
            ("retentionType", Is("retention_type")),
            ("targetEntity", Is("target_entity")),
            ("returningEntity", Is("returning_entity")),
            ("retentionReference", Nothing),
            ("cumulative", Is("compare")),
            ("showMean", Nothing),
            ("meanRetentionCalculation", Nothing),
            ("dashboardDisplay", Nothing),
            ("display", Nothing),
        ]),
    ),
];

const PATHS: Fields = &[
    (
        "pathsFilter",
        Has(&[
            ("includeEventTypes", Is("include_event_types")),
            ("excludeEvents", Is("exclude_events")),
            ("pathGroupings", Is("path_groupings")),
            (
                "localPathCleaningFilters",
                Is("local_path_cleaning_filters"),
            ),
            ("pathReplacements", Is("path_replacements")),
            ("startPoint", Is("start_point")),
            ("endPoint", Is("end_point")),
            ("stepLimit", Is("step_limit")),
            ("edgeLimit", Is("edge_limit")),
            ("minEdgeWeight", Is("min_edge_weight")),
            ("maxEdgeWeight", Is("max_edge_weight")),
            ("pathStartKey", Is("path_start_key")),
            ("pathEndKey", Is("path_end_key")),
            ("pathDropoffKey", Is("path_dropoff_key")),
            ("pathsHogQLExpression", Is("paths_hogql_expression")),
        ]),
    ),
    (
        "funnelPathsFilter",
        Has(&[
            ("funnelPathType", Is("funnel_paths")),
            ("funnelSource", Parameters("funnel_filter")),
            ("funnelStep", Is("funnel_step")),
        ]),
    ),
];

/// The funnel stands in the source of the source; here both are called so.
const CORRELATION: Fields = &[
    ("source", Source),
    ("funnelCorrelationType", Is("funnel_correlation_type")),
    ("funnelCorrelationNames", Is("funnel_correlation_names")),
    (
        "funnelCorrelationExcludeNames",
        Is("funnel_correlation_exclude_names"),
    ),
    (
        "funnelCorrelationEventNames",
        Is("funnel_correlation_event_names"),
    ),
    (
        "funnelCorrelationExcludeEventNames",
        Is("funnel_correlation_exclude_event_names"),
    ),
    (
        "funnelCorrelationEventExcludePropertyNames",
        Is("funnel_correlation_event_exclude_property_names"),
    ),
];

/// What is asked about people, beside the numbers they are behind.
const INSIGHT_ACTORS: Fields = &[
    ("source", Source),
    ("day", Is("day")),
    ("series", Is("entity_order")),
    ("breakdown", Is("breakdown_value")),
    ("interval", Is("selected_interval")),
    ("status", Is("lifecycle_type")),
    ("includeRecordings", Nothing),
    ("compare", Is("compare")),
];

const FUNNELS_ACTORS: Fields = &[
    ("source", Source),
    ("funnelStep", Is("funnel_step")),
    ("funnelCustomSteps", Is("funnel_custom_steps")),
    ("funnelStepBreakdown", Is("funnel_step_breakdown")),
    ("funnelTrendsDropOff", Is("drop_off")),
    (
        "funnelTrendsEntrancePeriodStart",
        Is("entrance_period_start"),
    ),
    ("includeRecordings", Nothing),
];

const CORRELATION_ACTORS: Fields = &[
    ("source", Source),
    (
        "funnelCorrelationPersonConverted",
        Is("funnel_correlation_person_converted"),
    ),
    (
        "funnelCorrelationPersonEntity",
        Is("funnel_correlation_person_entity"),
    ),
    (
        "funnelCorrelationPropertyValues",
        Is("funnel_correlation_property_values"),
    ),
    // The steps and the values of the funnel's own people, which correlation compares.
    ("funnelStep", Is("funnel_step")),
    ("funnelCustomSteps", Is("funnel_custom_steps")),
    ("includeRecordings", Nothing),
];

/// A kind of query that this server does not answer.
pub(super) fn not_offered(kind: &str) -> ApiError {
    let detail = format!("Queries of the kind \"{kind}\" are not offered here.");
    ApiError::invalid("query", detail)
}

/// The parameters that say the same as a query.
pub(super) fn params(node: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let mut params = Map::new();
    read(node, &mut params)?;
    Ok(params)
}

fn read(node: &Map<String, Value>, params: &mut Map<String, Value>) -> Result<(), ApiError> {
    let kind = kind(node)?;
    let own = match kind {
        "TrendsQuery" => TRENDS,
        "StickinessQuery" => STICKINESS,
        "LifecycleQuery" => LIFECYCLE,
        "FunnelsQuery" => FUNNELS,
        "RetentionQuery" => RETENTION,
        "PathsQuery" => PATHS,
        "FunnelCorrelationQuery" => CORRELATION,
        "InsightActorsQuery" | "StickinessActorsQuery" => INSIGHT_ACTORS,
        "FunnelsActorsQuery" => FUNNELS_ACTORS,
        "FunnelCorrelationActorsQuery" => CORRELATION_ACTORS,
        other => return Err(not_offered(other)),
    };
    fields(kind, node, &[own, SHARED], params)
}

fn fields(
    of: &str,
    node: &Map<String, Value>,
    known: &[Fields],
    params: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    for (field, value) in node.iter().filter(|(_, value)| !value.is_null()) {
        let mut meanings = known.iter().flat_map(|fields| fields.iter());
        let Some((_, meaning)) = meanings.find(|(name, _)| name == field) else {
            let detail = format!("{of} has no field \"{field}\" here.");
            return Err(ApiError::invalid("query", detail));
        };
        match meaning {
            Nothing => {}
            Is(name) => {
                params.insert((*name).to_owned(), argument(name, value));
            }
            Has(inner) => fields(field, object(value)?, &[inner], params)?,
            Series => series(value, params)?,
            Source => read(object(value)?, params)?,
            Parameters(name) => {
                let mut inner = Map::new();
                read(object(value)?, &mut inner)?;
                params.insert((*name).to_owned(), Value::Object(inner));
            }
        }
    }
    Ok(())
}

/// A value as the parameter has it.
fn argument(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("target_entity" | "returning_entity" | "funnel_correlation_person_entity", value) => {
            entity(value).1
        }
        ("exclusions", Value::Array(list)) => list.iter().map(|one| entity(one).1).collect(),
        // A list of one value means that value.
        ("breakdown_value", Value::Array(list)) if list.len() == 1 => list[0].clone(),
        (_, value) => value.clone(),
    }
}

fn series(list: &Value, params: &mut Map<String, Value>) -> Result<(), ApiError> {
    let list = list.as_array();
    let list = list.ok_or_else(|| ApiError::invalid("query", "The series have to be a list."))?;
    let (mut events, mut actions) = (Vec::new(), Vec::new());
    for (order, node) in list.iter().enumerate() {
        let (is_action, mut entity) = entity(&Value::Object(object(node)?.clone()));
        entity["order"] = json!(order);
        if is_action { &mut actions } else { &mut events }.push(entity);
    }
    params.insert("events".to_owned(), Value::Array(events));
    params.insert("actions".to_owned(), Value::Array(actions));
    Ok(())
}

/// An entity in the words of parameters, and whether it is an action.
fn entity(node: &Value) -> (bool, Value) {
    let Some(fields) = node.as_object() else {
        return (false, node.clone());
    };
    let mut entity = fields.clone();
    let kind = entity.remove("kind");
    let is_action = match &kind {
        Some(kind) => kind == "ActionsNode",
        None => fields.get("type").and_then(Value::as_str) == Some("actions"),
    };
    if let Some(event) = entity.remove("event") {
        entity.insert("id".to_owned(), event);
    }
    for (ours, theirs) in [
        ("funnel_from_step", "funnelFromStep"),
        ("funnel_to_step", "funnelToStep"),
    ] {
        if let Some(step) = entity.remove(theirs) {
            entity.insert(ours.to_owned(), step);
        }
    }
    let kind = if is_action { "actions" } else { "events" };
    entity.insert("type".to_owned(), json!(kind));
    (is_action, Value::Object(entity))
}
