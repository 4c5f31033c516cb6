//! `persons/values/`

use serde_json::{Value, json};

use crate::server::Server;

const VALUES: &str = "/api/projects/@current/persons/values/";

async fn some() -> Server {
    let server = Server::new();
    server
        .people(&[
            (
                "a",
                json!({"plan": "pro", "mixed": true, "many": {"b": 1, "a": [2]}}),
            ),
            ("b", json!({"plan": "pro", "mixed": "true", "many": 7})),
            ("c", json!({"plan": "QWERTY", "mixed": 1})),
            ("d", json!({"plan": "", "mixed": null})),
            ("e", json!({})),
        ])
        .await;
    server
}

#[tokio::test]
async fn values_are_counted_most_frequent_first() {
    let server = some().await;
    assert_eq!(
        server.get(&format!("{VALUES}?key=plan")).await.json(),
        json!([{"name": "pro", "count": 2}, {"name": "QWERTY", "count": 1}])
    );
}

#[tokio::test]
async fn values_are_narrowed_ignoring_case() {
    let server = some().await;
    let answer = server
        .get(&format!("{VALUES}?key=plan&value=qw"))
        .await
        .json();
    assert_eq!(answer, json!([{"name": "QWERTY", "count": 1}]));
    assert_eq!(
        server
            .get(&format!("{VALUES}?key=plan&value=zzz"))
            .await
            .json(),
        json!([])
    );
}

#[tokio::test]
async fn values_are_texts_and_those_that_read_the_same_are_one() {
    let server = some().await;
    assert_eq!(
        server.get(&format!("{VALUES}?key=mixed")).await.json(),
        json!([{"name": "true", "count": 2}, {"name": "1", "count": 1}])
    );
    assert_eq!(
        server.get(&format!("{VALUES}?key=many")).await.json(),
        json!([{"name": "7", "count": 1}, {"name": "{\"a\":[2],\"b\":1}", "count": 1}])
    );
}

#[tokio::test]
async fn no_key_an_unknown_one_and_a_virtual_one_have_no_values() {
    let server = some().await;
    for query in ["", "?key=", "?key=unknown", "?key=$virt_revenue"] {
        assert_eq!(
            server.get(&format!("{VALUES}{query}")).await.json(),
            json!([])
        );
    }
}

#[tokio::test]
async fn at_most_twenty_values_are_shown() {
    let server = Server::new();
    for n in 0..50 {
        server
            .people(&[(&format!("d{n}"), json!({"n": format!("v{n:02}")}))])
            .await;
    }
    let answer = server.get(&format!("{VALUES}?key=n")).await.json();
    let values = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(values.len(), 20);
    assert_eq!(
        values.first().map(|value| &value["name"]),
        Some(&Value::from("v00"))
    );
}
