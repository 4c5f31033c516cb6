//! `activity`, `properties_timeline`, `properties_at_time`, `deletion_status`.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{Server, escaped, event};

const PERSONS: &str = "/api/projects/@current/persons";

fn set(id: &str, at: &str, properties: Value) -> persons_engine::CapturedEvent {
    event("$set", id, at, json!({"$set": properties}))
}

/// Ada: free, pro, free, and a page view after each.
async fn wavering() -> (Server, String) {
    let server = Server::new();
    let view = |at| event("$pageview", "ada", at, json!({}));
    server
        .capture(vec![
            set(
                "ada",
                "2024-04-02T09:00:00Z",
                json!({"plan": "free", "seats": 1}),
            ),
            view("2024-04-03T09:00:00Z"),
            set("ada", "2024-04-04T09:00:00Z", json!({"plan": "pro"})),
            view("2024-04-05T09:00:00Z"),
            set(
                "ada",
                "2024-04-06T09:00:00Z",
                json!({"plan": "free", "seats": 2}),
            ),
            view("2024-04-07T09:00:00Z"),
        ])
        .await;
    let uuid = server.person("ada").await.uuid;
    (server, format!("{PERSONS}/{uuid}"))
}

async fn timeline(server: &Server, person: &str, query: &[(&str, &str)]) -> Value {
    let query: Vec<String> = query
        .iter()
        .map(|(key, value)| format!("{key}={}", escaped(value)))
        .collect();
    let answer = server
        .get(&format!(
            "{person}/properties_timeline/?{}",
            query.join("&")
        ))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

const APRIL: [(&str, &str); 2] = [("date_from", "2024-04-01"), ("date_to", "2024-04-30")];
const PLAN: (&str, &str) = (
    "properties",
    r#"[{"key": "plan", "type": "person", "value": "x"}, {"key": "other", "value": "x"}]"#,
);

/// (date, plan, seats, events) of each point.
fn points(timeline: &Value) -> Vec<(String, Value, Value, u64)> {
    let points = timeline["points"].as_array().expect("points");
    let of = |point: &Value| {
        (
            point["timestamp"].as_str().expect("text")[..10].to_owned(),
            point["properties"]["plan"].clone(),
            point["properties"]["seats"].clone(),
            point["relevant_event_count"].as_u64().expect("a number"),
        )
    };
    points.iter().map(of).collect()
}

#[tokio::test]
async fn a_value_that_comes_back_is_a_point_of_its_own() {
    let (server, ada) = wavering().await;
    let answer = timeline(&server, &ada, &[APRIL[0], APRIL[1], PLAN]).await;
    assert_eq!(
        points(&answer),
        [
            ("2024-04-02".into(), json!("free"), json!(1), 2),
            ("2024-04-04".into(), json!("pro"), json!(1), 2),
            ("2024-04-06".into(), json!("free"), json!(2), 2),
        ]
    );
    assert_eq!(answer["crucial_property_keys"], json!(["plan"]));
    assert_eq!(answer["effective_date_from"], "2024-04-01T00:00:00+00:00");
    assert_eq!(
        answer["effective_date_to"],
        "2024-04-30T23:59:59.999999+00:00"
    );
}

#[tokio::test]
async fn without_a_key_there_is_one_point_and_without_events_none() {
    let (server, ada) = wavering().await;
    let one = timeline(&server, &ada, &APRIL).await;
    assert_eq!(
        points(&one),
        [("2024-04-02".into(), json!("free"), json!(1), 6)]
    );
    let none = timeline(
        &server,
        &ada,
        &[("date_from", "2024-03-01"), ("date_to", "2024-03-31"), PLAN],
    )
    .await;
    assert_eq!(none["points"], json!([]));
    // Seven days ago is the default.
    assert_eq!(timeline(&server, &ada, &[PLAN]).await["points"], json!([]));
}

#[tokio::test]
async fn keys_come_from_filters_entities_and_the_breakdown() {
    let (server, ada) = wavering().await;
    let events = r#"[{"id": "$pageview", "properties": [{"key": "seats", "type": "person", "value": 1}, {"key": "$browser", "value": "x"}]}]"#;
    let answer = timeline(
        &server,
        &ada,
        &[
            APRIL[0],
            APRIL[1],
            ("events", events),
            ("breakdown", "email"),
            ("breakdown_type", "person"),
            PLAN,
        ],
    )
    .await;
    assert_eq!(
        answer["crucial_property_keys"],
        json!(["email", "plan", "seats"])
    );
    assert_eq!(
        points(&answer),
        [
            ("2024-04-03".into(), json!("free"), json!(1), 1),
            ("2024-04-05".into(), json!("pro"), json!(1), 1),
            ("2024-04-07".into(), json!("free"), json!(2), 1),
        ]
    );
    let any = timeline(
        &server,
        &ada,
        &[
            APRIL[0],
            APRIL[1],
            ("events", r#"[{"id": "none"}, {"id": null}]"#),
        ],
    )
    .await;
    assert_eq!(points(&any)[0].3, 6);
    let none = timeline(
        &server,
        &ada,
        &[APRIL[0], APRIL[1], ("events", r#"[{"id": "none"}]"#)],
    )
    .await;
    assert_eq!(none["points"], json!([]));
}

#[tokio::test]
async fn equal_dates_mean_one_interval() {
    let (server, ada) = wavering().await;
    let at = "2024-04-04T09:00:00Z";
    let hour = timeline(
        &server,
        &ada,
        &[
            ("date_from", at),
            ("date_to", at),
            ("interval", "hour"),
            PLAN,
        ],
    )
    .await;
    assert_eq!(
        points(&hour),
        [("2024-04-04".into(), json!("pro"), json!(1), 1)]
    );
    let day = timeline(
        &server,
        &ada,
        &[("date_from", "2024-04-04"), ("date_to", "2024-04-04"), PLAN],
    )
    .await;
    assert_eq!(day["effective_date_to"], "2024-04-04T23:59:59.999999+00:00");
}

#[tokio::test]
async fn a_timeline_that_cannot_be_drawn_names_the_parameter() {
    let (server, ada) = wavering().await;
    for (name, value) in [
        ("date_from", "soon"),
        ("date_to", "2024-02-30"),
        ("interval", "year"),
        ("events", "{}"),
        ("events", "[{\"id\": 7}]"),
        ("actions", "[{\"id\": 12}]"),
        ("properties", "nonsense"),
        ("aggregation_group_type_index", "0"),
    ] {
        let answer = server
            .get(&format!(
                "{ada}/properties_timeline/?{name}={}",
                escaped(value)
            ))
            .await;
        answer.is_invalid(name);
    }
}

#[tokio::test]
async fn a_merged_persons_events_show_what_it_was() {
    let server = Server::new();
    server
        .capture(vec![
            set("anon", "2024-04-02T09:00:00Z", json!({"plan": "none"})),
            set("ada", "2024-04-03T09:00:00Z", json!({"plan": "pro"})),
            event(
                "$identify",
                "ada",
                "2024-04-04T09:00:00Z",
                json!({"$anon_distinct_id": "anon", "$set": {"plan": "max"}}),
            ),
        ])
        .await;
    let ada = format!("{PERSONS}/{}", server.person("ada").await.uuid);
    let answer = timeline(&server, &ada, &[APRIL[0], APRIL[1], PLAN]).await;
    let plans: Vec<Value> = points(&answer).into_iter().map(|point| point.1).collect();
    assert_eq!(plans, [json!("none"), json!("pro"), json!("max")]);
    let log = server.get(&format!("{ada}/activity/")).await.json();
    let names: Vec<&str> = log["results"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|entry| entry["activity"].as_str())
        .collect();
    assert_eq!(
        names,
        ["updated", "people_merged_into", "created", "created"]
    );
    assert_eq!(
        log["results"][1]["detail"]["merge"]["source"][0]["distinct_ids"],
        json!(["anon"])
    );
}

#[tokio::test]
async fn activity_comes_in_pages() {
    let (server, ada) = wavering().await;
    for seats in 0..4 {
        server
            .post(
                &format!("{ada}/update_property/"),
                &json!({"key": "seats", "value": seats}),
            )
            .await;
    }
    let first = server
        .get(&format!("{ada}/activity/?limit=3&source=user"))
        .await
        .json();
    assert_eq!(
        (&first["count"], &first["total_count"]),
        (&json!(4), &json!(4))
    );
    assert_eq!(
        first["results"][0]["detail"]["changes"][0]["after"],
        json!({"seats": 3})
    );
    assert_eq!(first["previous"], Value::Null);
    let next = first["next"].as_str().expect("a link");
    assert!(
        next.ends_with("/activity/?limit=3&source=user&page=2"),
        "{next}"
    );
    let path = &next[next.find("/api").expect("a path")..];
    let second = server.get(path).await.json();
    assert_eq!(second["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(second["next"], Value::Null);
    assert!(
        second["previous"]
            .as_str()
            .is_some_and(|link| link.contains("page=1"))
    );
    let past = server.get(&format!("{ada}/activity/?page=99")).await.json();
    assert_eq!(
        (&past["results"], &past["next"]),
        (&json!([]), &Value::Null)
    );
    let all = server.get(&format!("{ada}/activity/")).await.json();
    assert_eq!(all["total_count"], 7);
    for (query, attr) in [
        ("page=-1", "page"),
        ("page=x", "page"),
        ("limit=0", "limit"),
        ("source=me", "source"),
        ("activity=fun", "activity"),
    ] {
        server
            .get(&format!("{ada}/activity/?{query}"))
            .await
            .is_invalid(attr);
    }
    let project = server.get(&format!("{PERSONS}/activity/")).await.json();
    assert_eq!(project["total_count"], 4);
    let everything = server
        .get(&format!("{PERSONS}/activity/?source=all"))
        .await
        .json();
    assert_eq!(everything["total_count"], 7);
}

#[tokio::test]
async fn a_person_is_shown_as_it_was_at_a_moment() {
    let server = Server::new();
    server
        .capture(vec![
            event(
                "signup",
                "ada",
                "2024-04-02T09:00:00Z",
                json!({"$set": {"plan": "free"}, "$set_once": {"source": "ad", "plan": "x"}}),
            ),
            event(
                "late",
                "ada",
                "2024-04-06T09:00:00Z",
                json!({"$set": {"plan": "max"}, "$unset": ["source"]}),
            ),
            // Arrives late: what counts is when it happened.
            event(
                "$set",
                "ada",
                "2024-04-04T09:00:00Z",
                json!({"$set": {"plan": "pro"}}),
            ),
        ])
        .await;
    let at = async |query: &str| {
        server
            .get(&format!("{PERSONS}/properties_at_time/?{query}"))
            .await
    };
    let properties = async |query: &str| at(query).await.json()["properties"].clone();
    assert_eq!(
        properties("distinct_id=ada&timestamp=2024-04-01").await,
        json!({})
    );
    assert_eq!(
        properties("distinct_id=ada&timestamp=2024-04-02T09:00:00Z").await,
        json!({"plan": "free"})
    );
    let once = "distinct_id=ada&timestamp=2024-04-05T00:00:00Z&include_set_once=true";
    assert_eq!(
        properties(once).await,
        json!({"plan": "pro", "source": "ad"})
    );
    assert_eq!(
        properties("distinct_id=ada&timestamp=2024-05-01&include_set_once=true").await,
        json!({"plan": "max"})
    );
    let uuid = server.person("ada").await.uuid;
    let answer = at(&format!("person_id={uuid}&timestamp=2024-04-05"))
        .await
        .json();
    assert_eq!(
        answer["point_in_time_metadata"],
        json!({"queried_timestamp": "2024-04-05T00:00:00Z", "include_set_once": false, "distinct_id_used": null,
               "person_id_used": uuid, "query_mode": "person_id", "distinct_ids_queried": ["ada"], "distinct_ids_count": 1})
    );
    at("distinct_id=ada").await.is_invalid("timestamp");
    at("distinct_id=ada&timestamp=soon")
        .await
        .is_invalid("timestamp");
    at("timestamp=2024-04-05").await.is_invalid("distinct_id");
    at(&format!(
        "person_id={uuid}&distinct_id=ada&timestamp=2024-04-05"
    ))
    .await
    .is_invalid("person_id");
    at("distinct_id=nobody&timestamp=2024-04-05")
        .await
        .is_error(404, "invalid_request", "not_found", "Not found.");
}

#[tokio::test]
async fn only_events_captured_before_the_request_are_deleted() {
    let (server, ada) = wavering().await;
    server
        .capture(vec![event(
            "$pageview",
            "grace",
            "2024-04-02T09:00:00Z",
            json!({}),
        )])
        .await;
    let uuid = server.person("ada").await.uuid;
    let delete = server.request(
        Method::DELETE,
        &format!("{ada}/?delete_events=true"),
        Body::empty(),
    );
    assert_eq!(server.send(delete).await.status, 204);
    // Back before the deletion runs, with an event older than all others.
    server
        .capture(vec![event(
            "$pageview",
            "ada",
            "2024-04-01T09:00:00Z",
            json!({}),
        )])
        .await;
    let status = async |query: &str| {
        server
            .get(&format!("{PERSONS}/deletion_status/?{query}"))
            .await
    };
    let waiting = status("status=pending").await.json();
    assert_eq!(waiting["count"], 1);
    assert_eq!(waiting["results"][0]["person_uuid"], json!(uuid));
    assert_eq!(waiting["results"][0]["status"], "pending");
    assert_eq!(waiting["results"][0]["delete_verified_at"], Value::Null);
    assert_eq!(status("status=completed").await.json()["count"], 0);
    server
        .app
        .project
        .delete_waiting_events()
        .await
        .expect("deletes");
    assert_eq!(server.app.project.event_count().expect("counts"), 2);
    let done = status(&format!("person_uuid={uuid}")).await.json();
    assert_eq!(done["results"][0]["status"], "completed");
    assert!(done["results"][0]["delete_verified_at"].is_string());
    assert_eq!(
        server
            .person("ada")
            .await
            .last_seen_at
            .map(|at| at.to_string())
            .as_deref(),
        Some("2024-04-01T09:00:00Z")
    );
    status("status=some").await.is_invalid("status");
    status("person_uuid=some").await.is_invalid("person_uuid");
}
