//! Keys, scopes, sessions.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use crate::server::{Answer, KEY, Server, bare};

const LIST: &str = "/api/projects/@current/persons/";
const NO_CREDENTIALS: &str = "Authentication credentials were not provided.";

async fn get_with(server: &Server, headers: &[(&str, &str)]) -> Answer {
    server
        .send(with(bare(Method::GET, LIST, Body::empty()), headers))
        .await
}

fn with(mut request: Request<Body>, headers: &[(&str, &str)]) -> Request<Body> {
    for (name, value) in headers {
        let name = header::HeaderName::from_bytes(name.as_bytes()).expect("a name");
        request
            .headers_mut()
            .insert(name, value.parse().expect("a value"));
    }
    request
}

fn is_nobody(answer: &Answer) {
    answer.is_error(
        401,
        "authentication_error",
        "not_authenticated",
        NO_CREDENTIALS,
    );
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn without_credentials_nothing_is_shown() {
    let server = Server::new();
    is_nobody(&get_with(&server, &[]).await);
    is_nobody(&get_with(&server, &[("authorization", "Basic eDp5")]).await);
    is_nobody(&get_with(&server, &[("authorization", "Bearer ")]).await);
    is_nobody(
        &server
            .send(bare(Method::POST, "/api/cohorts/", Body::from("{}")))
            .await,
    );
}

#[tokio::test]
async fn a_key_is_accepted_in_the_header_the_query_and_the_body() {
    let server = Server::new();
    assert_eq!(
        get_with(&server, &[("authorization", &format!("bearer {KEY}"))])
            .await
            .status
            .as_u16(),
        200
    );
    let query = bare(
        Method::GET,
        &format!("{LIST}?personal_api_key={KEY}"),
        Body::empty(),
    );
    assert_eq!(server.send(query).await.status.as_u16(), 200);
    let body = json!({"personal_api_key": KEY, "uuids": []}).to_string();
    let body = bare(
        Method::POST,
        "/api/person/batch_by_uuids/",
        Body::from(body),
    );
    let body = with(body, &[("content-type", "application/json; charset=utf-8")]);
    assert_eq!(server.send(body).await.status.as_u16(), 200);
}

#[tokio::test]
async fn the_first_credential_found_decides_and_is_named_when_wrong() {
    let server = Server::new();
    let wrong = |place: &str| format!("Personal API key found in request {place} is invalid.");
    let header = get_with(&server, &[("authorization", "Bearer phx_wrong")]).await;
    let path = format!("{LIST}?personal_api_key={KEY}");
    let both = with(
        bare(Method::GET, &path, Body::empty()),
        &[("authorization", "Bearer phx_wrong")],
    );
    for answer in [header, server.send(both).await] {
        answer.is_error(
            401,
            "authentication_error",
            "authentication_failed",
            &wrong("Authorization header"),
        );
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let query = bare(
        Method::GET,
        &format!("{LIST}?personal_api_key=x"),
        Body::empty(),
    );
    let answer = server.send(query).await;
    answer.is_error(
        401,
        "authentication_error",
        "authentication_failed",
        &wrong("query string"),
    );
    let body = with(
        bare(
            Method::POST,
            "/api/person/batch_by_uuids/",
            Body::from(r#"{"personal_api_key":"x"}"#),
        ),
        &[("content-type", "application/json")],
    );
    server.send(body).await.is_error(
        401,
        "authentication_error",
        "authentication_failed",
        &wrong("body"),
    );
    // The query decides before the body is read.
    let path = format!("/api/person/batch_by_uuids/?personal_api_key={KEY}");
    let body = Body::from(r#"{"personal_api_key":"x"}"#);
    let both = with(
        bare(Method::POST, &path, body),
        &[("content-type", "application/json")],
    );
    assert_eq!(server.send(both).await.status.as_u16(), 200);
}

#[tokio::test]
async fn the_projects_token_lets_events_in_and_shows_nothing() {
    let server = Server::new();
    let token = format!("Bearer {}", server.app.project.info().api_token);
    assert_eq!(
        get_with(&server, &[("authorization", &token)])
            .await
            .status
            .as_u16(),
        401
    );
}

#[tokio::test]
async fn the_projects_token_in_the_query_names_the_project() {
    let server = Server::new();
    let token = &server.app.project.info().api_token;
    for name in ["token", "api_key"] {
        let path = format!("/api/projects/4711/persons/?{name}={token}");
        assert_eq!(server.get(&path).await.status.as_u16(), 200);
        let unknown = server.get(&format!("{LIST}?{name}=phc_unknown")).await;
        unknown.is_error(
            401,
            "authentication_error",
            "authentication_failed",
            "Incorrect authentication credentials.",
        );
        let alone = bare(Method::GET, &path, Body::empty());
        is_nobody(&server.send(alone).await);
    }
}

#[tokio::test]
async fn each_endpoint_wants_its_scope() {
    let server = Server::with_scopes(&["activity_log:read"]);
    let person = server.app.project.info().uuid;
    for (method, path, scope) in [
        (Method::GET, LIST.to_owned(), "person:read"),
        (Method::GET, format!("{LIST}{person}/"), "person:read"),
        (Method::GET, "/api/person/values/".into(), "person:read"),
        (Method::GET, "/api/person/cohorts/".into(), "person:read"),
        (
            Method::POST,
            "/api/person/batch_by_uuids/".into(),
            "person:read",
        ),
        (Method::GET, "/api/cohorts/".into(), "cohort:read"),
        (Method::POST, "/api/cohorts/".into(), "cohort:write"),
        (Method::PATCH, "/api/cohorts/1/".into(), "cohort:write"),
        (Method::GET, "/api/cohorts/1/persons/".into(), "cohort:read"),
        (Method::GET, "/api/projects/".into(), "project:read"),
        (
            Method::GET,
            "/api/projects/@current/".into(),
            "project:read",
        ),
        (Method::GET, "/api/users/@me/".into(), "user:read"),
        (
            Method::GET,
            "/api/event_definitions/".into(),
            "event_definition:read",
        ),
        (
            Method::GET,
            "/api/property_definitions/".into(),
            "property_definition:read",
        ),
        (
            Method::GET,
            "/api/ingestion_warnings/".into(),
            "person:read",
        ),
    ] {
        let answer = server.write(method, &path, &json!({})).await;
        let detail = format!("API key missing required scope '{scope}'");
        answer.is_error(403, "authentication_error", "permission_denied", &detail);
    }
}

#[tokio::test]
async fn both_scopes_are_wanted_where_two_are_named_and_writing_covers_reading() {
    let server = Server::with_scopes(&["person:write"]);
    assert_eq!(server.get(LIST).await.status.as_u16(), 200);
    let answer = server.get("/api/person/cohorts/?person_id=1").await;
    answer.is_error(
        403,
        "authentication_error",
        "permission_denied",
        "API key missing required scope 'cohort:read'",
    );
}

/// Guessing 256 random bits is hopeless at any rate, and a limit would let any page that is open in a browser on
/// the owner's machine lock the owner out.
#[tokio::test]
async fn wrong_keys_lock_nobody_out() {
    let server = Server::new();
    for _ in 0..100 {
        let answer = get_with(&server, &[("authorization", "Bearer phx_guess")]).await;
        assert_eq!(answer.status.as_u16(), 401);
    }
    assert_eq!(server.get(LIST).await.status.as_u16(), 200);
}

/// The cookies of a session and its CSRF token.
fn signed_in(server: &Server) -> (String, String) {
    let session = server
        .app
        .access
        .sign_in(server.app.access.link_token(), None)
        .expect("signs in");
    (
        format!("theme=dark; persons_session={}", session.cookie),
        session.csrf,
    )
}

#[tokio::test]
async fn a_session_reads_for_pages_of_this_server_only() {
    let server = Server::new();
    let (cookie, _) = signed_in(&server);
    for headers in [
        &[][..],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
        &[
            ("origin", "http://localhost:8000"),
            ("sec-fetch-site", "same-origin"),
        ],
    ] {
        let headers = [headers, &[("cookie", cookie.as_str())]].concat();
        assert_eq!(
            get_with(&server, &headers).await.status.as_u16(),
            200,
            "{headers:?}"
        );
    }
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "http://localhost:3000")],
        &[("origin", "https://localhost:8000")],
        &[("origin", "null")],
        &[
            ("origin", "http://evil.example"),
            ("sec-fetch-site", "same-origin"),
        ],
    ] {
        let headers = [headers, &[("cookie", cookie.as_str())]].concat();
        is_nobody(&get_with(&server, &headers).await);
    }
    is_nobody(&get_with(&server, &[("cookie", "persons_session=guess")]).await);
}

#[tokio::test]
async fn a_session_writes_only_with_its_token() {
    let server = Server::new();
    let (cookie, csrf) = signed_in(&server);
    let write = |headers: &[(&str, &str)]| {
        let body = Body::from(r#"{"name":"x","is_static":true,"distinct_ids":[]}"#);
        let request = with(bare(Method::POST, "/api/cohorts/", body), headers);
        with(
            request,
            &[("cookie", &cookie), ("content-type", "application/json")],
        )
    };
    assert_eq!(
        server
            .send(write(&[("x-csrftoken", &csrf)]))
            .await
            .status
            .as_u16(),
        201
    );
    let missing = server.send(write(&[])).await;
    missing.is_error(
        403,
        "authentication_error",
        "permission_denied",
        "CSRF Failed: CSRF token missing.",
    );
    let wrong = server.send(write(&[("x-csrftoken", "guess")])).await;
    wrong.is_error(
        403,
        "authentication_error",
        "permission_denied",
        "CSRF Failed: CSRF token incorrect.",
    );
    let foreign = server
        .send(write(&[
            ("x-csrftoken", &csrf),
            ("origin", "http://evil.example"),
        ]))
        .await;
    is_nobody(&foreign);
}

#[tokio::test]
async fn a_wrong_key_is_not_rescued_by_a_session() {
    let server = Server::new();
    let (cookie, _) = signed_in(&server);
    let headers = [
        ("cookie", cookie.as_str()),
        ("authorization", "Bearer phx_wrong"),
    ];
    assert_eq!(get_with(&server, &headers).await.status.as_u16(), 401);
}
