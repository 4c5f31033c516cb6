//! Actions: make, list, show, change, delete.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use persons_engine::insights::Entity;
use persons_engine::insights::listing::ListingQuery;
use serde_json::{Map, Value, json};

use super::App;
use super::calendar::calendar;
use super::call::Call;
use super::cohorts::{description, name};
use super::error::{Answer, ApiError};
use super::insights::source;
use super::path::Number;
use crate::actions;
use crate::store::StoredAction;

/// `GET actions/`, newest first.
pub(super) async fn list(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    let search = call.params.text("search")?.map(str::to_lowercase);
    let state = app.project.read_all();
    let found = state.stored_actions.values().rev();
    let found = found.filter(|action| !action.deleted);
    let found: Vec<&StoredAction> = found
        .filter(|action| {
            let name = action.name.to_lowercase();
            search.as_ref().is_none_or(|part| name.contains(part))
        })
        .collect();
    let count = found.len();
    let rows = window.of(found.into_iter().map(wire));
    call.answer("actions", &call.page(window, count, rows))
}

/// `GET actions/:id/`
pub(super) async fn retrieve(State(app): State<Arc<App>>, call: Call, id: Number) -> Answer {
    call.answer("action", &wire(&find(&app, id)?))
}

fn find(app: &App, id: Number) -> Result<StoredAction, ApiError> {
    let state = app.project.read_all();
    let action = state.stored_actions.get(&id.0);
    action.cloned().ok_or(ApiError::NotFound)
}

/// `POST actions/`
pub(super) async fn create(State(app): State<Arc<App>>, call: Call) -> Answer {
    let fields = call.payload.object()?;
    let mut action = StoredAction {
        id: 0,
        name: name(fields)?.ok_or_else(|| ApiError::required("name"))?,
        description: String::new(),
        steps: json!([]),
        deleted: false,
        created_at: app.project.now(),
    };
    change(&app, &mut action, fields)?;
    action.id = app.project.put_action(action.clone()).await?;
    call.created("action", &wire(&action))
}

/// `PATCH actions/:id/`: `name`, `description`, `steps`, `deleted`; other fields stay as they are.
pub(super) async fn update(State(app): State<Arc<App>>, call: Call, id: Number) -> Answer {
    let mut action = find(&app, id)?;
    change(&app, &mut action, call.payload.object()?)?;
    app.project.put_action(action.clone()).await?;
    call.answer("action", &wire(&action))
}

/// `DELETE actions/:id/`
pub(super) async fn delete(State(app): State<Arc<App>>, id: Number) -> Answer {
    let mut action = find(&app, id)?;
    if action.deleted {
        return Err(ApiError::NotFound);
    }
    action.deleted = true;
    app.project.put_action(action).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn change(
    app: &App,
    action: &mut StoredAction,
    fields: &Map<String, Value>,
) -> Result<(), ApiError> {
    if let Some(name) = name(fields)? {
        action.name = name;
    }
    if let Some(description) = description(fields)? {
        action.description = description;
    }
    if let Some(steps) = fields.get("steps") {
        check(app, steps)?;
        action.steps = steps.clone();
    }
    match fields.get("deleted") {
        None => {}
        Some(Value::Bool(deleted)) => action.deleted = *deleted,
        Some(_) => return Err(ApiError::invalid("deleted", "Must be a valid boolean.")),
    }
    Ok(())
}

/// Whether steps can be evaluated.
fn check(app: &App, steps: &Value) -> Result<(), ApiError> {
    let wrong = |error: &dyn std::fmt::Display| ApiError::invalid("steps", error.to_string());
    let action = actions::read("", steps).map_err(|error| wrong(&error))?;
    let state = app.project.read_all();
    let calendar = calendar(app, None);
    for step in action.steps {
        let events = ListingQuery {
            entity: Entity {
                filter: step.filter,
                ..Entity::event(step.event.as_deref())
            },
            ..ListingQuery::default()
        };
        let ready = events.prepare(source(&state, &calendar));
        ready.map_err(|error| wrong(&error))?;
    }
    Ok(())
}

/// An action as it travels.
fn wire(action: &StoredAction) -> Value {
    json!({
        "id": action.id,
        "name": action.name,
        "description": action.description,
        "steps": action.steps,
        "deleted": action.deleted,
        "created_at": action.created_at,
        "is_action": true,
        "is_calculating": false,
        "tags": [],
    })
}
