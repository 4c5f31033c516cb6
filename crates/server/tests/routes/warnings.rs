//! `ingestion_warnings/`

use serde_json::json;

use crate::server::{Server, event};

#[tokio::test]
async fn refused_merges_are_shown_newest_first() {
    let server = Server::new();
    let merge = |id: &str, other: &str| {
        event(
            "$identify",
            id,
            "2024-05-01T10:00:00Z",
            json!({"$anon_distinct_id": other}),
        )
    };
    server
        .capture(vec![merge("ada", "null"), merge("ada", "undefined")])
        .await;
    let answer = server
        .get("/api/projects/@current/ingestion_warnings/?limit=1")
        .await
        .json();
    assert_eq!(answer["count"], 2);
    assert_eq!(
        answer["next"],
        "http://localhost:8000/api/projects/@current/ingestion_warnings/?limit=1&offset=1"
    );
    let newest = &answer["results"][0];
    assert_eq!(newest["type"], "cannot_merge_with_illegal_distinct_id");
    assert_eq!(newest["details"]["illegal_distinct_id"], "undefined");
    assert!(newest["id"].is_i64() && newest["timestamp"].is_string());
}
