//! The sessions of signed-in browsers: listed, revoked, ended by signing out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use persons_api::BrowserSession;

use super::auth::Caller;
use super::call::Call;
use super::error::{Answer, ApiError};
use super::path::SessionId;
use super::{App, off_thread, sign_in};

/// `GET /api/users/@me/sessions/`
pub(super) async fn list(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    let sessions = off_thread(move || app.access.sessions()).await??;
    let current = current(&call.caller);
    let count = sessions.len();
    let rows = window.of(sessions.into_iter().map(|session| BrowserSession {
        is_current: Some(session.id.as_str()) == current,
        id: session.id,
        label: session.label,
        created_at: session.created_at,
        last_used_at: session.last_used_at,
        expires_at: session.expires_at,
    }));
    call.answer("sessions", &call.page(window, count, rows))
}

/// `DELETE /api/users/@me/sessions/:id/`
pub(super) async fn revoke(State(app): State<Arc<App>>, SessionId(id): SessionId) -> Answer {
    match off_thread(move || app.access.revoke_session(&id)).await?? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(ApiError::NotFound),
    }
}

/// `POST /api/users/@me/sign_out/`: ends the session of the request and removes its cookies.
pub(super) async fn sign_out(State(app): State<Arc<App>>, call: Call) -> Answer {
    let Some(id) = current(&call.caller).map(str::to_owned) else {
        return Err(ApiError::Forbidden(
            "A key is not signed in. Use persons-server key revoke to make it stop working.".into(),
        ));
    };
    let cookies = sign_in::cookies(&app.settings, None);
    // The session may have been revoked meanwhile, which is as good.
    off_thread(move || app.access.revoke_session(&id)).await??;
    Ok((StatusCode::NO_CONTENT, cookies).into_response())
}

/// Returns the id of the session that a request belongs to.
fn current(caller: &Caller) -> Option<&str> {
    match caller {
        Caller::Session { id } => Some(id),
        Caller::Key(_) => None,
    }
}
