//! Deleting a person with all events leaves nothing of them: not in the file, not at any endpoint.

use std::path::{Path, PathBuf};

use axum::http::Method;
use serde_json::{Value, json};

use crate::server::{Server, event};

const PROJECT: &str = "/api/projects/@current";

/// What only the deleted person has: ids, keys, values and the name of an event, in every form that is stored.
struct Traces {
    texts: Vec<String>,
    uuids: Vec<uuid::Uuid>,
}

impl Traces {
    /// Whether some bytes contain any of it, and which.
    fn found_in(&self, bytes: &[u8]) -> Vec<String> {
        let texts = self
            .texts
            .iter()
            .map(|text| (text.clone(), text.clone().into_bytes()));
        let uuids = self.uuids.iter().flat_map(|uuid| {
            let text = uuid.to_string();
            [
                (text.clone(), text.clone().into_bytes()),
                (format!("{text} as bytes"), uuid.as_bytes().to_vec()),
            ]
        });
        let found = texts.chain(uuids);
        let found =
            found.filter(|(_, needle)| bytes.windows(needle.len()).any(|part| part == needle));
        found.map(|(name, _)| name).collect()
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("persons-erasure-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn data(&self) -> PathBuf {
        self.0.join("persons.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What is found of a person in the data file and the files beside it.
fn in_files(traces: &Traces, data: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for end in ["", "-wal", "-shm"] {
        let mut path = data.as_os_str().to_owned();
        path.push(end);
        let bytes = std::fs::read(&path).unwrap_or_default();
        let traces = traces.found_in(&bytes).into_iter();
        found.extend(traces.map(|trace| format!("persons.sqlite{end}: {trace}")));
    }
    found
}

/// What is found of a person in the answers of all GET endpoints of the API.
async fn at_endpoints(server: &Server, traces: &Traces) -> Vec<String> {
    let mut found = Vec::new();
    let openapi = persons_server::http::openapi();
    let paths = openapi["paths"].as_object().expect("paths").iter();
    let paths = paths.filter(|(_, methods)| methods.get("get").is_some());
    let mut asked = 0;
    for (path, _) in paths {
        let path = path.replace("{project}", "@current");
        let ids: &[&str] = match path.contains("{id}") {
            false => &[""],
            true => &["1", "2", "3", "4", "5"],
        };
        for id in ids {
            let path = path.replace("{id}", id);
            for query in [
                "limit=1000&source=all&type=person&date_from=all&key=plan&person_id=2",
                "limit=1000&status=all&type=event&date_from=all&key=custom_event",
                "limit=1000&key=only_key&date_from=all&events=%5B%7B%22id%22%3Anull%7D%5D&breakdown=plan",
                "limit=1000",
            ] {
                let answer = server.get(&format!("{path}?{query}")).await;
                assert!(
                    answer.status.as_u16() < 500,
                    "{path}?{query}: {}",
                    answer.text()
                );
                asked += usize::from(answer.status == 200);
                // An answer may name the key that was asked for.
                let text = answer.text().replace("key=only_key", "");
                let traces = traces.found_in(text.as_bytes()).into_iter();
                found.extend(traces.map(|trace| format!("{path}?{query}: {trace}")));
            }
        }
    }
    assert!(asked > 60, "only {asked} answers were looked at");
    found.sort();
    found.dedup();
    found
}

/// A server with many people, among them the one that is deleted in the end.
async fn server_with_traces(data: &Path) -> (Server, Traces, uuid::Uuid) {
    let server = Server::on_disk(data);
    // Enough others that the tables and indexes have many pages, which are split and merged again.
    for part in 0..20 {
        let events = (0..50).map(|n| {
            let set = json!({"plan": "free", "text": "y".repeat(n * 7)});
            event(
                "view",
                &format!("other-{part}-{n}"),
                "2024-05-01T09:00:00Z",
                json!({"$set": set}),
            )
        });
        server.capture(events.collect()).await;
        // The person's own, between them.
        let own = [
            event(
                "$identify",
                "only@id.example",
                &format!("2024-05-02T10:{part:02}:00Z"),
                json!({"$anon_distinct_id": format!("only-anon-{part}"), "$set": {"only_key": format!("only value {part}"), "plan": "only plan"}}),
            ),
            event(
                "only event",
                "only@id.example",
                &format!("2024-05-02T11:{part:02}:00Z"),
                json!({"only_event_key": {"deep": "only deep value"}, "plan": "only plan"}),
            ),
        ];
        server.capture(own.to_vec()).await;
    }
    // Others who met them: an id that was another person's for a while, and a refused merge.
    let joins = json!({"$anon_distinct_id": "other-0-0"});
    let seen = json!({"$set": {"seen": "yes"}});
    let own = json!({"$set": {"plan": "only plan"}, "only_event_key": 1});
    server
        .capture(vec![
            event(
                "$identify",
                "only-friend",
                "2024-05-03T11:00:00Z",
                joins.clone(),
            ),
            event("only event", "only-friend", "2024-05-03T12:00:00Z", seen),
            event(
                "$identify",
                "only@id.example",
                "2024-05-03T13:00:00Z",
                joins,
            ),
            event("$set", "only@id.example", "2024-05-03T14:00:00Z", own),
        ])
        .await;
    let other = server.person("other-0-0").await.uuid;
    let body = json!({"distinct_ids_to_split": ["only-friend"]});
    let split = server
        .post(&format!("{PROJECT}/persons/{other}/split/"), &body)
        .await;
    assert_eq!(split.status, 200, "{}", split.text());
    let friend = server.person("only-friend").await.uuid;
    // The id becomes the person's.
    let merge = event(
        "$merge_dangerously",
        "only@id.example",
        "2024-05-04T10:00:00Z",
        json!({"alias": "only-friend"}),
    );
    server.capture(vec![merge]).await;
    let person = server.person("only@id.example").await.uuid;
    let cohort = json!({"name": "By hand", "is_static": true, "distinct_ids": ["only@id.example", "other-0-2"]});
    assert_eq!(
        server
            .post(&format!("{PROJECT}/cohorts/"), &cohort)
            .await
            .status,
        201
    );
    let edit = json!({"properties": {"only_key": "only edited value"}});
    let edited = server
        .write(
            Method::PATCH,
            &format!("{PROJECT}/persons/{person}/"),
            &edit,
        )
        .await;
    assert_eq!(edited.status, 200);
    let derived = |id: &str| persons_engine::person_uuid(1, id);
    let traces = Traces {
        texts: [
            "only@id.example",
            "only-anon-",
            "only-friend",
            "only_key",
            "only value",
            "only edited value",
            "only event",
            "only_event_key",
            "only deep value",
            "only plan",
        ]
        .map(str::to_owned)
        .to_vec(),
        uuids: vec![
            person,
            friend,
            derived("only@id.example"),
            derived("only-friend"),
            derived("only-anon-0"),
            derived("only-anon-7"),
        ],
    };
    (server, traces, person)
}

#[tokio::test]
async fn a_person_deleted_with_all_events_leaves_nothing_in_the_file_and_at_no_endpoint() {
    let folder = Folder::new("all");
    let data = folder.data();
    let (server, traces, person) = server_with_traces(&data).await;
    assert!(
        at_endpoints(&server, &traces).await.len() > 20,
        "the endpoints show nothing in the first place"
    );
    assert!(!in_files(&traces, &data).is_empty());
    let deleted = server
        .write(
            Method::DELETE,
            &format!("{PROJECT}/persons/{person}/?delete_events=true"),
            &json!({}),
        )
        .await;
    assert_eq!(deleted.status, 204);
    server
        .app
        .project
        .delete_waiting_events()
        .await
        .expect("works");
    assert_eq!(in_files(&traces, &data), [] as [&str; 0]);
    assert_eq!(at_endpoints(&server, &traces).await, [] as [&str; 0]);
    // Whoever knows the person's UUID can still ask what became of the deletion.
    let status = server
        .get(&format!(
            "{PROJECT}/persons/deletion_status/?person_uuid={person}"
        ))
        .await
        .json();
    assert_eq!(status["results"][0]["status"], "completed");
    assert_eq!(status["results"][0]["person_uuid"], person.to_string());
    let all = server
        .get(&format!("{PROJECT}/persons/deletion_status/"))
        .await
        .json();
    let pseudonym = all["results"][0]["person_uuid"]
        .as_str()
        .expect("a UUID")
        .to_owned();
    assert_ne!(pseudonym, person.to_string());
    let activity = server
        .get(&format!("{PROJECT}/persons/activity/?activity=deleted"))
        .await
        .json();
    assert_eq!(
        activity["results"][0]["detail"]["name"],
        Value::from(pseudonym)
    );
    drop(server);
    let server = Server::on_disk(&data);
    assert_eq!(in_files(&traces, &data), [] as [&str; 0]);
    assert_eq!(at_endpoints(&server, &traces).await, [] as [&str; 0]);
    assert!(
        persons_server::store::Store::check(&data)
            .expect("can be checked")
            .is_sound()
    );
}

#[tokio::test]
async fn a_distinct_id_that_comes_back_is_a_new_person() {
    let folder = Folder::new("back");
    let data = folder.data();
    let (server, traces, person) = server_with_traces(&data).await;
    let url = format!("{PROJECT}/persons/{person}/?delete_events=true");
    assert_eq!(
        server.write(Method::DELETE, &url, &json!({})).await.status,
        204
    );
    server
        .app
        .project
        .delete_waiting_events()
        .await
        .expect("works");
    let back = event(
        "view",
        "only@id.example",
        "2024-06-01T10:00:00Z",
        json!({"$set": {"plan": "new"}}),
    );
    server.capture(vec![back]).await;
    let again = server.person("only@id.example").await;
    assert_eq!(
        (again.properties["plan"].as_str(), again.properties.len()),
        (Some("new"), 2)
    );
    assert_eq!(again.distinct_ids, ["only@id.example"]);
    let events = server
        .get(&format!("{PROJECT}/events/?distinct_id=only@id.example"))
        .await
        .json();
    assert_eq!(events["results"].as_array().map(Vec::len), Some(1));
    let activity = server
        .get(&format!("{PROJECT}/persons/{}/activity/", again.uuid))
        .await
        .json();
    assert_eq!(
        activity["total_count"], 1,
        "the life before the deletion is gone"
    );
    drop(server);
    let server = Server::on_disk(&data);
    assert_eq!(server.person("only@id.example").await, again);
    // Another deletion works like the first.
    let url = format!("{PROJECT}/persons/{}/?delete_events=true", again.uuid);
    assert_eq!(
        server.write(Method::DELETE, &url, &json!({})).await.status,
        204
    );
    server
        .app
        .project
        .delete_waiting_events()
        .await
        .expect("works");
    assert_eq!(in_files(&traces, &data), [] as [&str; 0]);
    let status = server
        .get(&format!(
            "{PROJECT}/persons/deletion_status/?person_uuid={}",
            again.uuid
        ))
        .await
        .json();
    assert_eq!(status["count"], 2);
}

#[tokio::test]
async fn what_others_have_and_what_comes_after_the_request_stays() {
    let folder = Folder::new("others");
    let data = folder.data();
    let (server, _, person) = server_with_traces(&data).await;
    // Others have an event of the same name, with the same key and value.
    let shared = event(
        "only event",
        "other-0-3",
        "2024-05-05T10:00:00Z",
        json!({"only_event_key": 1, "$set": {"only_key": 1}}),
    );
    server.capture(vec![shared]).await;
    let url = format!("{PROJECT}/persons/{person}/?delete_events=true");
    assert_eq!(
        server.write(Method::DELETE, &url, &json!({})).await.status,
        204
    );
    let after = event("view", "only-anon-3", "2024-06-01T10:00:00Z", json!({}));
    server.capture(vec![after]).await;
    server
        .app
        .project
        .delete_waiting_events()
        .await
        .expect("works");
    stays(&server).await;
    drop(server);
    stays(&Server::on_disk(&data)).await;
}

async fn stays(server: &Server) {
    let names = server
        .get(&format!("{PROJECT}/event_definitions/"))
        .await
        .text();
    assert!(names.contains("only event"), "{names}");
    let keys = server
        .get(&format!("{PROJECT}/property_definitions/?type=event"))
        .await
        .text();
    assert!(keys.contains("only_event_key"), "{keys}");
    let events = server
        .get(&format!("{PROJECT}/events/?distinct_id=only-anon-3"))
        .await
        .json();
    assert_eq!(events["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        server.person("only-anon-3").await.distinct_ids,
        ["only-anon-3"]
    );
    let gone = server
        .get(&format!("{PROJECT}/persons/?distinct_id=only@id.example"))
        .await
        .json();
    assert_eq!(gone["count"], 0);
}
