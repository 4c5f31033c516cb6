//! The same over a real connection, and what only a real connection shows.

use std::sync::Arc;
use std::time::Duration;

use persons_server::http::{App, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::server::{KEY, Server};

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    loop_: JoinHandle<std::io::Result<()>>,
}

async fn start() -> Running {
    let app: Arc<App> = Server::new().app;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let (stop, stopped) = oneshot::channel();
    let stopped = async {
        let _ = stopped.await;
    };
    let loop_ = tokio::spawn(serve(listener, app, stopped, Duration::from_secs(5)));
    Running {
        address,
        stop,
        loop_,
    }
}

/// Sends bytes and reads until the server closes.
async fn talk(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("closed in the end");
    answer
}

#[tokio::test]
async fn a_request_is_answered_and_the_peer_is_known() {
    let server = start().await;
    let request = format!(
        "GET /api/person/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n\r\n",
        server.address
    );
    let answer = talk(server.address, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("{\"count\":0,\"next\":null,\"previous\":null,\"results\":[]}"));
}

#[tokio::test]
async fn a_client_that_sends_all_of_a_refused_body_sees_the_answer() {
    let server = start().await;
    let body = "x".repeat(8 << 20);
    for (path, headers, status) in [
        (
            "/api/person/batch_by_uuids/",
            "Authorization: Bearer phx_wrong",
            "401",
        ),
        (
            "/api/person/batch_by_uuids/",
            "Content-Type: text/plain",
            "401",
        ),
        (
            "/e/?token=phc_other",
            "Content-Type: application/json",
            "200",
        ),
        ("/e/", "Content-Type: application/json", "413"),
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            server.address,
            body.len()
        );
        let answer = talk(server.address, &request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{path}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_request_with_two_lengths_is_refused_and_the_connection_closes() {
    let server = start().await;
    let request = format!(
        "POST /e/ HTTP/1.1\r\nHost: {}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        server.address
    );
    let answer = talk(server.address, &request).await;
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let server = start().await;
    let answer = talk(server.address, "hello\r\n\r\n").await;
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "x".repeat(40 << 10)
    );
    assert!(
        talk(server.address, &long)
            .await
            .starts_with("HTTP/1.1 414 ")
    );
    let head = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Pad: {}\r\n\r\n",
        "x".repeat(200 << 10)
    );
    let mut stream = TcpStream::connect(server.address).await.expect("connects");
    // The server hangs up before it has read all of it.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn stopping_lets_requests_under_way_finish() {
    let server = start().await;
    let mut stream = TcpStream::connect(server.address).await.expect("connects");
    let token = "phc_nobody";
    let body = format!("{{\"api_key\":\"{token}\",\"event\":\"x\",\"distinct_id\":\"a\"}}");
    let head = format!(
        "POST /e/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).expect("is running");
    tokio::time::sleep(Duration::from_millis(100)).await;
    stream.write_all(body.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("closed in the end");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    server.loop_.await.expect("ends").expect("well");
    assert!(TcpStream::connect(server.address).await.is_err());
}

/// Time is not waited for here: when nothing else can happen, the clock jumps to the next deadline.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_finish_its_headers_is_hung_up_on() {
    let server = start().await;
    let mut stream = TcpStream::connect(server.address).await.expect("connects");
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: ")
        .await
        .expect("sent");
    let started = tokio::time::Instant::now();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(started.elapsed() >= Duration::from_secs(30));
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}
