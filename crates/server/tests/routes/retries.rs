//! An event whose UUID, name, and distinct id are stored already changes nothing at all.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use crate::server::{Server, bare};

const API: &str = "/api/projects/@current";
const UUID: &str = "01890000-0000-7000-8000-000000000001";

/// An event with a fixed UUID.
fn event(name: &str, distinct_id: &str, properties: Value) -> Value {
    json!({"uuid": UUID, "event": name, "distinct_id": distinct_id, "timestamp": "2024-05-01T10:00:00Z", "properties": properties})
}

fn request(server: &Server, batch: &Value) -> Request<Body> {
    let token = &server.app.project.info().api_token;
    let body = json!({"api_key": token, "batch": batch});
    let mut request = bare(Method::POST, "/batch/", Body::from(body.to_string()));
    let json = "application/json".parse().expect("valid");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    request
}

async fn send(server: &Server, batch: Value) {
    let answer = server.send(request(server, &batch)).await;
    assert_eq!(answer.json(), json!({"status": "Ok"}));
}

/// Everything that the API shows of people and events.
async fn everything(server: &Server) -> Vec<Value> {
    let mut shown = Vec::new();
    for path in [
        "persons/",
        "persons/activity/",
        "events/",
        "event_definitions/",
        "property_definitions/?limit=1000",
        "property_definitions/?type=person&limit=1000",
        "ingestion_warnings/",
    ] {
        shown.push(server.get(&format!("{API}/{path}")).await.json());
    }
    let people = shown[0]["results"].as_array().cloned().expect("a list");
    for person in people {
        let id = &person["id"];
        let activity = format!("{API}/persons/{id}/activity/");
        shown.push(server.get(&activity).await.json());
    }
    shown
}

/// Sends batches and checks that nothing changes.
async fn changes_nothing(server: &Server, batches: &[Value]) {
    let before = everything(server).await;
    for batch in batches {
        send(server, batch.clone()).await;
        assert_eq!(everything(server).await, before, "after {batch}");
    }
}

async fn url(server: &Server, distinct_id: &str) -> String {
    format!("{API}/persons/{}/", server.person(distinct_id).await.uuid)
}

#[tokio::test]
async fn a_retry_does_not_revert_an_edit() {
    let server = Server::new();
    let set = json!([event(
        "$set",
        "ada",
        json!({"$set": {"plan": "free"}, "$unset": ["seats"]})
    )]);
    send(&server, set.clone()).await;
    let edit = json!({"properties": {"plan": "pro", "seats": 5}});
    server
        .write(Method::PATCH, &url(&server, "ada").await, &edit)
        .await;
    changes_nothing(&server, &[set]).await;
    assert_eq!(server.person("ada").await.properties["plan"], "pro");
}

#[tokio::test]
async fn a_retry_does_not_undo_a_split() {
    let server = Server::new();
    let other = json!([{"event": "view", "distinct_id": "anonymous-1"}]);
    send(&server, other).await;
    let identify = json!([event(
        "$identify",
        "ada",
        json!({"$anon_distinct_id": "anonymous-1"})
    )]);
    send(&server, identify.clone()).await;
    let split = format!("{}split/", url(&server, "ada").await);
    server.post(&split, &json!({})).await;
    assert_eq!(server.person("ada").await.distinct_ids, ["ada"]);
    changes_nothing(&server, &[identify]).await;
}

#[tokio::test]
async fn a_retry_does_not_revive_a_deleted_person() {
    for query in ["", "?delete_events=true"] {
        let server = Server::new();
        let view = json!([event("view", "ada", json!({}))]);
        send(&server, view.clone()).await;
        let path = format!("{}{query}", url(&server, "ada").await);
        let delete = server.request(Method::DELETE, &path, Body::empty());
        assert_eq!(server.send(delete).await.status, 204);
        changes_nothing(&server, &[view]).await;
        assert_eq!(server.app.project.read().len(), 0);
    }
}

#[tokio::test]
async fn an_event_that_was_deleted_is_new_when_it_is_sent_again() {
    let server = Server::new();
    let view = json!([event("view", "ada", json!({"$set": {"plan": "free"}}))]);
    send(&server, view.clone()).await;
    let path = format!("{}?delete_events=true", url(&server, "ada").await);
    let delete = server.request(Method::DELETE, &path, Body::empty());
    server.send(delete).await;
    let project = &server.app.project;
    project.delete_waiting_events().await.expect("deleted");
    assert_eq!(project.event_count().expect("counts"), 0);
    send(&server, view).await;
    assert_eq!(server.person("ada").await.properties["plan"], "free");
    assert_eq!(project.event_count().expect("counts"), 1);
}

#[tokio::test]
async fn an_event_with_a_known_identity_and_other_contents_changes_nothing() {
    let server = Server::new();
    send(&server, json!([event("$identify", "ada", json!({}))])).await;
    let later = |name: &str, properties: Value| {
        let mut event = event(name, "ada", properties);
        event["timestamp"] = "2024-06-01T10:00:00Z".into();
        json!([event])
    };
    changes_nothing(
        &server,
        &[
            later("$identify", json!({"new_key": 1, "$set": {"plan": "pro"}})),
            later("$identify", json!({"$anon_distinct_id": "new-id"})),
            later("$identify", json!({"$anon_distinct_id": "null"})),
        ],
    )
    .await;
    assert!(
        server
            .app
            .project
            .read()
            .distinct_id_number("new-id")
            .is_none()
    );
}

#[tokio::test]
async fn an_event_with_another_name_or_distinct_id_is_another_event() {
    let server = Server::new();
    for (number, (name, id)) in [("view", "ada"), ("buy", "ada"), ("view", "grace")]
        .into_iter()
        .enumerate()
    {
        send(&server, json!([event(name, id, json!({}))])).await;
        let count = server.app.project.event_count().expect("counts");
        assert_eq!(count, number as u64 + 1);
    }
}

#[tokio::test]
async fn an_event_that_is_twice_in_a_batch_counts_once() {
    let server = Server::new();
    let set = |plan: &str| event("$set", "ada", json!({"$set": {"plan": plan}}));
    let other =
        json!({"event": "$set", "distinct_id": "ada", "properties": {"$set": {"plan": "pro"}}});
    send(
        &server,
        json!([set("free"), other, set("free"), set("none")]),
    )
    .await;
    assert_eq!(server.person("ada").await.properties["plan"], "pro");
    assert_eq!(server.app.project.event_count().expect("counts"), 2);
}

#[tokio::test]
async fn an_event_that_is_twice_in_a_group_of_requests_counts_once() {
    let server = Server::new();
    let set = |plan: &str| json!([event("$set", "ada", json!({"$set": {"plan": plan}}))]);
    let other =
        json!([{"event": "$set", "distinct_id": "ada", "properties": {"$set": {"plan": "pro"}}}]);
    let batches = [set("free"), other, set("free"), set("none")];
    let requests = batches.iter().map(|batch| request(&server, batch));
    for answer in server.send_as_group(requests.collect()).await {
        assert_eq!(answer.json(), json!({"status": "Ok"}));
    }
    assert_eq!(server.person("ada").await.properties["plan"], "pro");
    assert_eq!(server.app.project.event_count().expect("counts"), 2);
}
