//! Signed-in browsers.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A session of a signed-in browser, as `/api/users/@me/sessions/` lists it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct BrowserSession {
    /// Names the session; not secret.
    pub id: String,
    /// The family of the browser, such as `Firefox`.
    pub label: String,
    /// The time of the sign-in.
    pub created_at: Timestamp,
    /// The time of a recent request, at most an hour before the latest one.
    pub last_used_at: Timestamp,
    /// The time from which the session is refused.
    pub expires_at: Timestamp,
    /// Whether the request that lists the sessions belongs to this one.
    pub is_current: bool,
}
