//! `actions/`, and questions about them.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{Server, escaped, event};

const ACTIONS: &str = "/api/projects/@current/actions/";

/// Ada looks at pages 1 and 2 and leaves; grace looks at page 1.
async fn server() -> Server {
    let server = Server::new();
    let view = |id: &str, page: i64| {
        let url = format!("https://example.com/{page}");
        event(
            "view",
            id,
            "2024-05-02T09:00:00Z",
            json!({"page": page, "$current_url": url}),
        )
    };
    server
        .capture(vec![
            view("ada", 1),
            view("ada", 2),
            view("grace", 1),
            event("leave", "ada", "2024-05-02T10:00:00Z", json!({})),
        ])
        .await;
    server
}

async fn create(server: &Server, steps: Value) -> Value {
    let answer = server
        .post(ACTIONS, &json!({"name": "Look", "steps": steps}))
        .await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text());
    answer.json()
}

/// How often an action happened, or why that cannot be said.
async fn total(server: &Server, id: &Value) -> Value {
    let actions = escaped(&json!([{"id": id}]).to_string());
    let dates = "date_from=2024-05-02&date_to=2024-05-02";
    let answer = server
        .get(&format!("/api/insight/trend/?{dates}&actions={actions}"))
        .await
        .json();
    match answer.get("detail") {
        Some(detail) => detail.clone(),
        None => json!([answer["result"][0]["label"], answer["result"][0]["data"][0]]),
    }
}

#[tokio::test]
async fn an_action_is_made_used_changed_and_deleted() {
    let server = server().await;
    let steps = json!([
        {"event": "view", "properties": [{"key": "page", "value": 2}]},
        {"event": "leave"},
    ]);
    let action = create(&server, steps.clone()).await;
    assert_eq!((&action["id"], &action["steps"]), (&json!(1), &steps));
    assert_eq!(total(&server, &action["id"]).await, json!(["Look", 2.0]));
    let on_first = json!({"name": "First", "steps": [{"event": "view", "url": "/1"}]});
    let path = format!("{ACTIONS}1/");
    let changed = server.write(Method::PATCH, &path, &on_first).await.json();
    assert_eq!(changed["name"], "First");
    assert_eq!(server.get(&path).await.json(), changed);
    // What was answered before is not the answer any more.
    assert_eq!(total(&server, &json!("1")).await, json!(["First", 2.0]));
    let deleted = server
        .send(server.request(Method::DELETE, &path, Body::empty()))
        .await;
    assert_eq!(deleted.status.as_u16(), 204);
    assert_eq!(
        total(&server, &json!(1)).await,
        json!("Action ID 1 does not exist!")
    );
    assert_eq!(server.get(ACTIONS).await.json()["count"], 0);
    let again = server
        .send(server.request(Method::DELETE, &path, Body::empty()))
        .await;
    assert_eq!(again.status.as_u16(), 404);
    server
        .write(Method::PATCH, &path, &json!({"deleted": false}))
        .await;
    assert_eq!(total(&server, &json!(1)).await, json!(["First", 2.0]));
}

