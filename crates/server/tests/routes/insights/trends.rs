//! `insights/trend/` and `persons/trends/`.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use super::{ask, follow, owned, people, shop, shop_of, url};
use crate::server::{Server, event};

fn views(math: &str) -> (&'static str, Value) {
    ("events", json!([{"id": "view", "math": math}]))
}

#[tokio::test]
async fn a_trend_has_its_days_and_the_people_of_each() {
    let server = shop().await;
    let body = ask(&server, &[views("total")]).await;
    let line = &body["result"][0];
    assert_eq!(line["data"], json!([4.0, 1.0]));
    assert_eq!(line["count"], 5.0);
    assert_eq!(line["label"], "view");
    assert_eq!(line["labels"], json!(["2-May-2024", "3-May-2024"]));
    assert_eq!(line["days"], json!(["2024-05-02", "2024-05-03"]));
    assert_eq!(line["action"]["id"], "view");
    assert_eq!(line["action"]["type"], "events");
    assert_eq!(body["next"], Value::Null);
    assert_eq!(body["timezone"], "UTC");
    let cell = &line["persons_urls"][0];
    assert_eq!(cell["filter"]["entity_id"], "view");
    assert_eq!(cell["filter"]["date_from"], "2024-05-02T00:00:00Z");
    assert_eq!(cell["filter"]["date_to"], "2024-05-02T23:59:59.999999Z");
    let answer = follow(&server, cell).await;
    assert_eq!(
        people(&answer),
        owned(&[("ada", Some(2.0)), ("grace", Some(1.0))])
    );
    // The stranger's event counts, the stranger is nobody.
    assert_eq!(answer.json()["missing_persons"], 1);
    let initial = answer.json()["initial"].as_str().map(str::to_owned);
    let url = cell["url"].as_str().expect("a URL");
    assert_eq!(initial, Some(format!("http://localhost:8000/{url}")));
}

#[tokio::test]
async fn the_number_of_unique_people_is_the_number_of_people() {
    let server = shop().await;
    let body = ask(&server, &[views("dau")]).await;
    let line = &body["result"][0];
    assert_eq!(line["data"], json!([2.0, 1.0]));
    let answer = follow(&server, &line["persons_urls"][1]).await;
    assert_eq!(people(&answer), owned(&[("ada", Some(1.0))]));
}

#[tokio::test]
async fn sums_are_made_of_the_parts_of_people() {
    let server = shop().await;
    let events = json!([{"id": "buy", "math": "sum", "math_property": "price"}]);
    let body = ask(&server, &[("events", events)]).await;
    let line = &body["result"][0];
    assert_eq!(line["data"], json!([0.0, 10.0]));
    let answer = follow(&server, &line["persons_urls"][1]).await;
    assert_eq!(people(&answer), owned(&[("ada", Some(10.0))]));
}

#[tokio::test]
async fn an_expression_is_the_math_that_says_the_same() {
    let server = shop().await;
    for (expression, data, ada) in [
        ("sum(properties.price)", [0.0, 10.0], 10.0),
        ("uniq(person_id)", [0.0, 1.0], 3.0),
        ("count()", [0.0, 3.0], 3.0),
    ] {
        let events = json!([{"id": "buy", "math": "hogql", "math_hogql": expression}]);
        let body = ask(&server, &[("events", events)]).await;
        let line = &body["result"][0];
        assert_eq!(line["data"], json!(data), "{expression}");
        let answer = follow(&server, &line["persons_urls"][1]).await;
        assert_eq!(
            people(&answer),
            owned(&[("ada", Some(ada))]),
            "{expression}"
        );
    }
}

#[tokio::test]
async fn conditions_of_a_series_and_of_all_hold_for_numbers_and_people() {
    let server = shop().await;
    let events = json!([
        {"id": "view", "order": 1, "properties": [{"key": "page", "value": "/a"}]},
        {"id": "buy", "order": 0},
    ]);
    let pro = json!([{"key": "plan", "value": "pro", "type": "person"}]);
    let body = ask(&server, &[("events", events), ("properties", pro)]).await;
    // In their order, whatever the list's is.
    assert_eq!(body["result"][0]["label"], "buy");
    let line = &body["result"][1];
    assert_eq!(line["data"], json!([1.0, 1.0]));
    let answer = follow(&server, &line["persons_urls"][0]).await;
    assert_eq!(people(&answer), owned(&[("ada", Some(1.0))]));
    assert_eq!(answer.json()["missing_persons"], 0);
}

