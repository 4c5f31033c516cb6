//! `persons/`, `persons/:id/`, `persons/batch_…/`, `persons/cohorts/`.

use persons_api::{Page, Person, PersonId};
use serde_json::{Value, json};

use crate::server::{Server, escaped, event};

const LIST: &str = "/api/projects/@current/persons/";

async fn three() -> Server {
    let server = Server::new();
    server
        .people(&[
            (
                "ada",
                json!({"email": "ada@example.com", "plan": "pro", "seats": 5}),
            ),
            (
                "grace",
                json!({"email": "Grace@example.com", "plan": "free"}),
            ),
            ("lin", json!({"name": "Lin"})),
        ])
        .await;
    server
}

#[tokio::test]
async fn the_list_is_newest_first_and_counts() {
    let server = three().await;
    let answer = server.get(LIST).await;
    assert_eq!(answer.ids(), ["lin", "grace", "ada"]);
    let page: Page<Person> = serde_json::from_slice(&answer.body).expect("the shared type");
    assert_eq!(page.count, Some(3));
    assert_eq!((page.next, page.previous), (None, None));
    let ada = &page.results[2];
    assert_eq!(ada.name, "ada@example.com");
    assert_eq!(ada.distinct_id_count, Some(1));
    assert_eq!(ada.is_identified, Some(false));
    assert!(matches!(ada.id, PersonId::Number(_)));
    assert_eq!(ada.properties["seats"], 5);
    assert_eq!(
        ada.created_at.map(|at| at.to_string()).as_deref(),
        Some("2024-05-01T10:00:00Z")
    );
}

#[tokio::test]
async fn an_empty_project_has_an_empty_list() {
    let answer = Server::new().get(LIST).await;
    assert_eq!(
        answer.json(),
        json!({"count": 0, "next": null, "previous": null, "results": []})
    );
}

#[tokio::test]
async fn search_finds_parts_of_emails_whole_distinct_ids_and_uuids() {
    let server = three().await;
    assert_eq!(
        server.get(&format!("{LIST}?search=GRACE@")).await.ids(),
        ["grace"]
    );
    assert_eq!(
        server.get(&format!("{LIST}?search=lin")).await.ids(),
        ["lin"]
    );
    let uuid = server.person("ada").await.uuid;
    assert_eq!(
        server.get(&format!("{LIST}?search={uuid}")).await.ids(),
        ["ada"]
    );
    assert_eq!(
        server.get(&format!("{LIST}?search=nobody")).await.json()["count"],
        0
    );
}

#[tokio::test]
async fn email_and_distinct_id_are_exact_and_all_conditions_hold_together() {
    let server = three().await;
    assert_eq!(
        server
            .get(&format!("{LIST}?email=ada@example.com"))
            .await
            .ids(),
        ["ada"]
    );
    assert!(
        server
            .get(&format!("{LIST}?email=grace@example.com"))
            .await
            .ids()
            .is_empty()
    );
    assert_eq!(
        server.get(&format!("{LIST}?distinct_id=lin")).await.ids(),
        ["lin"]
    );
    assert!(
        server
            .get(&format!("{LIST}?distinct_id=li"))
            .await
            .ids()
            .is_empty()
    );
    assert!(
        server
            .get(&format!("{LIST}?distinct_id=lin&email=ada@example.com"))
            .await
            .ids()
            .is_empty()
    );
}

#[tokio::test]
async fn empty_and_unknown_parameters_ask_for_nothing() {
    let server = three().await;
    let path = format!(
        "{LIST}?search=&email=&distinct_id=&properties=&include_total=&updated_after=x&colour=red"
    );
    assert_eq!(server.get(&path).await.json()["count"], 3);
}

async fn filtered(server: &Server, properties: &Value) -> Vec<String> {
    let path = format!("{LIST}?properties={}", escaped(&properties.to_string()));
    server.get(&path).await.ids()
}

