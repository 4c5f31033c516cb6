//! Ingestion warnings of a Persons server.

use persons_api::{IngestionWarning, Page};

use super::{ApiError, Client};
use crate::platform::Abort;

/// Returns the latest warnings, newest first.
///
/// # Errors
/// See [`ApiError`].
pub async fn list(
    client: &Client,
    limit: usize,
    abort: &Abort,
) -> Result<Page<IngestionWarning>, ApiError> {
    let path = client.in_this_project(&format!("ingestion_warnings/?limit={limit}"));
    client.get(&path, abort).await
}