#[tokio::test]
async fn a_breakdown_has_a_line_and_people_for_each_value() {
    let server = shop().await;
    let by_page = [views("total"), ("breakdown", json!("page"))];
    let body = ask(&server, &by_page).await;
    let values: Vec<_> = body["result"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| {
            (
                line["breakdown_value"].clone(),
                line["label"].clone(),
                line["data"].clone(),
            )
        })
        .collect();
    assert_eq!(
        values,
        [
            (json!("/a"), json!("view - /a"), json!([2.0, 1.0])),
            (json!("/b"), json!("view - /b"), json!([1.0, 0.0])),
            (json!("/c"), json!("view - /c"), json!([1.0, 0.0])),
        ]
    );
    let answer = follow(&server, &body["result"][0]["persons_urls"][0]).await;
    assert_eq!(people(&answer).len(), 2);
    // What is beyond the limit is one line, and the same values are beyond it for each of its days.
    let limited = [
        views("total"),
        ("breakdown", json!("page")),
        ("breakdown_limit", json!(1)),
    ];
    let body = ask(&server, &limited).await;
    let line = &body["result"][1];
    assert_eq!(line["breakdown_value"], "$$_posthog_breakdown_other_$$");
    assert_eq!(line["data"], json!([2.0, 0.0]));
    let answer = follow(&server, &line["persons_urls"][0]).await;
    assert_eq!(people(&answer), owned(&[("ada", Some(1.0))]));
    assert_eq!(answer.json()["missing_persons"], 1);
}

#[tokio::test]
async fn breakdowns_by_person_by_cohort_and_by_ranges() {
    let server = shop().await;
    let by_plan = [
        views("dau"),
        ("breakdown", json!("plan")),
        ("breakdown_type", json!("person")),
    ];
    let body = ask(&server, &by_plan).await;
    let lines = body["result"].as_array().expect("lines");
    // The stranger is nobody, so nobody has no plan.
    assert_eq!(lines.len(), 2);
    for line in lines {
        let answer = follow(&server, &line["persons_urls"][0]).await;
        assert_eq!(line["data"][0], people(&answer).len() as f64, "{line}");
    }
    let filters = json!({"properties": [{"key": "plan", "value": "pro", "type": "person"}]});
    let cohort = json!({"name": "Pro", "filters": filters});
    server.post("/api/cohorts/", &cohort).await;
    let by_cohort = [
        views("total"),
        ("breakdown", json!([1, "all"])),
        ("breakdown_type", json!("cohort")),
    ];
    let body = ask(&server, &by_cohort).await;
    for (line, (value, data)) in [
        (json!(1), json!([2.0, 1.0])),
        (json!("all"), json!([4.0, 1.0])),
    ]
    .into_iter()
    .enumerate()
    {
        let line = &body["result"][line];
        assert_eq!((&line["breakdown_value"], &line["data"]), (&value, &data));
        let answer = follow(&server, &line["persons_urls"][1]).await;
        assert_eq!(people(&answer), owned(&[("ada", Some(1.0))]));
    }
    let prices = json!([{"id": "buy"}]);
    let by_price = [
        ("events", prices),
        ("breakdown", json!("price")),
        ("breakdown_histogram_bin_count", json!(2)),
    ];
    let body = ask(&server, &by_price).await;
    assert_eq!(body["result"].as_array().expect("lines").len(), 2);
    for line in 0..2 {
        let line = &body["result"][line];
        assert_eq!(line["data"], json!([0.0, 1.0]));
        let answer = follow(&server, &line["persons_urls"][1]).await;
        assert_eq!(people(&answer), owned(&[("ada", Some(1.0))]));
    }
}

#[tokio::test]
async fn charts_of_one_number_have_one_list_of_people() {
    let server = shop().await;
    let body = ask(&server, &[views("dau"), ("display", json!("BoldNumber"))]).await;
    let line = &body["result"][0];
    assert_eq!(line["aggregated_value"], 2.0);
    assert_eq!(line["data"], json!([]));
    let answer = follow(&server, &line["persons"]).await;
    assert_eq!(
        people(&answer),
        owned(&[("ada", Some(3.0)), ("grace", Some(1.0))])
    );
}

#[tokio::test]
async fn cumulative_points_have_all_people_so_far() {
    let server = shop().await;
    let cumulative = ("display", json!("ActionsLineGraphCumulative"));
    let body = ask(&server, &[views("total"), cumulative]).await;
    let line = &body["result"][0];
    assert_eq!(line["data"], json!([4.0, 5.0]));
    let answer = follow(&server, &line["persons_urls"][1]).await;
    assert_eq!(
        people(&answer),
        owned(&[("ada", Some(3.0)), ("grace", Some(1.0))])
    );
}

