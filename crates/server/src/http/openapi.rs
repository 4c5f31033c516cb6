//! The API as an OpenAPI 3.1 document, made from the table of endpoints and the schemas below.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::json as json_response;
use super::endpoint::Endpoint;
use super::error::Answer;
use super::routes::endpoints;

/// A parameter in the query string.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    name: &'static str,
    /// The JSON type that its text stands for.
    kind: &'static str,
    is_required: bool,
    about: &'static str,
}

const fn optional(name: &'static str, kind: &'static str, about: &'static str) -> Parameter {
    Parameter {
        name,
        kind,
        is_required: false,
        about,
    }
}

/// The parameters that endpoints share.
pub(super) mod parameters {
    use super::{Parameter, optional};

    /// Which rows of a list.
    pub(in crate::http) const WINDOW: &[Parameter] = &[
        optional(
            "limit",
            "integer",
            "Rows on a page: 1 to 1000, 100 if not given; more is served as 1000.",
        ),
        optional("offset", "integer", "Rows to pass over."),
    ];

    /// Which people.
    pub(in crate::http) const PEOPLE: &[Parameter] = &[
        optional(
            "search",
            "string",
            "Text that any property, a distinct id or the UUID contains, ignoring case.",
        ),
        optional(
            "email",
            "string",
            "The exact value of the property `email`.",
        ),
        optional("distinct_id", "string", "The exact distinct id."),
        optional(
            "properties",
            "string",
            "Conditions as JSON: a list of filters, or a tree of AND and OR.",
        ),
    ];

    /// Whose cohorts.
    pub(in crate::http) const PERSON_ID: &[Parameter] = &[Parameter {
        name: "person_id",
        kind: "string",
        is_required: true,
        about: "The person's number or UUID.",
    }];

    /// What else goes with a person.
    pub(in crate::http) const DELETION: &[Parameter] = &[
        optional(
            "delete_events",
            "boolean",
            "Whether the person's events are deleted too, later.",
        ),
        optional("keep_person", "boolean", "Whether the person itself stays."),
    ];

    /// Which entries.
    pub(in crate::http) const ACTIVITY: &[Parameter] = &[
        optional("page", "integer", "The page, from 1."),
        optional(
            "limit",
            "integer",
            "Entries on a page: 1 to 1000, 10 if not given.",
        ),
        optional(
            "source",
            "string",
            "`user`: what somebody asked for; `ingestion`: what events did; `all`. If not given, all of one person and `user` of the project.",
        ),
        optional(
            "activity",
            "string",
            "Only this kind, such as `split_person`.",
        ),
    ];

    /// Which property goes.
    pub(in crate::http) const UNSET: &[Parameter] = &[optional(
        "$unset",
        "string",
        "The property, if the body does not say.",
    )];

    /// Which property gets which value.
    pub(in crate::http) const PROPERTY: &[Parameter] = &[
        optional("key", "string", "The property, if the body does not say."),
        optional(
            "value",
            "string",
            "The value, if the body does not say: JSON if it is JSON, else text.",
        ),
    ];

    /// Which part of a timeline.
    pub(in crate::http) const TIMELINE: &[Parameter] = &[
        optional(
            "date_from",
            "string",
            "A date, or relative such as -7d (if not given).",
        ),
        optional(
            "date_to",
            "string",
            "A date, or relative; now if not given.",
        ),
        optional("interval", "string", "`hour`, `day`, `week` or `month`."),
        optional(
            "events",
            "string",
            "The events that count, as JSON; all if not given.",
        ),
        optional(
            "properties",
            "string",
            "Conditions as JSON; the keys of those on the person are watched.",
        ),
        optional(
            "breakdown",
            "string",
            "Another key to watch, with `breakdown_type=person`.",
        ),
        optional("breakdown_type", "string", "`person`."),
        optional("display", "string", "The chart that is asked about."),
        optional(
            "explicit_date",
            "boolean",
            "Whether moments mean exactly what they say.",
        ),
    ];

    /// Who, and when.
    pub(in crate::http) const AT_TIME: &[Parameter] = &[
        optional("distinct_id", "string", "One of the person's distinct ids."),
        optional(
            "person_id",
            "string",
            "Instead: the person's number or UUID.",
        ),
        Parameter {
            name: "timestamp",
            kind: "string",
            is_required: true,
            about: "The moment.",
        },
        optional(
            "include_set_once",
            "boolean",
            "Whether values that were set once count.",
        ),
    ];

