//! `insights/trend/?insight=LIFECYCLE` and `persons/lifecycle/`.

use serde_json::{Value, json};

use super::{ask, follow, owned, people, shop, url};

fn lifecycle() -> [(&'static str, Value); 2] {
    [
        ("insight", json!("LIFECYCLE")),
        ("events", json!([{"id": "view"}])),
    ]
}

#[tokio::test]
async fn everybody_is_something_on_each_day() {
    let server = shop().await;
    let body = ask(&server, &lifecycle()).await;
    let lines = body["result"].as_array().expect("lines");
    let data: Vec<_> = lines
        .iter()
        .map(|line| (line["status"].as_str().expect("a text"), &line["data"]))
        .collect();
    assert_eq!(
        data,
        [
            ("new", &json!([0.0, 0.0])),
            ("returning", &json!([0.0, 1.0])),
            ("resurrecting", &json!([2.0, 0.0])),
            ("dormant", &json!([0.0, -1.0])),
        ]
    );
    assert_eq!(lines[1]["label"], "view - returning");
    assert_eq!(lines[1]["days"], json!(["2024-05-02", "2024-05-03"]));
    let dormant = follow(&server, &lines[3]["persons_urls"][1]).await;
    assert_eq!(people(&dormant), owned(&[("grace", None)]));
    let body = dormant.json();
    let keys: Vec<&String> = body.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "initial",
            "is_cached",
            "last_refresh",
            "missing_persons",
            "next",
            "results"
        ]
    );
}

#[tokio::test]
async fn the_interval_and_the_status_must_be_said() {
    let server = shop().await;
    let base = [
        ("events", json!([{"id": "view"}])),
        ("date_from", json!("2024-05-02")),
        ("date_to", json!("2024-05-03")),
    ];
    let of = async |extra: &[(&'static str, Value)]| {
        server
            .get(&url("/api/person/lifecycle/", &[&base[..], extra].concat()))
            .await
    };
    let day = ("target_date", json!("2024-05-03T07:00:00Z"));
    let returning = ("lifecycle_type", json!("returning"));
    assert_eq!(
        people(&of(&[day.clone(), returning.clone()]).await),
        owned(&[("ada", None)])
    );
    of(std::slice::from_ref(&returning)).await.is_error(
        400,
        "validation_error",
        "required",
        "Must include specified date",
    );
    of(std::slice::from_ref(&day)).await.is_error(
        400,
        "validation_error",
        "required",
        "Must include lifecycle type",
    );
    of(&[day, ("lifecycle_type", json!("dead"))])
        .await
        .is_invalid("lifecycle_type");
    let outside = of(&[("target_date", json!("2024-05-09")), returning]).await;
    outside.is_error(
        400,
        "validation_error",
        "invalid_input",
        "There is no point in this query.",
    );
}
