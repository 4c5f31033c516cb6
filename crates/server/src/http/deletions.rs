//! How far the deletion of events is.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::Call;
use super::error::{Answer, ApiError};
use super::{App, off_thread};
use crate::store::{DeletionState, StoredDeletion};

/// `GET persons/deletion_status/`, newest first.
pub(super) async fn status(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    let state = match call.params.get("status") {
        None | Some("all") => DeletionState::All,
        Some("pending") => DeletionState::Pending,
        Some("completed") => DeletionState::Completed,
        Some(_) => {
            return Err(ApiError::invalid(
                "status",
                "Use pending, completed or all.",
            ));
        }
    };
    let person = match call.params.get("person_uuid").map(Uuid::parse_str) {
        None => None,
        Some(Ok(uuid)) => Some(uuid),
        Some(Err(_)) => return Err(ApiError::invalid("person_uuid", "This has to be a UUID.")),
    };
    off_thread(move || {
        let store = app.project.side_store().lock();
        let (count, deletions) = store.deletions(state, person, window.limit, window.offset)?;
        drop(store);
        let rows: Vec<Value> = deletions.into_iter().map(wire).collect();
        let page = call.page(window, count as usize, rows);
        call.answer("deletion_status", &page)
    })
    .await?
}

fn wire(deletion: StoredDeletion) -> Value {
    json!({
        "person_uuid": deletion.person,
        "created_at": deletion.created_at,
        "status": if deletion.done_at.is_some() { "completed" } else { "pending" },
        "delete_verified_at": deletion.done_at,
    })
}
