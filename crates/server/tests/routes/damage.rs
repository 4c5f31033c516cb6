//! Rows of the data file that cannot be read: everything else works, and they are reported.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{Method, header};
use persons_server::store::Store;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::server::{Server, bare, event};

const PERSONS: &str = "/api/projects/@current/persons";

/// A data file with ada and grace, and a row in every table. It is deleted at the end.
struct DataFile {
    folder: PathBuf,
    path: PathBuf,
}

impl DataFile {
    async fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("persons-damage-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("persons.sqlite");
        let server = Server::on_disk(&path);
        server
            .people(&[
                ("ada", json!({"plan": "pro"})),
                ("grace", json!({"plan": "free"})),
            ])
            .await;
        let view = |id: &str| event("view", id, "2024-05-02T10:00:00Z", json!({"page": "/a"}));
        let refused = json!({"$anon_distinct_id": "null"});
        let refused = event("$identify", "ada", "2024-05-02T11:00:00Z", refused);
        server
            .capture(vec![view("ada"), view("grace"), refused])
            .await;
        let grace = server.person("grace").await.uuid;
        let url = format!("{PERSONS}/{grace}/?delete_events=true&keep_person=true");
        let deleted = server.write(Method::DELETE, &url, &json!({})).await;
        assert_eq!(deleted.status, 204);
        for (path, body) in [
            (
                "cohorts",
                json!({"name": "Paying", "filters": {"properties": {"type": "AND", "values": [{"key": "plan", "value": "pro", "type": "person"}]}}}),
            ),
            (
                "cohorts",
                json!({"name": "By hand", "is_static": true, "distinct_ids": ["ada"]}),
            ),
            (
                "actions",
                json!({"name": "Views", "steps": [{"event": "view"}]}),
            ),
        ] {
            let made = server
                .post(&format!("/api/projects/@current/{path}/"), &body)
                .await;
            assert_eq!(made.status, 201, "{}", made.text());
        }
        drop(server);
        Self { folder, path }
    }

    /// Does something to the file that no version of the server does.
    fn damage(&self, sql: &str) {
        let file = Connection::open(&self.path).expect("opens");
        file.execute_batch(sql).expect("works");
    }

    /// Puts values into a table that its columns cannot have.
    fn distort(&self, table: &str, sql: &str) {
        let change = |sql: &str| {
            let file = Connection::open(&self.path).expect("opens");
            file.execute_batch(sql).expect("works");
        };
        let file = Connection::open(&self.path).expect("opens");
        let schema = "SELECT sql FROM sqlite_schema WHERE name = ?1";
        let strict: String = file
            .query_row(schema, [table], |row| row.get(0))
            .expect("a table");
        drop(file);
        let lax = strict
            .replace("STRICT, WITHOUT", "WITHOUT")
            .replace("STRICT", "")
            .replace("NOT NULL", "");
        let declare = |sql: &str| {
            change(&format!(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '{}' WHERE name = '{table}'",
                sql.replace('\'', "''")
            ));
        };
        declare(&lax);
        change(sql);
        declare(&strict);
    }

    /// The tables and rows of the warnings about damage.
    async fn warnings(&self, server: &Server) -> Vec<(String, String)> {
        let page = server
            .get("/api/projects/@current/ingestion_warnings/?limit=1000")
            .await
            .json();
        let rows = page["results"].as_array().expect("rows").iter();
        let rows = rows.filter(|row| row["type"] == "damaged_row");
        let text =
            |row: &Value, name: &str| row["details"][name].as_str().expect("a text").to_owned();
        rows.map(|row| (text(row, "table"), text(row, "row")))
            .collect()
    }
}

