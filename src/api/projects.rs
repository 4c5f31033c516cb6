//! Projects, and whom the credentials belong to.

use persons_api::{Me, Page, Project};

use super::url::resolve_next;
use super::{ApiError, Client};
use crate::platform::Abort;

/// Nobody chooses from a longer list.
const MAX_PAGES: usize = 10;

/// The project the client is set to.
///
/// # Errors
/// See [`ApiError`].
pub async fn current(client: &Client, abort: &Abort) -> Result<Project, ApiError> {
    client.get(&client.in_this_project(""), abort).await
}

/// The projects these credentials can see: all of them, or at least the one their owner is in.
///
/// Keys are often limited to some scopes, so three ways are tried before giving up.
///
/// # Errors
/// See [`ApiError`]; the first error when every way is barred.
pub async fn visible(client: &Client, abort: &Abort) -> Result<Vec<Project>, ApiError> {
    let barred = match all(client, abort).await {
        Ok(projects) => return Ok(projects),
        Err(barred @ (ApiError::Forbidden { .. } | ApiError::NotFound | ApiError::NotOffered)) => {
            barred
        }
        Err(error) => return Err(error),
    };
    if let Ok(project) = current(client, abort).await {
        return Ok(vec![project]);
    }
    match me(client, abort).await {
        Ok(Me {
            team: Some(project),
            ..
        }) => Ok(vec![project]),
        _ => Err(barred),
    }
}

/// Every page of the list.
async fn all(client: &Client, abort: &Abort) -> Result<Vec<Project>, ApiError> {
    let mut path = "/api/projects/".to_owned();
    let mut projects = Vec::new();
    for _ in 0..MAX_PAGES {
        let page: Page<Project> = client.get(&path, abort).await?;
        projects.extend(page.results);
        match page.next.and_then(|next| resolve_next(&path, &next)) {
            Some(next) => path = next,
            None => break,
        }
    }
    Ok(projects)
}

/// Whom the credentials belong to.
///
/// # Errors
/// See [`ApiError`].
pub async fn me(client: &Client, abort: &Abort) -> Result<Me, ApiError> {
    client.get("/api/users/@me/", abort).await
}
