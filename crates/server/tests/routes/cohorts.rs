//! `cohorts/`, `cohorts/:id/`, `cohorts/:id/persons/`.

use axum::body::Body;
use axum::http::{Method, Request, header};
use persons_api::{Cohort, Page, Person};
use serde_json::{Value, json};

use crate::server::{Answer, Server};

const COHORTS: &str = "/api/projects/@current/cohorts/";

async fn two() -> Server {
    let server = Server::new();
    server
        .people(&[
            ("ada", json!({"plan": "pro"})),
            ("grace", json!({"plan": "free"})),
        ])
        .await;
    server
}

fn plan(plan: &str) -> Value {
    json!({"properties": {"type": "OR", "values": [{"type": "AND", "values": [
        {"key": "plan", "type": "person", "value": [plan], "operator": "exact"},
    ]}]}})
}

async fn create(server: &Server, body: Value) -> Cohort {
    let answer = server.post(COHORTS, &body).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("the shared type")
}

async fn patch(server: &Server, id: i64, body: Value) -> Answer {
    server
        .write(Method::PATCH, &format!("{COHORTS}{id}/"), &body)
        .await
}

#[tokio::test]
async fn a_dynamic_cohort_follows_its_filter() {
    let server = two().await;
    let cohort = create(
        &server,
        json!({"name": "Pro", "description": "d", "filters": plan("pro")}),
    )
    .await;
    assert_eq!((cohort.count, cohort.is_static), (Some(1), false));
    assert_eq!(cohort.filters, plan("pro"));
    server.people(&[("grace", json!({"plan": "pro"}))]).await;
    let answer = server.get(&format!("{COHORTS}{}/", cohort.id)).await;
    let cohort: Cohort = serde_json::from_slice(&answer.body).expect("the shared type");
    assert_eq!(
        (cohort.count, cohort.description.as_deref()),
        (Some(2), Some("d"))
    );
    assert_eq!(
        server
            .get(&format!("{COHORTS}{}/persons/", cohort.id))
            .await
            .ids(),
        ["grace", "ada"]
    );
    let filter = format!(
        "/api/person/?properties=[{{\"key\":\"id\",\"type\":\"cohort\",\"value\":{}}}]",
        cohort.id
    )
    .replace('"', "%22")
    .replace('{', "%7B")
    .replace('}', "%7D");
    assert_eq!(server.get(&filter).await.ids(), ["grace", "ada"]);
}

#[tokio::test]
async fn a_static_cohort_is_made_of_distinct_ids() {
    let server = two().await;
    let cohort = create(
        &server,
        json!({"name": "S", "is_static": true, "distinct_ids": ["ada", "stranger", "ada"]}),
    )
    .await;
    assert_eq!((cohort.count, cohort.is_static), (Some(1), true));
    server
        .post(COHORTS, &json!({"name": "S", "is_static": true}))
        .await
        .is_invalid("distinct_ids");
    let wrong = json!({"name": "S", "is_static": true, "distinct_ids": [1]});
    server
        .post(COHORTS, &wrong)
        .await
        .is_invalid("distinct_ids");
}

#[tokio::test]
async fn a_static_cohort_is_made_of_a_csv_file() {
    let server = two().await;
    let form = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nUpload\r\n\
        --x\r\nContent-Disposition: form-data; name=\"is_static\"\r\n\r\ntrue\r\n\
        --x\r\nContent-Disposition: form-data; name=\"csv\"; filename=\"ids.csv\"\r\nContent-Type: text/csv\r\n\r\n\
        distinct_id,note\r\nada,1\r\n\"grace\",\"a, b\"\r\nstranger\r\n\r\n--x--\r\n";
    let mut request = server.request(Method::POST, COHORTS, Body::from(form));
    let kind = "multipart/form-data; boundary=x".parse().expect("valid");
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    let answer = server.send(request).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text());
    assert_eq!(answer.json()["count"], 2);
    assert_eq!(answer.json()["name"], "Upload");
}

#[tokio::test]
async fn a_broken_form_is_refused() {
    let server = two().await;
    let mut request = server.request(Method::POST, COHORTS, Body::from("--y\r\nnonsense"));
    let kind = "multipart/form-data; boundary=x".parse().expect("valid");
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    assert_eq!(server.send(request).await.status.as_u16(), 400);
}

