//! What requests can make the server read, decode and hold before it knows who sends them.

use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, header};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::bombs::{base64, form, gzip, lz64};
use crate::server::{KEY, Server, bare};

const LOOKUP: &str = "/api/person/batch_by_uuids/";
const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

type Chunk = Result<Bytes, std::io::Error>;

/// A body that never arrives. With the clock paused, a server that waits for it answers 408.
fn unread() -> Body {
    stalled(0)
}

/// A body that never ends.
fn endless() -> Body {
    Body::from_stream(stream::repeat_with(|| -> Chunk {
        Ok(Bytes::from_static(&[b' '; 1024]))
    }))
}

/// A body that stops arriving after `length` bytes.
fn stalled(length: usize) -> Body {
    let start = stream::once(async move { Chunk::Ok(vec![b' '; length].into()) });
    let rest: Pin<Box<dyn futures_util::Stream<Item = Chunk> + Send>> = stream::pending().boxed();
    Body::from_stream(start.chain(rest))
}

fn post(path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = bare(Method::POST, path, body);
    for (name, value) in headers {
        let name = header::HeaderName::from_bytes(name.as_bytes()).expect("a name");
        let value = value.parse().expect("a value");
        request.headers_mut().insert(name, value);
    }
    request
}

#[tokio::test(start_paused = true)]
async fn credentials_in_the_head_are_checked_before_the_body_is_read() {
    let server = Server::with_scopes(&["cohort:read"]);
    let allowed = server.request(Method::POST, LOOKUP, unread());
    let key = allowed.headers()[header::AUTHORIZATION].to_str();
    let key = key.expect("text").to_owned();
    let bearer = ("authorization", key.as_str());
    let cookie = ("cookie", "persons_session=expired");
    let wrong_bearer = ("authorization", "Bearer phx_wrong");
    let query = format!("{LOOKUP}?personal_api_key=phx_wrong");
    let everything = Server::new();
    let key = format!("Bearer {KEY}");
    let valid = ("authorization", key.as_str());
    for (server, path, headers, status) in [
        (&server, LOOKUP, vec![wrong_bearer, JSON], 401),
        (&server, &query, vec![JSON], 401),
        (&server, LOOKUP, vec![cookie, JSON], 401),
        // Only JSON can hold a key.
        (&server, LOOKUP, vec![], 401),
        (&server, LOOKUP, vec![FORM], 401),
        // The key is valid, but lacks the scope, or the query names another project.
        (&server, LOOKUP, vec![bearer, JSON], 403),
        (
            &everything,
            "/api/person/batch_by_uuids/?token=phc_wrong",
            vec![valid, JSON],
            401,
        ),
    ] {
        let answer = server.send(post(path, &headers, unread())).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {headers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_without_its_token_is_refused_before_the_body_is_read() {
    let server = Server::new();
    let link = format!("/signin/{}", server.app.access.link_token());
    let answer = server.send(bare(Method::GET, &link, Body::empty())).await;
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    let session = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .find(|cookie| cookie.starts_with("persons_session="))
        .expect("signed in");
    let request = post(LOOKUP, &[("cookie", session), JSON], unread());
    assert_eq!(server.send(request).await.status.as_u16(), 403);
}

#[tokio::test]
async fn a_body_without_a_key_is_answered_401_whatever_it_holds() {
    let server = Server::new();
    let deep = "[".repeat(900_000);
    for body in [
        endless(),
        Body::from("{"),
        Body::from(r#"{"uuids":[]}"#),
        Body::from(r#"{"a":{"personal_api_key":"phx_everything"}}"#),
        Body::from(deep),
    ] {
        let answer = server.send(post(LOOKUP, &[JSON], body)).await;
        assert_eq!(answer.status.as_u16(), 401, "{}", answer.text());
        assert_eq!(answer.json()["code"], "not_authenticated");
    }
    let wrong = Body::from(r#"{"personal_api_key":"phx_wrong","x":"#.to_owned() + "{}}");
    let answer = server.send(post(LOOKUP, &[JSON], wrong)).await;
    assert_eq!(answer.json()["code"], "authentication_failed");
}

#[tokio::test]
async fn a_key_in_the_body_has_to_be_in_the_part_that_is_searched() {
    let server = Server::new();
    let body = |size: usize| {
        let pad = "x".repeat(size);
        json!({"personal_api_key": KEY, "is_static": true, "name": "x", "distinct_ids": [pad]})
    };
    let send = async |size| {
        let body = Body::from(body(size).to_string());
        server.send(post("/api/cohorts/", &[JSON], body)).await
    };
    assert_eq!(send(900_000).await.status.as_u16(), 201);
    let answer = send(2_000_000).await;
    assert_eq!(answer.status.as_u16(), 401);
    assert!(
        answer
            .text()
            .contains("send it in the Authorization header")
    );
}

#[tokio::test]
async fn a_query_with_thousands_of_parameters_is_refused() {
    let server = Server::new();
    let path = format!("/api/person/?{}", "a&".repeat(1000));
    let answer = server.get(&path).await;
    assert_eq!(answer.status.as_u16(), 400);
}

/// A name, the headers, and the body.
type Bomb = (&'static str, Vec<(&'static str, &'static str)>, Vec<u8>);

/// Every kind of body that is small and stands for much.
fn bombs(token: &str) -> Vec<Bomb> {
    let objects = r#"{"":0},"#.repeat(200_000);
    let own = format!(
        r#"{{"token":"{token}","event":"e","distinct_id":"a","properties":{{"x":[{objects}0]}}}}"#
    );
    let anonymous = format!("[{objects}0]");
    let spaces = " ".repeat(33 << 20);
    let deep = "[".repeat(2 << 20);
    vec![
        ("lz64", vec![FORM], form(&lz64(96 << 10), "lz64")),
        ("gzip of objects", vec![JSON], gzip(anonymous.as_bytes())),
        ("gzip of own objects", vec![JSON], gzip(own.as_bytes())),
        ("own objects", vec![JSON], own.clone().into_bytes()),
        ("gzip of blanks", vec![JSON], gzip(spaces.as_bytes())),
        ("gzip of gzip", vec![JSON], gzip(&gzip(spaces.as_bytes()))),
        (
            "form of base64 of gzip",
            vec![FORM],
            form(&base64(&gzip(own.as_bytes())), "base64"),
        ),
        ("deep nesting", vec![JSON], deep.clone().into_bytes()),
        ("gzip of deep nesting", vec![JSON], gzip(deep.as_bytes())),
        (
            "deep nesting with the token",
            vec![JSON],
            format!(r#"{{"token":"{token}","event":"e","distinct_id":"a","x":{deep}"#).into_bytes(),
        ),
    ]
}

#[tokio::test]
async fn small_bodies_that_stand_for_much_are_refused() {
    let server = Server::new();
    for (name, headers, body) in bombs(&server.app.project.info().api_token) {
        let body = Bytes::from(body);
        for path in ["/batch/", "/e/"] {
            let answer = server.send(post(path, &headers, body.clone().into())).await;
            let status = answer.status.as_u16();
            assert!(
                (400..500).contains(&status),
                "{path} {name}: {}",
                answer.text()
            );
        }
    }
    assert_eq!(server.get("/api/person/").await.json()["count"], 0);
}

#[tokio::test]
async fn data_in_a_url_is_limited_like_a_body() {
    let server = Server::new();
    let data = base64(&gzip(" ".repeat(8 << 20).as_bytes())).replace('+', "%2B");
    let request = bare(Method::GET, &format!("/e/?data={data}"), Body::empty());
    assert!(server.send(request).await.status.is_client_error());
}

#[tokio::test(start_paused = true)]
async fn the_token_of_another_project_ends_the_reading() {
    let server = Server::new();
    for path in ["/e/?token=phc_other", "/batch/?api_key=phc_other"] {
        let answer = server.send(post(path, &[JSON], unread())).await;
        assert_eq!(answer.json(), json!({"status": "Ok"}));
    }
    let other = ("authorization", "Bearer phc_other");
    let newest = post("/i/v1/analytics/events", &[other, JSON], unread());
    assert_eq!(server.send(newest).await.json(), json!({"results": {}}));
    // Behind the token anything may follow: it is not decoded.
    let objects = r#"{"":0},"#.repeat(1_000_000);
    for text in [
        format!(r#"{{"token":"phc_other","batch":[{objects}"#),
        format!(r#"[{{"properties":{{"token":"phc_other"}}}},{objects}"#),
    ] {
        let answer = server
            .send(post("/batch/", &[JSON], gzip(text.as_bytes()).into()))
            .await;
        assert_eq!(answer.json(), json!({"status": "Ok"}));
    }
}

#[tokio::test]
async fn the_largest_batches_are_taken() {
    let server = Server::new();
    let token = &server.app.project.info().api_token;
    let event = |n: usize| json!({"event": "e", "distinct_id": format!("d{n}"), "properties": {"x": "y".repeat(1_000_000)}});
    let events: Vec<Value> = (0..20).map(event).collect();
    let batch = json!({"api_key": token, "batch": events}).to_string();
    assert!((19 << 20..20 << 20).contains(&batch.len()));
    for body in [gzip(batch.as_bytes()), batch.into_bytes()] {
        let answer = server.send(post("/batch/", &[JSON], body.into())).await;
        assert_eq!(answer.json(), json!({"status": "Ok"}));
    }
    assert_eq!(server.get("/api/person/").await.json()["count"], 20);
}

/// Time is not waited for here: when nothing else can happen, the clock jumps to the next deadline.
#[tokio::test(start_paused = true)]
async fn requests_without_room_are_told_to_come_again() {
    let server = std::sync::Arc::new(Server::new());
    let holders: Vec<_> = (0..2)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move {
                let request = post("/batch/", &[JSON], stalled((20 << 20) - 1024));
                server.send(request).await.status.as_u16()
            })
        })
        .collect();
    // Both are waiting for the rest of their bodies when the clock moves.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let event = || {
        let pad = "x".repeat(100_000);
        let event = json!({"token": "phc_other", "event": pad, "distinct_id": "a"});
        post("/e/", &[JSON], Body::from(event.to_string()))
    };
    let refused = server.send(event()).await;
    assert_eq!(refused.status.as_u16(), 503);
    assert_eq!(refused.text(), "transient error, please retry");
    assert_eq!(refused.header("retry-after"), Some("2"));
    let keyless = Body::from(format!(r#"{{"x":"{}"}}"#, "x".repeat(100_000)));
    let refused = server.send(post(LOOKUP, &[JSON], keyless)).await;
    assert_eq!(refused.json()["code"], "busy");
    assert_eq!(refused.header("retry-after"), Some("2"));
    // Those with a key have room of their own.
    let uuids = json!({"uuids": [], "x": "x".repeat(100_000)});
    assert_eq!(server.post(LOOKUP, &uuids).await.status.as_u16(), 200);
    for holder in holders {
        assert_eq!(holder.await.expect("ends"), 408);
    }
    assert_eq!(server.send(event()).await.json(), json!({"status": "Ok"}));
}

#[tokio::test(start_paused = true)]
async fn slow_bodies_are_given_up() {
    let server = Server::new();
    let request = post("/e/", &[JSON], stalled(10));
    assert_eq!(server.send(request).await.status.as_u16(), 408);
    // Whether the rest would have held a key is not known.
    let request = post(LOOKUP, &[JSON], stalled(10));
    assert_eq!(server.send(request).await.status.as_u16(), 401);
}
