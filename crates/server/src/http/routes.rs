//! The table of the API's endpoints. The router, the scopes that keys need and the OpenAPI document are
//! all made from it, so that no endpoint is unguarded or undocumented.

use axum::Router;
use axum::extract::MatchedPath;
use axum::handler::Handler;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, DNT,
    ORIGIN, RETRY_AFTER, USER_AGENT,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any, get, on};
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};

use super::error::ApiError;
use super::gate::{self, Gate};
use super::openapi::{self, Parameter, list_of, page_of, schema};
use super::{Shared, bug, cohorts, definitions, persons, projects, warnings};

/// The largest JSON body, in bytes.
const MAX_JSON: usize = 1 << 20;

/// An endpoint of the API.
pub(super) struct Endpoint {
    /// The method.
    pub(super) method: Method,
    /// The path in the one form that [`super::url`] makes of all others.
    pub(super) path: &'static str,
    /// What it does, in one sentence.
    pub(super) summary: &'static str,
    /// The scopes that a key needs, all of them.
    pub(super) scopes: &'static [&'static str],
    /// Parameters in the query string.
    pub(super) query: Vec<Parameter>,
    /// The schema of the JSON body, if it takes one.
    pub(super) body: Option<Value>,
    /// The status and the schema of the answer.
    pub(super) answer: (u16, Value),
    /// The largest body, in bytes.
    body_limit: usize,
    handler: MethodRouter<Shared>,
}

impl Endpoint {
    fn new<H, T>(method: Method, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let filter = match method {
            Method::POST => MethodFilter::POST,
            Method::PATCH => MethodFilter::PATCH,
            // GET answers HEAD too.
            _ => MethodFilter::GET,
        };
        Self {
            method,
            path,
            summary,
            scopes: &[],
            query: Vec::new(),
            body: None,
            answer: (200, Value::Null),
            body_limit: MAX_JSON,
            handler: on(filter, handler),
        }
    }

    fn get<H, T>(path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        Self::new(Method::GET, path, handler, summary)
    }

    fn post<H, T>(path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        Self::new(Method::POST, path, handler, summary)
    }

    fn patch<H, T>(path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        Self::new(Method::PATCH, path, handler, summary)
    }

    fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    fn query(mut self, parameters: &[&[Parameter]]) -> Self {
        self.query = parameters.concat();
        self
    }