#[tokio::test]
async fn the_list_is_newest_first_without_the_deleted() {
    let server = two().await;
    for name in ["One", "Two", "Three"] {
        create(&server, json!({"name": name, "filters": plan("pro")})).await;
    }
    assert_eq!(
        patch(&server, 2, json!({"deleted": true})).await.json()["deleted"],
        true
    );
    let answer = server.get(COHORTS).await;
    let page: Page<Cohort> = serde_json::from_slice(&answer.body).expect("the shared type");
    let names: Vec<_> = page
        .results
        .into_iter()
        .filter_map(|cohort| cohort.name)
        .collect();
    assert_eq!(
        (page.count, names),
        (Some(2), vec!["Three".to_owned(), "One".to_owned()])
    );
    assert_eq!(
        server.get(&format!("{COHORTS}?search=thr")).await.json()["count"],
        1
    );
    let first = server.get(&format!("{COHORTS}?limit=1")).await.json();
    assert_eq!(
        first["next"],
        format!("http://localhost:8000{COHORTS}?limit=1&offset=1")
    );
}

#[tokio::test]
async fn deleting_is_a_change_that_can_be_undone() {
    let server = two().await;
    let id = create(&server, json!({"name": "Pro", "filters": plan("pro")}))
        .await
        .id;
    patch(&server, id, json!({"deleted": true})).await;
    let gone = server.get(&format!("{COHORTS}{id}/persons/")).await;
    gone.is_error(404, "invalid_request", "not_found", "Not found.");
    patch(&server, id, json!({"deleted": false})).await;
    assert_eq!(
        server.get(&format!("{COHORTS}{id}/persons/")).await.ids(),
        ["ada"]
    );
    let answer = server
        .write(Method::DELETE, &format!("{COHORTS}{id}/"), &json!({}))
        .await;
    answer.is_error(
        405,
        "invalid_request",
        "method_not_allowed",
        "Method \"DELETE\" not allowed.",
    );
    assert_eq!(answer.header("allow"), Some("GET,HEAD,PATCH"));
}

#[tokio::test]
async fn a_change_changes_what_it_names() {
    let server = two().await;
    let cohort = create(
        &server,
        json!({"name": "Pro", "description": "d", "filters": plan("pro")}),
    )
    .await;
    let answer = patch(
        &server,
        cohort.id,
        json!({"filters": plan("free"), "colour": "red"}),
    )
    .await;
    let changed: Cohort = serde_json::from_slice(&answer.body).expect("the shared type");
    assert_eq!(
        changed,
        Cohort {
            filters: plan("free"),
            ..cohort.clone()
        }
    );
    let renamed = patch(&server, cohort.id, json!({"name": "Free"}))
        .await
        .json();
    assert_eq!(
        (&renamed["name"], &renamed["filters"]),
        (&json!("Free"), &plan("free"))
    );
    let whole = patch(&server, cohort.id, renamed.clone()).await;
    assert_eq!(whole.json(), renamed);
}

#[tokio::test]
async fn a_static_cohort_sent_back_whole_is_accepted() {
    let server = two().await;
    let answer = server
        .post(
            COHORTS,
            &json!({"name": "S", "is_static": true, "distinct_ids": ["ada"]}),
        )
        .await;
    let again = patch(&server, 1, answer.json()).await;
    assert_eq!(again.json(), answer.json());
    for blank in [json!({}), json!(null), json!({"properties": []})] {
        let answer = patch(&server, 1, json!({"filters": blank})).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    }
    patch(&server, 1, json!({"filters": plan("pro")}))
        .await
        .is_invalid("filters");
}

#[tokio::test]
async fn what_cannot_be_a_cohort_is_refused_by_name() {
    let server = two().await;
    let no_filters = server.post(COHORTS, &json!({"name": "x"})).await;
    no_filters.is_error(
        400,
        "validation_error",
        "invalid_input",
        "Filters must be a dictionary with a 'properties' key.",
    );
    for (body, attr) in [
        (json!({"filters": plan("pro")}), "name"),
        (json!({"name": " ", "filters": plan("pro")}), "name"),
        (json!({"name": 7, "filters": plan("pro")}), "name"),
        (
            json!({"name": "x".repeat(401), "filters": plan("pro")}),
            "name",
        ),
        (
            json!({"name": "x", "description": "x".repeat(1001), "filters": plan("pro")}),
            "description",
        ),
        (json!({"name": "x", "filters": []}), "filters"),
        (
            json!({"name": "x", "filters": {"properties": [{"key": "a"}]}}),
            "filters",
        ),
        (
            json!({"name": "x", "filters": {"properties": [{"key": "a", "value": "(", "operator": "regex"}]}}),
            "filters",
        ),
        (
            json!({"name": "x", "filters": {"properties": [{"key": "id", "type": "cohort", "value": 99}]}}),
            "filters",
        ),
        (
            json!({"name": "x", "filters": plan("pro"), "query": {}}),
            "query",
        ),
        (json!({"name": "x", "query": {}}), "query"),
        (json!({"name": "x", "is_static": "perhaps"}), "is_static"),
    ] {
        server.post(COHORTS, &body).await.is_invalid(attr);
    }
    assert_eq!(server.get(COHORTS).await.json()["count"], 0);
}

