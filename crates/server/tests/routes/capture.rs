//! The doors for SDKs. What they send in is tested where it is read.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::server::{Answer, Server, bare};

async fn send(server: &Server, path: &str, body: &Value) -> Answer {
    let mut request = bare(Method::POST, path, Body::from(body.to_string()));
    let json = "application/json".parse().expect("valid");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    server.send(request).await
}

fn token(server: &Server) -> &str {
    &server.app.project.info().api_token
}

#[tokio::test]
async fn every_door_takes_an_event_with_and_without_a_slash() {
    let server = Server::new();
    for (number, door) in ["/capture", "/e", "/i/v0/e", "/track", "/engage"]
        .into_iter()
        .enumerate()
    {
        for slash in ["", "/"] {
            let id = format!("id{number}{}", slash.len());
            let event = json!({"api_key": token(&server), "event": "x", "distinct_id": id, "properties": {}});
            let answer = send(&server, &format!("{door}{slash}"), &event).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()),
                (200, json!({"status": "Ok"})),
                "{door}"
            );
            assert_eq!(server.person(&id).await.distinct_ids, [id]);
        }
    }
}

#[tokio::test]
async fn a_batch_is_visible_when_it_is_acknowledged() {
    let server = Server::new();
    let item = |id: usize| json!({"event": "x", "distinct_id": format!("d{id}"), "properties": {"pad": "x".repeat(1000)}});
    let batch: Vec<Value> = (0..200).map(item).collect();
    let answer = send(
        &server,
        "/batch/",
        &json!({"api_key": token(&server), "batch": batch}),
    )
    .await;
    assert_eq!(answer.json(), json!({"status": "Ok"}));
    assert_eq!(
        server.get("/api/person/?limit=1").await.json()["count"],
        200
    );
}

#[tokio::test]
async fn the_token_of_another_project_is_taken_and_dropped() {
    let server = Server::new();
    let event = json!({"api_key": "phc_of_somebody_else", "event": "x", "distinct_id": "a"});
    assert_eq!(
        send(&server, "/e/", &event).await.json(),
        json!({"status": "Ok"})
    );
    assert_eq!(server.get("/api/person/").await.json()["count"], 0);
}

#[tokio::test]
async fn refusals_are_plain_text() {
    let server = Server::new();
    for (body, status) in [
        (json!({"event": "x", "distinct_id": "a"}), 401),
        (
            json!({"api_key": token(&server), "event": "", "distinct_id": "a"}),
            400,
        ),
        (json!({"api_key": token(&server), "batch": []}), 400),
    ] {
        let answer = send(&server, "/e/", &body).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
        assert!(!answer.text().is_empty() && !answer.text().starts_with('{'));
    }
}

#[tokio::test]
async fn stubs_keep_sdks_quiet() {
    let server = Server::new();
    let flags = send(&server, "/flags/?v=2", &json!({"token": "phc_x"})).await;
    assert_eq!(
        (
            &flags.json()["flags"],
            &flags.json()["errorsWhileComputingFlags"]
        ),
        (&json!({}), &json!(false))
    );
    let decide = send(&server, "/decide/?v=3", &json!({"token": "phc_x"})).await;
    assert_eq!(
        (
            &decide.json()["featureFlags"],
            &decide.json()["sessionRecording"]
        ),
        (&json!({}), &json!(false))
    );
    let config = server
        .send(bare(Method::GET, "/array/phc_x/config", Body::empty()))
        .await;
    assert_eq!(
        (&config.json()["token"], &config.json()["hasFeatureFlags"]),
        (&json!("phc_x"), &json!(false))
    );
    let script = server
        .send(bare(Method::GET, "/array/phc_x/config.js", Body::empty()))
        .await;
    assert_eq!(
        script.header("content-type"),
        Some("application/javascript")
    );
    assert!(
        script
            .text()
            .contains("window._POSTHOG_REMOTE_CONFIG[\"phc_x\"]=")
    );
    for path in [
        "/array/%22;alert(1)/config.js",
        "/static/array.js",
        "/array/phc_x/array.js",
    ] {
        let answer = server.send(bare(Method::GET, path, Body::empty())).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
    }
}
