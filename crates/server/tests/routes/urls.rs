//! The forms a URL may have, and what happens to all others.

use axum::body::Body;
use axum::http::Method;
use serde_json::json;

use crate::server::{Server, bare};

#[tokio::test]
async fn every_family_and_form_of_a_url_shows_the_same_people() {
    let server = Server::new();
    server.people(&[("ada", json!({}))]).await;
    let project = server.project();
    for path in [
        format!("/api/projects/{project}/persons/"),
        format!("/api/projects/{project}/persons"),
        "/api/projects/@current/persons/".into(),
        format!("/api/environments/{project}/persons"),
        "/api/environments/@current/persons/".into(),
        "/api/person/".into(),
        "/api/person".into(),
        "/api/persons/".into(),
        "/api/person.json".into(),
        "/api/person.json/".into(),
        "/api/person/?format=json".into(),
    ] {
        let answer = server.get(&path).await;
        assert_eq!(answer.ids(), ["ada"], "{path}");
    }
    for path in [
        "/api/person/1",
        "/api/environments/@current/persons/1/",
        "/api/person/1.json",
    ] {
        assert_eq!(server.get(path).await.json()["id"], 1, "{path}");
    }
}

#[tokio::test]
async fn links_keep_the_form_that_was_asked_for() {
    let server = Server::new();
    server.people(&[("a", json!({})), ("b", json!({}))]).await;
    for path in [
        "/api/person.json?limit=1",
        "/api/environments/@current/persons?limit=1",
    ] {
        assert_eq!(
            server.get(path).await.json()["next"],
            format!("http://localhost:8000{path}&offset=1")
        );
    }
}

#[tokio::test]
async fn another_project_is_not_found() {
    let server = Server::new();
    for project in ["4711", "0", "-1", "@other", "1x", "a%2Fb"] {
        for path in ["persons/", "persons/1/", "cohorts/", ""] {
            let answer = server.get(&format!("/api/projects/{project}/{path}")).await;
            answer.is_error(404, "invalid_request", "not_found", "Project not found.");
        }
    }
}

#[tokio::test]
async fn unknown_endpoints_are_not_found_even_without_a_key() {
    let server = Server::new();
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/person/1/nothing/",
        "/api/projects/@current/nothing/",
        "/api/projects/@current/users/@me/",
        "/api/person.xml",
        "/api/person/reset_person_distinct_id/",
    ] {
        let answer = server.send(bare(Method::GET, path, Body::empty())).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
        answer.is_error(404, "invalid_request", "not_found", "Endpoint not found.");
    }
}

#[tokio::test]
async fn an_unknown_format_is_not_found() {
    let server = Server::new();
    for format in ["xml", "JSON", "api"] {
        let answer = server.get(&format!("/api/person/?format={format}")).await;
        answer.is_error(404, "invalid_request", "not_found", "Not found.");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let server = Server::new();
    for (method, path, allow) in [
        (Method::PUT, "/api/person/", "GET,HEAD"),
        (Method::POST, "/api/users/@me/", "GET,HEAD"),
        (Method::GET, "/api/person/batch_by_uuids/", "POST"),
        (Method::PUT, "/api/cohorts/", "GET,HEAD,POST"),
    ] {
        let answer = server.write(method.clone(), path, &json!({})).await;
        let detail = format!("Method \"{method}\" not allowed.");
        answer.is_error(405, "invalid_request", "method_not_allowed", &detail);
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
    }
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let server = Server::new();
    let answer = server
        .send(server.request(Method::HEAD, "/api/person/", Body::empty()))
        .await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert!(answer.header("content-length").is_some());
}

#[tokio::test]
async fn a_path_that_is_not_utf_8_is_not_found() {
    let server = Server::new();
    assert_eq!(server.get("/api/person/%FF%FE/").await.status.as_u16(), 404);
}

#[tokio::test]
async fn the_server_says_that_it_is_well() {
    let answer = Server::new()
        .send(bare(Method::GET, "/healthz", Body::empty()))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (200, "ok")
    );
}
