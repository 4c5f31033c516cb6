//! `/api/users/@me/sessions/` and signing out.

use axum::body::Body;
use axum::http::{Method, Request, header};
use persons_api::{BrowserSession, Page};
use persons_server::access::Session;

use crate::server::{Answer, Server, bare};

const SESSIONS: &str = "/api/users/@me/sessions/";
const SIGN_OUT: &str = "/api/users/@me/sign_out/";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn sign_in(server: &Server) -> Session {
    let access = &server.app.access;
    access
        .sign_in(access.link_token(), Some(FIREFOX))
        .expect("signs in")
}

fn by(session: &Session, method: Method, path: &str) -> Request<Body> {
    let mut request = bare(method, path, Body::empty());
    let headers = request.headers_mut();
    let cookie = format!("persons_session={}", session.cookie);
    headers.insert(header::COOKIE, cookie.parse().expect("valid"));
    headers.insert("x-csrftoken", session.csrf.parse().expect("valid"));
    request
}

fn listed(answer: &Answer) -> Vec<BrowserSession> {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let page: Page<BrowserSession> = serde_json::from_slice(&answer.body).expect("a page");
    page.results
}

#[tokio::test]
async fn sessions_are_listed_without_their_secrets() {
    let server = Server::new();
    let [first, second] = [(); 2].map(|()| sign_in(&server));
    let answer = server.send(by(&second, Method::GET, SESSIONS)).await;
    for secret in [&first.cookie, &first.csrf, &second.cookie, &second.csrf] {
        assert!(!answer.text().contains(secret.as_str()));
    }
    assert!(!answer.text().contains("Gecko"));
    let sessions = listed(&answer);
    assert_eq!(sessions.len(), 2);
    assert_eq!(
        sessions.iter().filter(|session| session.is_current).count(),
        1
    );
    assert!(sessions.iter().all(|session| session.label == "Firefox"
        && session.created_at == session.last_used_at
        && session.expires_at > session.created_at));
    let by_key = listed(&server.get(SESSIONS).await);
    assert_eq!(
        by_key.iter().filter(|session| session.is_current).count(),
        0
    );
}

#[tokio::test]
async fn a_revoked_session_is_refused_at_once() {
    let server = Server::new();
    let [own, lost] = [(); 2].map(|()| sign_in(&server));
    let sessions = listed(&server.send(by(&own, Method::GET, SESSIONS)).await);
    let other = sessions
        .iter()
        .find(|session| !session.is_current)
        .expect("two");
    let path = format!("{SESSIONS}{}/", other.id);
    let revoked = server.send(by(&own, Method::DELETE, &path)).await;
    assert_eq!(revoked.status.as_u16(), 204);
    assert_eq!(
        server
            .send(by(&lost, Method::GET, SESSIONS))
            .await
            .status
            .as_u16(),
        401
    );
    assert_eq!(
        listed(&server.send(by(&own, Method::GET, SESSIONS)).await).len(),
        1
    );
    let again = server.send(by(&own, Method::DELETE, &path)).await;
    again.is_error(404, "invalid_request", "not_found", "Not found.");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_removes_the_cookies() {
    let server = Server::new();
    let [own, other] = [(); 2].map(|()| sign_in(&server));
    let answer = server.send(by(&own, Method::POST, SIGN_OUT)).await;
    assert_eq!(answer.status.as_u16(), 204);
    let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(
        cookies,
        [
            "persons_session=; Path=/; SameSite=Strict; Max-Age=0; HttpOnly",
            "persons_csrf=; Path=/; SameSite=Strict; Max-Age=0",
        ]
    );
    assert_eq!(
        server
            .send(by(&own, Method::GET, SESSIONS))
            .await
            .status
            .as_u16(),
        401
    );
    assert_eq!(
        listed(&server.send(by(&other, Method::GET, SESSIONS)).await).len(),
        1
    );
}

#[tokio::test]
async fn another_page_can_neither_sign_out_nor_revoke() {
    let server = Server::new();
    let own = sign_in(&server);
    let id = &listed(&server.send(by(&own, Method::GET, SESSIONS)).await)[0].id;
    for (method, path) in [
        (Method::POST, SIGN_OUT.to_owned()),
        (Method::DELETE, format!("{SESSIONS}{id}/")),
    ] {
        let mut forged = by(&own, method.clone(), &path);
        forged.headers_mut().remove("x-csrftoken");
        assert_eq!(server.send(forged).await.status.as_u16(), 403);
        let mut foreign = by(&own, method, &path);
        foreign.headers_mut().insert(
            header::ORIGIN,
            "https://evil.example".parse().expect("valid"),
        );
        assert_eq!(server.send(foreign).await.status.as_u16(), 401);
    }
    assert_eq!(
        listed(&server.send(by(&own, Method::GET, SESSIONS)).await).len(),
        1
    );
}

#[tokio::test]
async fn a_key_needs_its_scopes_and_cannot_sign_out() {
    let server = Server::with_scopes(&["user:read"]);
    sign_in(&server);
    let id = &listed(&server.get(SESSIONS).await)[0].id;
    let path = format!("{SESSIONS}{id}/");
    let revoked = server
        .send(server.request(Method::DELETE, &path, Body::empty()))
        .await;
    assert_eq!(revoked.status.as_u16(), 403);
    let server = Server::new();
    let answer = server
        .send(server.request(Method::POST, SIGN_OUT, Body::empty()))
        .await;
    answer.is_error(
        403,
        "authentication_error",
        "permission_denied",
        "A key is not signed in. Use persons-server key revoke to make it stop working.",
    );
}