#[tokio::test]
async fn property_filters_select_and_default_to_people_and_exact() {
    let server = three().await;
    let is_set =
        json!([{"key": "email", "value": "is_set", "operator": "is_set", "type": "person"}]);
    assert_eq!(filtered(&server, &is_set).await, ["grace", "ada"]);
    let part = json!([{"key": "email", "value": "ada", "operator": "icontains", "type": "person"}]);
    assert_eq!(filtered(&server, &part).await, ["ada"]);
    assert_eq!(
        filtered(&server, &json!([{"key": "plan", "value": "pro"}])).await,
        ["ada"]
    );
    let tree = json!({"type": "OR", "values": [
        {"type": "AND", "values": [{"key": "plan", "value": "pro"}, {"key": "seats", "value": 4, "operator": "gt"}]},
        {"type": "AND", "values": [{"key": "name", "value": "^L.n$", "operator": "regex"}]},
    ]});
    assert_eq!(filtered(&server, &tree).await, ["lin", "ada"]);
}

#[tokio::test]
async fn a_filter_that_cannot_be_used_is_named_and_never_dropped() {
    let server = three().await;
    let not_json = server.get(&format!("{LIST}?properties=%7B")).await;
    not_json.is_invalid("properties");
    not_json.is_error(
        400,
        "validation_error",
        "invalid_input",
        "Properties are unparsable!",
    );
    for filter in [
        json!([{"key": "plan", "value": "x", "operator": "sounds_like"}]),
        json!([{"key": "plan", "value": "x", "type": "colour"}]),
        json!([{"key": "plan", "value": "(", "operator": "regex"}]),
        json!([{"key": "plan"}]),
        json!([{"key": "$browser", "value": "x", "type": "event"}]),
        json!([{"key": "id", "value": 99, "type": "cohort"}]),
        json!({"type": "AND", "values": [{"key": "a", "value": 1}, {"type": "OR", "values": []}]}),
        json!("text"),
    ] {
        let path = format!("{LIST}?properties={}", escaped(&filter.to_string()));
        server.get(&path).await.is_invalid("properties");
    }
}

#[tokio::test]
async fn following_next_shows_everybody_once() {
    let server = Server::new();
    let ids: Vec<String> = (0..25).map(|n| format!("id{n:02}")).collect();
    let people: Vec<(&str, Value)> = ids
        .iter()
        .map(|id| (id.as_str(), json!({"odd": 1})))
        .collect();
    server.people(&people).await;
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut next = Some(format!("{LIST}?limit=10&search=id"));
    while let Some(path) = next {
        let answer = server.get(&path).await;
        assert_eq!(answer.json()["count"], 25);
        seen.extend(answer.ids());
        pages += 1;
        next = answer.json()["next"].as_str().map(str::to_owned);
        if let Some(next) = &next {
            assert!(next.starts_with(
                "http://localhost:8000/api/projects/@current/persons/?limit=10&search=id&offset="
            ));
        }
    }
    let expected: Vec<String> = ids.into_iter().rev().collect();
    assert_eq!((seen, pages), (expected, 3));
}

#[tokio::test]
async fn no_link_leads_to_an_empty_page_or_to_the_page_itself() {
    let server = three().await;
    let full = server.get(&format!("{LIST}?limit=3")).await.json();
    assert_eq!(
        (&full["next"], &full["previous"]),
        (&Value::Null, &Value::Null)
    );
    let second = server.get(&format!("{LIST}?offset=2&limit=2")).await.json();
    assert_eq!(second["next"], Value::Null);
    assert_eq!(
        second["previous"],
        format!("http://localhost:8000{LIST}?offset=0&limit=2")
    );
    let beyond = server
        .get(&format!("{LIST}?offset=99999999999999999999"))
        .await;
    assert_eq!(beyond.json()["results"], json!([]));
    assert_eq!(beyond.json()["next"], Value::Null);
}

#[tokio::test]
async fn more_rows_than_a_page_can_have_are_served_in_pages() {
    let server = Server::new();
    let events =
        (0..1001).map(|n| event("$set", &format!("d{n}"), "2024-05-01T10:00:00Z", json!({})));
    server.capture(events.collect()).await;
    let answer = server.get(&format!("{LIST}?limit=5000")).await.json();
    assert_eq!(answer["results"].as_array().map(Vec::len), Some(1000));
    assert_eq!(
        answer["next"],
        format!("http://localhost:8000{LIST}?limit=5000&offset=1000")
    );
}