#[tokio::test]
async fn cohorts_cannot_refer_to_themselves_in_a_loop() {
    let server = two().await;
    let of = |id: i64| json!({"properties": [{"key": "id", "type": "cohort", "value": id}]});
    create(&server, json!({"name": "One", "filters": plan("pro")})).await;
    create(&server, json!({"name": "Two", "filters": of(1)})).await;
    for id in [1, 2] {
        let answer = patch(&server, 1, json!({"filters": of(id)})).await;
        answer.is_error(
            400,
            "validation_error",
            "invalid_input",
            "Cohorts cannot reference other cohorts in a loop.",
        );
    }
    assert_eq!(
        server.get(&format!("{COHORTS}2/persons/")).await.ids(),
        ["ada"]
    );
}

#[tokio::test]
async fn the_people_of_a_cohort_are_a_list_like_any_other() {
    let server = two().await;
    create(
        &server,
        json!({"name": "All", "is_static": true, "distinct_ids": ["ada", "grace"]}),
    )
    .await;
    let persons = format!("{COHORTS}1/persons/");
    let answer = server.get(&format!("{persons}?limit=1&offset=1")).await;
    let page: Page<Person> = serde_json::from_slice(&answer.body).expect("the shared type");
    assert_eq!(page.count, Some(2));
    assert_eq!(
        page.previous,
        Some(format!("http://localhost:8000{persons}?limit=1&offset=0"))
    );
    assert_eq!(
        server.get(&format!("{persons}?search=pro")).await.ids(),
        ["ada"]
    );
    assert_eq!(
        server
            .get(&format!("{persons}?format=csv"))
            .await
            .text()
            .lines()
            .count(),
        3
    );
    for id in ["7", "x", "@me"] {
        let answer = server.get(&format!("{COHORTS}{id}/persons/")).await;
        answer.is_error(404, "invalid_request", "not_found", "Not found.");
    }
}

#[tokio::test]
async fn an_unknown_cohort_cannot_be_changed() {
    let server = two().await;
    let answer = patch(&server, 7, json!({"name": "x"})).await;
    answer.is_error(404, "invalid_request", "not_found", "Not found.");
}

/// A server with a data file, which is opened again at the end to compare.
struct OnDisk {
    folder: std::path::PathBuf,
    server: Server,
}

impl OnDisk {
    async fn new() -> Self {
        let name = format!("persons-cohorts-{}", uuid::Uuid::now_v7());
        let folder = std::env::temp_dir().join(name);
        let server = Server::on_disk(&folder.join("persons.sqlite"));
        server
            .people(&[
                ("ada", json!({"plan": "pro"})),
                ("grace", json!({"plan": "free"})),
            ])
            .await;
        Self { folder, server }
    }

    fn patch(&self, id: i64, body: Value) -> Request<Body> {
        let path = format!("{COHORTS}{id}/");
        self.server.json_request(Method::PATCH, &path, &body)
    }

    /// Merges grace into ada.
    fn merge(&self) -> Request<Body> {
        let body = json!({
            "api_key": self.server.app.project.info().api_token,
            "event": "$merge_dangerously",
            "distinct_id": "ada",
            "properties": {"alias": "grace"},
        });
        self.server.json_request(Method::POST, "/capture/", &body)
    }

    /// Checks that the data file holds what the server shows.
    async fn check_file(self) {
        let shown = async |server: &Server| {
            let cohorts = server.get(COHORTS).await.json();
            let mut members = Vec::new();
            for cohort in cohorts["results"].as_array().expect("a list") {
                let path = format!("{COHORTS}{}/persons/", cohort["id"]);
                members.push(server.get(&path).await.json());
            }
            (cohorts, members)
        };
        let before = shown(&self.server).await;
        drop(self.server);
        let again = Server::on_disk(&self.folder.join("persons.sqlite"));
        assert_eq!(shown(&again).await, before);
        drop(again);
        std::fs::remove_dir_all(self.folder).expect("ours");
    }
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect()
}

fn referring(id: i64) -> Value {
    json!({"filters": {"properties": [{"key": "id", "type": "cohort", "value": id}]}})
}

