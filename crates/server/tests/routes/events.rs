//! `events/`.

use serde_json::{Value, json};

use crate::server::{Answer, Server, escaped, event};

const EVENTS: &str = "/api/projects/@current/events/";

/// Ada views pages 0 to 6, all but the first and the last in the same moment; grace views one; both were made
/// by an event of the day before.
async fn server() -> Server {
    let server = Server::new();
    server
        .people(&[
            ("ada", json!({"email": "ada@example.com", "secret": 1})),
            ("grace", json!({})),
        ])
        .await;
    let view = |page: i64, at: &str| event("view", "ada", at, json!({"page": page}));
    let same = (1..6).map(|page| view(page, "2024-05-02T09:00:00Z"));
    let mut events = vec![view(0, "2024-05-02T08:00:00Z")];
    events.extend(same);
    events.push(view(6, "2024-05-02T09:00:00.000001Z"));
    events.push(event(
        "view",
        "grace",
        "2024-05-02T09:00:00Z",
        json!({"page": 7}),
    ));
    server.capture(events).await;
    server
}

/// The pages that were viewed, in the order of the rows.
fn pages(answer: &Answer) -> Vec<i64> {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let body = answer.json();
    let rows = body["results"].as_array().expect("rows");
    rows.iter()
        .filter_map(|row| row["properties"]["page"].as_i64())
        .collect()
}

/// Follows the links from page to page. Says what was on each.
async fn walk(server: &Server, path: &str) -> Vec<Vec<i64>> {
    let mut answer = server.get(path).await;
    let mut found = vec![pages(&answer)];
    while let Some(next) = answer.json()["next"].as_str() {
        answer = server
            .get(next.trim_start_matches("http://localhost:8000"))
            .await;
        found.push(pages(&answer));
        assert!(found.len() < 20, "the links loop");
    }
    found
}

