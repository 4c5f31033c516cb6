//! Every recorded request of a real SDK, and every documented older form, becomes the events it holds.

use std::path::Path;

use base64::Engine as _;
use persons_api::Timestamp;
use persons_server::capture::{self, Request};
use persons_server::project::Project;
use serde_json::Value;

/// The token in the recordings.
const TOKEN: &str = "phc_fixture00000000000000000000000000000000000";

fn recordings() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/capture");
    let mut recordings: Vec<(String, Value)> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|file| {
            let path = file.expect("readable").path();
            let text = std::fs::read_to_string(&path).expect("readable");
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, serde_json::from_str(&text).expect("JSON"))
        })
        // Requests that ask for flags or settings hold no events.
        .filter(|(_, recording): &(String, Value)| {
            !recording["expect"]["events"]
                .as_array()
                .expect("a list")
                .is_empty()
        })
        .collect();
    recordings.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(
        recordings.len() > 50,
        "only {} recordings",
        recordings.len()
    );
    recordings
}

fn read(recording: &Value) -> Result<capture::Batch, capture::CaptureError> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = &recording["headers"];
    let body = base64::prelude::BASE64_STANDARD
        .decode(text(&recording["body_base64"]))
        .expect("base64");
    let request = Request {
        path: text(&recording["path"]).trim_end_matches('/').to_owned(),
        query: text(&recording["query"]),
        content_type: text(&headers["content-type"]),
        content_encoding: text(&headers["content-encoding"]),
        bearer: text(&headers["authorization"])
            .strip_prefix("Bearer ")
            .map(str::to_owned),
        body,
        now: Timestamp::parse("2026-12-01T00:00:00Z").expect("a date"),
    };
    match request.decode(capture::MAX_TEXT, &|token| token == TOKEN)? {
        capture::Decoded::Text(text) => text.parse(),
        capture::Decoded::OtherProject => panic!("the token is the recording's"),
    }
}

#[test]
fn recorded_requests_hold_the_events_that_were_sent() {
    for (name, recording) in recordings() {
        let decoded = read(&recording).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(decoded.token, TOKEN, "{name}");
        let expected = recording["expect"]["events"].as_array().expect("a list");
        let found: Vec<(&str, &str)> = decoded
            .events
            .iter()
            .map(|event| (event.name.as_str(), event.distinct_id.as_str()))
            .collect();
        let expected: Vec<(&str, &str)> = expected
            .iter()
            .map(|event| {
                (
                    event["event"].as_str().expect("text"),
                    event["distinct_id"].as_str().expect("text"),
                )
            })
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn what_sdks_set_arrives_on_the_person() {
    let mut checked = 0;
    for (name, recording) in recordings() {
        let decoded = read(&recording).unwrap_or_else(|error| panic!("{name}: {error}"));
        let event = &decoded.events[0];
        let Some(set) = event
            .properties
            .get("$set")
            .and_then(Value::as_object)
            .cloned()
        else {
            continue;
        };
        if event.properties.get("$process_person_profile") == Some(&Value::Bool(false))
            || decoded.events.len() > 1
        {
            continue;
        }
        checked += 1;
        let project = Project::in_memory().expect("opens");
        let id = decoded.events[0].distinct_id.clone();
        project.capture_blocking(decoded.events).expect("stored");
        let people = project.read();
        let person = people
            .by_distinct_id(&id)
            .unwrap_or_else(|| panic!("{name}: nobody"));
        for key in set.keys() {
            assert!(person.property(key).is_some(), "{name}: {key} is missing");
        }
    }
    assert!(checked > 10, "only {checked} requests set anything");
}

#[test]
fn personless_events_of_every_sdk_create_nobody() {
    for (name, recording) in recordings() {
        if !name.contains("personless") && name != "posthog-python-v1" {
            continue;
        }
        let project = Project::in_memory().expect("opens");
        project
            .capture_blocking(read(&recording).expect("valid").events)
            .expect("stored");
        assert!(project.read().is_empty(), "{name}");
    }
}
