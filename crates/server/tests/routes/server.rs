//! A server to be asked, without a network, and its answers.

use std::path::Path;
use std::sync::{Arc, mpsc};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use persons_api::{ErrorBody, Person, Timestamp};
use persons_engine::CapturedEvent;
use persons_server::access::{Access, Scopes};
use persons_server::http::{App, Settings, service};
use persons_server::project::Project;
use persons_server::store::Storage;
use serde_json::Value;
use tokio::sync::oneshot;
use tower::ServiceExt as _;
use uuid::Uuid;

/// A key that may do everything.
pub const KEY: &str = "phx_everything";

pub struct Server {
    pub app: Arc<App>,
    router: Router,
    /// The key that [`Server::get`] and the others send.
    key: String,
}

impl Server {
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let project = Project::in_memory().expect("opens");
        let access = Access::new(&project, Some(KEY));
        Self::of(project, access, settings, KEY.into())
    }

    /// A server with a data file, which it makes.
    pub fn on_disk(data: &Path) -> Self {
        let storage = Storage::File(data.to_owned());
        let project = Project::open(&storage, None).expect("opens");
        let access = Access::new(&project, Some(KEY));
        Self::of(project, access, Settings::default(), KEY.into())
    }

    /// A server whose key has these scopes only.
    pub fn with_scopes(scopes: &[&str]) -> Self {
        let project = Project::in_memory().expect("opens");
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let scopes = Scopes::new(scopes).expect("they exist");
        let (key, _) = Access::create_key(project.side_store(), "some", scopes).expect("stored");
        let access = Access::new(&project, None);
        Self::of(project, access, Settings::default(), key)
    }

    fn of(project: Project, access: Access, settings: Settings, key: String) -> Self {
        let app = Arc::new(App {
            project,
            access,
            settings,
        });
        let router = service(app.clone());
        Self { app, router, key }
    }

    /// The number of the project.
    pub fn project(&self) -> i64 {
        self.app.project.info().id
    }

    /// Takes in one event per person, a minute apart: (distinct id, `$set`).
    pub async fn people(&self, people: &[(&str, Value)]) {
        let events = people.iter().enumerate().map(|(minute, (id, set))| {
            let properties = serde_json::json!({"$set": set});
            event(
                "$set",
                id,
                &format!("2024-05-01T10:{minute:02}:00Z"),
                properties,
            )
        });
        self.capture(events.collect()).await;
    }

    pub async fn capture(&self, events: Vec<CapturedEvent>) {
        self.app.project.capture(events).await.expect("stored");
    }

    /// The person with a distinct id, as the API shows them.
    pub async fn person(&self, distinct_id: &str) -> Person {
        let body = serde_json::json!({"distinct_ids": [distinct_id]});
        let found = self.post("/api/person/batch_by_distinct_ids/", &body).await;
        let person = found.json()["results"][distinct_id].clone();
        serde_json::from_value(person).expect("exists")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path, Body::empty()))
            .await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.write(Method::POST, path, body).await
    }

    pub async fn write(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(self.json_request(method, path, body)).await
    }

    /// A request with the key and a JSON body.
    pub fn json_request(&self, method: Method, path: &str, body: &Value) -> Request<Body> {
        let mut request = self.request(method, path, Body::from(body.to_string()));
        let json = "application/json".parse().expect("valid");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        request
    }

    /// Sends requests that write. All of them wait for the writer, in this order, before it takes them up.
    pub async fn send_as_group(&self, requests: Vec<Request<Body>>) -> Vec<Answer> {
        let project = &self.app.project;
        let (release, released) = mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let mut held = Box::pin(project.write(move |_| {
            begun.send(()).expect("the test waits");
            // Ends with an error once the sender is dropped.
            let _ = released.recv();
        }));
        assert!(futures_util::poll!(&mut held).is_pending());
        has_begun.await.expect("the writer works");
        let mut sent = Vec::new();
        for (number, request) in requests.into_iter().enumerate() {
            let mut answer = Box::pin(self.send(request));
            while project.queued_writes() <= number {
                assert!(
                    futures_util::poll!(&mut answer).is_pending(),
                    "request {number} was answered without a write"
                );
                tokio::task::yield_now().await;
            }
            sent.push(answer);
        }
        drop(release);
        futures_util::future::join_all(sent).await
    }

    /// A request with the key.
    pub fn request(&self, method: Method, path: &str, body: Body) -> Request<Body> {
        let mut request = bare(method, path, body);
        let bearer = format!("Bearer {}", self.key).parse().expect("valid");
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        request
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let router = self.router.clone();
        let response = router.oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("whole").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

/// A request without credentials.
pub fn bare(method: Method, path: &str, body: Body) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost:8000")
        .body(body)
        .expect("a request")
}

pub fn event(name: &str, distinct_id: &str, at: &str, properties: Value) -> CapturedEvent {
    let Value::Object(properties) = properties else {
        panic!("properties are an object");
    };
    CapturedEvent {
        uuid: Uuid::now_v7(),
        name: name.into(),
        distinct_id: distinct_id.into(),
        timestamp: Timestamp::parse(at).expect("a moment"),
        properties,
    }
}

/// Text as it stands in a query string or in a segment of a path.
pub fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("UTF-8")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("ASCII"))
    }

    /// The first distinct id of each row.
    pub fn ids(&self) -> Vec<String> {
        let body = self.json();
        let rows = body["results"]
            .as_array()
            .unwrap_or_else(|| panic!("{body}"));
        let first = |row: &Value| row["distinct_ids"][0].as_str().map(str::to_owned);
        rows.iter().filter_map(first).collect()
    }

    /// Checks that it is this error, in exactly four keys.
    #[track_caller]
    pub fn is_error(&self, status: u16, kind: &str, code: &str, detail: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.json().as_object().map(|keys| keys.len()), Some(4));
        let body: ErrorBody = serde_json::from_slice(&self.body).expect("an error body");
        assert_eq!(
            (body.kind.as_str(), body.code.as_str(), body.detail.as_str()),
            (kind, code, detail)
        );
    }

    /// Checks that it is a 400 about this field or parameter.
    #[track_caller]
    pub fn is_invalid(&self, attr: &str) {
        assert_eq!(self.status, StatusCode::BAD_REQUEST, "{}", self.text());
        let body: ErrorBody = serde_json::from_slice(&self.body).expect("an error body");
        assert_eq!(body.kind, "validation_error");
        assert_eq!(body.attr.as_deref(), Some(attr), "{}", body.detail);
    }
}
