//! The answers that browser tests give are those of the contract: each file in `tests/fixtures/api/` and
//! `tests/fixtures/ages/` is read with the type its name begins with. A double that drifts away from the
//! wire fails here.

use std::fs;
use std::path::{Path, PathBuf};

use persons::api::ApiError;
use persons_api::{
    Activity, ErrorBody, Page, Person, PersonCohorts, Project, PropertyDefinition, ValueCounts,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

fn fixtures(folder: &str) -> impl Iterator<Item = PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let entries = fs::read_dir(dir.join(folder)).expect("the fixtures are there");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths.filter(|path| path.extension().is_some_and(|kind| kind == "json"))
}

#[test]
fn every_recorded_answer_is_of_its_type() {
    let mut count = 0;
    for path in ["api", "ages/old", "ages/mid", "ages/new"]
        .into_iter()
        .flat_map(fixtures)
    {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).expect("a readable file");
        let read = match name.split('-').next().unwrap_or_default() {
            "person" => reads_as::<Person>,
            "persons" => reads_as::<Page<Person>>,
            "cohorts" => reads_as::<PersonCohorts>,
            "property" => reads_as::<Page<PropertyDefinition>>,
            "values" => reads_as::<ValueCounts>,
            "activity" => reads_as_activity,
            "project" => reads_as::<Project>,
            "projects" => reads_as::<Page<Project>>,
            "error" => reads_as::<ErrorBody>,
            "irregular" => reads_as_an_error,
            other => panic!("{name}: nobody knows what {other:?} is"),
        };
        read(&name, &text);
        count += 1;
    }
    assert!(count >= 40, "only {count} answers were found");
}

fn reads_as<T: DeserializeOwned>(name: &str, text: &str) {
    if let Err(error) = serde_json::from_str::<T>(text) {
        panic!("{name}: {error}");
    }
}

/// Entries are read one by one, so that one that makes no sense does not take the others away.
fn reads_as_activity(name: &str, text: &str) {
    let page: Value = serde_json::from_str(text).expect("JSON");
    let entries = page["results"].as_array().expect("a list");
    assert!(
        entries.iter().all(|entry| Activity::read(entry).is_some()),
        "{name}"
    );
}

/// Whatever an error says, it becomes a sentence.
fn reads_as_an_error(name: &str, text: &str) {
    let sentence = ApiError::from_answer(400, None, text).to_string();
    assert!(sentence.contains(' '), "{name}: {sentence}");
    assert!(!sentence.contains(['{', '<']), "{name}: {sentence}");
}