#[tokio::test]
async fn numbers_that_are_none_are_refused_by_name() {
    let server = three().await;
    for query in ["limit=0", "limit=-5", "limit=ten", "limit=1e3"] {
        server
            .get(&format!("{LIST}?{query}"))
            .await
            .is_invalid("limit");
    }
    for query in ["offset=-1", "offset=x"] {
        server
            .get(&format!("{LIST}?{query}"))
            .await
            .is_invalid("offset");
    }
}

#[tokio::test]
async fn long_texts_are_refused_by_name() {
    let server = three().await;
    for name in ["search", "email", "distinct_id"] {
        let path = format!("{LIST}?{name}={}", "x".repeat(1001));
        server.get(&path).await.is_invalid(name);
    }
}

#[tokio::test]
async fn one_person_is_found_by_number_and_by_uuid() {
    let server = three().await;
    let ada = server.person("ada").await;
    let PersonId::Number(number) = ada.id else {
        panic!("a number")
    };
    let by_number = server.get(&format!("/api/person/{number}")).await;
    let by_uuid = server.get(&format!("{LIST}{}/", ada.uuid)).await;
    assert_eq!(by_number.json(), by_uuid.json());
    assert_eq!(by_number.json()["id"], number);
    assert_eq!(
        serde_json::from_slice::<Person>(&by_uuid.body).expect("the shared type"),
        ada
    );
}

#[tokio::test]
async fn unknown_people_are_not_found() {
    let server = three().await;
    for id in [
        "4711",
        "99999999999999999999",
        "b88736c3-bde8-51a6-b69f-6bb8d2c25b0b",
    ] {
        let answer = server.get(&format!("{LIST}{id}/")).await;
        answer.is_error(404, "invalid_request", "not_found", "Not found.");
    }
}

