//! What happened to people, as a list: of one person, or of the whole project.

use std::sync::Arc;

use axum::extract::State;
use persons_engine::{Act, Cause, HistoryEntry};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::Call;
use super::error::{Answer, ApiError};
use super::params::Params;
use super::path::PersonKey;
use super::persons::find;
use super::{App, off_thread};
use crate::store::{HistoryQuery, StoredEntry};

/// Entries on a page when nothing is said.
const DEFAULT_LIMIT: usize = 10;

/// A page of entries as it travels.
#[derive(Serialize)]
struct Entries {
    count: u64,
    next: Option<String>,
    previous: Option<String>,
    total_count: u64,
    results: Vec<Value>,
}

/// `GET persons/:id/activity/`: all that happened to the person, what events did included.
pub(super) async fn of_person(State(app): State<Arc<App>>, call: Call, key: PersonKey) -> Answer {
    let person = find(&app.project.read(), key)?.number();
    answer(app, call, Some(person)).await
}

/// `GET persons/activity/`: what was asked for, in the whole project; with `source` also what events did.
pub(super) async fn of_project(State(app): State<Arc<App>>, call: Call) -> Answer {
    answer(app, call, None).await
}

async fn answer(app: Arc<App>, call: Call, person: Option<i64>) -> Answer {
    let by_actor = match call.params.get("source") {
        None => person.is_none().then_some(true),
        Some("all") => None,
        Some("user") => Some(true),
        Some("ingestion") => Some(false),
        Some(_) => return Err(ApiError::invalid("source", "Use all, user or ingestion.")),
    };
    let act = call.params.get("activity").map(|name| {
        Act::from_name(name).ok_or_else(|| {
            let names = Act::ALL.map(|(_, name)| name).join(", ");
            ApiError::invalid("activity", format!("Use one of {names}."))
        })
    });
    let query = HistoryQuery {
        person,
        by_actor,
        act: act.transpose()?,
    };
    let (page, limit) = page_of(&call.params)?;
    off_thread(move || {
        let offset = (page - 1).saturating_mul(limit);
        let (count, entries) = app
            .project
            .archive()
            .lock()
            .history(&query, limit, offset)?;
        let project = app.project.info().uuid;
        let link = |page: usize| {
            call.link_with(&[
                ("page", Some(page.to_string())),
                ("limit", Some(limit.to_string())),
            ])
        };
        let body = Entries {
            count,
            next: (offset.saturating_add(limit) < count as usize).then(|| link(page + 1)),
            previous: (page > 1).then(|| link(page - 1)),
            total_count: count,
            results: entries.iter().map(|entry| wire(project, entry)).collect(),
        };
        call.answer("activity", &body)
    })
    .await?
}

/// The number of the page, from 1, and its length.
fn page_of(params: &Params) -> Result<(usize, usize), ApiError> {
    let window = params.window_of(DEFAULT_LIMIT)?;
    let page = params.number("page")?.unwrap_or(1).max(1);
    Ok((page, window.limit))
}

/// An entry in the form of PostHog's activity log. Theirs has no values before and after; ours has, until
/// the person is deleted.
fn wire(project: Uuid, stored: &StoredEntry) -> Value {
    let StoredEntry {
        number,
        entry,
        is_forgotten,
    } = stored;
    let named = !matches!(entry.act, Act::Updated | Act::Created | Act::Merged);
    let name = entry.details.get("uuid").filter(|_| named);
    let mut detail = json!({
        "changes": changes(entry, *is_forgotten),
        "trigger": trigger(&entry.cause),
        "type": null,
        "name": name,
        "short_id": null,
    });
    if entry.act == Act::Merged {
        detail["merge"] = json!({
            "type": "Person",
            "source": [entry.details],
            "target": {"id": entry.person},
        });
    }
    json!({
        "id": Uuid::new_v5(&project, format!("history:{number}").as_bytes()),
        "user": user(&entry.cause),
        "activity": entry.act.name(),
        "scope": "Person",
        "item_id": entry.person.to_string(),
        "detail": detail,
        "created_at": entry.at,
    })
}

/// What changed: the values of the properties that are not what they were.
fn changes(entry: &HistoryEntry, is_forgotten: bool) -> Value {
    let of_properties = |action: &str| {
        let (before, after) = match is_forgotten {
            true => (Value::Null, Value::Null),
            false => (json!(entry.before), json!(entry.after)),
        };
        json!([{"type": "Person", "action": action, "field": "properties", "before": before, "after": after}])
    };
    match entry.act {
        Act::Created => of_properties("created"),
        Act::Merged => of_properties("merged"),
        Act::Updated | Act::PropertyDeleted => of_properties("changed"),
        Act::Split => {
            let mut after = entry.details.clone();
            after.remove("uuid");
            json!([{"type": "Person", "action": "split", "field": null, "before": null, "after": after}])
        }
        Act::Deleted => Value::Null,
    }
}

fn user(cause: &Cause) -> Value {
    match cause {
        Cause::Actor(actor) => json!({"first_name": actor.name, "email": ""}),
        _ => json!({"first_name": "System", "email": null, "is_system": true}),
    }
}

/// What made it happen, if nobody asked for it.
fn trigger(cause: &Cause) -> Value {
    match cause {
        Cause::Actor(_) | Cause::Unknown => Value::Null,
        Cause::Event { uuid, name } => {
            json!({"job_type": "ingestion", "job_id": uuid, "payload": {"event": name}})
        }
        Cause::SplitOf(uuid) => json!({"job_type": "split", "job_id": uuid, "payload": {}}),
    }
}