#[tokio::test]
async fn hours_are_labelled_with_their_time() {
    let server = shop().await;
    let hours = [
        views("total"),
        ("interval", json!("hour")),
        ("date_from", json!("2024-05-02T08:00:00Z")),
        ("date_to", json!("2024-05-02T09:59:59Z")),
    ];
    let body = ask(&server, &hours).await;
    let line = &body["result"][0];
    assert_eq!(line["data"], json!([1.0, 2.0]));
    assert_eq!(
        line["labels"],
        json!(["2-May-2024 08:00", "2-May-2024 09:00"])
    );
    assert_eq!(
        line["days"],
        json!(["2024-05-02 08:00:00", "2024-05-02 09:00:00"])
    );
    let answer = follow(&server, &line["persons_urls"][1]).await;
    assert_eq!(people(&answer).len(), 2);
}

#[tokio::test]
async fn people_come_in_pages_that_link_to_each_other() {
    let server = shop().await;
    let path = url(
        "/api/person/trends/",
        &[
            ("entity_id", json!("$set")),
            ("entity_type", json!("events")),
            ("date_from", json!("2024-05-01")),
            ("date_to", json!("2024-05-01")),
            ("limit", json!(2)),
        ],
    );
    let first = server.get(&path).await;
    let mut found = people(&first);
    assert_eq!(found.len(), 2);
    let next = first.json()["next"]
        .as_str()
        .map(str::to_owned)
        .expect("a link");
    let second = server
        .get(next.trim_start_matches("http://localhost:8000"))
        .await;
    assert_eq!(second.json()["next"], Value::Null);
    found.extend(people(&second));
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        found,
        owned(&[("ada", Some(1.0)), ("grace", Some(1.0)), ("lin", Some(1.0))])
    );
}

#[tokio::test]
async fn people_can_be_searched_and_saved_as_csv() {
    let server = shop().await;
    let day = [
        ("entity_id", json!("view")),
        ("entity_type", json!("events")),
        ("date_from", json!("2024-05-02")),
        ("date_to", json!("2024-05-02")),
    ];
    let search = [&day[..], &[("search", json!("GRA"))]].concat();
    let answer = server.get(&url("/api/person/trends/", &search)).await;
    assert_eq!(people(&answer), owned(&[("grace", Some(1.0))]));
    assert_eq!(answer.json()["missing_persons"], 0);
    let csv = server
        .get(&url("/api/person/trends.csv", &day))
        .await
        .text();
    let mut lines = csv.lines();
    let header = lines.next().expect("a header");
    assert!(header.starts_with("count,people.0.created_at,"), "{header}");
    assert!(header.contains("people.1.properties.plan"), "{header}");
    assert_eq!(lines.count(), 1);
}

