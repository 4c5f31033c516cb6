//! A double of the server: `fetch` answers from a table, and an unknown question fails the test.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

const PROJECT: &str = include_str!("../fixtures/api/project.json");

/// Replaces `fetch`. Real `Request`s and `Response`s, so that headers, bodies and aborting are the
/// browser's own. An answer is taken from the table when it is asked for, so it can be changed.
const REPLACE: &str = r#"
const real = globalThis.fetch;
const table = new Map();
const beginnings = new Set();
const unknown = [];
const keys = new Map();
const asked = [];
const held = new Map();
const bodies = new Map();
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const url = new URL(request.url);
  // gloo-net ends every query with `&`.
  let question = `${request.method} ${url.pathname}${url.search.replace(/&$/, "")}`;
  const body = await request.clone().text();
  // Queries of different kinds share one path.
  if (question.endsWith("/query/")) question += ` ${JSON.parse(body).query.kind}`;
  keys.set(question, request.headers.get("Authorization"));
  bodies.set(question, body);
  asked.push(question);
  const aborted = new Promise((_, reject) => {
    request.signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
  });
  if (held.has(question)) await Promise.race([held.get(question).promise, aborted]);
  const begins = (begin) => question.startsWith(begin);
  const answer = table.get(question) ?? table.get([...beginnings].find(begins));
  if (!answer) unknown.push(question);
  const [status, text, headers] = answer ?? [500, ""];
  if (status === 0) throw new TypeError("Failed to fetch");
  return new Response(status === 204 ? null : text, { status, headers: { "Content-Type": "application/json", ...headers } });
};
return {
  answer: (question, status, body, after) =>
    table.set(question, [status, body, after ? { "Retry-After": after } : {}]),
  begin: (question) => beginnings.add(question),
  begun: (begin) => asked.filter((each) => each.startsWith(begin)).length,
  times: (question) => asked.filter((each) => each === question).length,
  body: (question) => bodies.get(question) ?? null,
  key: (question) => keys.get(question) ?? null,
  hold: (question) => held.set(question, Promise.withResolvers()),
  release: (question) => held.get(question).resolve(),
  unknown: () => unknown.join(", "),
  restore: () => { globalThis.fetch = real; },
};
"#;

/// The server, until it is dropped.
pub struct Double(JsValue);

/// The sessions, as the Connection screen asks for them.
pub const SESSIONS: &str = "/api/users/@me/sessions/?limit=1000";
/// The latest warnings, as the Connection screen asks for them in the project.
pub const WARNINGS: &str = "ingestion_warnings/?limit=10";
const EMPTY_PAGE: &str = r#"{"count": 0, "next": null, "previous": null, "results": []}"#;

/// The first page of the list of people, as it is asked for in the project.
pub const LIST: &str = "persons/?limit=100";
/// The first page of five people, and the second.
pub const FIRST: &str = include_str!("../fixtures/api/persons-first-page.json");
pub const SECOND: &str = include_str!("../fixtures/api/persons-second-page.json");

impl Double {
    /// A server with five people on two pages.
    pub fn with_people() -> Self {
        let double = Self::new();
        double.answer(LIST, 200, FIRST);
        double.answer(&format!("{LIST}&offset=100"), 200, SECOND);
        double
    }

    /// A server with an open project, and nothing else.
    pub fn new() -> Self {
        let double = Self(
            Function::new_no_args(REPLACE)
                .call0(&JsValue::NULL)
                .expect("the script runs"),
        );
        double.answer("", 200, PROJECT);
        // The Connection screen lists the sessions.
        double.answer_at(SESSIONS, 200, EMPTY_PAGE);
        // And the warnings.
        double.answer(WARNINGS, 200, EMPTY_PAGE);
        // What somebody did is counted on every overview.
        double.answer_beginning(
            "events/?person_id=",
            200,
            r#"{"results": [], "next": null}"#,
        );
        double
    }

    /// What a GET for any path is answered with from now on.
    pub fn answer_at(&self, path: &str, status: u16, body: &str) {
        let question = format!("GET {path}");
        self.call("answer", &[question.into(), status.into(), body.into()]);
    }

