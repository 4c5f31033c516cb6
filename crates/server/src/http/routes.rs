//! The table of the API's endpoints. The router, the scopes that keys need and the OpenAPI document are
//! all made from it, so that no endpoint is unguarded or undocumented.

use axum::Router;
use axum::extract::MatchedPath;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, DNT,
    ORIGIN, RETRY_AFTER, USER_AGENT,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{any, get};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};

use super::endpoint::Endpoint;
use super::error::ApiError;
use super::openapi::{self, activity_page, list_of, nothing, page_of, schema};
use super::{
    Shared, actions, activity, bug, changes, cohorts, definitions, deletions, events, history,
    insights, persons, projects, query, sessions, warnings,
};

/// The path of something in a project.
macro_rules! project {
    ($path:literal) => {
        concat!("/api/projects/{project}/", $path)
    };
}

/// A word below `persons/` that belongs to the contract and is not served. It is nobody.
const NOT_SERVED: &str = project!("persons/reset_person_distinct_id");

const PERSONS: &str = project!("persons");

/// Every endpoint of the API.
pub(super) fn endpoints() -> Vec<Endpoint> {
    use openapi::parameters::*;
    vec![
        Endpoint::get(
            PERSONS,
            &["person:read"],
            persons::list,
            "People, newest first.",
        )
        .query(&[PEOPLE, WINDOW])
        .answers(200, page_of("Person")),
        Endpoint::get(
            project!("persons/{id}"),
            &["person:read"],
            persons::retrieve,
            "One person, by number or UUID.",
        )
        .answers(200, schema("Person")),
        Endpoint::patch(
            project!("persons/{id}"),
            &["person:write"],
            changes::update,
            "Sets properties of a person; others stay.",
        )
        .takes(schema("PersonChange"))
        .answers(200, schema("Person")),
        Endpoint::delete(
            project!("persons/{id}"),
            &["person:write"],
            changes::delete,
            "Deletes a person, and its events if that is asked for.",
        )
        .query(&[DELETION])
        .answers(204, nothing()),
        Endpoint::get(
            project!("persons/{id}/activity"),
            &["activity_log:read"],
            activity::of_person,
            "What happened to a person, newest first.",
        )
        .query(&[ACTIVITY])
        .answers(200, activity_page()),
        Endpoint::post(
            project!("persons/{id}/delete_property"),
            &["person:write"],
            changes::delete_property,
            "Takes a property away.",
        )
        .query(&[UNSET])
        .takes(schema("PropertyDeletion"))
        .answers(200, schema("Person")),
        Endpoint::get(
            project!("persons/{id}/properties_timeline"),
            &["person:read"],
            history::properties_timeline,
            "How a person's properties changed from event to event.",
        )
        .query(&[TIMELINE])
        .answers(200, schema("Timeline")),
        Endpoint::post(
            project!("persons/{id}/split"),
            &["person:write"],
            changes::split,
            "Gives distinct ids to people of their own.",
        )
        .takes(schema("Split"))
        .answers(200, schema("SplitPerson")),
        Endpoint::post(
            project!("persons/{id}/update_property"),
            &["person:write"],
            changes::update_property,
            "Sets one property.",
        )
        .query(&[PROPERTY])
        .takes(schema("PropertyChange"))
        .answers(200, schema("Person")),
        Endpoint::get(
            project!("persons/activity"),
            &["activity_log:read"],
            activity::of_project,
            "What was asked to be done to people, newest first.",
        )
        .query(&[ACTIVITY])
        .answers(200, activity_page()),
        Endpoint::post(
            project!("persons/bulk_delete"),
            &["person:write"],
            changes::bulk_delete,
            "Deletes up to 1000 people, and their events if that is asked for.",
        )
        .takes(schema("BulkDeletion"))
        .answers(202, schema("BulkDeleted")),
        Endpoint::get(
            project!("persons/deletion_status"),
            &["person:read"],
            deletions::status,
            "How far the deletion of events is, newest first.",
        )
        .query(&[DELETION_STATUS, WINDOW])
        .answers(200, page_of("EventDeletion")),
        Endpoint::get(
            project!("persons/properties_at_time"),
            &["person:read"],
            history::properties_at_time,
            "A person with the properties that its events had set until a moment.",
        )
        .query(&[AT_TIME])
        .answers(200, schema("PersonAtTime")),
        Endpoint::get(
            project!("persons/cohorts"),
            &["person:read", "cohort:read"],
            persons::cohorts,
            "The cohorts that a person is in.",
        )
        .query(&[PERSON_ID])
        .answers(200, schema("PersonCohorts")),
        Endpoint::get(
            project!("persons/trends"),
            &["person:read"],
            insights::list::<insights::TrendsPeople>,
            "The people behind a point of a trend, those with the greatest part of it first.",
        )
        .query(&[QUESTION, BREAKDOWN, ENTITY, BREAKDOWN_VALUE, LISTING])
        .answers(200, schema("ListedPeople")),
        Endpoint::get(
            project!("persons/stickiness"),
            &["person:read"],
            insights::list::<insights::StickinessPeople>,
            "The people who were active in exactly so many intervals.",
        )
        .query(&[QUESTION, ENTITY, STICKINESS, LISTING])
        .answers(200, schema("ListedPeople")),
        Endpoint::get(
            project!("persons/lifecycle"),
            &["person:read"],
            insights::list::<insights::LifecyclePeople>,
            "The people who are new, come back or stay away in an interval.",
        )
        .query(&[QUESTION, LIFECYCLE, LISTING])
        .answers(200, schema("ListedPeople")),
        Endpoint::get(
            project!("persons/retention"),
            &["person:read"],
            insights::retention_people,
            "The people of a row of retention, and when they came back.",
        )
        .query(&[CONDITIONS, RETENTION, RETENTION_ROW, LISTING])
        .answers(200, schema("RetainedPeople")),
        Endpoint::get(
            project!("persons/funnel"),
            &["person:read"],
            insights::list::<insights::FunnelPeople>,
            "The people who came so far in a funnel, newest first.",
        )
        .query(&[QUESTION, BREAKDOWN, FUNNEL, FUNNEL_STEP, LISTING])
        .answers(200, schema("ListedPeople")),
        Endpoint::post(
            project!("persons/funnel"),
            &["person:read"],
            insights::list::<insights::FunnelPeople>,
            "The same with the parameters as a JSON object.",
        )
        .takes(schema("Question"))
        .answers(200, schema("ListedPeople")),
        Endpoint::get(
            project!("persons/path"),
            &["person:read"],
            insights::list::<insights::PathsPeople>,
            "The people who went some way.",
        )
        .query(&[CONDITIONS, PATHS, PATH_KEYS, LISTING])
        .answers(200, schema("ListedPeople")),
        Endpoint::post(
            project!("persons/path"),
            &["person:read"],
            insights::list::<insights::PathsPeople>,
            "The same with the parameters as a JSON object.",
        )
        .takes(schema("Question"))
        .answers(200, schema("ListedPeople")),
        Endpoint::get(
            project!("insights/retention"),
            &["insight:read"],
            insights::retention,
            "How many people came back, interval by interval.",
        )
        .query(&[CONDITIONS, RETENTION])
        .answers(200, schema("Insight")),
        Endpoint::post(
            project!("insights/retention"),
            &["insight:read"],
            insights::retention,
            "The same with the parameters as a JSON object.",
        )
        .takes(schema("Question"))
        .answers(200, schema("Insight")),
        Endpoint::get(
            project!("insights/funnel"),
            &["insight:read"],
            insights::funnel,
            "How many people went through some steps.",
        )
        .query(&[QUESTION, BREAKDOWN, FUNNEL])
        .answers(200, schema("Insight")),
        Endpoint::post(
            project!("insights/funnel"),
            &["insight:read"],
            insights::funnel,
            "The same with the parameters as a JSON object.",
        )
        .takes(schema("Question"))
        .answers(200, schema("Insight")),
        Endpoint::get(
            project!("insights/path"),
            &["insight:read"],
            insights::path,
            "Which ways people went, edge by edge.",
        )
        .query(&[CONDITIONS, PATHS])
        .answers(200, schema("Insight")),
        Endpoint::post(
            project!("insights/path"),
            &["insight:read"],
            insights::path,
            "The same with the parameters as a JSON object.",
        )
        .takes(schema("Question"))
        .answers(200, schema("Insight")),
        Endpoint::get(
            project!("persons/funnel/correlation"),
            &["person:read"],
            insights::list::<insights::CorrelationPeople>,
            "The people in a funnel who have something, newest first.",
        )
        .query(&[QUESTION, FUNNEL, CORRELATION, CORRELATION_PEOPLE])
        .answers(200, schema("ListedPeople")),
        Endpoint::post(
            project!("persons/funnel/correlation"),
            &["person:read"],
            insights::list::<insights::CorrelationPeople>,
            "The same with the parameters as a JSON object.",
        )
        .takes(schema("Question"))
        .answers(200, schema("ListedPeople")),
        Endpoint::get(
            project!("insights/funnel/correlation"),
            &["insight:read"],
            insights::correlation,
            "What people who go through a funnel have in common, and those who do not.",
        )
        .query(&[QUESTION, FUNNEL, CORRELATION, CANDIDATES])
        .answers(200, schema("Insight")),
        Endpoint::post(
            project!("insights/funnel/correlation"),
            &["insight:read"],
            insights::correlation,
            "The same with the parameters as a JSON object.",
        )
        .takes(schema("Question"))
        .answers(200, schema("Insight")),
        Endpoint::get(
            project!("insights/trend"),
            &["insight:read"],
            insights::trend,
            "How often something happened over time, or in how many intervals people were active.",
        )
        .query(&[INSIGHT, QUESTION, BREAKDOWN])
        .answers(200, schema("Trend")),
        Endpoint::post(
            project!("insights/trend"),
            &["insight:read"],
            insights::trend,
            "The same with the parameters as a JSON object.",
        )
        .takes(schema("Question"))
        .answers(200, schema("Trend")),
        Endpoint::get(
            project!("persons/values"),
            &["person:read"],
            persons::values,
            "The most frequent values of a property.",
        )
        .query(&[VALUES])
        .answers(200, list_of("ValueCount")),
        Endpoint::post(
            project!("persons/batch_by_uuids"),
            &["person:read"],
            persons::batch_by_uuids,
            "Several people by UUID; the first 200 count.",
        )
        .takes(schema("Uuids"))
        .answers(200, schema("PersonMap")),
        Endpoint::post(
            project!("persons/batch_by_distinct_ids"),
            &["person:read"],
            persons::batch_by_distinct_ids,
            "Several people by distinct id; the first 200 count.",
        )
        .takes(schema("DistinctIds"))
        .answers(200, schema("PersonMap")),
        Endpoint::get(
            project!("cohorts"),
            &["cohort:read"],
            cohorts::list,
            "Cohorts, newest first.",
        )
        .query(&[SEARCH_NAME, WINDOW])
        .answers(200, page_of("Cohort")),
        Endpoint::post(
            project!("cohorts"),
            &["cohort:write"],
            cohorts::create,
            "Makes a cohort: of a filter, or of distinct ids.",
        )
        .takes(schema("NewCohort"))
        .up_to(cohorts::MAX_BODY)
        .answers(201, schema("Cohort")),
        Endpoint::get(
            project!("cohorts/{id}"),
            &["cohort:read"],
            cohorts::retrieve,
            "One cohort.",
        )
        .answers(200, schema("Cohort")),
        Endpoint::patch(
            project!("cohorts/{id}"),
            &["cohort:write"],
            cohorts::update,
            "Changes a cohort, deletes it, or restores it.",
        )
        .takes(schema("CohortChange"))
        .answers(200, schema("Cohort")),
        Endpoint::get(
            project!("cohorts/{id}/persons"),
            &["cohort:read", "person:read"],
            cohorts::persons,
            "The people in a cohort, newest first.",
        )
        .query(&[PEOPLE, WINDOW])
        .answers(200, page_of("Person")),
        Endpoint::get(
            project!("actions"),
            &["action:read"],
            actions::list,
            "Actions, newest first.",
        )
        .query(&[SEARCH_NAME, WINDOW])
        .answers(200, page_of("Action")),
        Endpoint::post(
            project!("actions"),
            &["action:write"],
            actions::create,
            "Gives conditions on events a name.",
        )
        .takes(schema("NewAction"))
        .answers(201, schema("Action")),
        Endpoint::get(
            project!("actions/{id}"),
            &["action:read"],
            actions::retrieve,
            "One action.",
        )
        .answers(200, schema("Action")),
        Endpoint::patch(
            project!("actions/{id}"),
            &["action:write"],
            actions::update,
            "Changes an action, deletes it, or restores it.",
        )
        .takes(schema("ActionChange"))
        .answers(200, schema("Action")),
        Endpoint::delete(
            project!("actions/{id}"),
            &["action:write"],
            actions::delete,
            "Deletes an action.",
        )
        .answers(204, nothing()),
        Endpoint::post(
            project!("query"),
            &["query:read"],
            query::ask,
            "Answers a query: insights, the people behind their numbers, all people, events.",
        )
        .takes(schema("QueryRequest"))
        .answers(200, schema("QueryAnswer")),
        Endpoint::get(
            project!("events"),
            &["query:read"],
            events::list,
            "Events, newest first.",
        )
        .query(&[EVENT_LIST])
        .answers(200, schema("EventPage")),
        Endpoint::get(
            project!("events/{id}"),
            &["query:read"],
            events::retrieve,
            "One event, by its UUID.",
        )
        .answers(200, schema("Event")),
        Endpoint::get(
            project!("events/values"),
            &["query:read"],
            events::values,
            "The most frequent values of a property of events.",
        )
        .query(&[EVENT_VALUES])
        .answers(200, list_of("EventValue")),
        Endpoint::get(
            project!("event_definitions"),
            &["event_definition:read"],
            definitions::events,
            "The names of events.",
        )
        .query(&[SEARCH_NAME, EVENTS, WINDOW])
        .answers(200, page_of("EventDefinition")),
        Endpoint::get(
            project!("property_definitions"),
            &["property_definition:read"],
            definitions::properties,
            "The keys of properties.",
        )
        .query(&[SEARCH_NAME, PROPERTIES, WINDOW])
        .answers(200, page_of("PropertyDefinition")),
        Endpoint::get(
            project!("ingestion_warnings"),
            &["person:read"],
            warnings::list,
            "What was sent and not done, newest first.",
        )
        .query(&[WINDOW])
        .answers(200, page_of("IngestionWarning")),
        Endpoint::get(
            "/api/projects",
            &["project:read"],
            projects::list,
            "The projects: one.",
        )
        .query(&[WINDOW])
        .answers(200, page_of("Project")),
        Endpoint::get(
            "/api/projects/{project}",
            &["project:read"],
            projects::retrieve,
            "One project.",
        )
        .answers(200, schema("Project")),
        Endpoint::get(
            "/api/users/@me",
            &["user:read"],
            projects::me,
            "The one who asks.",
        )
        .answers(200, schema("Me")),
        Endpoint::get(
            "/api/users/@me/sessions",
            &["user:read"],
            sessions::list,
            "The browsers that are signed in, newest first.",
        )
        .query(&[WINDOW])
        .answers(200, page_of("BrowserSession")),
        Endpoint::delete(
            "/api/users/@me/sessions/{id}",
            &["user:write"],
            sessions::revoke,
            "Revokes a session: its browser is signed out at once.",
        )
        .answers(204, nothing()),
        Endpoint::post(
            "/api/users/@me/sign_out",
            &["user:write"],
            sessions::sign_out,
            "Ends the session of the request and removes its cookies. A key cannot sign out.",
        )
        .answers(204, nothing()),
    ]
}

