//! Where SDKs send events, and the stubs that keep them quiet.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::{Map, Value, json};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use uuid::Uuid;

use super::call::json as json_response;
use super::error::ApiError;
use super::host::peer;
use super::memory::{RETRY_AFTER_SECONDS, Reservation, SMALL_BODY, SMALL_VALUES};
use super::{App, Shared, body};
use crate::capture::{self, CaptureError, Decoded};
use crate::secret;

/// The largest body of `/batch`, and of everything else, in bytes.
const MAX_BATCH: usize = 20 << 20;
const MAX_BODY: usize = 2 << 20;

/// Smaller bodies that decode to no more than so much text and values are decoded at once. It takes about a
/// millisecond. All others wait for their turn on another thread.
const SMALL_TEXT: usize = 64 << 10;

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
        "/capture",
        "/e",
        "/i/v0/e",
        capture::NEWEST_PATH,
        "/batch",
        "/track",
        "/engage",
        "/s",
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
async fn events(State(shared): State<Shared>, request: Request) -> Response {
    let wants_results = request.uri().path() == capture::NEWEST_PATH;
    let (parts, mut body) = request.into_parts();
    let taken = take(&shared, parts, &mut body).await;
    body::discard(body);
    match taken {
        Ok(taken) if wants_results => {
            let results: Map<String, Value> = taken
                .iter()
                .map(|uuid| (uuid.to_string(), json!({"result": "ok"})))
                .collect();
            ok(&json!({"results": results}))
        }
        Ok(_) => ok(&json!({"status": "Ok"})),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            let message = secret::mask_keys(&error.message).into_owned();
            let mut response = (status, message).into_response();
            if status == StatusCode::SERVICE_UNAVAILABLE {
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            response
        }
    }
}

/// Reads and stores the events of a request; gives their ids. A request with the token of another project is read up
/// to that token, and answered as if it had been taken, as on PostHog: SDKs would only repeat it.
async fn take(shared: &Shared, parts: Parts, body: &mut Body) -> Result<Vec<Uuid>, CaptureError> {
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    let bearer = header(&parts.headers, AUTHORIZATION).strip_prefix("Bearer ");
    let known = capture::token_in_head(path, query, bearer)?;
    let access = &shared.app.access;
    if known.is_some_and(|token| !access.capture_token_matches(&token)) {
        return Ok(Vec::new());
    }
    let takes_batches = matches!(path, "/batch" | capture::NEWEST_PATH);
    let limit = if takes_batches { MAX_BATCH } else { MAX_BODY };
    let mut body_room = shared.memory.body(peer(&shared.app.settings, &parts));
    let body = body::read(&parts.headers, body, limit, &mut body_room)
        .await
        .map_err(plain)?;
    let request = capture::Request {
        path: path.to_owned(),
        query: query.to_owned(),
        content_type: header(&parts.headers, CONTENT_TYPE).to_owned(),
        content_encoding: header(&parts.headers, CONTENT_ENCODING).to_owned(),
        bearer: bearer.map(str::to_owned),
        body: body.into(),
        now: shared.app.project.now(),
    };
    drop(parts);
    let (batch, values_room) = match read_small(shared, &request).await? {
        Some(read) => read,
        None => read_large(shared, request, body_room).await?,
    };
    let Some(batch) = batch else {
        return Ok(Vec::new());
    };
    let taken = batch.events.iter().map(|event| event.uuid).collect();
    let is_empty = batch.events.is_empty() && batch.oversized.is_empty();
    if !access.capture_token_matches(&batch.token) || is_empty {
        return Ok(taken);
    }
    store(shared.app.clone(), batch, values_room).await?;
    Ok(taken)
}

/// The events of a request, none if it is another project's, and the memory that they take.
type ReadBatch = (Option<capture::Batch>, Option<Reservation>);

/// Reads a request here and now if that takes no more than a moment.
async fn read_small(
    shared: &Shared,
    request: &capture::Request,
) -> Result<Option<ReadBatch>, CaptureError> {
    if request.body.len() > SMALL_BODY {
        return Ok(None);
    }
    match decode(shared, request.clone(), SMALL_TEXT) {
        Ok(Decoded::OtherProject) => Ok(Some((None, None))),
        Ok(Decoded::Text(text)) if text.cost <= SMALL_VALUES => {
            let room = shared.memory.values(text.cost).await.map_err(plain)?;
            Ok(Some((Some(text.parse()?), Some(room))))
        }
        Ok(Decoded::Text(_)) => Ok(None),
        // It may only be too large to be read here.
        Err(error) if error.status == 413 => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a request on another thread when it is its turn.
async fn read_large(
    shared: &Shared,
    request: capture::Request,
    body_room: Reservation,
) -> Result<ReadBatch, CaptureError> {
    let turn = shared.memory.decoder().await.map_err(plain)?;
    let decoder = shared.clone();
    // The work is finished even if the client leaves, and holds what it takes until then.
    let decoding = shared.memory.decode(move || {
        let decoded = decode(&decoder, request, capture::MAX_TEXT);
        (decoded, body_room, turn)
    });
    let (decoded, body_room, turn) = decoding.await.map_err(plain)?;
    let text = match decoded? {
        Decoded::Text(text) => text,
        Decoded::OtherProject => return Ok((None, None)),
    };
    let values_room = shared.memory.values(text.cost).await.map_err(plain)?;
    let parsing = shared.memory.decode(move || {
        let batch = text.parse();
        drop((body_room, turn));
        (batch, values_room)
    });
    let (batch, values_room) = parsing.await.map_err(plain)?;
    Ok((Some(batch?), Some(values_room)))
}

fn decode(
    shared: &Shared,
    request: capture::Request,
    max_text: usize,
) -> Result<Decoded, CaptureError> {
    let is_project_token = |token: &str| shared.app.access.capture_token_matches(token);
    request.decode(max_text, &is_project_token)
}

/// Stores events. They keep their memory reserved until the writer is done with them, even if the client leaves.
async fn store(
    app: Arc<App>,
    batch: capture::Batch,
    room: Option<Reservation>,
) -> Result<(), CaptureError> {
    let storing = tokio::spawn(async move {
        let capture::Batch {
            events, oversized, ..
        } = batch;
        let stored = app.project.write(move |draft| {
            events.into_iter().for_each(|event| draft.ingest(event));
            oversized.iter().for_each(|event| draft.refuse(event));
        });
        let stored = stored.await;
        drop(room);
        stored
    });
    match tokio::time::timeout(Duration::from_secs(SECONDS), storing).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => {
            tracing::error!(%error, "events could not be stored");
            Err(unavailable())
        }
        Ok(Err(_)) | Err(_) => Err(unavailable()),
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
    if matches!(error, ApiError::Busy | ApiError::Internal) {
        return unavailable();
    }
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
    if token.contains(secret::KEY_PREFIX) {
        return StatusCode::NOT_FOUND.into_response();
    }
    ok(&config_of(&token))
}

/// `/array/:token/config.js`: the same as a script that a snippet loads.
async fn config_script(Path(token): Path<String>) -> Response {
    // A token has no other characters, and what has none of these cannot end the string it is put in.
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !token.bytes().all(is_token) || token.contains(secret::KEY_PREFIX) {
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
