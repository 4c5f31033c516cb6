//! Bodies and URLs that are too large or not what they say.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use crate::server::{Server, bare};

fn typed(mut request: Request<Body>, kind: &str) -> Request<Body> {
    request
        .headers_mut()
        .insert(header::CONTENT_TYPE, kind.parse().expect("valid"));
    request
}

#[tokio::test]
async fn large_bodies_are_refused_whether_or_not_they_say_how_large() {
    let server = Server::new();
    let large = "x".repeat(10 << 20);
    let announced = server.request(
        Method::POST,
        "/api/person/batch_by_uuids/",
        Body::from(large.clone()),
    );
    let chunks =
        futures_util::stream::iter((0..3).map(|_| Ok::<_, std::io::Error>("x".repeat(1 << 20))));
    let streamed = server.request(
        Method::POST,
        "/api/person/batch_by_uuids/",
        Body::from_stream(chunks),
    );
    let mut lying = server.request(
        Method::POST,
        "/api/person/batch_by_uuids/",
        Body::from("{}"),
    );
    lying
        .headers_mut()
        .insert(header::CONTENT_LENGTH, (10 << 20).into());
    for request in [announced, streamed, lying] {
        let answer = server.send(typed(request, "application/json")).await;
        answer.is_error(
            413,
            "invalid_request",
            "request_too_large",
            "The request body is larger than 1048576 bytes.",
        );
    }
}

#[tokio::test]
async fn a_list_of_distinct_ids_may_be_larger() {
    let server = Server::new();
    let ids: Vec<String> = (0..100_000).map(|n| format!("distinct-id-{n}")).collect();
    let answer = server
        .post(
            "/api/cohorts/",
            &json!({"name": "x", "is_static": true, "distinct_ids": ids}),
        )
        .await;
    assert_eq!(answer.status.as_u16(), 201);
}

#[tokio::test]
async fn long_urls_are_refused() {
    let server = Server::new();
    let answer = server
        .get(&format!("/api/person/?x={}", "x".repeat(17 << 10)))
        .await;
    answer.is_error(
        414,
        "invalid_request",
        "url_too_long",
        "The URL is longer than 16384 bytes.",
    );
}

#[tokio::test]
async fn a_body_that_is_not_its_type_is_a_parse_error() {
    let server = Server::new();
    let deep = "[".repeat(100_000);
    for body in ["{", "{\"a\":1,}", "nonsense", "\u{feff}{}", deep.as_str()] {
        let request = server.request(
            Method::POST,
            "/api/person/batch_by_uuids/",
            Body::from(body.to_owned()),
        );
        let answer = server.send(typed(request, "application/json")).await;
        assert_eq!(answer.status.as_u16(), 400);
        assert_eq!(answer.json()["code"], "parse_error");
        assert!(
            answer.json()["detail"]
                .as_str()
                .is_some_and(|text| text.starts_with("JSON parse error - "))
        );
    }
    let not_utf8 = server.request(
        Method::POST,
        "/api/person/batch_by_uuids/",
        Body::from(vec![b'"', 0xff, b'"']),
    );
    assert_eq!(
        server
            .send(typed(not_utf8, "application/json"))
            .await
            .json()["code"],
        "parse_error"
    );
}

#[tokio::test]
async fn json_that_is_no_object_is_invalid() {
    let server = Server::new();
    let answer = server
        .post("/api/person/batch_by_uuids/", &json!([1]))
        .await;
    answer.is_error(
        400,
        "validation_error",
        "invalid_input",
        "Invalid data. Expected an object, but got a list.",
    );
}

#[tokio::test]
async fn other_types_are_not_supported() {
    let server = Server::new();
    let request = server.request(Method::POST, "/api/person/batch_by_uuids/", Body::from("x"));
    let answer = server.send(typed(request, "text/weird")).await;
    answer.is_error(
        415,
        "invalid_request",
        "unsupported_media_type",
        "Unsupported media type \"text/weird\" in request.",
    );
}

#[tokio::test]
async fn no_body_is_an_empty_object() {
    let server = Server::new();
    let request = server.request(
        Method::POST,
        "/api/person/batch_by_distinct_ids/",
        Body::empty(),
    );
    assert_eq!(server.send(request).await.json(), json!({"results": {}}));
}

#[tokio::test]
async fn capture_takes_two_megabytes_and_a_batch_twenty() {
    let server = Server::new();
    let three = "x".repeat(3 << 20);
    for path in ["/e/", "/i/v0/e/", "/capture", "/track"] {
        let answer = server
            .send(bare(Method::POST, path, Body::from(three.clone())))
            .await;
        assert_eq!(answer.status.as_u16(), 413, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
    let answer = server
        .send(bare(Method::POST, "/batch/", Body::from(three)))
        .await;
    assert_eq!(answer.status.as_u16(), 400);
    let answer = server
        .send(bare(
            Method::POST,
            "/batch/",
            Body::from("x".repeat(21 << 20)),
        ))
        .await;
    assert_eq!(answer.status.as_u16(), 413);
}
