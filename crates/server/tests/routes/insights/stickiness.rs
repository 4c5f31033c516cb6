//! `insights/trend/?insight=STICKINESS` and `persons/stickiness/`.

use serde_json::json;

use super::{ask, follow, owned, people, shop, url};

#[tokio::test]
async fn people_are_counted_by_the_days_on_which_they_were_active() {
    let server = shop().await;
    for insight in [
        ("insight", json!("STICKINESS")),
        ("shown_as", json!("Stickiness")),
    ] {
        let body = ask(&server, &[insight, ("events", json!([{"id": "view"}]))]).await;
        let line = &body["result"][0];
        assert_eq!(line["data"], json!([1.0, 1.0]));
        assert_eq!(line["labels"], json!(["1 day", "2 days"]));
        assert_eq!(line["days"], json!([1, 2]));
        let once = follow(&server, &line["persons_urls"][0]).await;
        // The stranger was active on one day too, and is nobody.
        assert_eq!(
            (people(&once), &once.json()["missing_persons"]),
            (owned(&[("grace", None)]), &json!(1))
        );
        let twice = follow(&server, &line["persons_urls"][1]).await;
        assert_eq!(people(&twice), owned(&[("ada", None)]));
    }
}

#[tokio::test]
async fn the_number_of_days_must_be_one_of_the_range() {
    let server = shop().await;
    let base = [
        ("entity_id", json!("view")),
        ("entity_type", json!("events")),
        ("date_from", json!("2024-05-02")),
        ("date_to", json!("2024-05-03")),
    ];
    let of = async |days: &[(&'static str, serde_json::Value)]| {
        server
            .get(&url("/api/person/stickiness/", &[&base[..], days].concat()))
            .await
    };
    assert_eq!(
        people(&of(&[("selected_interval", json!(2))]).await),
        owned(&[("ada", None)])
    );
    of(&[]).await.is_invalid("stickiness_days");
    of(&[("stickiness_days", json!("two"))])
        .await
        .is_invalid("stickiness_days");
    for days in [0, 3] {
        let answer = of(&[("stickiness_days", json!(days))]).await;
        answer.is_error(
            400,
            "validation_error",
            "invalid_input",
            "There is no number of intervals in this query.",
        );
    }
}
