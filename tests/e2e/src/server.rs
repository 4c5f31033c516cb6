//! `persons-server` as a process, with a data file that goes when the journey ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::{encoded, given};

/// The capture token.
pub const TOKEN: &str = "phc_journey";
/// The personal API key.
pub const KEY: &str = "phx_key_of_the_end_to_end_tests";

/// A running server.
pub struct Server {
    child: Child,
    folder: Folder,
    /// `http://127.0.0.1:port`
    pub base: String,
    /// The link that signs a browser in.
    pub sign_in: String,
}

impl Server {
    /// A server without people.
    pub fn empty() -> Self {
        Self::start(Folder::new(), "127.0.0.1:0")
    }

    /// A server with the sample project, the same every time.
    pub fn with_sample() -> Self {
        Self::with_people(400, 4000)
    }

    /// The same with so many people and events.
    pub fn with_people(people: u32, events: u32) -> Self {
        let folder = Folder::new();
        let made = Command::new(given("PERSONS_SERVER_BIN"))
            .args([
                "sample",
                "--people",
                &people.to_string(),
                "--events",
                &events.to_string(),
                "--end",
                "2026-06-01T12:00:00Z",
                "--data",
            ])
            .arg(folder.join("persons.sqlite"))
            .stdout(Stdio::null())
            .status()
            .expect("the server's binary starts");
        assert!(made.success(), "the sample project could not be made");
        Self::start(folder, "127.0.0.1:0")
    }

    /// Ends it, as a power cut would.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again where it was, with the data it had.
    pub fn start_again(&mut self) {
        self.stop();
        let address = self.base.trim_start_matches("http://").to_owned();
        *self = Self::start(std::mem::take(&mut self.folder), &address);
    }

    fn start(folder: Folder, address: &str) -> Self {
        let mut child = Command::new(given("PERSONS_SERVER_BIN"))
            .args([
                "serve",
                "--listen",
                address,
                "--web",
                &given("PERSONS_WEB_DIST"),
                "--data",
            ])
            .arg(folder.join("persons.sqlite"))
            .env("PERSONS_API_KEY", KEY)
            .env("PERSONS_PROJECT_TOKEN", TOKEN)
            .env("PERSONS_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server's binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let sign_in = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.find("http://").map(|at| line[at..].trim().to_owned()))
            .expect("the server prints its sign-in link");
        // The rest is read away, so that the server never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        let base = sign_in
            .split("/signin/")
            .next()
            .unwrap_or_default()
            .to_owned();
        Self {
            child,
            folder,
            base,
            sign_in,
        }
    }

    /// Sends events as an SDK does, and waits for the acknowledgement.
    pub fn capture(&self, batch: Value) {
        let answer = ureq::post(format!("{}/batch/", self.base))
            .send_json(json!({"api_key": TOKEN, "batch": batch}))
            .expect("the events are acknowledged");
        assert_eq!(answer.status(), 200);
    }

    /// Changes a person over the API, beside the browser.
    pub fn edit(&self, distinct_id: &str, properties: Value) {
        let uuid = self.person(distinct_id)["uuid"].clone();
        let uuid = uuid.as_str().expect("people have one");
        let answer = ureq::patch(format!(
            "{}/api/projects/@current/persons/{uuid}/",
            self.base
        ))
        .header("Authorization", format!("Bearer {KEY}"))
        .send_json(json!({"properties": properties}))
        .expect("the edit is acknowledged");
        assert_eq!(answer.status(), 200);
    }

    /// Deletes a person over the API, beside the browser.
    pub fn delete(&self, uuid: &str) {
        let path = format!("/api/projects/@current/persons/{uuid}/");
        let answer = ureq::delete(format!("{}{path}", self.base))
            .header("Authorization", format!("Bearer {KEY}"))
            .call()
            .expect("the deletion is acknowledged");
        assert_eq!(answer.status(), 204);
    }

    /// A new key with one scope.
    pub fn key_with(&self, scope: &str) -> String {
        let made = Command::new(given("PERSONS_SERVER_BIN"))
            .args(["key", "create", "--name", "journey", "--scope", scope])
            .arg("--data")
            .arg(self.folder.join("persons.sqlite"))
            .output()
            .expect("the server's binary starts");
        assert!(made.status.success(), "a key could not be made");
        let printed = String::from_utf8(made.stdout).expect("a key is text");
        let key = printed
            .split_whitespace()
            .find(|word| word.starts_with("phx_"));
        key.expect("the key is printed").to_owned()
    }

    /// All people that the API finds for these parameters, in its order.
    pub fn people(&self, parameters: &[(&str, &str)]) -> Vec<Value> {
        let parameters = parameters
            .iter()
            .map(|(name, value)| format!("&{name}={}", encoded(value)));
        let path = format!(
            "/api/projects/@current/persons/?limit=1000{}",
            parameters.collect::<String>()
        );
        let mut page = self.get(&path);
        assert_eq!(page["next"], Value::Null, "more than one page");
        serde_json::from_value(page["results"].take()).expect("a list of people")
    }

    /// The one person whom this distinct id belongs to.
    pub fn person(&self, distinct_id: &str) -> Value {
        let mut found = self.people(&[("distinct_id", distinct_id)]);
        assert_eq!(found.len(), 1, "{distinct_id}");
        found.remove(0)
    }

    /// Asks the API, beside the browser.
    pub fn get(&self, path: &str) -> Value {
        let mut answer = ureq::get(format!("{}{path}", self.base))
            .header("Authorization", format!("Bearer {KEY}"))
            .call()
            .expect("the API answers");
        answer.body_mut().read_json().expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