    /// Which deletions.
    pub(in crate::http) const DELETION_STATUS: &[Parameter] = &[
        optional("status", "string", "`pending`, `completed` or `all`."),
        optional("person_uuid", "string", "Only of this person."),
    ];

    /// What is counted, and how it is drawn.
    pub(in crate::http) const QUESTION: &[Parameter] = &[
        optional(
            "events",
            "string",
            "What is counted, as JSON: a list of objects with `id`, `order`, `math`, `math_property`, `math_hogql`, `properties`.",
        ),
        optional("actions", "string", "The same for actions."),
        DATE_FROM,
        DATE_TO,
        EVENT_CONDITIONS,
        REFRESH,
        optional(
            "explicit_date",
            "boolean",
            "Whether moments mean exactly what they say.",
        ),
        optional(
            "interval",
            "string",
            "`hour`, `day` (if not given), `week` or `month`.",
        ),
        optional("display", "string", "The chart that is asked about."),
    ];

    const DATE_FROM: Parameter = optional(
        "date_from",
        "string",
        "A date, or relative such as -7d (if not given), or `all`.",
    );
    const DATE_TO: Parameter = optional(
        "date_to",
        "string",
        "A date, or relative; now if not given.",
    );
    const EVENT_CONDITIONS: Parameter = optional(
        "properties",
        "string",
        "Conditions on events (if not said otherwise) and people, as JSON.",
    );
    const REFRESH: Parameter = optional(
        "refresh",
        "boolean",
        "Whether an answer that is kept is not good enough.",
    );

    /// What must hold of all events.
    pub(in crate::http) const CONDITIONS: &[Parameter] =
        &[DATE_FROM, DATE_TO, EVENT_CONDITIONS, REFRESH];

    /// Which status, and when.
    pub(in crate::http) const LIFECYCLE: &[Parameter] = &[
        Parameter {
            name: "target_date",
            kind: "string",
            is_required: true,
            about: "A moment in the interval.",
        },
        Parameter {
            name: "lifecycle_type",
            kind: "string",
            is_required: true,
            about: "`new`, `returning`, `resurrecting` or `dormant`.",
        },
    ];

    /// Which retention. (The range follows from its end.)
    pub(in crate::http) const RETENTION: &[Parameter] = &[
        optional(
            "period",
            "string",
            "`Hour`, `Day` (if not given), `Week` or `Month`.",
        ),
        optional(
            "total_intervals",
            "integer",
            "How many of these: 11 if not given.",
        ),
        optional(
            "retention_type",
            "string",
            "`retention_recurring` (if not given) or `retention_first_time`.",
        ),
        optional(
            "target_entity",
            "string",
            "What puts people into a row, as JSON with `id` and `type`; `$pageview` if not given.",
        ),
        optional(
            "returning_entity",
            "string",
            "What makes them appear in it later; the same if not given.",
        ),
        optional(
            "breakdown",
            "string",
            "What the rows are, if not intervals: the key of a property, or a list of cohorts as JSON.",
        ),
        optional(
            "breakdown_type",
            "string",
            "`event` (if not given), `person` or `cohort`.",
        ),
    ];

    /// Which row.
    pub(in crate::http) const RETENTION_ROW: &[Parameter] = &[
        optional(
            "selected_interval",
            "integer",
            "The row, from 0 (if not given).",
        ),
        optional(
            "breakdown_values",
            "string",
            "Instead, with a breakdown: a list of one value as JSON.",
        ),
    ];

    /// Which funnel.
    pub(in crate::http) const FUNNEL: &[Parameter] = &[
        optional(
            "funnel_viz_type",
            "string",
            "`steps` (if not given), `trends` or `time_to_convert`.",
        ),
        optional(
            "funnel_order_type",
            "string",
            "`ordered` (if not given), `unordered` or `strict`.",
        ),
        optional(
            "funnel_window_interval",
            "integer",
            "How many units all steps may take: 14 if not given.",
        ),
        optional(
            "funnel_window_interval_unit",
            "string",
            "`second`, `minute`, `hour`, `day` (if not given), `week` or `month`.",
        ),
        optional(
            "exclusions",
            "string",
            "What nobody may do in between, as JSON: `id`, `type`, `funnel_from_step`, `funnel_to_step`.",
        ),
        optional(
            "funnel_from_step",
            "integer",
            "For trends and times: the step that people come from, from 0.",
        ),
        optional(
            "funnel_to_step",
            "integer",
            "For trends and times: the step that they come to, from 0.",
        ),
        optional(
            "bin_count",
            "string",
            "For times: how many bins, or `auto`.",
        ),
        optional(
            "breakdown_attribution_type",
            "string",
            "`first_touch` (if not given), `last_touch`, `all_events` or `step`.",
        ),
        optional(
            "breakdown_attribution_value",
            "integer",
            "Which step that is, from 0.",
        ),
    ];

