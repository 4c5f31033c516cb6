//! The listening loop: connections in, graceful end.
//!
//! axum's own `serve` sets no limit on how long a client may take to send its headers; a few hundred
//! silent connections would then hold every file descriptor for ever.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use super::{App, service};

/// How long a client may take to send the head of a request; also how long an idle connection is kept.
const HEADERS: Duration = Duration::from_secs(30);

/// The head of a request is never larger than this, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// Connections at the same time. More wait in the system's queue until one ends. Each may hold the head of a request.
const MAX_CONNECTIONS: usize = 512;

/// A pause after the system refuses a connection, which it does when there are too many.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `stop` ends; then takes no more connections and gives those it has `drain` to finish.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()>,
    drain: Duration,
) -> io::Result<()> {
    let router = service(app);
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(MAX_HEAD);
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let slot = tokio::select! {
            () = &mut stop => break,
            slot = slots.clone().acquire_owned() => slot,
        };
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            },
        };
        // Answers are written whole; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| router.clone().oneshot(request));
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, %peer, "a connection broke off");
            }
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(drain, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests under way did not finish in time");
    }
    Ok(())
}
