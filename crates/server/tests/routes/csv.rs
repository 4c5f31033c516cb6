//! Any answer as CSV.

use axum::http::Method;
use serde_json::json;

use crate::server::{Server, event};

const CSV: &str = "/api/projects/@current/persons.csv";

#[tokio::test]
async fn the_list_has_the_columns_and_cells_of_the_contract() {
    let server = Server::new();
    let anonymous = "0f0e-aa11-bb22-cc33-dd44ee55";
    server
        .capture(vec![
            event("$set", "grace", "2024-05-01T09:00:00Z", json!({"$set": {"$os": "Mac, \"OS\"", "none": null}, "$unset": ["$creator_event_uuid"]})),
            event("$identify", "ada@example.com", "2024-05-01T10:00:00.252Z", json!({
                "$anon_distinct_id": anonymous,
                "$set": {"email": "ada@example.com", "plan": {"tier": "pro", "tags": []}, "ok": true, "formula": "=1+1"},
                "$unset": ["$creator_event_uuid"],
            })),
        ])
        .await;
    let (ada, grace) = (
        server.person("ada@example.com").await,
        server.person("grace").await,
    );
    let answer = server.get(CSV).await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"persons.csv\"")
    );
    assert_eq!(
        answer.text(),
        format!(
            "created_at,distinct_id_count,distinct_ids.0,distinct_ids.1,id,is_identified,last_seen_at,name,properties.$os,properties.email,properties.formula,properties.none,properties.ok,properties.plan.tier,uuid\r\n\
             2024-05-01 10:00:00.252000+00:00,2,ada@example.com,{anonymous},2,True,2024-05-01 10:00:00.252000+00:00,ada@example.com,,ada@example.com,=1+1,,True,pro,{}\r\n\
             2024-05-01 09:00:00+00:00,1,grace,,1,False,2024-05-01 09:00:00+00:00,grace,\"Mac, \"\"OS\"\"\",,,,,,{}\r\n",
            ada.uuid, grace.uuid
        )
    );
}

#[tokio::test]
async fn a_list_is_the_whole_answer_whatever_the_page() {
    let server = Server::new();
    let events = (0..2500).map(|n| {
        event(
            "$set",
            &format!("d{n}"),
            "2024-05-01T10:00:00Z",
            json!({"$set": {"n": n % 2}}),
        )
    });
    server.capture(events.collect()).await;
    let answer = server.get(&format!("{CSV}?limit=10&offset=5")).await;
    assert_eq!(answer.text().lines().count(), 2501);
    assert_eq!(
        answer
            .text()
            .lines()
            .nth(1)
            .and_then(|line| line.split(',').nth(2).map(str::to_owned))
            .as_deref(),
        Some("d2499")
    );
    let odd = format!("{CSV}?properties=%5B%7B%22key%22:%22n%22,%22value%22:1%7D%5D");
    assert_eq!(server.get(&odd).await.text().lines().count(), 1251);
}

#[tokio::test]
async fn nobody_is_an_empty_file() {
    let answer = Server::new().get(CSV).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, ""));
}

#[tokio::test]
async fn every_endpoint_answers_in_csv() {
    let server = Server::new();
    server.people(&[("ada", json!({"plan": "pro"}))]).await;
    let cases = [
        (
            "/api/person/1.csv",
            "created_at,distinct_id_count,distinct_ids.0,id,",
        ),
        ("/api/person/values.csv?key=plan", "count,name\r\n1,pro\r\n"),
        (
            "/api/event_definitions/?format=csv",
            "created_at,id,last_seen_at,name\r\n2024-05-01 10:00:00+00:00,",
        ),
        ("/api/projects/@current.csv", "access_control,api_token,"),
        ("/api/users/@me/?format=csv", "date_joined,"),
        ("/api/person/cohorts.csv?person_id=1", ""),
    ];
    for (path, start) in cases {
        let answer = server.get(path).await;
        assert_eq!(
            answer.header("content-type"),
            Some("text/csv; charset=utf-8"),
            "{path}"
        );
        assert!(
            answer.text().starts_with(start),
            "{path}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn errors_stay_json() {
    let server = Server::new();
    server.get("/api/person/4711.csv").await.is_error(
        404,
        "invalid_request",
        "not_found",
        "Not found.",
    );
    server
        .get(&format!("{CSV}?properties=x"))
        .await
        .is_invalid("properties");
    let answer = server.write(Method::PUT, CSV, &json!({})).await;
    answer.is_error(
        405,
        "invalid_request",
        "method_not_allowed",
        "Method \"PUT\" not allowed.",
    );
}