    /// Which people of a funnel.
    pub(in crate::http) const FUNNEL_STEP: &[Parameter] = &[
        optional(
            "funnel_step",
            "integer",
            "k: who reached step k; -k: who did all steps before it and no more.",
        ),
        optional(
            "funnel_custom_steps",
            "string",
            "Instead: who did exactly one of these numbers of steps, as JSON.",
        ),
        optional(
            "funnel_step_breakdown",
            "string",
            "Only people with this value of the breakdown, or with these as JSON.",
        ),
        optional(
            "entrance_period_start",
            "string",
            "For trends: a moment in the interval in which people start.",
        ),
        optional(
            "drop_off",
            "boolean",
            "For trends: whether they do not come to the later step.",
        ),
        optional("funnel_bin", "integer", "For times: which bin, from 0."),
    ];

    /// What is compared.
    pub(in crate::http) const CORRELATION: &[Parameter] = &[
        optional(
            "funnel_correlation_type",
            "string",
            "`events` (if not given), `properties` or `event_with_properties`.",
        ),
        optional(
            "funnel_step",
            "integer",
            "Of whom: k who reached step k (1 if not given), -k who dropped off before it.",
        ),
    ];

    /// What people may have in common.
    pub(in crate::http) const CANDIDATES: &[Parameter] = &[
        optional(
            "funnel_correlation_names",
            "string",
            "Properties of people as JSON; all if not given.",
        ),
        optional(
            "funnel_correlation_exclude_names",
            "string",
            "Properties of people that do not count, as JSON.",
        ),
        optional(
            "funnel_correlation_event_names",
            "string",
            "The events whose properties count, as JSON.",
        ),
        optional(
            "funnel_correlation_exclude_event_names",
            "string",
            "Events that do not count, as JSON.",
        ),
        optional(
            "funnel_correlation_event_exclude_property_names",
            "string",
            "Properties of events that do not count, as JSON.",
        ),
    ];

    /// Which people have it.
    pub(in crate::http) const CORRELATION_PEOPLE: &[Parameter] = &[
        optional(
            "funnel_correlation_person_entity",
            "string",
            "What they did on the way, as JSON with `id`, `type` and `properties`.",
        ),
        optional(
            "funnel_correlation_property_values",
            "string",
            "For `properties`: what holds of them, as JSON.",
        ),
        optional(
            "funnel_correlation_person_converted",
            "boolean",
            "Whether they went through the funnel; both if not given.",
        ),
        optional(
            "funnel_correlation_person_without",
            "boolean",
            "Those who do not have it.",
        ),
        optional(
            "search",
            "string",
            "Text that any property, a distinct id or the UUID contains, ignoring case.",
        ),
        optional(
            "funnel_correlation_person_limit",
            "integer",
            "People on a page: 1 to 1000, 100 if not given; more is served as 1000.",
        ),
        optional(
            "funnel_correlation_person_offset",
            "integer",
            "People to pass over.",
        ),
    ];