#[tokio::test]
async fn a_distinct_id_in_place_of_an_id_gets_advice_and_is_echoed_as_it_is() {
    let server = three().await;
    let odd = [
        "ada@example.com",
        "a/b",
        "1+1",
        "100%",
        "what?",
        "#1",
        "@",
        "🦀 crab",
        "<b>x</b>",
        "-1",
    ];
    for id in odd.into_iter().map(str::to_owned).chain(["x".repeat(400)]) {
        let answer = server.get(&format!("{LIST}{}/", escaped(&id))).await;
        let detail = format!(
            "The ID provided does not look like a personID. If you are using a distinctId, please use /persons?distinct_id={id} instead."
        );
        answer.is_error(400, "validation_error", "invalid_input", &detail);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn odd_distinct_ids_are_found_by_the_list_and_in_batches() {
    let server = Server::new();
    let long = "é".repeat(200);
    let odd = [
        "a/b",
        "1+1",
        "100%",
        "what?",
        "#1",
        "@",
        "🦀 crab",
        "a&b=c",
        "\"q\"",
        " ",
        &long,
    ];
    for id in odd {
        server.people(&[(id, json!({}))]).await;
    }
    for id in odd {
        let path = format!("{LIST}?distinct_id={}", escaped(id));
        assert_eq!(server.get(&path).await.ids(), [id]);
        assert_eq!(server.person(id).await.distinct_ids, [id]);
    }
    let too_long = "x".repeat(400);
    assert!(
        server
            .get(&format!("{LIST}?distinct_id={too_long}"))
            .await
            .ids()
            .is_empty()
    );
}

#[tokio::test]
async fn real_distinct_ids_come_before_anonymous_ones() {
    let server = Server::new();
    let anonymous = "0f0e-aa11-bb22-cc33-dd44ee55";
    server.people(&[(anonymous, json!({}))]).await;
    let merge = json!({"$anon_distinct_id": anonymous});
    server
        .capture(vec![event(
            "$identify",
            "ada",
            "2024-05-01T11:00:00Z",
            merge,
        )])
        .await;
    let person = server.person("ada").await;
    assert_eq!(person.distinct_ids, ["ada", anonymous]);
    assert_eq!(
        (person.name.as_str(), person.is_identified),
        ("ada", Some(true))
    );
    assert_eq!(
        person.last_seen_at.map(|at| at.to_string()).as_deref(),
        Some("2024-05-01T11:00:00Z")
    );
}

#[tokio::test]
async fn markup_in_properties_travels_as_data() {
    let server = Server::new();
    let markup = "<script>alert(1)</script>\u{2028}\0";
    server
        .people(&[("x", json!({"name": markup, markup: [markup]}))])
        .await;
    let answer = server.get(LIST).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let person = &answer.json()["results"][0];
    assert_eq!(person["name"], markup);
    assert_eq!(person["properties"][markup], json!([markup]));
}

#[tokio::test]
async fn people_cannot_be_created() {
    let server = Server::new();
    let answer = server.post(LIST, &json!({})).await;
    assert_eq!(answer.status.as_u16(), 405);
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    let detail = answer.json()["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(detail.starts_with("Creating persons via this API is not allowed. Please create persons by sending an $identify event."));
}

#[tokio::test]
async fn batches_are_keyed_by_what_was_asked_for_and_leave_strangers_out() {
    let server = three().await;
    let ada = server.person("ada").await.uuid.to_string();
    let uuids = json!({"uuids": [ada, "b88736c3-bde8-51a6-b69f-6bb8d2c25b0b", ada]});
    let answer = server
        .post("/api/person/batch_by_uuids/", &uuids)
        .await
        .json();
    assert_eq!(answer["results"].as_object().map(|map| map.len()), Some(1));
    assert_eq!(answer["results"][&ada]["name"], "ada@example.com");
    let bad = server
        .post("/api/person/batch_by_uuids/", &json!({"uuids": ["7"]}))
        .await;
    bad.is_error(
        400,
        "validation_error",
        "invalid_input",
        "One or more UUIDs are invalid.",
    );
    for malformed in [
        json!({}),
        json!({"distinct_ids": "ada"}),
        json!({"distinct_ids": [1]}),
    ] {
        let answer = server
            .post("/api/person/batch_by_distinct_ids/", &malformed)
            .await;
        assert_eq!(answer.json(), json!({"results": {}}));
    }
}

#[tokio::test]
async fn a_batch_looks_at_two_hundred() {
    let server = three().await;
    let mut ids: Vec<String> = (0..200).map(|n| format!("nobody{n}")).collect();
    ids.push("ada".into());
    let answer = server
        .post(
            "/api/person/batch_by_distinct_ids/",
            &json!({"distinct_ids": ids}),
        )
        .await;
    assert_eq!(answer.json(), json!({"results": {}}));
}

#[tokio::test]
async fn a_person_shows_the_cohorts_that_hold_them() {
    let server = three().await;
    let pro = json!({"properties": [{"key": "plan", "value": "pro", "type": "person"}]});
    let free = json!({"properties": [{"key": "plan", "value": "free", "type": "person"}]});
    for body in [
        json!({"name": "Pro", "filters": pro}),
        json!({"name": "Free", "filters": free}),
        json!({"name": "Friends", "is_static": true, "distinct_ids": ["ada", "lin", "stranger"]}),
    ] {
        assert_eq!(
            server.post("/api/cohorts/", &body).await.status.as_u16(),
            201
        );
    }
    let ada = server.person("ada").await.uuid;
    let path = format!(
        "/api/projects/{}/persons/cohorts/?person_id={ada}",
        server.project()
    );
    assert_eq!(
        server.get(&path).await.json(),
        json!({"results": [
            {"id": 1, "name": "Pro", "count": 1, "is_static": false},
            {"id": 3, "name": "Friends", "count": 2, "is_static": true},
        ]})
    );
    server
        .get("/api/person/cohorts/")
        .await
        .is_invalid("person_id");
    let unknown = server.get("/api/person/cohorts/?person_id=4711").await;
    unknown.is_error(404, "invalid_request", "not_found", "Not found.");
    assert_eq!(
        server
            .get("/api/person/cohorts/?person_id=ada")
            .await
            .status
            .as_u16(),
        400
    );
}
