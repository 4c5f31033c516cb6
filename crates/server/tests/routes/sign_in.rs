//! `/signin/:token`

use axum::body::Body;
use axum::http::Method;
use persons_server::http::Settings;

use crate::server::{Answer, Server, bare};

async fn open(server: &Server, token: &str) -> Answer {
    server
        .send(bare(
            Method::GET,
            &format!("/signin/{token}"),
            Body::empty(),
        ))
        .await
}

fn cookies(answer: &Answer) -> Vec<String> {
    let cookies = answer.headers.get_all("set-cookie").iter();
    cookies
        .map(|cookie| cookie.to_str().expect("ASCII").to_owned())
        .collect()
}

#[tokio::test]
async fn the_link_signs_the_browser_in_and_leads_to_the_app() {
    let server = Server::new();
    let answer = open(&server, server.app.access.link_token()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, Some("/"))
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let cookies = cookies(&answer);
    let [session, csrf] = cookies.as_slice() else {
        panic!("{cookies:?}")
    };
    assert!(session.starts_with("persons_session=") && csrf.starts_with("persons_csrf="));
    for cookie in [session, csrf] {
        assert!(
            cookie.contains("; Path=/; SameSite=Strict; Max-Age=") && !cookie.contains("Secure")
        );
    }
    assert!(session.ends_with("; HttpOnly") && !csrf.contains("HttpOnly"));
    let cookie = session.split(';').next().unwrap_or_default();
    let mut request = bare(Method::GET, "/api/users/@me/", Body::empty());
    request
        .headers_mut()
        .insert("cookie", cookie.parse().expect("valid"));
    let me = server.send(request).await;
    assert_eq!(me.json()["first_name"], "You");
}

#[tokio::test]
async fn cookies_are_secure_where_the_server_is() {
    let server = Server::with(Settings {
        public_url: Some("https://people.example.com".parse().expect("a URL")),
        ..Settings::default()
    });
    let answer = open(&server, server.app.access.link_token()).await;
    assert!(
        cookies(&answer)
            .iter()
            .all(|cookie| cookie.contains("; Secure"))
    );
}

#[tokio::test]
async fn another_link_is_told_so_in_a_sentence() {
    let server = Server::new();
    for token in ["guess", "%FF", "%3Cb%3E"] {
        let answer = open(&server, token).await;
        assert!(answer.status.is_client_error());
        assert!(cookies(&answer).is_empty());
        assert!(!answer.text().contains('<'));
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
    assert_eq!(open(&server, "guess").await.status.as_u16(), 401);
}