impl Drop for DataFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What damages a row, and the table and row that are reported.
const DAMAGE: [(&str, &str, &str); 29] = [
    (
        "UPDATE persons SET properties = '{' WHERE number = 1",
        "persons",
        "1",
    ),
    (
        "UPDATE persons SET properties = '[]' WHERE number = 1",
        "persons",
        "1",
    ),
    (
        "UPDATE persons SET uuid = x'00' WHERE number = 1",
        "persons",
        "1",
    ),
    (
        "UPDATE persons SET properties = '{\"x\":' || replace(hex(zeroblob(200)), '00', '[') || replace(hex(zeroblob(200)), '00', ']') || '}' WHERE number = 1",
        "persons",
        "1",
    ),
    (
        "UPDATE persons SET properties = CAST(x'7bff7d' AS TEXT) WHERE number = 1",
        "persons",
        "1",
    ),
    (
        "INSERT INTO persons VALUES (-5, x'000102030405060708090a0b0c0d0e0f', 0, 0, 0, '{}')",
        "persons",
        "-5",
    ),
    (
        "UPDATE distinct_ids SET text = CAST(x'ff' AS TEXT) WHERE number = 0",
        "distinct_ids",
        "0",
    ),
    (
        "UPDATE distinct_ids SET person = 77 WHERE number = 0",
        "distinct_ids",
        "0",
    ),
    (
        "DELETE FROM distinct_ids WHERE number = 0",
        "distinct_ids",
        "0",
    ),
    (
        "INSERT INTO distinct_ids VALUES (4000000000, 'far', NULL)",
        "distinct_ids",
        "4000000000",
    ),
    (
        "INSERT INTO distinct_ids VALUES (-1, 'near', NULL)",
        "distinct_ids",
        "-1",
    ),
    (
        "UPDATE event_names SET name = CAST(x'ff' AS TEXT) WHERE name = 'view'",
        "event_names",
        "2",
    ),
    (
        "UPDATE events SET properties = 'x' WHERE number = 3",
        "events",
        "3",
    ),
    (
        "UPDATE events SET name = 99 WHERE number = 3",
        "events",
        "3",
    ),
    (
        "UPDATE events SET distinct_id = 1 << 40 WHERE number = 3",
        "events",
        "3",
    ),
    (
        "UPDATE events SET distinct_id = 900000 WHERE number = 3",
        "events",
        "3",
    ),
    (
        "UPDATE event_keys SET type = 'Color' WHERE key = 'page'",
        "event_keys",
        "\"page\"",
    ),
    (
        "UPDATE cohorts SET filters = '{' WHERE id = 1",
        "cohorts",
        "1",
    ),
    (
        "UPDATE cohorts SET filters = '{\"properties\": {\"type\": \"NEITHER\"}}' WHERE id = 1",
        "cohorts",
        "1",
    ),
    (
        "INSERT INTO cohort_members VALUES (2, 99)",
        "cohort_members",
        "2, 99",
    ),
    (
        "INSERT INTO cohort_members VALUES (99, 1)",
        "cohort_members",
        "99, 1",
    ),
    (
        "UPDATE actions SET steps = '[{\"url_matching\": \"roughly\"}]' WHERE id = 1",
        "actions",
        "1",
    ),
    ("UPDATE project SET uuid = x'00'", "project", "1"),
    (
        "UPDATE project SET next_person = 9223372036854775807",
        "project",
        "1",
    ),
    ("UPDATE project SET next_event = -1", "project", "1"),
    (
        "UPDATE project SET next_event = 9223372036854775807",
        "project",
        "1",
    ),
    (
        "UPDATE persons SET version = 9223372036854775807 WHERE number = 1",
        "persons",
        "1",
    ),
    (
        "UPDATE cohorts SET id = 9223372036854775807 WHERE id = 1",
        "cohorts",
        "9223372036854775807",
    ),
    (
        "UPDATE actions SET id = 9223372036854775807 WHERE id = 1",
        "actions",
        "9223372036854775807",
    ),
];