    /// Which paths.
    pub(in crate::http) const PATHS: &[Parameter] = &[
        optional(
            "include_event_types",
            "string",
            "A list of `$pageview`, `$screen`, `custom_event` as JSON; all if not given.",
        ),
        optional(
            "include_custom_events",
            "string",
            "A list of names of events as JSON.",
        ),
        optional(
            "exclude_events",
            "string",
            "A list of items that are left out, as JSON.",
        ),
        optional(
            "path_groupings",
            "string",
            "A list of wildcards that make items one, as JSON.",
        ),
        optional(
            "local_path_cleaning_filters",
            "string",
            "A list of rules with `regex` and `alias`, as JSON.",
        ),
        optional("start_point", "string", "The item that paths start at."),
        optional("end_point", "string", "The item that paths end at."),
        optional(
            "step_limit",
            "integer",
            "How many items of a path are kept: 5 if not given.",
        ),
        optional(
            "edge_limit",
            "integer",
            "How many edges are shown: 50 if not given.",
        ),
        optional(
            "min_edge_weight",
            "integer",
            "Only edges that occur at least so often.",
        ),
        optional(
            "max_edge_weight",
            "integer",
            "Only edges that occur at most so often.",
        ),
        optional(
            "funnel_paths",
            "string",
            "Only what lies around a step of a funnel: `funnel_path_before_step`, `funnel_path_between_steps` or `funnel_path_after_step`.",
        ),
        optional(
            "funnel_filter",
            "string",
            "The parameters of that funnel with its `funnel_step`, an object as JSON: k is the step k, -k is for those who dropped off before it.",
        ),
    ];

    /// Which people on paths.
    pub(in crate::http) const PATH_KEYS: &[Parameter] = &[
        optional(
            "path_start_key",
            "string",
            "Who went on from this node, such as `1_/pricing`.",
        ),
        optional("path_end_key", "string", "Who came to this node."),
        optional(
            "path_dropoff_key",
            "string",
            "Whose session ended at this node.",
        ),
    ];

    /// Which insight.
    pub(in crate::http) const INSIGHT: &[Parameter] = &[optional(
        "insight",
        "string",
        "`TRENDS` (if not given), `STICKINESS` or `LIFECYCLE`.",
    )];

    /// What numbers are cut by.
    pub(in crate::http) const BREAKDOWN: &[Parameter] = &[
        optional(
            "breakdown",
            "string",
            "The key of a property, or a list of cohorts as JSON.",
        ),
        optional(
            "breakdown_type",
            "string",
            "`event` (if not given), `person` or `cohort`.",
        ),
        optional(
            "breakdown_limit",
            "integer",
            "How many values are told apart: 25 if not given.",
        ),
        optional(
            "breakdown_histogram_bin_count",
            "integer",
            "Into how many ranges numbers are cut.",
        ),
    ];

    /// Which of the values.
    pub(in crate::http) const BREAKDOWN_VALUE: &[Parameter] = &[
        optional(
            "breakdown_value",
            "string",
            "Only events with this value of the breakdown.",
        ),
        optional(
            "breakdown_date_from",
            "string",
            "Where the range starts in which the values beyond the limit are found.",
        ),
        optional("breakdown_date_to", "string", "Where that range ends."),
    ];

    /// Which of the entities.
    pub(in crate::http) const ENTITY: &[Parameter] = &[
        optional(
            "entity_order",
            "integer",
            "The place of the entity in `events` and `actions`, from 0.",
        ),
        optional(
            "entity_id",
            "string",
            "Instead: the name of an event, or the number of an action.",
        ),
        optional("entity_type", "string", "`events` or `actions`."),
        optional("entity_math", "string", "What is calculated: `total`, ..."),
        optional(
            "day",
            "string",
            "A moment in the interval that is meant, if the range is that of the whole question.",
        ),
    ];

    /// How many intervals.
    pub(in crate::http) const STICKINESS: &[Parameter] = &[optional(
        "stickiness_days",
        "integer",
        "In exactly how many intervals they were active.",
    )];

    /// Which of the people behind a number.
    pub(in crate::http) const LISTING: &[Parameter] = &[
        optional(
            "search",
            "string",
            "Text that any property, a distinct id or the UUID contains, ignoring case.",
        ),
        optional(
            "actor_properties",
            "string",
            "Conditions on the people who are listed, as JSON.",
        ),
        optional(
            "limit",
            "integer",
            "People on a page: 1 to 1000, 100 if not given; more is served as 1000.",
        ),
        optional("offset", "integer", "People to pass over."),
    ];

    /// Which values.
    pub(in crate::http) const VALUES: &[Parameter] = &[
        optional(
            "key",
            "string",
            "The property; without it the list is empty.",
        ),
        optional(
            "value",
            "string",
            "Text that the values contain, ignoring case.",
        ),
    ];

