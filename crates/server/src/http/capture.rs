//! Where SDKs send events, and the stubs that keep them quiet.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::{Map, Value, json};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use uuid::Uuid;

use super::call::json as json_response;
use super::error::ApiError;
use super::{App, Shared, body, off_thread};
use crate::capture::{self, CaptureError};

/// The newest endpoint, which answers for each event.
const NEWEST: &str = "/i/v1/analytics/events";

/// The largest body of `/batch`, and of everything else, in bytes.
const MAX_BATCH: usize = 20 << 20;
const MAX_BODY: usize = 2 << 20;

/// Decoding larger bodies takes long enough to be done on another thread.
const LARGE: usize = 64 << 10;

/// How long a client waits for the disk before it is told to come again.
const SECONDS: u64 = 30;

/// The capture endpoints. Any page may send events, from anywhere.
pub(super) fn routes() -> Router<Shared> {
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .allow_headers(AllowHeaders::mirror_request());
    let mut router = Router::new();
    for path in [
        "/capture", "/e", "/i/v0/e", NEWEST, "/batch", "/track", "/engage", "/s",
    ] {
        router = router.route(path, get(events).post(events));
    }
    router
        .route("/flags", any(flags))
        .route("/decide", any(decide))
        .route("/array/{token}/config", get(config))
        .route("/array/{token}/config.js", get(config_script))
        .layer(cors)
}

/// Takes events in. When it answers 200 they are on the disk.
async fn events(State(app): State<Arc<App>>, request: Request) -> Response {
    let wants_results = request.uri().path() == NEWEST;
    match take(app, request).await {
        Ok(taken) if wants_results => {
            let results: Map<String, Value> = taken
                .iter()
                .map(|uuid| (uuid.to_string(), json!({"result": "ok"})))
                .collect();
            ok(&json!({"results": results}))
        }
        Ok(_) => ok(&json!({"status": "Ok"})),
        Err(error) => {
            let status = StatusCode::from_u16(error.status);
            (status.unwrap_or(StatusCode::BAD_REQUEST), error.message).into_response()
        }
    }
}

/// Reads and stores the events of a request; gives their ids.
async fn take(app: Arc<App>, request: Request) -> Result<Vec<Uuid>, CaptureError> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let takes_batches = matches!(path.as_str(), "/batch" | NEWEST);
    let limit = if takes_batches { MAX_BATCH } else { MAX_BODY };
    let body = body::read(&parts.headers, body, limit)
        .await
        .map_err(plain)?;
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let is_large = body.len() > LARGE;
    let now = app.project.now();
    let decode = move || {
        capture::read(capture::Request {
            path: &path,
            query: &query,
            content_type: header(&parts.headers, CONTENT_TYPE),
            content_encoding: header(&parts.headers, CONTENT_ENCODING),
            bearer: header(&parts.headers, AUTHORIZATION).strip_prefix("Bearer "),
            body: &body,
            now,
        })
    };
    let decoded = if is_large {
        off_thread(decode).await.map_err(|_| unavailable())??
    } else {
        decode()?
    };
    let taken = decoded.events.iter().map(|event| event.uuid).collect();
    // The token of another project is taken and dropped, as on PostHog: SDKs would only repeat it.
    let capture::Decoded {
        token,
        events,
        oversized,
    } = decoded;
    let is_empty = events.is_empty() && oversized.is_empty();
    if !app.access.capture_token_matches(&token) || is_empty {
        return Ok(taken);
    }
    let stored = app.project.write(move |draft| {
        events.into_iter().for_each(|event| draft.ingest(event));
        oversized.iter().for_each(|event| draft.refuse(event));
    });
    match tokio::time::timeout(std::time::Duration::from_secs(SECONDS), stored).await {
        Ok(Ok(())) => Ok(taken),
        Ok(Err(error)) => {
            tracing::error!(%error, "events could not be stored");
            Err(unavailable())
        }
        Err(_) => Err(unavailable()),
    }
}

fn unavailable() -> CaptureError {
    CaptureError {
        status: 503,
        message: "transient error, please retry".into(),
    }
}

/// The errors of reading a body, in the plain form that SDKs know.
fn plain(error: ApiError) -> CaptureError {
    let message = error.to_string();
    CaptureError {
        status: error.into_response().status().as_u16(),
        message,
    }
}

fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    let value = headers.get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn ok(body: &Value) -> Response {
    json_response(StatusCode::OK, body).into_response()
}

/// `/flags`: there are no feature flags.
async fn flags(_: Body) -> Response {
    ok(&json!({
        "flags": {},
        "featureFlags": {},
        "featureFlagPayloads": {},
        "errorsWhileComputingFlags": false,
        "requestId": Uuid::now_v7(),
    }))
}

/// `/decide`, the older form of `/flags` and the configuration in one.
async fn decide(_: Body) -> Response {
    let mut answer = settings();
    answer["featureFlags"] = json!({});
    answer["featureFlagPayloads"] = json!({});
    answer["errorsWhileComputingFlags"] = false.into();
    answer["config"] = json!({"enable_collect_everything": true});
    ok(&answer)
}

/// `/array/:token/config`
async fn config(Path(token): Path<String>) -> Response {
    ok(&config_of(&token))
}

/// `/array/:token/config.js`: the same as a script that a snippet loads.
async fn config_script(Path(token): Path<String>) -> Response {
    // A token has no other characters, and what has none of these cannot end the string it is put in.
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !token.bytes().all(is_token) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let config = config_of(&token);
    let script = format!(
        "(function(){{window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}};\
         window._POSTHOG_REMOTE_CONFIG[\"{token}\"]={{config:{config},siteApps:[]}}}})();"
    );
    ([(CONTENT_TYPE, "application/javascript")], script).into_response()
}

fn config_of(token: &str) -> Value {
    let mut config = settings();
    config["token"] = token.into();
    config["hasFeatureFlags"] = false.into();
    config
}

/// What an SDK should do here: send events, and nothing that is not kept.
fn settings() -> Value {
    json!({
        "supportedCompression": ["gzip", "gzip-js"],
        "analytics": {"endpoint": "/i/v0/e/"},
        "autocapture_opt_out": false,
        "autocaptureExceptions": false,
        "captureDeadClicks": false,
        "capturePerformance": false,
        "defaultIdentifiedOnly": true,
        "elementsChainAsString": true,
        "heatmaps": false,
        "isAuthenticated": false,
        "sessionRecording": false,
        "siteApps": [],
        "surveys": false,
        "toolbarParams": {},
    })
}
