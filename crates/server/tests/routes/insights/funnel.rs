//! `insights/funnel/` and `persons/funnel/`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{owned, people, shop, url};
use crate::server::{Server, event};

const PEOPLE: &str = "/api/projects/@current/persons/funnel/";

fn funnel() -> Vec<(&'static str, Value)> {
    vec![
        (
            "events",
            json!([{"id": "view", "order": 0}, {"id": "buy", "order": 1}]),
        ),
        ("date_from", json!("2024-05-02")),
        ("date_to", json!("2024-05-03")),
    ]
}

async fn ask(server: &Server, extra: &[(&'static str, Value)]) -> Value {
    let params = [&funnel()[..], extra].concat();
    let answer = server
        .get(&url("/api/projects/@current/insights/funnel/", &params))
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()["result"].clone()
}

#[tokio::test]
async fn steps_have_the_people_who_did_them_and_those_who_did_not() {
    let server = shop().await;
    let steps = ask(&server, &[]).await;
    let counts: Vec<_> = steps
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| &step["count"])
        .collect();
    assert_eq!(counts, [2, 1]);
    assert_eq!(steps[0]["dropped_people_url"], Value::Null);
    assert_eq!(steps[0]["average_conversion_time"], Value::Null);
    assert_eq!(
        (&steps[1]["action_id"], &steps[1]["order"]),
        (&json!("buy"), &json!(1))
    );
    // Of the attempts that reach furthest the earliest counts: it begins on the first day.
    assert_eq!(
        steps[1]["average_conversion_time"],
        json!(24.0 * 3600.0 + 600.0)
    );
    for (step, link, expected) in [
        (0, "converted_people_url", &["ada", "grace"][..]),
        (1, "converted_people_url", &["ada"]),
        (1, "dropped_people_url", &["grace"]),
    ] {
        let url = steps[step][link].as_str().expect("a URL");
        assert!(url.starts_with("/api/projects/1/persons/funnel/?"), "{url}");
        let mut found = people(&server.get(url).await);
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let expected: Vec<_> = expected.iter().map(|id| (*id, None)).collect();
        assert_eq!(found, owned(&expected), "{url}");
    }
}

#[tokio::test]
async fn a_body_says_the_same_as_a_query_string() {
    let server = shop().await;
    let mut body = serde_json::Map::new();
    for (name, value) in funnel() {
        body.insert(name.into(), value);
    }
    body.insert("funnel_step".into(), json!(-2));
    let answer = server.post(PEOPLE, &Value::Object(body.clone())).await;
    assert_eq!(people(&answer), owned(&[("grace", None)]));
    body.insert("funnel_step".into(), json!(1));
    body.insert("limit".into(), json!(1));
    let body = Value::Object(body);
    let first = server.post(PEOPLE, &body).await;
    // The link is the URL to send the same body to.
    let next = first.json()["next"]
        .as_str()
        .map(str::to_owned)
        .expect("a link");
    let second = server
        .post(next.trim_start_matches("http://localhost:8000"), &body)
        .await;
    assert_eq!(second.json()["missing_persons"], 0);
    let mut both = [people(&first), people(&second)].concat();
    both.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(both, owned(&[("ada", None), ("grace", None)]));
}

#[tokio::test]
async fn custom_steps_and_values_of_a_breakdown() {
    let server = shop().await;
    let of = async |extra: &[(&'static str, Value)]| {
        let params = [&funnel()[..], extra].concat();
        people(&server.get(&url(PEOPLE, &params)).await)
    };
    assert_eq!(
        of(&[("funnel_custom_steps", json!([2]))]).await,
        owned(&[("ada", None)])
    );
    let by_plan = [
        ("breakdown", json!("plan")),
        ("breakdown_type", json!("person")),
    ];
    let lines = ask(&server, &by_plan).await;
    let shown: Vec<_> = lines
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| {
            (
                &line[0]["breakdown_value"],
                &line[0]["count"],
                &line[1]["count"],
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (&json!(["free"]), &json!(1), &json!(0)),
            (&json!(["pro"]), &json!(1), &json!(1)),
        ]
    );
    let url = lines[1][1]["converted_people_url"].as_str().expect("a URL");
    assert_eq!(people(&server.get(url).await), owned(&[("ada", None)]));
    for value in [json!(["free"]), json!("free")] {
        let cell = [("funnel_step", json!(-2)), ("funnel_step_breakdown", value)];
        assert_eq!(
            of(&[&by_plan[..], &cell].concat()).await,
            owned(&[("grace", None)])
        );
    }
}

#[tokio::test]
async fn trends_and_times_have_people_too() {
    let server = shop().await;
    let trends = ask(&server, &[("funnel_viz_type", json!("trends"))]).await;
    let line = &trends[0];
    assert_eq!(line["data"], json!([50.0, 100.0]));
    assert_eq!(line["days"], json!(["2024-05-02", "2024-05-03"]));
    for (list, point, expected) in [
        ("converted_people_urls", 0, "ada"),
        ("dropped_people_urls", 0, "grace"),
        ("converted_people_urls", 1, "ada"),
    ] {
        let url = line[list][point].as_str().expect("a URL");
        assert_eq!(
            people(&server.get(url).await),
            owned(&[(expected, None)]),
            "{url}"
        );
    }
    let times = ask(&server, &[("funnel_viz_type", json!("time_to_convert"))]).await;
    assert_eq!(times["bins"], json!([[87_000, 1]]));
    let url = times["people_urls"][0].as_str().expect("a URL");
    assert_eq!(people(&server.get(url).await), owned(&[("ada", None)]));
}

#[tokio::test]
async fn steps_without_an_order_are_named_by_their_number() {
    let server = shop().await;
    let steps = ask(&server, &[("funnel_order_type", json!("unordered"))]).await;
    assert_eq!(steps[0]["name"], "Completed 1 step");
    assert_eq!(steps[1]["name"], "Completed 2 steps");
    assert_eq!(steps[1]["action_id"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_answered_says_why() {
    let server = shop().await;
    let of = async |extra: &[(&'static str, Value)]| {
        let params = [&funnel()[..], extra].concat();
        server.get(&url(PEOPLE, &params)).await
    };
    of(&[]).await.is_invalid("funnel_step");
    of(&[("funnel_step", json!("x"))])
        .await
        .is_invalid("funnel_step");
    let step = ("funnel_step", json!(1));
    for (name, value) in [
        ("funnel_order_type", json!("random")),
        ("funnel_viz_type", json!("flow")),
        ("funnel_window_interval_unit", json!("era")),
        ("funnel_window_interval", json!(0)),
        ("exclusions", json!("x")),
        ("funnel_custom_steps", json!("x")),
    ] {
        of(&[step.clone(), (name, value)]).await.is_invalid(name);
    }
    let exclusion = |fields: Value| [step.clone(), ("exclusions", json!([fields]))];
    let answer = of(&exclusion(json!({"id": "leave", "type": "events"}))).await;
    let detail = "Exclusion event needs to define funnel steps";
    answer.is_error(400, "validation_error", "invalid_input", detail);
    let trends = ("funnel_viz_type", json!("trends"));
    let detail = "Filter parameter drop_off must be provided and a bool for funnel trends persons!";
    of(std::slice::from_ref(&trends)).await.is_error(
        400,
        "validation_error",
        "invalid_input",
        detail,
    );
    let detail = "Filter parameter entrance_period_start must be provided and a datetime for funnel trends persons!";
    of(&[trends, ("drop_off", json!(false))]).await.is_error(
        400,
        "validation_error",
        "invalid_input",
        detail,
    );
    let none = server.get(&url(PEOPLE, &[step])).await;
    none.is_invalid("events");
}

/// A question may need the values of a property several times, which is never in the way of new values.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breakdown_by_the_same_property_twice_is_answered_while_new_values_are_captured() {
    let server = shop().await;
    let app = Arc::clone(&server.app);
    let writing = tokio::spawn(async move {
        for n in 0..500 {
            let page = json!({"page": format!("/new/{n}")});
            let view = event("view", "ada", "2024-05-02T08:00:00Z", page);
            app.project.capture(vec![view]).await.expect("stored");
        }
    });
    while !writing.is_finished() {
        let steps = ask(&server, &[("breakdown", json!(["page", "page"]))]).await;
        assert!(!steps.as_array().expect("lines").is_empty());
    }
    writing.await.expect("no panic");
}