#[tokio::test]
async fn an_entity_is_found_by_its_place_or_by_what_it_is() {
    let server = shop().await;
    let days = [
        ("date_from", json!("2024-05-02")),
        ("date_to", json!("2024-05-03")),
    ];
    let on_a = json!([{"key": "page", "value": "/a"}]);
    let events = json!([{"id": "buy"}, {"id": "view", "math": "dau", "properties": on_a}]);
    let of = async |entity: &[(&'static str, Value)]| {
        let params = [&days[..], &[("events", events.clone())], entity].concat();
        people(&server.get(&url("/api/person/trends/", &params)).await)
    };
    let narrow = owned(&[("ada", Some(2.0)), ("grace", Some(1.0))]);
    assert_eq!(of(&[("entity_order", json!(1))]).await, narrow);
    let typed = [("entityId", json!("view")), ("type", json!("events"))];
    let dau = [&typed[..], &[("entity_math", json!("dau"))]].concat();
    assert_eq!(of(&dau).await, narrow);
    // With another math it is another entity, which has no conditions.
    let wide = owned(&[("ada", Some(3.0)), ("grace", Some(1.0))]);
    assert_eq!(of(&typed).await, wide);
    let any = [("entity_type", json!("events"))];
    assert_eq!(
        of(&any).await,
        owned(&[("ada", Some(6.0)), ("grace", Some(1.0))])
    );
}

#[tokio::test]
async fn a_question_may_come_as_a_body() {
    let server = shop().await;
    let body = json!({
        "events": [{"id": "view", "math": "dau"}],
        "date_from": "2024-05-02", "date_to": "2024-05-03",
        "properties": {"type": "AND", "values": [{"key": "page", "value": "/a", "type": "event"}]},
    });
    for path in [
        "/api/projects/@current/insights/trend/",
        "/api/insight/trend",
        "/api/environments/1/insights/trend/",
    ] {
        let answer = server.post(path, &body).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        assert_eq!(
            answer.json()["result"][0]["data"],
            json!([2.0, 1.0]),
            "{path}"
        );
    }
    let only_get = server.post("/api/person/trends/", &json!({})).await;
    assert_eq!(only_get.status.as_u16(), 405);
}

#[tokio::test]
async fn answers_are_kept_until_something_changes() {
    let server = shop().await;
    let state = async |extra: &[(&'static str, Value)]| {
        let body = ask(&server, &[&[views("dau")], extra].concat()).await;
        let line = &body["result"][0];
        (
            body["is_cached"].as_bool(),
            line["data"].clone(),
            body["last_refresh"].clone(),
        )
    };
    let (first, data, at) = state(&[]).await;
    assert_eq!((first, &data), (Some(false), &json!([2.0, 1.0])));
    assert_eq!(state(&[]).await, (Some(true), data.clone(), at));
    assert_eq!(state(&[("refresh", json!(true))]).await.0, Some(false));
    assert_eq!(state(&[("interval", json!("week"))]).await.0, Some(false));
    assert_eq!(state(&[]).await.0, Some(true));
    // An event that was not there before.
    server
        .capture(vec![event(
            "view",
            "lin",
            "2024-05-03T00:00:00Z",
            json!({}),
        )])
        .await;
    let (cached, data, _) = state(&[]).await;
    assert_eq!((cached, data), (Some(false), json!([2.0, 2.0])));
    // Two people who turn out to be one.
    let merge = json!({"$anon_distinct_id": "lin"});
    server
        .capture(vec![event(
            "$identify",
            "ada",
            "2024-05-04T00:00:00Z",
            merge,
        )])
        .await;
    let (cached, data, _) = state(&[]).await;
    assert_eq!((cached, data), (Some(false), json!([2.0, 1.0])));
    // Somebody who is deleted, and whose events are nobody's then.
    let person = server.person("grace").await;
    let path = format!("/api/person/{}/", person.uuid);
    server
        .send(server.request(Method::DELETE, &path, Body::empty()))
        .await;
    let (cached, data, _) = state(&[]).await;
    assert_eq!((cached, data), (Some(false), json!([1.0, 1.0])));
    assert_eq!(state(&[]).await.0, Some(true));
}

#[tokio::test]
async fn an_event_that_is_sent_twice_counts_once() {
    let server = shop().await;
    let again = event("view", "lin", "2024-05-02T00:00:00Z", json!({}));
    server.capture(vec![again.clone(), again.clone()]).await;
    server.capture(vec![again]).await;
    let body = ask(&server, &[views("total")]).await;
    assert_eq!(body["result"][0]["data"], json!([5.0, 1.0]));
}

#[tokio::test]
async fn answers_are_the_same_after_a_restart() {
    let folder = std::env::temp_dir().join(format!("persons-insights-{}", uuid::Uuid::now_v7()));
    let data = folder.join("persons.sqlite");
    let answers = async |server: &Server| {
        let by_page = [views("total"), ("breakdown", json!("page"))];
        let body = ask(server, &by_page).await;
        let lines = body["result"].as_array().expect("lines").clone();
        let listed = follow(server, &lines[0]["persons_urls"][0]).await;
        (lines, people(&listed))
    };
    let before = {
        let server = shop_of(Server::on_disk(&data)).await;
        let merge = json!({"$anon_distinct_id": "lin"});
        let merged = event("$identify", "ada", "2024-05-04T00:00:00Z", merge);
        server.capture(vec![merged]).await;
        answers(&server).await
    };
    assert_eq!(before.1.len(), 2);
    assert_eq!(answers(&Server::on_disk(&data)).await, before);
    std::fs::remove_dir_all(folder).expect("was there");
}

#[tokio::test]
async fn deleted_events_do_not_count() {
    let server = shop().await;
    let person = server.person("ada").await;
    let path = format!("/api/person/{}/?delete_events=true", person.uuid);
    server
        .send(server.request(Method::DELETE, &path, Body::empty()))
        .await;
    // They are nobody's at once, and gone when their deletion is due.
    let (total, people) = (
        ask(&server, &[views("total")]).await,
        ask(&server, &[views("dau")]).await,
    );
    assert_eq!(total["result"][0]["data"], json!([4.0, 1.0]));
    assert_eq!(people["result"][0]["data"], json!([1.0, 0.0]));
    server
        .app
        .project
        .delete_waiting_events()
        .await
        .expect("deleted");
    let total = ask(&server, &[views("total")]).await;
    assert_eq!(total["result"][0]["data"], json!([2.0, 0.0]));
}