/// What puts a value of another type into a row, and the table and row that are reported.
const WRONG_TYPES: [(&str, &str, &str); 23] = [
    ("UPDATE project SET uuid = 'x'", "project", "1"),
    (
        "UPDATE project SET name = x'00', is_demo = NULL",
        "project",
        "1",
    ),
    ("UPDATE project SET created_at = 1.5", "project", "1"),
    ("UPDATE project SET next_person = NULL", "project", "1"),
    ("UPDATE project SET next_event = 'x'", "project", "1"),
    (
        "UPDATE cohort_members SET cohort = 'x'",
        "cohort_members",
        "'x', 1",
    ),
    (
        "UPDATE cohort_members SET person = x'01'",
        "cohort_members",
        "2, X'01'",
    ),
    (
        "UPDATE distinct_ids SET person = 'x' WHERE number = 0",
        "distinct_ids",
        "0",
    ),
    (
        "UPDATE events SET uuid = NULL WHERE number = 3",
        "events",
        "3",
    ),
    (
        "UPDATE events SET uuid = x'00' WHERE number = 3",
        "events",
        "3",
    ),
    (
        "UPDATE events SET person = 'x' WHERE number = 3",
        "events",
        "3",
    ),
    (
        "UPDATE history SET actor_name = x'00' WHERE number = 1",
        "history",
        "1",
    ),
    ("INSERT INTO merged VALUES (50, 'x')", "merged", "50"),
    (
        "INSERT INTO keys VALUES (NULL, 'n', x'00', '*', 0, 'x')",
        "keys",
        "NULL",
    ),
    (
        "INSERT INTO keys VALUES (NULL, 'n', x'00', '*', 0, NULL)",
        "keys",
        "NULL",
    ),
    (
        "INSERT INTO sessions VALUES ('s', x'01', 'c', 'l', 'x', 0, 9223372036854775807)",
        "sessions",
        "\"s\"",
    ),
    (
        "INSERT INTO sessions VALUES (7.5, x'01', 'c', 'l', 0, 0, 'x')",
        "sessions",
        "\"7.5\"",
    ),
    (
        "INSERT INTO imports VALUES (x'01', 5)",
        "imports",
        "\"\\u{1}\"",
    ),
    (
        "INSERT INTO imports VALUES (zeroblob(32), -5)",
        "imports",
        "\"\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\"",
    ),
    (
        "UPDATE event_deletions SET before_event = NULL",
        "event_deletions",
        "1",
    ),
    (
        "INSERT INTO event_deletion_ids VALUES (1, -7)",
        "event_deletion_ids",
        "1, -7",
    ),
    (
        "INSERT INTO event_deletion_ids VALUES (1, 999)",
        "event_deletion_ids",
        "1, 999",
    ),
    (
        "INSERT INTO event_deletion_ids VALUES (1, 0.5)",
        "event_deletion_ids",
        "1, 0.5",
    ),
];

#[tokio::test]
async fn values_of_the_wrong_type_are_set_aside_reported_and_repaired() {
    let file = DataFile::new("types").await;
    let sound = std::fs::read(&file.path).expect("the file");
    for (damage, table, row) in WRONG_TYPES {
        std::fs::write(&file.path, &sound).expect("the sound file again");
        file.distort(table, damage);
        let before = std::fs::read(&file.path).expect("the file");
        let report = Store::check(&file.path).expect("can be checked");
        let mut rows = report.rows.iter();
        let is_reported = rows.any(|found| found.table == table && found.row.to_string() == row);
        assert!(is_reported, "{damage}: {report:?}");

        let server = Server::on_disk(&file.path);
        works(&server, damage).await;
        let sessions = server.get("/api/users/@me/sessions/").await;
        assert_eq!(sessions.status, 200, "{damage}: {}", sessions.text());
        let deleted = server.app.project.delete_waiting_events().await;
        assert_eq!(deleted, Ok(()), "{damage}");
        drop(server);
        let store = Store::open_beside(&file.path).expect("opens");
        assert!(store.import_checkpoints().is_ok(), "{damage}");
        assert!(store.hurry_deletions().is_ok(), "{damage}");
        drop(store);

        std::fs::write(&file.path, &before).expect("the damaged file again");
        let mut store = Store::open_existing(&file.path).expect("opens");
        let moved = store.repair(persons_server::project::now());
        let moved = moved.expect("is repaired");
        assert!(moved.iter().any(|moved| moved.table == table), "{damage}");
        drop(store);
        let report = Store::check(&file.path).expect("can be checked");
        assert!(report.is_sound(), "{damage}: {report:?}");
        let server = Server::on_disk(&file.path);
        assert_eq!(file.warnings(&server).await, [], "{damage}");
        works(&server, damage).await;
    }
}