#[tokio::test]
async fn concurrent_changes_of_a_cohort_are_all_kept() {
    let disk = OnDisk::new().await;
    create(&disk.server, json!({"name": "Pro", "filters": plan("pro")})).await;
    let answers = disk
        .server
        .send_as_group(vec![
            disk.patch(1, json!({"name": "New name"})),
            disk.patch(1, json!({"description": "New description"})),
            disk.patch(1, json!({"filters": plan("free")})),
        ])
        .await;
    assert_eq!(statuses(&answers), [200, 200, 200]);
    let cohort = disk.server.get(&format!("{COHORTS}1/")).await.json();
    assert_eq!(cohort["name"], "New name");
    assert_eq!(cohort["description"], "New description");
    assert_eq!(cohort["filters"], plan("free"));
    disk.check_file().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_changes_of_a_cohort_are_all_kept() {
    let server = std::sync::Arc::new(two().await);
    create(&server, json!({"name": "Pro", "filters": plan("pro")})).await;
    for round in 0..100 {
        let changes = ["name", "description"].map(|field| {
            let server = server.clone();
            tokio::spawn(async move { patch(&server, 1, json!({field: format!("{round}")})).await })
        });
        for change in changes {
            assert_eq!(change.await.expect("no panic").status, 200);
        }
        let cohort = server.get(&format!("{COHORTS}1/")).await.json();
        let fields = [&cohort["name"], &cohort["description"]];
        assert_eq!(fields, [&json!(format!("{round}")); 2]);
    }
}

#[tokio::test]
async fn a_member_who_is_merged_while_the_cohort_is_changed_stays_a_member() {
    for merges_first in [true, false] {
        let disk = OnDisk::new().await;
        let body = json!({"name": "S", "is_static": true, "distinct_ids": ["grace"]});
        create(&disk.server, body).await;
        let mut requests = vec![disk.merge(), disk.patch(1, json!({"name": "New name"}))];
        if !merges_first {
            requests.reverse();
        }
        let answers = disk.server.send_as_group(requests).await;
        assert_eq!(statuses(&answers), [200, 200]);
        let persons = format!("{COHORTS}1/persons/");
        assert_eq!(disk.server.get(&persons).await.ids(), ["ada"]);
        disk.check_file().await;
    }
}

#[tokio::test]
async fn a_cohort_of_distinct_ids_has_the_people_they_belong_to_when_it_is_written() {
    for merges_first in [true, false] {
        let disk = OnDisk::new().await;
        let body = json!({"name": "S", "is_static": true, "distinct_ids": ["grace"]});
        let create = disk.server.json_request(Method::POST, COHORTS, &body);
        let mut requests = vec![disk.merge(), create];
        if !merges_first {
            requests.reverse();
        }
        let mut answers = statuses(&disk.server.send_as_group(requests).await);
        answers.sort_unstable();
        assert_eq!(answers, [200, 201]);
        let persons = format!("{COHORTS}1/persons/");
        assert_eq!(disk.server.get(&persons).await.ids(), ["ada"]);
        disk.check_file().await;
    }
}

#[tokio::test]
async fn concurrent_changes_cannot_close_a_loop() {
    for count in [2, 3, 7] {
        let disk = OnDisk::new().await;
        for _ in 0..count {
            create(&disk.server, json!({"name": "Pro", "filters": plan("pro")})).await;
        }
        let next = |id: i64| id % count + 1;
        let changes = (1..=count).map(|id| disk.patch(id, referring(next(id))));
        let mut answers = disk.server.send_as_group(changes.collect()).await;
        let refused = answers.pop().expect("the last one");
        refused.is_error(
            400,
            "validation_error",
            "invalid_input",
            "Cohorts cannot reference other cohorts in a loop.",
        );
        refused.is_invalid("filters");
        assert!(statuses(&answers).iter().all(|status| *status == 200));
        let persons = format!("{COHORTS}1/persons/");
        assert_eq!(disk.server.get(&persons).await.ids(), ["ada"]);
        disk.check_file().await;
    }
}

#[tokio::test]
async fn a_cohort_that_is_deleted_meanwhile_cannot_be_referred_to() {
    let disk = OnDisk::new().await;
    for _ in 0..2 {
        create(&disk.server, json!({"name": "Pro", "filters": plan("pro")})).await;
    }
    let changes = vec![
        disk.patch(1, json!({"deleted": true})),
        disk.patch(2, referring(1)),
    ];
    let answers = disk.server.send_as_group(changes).await;
    assert_eq!(statuses(&answers), [200, 400]);
    answers[1].is_invalid("filters");
    assert!(answers[1].text().contains("Cohort 1 does not exist"));
    disk.check_file().await;
}

#[tokio::test]
async fn a_new_cohort_cannot_refer_to_itself() {
    let server = two().await;
    let mut body = referring(1);
    body["name"] = "Self".into();
    let answer = server.post(COHORTS, &body).await;
    answer.is_invalid("filters");
    assert_eq!(server.get(COHORTS).await.json()["count"], 0);
}
