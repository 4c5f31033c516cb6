//! `PATCH` and `DELETE persons/:id/`, `update_property`, `delete_property`, `split`, `bulk_delete`.

use axum::body::Body;
use axum::http::Method;
use persons_api::Person;
use serde_json::{Value, json};

use crate::server::{Answer, Server, escaped, event};

const PERSONS: &str = "/api/projects/@current/persons";

async fn ada() -> Server {
    let server = Server::new();
    let set = json!({"email": "ada@example.com", "plan": "free", "seats": 5});
    server.people(&[("ada", set), ("grace", json!({}))]).await;
    server
}

async fn url(server: &Server, distinct_id: &str) -> String {
    format!("{PERSONS}/{}", server.person(distinct_id).await.uuid)
}

async fn patch(server: &Server, properties: Value) -> Answer {
    let body = json!({"properties": properties});
    server
        .write(Method::PATCH, &url(server, "ada").await, &body)
        .await
}

/// The names of the activity of a person, newest first.
async fn activity(server: &Server, url: &str) -> Vec<Value> {
    let page = server
        .get(&format!("{url}/activity/?limit=100"))
        .await
        .json();
    page["results"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| panic!("{page}"))
}

#[tokio::test]
async fn a_patch_sets_what_it_names_and_answers_the_person() {
    let server = ada().await;
    let answer = patch(
        &server,
        json!({"plan": "pro", "seats": null, "tags": ["a", {"b": 1}]}),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let person: Person = serde_json::from_slice(&answer.body).expect("a person");
    let mut expected =
        json!({"email": "ada@example.com", "plan": "pro", "seats": null, "tags": ["a", {"b": 1}]});
    expected["$creator_event_uuid"] = person.properties["$creator_event_uuid"].clone();
    assert_eq!(json!(person.properties), expected);
    assert_eq!(json!(server.person("ada").await.properties), expected);
}

#[tokio::test]
async fn every_change_is_in_the_history_with_its_values_and_who_did_it() {
    let server = ada().await;
    patch(
        &server,
        json!({"plan": "pro", "new": 1, "email": "ada@example.com"}),
    )
    .await;
    let person = url(&server, "ada").await;
    let unset = json!({"$unset": "seats"});
    server
        .post(&format!("{person}/delete_property/"), &unset)
        .await;
    let entries = activity(&server, &person).await;
    let names: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry["activity"].as_str())
        .collect();
    assert_eq!(names, ["delete_property", "updated", "created"]);
    let [deleted, updated, created] = &entries[..] else {
        panic!("{entries:?}")
    };
    assert_eq!(
        updated["detail"],
        json!({"changes": [{"type": "Person", "action": "changed", "field": "properties",
                            "before": {"plan": "free"}, "after": {"plan": "pro", "new": 1}}],
               "trigger": null, "type": null, "name": null, "short_id": null})
    );
    assert_eq!(
        deleted["detail"]["changes"][0]["before"],
        json!({"seats": 5})
    );
    assert_eq!(deleted["detail"]["changes"][0]["after"], json!({}));
    assert_eq!(
        deleted["detail"]["name"],
        json!(server.person("ada").await.uuid)
    );
    assert!(updated["user"]["is_system"].is_null() && updated["user"]["first_name"].is_string());
    assert_eq!(
        created["user"],
        json!({"first_name": "System", "email": null, "is_system": true})
    );
    assert_eq!(created["detail"]["trigger"]["job_type"], "ingestion");
    assert_eq!(
        created["detail"]["trigger"]["payload"],
        json!({"event": "$set"})
    );
    assert_eq!(created["created_at"], "2024-05-01T10:00:00Z");
}

#[tokio::test]
async fn an_edit_is_also_an_event_of_the_first_distinct_id() {
    let server = ada().await;
    let before = server.app.project.event_count().expect("counts");
    patch(&server, json!({"plan": "pro"})).await;
    assert_eq!(
        server.app.project.event_count().expect("counts"),
        before + 1
    );
    assert!(server.person("ada").await.last_seen_at > server.person("grace").await.last_seen_at);
}