#[tokio::test]
async fn a_project_row_that_cannot_be_read_is_mended_once_and_numbers_are_not_used_again() {
    let file = DataFile::new("project").await;
    let person = {
        let server = Server::on_disk(&file.path);
        server.people(&[("last", json!({}))]).await;
        let number = number_of(&server, "last").await;
        let url = format!("{PERSONS}/{number}/");
        let deleted = server.write(Method::DELETE, &url, &json!({})).await;
        assert_eq!(deleted.status, 204);
        number
    };
    file.distort(
        "project",
        "UPDATE project SET api_token = x'00', next_person = NULL, next_event = 0.5",
    );
    let token = || {
        let store = Store::open_beside(&file.path).expect("opens");
        store.project().expect("there").api_token
    };
    let server = Server::on_disk(&file.path);
    let first = token();
    assert!(first.starts_with("phc_"), "{first}");
    server.people(&[("new", json!({}))]).await;
    assert!(number_of(&server, "new").await > person);
    drop(server);
    drop(Server::on_disk(&file.path));
    assert_eq!(token(), first);
    let report = Store::check(&file.path).expect("can be checked");
    assert!(report.is_sound() && report.quarantined == 1, "{report:?}");
}

#[tokio::test]
async fn a_damaged_row_of_any_table_is_set_aside_reported_and_repaired() {
    let file = DataFile::new("start").await;
    let sound = std::fs::read(&file.path).expect("the file");
    for (damage, table, row) in DAMAGE {
        std::fs::write(&file.path, &sound).expect("the sound file again");
        file.damage(damage);
        let before = std::fs::read(&file.path).expect("the file");
        let report = Store::check(&file.path).expect("can be checked");
        assert_eq!(
            std::fs::read(&file.path).expect("the file"),
            before,
            "{damage}"
        );
        let reported = (table.to_owned(), row.to_owned());
        let rows = report.rows.iter();
        let rows: Vec<_> = rows
            .map(|row| (row.table.to_owned(), row.row.to_string()))
            .collect();
        assert!(rows.contains(&reported), "{damage}: {rows:?}");

        let server = Server::on_disk(&file.path);
        assert_eq!(file.warnings(&server).await, rows, "{damage}");
        works(&server, damage).await;
        drop(server);

        // What was written meanwhile may have moved the row away; it is repaired without that, too.
        std::fs::write(&file.path, &before).expect("the damaged file again");
        let mut store = Store::open_existing(&file.path).expect("opens");
        let now = persons_server::project::now();
        let moved = store.repair(now).expect("is repaired");
        assert!(moved.iter().any(|moved| moved.table == table), "{damage}");
        drop(store);
        let report = Store::check(&file.path).expect("can be checked");
        assert!(report.is_sound(), "{damage}: {report:?}");
        assert!(report.quarantined >= moved.len() as u64, "{damage}");
        let server = Server::on_disk(&file.path);
        assert_eq!(file.warnings(&server).await, [], "{damage}");
        works(&server, damage).await;
    }
}

async fn number_of(server: &Server, distinct_id: &str) -> i64 {
    let url = format!("{PERSONS}/?distinct_id={distinct_id}");
    let page = server.get(&url).await.json();
    page["results"][0]["id"].as_i64().expect("a number")
}

