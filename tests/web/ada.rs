//! Ada, whom many tests open, change and read back.

use serde_json::{Value, json};

use crate::double::Double;

/// What the server says of her.
pub const ADA: &str = include_str!("../fixtures/api/person-ada.json");
/// The cohorts she is in.
pub const COHORTS: &str = include_str!("../fixtures/api/cohorts-of-ada.json");
/// Her UUID, the path that answers about her in the project, and her properties on the screen.
pub const UUID: &str = "2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5";
pub const PERSON: &str = "persons/2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5/";
pub const PROPERTIES: &str = "/person/2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5?tab=properties";

/// What is written about her, for [`Double::takes`].
pub const PATCH: (&str, &str) = ("PATCH", PERSON);
pub const DELETE: (&str, &str) = ("DELETE", PERSON);
pub const UNSET: (&str, &str) = (
    "POST",
    "persons/2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5/delete_property/",
);
pub const SPLIT: (&str, &str) = (
    "POST",
    "persons/2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5/split/",
);

/// A server that knows her.
pub fn server() -> Double {
    let server = Double::new();
    is_known_to(&server);
    server
}

/// Lets a server know her, too.
pub fn is_known_to(server: &Double) {
    server.answer(PERSON, 200, ADA);
    server.answer(&format!("persons/cohorts/?person_id={UUID}"), 200, COHORTS);
}

/// Her as she would be.
pub fn ada_with(change: impl FnOnce(&mut Value)) -> String {
    let mut ada: Value = serde_json::from_str(ADA).expect("the fixture is JSON");
    change(&mut ada);
    ada.to_string()
}

/// Her on another plan than `pro`.
pub fn ada_with_plan(plan: &str) -> String {
    ada_with(|ada| ada["properties"]["plan"] = json!(plan))
}

/// What a write had in its body.
pub fn sent(server: &Double, write: (&str, &str)) -> Value {
    let body = server.body(write).expect("it was sent");
    serde_json::from_str(&body).expect("JSON")
}