/// The API's router.
pub(super) fn router(shared: &Shared) -> Router<Shared> {
    let mut router = Router::new()
        .route("/api", any(no_endpoint))
        .route("/api/{*rest}", any(no_endpoint))
        .route("/api/schema", get(openapi::serve))
        .route(NOT_SERVED, any(no_endpoint));
    for endpoint in endpoints() {
        router = router.route(endpoint.path, endpoint.guarded(shared));
    }
    router
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(bug))
        .layer(map_response(private))
        .layer(cors())
}

async fn no_endpoint() -> ApiError {
    ApiError::NoEndpoint
}

/// The URL exists with other methods; the router adds which.
async fn wrong_method(method: Method, path: MatchedPath) -> ApiError {
    if method == Method::POST && path.as_str() == PERSONS {
        return persons::no_creation();
    }
    ApiError::Method(method)
}

/// Answers hold personal data: no cache keeps them.
async fn private(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Any page may use the API with a key of its own; no page but ours may use the browser's session, which
/// is why no credentials are allowed here.
fn cors() -> CorsLayer {
    let tracing = [
        "x-csrftoken",
        "x-requested-with",
        "traceparent",
        "request-id",
        "request-context",
        "x-amzn-trace-id",
        "x-cloud-trace-context",
        "sentry-trace",
        "baggage",
        "x-highlight-request",
        "x-datadome-clientid",
        "x-posthog-token",
    ];
    let allowed = [
        ACCEPT,
        ACCEPT_ENCODING,
        AUTHORIZATION,
        CONTENT_ENCODING,
        CONTENT_TYPE,
        DNT,
        ORIGIN,
        USER_AGENT,
    ];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::DELETE,
            Method::GET,
            Method::OPTIONS,
            Method::PATCH,
            Method::POST,
            Method::PUT,
        ])
        .allow_headers(
            allowed
                .into_iter()
                .chain(tracing.map(HeaderName::from_static))
                .collect::<Vec<_>>(),
        )
        .expose_headers([RETRY_AFTER])
        .max_age(std::time::Duration::from_secs(24 * 3600))
}
