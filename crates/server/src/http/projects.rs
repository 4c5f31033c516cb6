//! The one project, and the one who asks.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use super::App;
use super::call::Call;
use super::error::Answer;

/// `GET /api/projects/`
pub(super) async fn list(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    let rows = window.of([project(&app)].into_iter());
    call.answer("projects", &call.page(window, 1, rows))
}

/// `GET /api/projects/:id/`
pub(super) async fn retrieve(State(app): State<Arc<App>>, call: Call) -> Answer {
    call.answer("project", &project(&app))
}

/// `GET /api/users/@me/`: the session's user, or the key in its place.
pub(super) async fn me(State(app): State<Arc<App>>, call: Call) -> Answer {
    let info = app.project.info();
    let (id, name) = call.caller.name();
    let organization = json!({
        "id": info.organization,
        "name": info.name,
        "slug": "default",
        "membership_level": 15,
    });
    let body = json!({
        "uuid": uuid::Uuid::new_v5(&info.uuid, id.as_bytes()),
        "distinct_id": id,
        "first_name": name,
        "last_name": "",
        "email": "",
        "date_joined": info.created_at,
        "is_staff": false,
        "has_password": false,
        "team": project(&app),
        "organizations": [organization],
        "organization": organization,
    });
    call.answer("me", &body)
}

/// The project, with the settings clients ask about.
fn project(app: &App) -> Value {
    let info = app.project.info();
    let people = app.project.read();
    json!({
        "id": info.id,
        "uuid": info.uuid,
        "organization": info.organization,
        "api_token": info.api_token,
        "name": info.name,
        "timezone": info.timezone,
        "is_demo": info.is_demo,
        "week_start_day": info.week_start_day,
        "created_at": info.created_at,
        "updated_at": info.created_at,
        "ingested_event": people.event_stats().next().is_some(),
        "completed_snippet_onboarding": true,
        "has_completed_onboarding_for": {},
        "access_control": false,
        "effective_membership_level": 15,
        "person_display_name_properties": people.name_keys(),
        "test_account_filters": [],
        "test_account_filters_default_checked": false,
        "path_cleaning_filters": [],
        "data_attributes": ["data-attr"],
        "app_urls": [],
        "has_group_types": false,
        "primary_dashboard": null,
    })
}