    /// Which events, and which part of the list.
    pub(in crate::http) const EVENT_LIST: &[Parameter] = &[
        optional("event", "string", "Only events of this name."),
        optional(
            "action_id",
            "integer",
            "Instead: only events of this action.",
        ),
        optional(
            "person_id",
            "string",
            "Only events of this person: number or UUID.",
        ),
        optional(
            "distinct_id",
            "string",
            "Instead: only events with this distinct id.",
        ),
        optional(
            "properties",
            "string",
            "Conditions on events (if not said otherwise) and people, as JSON.",
        ),
        optional("before", "string", "Only events before this moment."),
        optional("after", "string", "Only events after this moment."),
        optional(
            "before_event",
            "integer",
            "Comes in links: where among the events of that moment the page begins.",
        ),
        optional(
            "after_event",
            "integer",
            "The same if the oldest come first.",
        ),
        optional(
            "orderBy",
            "string",
            "`[\"-timestamp\"]` (if not given) or `[\"timestamp\"]`.",
        ),
        optional(
            "limit",
            "integer",
            "Rows on a page: 1 to 1000, 100 if not given; more is served as 1000.",
        ),
        optional("offset", "integer", "Rows to pass over."),
    ];

    /// Which values of events.
    pub(in crate::http) const EVENT_VALUES: &[Parameter] = &[
        optional(
            "key",
            "string",
            "The property; `custom_event` means the names of events.",
        ),
        optional(
            "value",
            "string",
            "Text that the values contain, ignoring case.",
        ),
        optional("event_name", "string", "Only of events with this name."),
    ];

    /// Which names.
    pub(in crate::http) const SEARCH_NAME: &[Parameter] = &[optional(
        "search",
        "string",
        "Text that the name contains, ignoring case.",
    )];

    /// Which events.
    pub(in crate::http) const EVENTS: &[Parameter] = &[
        optional(
            "event_type",
            "string",
            "`all`, `event`, `event_custom` or `event_posthog`.",
        ),
        optional(
            "ordering",
            "string",
            "`name`, `-name`, `last_seen_at` or `-last_seen_at`.",
        ),
    ];

    /// Which keys.
    pub(in crate::http) const PROPERTIES: &[Parameter] = &[
        optional("type", "string", "`event` (if not given) or `person`."),
        optional(
            "properties",
            "string",
            "Only these keys, separated by commas.",
        ),
        optional(
            "is_numerical",
            "boolean",
            "Only keys whose values are numbers, or only others.",
        ),
    ];
}

/// The API as an OpenAPI 3.1 document.
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for endpoint in endpoints() {
        // The slash is optional; with it is how the contract writes it.
        let path = paths
            .entry(format!("{}/", endpoint.path))
            .or_insert_with(|| json!({}));
        path[endpoint.method.as_str().to_ascii_lowercase()] = operation(&endpoint);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Persons",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The people of a PostHog project. Every path below /api/projects/{project}/ is \
                also served below /api/environments/{project}/, and flat: /api/person/, /api/cohorts/. \
                The trailing slash is optional, and so is a suffix .json or .csv.",
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A personal API key."},
            },
            "schemas": all_schemas(),
        },
    })
}

/// `GET /api/schema/`
pub(super) async fn serve() -> Answer {
    json_response(StatusCode::OK, &openapi())
}

fn operation(endpoint: &Endpoint) -> Value {
    let in_path = endpoint.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let about = match name {
            "project" => "The project's number, or @current.",
            _ if endpoint.path.contains("/events/") => "The event's UUID.",
            _ if endpoint.path.contains("/sessions/") => "The session's id.",
            _ => "A number; for a person also the UUID.",
        };
        Some(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}, "description": about}))
    });
    let in_query = endpoint.query.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "in": "query",
            "required": parameter.is_required,
            "schema": {"type": parameter.kind},
            "description": parameter.about,
        })
    });
    let format = json!({
        "name": "format", "in": "query", "required": false,
        "schema": {"enum": ["json", "csv"]}, "description": "The format of the answer; errors are JSON in either.",
    });
    let (status, answer) = &endpoint.answer;
    let mut as_asked = json!({"description": "As asked."});
    if *status != 204 {
        as_asked["content"] = json!({
            "application/json": {"schema": answer},
            "text/csv": {"schema": {"type": "string"}},
        });
    }
    let mut operation = json!({
        "summary": endpoint.summary,
        "description": format!("Keys need {}.", endpoint.scopes.join(" and ")),
        "parameters": in_path.chain(in_query).chain([format]).collect::<Value>(),
        "responses": {
            status.to_string(): as_asked,
            "default": {"description": "What went wrong.", "content": {
                "application/json": {"schema": schema("Error")},
            }},
        },
    });
    if let Some(body) = &endpoint.body {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": body}}});
    }
    operation
}