/// Whether everything can still be read and written.
async fn works(server: &Server, damage: &str) {
    for path in [
        "persons/?limit=10",
        "persons/activity/?source=all",
        "persons/deletion_status/",
        "persons/cohorts/?person_id=2",
        "persons/values/?key=plan",
        "persons/properties_at_time/?distinct_id=grace&timestamp=2030-01-01T00:00:00Z",
        "persons/2/",
        "persons/2/activity/",
        "persons/2/properties_timeline/?date_from=all",
        "events/",
        "event_definitions/",
        "property_definitions/",
        "cohorts/",
        "actions/",
        "insights/trend/?events=[{\"id\":\"view\"}]&date_from=all",
        "ingestion_warnings/",
    ] {
        let path = path
            .replace('"', "%22")
            .replace('{', "%7B")
            .replace('}', "%7D");
        let answer = server.get(&format!("/api/projects/@current/{path}")).await;
        assert_eq!(answer.status, 200, "{damage}: {path}: {}", answer.text());
    }
    let set = |id: &str| {
        event(
            "$set",
            id,
            "2024-05-03T10:00:00Z",
            json!({"$set": {"plan": "max"}, "page": "/b"}),
        )
    };
    server
        .capture(vec![set("ada"), set("grace"), set("new")])
        .await;
    for id in ["ada", "grace", "new"] {
        let person = server.person(id).await;
        assert_eq!(person.properties["plan"], "max", "{damage}: {id}");
    }
    let action = json!({"name": "New", "steps": [{"event": "view"}]});
    let made = server
        .post("/api/projects/@current/actions/", &action)
        .await;
    assert_eq!(made.status, 201, "{damage}: {}", made.text());
    assert!(made.json()["id"].as_i64() < Some(10), "{damage}");
    let cohort = json!({"name": "New", "is_static": true, "distinct_ids": ["ada"]});
    let made = server
        .post("/api/projects/@current/cohorts/", &cohort)
        .await;
    assert_eq!(made.status, 201, "{damage}: {}", made.text());
}

