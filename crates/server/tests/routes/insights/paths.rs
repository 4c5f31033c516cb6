//! `insights/path/` and `persons/path/`.

use serde_json::{Value, json};

use super::{owned, people, shop, url};

const PEOPLE: &str = "/api/projects/@current/persons/path/";

fn days() -> Vec<(&'static str, Value)> {
    vec![
        ("date_from", json!("2024-05-02")),
        ("date_to", json!("2024-05-03")),
    ]
}

#[tokio::test]
async fn edges_have_the_people_who_went_along_them() {
    let server = shop().await;
    let answer = server.get(&url("/api/insight/path/", &days())).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let edges = answer.json()["result"].clone();
    assert_eq!(edges.as_array().map(Vec::len), Some(1));
    let edge = &edges[0];
    assert_eq!(
        (&edge["source"], &edge["target"]),
        (&json!("1_view"), &json!("2_buy"))
    );
    assert_eq!((&edge["value"], &edge["people"]), (&json!(1), &json!(1)));
    assert_eq!(edge["average_conversion_time"], 600_000.0);
    let url = edge["people_url"].as_str().expect("a URL");
    assert_eq!(people(&server.get(url).await), owned(&[("ada", None)]));
    // Who ended there, whichever way they came.
    assert_eq!(
        (&edge["dropoffs"], &edge["dropoff_people"]),
        (&json!(1), &json!(1))
    );
    let url = edge["dropoff_url"].as_str().expect("a URL");
    assert_eq!(people(&server.get(url).await), owned(&[("ada", None)]));
}

#[tokio::test]
async fn keys_say_who_is_meant() {
    let server = shop().await;
    let of = async |extra: &[(&'static str, Value)]| {
        let params = [&days()[..], extra].concat();
        let mut found = people(&server.get(&url(PEOPLE, &params)).await);
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(of(&[]).await, ["ada", "grace"]);
    assert_eq!(of(&[("path_start_key", json!("1_view"))]).await, ["ada"]);
    assert_eq!(of(&[("path_end_key", json!("2_buy"))]).await, ["ada"]);
    assert_eq!(
        of(&[("path_dropoff_key", json!("1_view"))]).await,
        ["ada", "grace"]
    );
    assert_eq!(of(&[("exclude_events", json!(["view"]))]).await, ["ada"]);
    assert_eq!(
        of(&[("include_custom_events", json!(["buy"]))]).await,
        ["ada"]
    );
    assert_eq!(
        of(&[("include_event_types", json!(["$pageview"]))]).await,
        [""; 0]
    );
    let body = json!({"date_from": "2024-05-02", "date_to": "2024-05-03", "path_end_key": "2_buy", "include_event_types": ["custom_event"]});
    assert_eq!(
        people(&server.post(PEOPLE, &body).await),
        owned(&[("ada", None)])
    );
}

/// The funnel from viewing to buying, and one of its steps.
fn funnel(step: i64) -> Value {
    json!({"events": [{"id": "view", "order": 0}, {"id": "buy", "order": 1}], "funnel_step": step})
}

#[tokio::test]
async fn paths_lie_around_a_step_of_a_funnel() {
    let server = shop().await;
    let around = |place: &str, step| {
        let own = [
            ("funnel_paths", json!(place)),
            ("funnel_filter", funnel(step)),
        ];
        [&days()[..], &own].concat()
    };
    // From the first of her views: what lies within the window is one session.
    let before = around("funnel_path_before_step", 2);
    let answer = server.get(&url("/api/insight/path/", &before)).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let edges = answer.json()["result"].clone();
    assert_eq!(edges.as_array().map(Vec::len), Some(1), "{edges}");
    let edge = &edges[0];
    assert_eq!(
        (&edge["source"], &edge["target"]),
        (&json!("1_view"), &json!("2_buy"))
    );
    assert_eq!(edge["average_conversion_time"], 87_000_000.0);
    for name in ["people_url", "dropoff_url"] {
        let url = edge[name].as_str().expect("a URL");
        assert_eq!(people(&server.get(url).await), owned(&[("ada", None)]));
    }
    let after = around("funnel_path_after_step", 2);
    let answer = server.get(&url("/api/insight/path/", &after)).await;
    assert_eq!(answer.json()["result"], json!([]));
    let lost = around("funnel_path_between_steps", -2);
    assert_eq!(
        people(&server.get(&url(PEOPLE, &lost)).await),
        owned(&[("grace", None)])
    );
    let body = json!({"date_from": "2024-05-02", "date_to": "2024-05-03", "funnel_paths": "funnel_path_after_step", "funnel_filter": funnel(2)});
    assert_eq!(
        people(&server.post(PEOPLE, &body).await),
        owned(&[("ada", None)])
    );
}

#[tokio::test]
async fn a_funnel_around_which_nothing_can_lie_names_its_parameter() {
    let server = shop().await;
    let place = ("funnel_paths", json!("funnel_path_between_steps"));
    for (params, name) in [
        (vec![("funnel_filter", funnel(2))], "funnel_paths"),
        (vec![place.clone()], "funnel_filter"),
        (
            vec![place.clone(), ("funnel_filter", json!([]))],
            "funnel_filter",
        ),
        (
            vec![place.clone(), ("funnel_filter", json!("{"))],
            "funnel_filter",
        ),
        (
            vec![
                ("funnel_paths", json!("around")),
                ("funnel_filter", funnel(2)),
            ],
            "funnel_paths",
        ),
        (
            vec![
                place.clone(),
                ("funnel_filter", json!({"events": [{"id": "view"}]})),
            ],
            "funnel_step",
        ),
    ] {
        server.get(&url(PEOPLE, &params)).await.is_invalid(name);
    }
    // There is nothing between the first step and the one before.
    let answer = server
        .get(&url(PEOPLE, &[place, ("funnel_filter", funnel(1))]))
        .await;
    assert_eq!(answer.status.as_u16(), 400, "{}", answer.text());
}

#[tokio::test]
async fn what_cannot_be_answered_names_its_parameter() {
    let server = shop().await;
    for (name, value) in [
        ("path_start_key", json!("view")),
        ("path_end_key", json!("0_view")),
        ("include_event_types", json!(["hogql"])),
        ("exclude_events", json!("x")),
        ("step_limit", json!(0)),
        ("edge_limit", json!(1_000_000)),
        ("local_path_cleaning_filters", json!([{"alias": "x"}])),
        (
            "local_path_cleaning_filters",
            json!([{"alias": "x", "regex": "("}]),
        ),
    ] {
        server
            .get(&url(PEOPLE, &[(name, value)]))
            .await
            .is_invalid(name);
    }
    let both = [
        ("include_event_types", json!(["custom_event"])),
        ("include_custom_events", json!(["buy"])),
    ];
    server
        .get(&url(PEOPLE, &both))
        .await
        .is_invalid("include_custom_events");
}