/// A reference to one of the schemas below.
pub(super) fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A list of them.
pub(super) fn list_of(name: &str) -> Value {
    json!({"type": "array", "items": schema(name)})
}

/// A page of them.
pub(super) fn page_of(name: &str) -> Value {
    let link = json!({"type": ["string", "null"], "format": "uri"});
    object(&[
        ("count", json!({"type": "integer"})),
        ("next", link.clone()),
        ("previous", link),
        ("results", list_of(name)),
    ])
}

/// A page of activity.
pub(super) fn activity_page() -> Value {
    let mut page = page_of("Activity");
    page["properties"]["total_count"] = json!({"type": "integer"});
    page
}

/// No body.
pub(super) fn nothing() -> Value {
    json!({"type": "null"})
}

/// An object that has all of these fields, and perhaps others.
fn object(fields: &[(&str, Value)]) -> Value {
    json!({
        "type": "object",
        "properties": fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect::<Map<_, _>>(),
        "required": fields.iter().map(|(name, _)| *name).collect::<Value>(),
    })
}

/// All schemas; one `json!` cannot hold them.
fn all_schemas() -> Value {
    let lists = [schemas(), query_schemas()];
    let lists = lists.into_iter().filter_map(|list| match list {
        Value::Object(schemas) => Some(schemas),
        _ => None,
    });
    lists.flatten().collect()
}

/// The schemas of `query/`.
fn query_schemas() -> Value {
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer"});
    let flag = || json!({"type": "boolean"});
    let moment = || json!({"type": "string", "format": "date-time"});
    let texts = || json!({"type": "array", "items": text()});
    let map = || json!({"type": "object", "additionalProperties": true});
    json!({
        "QueryRequest": {"type": "object", "required": ["query"], "properties": {
            "query": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"enum": [
                    "TrendsQuery", "StickinessQuery", "LifecycleQuery", "FunnelsQuery", "RetentionQuery",
                    "PathsQuery", "FunnelCorrelationQuery", "ActorsQuery", "EventsQuery",
                ]}},
                "additionalProperties": true,
            },
            "refresh": {
                "enum": [
                    "blocking", "async", "async_except_on_cache_miss", "lazy_async", "force_blocking", "force_async", "force_cache",
                ],
                "default": "blocking",
                "description": "`force_blocking` and `force_async` do not use a cached result. Every query is computed before it is answered.",
            },
        }},
        "QueryAnswer": {
            "type": "object",
            "required": ["results", "timings", "is_cached", "last_refresh", "timezone"],
            "properties": {
                "results": {
                    "type": ["array", "object"],
                    "description": "As PostHog's. A person in a column `person` is an Actor; `appearances` are numbers of intervals.",
                    "items": {"anyOf": [
                        {"type": "array", "items": {"anyOf": [schema("Actor"), {}]}},
                        schema("RetentionResult"),
                        {"type": "object"},
                    ]},
                },
                "timings": {"type": "array"},
                "is_cached": flag(),
                "last_refresh": moment(),
                "timezone": text(),
                "columns": texts(),
                "types": texts(),
                "limit": number(),
                "offset": number(),
                "hasMore": flag(),
                "missing_actors_count": number(),
                "hogql": text(),
            },
        },
        "Actor": object(&[
            ("id", json!({"type": "string", "format": "uuid"})),
            ("properties", map()),
            ("is_identified", flag()),
            ("created_at", moment()),
            ("distinct_ids", texts()),
            ("last_seen_at", json!({"type": ["string", "null"], "format": "date-time"})),
        ]),
        "RetentionResult": {
            "type": "object",
            "description": "A row of retention, which has a value for each of `totalIntervals`, also for those that are not over.",
            "required": ["values", "label"],
            "properties": {
                "values": {"type": "array", "items": object(&[
                    ("count", number()),
                    ("label", text()),
                    ("is_complete", flag()),
                ])},
                "label": {},
                "date": moment(),
                "breakdown_value": {},
            },
        },
    })
}

