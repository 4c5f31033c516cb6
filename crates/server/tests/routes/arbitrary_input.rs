//! Input that no client sends on purpose: odd keys, deep nesting, too much of everything, through every entry point.

use std::io::Write as _;
use std::path::PathBuf;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use persons_api::json;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::server::{Answer, Server, bare, escaped};

const EVENTS: &str = "/api/projects/@current/events/";
const WARNINGS: &str = "/api/projects/@current/ingestion_warnings/";

/// Keys that parsers have given a meaning to.
const MAGIC_KEYS: [&str; 2] = [
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
];

/// A value with this many levels.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!([]), |inner, level| {
        if level % 2 == 0 {
            json!([inner])
        } else {
            json!({"a": inner})
        }
    })
}

/// How a capture request wraps its JSON.
#[derive(Clone, Copy, Debug)]
enum Encoding {
    Plain,
    Query,
    Gzip,
    Deflate,
    Base64,
    Form,
    GzipInForm,
    Lz64,
}

const ENCODINGS: [Encoding; 8] = [
    Encoding::Plain,
    Encoding::Query,
    Encoding::Gzip,
    Encoding::Deflate,
    Encoding::Base64,
    Encoding::Form,
    Encoding::GzipInForm,
    Encoding::Lz64,
];

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn deflated(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

async fn capture(server: &Server, path: &str, encoding: Encoding, text: &[u8]) -> Answer {
    let form = |bytes: &[u8]| format!("data={}", escaped(&STANDARD.encode(bytes)));
    let (query, kind, body) = match encoding {
        Encoding::Plain => (String::new(), "application/json", text.to_vec()),
        Encoding::Query => (format!("?{}", form(text)), "", Vec::new()),
        Encoding::Gzip => (String::new(), "text/plain", gzipped(text)),
        Encoding::Deflate => (String::new(), "application/json", deflated(text)),
        Encoding::Base64 => (
            "?compression=base64".to_owned(),
            "text/plain",
            STANDARD.encode(text).into_bytes(),
        ),
        Encoding::Form => (
            String::new(),
            "application/x-www-form-urlencoded",
            form(text).into_bytes(),
        ),
        Encoding::GzipInForm => (
            String::new(),
            "application/x-www-form-urlencoded",
            form(&gzipped(text)).into_bytes(),
        ),
        Encoding::Lz64 => {
            let text = String::from_utf8_lossy(text);
            let data = escaped(&lz_str::compress_to_base64(&*text));
            (
                String::new(),
                "application/x-www-form-urlencoded",
                format!("data={data}&compression=lz64").into_bytes(),
            )
        }
    };
    let method = match encoding {
        Encoding::Query => Method::GET,
        _ => Method::POST,
    };
    let mut request = bare(method, &format!("{path}{query}"), Body::from(body));
    let headers = request.headers_mut();
    if !kind.is_empty() {
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("valid"));
    }
    if matches!(encoding, Encoding::Deflate) {
        headers.insert(header::CONTENT_ENCODING, "deflate".parse().expect("valid"));
    }
    server.send(request).await
}

fn token(server: &Server) -> String {
    server.app.project.info().api_token.clone()
}

/// Parameters in a query string.
fn query(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter();
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    pairs.join("&")
}

/// A data file that is deleted in the end.
struct DataFile(PathBuf);

impl DataFile {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("persons-input-{}", Uuid::now_v7())))
    }

    fn open(&self) -> Server {
        Server::on_disk(&self.0.join("persons.sqlite"))
    }
}

