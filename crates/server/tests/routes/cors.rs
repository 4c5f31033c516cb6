//! What pages from elsewhere may do.

use axum::body::Body;
use axum::http::{Method, header};

use crate::server::{Answer, Server, bare};

async fn preflight(path: &str) -> Answer {
    let mut request = bare(Method::OPTIONS, path, Body::empty());
    let headers = request.headers_mut();
    headers.insert(
        header::ORIGIN,
        "https://app.example".parse().expect("valid"),
    );
    headers.insert(
        "access-control-request-method",
        "PATCH".parse().expect("valid"),
    );
    headers.insert(
        "access-control-request-headers",
        "authorization,content-type".parse().expect("valid"),
    );
    Server::new().send(request).await
}

#[tokio::test]
async fn the_api_is_open_to_any_page_with_a_key_of_its_own() {
    let answer = preflight("/api/projects/@current/persons/1/").await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(
        answer.header("access-control-allow-methods"),
        Some("DELETE,GET,OPTIONS,PATCH,POST,PUT")
    );
    let allowed = answer
        .header("access-control-allow-headers")
        .unwrap_or_default()
        .to_owned();
    for name in [
        "authorization",
        "content-type",
        "content-encoding",
        "x-csrftoken",
        "traceparent",
    ] {
        assert!(allowed.split(',').any(|allowed| allowed == name), "{name}");
    }
}

#[tokio::test]
async fn answers_and_errors_can_be_read_by_any_page() {
    let server = Server::new();
    for path in ["/api/person/", "/api/nothing/", "/api/person/x/"] {
        let mut request = server.request(Method::GET, path, Body::empty());
        request.headers_mut().insert(
            header::ORIGIN,
            "https://app.example".parse().expect("valid"),
        );
        let answer = server.send(request).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("*"),
            "{path}"
        );
        assert_eq!(
            answer.header("access-control-expose-headers"),
            Some("retry-after")
        );
    }
    let mut request = bare(Method::PUT, "/api/person/", Body::empty());
    request.headers_mut().insert(
        header::ORIGIN,
        "https://app.example".parse().expect("valid"),
    );
    assert_eq!(
        server
            .send(request)
            .await
            .header("access-control-allow-origin"),
        Some("*")
    );
}

#[tokio::test]
async fn capture_mirrors_the_origin_and_asks_for_no_credentials() {
    let answer = preflight("/e/?compression=gzip-js").await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.example")
    );
    assert_eq!(
        answer.header("access-control-allow-headers"),
        Some("authorization,content-type")
    );
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn the_app_and_the_sign_in_link_are_not_open_to_other_pages() {
    for path in ["/", "/signin/x", "/healthz"] {
        let mut request = bare(Method::GET, path, Body::empty());
        request.headers_mut().insert(
            header::ORIGIN,
            "https://app.example".parse().expect("valid"),
        );
        let answer = Server::new().send(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}
