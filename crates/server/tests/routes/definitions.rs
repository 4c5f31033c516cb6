//! `event_definitions/`, `property_definitions/`.

use axum::http::Method;
use persons_api::{EventDefinition, Page, PropertyDefinition, PropertyType};
use serde_json::json;

use crate::server::{Server, event};

async fn some() -> Server {
    let server = Server::new();
    server
        .capture(vec![
            event("$pageview", "ada", "2024-05-01T10:00:00Z", json!({"$current_url": "/", "load": 1.5, "$set": {"age": 36, "joined": "2024-01-01"}})),
            event("paid", "ada", "2024-05-02T10:00:00Z", json!({"amount": 10, "gift": true})),
            event("$pageview", "ada", "2024-05-03T10:00:00Z", json!({})),
        ])
        .await;
    server
}

async fn events(server: &Server, query: &str) -> Vec<String> {
    let answer = server.get(&format!("/api/event_definitions/{query}")).await;
    let page: Page<EventDefinition> =
        serde_json::from_slice(&answer.body).expect("the shared type");
    page.results.into_iter().map(|event| event.name).collect()
}

async fn keys(server: &Server, query: &str) -> Vec<String> {
    let answer = server
        .get(&format!(
            "/api/projects/@current/property_definitions/{query}"
        ))
        .await;
    let page: Page<PropertyDefinition> =
        serde_json::from_slice(&answer.body).expect("the shared type");
    page.results
        .into_iter()
        .map(|property| property.name)
        .collect()
}

#[tokio::test]
async fn events_are_listed_with_their_first_and_latest_time() {
    let server = some().await;
    let answer = server
        .get("/api/projects/@current/event_definitions/")
        .await;
    let page: Page<EventDefinition> =
        serde_json::from_slice(&answer.body).expect("the shared type");
    assert_eq!(page.count, Some(2));
    let view = &page.results[0];
    assert_eq!(
        view.created_at.map(|at| at.to_string()).as_deref(),
        Some("2024-05-01T10:00:00Z")
    );
    assert_eq!(
        view.last_seen_at.map(|at| at.to_string()).as_deref(),
        Some("2024-05-03T10:00:00Z")
    );
    let again = server.get("/api/event_definitions/?search=PAGEVIEW").await;
    assert_eq!(again.json()["results"][0]["id"], view.id.to_string());
}

#[tokio::test]
async fn events_are_narrowed_ordered_and_paged() {
    let server = some().await;
    assert_eq!(events(&server, "").await, ["$pageview", "paid"]);
    assert_eq!(
        events(&server, "?ordering=-name").await,
        ["paid", "$pageview"]
    );
    assert_eq!(
        events(&server, "?ordering=last_seen_at").await,
        ["paid", "$pageview"]
    );
    assert_eq!(events(&server, "?event_type=event_custom").await, ["paid"]);
    assert_eq!(
        events(&server, "?event_type=event_posthog").await,
        ["$pageview"]
    );
    assert_eq!(events(&server, "?search=AI").await, ["paid"]);
    assert_eq!(events(&server, "?limit=1&offset=1").await, ["paid"]);
}

#[tokio::test]
async fn property_keys_are_those_of_people_or_of_events() {
    let server = some().await;
    let person = keys(&server, "?type=person").await;
    assert!(person.contains(&"age".to_owned()) && person.contains(&"joined".to_owned()));
    assert!(!person.contains(&"amount".to_owned()));
    let event = keys(&server, "").await;
    assert!(event.contains(&"amount".to_owned()) && event.contains(&"gift".to_owned()));
    assert_eq!(keys(&server, "?type=group").await, Vec::<String>::new());
    server
        .get("/api/property_definitions/?type=colour")
        .await
        .is_invalid("type");
}

#[tokio::test]
async fn property_keys_have_types_and_are_narrowed() {
    let server = some().await;
    let answer = server
        .get("/api/property_definitions/?type=person&properties=age,joined,unknown")
        .await;
    let page: Page<PropertyDefinition> =
        serde_json::from_slice(&answer.body).expect("the shared type");
    let types: Vec<_> = page
        .results
        .iter()
        .map(|key| (key.name.as_str(), key.property_type, key.is_numerical))
        .collect();
    assert_eq!(
        types,
        [
            ("age", Some(PropertyType::Numeric), true),
            ("joined", Some(PropertyType::DateTime), false),
        ]
    );
    assert_eq!(
        keys(&server, "?is_numerical=true").await,
        ["amount", "load"]
    );
    assert_eq!(keys(&server, "?search=GIF").await, ["gift"]);
    assert_eq!(
        keys(&server, "?is_numerical=true&limit=1&offset=1").await,
        ["load"]
    );
}

/// The keys and names that only a deleted person's events had are listed no more, nor after a restart.
#[tokio::test]
async fn definitions_that_only_deleted_events_had_are_gone() {
    let folder = std::env::temp_dir().join(format!("persons-definitions-{}", uuid::Uuid::now_v7()));
    let file = folder.join("persons.sqlite");
    let server = Server::on_disk(&file);
    server
        .capture(vec![
            event(
                "viewed",
                "ada",
                "2024-05-01T10:00:00Z",
                json!({"shared": 1, "her own": "x", "$set": {"secret": 1}}),
            ),
            event(
                "paid in gold",
                "ada",
                "2024-05-01T11:00:00Z",
                json!({"amount": 1}),
            ),
            event(
                "viewed",
                "grace",
                "2024-05-01T12:00:00Z",
                json!({"shared": 2, "$set": {"plan": "pro"}}),
            ),
        ])
        .await;
    let ada = server.person("ada").await;
    let path = format!(
        "/api/projects/@current/persons/{}/?delete_events=true",
        ada.uuid
    );
    let deleted = server.write(Method::DELETE, &path, &json!({})).await;
    assert_eq!(deleted.status.as_u16(), 204);
    let deletions = server.app.project.delete_waiting_events();
    deletions.await.expect("deleted");
    let check = async |server: &Server| {
        assert_eq!(keys(server, "").await, ["$set", "shared"]);
        assert_eq!(events(server, "").await, ["viewed"]);
        assert!(
            !keys(server, "?type=person")
                .await
                .contains(&"secret".to_owned())
        );
    };
    check(&server).await;
    drop(server);
    check(&Server::on_disk(&file)).await;
    std::fs::remove_dir_all(folder).expect("ours");
}
