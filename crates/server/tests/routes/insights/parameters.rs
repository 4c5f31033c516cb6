//! What cannot be answered is a 400 that names the parameter.

use serde_json::json;

use super::{shop, url};
use crate::server::Server;

const TREND: &str = "/api/insight/trend/";
const PEOPLE: &str = "/api/person/trends/";

#[tokio::test]
async fn what_cannot_be_answered_names_its_parameter() {
    let server = shop().await;
    let view = ("events", json!([{"id": "view"}]));
    let of_view = [
        ("entity_id", json!("view")),
        ("entity_type", json!("events")),
    ];
    let event = |fields| [("events", json!([fields]))];
    for (path, params, attr) in [
        (TREND, &[][..], "events"),
        (TREND, &[("events", json!("nonsense"))], "events"),
        (TREND, &[("events", json!({"id": 1}))], "events"),
        (TREND, &event(json!({"id": 1})), "events"),
        (TREND, &[("actions", json!([{"id": "x"}]))], "actions"),
        (TREND, &[("actions", json!([{"id": 12}]))], "actions"),
        (
            TREND,
            &event(json!({"id": "view", "math": "hogql"})),
            "math_hogql",
        ),
        (
            TREND,
            &event(json!({"id": "view", "math": "hogql", "math_hogql": "sum(1)"})),
            "math_hogql",
        ),
        (
            TREND,
            &event(json!({"id": "view", "math": "sum"})),
            "math_property",
        ),
        (
            TREND,
            &event(json!({"id": "view", "properties": "x"})),
            "properties",
        ),
        (
            TREND,
            &[view.clone(), ("properties", json!("{"))],
            "properties",
        ),
        (
            TREND,
            &[view.clone(), ("date_from", json!("yesterday"))],
            "date_from",
        ),
        (
            TREND,
            &[view.clone(), ("interval", json!("decade"))],
            "interval",
        ),
        (
            TREND,
            &[view.clone(), ("explicit_date", json!("x"))],
            "explicit_date",
        ),
        (TREND, &[view.clone(), ("refresh", json!("x"))], "refresh"),
        (
            TREND,
            &[view.clone(), ("insight", json!("PATHS"))],
            "insight",
        ),
        (TREND, &[view.clone(), ("formula", json!("A/B"))], "formula"),
        (TREND, &[view.clone(), ("compare", json!(true))], "compare"),
        (
            TREND,
            &[view.clone(), ("smoothing_intervals", json!(7))],
            "smoothing_intervals",
        ),
        (
            TREND,
            &[view.clone(), ("breakdown", json!(["a", "b"]))],
            "breakdown",
        ),
        (
            TREND,
            &[
                view.clone(),
                ("breakdown", json!("x")),
                ("breakdown_type", json!("group")),
            ],
            "breakdown_type",
        ),
        (
            TREND,
            &[
                view.clone(),
                ("breakdown", json!("x")),
                ("breakdown_type", json!("cohort")),
            ],
            "breakdown",
        ),
        (
            TREND,
            &[
                view.clone(),
                ("breakdowns", json!([{"property": "a"}, {"property": "b"}])),
            ],
            "breakdowns",
        ),
        (
            TREND,
            &[
                view.clone(),
                ("interval", json!("hour")),
                ("date_from", json!("2000-01-01")),
            ],
            "date_from",
        ),
        (PEOPLE, &[], "entity_id"),
        (PEOPLE, &[("entity_id", json!("view"))], "entity_id"),
        (PEOPLE, &[("entity_type", json!("actions"))], "entity_id"),
        (PEOPLE, &[("entity_type", json!("people"))], "entity_type"),
        (
            PEOPLE,
            &[view.clone(), ("entity_order", json!(1))],
            "entity_order",
        ),
        (
            PEOPLE,
            &[
                of_view[0].clone(),
                of_view[1].clone(),
                ("breakdown_value", json!("x")),
            ],
            "breakdown",
        ),
        (
            PEOPLE,
            &[of_view[0].clone(), of_view[1].clone(), ("limit", json!(0))],
            "limit",
        ),
    ] {
        let answer = server.get(&url(path, params)).await;
        assert_eq!(answer.status.as_u16(), 400, "{params:?}: {}", answer.text());
        assert_eq!(answer.json()["attr"], attr, "{params:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn flags_that_say_no_are_not_refused() {
    let server = shop().await;
    let params = [
        ("events", json!([{"id": "view"}])),
        ("compare", json!(false)),
        ("smoothing_intervals", json!(1)),
        ("filter_test_accounts", json!(true)),
        ("breakdowns", json!([])),
        ("sampling_factor", json!("")),
    ];
    let answer = server.get(&url(TREND, &params)).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
}

#[tokio::test]
async fn more_conditions_than_anybody_asks_about_are_refused() {
    let server = shop().await;
    let conditions: Vec<_> = (0..300).map(|n| json!({"key": "n", "value": n})).collect();
    for (series, status) in [(3, 200), (4, 400)] {
        let body = json!({
            "events": vec![json!({"id": "view"}); series],
            "properties": conditions,
        });
        let answer = server.post(TREND, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    }
}

#[tokio::test]
async fn links_hold_no_key() {
    let server = shop().await;
    let key = ("personal_api_key", json!(crate::server::KEY));
    let params = [key, ("events", json!([{"id": "view"}]))];
    let text = server.get(&url(TREND, &params)).await.text();
    assert!(text.contains("persons/trends/?") && !text.contains("personal_api_key"));
    let params = [&params[..], &[("entity_order", json!(0))]].concat();
    let text = server.get(&url(PEOPLE, &params)).await.text();
    assert!(text.contains("\"initial\"") && !text.contains("personal_api_key"));
}

#[tokio::test]
async fn numbers_and_people_have_scopes_of_their_own() {
    let numbers = Server::with_scopes(&["insight:read"]);
    let params = [
        ("events", json!([{"id": "view"}])),
        ("entity_order", json!(0)),
    ];
    assert_eq!(numbers.get(&url(TREND, &params)).await.status.as_u16(), 200);
    assert_eq!(
        numbers.get(&url(PEOPLE, &params)).await.status.as_u16(),
        403
    );
    let people = Server::with_scopes(&["person:read"]);
    assert_eq!(people.get(&url(TREND, &params)).await.status.as_u16(), 403);
    assert_eq!(people.get(&url(PEOPLE, &params)).await.status.as_u16(), 200);
}
