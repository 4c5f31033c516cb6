//! The answers that browser tests give are those of the contract: each file in `tests/fixtures/api/` is
//! read with the type its name begins with. A double that drifts away from the wire fails here.

use std::fs;
use std::path::Path;

use persons_api::{
    ErrorBody, Page, Person, PersonCohorts, Project, PropertyDefinition, ValueCounts,
};
use serde::de::DeserializeOwned;

#[test]
fn every_recorded_answer_is_of_its_type() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/api");
    let mut count = 0;
    for entry in fs::read_dir(dir).expect("the fixtures are there") {
        let path = entry.expect("a readable folder").path();
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
            "project" => reads_as::<Project>,
            "projects" => reads_as::<Page<Project>>,
            "error" => reads_as::<ErrorBody>,
            other => panic!("{name}: nobody knows what {other:?} is"),
        };
        read(&name, &text);
        count += 1;
    }
    assert!(count >= 13, "only {count} answers were found");
}

fn reads_as<T: DeserializeOwned>(name: &str, text: &str) {
    if let Err(error) = serde_json::from_str::<T>(text) {
        panic!("{name}: {error}");
    }
}