#[tokio::test]
async fn a_page_with_a_damaged_row_shows_the_others_and_reports_it() {
    let file = DataFile::new("page").await;
    let server = Server::on_disk(&file.path);
    let count = |page: &Value| page["results"].as_array().expect("rows").len();
    let project = "/api/projects/@current";
    for (damage, path, table) in [
        (
            "UPDATE events SET properties = '{' WHERE number = 3",
            "events/",
            "events",
        ),
        (
            "UPDATE history SET before = '{' WHERE number = 1",
            "persons/activity/?source=all",
            "history",
        ),
        (
            "UPDATE history SET act = 'x' WHERE number = 2",
            "persons/activity/?source=all",
            "history",
        ),
        (
            "UPDATE event_deletions SET person = x'00'",
            "persons/deletion_status/",
            "event_deletions",
        ),
    ] {
        let path = format!("{project}/{path}");
        let before = count(&server.get(&path).await.json());
        file.damage(damage);
        let page = server.get(&path).await;
        assert_eq!(page.status, 200, "{damage}: {}", page.text());
        assert_eq!(count(&page.json()), before - 1, "{damage}");
        let warnings = file.warnings(&server).await;
        assert!(
            warnings.iter().any(|(found, _)| found == table),
            "{damage}: {warnings:?}"
        );
    }
    file.damage("UPDATE warnings SET details = '{'");
    file.damage("UPDATE history SET details = '{'");
    for path in [
        "ingestion_warnings/",
        "persons/1/activity/",
        "persons/1/properties_timeline/?date_from=all",
        "persons/properties_at_time/?distinct_id=ada&timestamp=2030-01-01T00:00:00Z",
    ] {
        let answer = server.get(&format!("{project}/{path}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    // What is forgotten of a deleted person includes rows that cannot be read.
    let deleted = server
        .write(Method::DELETE, &format!("{PERSONS}/1/"), &json!({}))
        .await;
    assert_eq!(deleted.status, 204, "{}", deleted.text());
}

#[tokio::test]
async fn a_row_that_takes_the_place_of_a_damaged_one_leaves_it_in_quarantine() {
    let file = DataFile::new("place").await;
    file.damage(
        "UPDATE persons SET properties = '{\"secret\": ' WHERE number = 1;
         UPDATE cohorts SET filters = '{' WHERE id = 2;
         UPDATE event_keys SET type = 'Color' WHERE key = 'page'",
    );
    let server = Server::on_disk(&file.path);
    works(&server, "three rows").await;
    let file = Connection::open(&file.path).expect("opens");
    let mut rows = file
        .prepare("SELECT source, row, content FROM quarantine ORDER BY source")
        .expect("the table is there");
    let rows: Vec<(String, String, String)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(Iterator::collect)
        .expect("rows");
    let sources: Vec<_> = rows
        .iter()
        .map(|(source, row, _)| (source.as_str(), row.as_str()))
        .collect();
    assert_eq!(
        sources,
        [
            ("cohorts", "2"),
            ("event_keys", "\"page\""),
            ("persons", "1")
        ]
    );
    let person: Value = serde_json::from_str(&rows[2].2).expect("JSON");
    assert_eq!(person["properties"], "{\"secret\": ");
    assert_eq!(person["uuid"]["hex"].as_str().map(str::len), Some(32));
}

#[tokio::test]
async fn json_that_earlier_versions_stored_nested_deeply_is_loaded() {
    let file = DataFile::new("deep").await;
    let deep = format!("{{\"deep\": {}{}}}", "[".repeat(126), "]".repeat(126));
    file.damage(&format!(
        "UPDATE persons SET properties = '{deep}' WHERE number = 1;
         UPDATE events SET properties = '{deep}' WHERE number = 3"
    ));
    let server = Server::on_disk(&file.path);
    assert_eq!(file.warnings(&server).await, []);
    let page = server.get(&format!("{PERSONS}/1/")).await;
    assert!(page.text().contains(&"[".repeat(126)));
    let page = server.get("/api/projects/@current/events/").await;
    assert!(page.text().contains(&"[".repeat(126)));
    drop(server);
    assert!(Store::check(&file.path).expect("can be checked").is_sound());
}

#[tokio::test]
async fn health_names_damaged_rows_and_nothing_of_what_is_in_them() {
    let file = DataFile::new("health").await;
    file.damage(
        "UPDATE persons SET properties = '{\"secret\": ' WHERE number = 1;
         UPDATE event_keys SET type = 'Color' WHERE key = 'page'",
    );
    let server = Server::on_disk(&file.path);
    let plain = server
        .send(bare(Method::GET, "/healthz", Body::empty()))
        .await;
    assert_eq!((plain.status.as_u16(), plain.text().as_str()), (200, "ok"));
    let mut asked = bare(Method::GET, "/healthz", Body::empty());
    let json_type = "application/json".parse().expect("valid");
    asked.headers_mut().insert(header::ACCEPT, json_type);
    let expected = json!({"status": "ok", "damaged_rows": {
        "persons": {"count": 1, "rows": [1]},
        "distinct_ids": {"count": 1, "rows": [0]},
        "cohort_members": {"count": 1, "rows": []},
        "event_keys": {"count": 1, "rows": []},
    }});
    assert_eq!(server.send(asked).await.json(), expected);
    let asked = bare(Method::GET, "/healthz?details", Body::empty());
    assert_eq!(server.send(asked).await.json(), expected);
}

#[test]
fn a_file_is_checked_and_repaired_only_if_it_is_a_data_file() {
    let folder =
        std::env::temp_dir().join(format!("persons-damage-foreign-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("other.sqlite");
    let other = Connection::open(&path).expect("opens");
    other.execute_batch("CREATE TABLE a (b)").expect("works");
    drop(other);
    for checked in [
        Store::check(&path).map(drop),
        Store::open_existing(&path).map(drop),
    ] {
        let error = checked.expect_err("another program's file");
        assert!(
            error.to_string().contains("not a Persons data file"),
            "{error}"
        );
    }
    assert!(Store::check(Path::new("/nonexistent/x")).is_err());
    let _ = std::fs::remove_dir_all(folder);
}
