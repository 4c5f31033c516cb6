//! What was sent and not done: refused merges, oversized people. Ours; PostHog shows them only in its
//! own pages.

use std::sync::Arc;

use axum::extract::State;
use persons_api::IngestionWarning;

use super::call::Call;
use super::error::Answer;
use super::{App, off_thread};
use crate::store::StoredWarning;

/// `GET ingestion_warnings/`, newest first.
pub(super) async fn list(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    off_thread(move || {
        let (count, warnings) = app.project.warnings(window.limit, window.offset)?;
        let rows: Vec<IngestionWarning> = warnings.into_iter().map(wire).collect();
        let page = call.page(window, count as usize, rows);
        call.answer("ingestion_warnings", &page)
    })
    .await?
}

fn wire(warning: StoredWarning) -> IngestionWarning {
    IngestionWarning {
        id: warning.id,
        kind: warning.kind,
        details: warning.details,
        timestamp: warning.created_at,
    }
}