#[tokio::test]
async fn a_property_is_set_by_the_body_or_by_the_query() {
    let server = ada().await;
    let person = url(&server, "ada").await;
    for (query, body, key, expected) in [
        ("", json!({"key": "a", "value": null}), "a", json!(null)),
        ("", json!({"key": "b", "value": false}), "b", json!(false)),
        ("?key=c&value=7", json!({}), "c", json!(7)),
        ("?key=c&value=pro", json!({}), "c", json!("pro")),
        ("?key=d&value=%5B1%5D", json!({}), "d", json!([1])),
        ("?key=d&value=", json!({}), "d", json!("")),
        ("?key=e&value=1", json!({"value": 2}), "e", json!(2)),
        ("?key=x&value=1", json!({"key": "f"}), "f", json!(1)),
    ] {
        let answer = server
            .post(&format!("{person}/update_property/{query}"), &body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["properties"][key], expected, "{query} {body}");
        assert!(
            answer.json()["properties"]
                .as_object()
                .is_some_and(|all| all.contains_key(key))
        );
    }
    let nothing = server
        .post(&format!("{person}/update_property/"), &json!({"key": "a"}))
        .await;
    nothing.is_invalid("value");
    let nameless = server
        .post(&format!("{person}/update_property/"), &json!({"value": 1}))
        .await;
    nameless.is_invalid("key");
}

