//! The API's description of itself.

use axum::body::Body;
use axum::http::Method;
use serde_json::Value;

use crate::server::{Server, bare};

/// All operations: (method, path, operation).
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let paths = document["paths"].as_object().expect("an object");
    let of_path = |(path, item): (&String, &Value)| -> Vec<(Method, String, Value)> {
        let item = item.as_object().expect("an object");
        let method = |name: &str| name.to_ascii_uppercase().parse().expect("a method");
        item.iter()
            .map(|(name, operation)| (method(name), path.clone(), operation.clone()))
            .collect()
    };
    paths.iter().flat_map(of_path).collect()
}

#[tokio::test]
async fn what_is_described_is_there_and_wants_a_key() {
    let server = Server::new();
    let document = persons_server::http::openapi();
    let operations = operations(&document);
    assert!(operations.len() >= 17);
    for (method, path, _) in operations {
        let path = path.replace("{project}", "@current").replace("{id}", "1");
        let answer = server.send(bare(method, &path, Body::empty())).await;
        assert_eq!(answer.status.as_u16(), 401, "{path}");
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = persons_server::http::openapi();
    let mut open = vec![&document];
    let mut references = 0;
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(name) = map.get("$ref").and_then(Value::as_str) {
                    references += 1;
                    assert!(
                        document.pointer(name.trim_start_matches('#')).is_some(),
                        "{name}"
                    );
                }
                open.extend(map.values());
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    assert!(references > 20);
}

#[tokio::test]
async fn the_description_is_served_to_anybody() {
    let answer = Server::new()
        .send(bare(Method::GET, "/api/schema/", Body::empty()))
        .await;
    assert_eq!(answer.json(), persons_server::http::openapi());
}

#[tokio::test]
async fn described_objects_have_the_described_fields() {
    let server = Server::new();
    server
        .people(&[("ada", serde_json::json!({"plan": "pro"}))])
        .await;
    let filters = serde_json::json!({"properties": []});
    server
        .post(
            "/api/cohorts/",
            &serde_json::json!({"name": "All", "filters": filters}),
        )
        .await;
    let schemas = &persons_server::http::openapi()["components"]["schemas"];
    for (path, schema) in [
        ("/api/person/1/", "Person"),
        ("/api/cohorts/1/", "Cohort"),
        ("/api/projects/@current/", "Project"),
        ("/api/users/@me/", "Me"),
        ("/api/person/x/", "Error"),
    ] {
        let body = server.get(path).await.json();
        let required = schemas[schema]["required"].as_array().expect("a list");
        for field in required.iter().filter_map(Value::as_str) {
            assert!(body.get(field).is_some(), "{path} has no {field}");
        }
    }
}