fn schemas() -> Value {
    let text = || json!({"type": "string"});
    let maybe_text = || json!({"type": ["string", "null"]});
    let number = || json!({"type": "integer"});
    let flag = || json!({"type": "boolean"});
    let uuid = || json!({"type": "string", "format": "uuid"});
    let moment = || json!({"type": "string", "format": "date-time"});
    let maybe_moment = || json!({"type": ["string", "null"], "format": "date-time"});
    let texts = || json!({"type": "array", "items": text()});
    let map = || json!({"type": "object", "additionalProperties": true});
    let filters = || {
        json!({"type": "object", "required": ["properties"], "properties": {
            "properties": {"type": ["object", "array"], "description": "A list of filters, or a tree of AND and OR."},
        }})
    };
    let steps = || {
        json!({"type": "array", "description": "An event that fits one of these is the action.",
            "items": {"type": "object", "properties": {
                "event": maybe_text(),
                "properties": {"type": ["array", "object", "null"]},
                "url": maybe_text(),
                "url_matching": {"enum": ["contains", "exact", "regex", null]},
            }},
        })
    };
    json!({
        "Person": object(&[
            ("id", number()),
            ("uuid", uuid()),
            ("name", json!({"description": "The value of the display property: usually text."})),
            ("distinct_ids", json!({"type": "array", "items": text(), "maxItems": 1000})),
            ("distinct_id_count", number()),
            ("properties", map()),
            ("created_at", moment()),
            ("is_identified", flag()),
            ("last_seen_at", maybe_moment()),
        ]),
        "ListedPerson": {"allOf": [schema("Person"), object(&[
            ("matched_recordings", json!({"type": "array"})),
            ("value_at_data_point", json!({"type": ["number", "null"]})),
        ])]},
        "ListedPeople": object(&[
            ("results", json!({"type": "array", "items": object(&[
                ("people", list_of("ListedPerson")), ("count", number()),
            ])})),
            ("next", maybe_text()),
            ("initial", text()),
            ("missing_persons", number()),
            ("is_cached", flag()),
            ("last_refresh", moment()),
        ]),
        "RetainedPeople": object(&[
            ("result", json!({"type": "array", "items": object(&[
                ("person", schema("ListedPerson")),
                ("appearances", json!({"type": "array", "items": {"enum": [0, 1]}})),
            ])})),
            ("next", maybe_text()),
            ("missing_persons", number()),
            ("filters", map()),
            ("is_cached", flag()),
            ("last_refresh", moment()),
        ]),
        "Insight": object(&[
            ("result", json!({"type": ["array", "object"], "items": {"type": ["array", "object"]}})),
            ("next", maybe_text()),
            ("timezone", text()),
            ("last_refresh", moment()),
            ("is_cached", flag()),
        ]),
        "Question": {
            "type": "object",
            "description": "What could stand in the query string of the GET; lists and objects may be JSON.",
            "additionalProperties": true,
        },
        "Trend": object(&[
            ("result", json!({"type": "array", "items": object(&[
                ("action", map()), ("label", text()), ("count", json!({"type": "number"})),
                ("data", json!({"type": "array", "items": {"type": "number"}})),
                ("labels", texts()), ("days", json!({"type": "array"})), ("filter", map()),
            ])})),
            ("next", maybe_text()),
            ("timezone", text()),
            ("last_refresh", moment()),
            ("is_cached", flag()),
        ]),
        "PersonChange": object(&[("properties", map())]),
        "PropertyChange": {"type": "object", "properties": {"key": text(), "value": {}}},
        "PropertyDeletion": {"type": "object", "properties": {"$unset": text()}},
        "Split": {"type": "object", "properties": {
            "main_distinct_id": maybe_text(), "distinct_ids_to_split": texts(),
        }},
        "SplitPerson": {"allOf": [schema("Person"), object(&[("success", flag())])]},
        "BulkDeletion": {"type": "object", "properties": {
            "ids": {"type": "array", "items": uuid(), "maxItems": 1000},
            "distinct_ids": {"type": "array", "items": text(), "maxItems": 1000},
            "delete_events": flag(), "keep_person": flag(),
        }},
        "BulkDeleted": object(&[
            ("persons_found", number()),
            ("persons_deleted", number()),
            ("events_queued_for_deletion", flag()),
            ("recordings_queued_for_deletion", flag()),
            ("deletion_errors", json!({"type": "array"})),
        ]),
        "EventDeletion": object(&[
            ("person_uuid", uuid()),
            ("created_at", moment()),
            ("status", json!({"enum": ["pending", "completed"]})),
            ("delete_verified_at", maybe_moment()),
        ]),
        "Activity": object(&[
            ("id", uuid()),
            ("user", object(&[("first_name", text()), ("email", maybe_text())])),
            ("activity", text()),
            ("scope", text()),
            ("item_id", text()),
            ("detail", object(&[("changes", json!({"type": ["array", "null"]})), ("name", maybe_text())])),
            ("created_at", moment()),
        ]),
        "Timeline": object(&[
            ("points", json!({"type": "array", "items": object(&[
                ("timestamp", moment()), ("properties", map()), ("relevant_event_count", number()),
            ])})),
            ("crucial_property_keys", texts()),
            ("effective_date_from", moment()),
            ("effective_date_to", moment()),
        ]),
        "PersonAtTime": {"allOf": [schema("Person"), object(&[("point_in_time_metadata", map())])]},
        "PersonMap": object(&[
            ("results", json!({"type": "object", "additionalProperties": schema("Person")})),
        ]),
        "PersonCohorts": object(&[("results", json!({"type": "array", "items": object(&[
            ("id", number()), ("name", text()), ("count", number()), ("is_static", flag()),
        ])}))]),
        "ValueCount": object(&[("name", text()), ("count", number())]),
        "Uuids": object(&[("uuids", json!({"type": "array", "items": uuid()}))]),
        "DistinctIds": object(&[("distinct_ids", texts())]),
        "Cohort": object(&[
            ("id", number()),
            ("name", text()),
            ("description", text()),
            ("filters", map()),
            ("is_static", flag()),
            ("deleted", flag()),
            ("is_calculating", flag()),
            ("created_at", moment()),
        ]),
        "NewCohort": {"type": "object", "required": ["name"], "properties": {
            "name": text(), "description": text(), "filters": filters(), "is_static": flag(), "distinct_ids": texts(),
        }},
        "CohortChange": {"type": "object", "properties": {
            "name": text(), "description": text(), "filters": filters(), "deleted": flag(),
        }},
        "Action": object(&[
            ("id", number()), ("name", text()), ("description", text()), ("steps", steps()),
            ("deleted", flag()), ("created_at", moment()), ("is_action", flag()),
        ]),
        "NewAction": {"type": "object", "required": ["name"], "properties": {
            "name": text(), "description": text(), "steps": steps(),
        }},
        "ActionChange": {"type": "object", "properties": {
            "name": text(), "description": text(), "steps": steps(), "deleted": flag(),
        }},
        "Event": object(&[
            ("id", uuid()), ("distinct_id", text()), ("event", text()), ("timestamp", moment()),
            ("properties", map()), ("person", json!({"type": ["object", "null"]})),
            ("elements", json!({"type": "array"})), ("elements_chain", text()),
        ]),
        "EventPage": object(&[("next", maybe_text()), ("results", list_of("Event"))]),
        "EventValue": object(&[("name", text())]),
        "EventDefinition": object(&[
            ("id", uuid()), ("name", text()), ("created_at", moment()), ("last_seen_at", moment()),
        ]),
        "PropertyDefinition": object(&[
            ("id", uuid()),
            ("name", text()),
            ("is_numerical", flag()),
            ("property_type", json!({"enum": ["String", "Numeric", "Boolean", "DateTime", null]})),
        ]),
        "IngestionWarning": object(&[
            ("id", number()), ("type", text()), ("details", map()), ("timestamp", moment()),
        ]),
        "Project": object(&[
            ("id", number()), ("uuid", uuid()), ("organization", uuid()), ("name", text()),
            ("api_token", text()), ("timezone", text()), ("is_demo", flag()), ("week_start_day", number()),
        ]),
        "Me": object(&[("uuid", uuid()), ("first_name", text()), ("email", text()), ("team", schema("Project"))]),
        "BrowserSession": object(&[
            ("id", text()), ("label", text()), ("created_at", moment()), ("last_used_at", moment()),
            ("expires_at", moment()), ("is_current", flag()),
        ]),
        "Error": object(&[("type", text()), ("code", text()), ("detail", text()), ("attr", maybe_text())]),
    })
}
