//! Which names this server answers to, and where its links lead.

use axum::body::Body;
use axum::http::{Method, header};
use persons_server::http::Settings;
use serde_json::json;

use crate::server::{Answer, Server, bare};

async fn ask(settings: &Settings, headers: &[(&str, &str)]) -> Answer {
    let server = Server::with(settings.clone());
    server.people(&[("a", json!({})), ("b", json!({}))]).await;
    let mut request = server.request(Method::GET, "/api/person/?limit=1", Body::empty());
    for (name, value) in headers {
        let name = header::HeaderName::from_bytes(name.as_bytes()).expect("a name");
        request
            .headers_mut()
            .insert(name, value.parse().expect("a value"));
    }
    server.send(request).await
}

fn on_loopback() -> Settings {
    Settings {
        loopback_only: true,
        ..Settings::default()
    }
}

#[tokio::test]
async fn on_loopback_foreign_names_are_misdirected() {
    for host in [
        "evil.example",
        "evil.example:8000",
        "192.168.1.5",
        "127.0.0.1.evil.example",
    ] {
        let answer = ask(&on_loopback(), &[("host", host)]).await;
        assert_eq!(answer.status.as_u16(), 421);
        assert_eq!(answer.json()["type"], "invalid_request");
        assert_eq!(answer.json().as_object().map(|keys| keys.len()), Some(4));
    }
    for host in [
        "localhost",
        "localhost:1",
        "127.0.0.1:8000",
        "127.1.2.3",
        "[::1]:8000",
    ] {
        assert_eq!(
            ask(&on_loopback(), &[("host", host)]).await.status.as_u16(),
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn every_path_is_guarded() {
    let server = Server::with(on_loopback());
    for path in ["/", "/e/", "/signin/x", "/healthz", "/api/nothing/"] {
        let mut request = bare(Method::GET, path, Body::empty());
        request
            .headers_mut()
            .insert(header::HOST, "evil.example".parse().expect("valid"));
        assert_eq!(server.send(request).await.status.as_u16(), 421, "{path}");
    }
}

#[tokio::test]
async fn the_public_name_is_answered_to_and_linked_to() {
    let settings = Settings {
        public_url: Some("https://people.example.com/".parse().expect("a URL")),
        ..on_loopback()
    };
    for host in [
        "people.example.com",
        "PEOPLE.example.com:443",
        "localhost:8000",
    ] {
        let answer = ask(&settings, &[("host", host)]).await;
        assert_eq!(
            answer.json()["next"],
            "https://people.example.com/api/person/?limit=1&offset=1"
        );
    }
    assert_eq!(
        ask(&settings, &[("host", "evil.example")])
            .await
            .status
            .as_u16(),
        421
    );
}

#[tokio::test]
async fn elsewhere_every_name_is_answered_to() {
    let answer = ask(&Settings::default(), &[("host", "10.0.0.7:8000")]).await;
    assert_eq!(
        answer.json()["next"],
        "http://10.0.0.7:8000/api/person/?limit=1&offset=1"
    );
}

#[tokio::test]
async fn forwarded_names_are_believed_only_from_a_trusted_proxy() {
    let forwarded = [
        ("x-forwarded-host", "people.example.com"),
        ("x-forwarded-proto", "https"),
    ];
    let answer = ask(&on_loopback(), &forwarded).await;
    assert_eq!(
        answer.json()["next"],
        "http://localhost:8000/api/person/?limit=1&offset=1"
    );
    let trusting = Settings {
        trust_proxy: true,
        ..on_loopback()
    };
    let answer = ask(&trusting, &forwarded).await;
    assert_eq!(
        answer.json()["next"],
        "https://people.example.com/api/person/?limit=1&offset=1"
    );
}

#[tokio::test]
async fn a_request_without_a_host_or_with_two_lengths_is_malformed() {
    let server = Server::new();
    let mut hostless = server.request(Method::GET, "/api/person/", Body::empty());
    hostless.headers_mut().remove(header::HOST);
    let mut lengths = server.request(Method::POST, "/e/", Body::empty());
    lengths
        .headers_mut()
        .insert(header::CONTENT_LENGTH, 3.into());
    lengths
        .headers_mut()
        .insert(header::TRANSFER_ENCODING, "chunked".parse().expect("valid"));
    for request in [hostless, lengths] {
        let answer = server.send(request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("connection")),
            (400, Some("close"))
        );
        assert_eq!(answer.json()["type"], "invalid_request");
    }
}