#[tokio::test]
async fn events_come_newest_first_with_their_person() {
    let server = server().await;
    let answer = server.get("/api/event/?event=view").await;
    assert_eq!(pages(&answer), [6, 7, 5, 4, 3, 2, 1, 0]);
    let body = answer.json();
    assert_eq!(body["next"], Value::Null);
    assert_eq!(body.as_object().map(|keys| keys.len()), Some(2));
    let newest = &body["results"][0];
    assert_eq!(newest["event"], "view");
    assert_eq!(newest["distinct_id"], "ada");
    assert_eq!(newest["timestamp"], "2024-05-02T09:00:00.000001Z");
    let person = &newest["person"];
    assert_eq!(person["properties"], json!({"email": "ada@example.com"}));
    assert_eq!(person["distinct_ids"], json!(["ada"]));
    let oldest_first = format!("{EVENTS}?event=view&orderBy={}", escaped("[\"timestamp\"]"));
    assert_eq!(
        pages(&server.get(&oldest_first).await),
        [0, 1, 2, 3, 4, 5, 7, 6]
    );
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat_events_of_one_moment() {
    let server = server().await;
    let newest = walk(&server, &format!("{EVENTS}?event=view&limit=3")).await;
    assert_eq!(newest, [vec![6, 7, 5], vec![4, 3, 2], vec![1, 0]]);
    let order = escaped("[\"timestamp\"]");
    let oldest = walk(
        &server,
        &format!("{EVENTS}?event=view&limit=3&orderBy={order}"),
    )
    .await;
    assert_eq!(oldest, [vec![0, 1, 2], vec![3, 4, 5], vec![7, 6]]);
    // A list that ends with a full page has no link to an empty one.
    assert_eq!(
        walk(&server, &format!("{EVENTS}?event=view&limit=4"))
            .await
            .len(),
        2
    );
    // The place is the link's, wherever one began.
    let offset = walk(&server, &format!("{EVENTS}?event=view&limit=3&offset=2")).await;
    assert_eq!(offset, [vec![5, 4, 3], vec![2, 1, 0]]);
}

#[tokio::test]
async fn moments_are_excluded() {
    let server = server().await;
    let nine = escaped("2024-05-02T09:00:00Z");
    let of = async |extra: &str| pages(&server.get(&format!("{EVENTS}?event=view&{extra}")).await);
    assert_eq!(of(&format!("before={nine}")).await, [0]);
    assert_eq!(of(&format!("after={nine}")).await, [6]);
    assert_eq!(of("before=2024-05-03&after=2024-05-02").await.len(), 8);
    server
        .get(&format!("{EVENTS}?before=yesterday"))
        .await
        .is_invalid("before");
    server
        .get(&format!("{EVENTS}?after=x"))
        .await
        .is_invalid("after");
}

#[tokio::test]
async fn events_of_one_person_and_of_one_distinct_id() {
    let server = server().await;
    let merge = json!({"$anon_distinct_id": "grace"});
    server
        .capture(vec![event(
            "$identify",
            "ada",
            "2024-05-03T09:00:00Z",
            merge,
        )])
        .await;
    let ada = server.person("ada").await;
    for id in [ada.uuid.to_string(), "1".into()] {
        let answer = server.get(&format!("{EVENTS}?person_id={id}")).await;
        assert_eq!(pages(&answer), [6, 7, 5, 4, 3, 2, 1, 0]);
        assert_eq!(answer.json()["results"].as_array().map(Vec::len), Some(11));
    }
    let of_id = server
        .get(&format!("{EVENTS}?distinct_id=grace&event=view"))
        .await;
    assert_eq!(pages(&of_id), [7]);
    assert_eq!(
        pages(&server.get(&format!("{EVENTS}?distinct_id=nobody")).await),
        [0; 0]
    );
    server
        .get(&format!("{EVENTS}?person_id=1&distinct_id=ada"))
        .await
        .is_invalid("person_id");
    assert_eq!(
        server
            .get(&format!("{EVENTS}?person_id=99"))
            .await
            .status
            .as_u16(),
        404
    );
}

#[tokio::test]
async fn conditions_on_events_and_people() {
    let server = server().await;
    let of = async |filters: Value| {
        let filters = escaped(&filters.to_string());
        server
            .get(&format!("{EVENTS}?event=view&properties={filters}"))
            .await
    };
    let late = json!([{"key": "page", "operator": "gte", "value": 5}]);
    assert_eq!(pages(&of(late).await), [6, 7, 5]);
    let with_email =
        json!([{"key": "email", "operator": "is_not_set", "type": "person", "value": ""}]);
    assert_eq!(pages(&of(with_email).await), [7]);
    of(json!([{"key": "page", "operator": "regex", "value": "("}]))
        .await
        .is_invalid("properties");
    server
        .get(&format!("{EVENTS}?orderBy=[\"event\"]").replace('"', "%22"))
        .await
        .is_invalid("orderBy");
}

#[tokio::test]
async fn one_event() {
    let server = server().await;
    let list = server
        .get(&format!("{EVENTS}?event=view&limit=1"))
        .await
        .json();
    let id = list["results"][0]["id"].as_str().expect("an id");
    assert_eq!(
        server.get(&format!("{EVENTS}{id}/")).await.json(),
        list["results"][0]
    );
    let other = "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e";
    let detail = format!("No events exist for event UUID {other}.");
    server.get(&format!("{EVENTS}{other}/")).await.is_error(
        404,
        "invalid_request",
        "not_found",
        &detail,
    );
    server.get(&format!("{EVENTS}7/")).await.is_error(
        400,
        "validation_error",
        "invalid_input",
        "Invalid UUID",
    );
}

#[tokio::test]
async fn values_of_a_property_come_by_frequency() {
    let server = server().await;
    server
        .capture(vec![
            event(
                "buy",
                "ada",
                "2024-05-03T09:00:00Z",
                json!({"page": "6", "color": "Red"}),
            ),
            event(
                "buy",
                "ada",
                "2024-05-03T09:00:00Z",
                json!({"color": "blue"}),
            ),
            event(
                "buy",
                "ada",
                "2024-05-03T09:00:00Z",
                json!({"color": "blue"}),
            ),
        ])
        .await;
    let of = async |query: &str| {
        let values = server.get(&format!("{EVENTS}values/?{query}")).await.json();
        let names = values.as_array().expect("a list").iter();
        names
            .map(|value| value["name"].as_str().expect("a text").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("key=color").await, ["blue", "Red"]);
    assert_eq!(of("key=color&value=RE").await, ["Red"]);
    assert_eq!(of("key=page&event_name=buy").await, ["6"]);
    assert_eq!(of("key=page").await[0], "6");
    assert_eq!(of("key=nothing").await, [""; 0]);
    assert_eq!(of("").await, [""; 0]);
    assert_eq!(of("key=custom_event&value=E").await, ["$set", "view"]);
}

#[tokio::test]
async fn events_are_a_table_too() {
    let server = server().await;
    let csv = server.get("/api/event.csv?event=view&limit=1").await.text();
    let header = csv.lines().next().expect("a header");
    assert!(
        header.starts_with("distinct_id,elements_chain,event,id,person."),
        "{header}"
    );
    assert_eq!(csv.lines().count(), 2);
}

#[tokio::test]
async fn a_deleted_event_is_not_listed() {
    let server = server().await;
    let ada = server.person("ada").await;
    let body = json!({"ids": [ada.uuid], "delete_events": true, "keep_person": true});
    server.post("/api/person/bulk_delete/", &body).await;
    server
        .app
        .project
        .delete_waiting_events()
        .await
        .expect("deleted");
    assert_eq!(
        pages(&server.get(&format!("{EVENTS}?event=view")).await),
        [7]
    );
}
