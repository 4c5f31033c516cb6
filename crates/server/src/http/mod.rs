//! HTTP: the contract's URLs on one side, the engine and the store on the other.
//!
//! A request's way: `log` notes it, `host` checks that it is meant for this server, `url` brings
//! its URL into the one form that `routes` know, `gate` finds out who asks and only then reads the body, and a
//! handler (one file per resource) answers through its `call::Call` in the format asked for. Errors of
//! all of them become responses in `error` and nowhere else.
//!
//! What does not belong here: rules about people (the engine's), SQL (the store's), what SDKs send
//! (`crate::capture`'s; `capture` here is only its doors).

mod actions;
mod activity;
mod auth;
mod body;
mod calendar;
mod call;
mod capture;
mod changes;
mod cohorts;
mod csv;
mod definitions;
mod deletions;
mod endpoint;
mod error;
mod events;
mod export;
mod gate;
mod health;
mod history;
mod host;
mod insights;
mod log;
mod memory;
mod openapi;
mod params;
mod path;
mod person;
mod persons;
mod projects;
mod query;
mod routes;
mod serve;
mod sessions;
mod sign_in;
mod url;
mod warnings;
mod web;

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::http::HeaderValue;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower::Layer as _;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;

pub use host::PublicUrl;
pub use openapi::openapi;
pub use serve::serve;

use crate::access::Access;
use crate::project::Project;
use error::ApiError;
use insights::Questions;
use memory::MemoryBudget;

/// What is served: a project, its doors, and how.
pub struct App {
    /// The people.
    pub project: Project,
    /// Who may come in.
    pub access: Access,
    /// How.
    pub settings: Settings,
}

/// How a project is served.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether only this machine can reach the port; then only loopback names and the public one are
    /// answered for.
    pub loopback_only: bool,
    /// The URL under which people reach the server, if it is not the one they type.
    pub public_url: Option<PublicUrl>,
    /// Whether `X-Forwarded-*` headers come from a proxy of ours.
    pub trust_proxy: bool,
    /// The folder of the built web app.
    pub web: Option<PathBuf>,
}

/// What all handlers share.
#[derive(Clone)]
struct Shared {
    app: Arc<App>,
    questions: Arc<Questions>,
    memory: Arc<MemoryBudget>,
}

impl FromRef<Shared> for Arc<Questions> {
    fn from_ref(shared: &Shared) -> Self {
        shared.questions.clone()
    }
}

impl FromRef<Shared> for Arc<App> {
    fn from_ref(shared: &Shared) -> Self {
        shared.app.clone()
    }
}

/// Everything this server answers.
pub fn service(app: Arc<App>) -> Router {
    let shared = Shared {
        app: app.clone(),
        questions: Arc::new(Questions::new(app.clone())),
        memory: Arc::default(),
    };
    let routes = Router::new()
        .merge(routes::router(&shared))
        .merge(capture::routes())
        .route("/signin/{token}", get(sign_in::open))
        .route("/healthz", get(health::health))
        .route_layer(from_fn(log::note_route))
        .fallback(web)
        .with_state(shared);
    // A layer of the outer router runs before the inner one looks at the path.
    Router::new()
        .fallback_service(MapRequestLayer::new(url::normalise).layer(routes))
        .layer(from_fn_with_state(app, host::guard))
        .layer(CatchPanicLayer::custom(bug))
        .layer(map_response(no_sniffing))
        .layer(from_fn(log::requests))
}

async fn web(State(app): State<Arc<App>>, request: Request) -> Response {
    log::note(&request, "/{*file}");
    web::serve(app.settings.web.as_deref(), request).await
}

/// Nothing is what its bytes look like; it is what its type says.
async fn no_sniffing(mut response: Response) -> Response {
    let nosniff = HeaderValue::from_static("nosniff");
    response
        .headers_mut()
        .insert(X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

/// A panic in a handler is a bug, and the end of one request only. The panic hook has logged it.
fn bug(_: Box<dyn Any + Send>) -> Response {
    ApiError::Internal.into_response()
}

/// Runs work that takes more than a moment where it holds up nobody else.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(call::internal)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use http_body_util::BodyExt as _;
    use persons_api::ErrorBody;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_with_four_keys() {
        async fn panics() -> &'static str {
            panic!("on purpose")
        }
        let router = Router::new()
            .route("/", get(panics))
            .layer(CatchPanicLayer::custom(bug));
        let request = Request::new(Body::empty());
        let response = router.oneshot(request).await.expect("infallible");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.into_body().collect().await.expect("whole");
        let body: ErrorBody = serde_json::from_slice(&body.to_bytes()).expect("an error body");
        assert_eq!(
            (body.kind.as_str(), body.code.as_str()),
            ("server_error", "error")
        );
    }

    #[tokio::test]
    async fn a_panic_on_another_thread_is_an_error_too() {
        let result = off_thread(|| panic!("on purpose")).await;
        assert_eq!(result, Err::<(), _>(ApiError::Internal));
    }
}
