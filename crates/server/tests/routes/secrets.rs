//! Keys do not come back: not in links, errors or anything else that repeats a request.

use axum::body::Body;
use axum::http::{Method, Request, header};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::server::{Answer, KEY, Server, bare, event};

/// Decodes a text until nothing is left to decode, so that no number of encodings hides a key.
fn decoded(text: &str) -> String {
    let once = text.replace('+', " ");
    let bytes = once.split('%').enumerate().flat_map(|(place, part)| {
        let byte = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if place > 0 => [&[byte], &part.as_bytes()[2..]].concat(),
            _ if place > 0 => [b"%", part.as_bytes()].concat(),
            _ => part.as_bytes().to_vec(),
        }
    });
    let bytes: Vec<u8> = bytes.collect();
    let next = String::from_utf8_lossy(&bytes).into_owned();
    if next == text { next } else { decoded(&next) }
}

#[track_caller]
fn holds_no_key(answer: &Answer, request: &str) {
    let headers = format!("{:?}", answer.headers);
    for text in [headers, String::from_utf8_lossy(&answer.body).into_owned()] {
        assert!(
            !text.contains(KEY) && !decoded(&text).contains(KEY),
            "{request} is answered with the key: {text}"
        );
    }
}

/// A server with enough people and events that every list has another page.
async fn full_server() -> Server {
    let server = Server::new();
    server
        .people(&[("ada", json!({"plan": "pro"})), ("grace", json!({}))])
        .await;
    let at = server.app.project.now().to_string();
    let view = |id: &str| event("$pageview", id, &at, json!({"$current_url": "/"}));
    server.capture(vec![view("ada"), view("grace")]).await;
    server
        .post(
            "/api/cohorts/",
            &json!({"name": "all", "is_static": true, "distinct_ids": ["ada", "grace"]}),
        )
        .await;
    server
        .post(
            "/api/cohorts/",
            &json!({"name": "none", "is_static": true, "distinct_ids": []}),
        )
        .await;
    server
}

/// What the lists of people behind numbers need besides a limit.
const QUESTION: &str = "limit=1&events=%5B%7B%22id%22%3A%22%24pageview%22%7D%5D&date_from=-7d&lifecycle_type=new&stickiness_days=1&funnel_step=1&period=Day&selected_interval=0&source=all";

/// Every operation of the description, with a path that leads somewhere.
fn operations() -> Vec<(Method, String)> {
    let document = persons_server::http::openapi();
    let paths = document["paths"].as_object().expect("an object").clone();
    let operations = paths.into_iter().flat_map(|(path, item)| {
        let path = path.replace("{project}", "@current").replace("{id}", "1");
        let item: Vec<String> = item
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        item.into_iter().map(move |method| {
            (
                method.to_ascii_uppercase().parse().expect("a method"),
                path.clone(),
            )
        })
    });
    operations.collect()
}

