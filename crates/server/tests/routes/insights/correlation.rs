//! `insights/funnel/correlation/` and `persons/funnel/correlation/`.

use serde_json::{Value, json};

use super::{people, url};
use crate::server::{Server, event};

const PEOPLE: &str = "/api/projects/@current/persons/funnel/correlation/";
const NUMBERS: &str = "/api/projects/@current/insights/funnel/correlation/";

/// Ten people sign up. The even ones pay. Four of these and one of the others watch the long demo in between.
async fn server() -> Server {
    let server = Server::new();
    let mut events = Vec::new();
    for number in 0..10 {
        let id = format!("p{number}");
        let at = |minute: u32| format!("2024-05-02T09:{minute:02}:{number:02}Z");
        let plan = json!({"$set": {"team": if number < 5 { "red" } else { "blue" }}});
        events.push(event("sign up", &id, &at(0), plan));
        if number % 2 == 0 && number < 8 || number == 9 {
            let length = if number == 9 { "short" } else { "long" };
            events.push(event("watch", &id, &at(1), json!({"length": length})));
        }
        if number % 2 == 0 {
            events.push(event("pay", &id, &at(2), json!({})));
        }
    }
    server.capture(events).await;
    server
}

fn funnel() -> Vec<(&'static str, Value)> {
    vec![
        (
            "events",
            json!([{"id": "sign up", "order": 0}, {"id": "pay", "order": 1}]),
        ),
        ("date_from", json!("2024-05-02")),
        ("date_to", json!("2024-05-02")),
    ]
}

async fn ask(server: &Server, extra: &[(&'static str, Value)]) -> Value {
    let answer = server
        .get(&url(NUMBERS, &[&funnel()[..], extra].concat()))
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()["result"].clone()
}

#[tokio::test]
async fn every_factor_has_the_people_it_was_counted_from() {
    let server = server().await;
    for (extra, first) in [
        (&[][..], ("watch", 4, 1)),
        (
            &[
                ("funnel_correlation_type", json!("event_with_properties")),
                ("funnel_correlation_event_names", json!(["watch"])),
            ],
            ("watch::length::long", 4, 0),
        ),
        (
            &[
                ("funnel_correlation_type", json!("properties")),
                ("funnel_correlation_names", json!(["team"])),
            ],
            ("team::red", 3, 2),
        ),
    ] {
        let result = ask(&server, extra).await;
        assert_eq!(result["skewed"], false);
        let factors = result["events"].as_array().expect("a list");
        let shown = &factors[0];
        assert_eq!(
            (
                &shown["event"]["event"],
                &shown["success_count"],
                &shown["failure_count"]
            ),
            (&json!(first.0), &json!(first.1), &json!(first.2))
        );
        assert_eq!(shown["correlation_type"], "success");
        for factor in factors {
            for (link, count) in [
                ("success_people_url", "success_count"),
                ("failure_people_url", "failure_count"),
            ] {
                let url = factor[link].as_str().expect("a URL");
                let found = people(&server.get(url).await);
                assert_eq!(factor[count], found.len(), "{url}");
            }
            // The rest of all who converted, and of all who did not.
            for (link, total, count) in [
                (
                    "success_without_people_url",
                    "success_total",
                    "success_count",
                ),
                (
                    "failure_without_people_url",
                    "failure_total",
                    "failure_count",
                ),
            ] {
                let url = factor[link].as_str().expect("a URL");
                let found = people(&server.get(url).await).len() as u64;
                let with = factor[count].as_u64().expect("a number");
                assert_eq!(result[total], with + found, "{url}");
            }
        }
    }
}

#[tokio::test]
async fn people_have_pages_of_their_own() {
    let server = server().await;
    let watched = [
        (
            "funnel_correlation_person_entity",
            json!({"id": "watch", "type": "events"}),
        ),
        ("funnel_correlation_person_limit", json!(3)),
    ];
    let first = server
        .get(&url(PEOPLE, &[&funnel()[..], &watched].concat()))
        .await;
    assert_eq!(people(&first).len(), 3);
    let next = first.json()["next"]
        .as_str()
        .map(str::to_owned)
        .expect("a link");
    assert!(
        next.contains("funnel_correlation_person_offset=3"),
        "{next}"
    );
    let second = server
        .get(next.trim_start_matches("http://localhost:8000"))
        .await;
    assert_eq!(
        (people(&second).len(), &second.json()["next"]),
        (2, &Value::Null)
    );
    let mut body = serde_json::Map::new();
    for (name, value) in [&funnel()[..], &watched].concat() {
        body.insert(name.into(), value);
    }
    body.insert("funnel_correlation_person_converted".into(), json!("false"));
    let failed = server.post(PEOPLE, &Value::Object(body)).await;
    assert_eq!(people(&failed).len(), 1);
}

#[tokio::test]
async fn what_cannot_be_answered_says_why() {
    let server = server().await;
    let of = async |extra: &[(&'static str, Value)]| {
        server
            .get(&url(PEOPLE, &[&funnel()[..], extra].concat()))
            .await
    };
    let detail = "No entity for persons specified";
    of(&[])
        .await
        .is_error(400, "validation_error", "invalid_input", detail);
    let properties = ("funnel_correlation_type", json!("properties"));
    let detail = "Property Correlation expects atleast one Property to get persons for";
    of(std::slice::from_ref(&properties)).await.is_error(
        400,
        "validation_error",
        "invalid_input",
        detail,
    );
    let about_events = json!([{"key": "length", "value": "long", "type": "event"}]);
    let answer = of(&[
        properties,
        ("funnel_correlation_property_values", about_events),
    ])
    .await;
    assert_eq!(answer.status.as_u16(), 400);
    of(&[("funnel_correlation_type", json!("x"))])
        .await
        .is_invalid("funnel_correlation_type");
}