    fn takes(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn up_to(mut self, body_limit: usize) -> Self {
        self.body_limit = body_limit;
        self
    }

    fn answers(mut self, status: u16, body: Value) -> Self {
        self.answer = (status, body);
        self
    }
}

/// Words below `persons/` that belong to the contract and are not served yet. They are not people.
const NOT_YET: [&str; 12] = [
    "activity",
    "bulk_delete",
    "deletion_status",
    "funnel",
    "funnel/correlation",
    "lifecycle",
    "path",
    "properties_at_time",
    "reset_person_distinct_id",
    "retention",
    "stickiness",
    "trends",
];

const PERSONS: &str = "/api/projects/{project}/persons";

/// Every endpoint of the API.
pub(super) fn endpoints() -> Vec<Endpoint> {
    use openapi::parameters::*;
    vec![
        Endpoint::get(PERSONS, persons::list, "People, newest first.")
            .scopes(&["person:read"])
            .query(&[PEOPLE, WINDOW])
            .answers(200, page_of("Person")),
        Endpoint::get(
            "/api/projects/{project}/persons/{id}",
            persons::retrieve,
            "One person, by number or UUID.",
        )
        .scopes(&["person:read"])
        .answers(200, schema("Person")),
        Endpoint::get(
            "/api/projects/{project}/persons/cohorts",
            persons::cohorts,
            "The cohorts that a person is in.",
        )
        .scopes(&["person:read", "cohort:read"])
        .query(&[PERSON_ID])
        .answers(200, schema("PersonCohorts")),
        Endpoint::get(
            "/api/projects/{project}/persons/values",
            persons::values,
            "The most frequent values of a property.",
        )
        .scopes(&["person:read"])
        .query(&[VALUES])
        .answers(200, list_of("ValueCount")),
        Endpoint::post(
            "/api/projects/{project}/persons/batch_by_uuids",
            persons::batch_by_uuids,
            "Several people by UUID; the first 200 count.",
        )
        .scopes(&["person:read"])
        .takes(schema("Uuids"))
        .answers(200, schema("PersonMap")),
        Endpoint::post(
            "/api/projects/{project}/persons/batch_by_distinct_ids",
            persons::batch_by_distinct_ids,
            "Several people by distinct id; the first 200 count.",
        )
        .scopes(&["person:read"])
        .takes(schema("DistinctIds"))
        .answers(200, schema("PersonMap")),
        Endpoint::get(
            "/api/projects/{project}/cohorts",
            cohorts::list,
            "Cohorts, newest first.",
        )
        .scopes(&["cohort:read"])
        .query(&[SEARCH_NAME, WINDOW])
        .answers(200, page_of("Cohort")),
        Endpoint::post(
            "/api/projects/{project}/cohorts",
            cohorts::create,
            "Makes a cohort: of a filter, or of distinct ids.",
        )
        .scopes(&["cohort:write"])
        .takes(schema("NewCohort"))
        .up_to(cohorts::MAX_BODY)
        .answers(201, schema("Cohort")),
        Endpoint::get(
            "/api/projects/{project}/cohorts/{id}",
            cohorts::retrieve,
            "One cohort.",
        )
        .scopes(&["cohort:read"])
        .answers(200, schema("Cohort")),
        Endpoint::patch(
            "/api/projects/{project}/cohorts/{id}",
            cohorts::update,
            "Changes a cohort, deletes it, or restores it.",
        )
        .scopes(&["cohort:write"])
        .takes(schema("CohortChange"))
        .answers(200, schema("Cohort")),
        Endpoint::get(
            "/api/projects/{project}/cohorts/{id}/persons",
            cohorts::persons,
            "The people in a cohort, newest first.",
        )
        .scopes(&["cohort:read", "person:read"])
        .query(&[PEOPLE, WINDOW])
        .answers(200, page_of("Person")),
        Endpoint::get(
            "/api/projects/{project}/event_definitions",
            definitions::events,
            "The names of events.",
        )
        .scopes(&["event_definition:read"])
        .query(&[SEARCH_NAME, EVENTS, WINDOW])
        .answers(200, page_of("EventDefinition")),
        Endpoint::get(
            "/api/projects/{project}/property_definitions",
            definitions::properties,
            "The keys of properties.",
        )
        .scopes(&["property_definition:read"])
        .query(&[SEARCH_NAME, PROPERTIES, WINDOW])
        .answers(200, page_of("PropertyDefinition")),
        Endpoint::get(
            "/api/projects/{project}/ingestion_warnings",
            warnings::list,
            "What was sent and not done, newest first.",
        )
        .scopes(&["person:read"])
        .query(&[WINDOW])
        .answers(200, page_of("IngestionWarning")),
        Endpoint::get("/api/projects", projects::list, "The projects: one.")
            .scopes(&["project:read"])
            .query(&[WINDOW])
            .answers(200, page_of("Project")),
        Endpoint::get(
            "/api/projects/{project}",
            projects::retrieve,
            "One project.",
        )
        .scopes(&["project:read"])
        .answers(200, schema("Project")),
        Endpoint::get("/api/users/@me", projects::me, "The one who asks.")
            .scopes(&["user:read"])
            .answers(200, schema("Me")),
    ]
}

/// The API's router.
pub(super) fn router(shared: &Shared) -> Router<Shared> {
    let mut router = Router::new()
        .route("/api", any(no_endpoint))
        .route("/api/{*rest}", any(no_endpoint))
        .route("/api/schema", get(openapi::serve));
    for word in NOT_YET {
        router = router.route(&format!("{PERSONS}/{word}"), any(no_endpoint));
    }
    for endpoint in endpoints() {
        let gate = Gate {
            shared: shared.clone(),
            scopes: endpoint.scopes,
            body_limit: endpoint.body_limit,
        };
        let handler = endpoint
            .handler
            .route_layer(from_fn_with_state(gate, gate::pass));
        router = router.route(endpoint.path, handler);
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
/// is why no credentials are allowed here (contract B 1.4).
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