#[tokio::test]
async fn taking_away_what_is_not_there_succeeds() {
    let server = ada().await;
    let person = url(&server, "ada").await;
    for _ in 0..2 {
        let answer = server
            .post(
                &format!("{person}/delete_property/?$unset=plan"),
                &json!({}),
            )
            .await;
        assert_eq!(answer.status, 200);
        assert!(answer.json()["properties"]["plan"].is_null());
    }
    server
        .post(&format!("{person}/delete_property/"), &json!({}))
        .await
        .is_invalid("$unset");
    server
        .post(
            &format!("{person}/delete_property/"),
            &json!({"$unset": ["plan"]}),
        )
        .await
        .is_invalid("$unset");
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_and_changes_nothing() {
    let server = ada().await;
    let before = server.person("ada").await;
    patch(&server, json!(null)).await.is_invalid("properties");
    patch(&server, json!([1])).await.is_invalid("properties");
    let many: serde_json::Map<String, Value> =
        (0..10_000).map(|n| (n.to_string(), n.into())).collect();
    patch(&server, Value::Object(many))
        .await
        .is_invalid("properties");
    let person = url(&server, "ada").await;
    server
        .write(Method::PATCH, &person, &json!({}))
        .await
        .is_invalid("properties");
    assert_eq!(server.person("ada").await, before);
}

#[tokio::test]
async fn nobody_and_nonsense_are_told_apart_everywhere() {
    let server = ada().await;
    let nobody = "00000000-0000-0000-0000-000000000000";
    let body = json!({"properties": {}, "key": "a", "value": 1, "$unset": "a"});
    for (method, rest) in [
        (Method::PATCH, ""),
        (Method::DELETE, ""),
        (Method::POST, "/update_property"),
        (Method::POST, "/delete_property"),
        (Method::POST, "/split"),
        (Method::GET, "/activity"),
        (Method::GET, "/properties_timeline"),
    ] {
        for id in [nobody, "4711"] {
            let answer = server
                .write(method.clone(), &format!("{PERSONS}/{id}{rest}/"), &body)
                .await;
            answer.is_error(404, "invalid_request", "not_found", "Not found.");
        }
        let answer = server
            .write(method, &format!("{PERSONS}/ada@x{rest}/"), &body)
            .await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.text().contains("distinct_id=ada@x"),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn writes_need_the_scope_for_it() {
    let server = Server::with_scopes(&["person:read"]);
    server.people(&[("ada", json!({}))]).await;
    let person = url(&server, "ada").await;
    for (method, path) in [
        (Method::PATCH, person.clone()),
        (Method::DELETE, person.clone()),
        (Method::POST, format!("{person}/split/")),
        (Method::POST, format!("{PERSONS}/bulk_delete/")),
    ] {
        let answer = server
            .write(method, &path, &json!({"properties": {}}))
            .await;
        let detail = "API key missing required scope 'person:write'";
        answer.is_error(403, "authentication_error", "permission_denied", detail);
    }
    let answer = server.get(&format!("{person}/activity/")).await;
    assert_eq!(answer.status, 403);
}

async fn three_ids() -> Server {
    let server = Server::new();
    let merge = |id: &str, minute: u32| {
        let at = format!("2024-05-01T10:{minute:02}:00Z");
        event(
            "$identify",
            "ada",
            &at,
            json!({"$anon_distinct_id": id, "$set": {"plan": "pro"}}),
        )
    };
    server.capture(vec![merge("one", 0), merge("two", 1)]).await;
    server
}

#[tokio::test]
async fn a_split_gives_every_other_id_a_person_of_its_own() {
    let server = three_ids().await;
    let before = server.person("ada").await;
    let answer = server
        .post(
            &format!("{}/split/", url(&server, "ada").await),
            &json!({"main_distinct_id": "two"}),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["success"], true);
    assert_eq!(body["uuid"], json!(before.uuid));
    assert_eq!(body["distinct_ids"], json!(["two"]));
    assert_eq!(body["properties"]["plan"], "pro");
    for id in ["ada", "one"] {
        let other = server.person(id).await;
        assert_eq!(other.distinct_ids, [id]);
        assert_eq!(json!(other.properties), json!({}));
        assert_eq!(other.is_identified, Some(false));
        assert_ne!(other.uuid, before.uuid);
    }
    let derived = persons_engine::person_uuid(server.project(), "one");
    assert_eq!(json!(server.person("one").await.uuid), json!(derived));
    // The person keeps the UUID of the id it came from, which therefore gets a fresh one.
    assert_eq!(
        json!(before.uuid),
        json!(persons_engine::person_uuid(server.project(), "ada"))
    );
    let entry = &activity(&server, &url(&server, "two").await).await[0];
    assert_eq!(entry["activity"], "split_person");
    assert_eq!(
        entry["detail"]["changes"],
        json!([{"type": "Person", "action": "split", "field": null, "before": null, "after": {"distinct_ids": ["ada", "one", "two"]}}])
    );
}

#[tokio::test]
async fn without_a_main_id_the_first_one_stays_and_so_do_the_properties() {
    let server = three_ids().await;
    let body = server
        .post(&format!("{}/split/", url(&server, "ada").await), &json!({}))
        .await
        .json();
    assert_eq!(body["distinct_ids"], json!(["ada"]));
    assert_eq!(body["properties"]["plan"], "pro");
    assert_eq!(server.get(&format!("{PERSONS}/")).await.json()["count"], 3);
}

#[tokio::test]
async fn only_the_listed_ids_move() {
    let server = three_ids().await;
    let split = format!("{}/split/", url(&server, "ada").await);
    for (body, attr) in [
        (
            json!({"distinct_ids_to_split": []}),
            "distinct_ids_to_split",
        ),
        (
            json!({"distinct_ids_to_split": "one"}),
            "distinct_ids_to_split",
        ),
        (
            json!({"distinct_ids_to_split": ["one", 2]}),
            "distinct_ids_to_split",
        ),
        (
            json!({"distinct_ids_to_split": ["one", "x"]}),
            "distinct_ids_to_split",
        ),
        (
            json!({"distinct_ids_to_split": ["one", "two", "ada"]}),
            "distinct_ids_to_split",
        ),
        (json!({"main_distinct_id": "x"}), "main_distinct_id"),
        (json!({"main_distinct_id": 1}), "main_distinct_id"),
    ] {
        server.post(&split, &body).await.is_invalid(attr);
    }
    let both = json!({"main_distinct_id": "ada", "distinct_ids_to_split": ["one"]});
    let detail = "main_distinct_id cannot be combined with distinct_ids_to_split";
    server
        .post(&split, &both)
        .await
        .is_error(400, "validation_error", "invalid_input", detail);
    assert_eq!(server.get(&format!("{PERSONS}/")).await.json()["count"], 1);
    let body = server
        .post(
            &split,
            &json!({"distinct_ids_to_split": ["two", "two"], "main_distinct_id": null}),
        )
        .await
        .json();
    assert_eq!(body["distinct_ids"], json!(["ada", "one"]));
    let entry = &activity(&server, &url(&server, "ada").await).await[0];
    assert_eq!(
        entry["detail"]["changes"][0]["after"]["distinct_ids_to_split"],
        json!(["two", "two"])
    );
}

#[tokio::test]
async fn an_id_goes_back_to_the_person_that_has_its_uuid() {
    let server = three_ids().await;
    // "one" gets the person with its UUID; merged back and split off again, that UUID is free again.
    let split = |id: &'static str| json!({"distinct_ids_to_split": [id]});
    let person = url(&server, "ada").await;
    server
        .post(&format!("{person}/split/"), &split("one"))
        .await;
    let first = server.person("one").await.uuid;
    let merge = event(
        "$merge_dangerously",
        "ada",
        "2024-05-02T10:00:00Z",
        json!({"alias": "one"}),
    );
    server.capture(vec![merge]).await;
    server
        .post(&format!("{person}/split/"), &split("one"))
        .await;
    assert_eq!(server.person("one").await.uuid, first);
    // Now somebody else lives under that UUID: "one" moved on, "lodger" came.
    let lodge = event(
        "$merge_dangerously",
        "one",
        "2024-05-03T10:00:00Z",
        json!({"alias": "lodger"}),
    );
    server.capture(vec![lodge]).await;
    let other = format!("{PERSONS}/{first}");
    server.post(&format!("{other}/split/"), &split("one")).await;
    let fresh = server.person("one").await.uuid;
    assert_ne!(fresh, first);
    let merge = event(
        "$merge_dangerously",
        "ada",
        "2024-05-04T10:00:00Z",
        json!({"alias": "one"}),
    );
    server.capture(vec![merge]).await;
    server
        .post(&format!("{person}/split/"), &split("one"))
        .await;
    assert_eq!(server.person("one").await.uuid, first);
    assert_eq!(server.person("one").await.distinct_ids, ["one", "lodger"]);
}

#[tokio::test]
async fn a_deleted_person_is_gone_and_its_values_with_it() {
    let server = ada().await;
    patch(&server, json!({"plan": "pro"})).await;
    let (person, before) = (url(&server, "ada").await, server.person("ada").await);
    let answer = server
        .send(server.request(Method::DELETE, &person, Body::empty()))
        .await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    let again = server
        .send(server.request(Method::DELETE, &person, Body::empty()))
        .await;
    again.is_error(404, "invalid_request", "not_found", "Not found.");
    assert_eq!(
        server
            .get(&format!("{PERSONS}/?distinct_id=ada"))
            .await
            .json()["count"],
        0
    );
    let log = server
        .get(&format!("{PERSONS}/activity/?source=all&limit=100"))
        .await;
    let entries = log.json();
    let entry = &entries["results"][0];
    assert_eq!(entry["activity"], "deleted");
    assert_eq!(
        entry["detail"],
        json!({"changes": null, "trigger": null, "type": null, "name": before.uuid, "short_id": null})
    );
    assert!(!log.text().contains("ada@example.com"), "{}", log.text());
    // An edit of before is shown in PostHog's own way: it happened, what it was is not known.
    assert_eq!(
        entries["results"][1]["detail"]["changes"][0]["before"],
        Value::Null
    );
    assert_eq!(
        server
            .get(&format!("{PERSONS}/deletion_status/"))
            .await
            .json()["count"],
        0
    );
    // Whoever comes back is somebody new.
    server.people(&[("ada", json!({}))]).await;
    assert_ne!(server.person("ada").await.id, before.id);
}

#[tokio::test]
async fn events_go_only_if_they_should() {
    for (query, waiting) in [
        ("", 0),
        ("?delete_events=false", 0),
        ("?delete_events=0", 0),
        ("?delete_events=No", 0),
        ("?delete_events=true", 1),
        ("?delete_events=1", 1),
        ("?delete_events=YES", 1),
        ("?delete_events", 1),
        ("?delete_events=", 1),
        ("?delete_events=true&keep_person=true", 1),
    ] {
        let server = ada().await;
        let person = url(&server, "ada").await;
        let answer = server
            .send(server.request(Method::DELETE, &format!("{person}/{query}"), Body::empty()))
            .await;
        assert_eq!(answer.status, 204, "{query}");
        let status = server
            .get(&format!("{PERSONS}/deletion_status/?status=pending"))
            .await
            .json();
        assert_eq!(status["count"], waiting, "{query}");
        let is_kept = server.get(&person).await.status == 200;
        assert_eq!(is_kept, query.contains("keep_person"), "{query}");
    }
    let server = ada().await;
    let person = url(&server, "ada").await;
    let unclear = server.request(
        Method::DELETE,
        &format!("{person}?delete_events=maybe"),
        Body::empty(),
    );
    server.send(unclear).await.is_invalid("delete_events");
    assert_eq!(server.get(&person).await.status, 200);
}

#[tokio::test]
async fn several_people_are_deleted_at_once() {
    let server = three_ids().await;
    server
        .people(&[("grace", json!({})), ("lin", json!({}))])
        .await;
    let bulk = format!("{PERSONS}/bulk_delete/");
    let body = json!({"distinct_ids": ["one", "two", "nobody", "lin"], "delete_events": true});
    let answer = server.post(&bulk, &body).await;
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.json(),
        json!({"persons_found": 2, "persons_deleted": 2, "events_queued_for_deletion": true,
               "recordings_queued_for_deletion": false, "deletion_errors": []})
    );
    assert_eq!(
        server
            .get(&format!("{PERSONS}/deletion_status/"))
            .await
            .json()["count"],
        2
    );
    let grace = server.person("grace").await.uuid;
    let kept = server
        .post(&bulk, &json!({"ids": [grace], "keep_person": true}))
        .await
        .json();
    assert_eq!(
        (&kept["persons_found"], &kept["persons_deleted"]),
        (&json!(1), &json!(0))
    );
    let gone = server
        .post(&bulk, &json!({"ids": [grace, grace]}))
        .await
        .json();
    assert_eq!(
        (
            &gone["persons_deleted"],
            &gone["events_queued_for_deletion"]
        ),
        (&json!(1), &json!(false))
    );
    assert_eq!(server.get(&format!("{PERSONS}/")).await.json()["count"], 0);
    let log = server
        .get(&format!("{PERSONS}/activity/?activity=deleted"))
        .await
        .json();
    assert_eq!(log["total_count"], 3);
}

#[tokio::test]
async fn a_bulk_deletion_that_is_unclear_deletes_nobody() {
    let server = ada().await;
    let bulk = format!("{PERSONS}/bulk_delete/");
    let many: Vec<String> = (0..1001).map(|n| n.to_string()).collect();
    for (body, detail) in [
        (json!({}), "You need to specify either distinct_ids or ids"),
        (
            json!({"ids": [], "distinct_ids": []}),
            "You need to specify either distinct_ids or ids",
        ),
        (
            json!({"ids": ["x"], "distinct_ids": ["ada"]}),
            "You must provide either distinct_ids or ids, not both",
        ),
        (json!({"ids": ["x"]}), "One or more UUIDs are invalid."),
        (
            json!({"distinct_ids": many}),
            "You can only pass 1000 distinct_ids in one call",
        ),
        (json!({"distinct_ids": "ada"}), "must be a list of strings"),
    ] {
        let answer = server.post(&bulk, &body).await;
        answer.is_error(400, "validation_error", "invalid_input", detail);
    }
    assert_eq!(server.get(&format!("{PERSONS}/")).await.json()["count"], 2);
}

#[tokio::test]
async fn changes_work_under_every_form_of_the_url() {
    let server = ada().await;
    let id = server.person("ada").await.id;
    let id = json!(id).to_string();
    for base in [
        "/api/projects/1/persons",
        "/api/environments/@current/persons",
        "/api/person",
    ] {
        let path = format!("{base}/{id}/update_property");
        let answer = server
            .post(&path, &json!({"key": "at", "value": base}))
            .await;
        assert_eq!(answer.json()["properties"]["at"], base);
        let csv = server
            .get(&format!("{base}/{id}/activity.csv?limit=1"))
            .await;
        assert!(
            csv.text()
                .starts_with("activity,created_at,detail.changes.0.action,"),
            "{}",
            csv.text()
        );
    }
    let odd = escaped("ä/?&=");
    let answer = server
        .post(
            &format!("/api/person/{id}/update_property?key={odd}&value={odd}"),
            &json!({}),
        )
        .await;
    assert_eq!(answer.json()["properties"]["ä/?&="], "ä/?&=");
}

#[tokio::test]
async fn a_write_does_not_wait_for_a_long_look_at_history() {
    let folder = std::env::temp_dir().join(format!("persons-long-look-{}", uuid::Uuid::now_v7()));
    let server = Server::on_disk(&folder.join("persons.sqlite"));
    server.people(&[("ada", json!({}))]).await;
    let person = url(&server, "ada").await;
    // Somebody reads, and reads on until the write is answered.
    let reading = server.app.project.archive().clone();
    let (begun, beginning) = std::sync::mpsc::channel();
    let (enough, until) = std::sync::mpsc::channel::<()>();
    let reader = std::thread::spawn(move || {
        let _held = reading.lock();
        begun.send(()).expect("somebody waits");
        until.recv().expect("the write is answered");
    });
    beginning.recv().expect("reading has begun");
    let body = json!({"key": "plan", "value": "pro"});
    let answer = server
        .post(&format!("{person}/update_property/"), &body)
        .await;
    assert_eq!(answer.json()["properties"]["plan"], "pro");
    enough.send(()).expect("the reader waits");
    reader.join().expect("the reader ends");
    assert_eq!(activity(&server, &person).await.len(), 2);
    drop(server);
    std::fs::remove_dir_all(folder).expect("ours");
}