/// One way to write a text in a query string.
fn any_encoding(text: &'static str) -> impl Strategy<Value = String> {
    proptest::collection::vec(0..3_u8, text.len()).prop_map(move |forms| {
        let bytes = text.bytes().zip(forms);
        bytes
            .map(|(byte, form)| match form {
                0 => char::from(byte).to_string(),
                1 => format!("%{byte:02x}"),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    })
}

/// A query string that carries the key in some way: once or more, beside empty names and other parameters.
fn any_query() -> impl Strategy<Value = String> {
    let pair = (any_encoding("personal_api_key"), any_encoding(KEY))
        .prop_map(|(name, key)| format!("{name}={key}"));
    let odd = prop_oneof![
        Just(String::new()),
        Just("=".to_owned()),
        Just("x".to_owned()),
        Just("personal_api_key".to_owned()),
        any_encoding(KEY),
        any_encoding(KEY).prop_map(|key| format!("={key}")),
        any_encoding(KEY).prop_map(|key| format!("Personal-API-Key={key}")),
    ];
    (
        proptest::collection::vec(odd.clone(), 0..3),
        pair,
        proptest::collection::vec(odd, 0..2),
    )
        .prop_map(|(before, pair, after)| [before, vec![pair], after].concat().join("&"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_response_holds_the_key_however_the_query_writes_it(query in any_query()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("starts");
        runtime.block_on(async {
            let server = full_server().await;
            let mut links = 0;
            for (method, path) in operations() {
                let url = format!("{path}?{QUESTION}&{query}");
                // The last one counts, and it may be empty; the header lets the request in all the same.
                let body = if method == Method::GET { Body::empty() } else { Body::from("{}") };
                let mut request = server.request(method, &url, body);
                request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().expect("valid"));
                let answer = server.send(request).await;
                assert_ne!(answer.status.as_u16(), 401, "{url}: {}", answer.text());
                holds_no_key(&answer, &url);
                let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
                links += usize::from(body.is_some_and(|body| body["next"].is_string() || body["initial"].is_string()));
            }
            assert!(links >= 8, "only {links} responses had a link that could hold the key");
        });
    }
}

#[tokio::test]
async fn no_link_repeats_another_key_under_a_name_that_does_not_count() {
    let server = full_server().await;
    let other = "phx_another0another1another2another3another4";
    for name in [
        "Personal_api_key",
        "PERSONAL_API_KEY",
        "personal-api-key",
        "personal+api+key",
        "personal_api_key%5B%5D",
        "personal%255Fapi_key",
        "%252570ersonal_api_key",
        "personal_api%26_key",
    ] {
        let url = format!("/api/projects/@current/persons/?limit=1&{name}={other}");
        let page = server.get(&url).await;
        assert!(page.json()["next"].is_string(), "{url}: {}", page.text());
        assert!(!page.text().contains(other), "{url}: {}", page.text());
    }
    // Other parameters that look like a key are part of what is asked for.
    let url = format!("/api/projects/@current/persons/?limit=1&x={other}");
    assert!(server.get(&url).await.text().contains(other));
}

#[tokio::test]
async fn a_link_works_with_the_key_in_the_header_only() {
    let server = full_server().await;
    let asked = format!("/api/person/?limit=1&personal%5Fapi_key={KEY}");
    let answer = server.send(bare(Method::GET, &asked, Body::empty())).await;
    let next = answer.json()["next"]
        .as_str()
        .expect("another page")
        .to_owned();
    assert_eq!(next, "http://localhost:8000/api/person/?limit=1&offset=1");
    let path = next.strip_prefix("http://localhost:8000").expect("a link");
    assert_eq!(
        server.get(path).await.json()["results"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_key_in_the_body_does_not_come_back() {
    let server = full_server().await;
    let question = json!({
        "personal_api_key": KEY, "limit": 1, "date_from": "-7d",
        "events": [{"id": "$pageview", "order": 0}, {"id": "$pageview", "order": 1}], "funnel_step": 1,
    });
    for path in [
        "persons/funnel/",
        "persons/path/",
        "insights/funnel/",
        "insights/trend/",
        "insights/path/",
        "insights/retention/",
    ] {
        let mut request = bare(
            Method::POST,
            &format!("/api/projects/@current/{path}"),
            Body::from(question.to_string()),
        );
        request.headers_mut().insert(
            header::CONTENT_TYPE,
            "application/json".parse().expect("valid"),
        );
        let answer = server.send(request).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.text());
        holds_no_key(&answer, path);
    }
}

/// Keys end up in the wrong place, too: pasted where an id or a host belongs.
#[tokio::test]
async fn errors_do_not_repeat_a_key_that_is_in_the_wrong_place() {
    let server = full_server().await;
    let token = &server.app.project.info().api_token;
    let get = |path: &str| server.request(Method::GET, path, Body::empty());
    let mut odd_method = get("/api/person/");
    *odd_method.method_mut() = Method::from_bytes(KEY.as_bytes()).expect("a token");
    let mut odd_type = server.request(Method::PATCH, "/api/person/1/", Body::from("x"));
    odd_type
        .headers_mut()
        .insert(header::CONTENT_TYPE, KEY.parse().expect("valid"));
    let odd_host = Request::get("/api/person/")
        .header(header::HOST, format!("{KEY}.example"))
        .body(Body::empty());
    let mut requests = vec![odd_method, odd_type, odd_host.expect("a request")];
    for path in [
        format!("/{KEY}"),
        format!("/api/{KEY}/"),
        format!("/api/projects/{KEY}/"),
        format!("/api/projects/{KEY}/persons/?limit=1&token={token}"),
        format!("/api/person/{KEY}/"),
        format!("/api/event/{KEY}/"),
        format!("/api/cohorts/{KEY}/"),
        format!("/api/users/@me/sessions/{KEY}/"),
        format!("/signin/{KEY}"),
        format!("/array/{KEY}/config"),
        format!("/array/{KEY}/config.js"),
        format!("/e/?data={KEY}&token={KEY}"),
        format!("/api/person/?limit={KEY}&offset={KEY}"),
        format!("/api/person/?properties={KEY}"),
        format!("/api/person/?format={KEY}"),
        format!("/api/projects/@current/insights/trend/?interval={KEY}&events={KEY}"),
        format!("/api/projects/@current/persons/activity/?activity={KEY}"),
    ] {
        requests.push(get(&path));
    }
    for request in requests {
        let shown = format!("{} {}", request.method(), request.uri());
        let answer = server.send(request).await;
        holds_no_key(&answer, &shown);
    }
}