    /// What a GET for a path in the project that begins like this is answered with, unless its own answer is
    /// known. For questions that hold the time of day.
    pub fn answer_beginning(&self, path: &str, status: u16, body: &str) {
        self.answer(path, status, body);
        self.call("begin", &[in_project(path).into()]);
    }

    /// What a GET for any path is refused with from now on, and after how many seconds it may come again.
    pub fn throttle(&self, path: &str, body: &str, retry_after: Option<u32>) {
        let question = format!("GET {path}");
        let after = retry_after.map_or(JsValue::UNDEFINED, |seconds| seconds.to_string().into());
        self.call("answer", &[question.into(), 429.into(), body.into(), after]);
    }

    /// Keeps whoever asks for a path in the project (or with a leading slash on the server) waiting, until it is
    /// released.
    pub fn hold(&self, path: &str) {
        self.call("hold", &[in_project(path).into()]);
    }

    /// Answers those who were kept waiting.
    pub fn release(&self, path: &str) {
        self.call("release", &[in_project(path).into()]);
    }

    /// How often a path was asked for.
    pub fn times(&self, path: &str) -> u32 {
        let times = self.call("times", &[format!("GET {path}").into()]);
        times.as_f64().unwrap_or_default() as u32
    }

    /// How often a path in the project was asked for that begins like this.
    pub fn times_beginning(&self, path: &str) -> u32 {
        let times = self.call("begun", &[in_project(path).into()]);
        times.as_f64().unwrap_or_default() as u32
    }

    /// What a query of a kind is answered with from now on.
    pub fn answers_query(&self, kind: &str, status: u16, body: &str) {
        self.takes(("POST", &format!("query/ {kind}")), status, body);
    }

    /// The latest query of a kind, with how it was asked.
    pub fn query(&self, kind: &str) -> Option<String> {
        self.body(("POST", &format!("query/ {kind}")))
    }

    /// How often a query of a kind was asked.
    pub fn queries(&self, kind: &str) -> u32 {
        self.writes(("POST", &format!("query/ {kind}")))
    }

    /// The `Authorization` that the latest GET for a path came with.
    pub fn authorization(&self, path: &str) -> Option<String> {
        self.call("key", &[format!("GET {path}").into()])
            .as_string()
    }

    /// What a write is answered with from now on: its method and path in the project (or with a leading slash on
    /// the server), a status (0 is a cut
    /// network), a body.
    pub fn takes(&self, method_and_path: (&str, &str), status: u16, body: &str) {
        let question = write_question(method_and_path);
        self.call("answer", &[question.into(), status.into(), body.into()]);
    }

    /// What the latest write of this method to this path had in its body.
    pub fn body(&self, method_and_path: (&str, &str)) -> Option<String> {
        let question = write_question(method_and_path);
        self.call("body", &[question.into()]).as_string()
    }

    /// How often it was written.
    pub fn writes(&self, method_and_path: (&str, &str)) -> u32 {
        let times = self.call("times", &[write_question(method_and_path).into()]);
        times.as_f64().unwrap_or_default() as u32
    }

    /// What a GET for a path in the project is answered with from now on. `path` has no leading slash.
    pub fn answer(&self, path: &str, status: u16, body: &str) {
        self.answer_at(&format!("/api/projects/@current/{path}"), status, body);
    }

    fn call(&self, name: &str, arguments: &[JsValue]) -> JsValue {
        let function: Function = Reflect::get(&self.0, &name.into())
            .expect("an object")
            .unchecked_into();
        let arguments: Array = arguments.iter().collect();
        function
            .apply(&self.0, &arguments)
            .expect("the double works")
    }
}

fn write_question((method, path): (&str, &str)) -> String {
    if path.starts_with('/') {
        return format!("{method} {path}");
    }
    format!("{method} /api/projects/@current/{path}")
}

fn in_project(path: &str) -> String {
    let project = if path.starts_with('/') {
        ""
    } else {
        "/api/projects/@current/"
    };
    format!("GET {project}{path}")
}

impl Drop for Double {
    fn drop(&mut self) {
        self.call("restore", &[]);
        let unknown = self.call("unknown", &[]).as_string().unwrap_or_default();
        assert!(
            unknown.is_empty(),
            "nobody knows what to answer to: {unknown}"
        );
    }
}