impl Drop for DataFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The requests that carry a value as JSON, with the names of what it is in each. `text` is the value as JSON.
fn carriers(value: &Value) -> Vec<(&'static str, Method, String, Option<Value>)> {
    let text = value.to_string();
    let properties = json!([{"key": "a", "value": value, "operator": "exact"}]);
    let mut carriers = vec![
        (
            "the properties of a person",
            Method::PATCH,
            "/api/person/1/".to_owned(),
            Some(json!({"properties": {"x": value}})),
        ),
        (
            "a property in a body",
            Method::POST,
            "/api/person/1/update_property/".to_owned(),
            Some(json!({"key": "x", "value": value})),
        ),
        (
            "a property in a query",
            Method::POST,
            format!(
                "/api/person/1/update_property/?{}",
                query(&[("key", "x"), ("value", &text)])
            ),
            Some(json!({})),
        ),
        (
            "the key of a property",
            Method::POST,
            "/api/person/1/update_property/".to_owned(),
            Some(json!({"key": value, "value": 1})),
        ),
        (
            "the filters of a cohort",
            Method::POST,
            "/api/cohorts/".to_owned(),
            Some(json!({"name": "c", "filters": {"properties": properties}})),
        ),
        (
            "the steps of an action",
            Method::POST,
            "/api/projects/@current/actions/".to_owned(),
            Some(json!({"name": "a", "steps": [{"event": "e", "properties": properties}]})),
        ),
        (
            "a query",
            Method::POST,
            "/api/projects/@current/query/".to_owned(),
            Some(
                json!({"query": {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "e", "properties": properties}]}}),
            ),
        ),
    ];
    for (about, path, name) in [
        ("a filter of the list", "/api/person/", "properties"),
        ("a filter of events", EVENTS, "properties"),
        ("the order of events", EVENTS, "orderBy"),
        (
            "the events of an insight",
            "/api/projects/@current/insights/trend/",
            "events",
        ),
        (
            "the events of a timeline",
            "/api/person/1/properties_timeline/",
            "events",
        ),
        (
            "the breakdown of an insight",
            "/api/projects/@current/insights/funnel/",
            "breakdowns",
        ),
        (
            "the items of paths",
            "/api/projects/@current/insights/path/",
            "exclude_events",
        ),
    ] {
        let mut pairs = vec![(name, text.as_str())];
        if name != "events" {
            pairs.push(("events", r#"[{"id":"e"}]"#));
        }
        carriers.push((
            about,
            Method::GET,
            format!("{path}?{}", query(&pairs)),
            None,
        ));
    }
    carriers
}

async fn send(server: &Server, method: Method, path: &str, body: Option<&Value>) -> Answer {
    match body {
        Some(body) => server.write(method, path, body).await,
        None => server.get(path).await,
    }
}

#[tokio::test]
async fn no_key_has_a_meaning_on_any_entry_point() {
    let file = DataFile::new();
    let server = file.open();
    let token = token(&server);
    let mut stored = Vec::new();
    for (round, key) in MAGIC_KEYS.into_iter().enumerate() {
        // Once as text that a parser would parse again, and that no parser would accept after that.
        for text in ["[".repeat(127) + &"]".repeat(127), "1e5".into(), "{".into()] {
            let value = json!({ key: text });
            for (number, encoding) in ENCODINGS.into_iter().enumerate() {
                let uuid = Uuid::now_v7();
                let id = format!("d{round}-{number}");
                let event = json!({"token": token, "uuid": uuid, "event": "e", "distinct_id": id, "$set": {"x": value}, "properties": {"y": value}});
                let answer = capture(&server, "/e/", encoding, event.to_string().as_bytes()).await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                assert_eq!(server.person(&id).await.properties["x"], value);
                stored.push((uuid, value.clone()));
            }
            for (about, method, path, body) in carriers(&value) {
                let answer = send(&server, method, &path, body.as_ref()).await;
                assert!(
                    answer.status.as_u16() < 500,
                    "{about}: {} {}",
                    answer.status,
                    answer.text()
                );
            }
            let person = server.get("/api/person/1/").await.json();
            assert_eq!(person["properties"]["x"], value);
        }
    }
    drop(server);
    let server = file.open();
    assert_eq!(server.get("/api/person/").await.status, StatusCode::OK);
    assert_eq!(server.get(EVENTS).await.status, StatusCode::OK);
    for (uuid, value) in stored {
        let event = server.get(&format!("{EVENTS}{uuid}/")).await.json();
        assert_eq!(event["properties"]["y"], value);
        assert_eq!(event["properties"]["$set"]["x"], value);
    }
}

#[tokio::test]
async fn json_that_is_nested_too_deeply_returns_400() {
    let server = Server::new();
    server.people(&[("ada", json!({}))]).await;
    for (about, method, path, body) in carriers(&nested(json::MAX_DEPTH + 1)) {
        let answer = send(&server, method, &path, body.as_ref()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{about}");
        let detail = answer.json()["detail"].as_str().map(str::to_owned);
        let names_the_depth = detail
            .as_ref()
            .is_some_and(|detail| detail.contains("nested deeper than 64 levels"));
        assert!(names_the_depth, "{about}: {detail:?}");
    }
    // The deepest value that fits is stored, and written out in every form.
    let deepest = nested(json::MAX_DEPTH);
    let path = format!(
        "/api/person/1/update_property/?{}",
        query(&[("key", "deep"), ("value", &deepest.to_string())])
    );
    let answer = server.write(Method::POST, &path, &json!({})).await;
    assert_eq!(answer.json()["properties"]["deep"], deepest);
    for path in [
        "/api/person/",
        "/api/person.csv",
        "/api/person/1/activity/",
        "/api/person/1/activity.csv",
        "/api/person/1/properties_timeline/?events=[]",
        EVENTS,
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        if !path.contains(".csv") {
            answer.json();
        }
    }
}

#[tokio::test]
async fn an_event_of_a_batch_that_exceeds_a_limit_becomes_a_warning() {
    let server = Server::new();
    let token = token(&server);
    let event = |id: &str, properties: Value| json!({"event": "e", "distinct_id": id, "properties": properties});
    let wide: Map<String, Value> = (0..1001).map(|key| (key.to_string(), json!(1))).collect();
    let deep = event("deep", json!({"x": nested(63)}));
    let wide = event("wide", Value::Object(wide));
    let fits = event("fits", json!({"x": nested(62)}));
    for body in [
        json!({"api_key": token, "batch": [deep, fits, wide]}),
        json!([
            json!({"token": token, "event": "e", "distinct_id": "list", "properties": {"x": nested(500)}}),
            json!({"token": token, "event": "e", "distinct_id": "after"}),
        ]),
    ] {
        let text = body.to_string();
        let answer = capture(&server, "/batch/", Encoding::Plain, text.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    let people = server.get("/api/person/").await;
    assert_eq!(people.ids(), ["after", "fits"]);
    let warnings = server.get(WARNINGS).await.json();
    let warnings: Vec<(&str, &str)> = warnings["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|warning| {
            let id = warning["details"]["distinct_id"].as_str();
            (warning["type"].as_str().expect("text"), id.expect("text"))
        })
        .collect();
    assert_eq!(
        warnings,
        [
            ("event_nested_too_deeply", "list"),
            ("event_with_too_many_properties", "wide"),
            ("event_nested_too_deeply", "deep"),
        ]
    );
    // An event that is sent alone is refused.
    for (mut event, reason) in [
        (deep, "event is nested deeper than 64 levels"),
        (wide, "event has more than 1000 properties"),
    ] {
        event["token"] = json!(token);
        for encoding in [Encoding::Plain, Encoding::Gzip, Encoding::Form] {
            let answer = capture(&server, "/e/", encoding, event.to_string().as_bytes()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert!(answer.text().contains(reason), "{}", answer.text());
        }
    }
    assert_eq!(server.get("/api/person/").await.json()["count"], 2);
}

#[tokio::test]
async fn new_keys_beyond_the_limits_of_a_project_are_left_out_with_a_warning() {
    let server = Server::new();
    let keys = |prefix: &str, range: std::ops::Range<usize>| -> Map<String, Value> {
        range
            .map(|key| (format!("{prefix}{key}"), json!(1)))
            .collect()
    };
    let send = async |id: &str, properties: Map<String, Value>, set: Map<String, Value>| {
        let token = token(&server);
        let event = json!({"token": token, "event": "e", "distinct_id": id, "properties": properties, "$set": set});
        let answer = capture(
            &server,
            "/e/",
            Encoding::Plain,
            event.to_string().as_bytes(),
        )
        .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    };
    for n in 0..20 {
        let event_keys = if n < 10 {
            keys("e", n * 990..(n + 1) * 990)
        } else {
            Map::new()
        };
        send(
            &format!("d{n}"),
            event_keys,
            keys("p", n * 1000..(n + 1) * 1000),
        )
        .await;
    }
    // Of these, only some fit; known keys always do.
    send("last", keys("e", 9_800..10_200), keys("p", 19_900..20_100)).await;
    let mut long = keys("e", 0..1);
    long.insert("k".repeat(401), json!(1));
    send("long", long.clone(), long).await;
    let warnings = server.get(WARNINGS).await.json();
    let warnings = warnings["results"].as_array().expect("a list");
    let counted: Vec<(&str, u64)> = warnings
        .iter()
        .map(|warning| {
            let count = warning["details"]["count"].as_u64();
            (
                warning["type"].as_str().expect("text"),
                count.expect("a number"),
            )
        })
        .collect();
    assert_eq!(counted.len(), 5, "{counted:?}");
    let left_out = |kind: &str| -> u64 {
        let of_kind = counted.iter().filter(|(other, _)| *other == kind);
        of_kind.map(|(_, count)| count).sum()
    };
    let keys_of = async |id: &str| server.person(id).await.properties.len() as u64;
    let last = keys_of("last").await;
    assert!(last >= 100, "known keys are set: {last}");
    assert!(left_out("person_property_keys_left_out") > 100);
    // 9,900 keys are known, and `$set`: 99 of 300 new ones fit. The other event has one that is too long.
    assert_eq!(left_out("event_property_keys_left_out"), 201 + 1);
    let answer = server
        .write(
            Method::PATCH,
            "/api/person/1/",
            &json!({"properties": {"one more": 1}}),
        )
        .await;
    answer.is_invalid("properties");
    let answer = server
        .write(
            Method::POST,
            "/api/person/1/update_property/",
            &json!({"key": "k".repeat(401), "value": 1}),
        )
        .await;
    answer.is_invalid("properties");
}

#[tokio::test]
async fn ids_that_differ_in_a_null_character_belong_to_different_people() {
    let server = Server::new();
    let token = token(&server);
    for id in ["a\\u0000b", "ab", "a\\ufffdb"] {
        let event = format!(
            r#"{{"token":"{token}","event":"e\u0000","distinct_id":"{id}","$set":{{"x\u0000":"y\u0000"}}}}"#
        );
        let answer = capture(&server, "/e/", Encoding::Plain, event.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    assert_eq!(server.get("/api/person/").await.json()["count"], 2);
    let found = server.get("/api/person/?distinct_id=a%00b").await;
    assert_eq!(found.ids(), ["a\u{fffd}b"]);
    let person = server.person("a\u{fffd}b").await;
    assert_eq!(person.properties["x\u{fffd}"], "y\u{fffd}");
}

#[tokio::test]
async fn half_of_a_surrogate_pair_is_replaced() {
    let server = Server::new();
    let event = format!(
        r#"{{"token":"{}","event":"e","distinct_id":"a","$set":{{"name":"cut \ud83d"}}}}"#,
        token(&server)
    );
    let answer = capture(&server, "/e/", Encoding::Plain, event.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(server.person("a").await.properties["name"], "cut \u{fffd}");
}

#[tokio::test]
async fn lists_of_a_question_are_limited() {
    let server = Server::new();
    server.people(&[("ada", json!({}))]).await;
    let many = |item: Value, count: usize| Value::Array(vec![item; count]);
    let entity = json!({"id": "e"});
    for (path, body, attr) in [
        (
            "/api/projects/@current/insights/trend/",
            json!({"events": many(entity.clone(), 51)}),
            "events",
        ),
        (
            "/api/projects/@current/insights/funnel/",
            json!({"events": [entity], "exclusions": many(json!({"id": "x", "funnel_from_step": 0, "funnel_to_step": 1}), 101)}),
            "exclusions",
        ),
        (
            "/api/projects/@current/insights/funnel/",
            json!({"events": [entity], "breakdown": many(json!("x"), 101)}),
            "breakdown",
        ),
        (
            "/api/projects/@current/insights/path/",
            json!({"exclude_events": many(json!("x"), 1001)}),
            "exclude_events",
        ),
        (
            "/api/projects/@current/insights/path/",
            json!({"path_replacements": many(json!({"regex": "x", "alias": "y"}), 101)}),
            "path_replacements",
        ),
        (
            "/api/person/1/split/",
            json!({"distinct_ids_to_split": many(json!("x"), 1001)}),
            "distinct_ids_to_split",
        ),
        (
            "/api/person/bulk_delete/",
            json!({"distinct_ids": many(json!("x"), 1001)}),
            "distinct_ids",
        ),
        (
            "/api/cohorts/",
            json!({"name": "c", "filters": {"properties": {"type": "OR", "values": many(json!({"type": "OR", "values": []}), 100_000)}}}),
            "filters",
        ),
    ] {
        server.post(path, &body).await.is_invalid(attr);
    }
}

#[tokio::test]
async fn a_long_array_is_one_cell_of_a_table() {
    let server = Server::new();
    let long: Vec<u32> = (0..100_000).collect();
    server
        .people(&[
            ("ada", json!({"numbers": long, "short": [1, 2]})),
            ("grace", json!({})),
        ])
        .await;
    let table = server.get("/api/person.csv").await.text();
    let header = table.lines().next().expect("a header");
    assert!(header.contains(",properties.numbers,properties.short.0,properties.short.1,"));
    assert_eq!(header.split(',').count(), 12);
    assert!(table.contains(",\"[0,1,2,"));
    let one = server.get("/api/person/1.csv").await.text();
    assert_eq!(one.lines().next(), Some(header));
}

/// Arbitrary JSON. Texts have no null characters, which are replaced.
fn any_json() -> BoxedStrategy<Value> {
    let text = prop_oneof![
        "[a-c]{0,2}",
        "[^\0]{0,6}",
        Just(MAGIC_KEYS[0].to_owned()),
        Just(MAGIC_KEYS[1].to_owned()),
        Just("[".repeat(200)),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
        (1_usize..130).prop_map(nested),
    ];
    leaf.prop_recursive(6, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Text that a parser of JSON may stumble over.
const ODD_JSON: [&str; 16] = [
    "1e999",
    "-1e999",
    "-0",
    "1e-999",
    "123456789012345678901234567890",
    "0.1000000000000000055511151231257827",
    r#""\ud800""#,
    r#""\udc00\ud800x""#,
    r#""\u0000""#,
    r#"{"a":1,"a":2}"#,
    r#"{"":{"":[]}}"#,
    r#"{"a\u0000":1,"a\ufffd":2}"#,
    r#"{"$set":{"$set":1}}"#,
    "NaN",
    "[1,]",
    "\"\u{7f}\u{2028}\"",
];

/// A request to one of the API's endpoints, as far as it can be made up without knowing them.
#[derive(Clone, Debug)]
struct AnyRequest {
    endpoint: Index,
    id: String,
    parameters: Vec<(Index, String)>,
    body: Value,
    is_csv: bool,
}

fn any_request() -> impl Strategy<Value = AnyRequest> {
    let condition = any_json().prop_map(|value| json!([{"key": "x", "value": value}]));
    let group = any_json().prop_map(|value| json!({"type": "OR", "values": [value]}));
    let properties = prop_oneof![any_json(), condition, group].boxed();
    let text = prop_oneof![
        properties.clone().prop_map(|value| value.to_string()),
        "[^\0]{0,8}",
        Just("-7d".to_owned()),
        Just("ada".to_owned()),
        Just(r#"[{"id":"e"}]"#.to_owned()),
    ];
    let id = prop_oneof![
        3 => Just("1".to_owned()),
        1 => "[^\0/]{1,8}".prop_map(|id| escaped(&id)),
        1 => any::<u128>().prop_map(|bits| Uuid::from_u128(bits).to_string()),
    ];
    let body = (any_json(), properties).prop_map(|(value, properties)| {
        json!({
            "name": "n", "key": "x", "value": value, "$unset": "x", "filters": {"properties": properties},
            "steps": [{"event": "e", "properties": properties}], "events": [{"id": "e", "properties": properties}],
            "properties": properties,
            "query": {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "e"}], "properties": properties},
        })
    });
    let body = prop_oneof![3 => body, 1 => any_json()];
    (
        any::<Index>(),
        id,
        prop::collection::vec((any::<Index>(), text), 0..4),
        body,
        any::<bool>(),
    )
        .prop_map(|(endpoint, id, parameters, body, is_csv)| AnyRequest {
            endpoint,
            id,
            parameters,
            body,
            is_csv,
        })
}

/// The endpoints that the server's own description names: method, path, parameters of the query.
async fn endpoints(server: &Server) -> Vec<(Method, String, Vec<String>)> {
    let schema = server.get("/api/schema/").await.json();
    let mut endpoints = Vec::new();
    for (path, operations) in schema["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let Ok(method) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else {
                continue;
            };
            let parameters = operation["parameters"].as_array().expect("parameters");
            let in_query = parameters.iter().filter(|one| one["in"] == "query");
            let names = in_query.filter_map(|one| one["name"].as_str().map(str::to_owned));
            endpoints.push((method, path.clone(), names.collect()));
        }
    }
    assert!(endpoints.len() > 20);
    endpoints
}

/// What is stored, as the API shows it.
async fn stored(server: &Server) -> Vec<Value> {
    let mut stored = Vec::new();
    for path in [
        "/api/person/?limit=1000",
        "/api/projects/@current/events/?limit=1000&after=2000-01-01",
        "/api/cohorts/?limit=1000",
        "/api/projects/@current/actions/?limit=1000",
        "/api/person/activity/?limit=1000",
        "/api/projects/@current/ingestion_warnings/?limit=1000",
        "/api/event_definitions/?limit=1000",
        "/api/property_definitions/?limit=1000",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        stored.push(answer.json());
    }
    stored
}

async fn send_any(
    server: &Server,
    endpoints: &[(Method, String, Vec<String>)],
    request: &AnyRequest,
) {
    let (method, path, names) = request.endpoint.get(endpoints);
    let path = path
        .replace("{project}", "@current")
        .replace("{id}", &request.id);
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for (name, text) in request.parameters.iter().filter(|_| !names.is_empty()) {
        pairs.push((name.get(names).as_str(), text.as_str()));
    }
    if request.is_csv {
        pairs.push(("format", "csv"));
    }
    let path = format!("{path}?{}", query(&pairs));
    if path.len() > 60_000 {
        return;
    }
    let body = (*method != Method::GET).then_some(&request.body);
    let answer = send(server, method.clone(), &path, body).await;
    assert!(
        answer.status.as_u16() < 500,
        "{method} {path} with {}: {} {}",
        request.body,
        answer.status,
        answer.text()
    );
    let is_json = answer.header("content-type") == Some("application/json");
    if is_json {
        answer.json();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_input_is_answered_and_what_is_stored_reads_back_equal(
        values in prop::collection::vec((any_json(), prop::sample::select(ENCODINGS.to_vec())), 1..4),
        garbage in prop::collection::vec(any::<u8>(), 0..80),
        odd in prop::sample::select(ODD_JSON.to_vec()),
        requests in prop::collection::vec(any_request(), 0..12),
    ) {
        let file = DataFile::new();
        let runtime = Runtime::new().expect("starts");
        let before = runtime.block_on(async {
            let server = file.open();
            let token = token(&server);
            for (number, (value, encoding)) in values.iter().enumerate() {
                let uuid = Uuid::now_v7();
                let event = json!({"token": token, "uuid": uuid, "event": "e", "distinct_id": "ada", "properties": {"x": value}});
                let text = event.to_string();
                if matches!(encoding, Encoding::Query) && text.len() > 3000 {
                    continue;
                }
                let answer = capture(&server, "/e/", *encoding, text.as_bytes()).await;
                let expected = if json::check_depth(&event) { 200 } else { 400 };
                assert_eq!(answer.status.as_u16(), expected, "{}", answer.text());
                if expected == 200 {
                    let stored = server.get(&format!("{EVENTS}{uuid}/")).await.json();
                    assert_eq!(&stored["properties"]["x"], value);
                }
                let batch = json!({"api_key": token, "batch": [{"event": "b", "distinct_id": "ada", "$set": {"y": value}}, {"event": "b", "distinct_id": format!("after{number}")}]});
                let answer = capture(&server, "/batch/", *encoding, batch.to_string().as_bytes()).await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                let body = json!({"properties": {"z": value}});
                let answer = server.write(Method::PATCH, "/api/person/1/", &body).await;
                assert_eq!(answer.status == StatusCode::OK, json::check_depth(&body));
                if answer.status == StatusCode::OK {
                    assert_eq!(&answer.json()["properties"]["z"], value);
                }
                let answer = capture(&server, "/e/", *encoding, &garbage).await;
                assert!(answer.status.as_u16() < 500);
            }
            let event = format!(r#"{{"token":"{token}","event":"e","distinct_id":"odd","properties":{{"x":{odd}}},"$set":{{"x":{odd}}}}}"#);
            let answer = capture(&server, "/e/", Encoding::Gzip, event.as_bytes()).await;
            assert!(answer.status.as_u16() < 500, "{}", answer.text());
            let path = format!("/api/person/1/update_property/?{}", query(&[("key", "odd"), ("value", odd)]));
            let answer = server.write(Method::POST, &path, &json!({})).await;
            assert!(answer.status.as_u16() < 500, "{}", answer.text());
            let endpoints = endpoints(&server).await;
            for request in &requests {
                send_any(&server, &endpoints, request).await;
            }
            for path in ["/api/person.csv", "/api/projects/@current/events.csv", "/api/person/activity.csv"] {
                assert_eq!(server.get(path).await.status, StatusCode::OK, "{path}");
            }
            stored(&server).await
        });
        // Work beside the requests holds the data file as long as it runs.
        drop(runtime);
        let after = Runtime::new().expect("starts").block_on(async { stored(&file.open()).await });
        prop_assert_eq!(before, after);
    }
}