#[tokio::test]
async fn actions_are_listed_newest_first() {
    let server = server().await;
    for name in ["One", "Two", "Three"] {
        server.post(ACTIONS, &json!({"name": name})).await;
    }
    let names = async |query: &str| {
        let body = server.get(&format!("{ACTIONS}?{query}")).await.json();
        let rows = body["results"].as_array().expect("rows").clone();
        rows.into_iter()
            .map(|row| row["name"].as_str().expect("a text").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Three", "Two", "One"]);
    assert_eq!(names("search=T").await, ["Three", "Two"]);
    assert_eq!(names("limit=1&offset=1").await, ["Two"]);
}

#[tokio::test]
async fn people_and_events_of_an_action() {
    let server = server().await;
    create(
        &server,
        json!([{"event": "view", "url": "/2$", "url_matching": "regex"}]),
    )
    .await;
    let people = "/api/person/trends/?entity_id=1&entity_type=actions&date_from=2024-05-02";
    let body = server.get(people).await.json();
    let group = &body["results"][0];
    assert_eq!(
        (&group["count"], &group["people"][0]["distinct_ids"][0]),
        (&json!(1), &json!("ada"))
    );
    let events = server.get("/api/event/?action_id=1").await.json();
    assert_eq!(events["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(events["results"][0]["properties"]["page"], 2);
}

#[tokio::test]
async fn a_timeline_knows_actions_that_are_names_of_events() {
    let server = server().await;
    create(&server, json!([{"event": "leave"}, {"event": "view"}])).await;
    create(&server, json!([{"event": "view", "url": "/1"}])).await;
    let of = async |id: i64| {
        let actions = escaped(&json!([{"id": id}]).to_string());
        let dates = "date_from=2024-05-02&date_to=2024-05-02";
        let path = format!("/api/person/1/properties_timeline/?{dates}&actions={actions}");
        server.get(&path).await
    };
    assert_eq!(of(1).await.json()["points"][0]["relevant_event_count"], 3);
    of(2).await.is_invalid("actions");
    of(3).await.is_invalid("actions");
}

#[tokio::test]
async fn what_means_nothing_is_refused() {
    let server = server().await;
    server.post(ACTIONS, &json!({})).await.is_invalid("name");
    for steps in [
        json!("x"),
        json!([{"selector": "button"}]),
        json!([{"properties": [{"key": "a", "operator": "regex", "value": "("}]}]),
        json!([{"properties": [{"key": "id", "type": "cohort", "value": 9}]}]),
    ] {
        let body = json!({"name": "x", "steps": steps});
        server.post(ACTIONS, &body).await.is_invalid("steps");
    }
    assert_eq!(
        server.get(&format!("{ACTIONS}7/")).await.status.as_u16(),
        404
    );
    let reader = Server::with_scopes(&["action:read"]);
    assert_eq!(reader.get(ACTIONS).await.status.as_u16(), 200);
    assert_eq!(
        reader
            .post(ACTIONS, &json!({"name": "x"}))
            .await
            .status
            .as_u16(),
        403
    );
}

#[tokio::test]
async fn actions_survive_a_restart() {
    let folder = std::env::temp_dir().join(format!("persons-actions-{}", uuid::Uuid::now_v7()));
    let data = folder.join("persons.sqlite");
    let before = {
        let server = Server::on_disk(&data);
        create(&server, json!([{"event": "view"}])).await;
        create(&server, json!([{"event": "leave"}])).await;
        server
            .write(
                Method::PATCH,
                &format!("{ACTIONS}1/"),
                &json!({"deleted": true}),
            )
            .await;
        server.get(ACTIONS).await.json()
    };
    let server = Server::on_disk(&data);
    assert_eq!(server.get(ACTIONS).await.json(), before);
    assert_eq!(total(&server, &json!(2)).await, json!(["Look", 0.0]));
    assert_eq!(
        total(&server, &json!(1)).await,
        json!("Action ID 1 does not exist!")
    );
    drop(server);
    std::fs::remove_dir_all(folder).expect("was there");
}

#[tokio::test]
async fn concurrent_changes_of_an_action_are_all_kept() {
    let folder = std::env::temp_dir().join(format!("persons-actions-{}", uuid::Uuid::now_v7()));
    let server = Server::on_disk(&folder.join("persons.sqlite"));
    create(&server, json!([{"event": "view"}])).await;
    let path = format!("{ACTIONS}1/");
    let changes = [
        json!({"name": "New name"}),
        json!({"description": "New description"}),
        json!({"steps": [{"event": "leave"}]}),
    ];
    let changes = changes.map(|change| server.json_request(Method::PATCH, &path, &change));
    for answer in server.send_as_group(changes.into()).await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let action = server.get(&path).await.json();
    assert_eq!(action["name"], "New name");
    assert_eq!(action["description"], "New description");
    assert_eq!(action["steps"], json!([{"event": "leave"}]));
    drop(server);
    let again = Server::on_disk(&folder.join("persons.sqlite"));
    assert_eq!(again.get(&path).await.json(), action);
    drop(again);
    std::fs::remove_dir_all(folder).expect("ours");
}
