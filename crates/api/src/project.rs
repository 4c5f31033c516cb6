//! Projects, and the one who asks.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A project, as far as this product needs it; servers send many more keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// The number in every URL.
    pub id: i64,
    /// Another name for it.
    #[serde(default)]
    pub uuid: Option<Uuid>,
    /// The capture token (`phc_…`). Not a secret: it only lets events in.
    #[serde(default)]
    pub api_token: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// IANA name of the project's time zone.
    #[serde(default)]
    pub timezone: String,
    /// Whether the data are invented.
    #[serde(default)]
    pub is_demo: bool,
    /// The keys a person's name is chosen from; null means the defaults.
    #[serde(default)]
    pub person_display_name_properties: Option<Vec<String>>,
    /// 0 for Sunday, 1 for Monday.
    #[serde(default)]
    pub week_start_day: Option<u8>,
    /// Filters that hide the team's own people.
    #[serde(default)]
    pub test_account_filters: Value,
}

/// Who the credentials belong to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Me {
    /// First name; a key's name on this server.
    #[serde(default)]
    pub first_name: String,
    /// E-mail address, empty where there is none.
    #[serde(default)]
    pub email: String,
    /// The project the user is in at the moment.
    #[serde(default)]
    pub team: Option<Project>,
}
