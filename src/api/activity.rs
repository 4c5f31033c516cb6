//! What was done to people.

use persons_api::Activity;
use serde_json::Value;
use uuid::Uuid;

use super::url::resolve_next;
use super::{ApiError, Client};
use crate::platform::Abort;

/// Entries on a page.
const PAGE_SIZE: usize = 25;

/// Some entries, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The entries that could be read.
    pub entries: Vec<Activity>,
    /// How many there are in all.
    pub total: Option<u64>,
    /// Where the older ones are.
    pub next: Option<String>,
}

/// The newest entries: of a person or of all, of one kind or of any (where the server can choose).
///
/// # Errors
/// See [`ApiError`].
pub async fn newest(
    client: &Client,
    person: Option<Uuid>,
    kind: &str,
    abort: &Abort,
) -> Result<Page, ApiError> {
    let person = person
        .map(|person| format!("{person}/"))
        .unwrap_or_default();
    let kind = if kind.is_empty() {
        String::new()
    } else {
        format!("&activity={kind}")
    };
    let path = format!("persons/{person}activity/?limit={PAGE_SIZE}{kind}");
    at(client, &client.in_this_project(&path), abort).await
}

/// The entries at an address: that of [`Page::next`].
///
/// # Errors
/// See [`ApiError`].
pub async fn at(client: &Client, path: &str, abort: &Abort) -> Result<Page, ApiError> {
    let answer: Value = client.get(path, abort).await?;
    let entries = answer["results"].as_array().map_or(&[][..], Vec::as_slice);
    Ok(Page {
        entries: entries.iter().filter_map(Activity::read).collect(),
        total: answer["total_count"].as_u64(),
        next: answer["next"]
            .as_str()
            .and_then(|next| resolve_next(path, next)),
    })
}
