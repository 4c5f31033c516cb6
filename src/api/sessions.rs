//! The browsers that are signed in to the server this page came from.

use gloo_net::http::Method;
use persons_api::{BrowserSession, Page};

use super::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::encode;

const SESSIONS: &str = "/api/users/@me/sessions/";

/// The sessions, newest first. A server has far fewer than fit on a page.
///
/// # Errors
/// See [`ApiError`].
pub async fn list(client: &Client, abort: &Abort) -> Result<Vec<BrowserSession>, ApiError> {
    let path = format!("{SESSIONS}?limit=1000");
    let page: Page<BrowserSession> = client.get(&path, abort).await?;
    Ok(page.results)
}

/// Signs another browser out.
///
/// # Errors
/// See [`ApiError`].
pub async fn revoke(client: &Client, id: &str, abort: &Abort) -> Result<(), ApiError> {
    let path = format!("{SESSIONS}{}/", encode(id));
    match client.send(Method::DELETE, &path, None, abort).await {
        // It is signed out, whoever did it.
        Ok(_) | Err(ApiError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Signs this browser out.
///
/// # Errors
/// See [`ApiError`].
pub async fn sign_out(client: &Client, abort: &Abort) -> Result<(), ApiError> {
    let path = "/api/users/@me/sign_out/";
    match client.send(Method::POST, path, None, abort).await {
        // The session has ended already.
        Ok(_) | Err(ApiError::Unauthorized) => Ok(()),
        Err(error) => Err(error),
    }
}
