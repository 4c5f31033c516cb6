//! Projects, and the one who asks.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use uuid::Uuid;

use crate::fields::Fields;

/// A project, as far as this product needs it; servers send many more keys.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Project {
    /// The number in every URL.
    pub id: i64,
    /// Another name for it.
    pub uuid: Option<Uuid>,
    /// The capture token (`phc_…`). Not a secret: it only lets events in.
    pub api_token: String,
    /// What people call it.
    pub name: String,
    /// IANA name of the project's time zone.
    pub timezone: String,
    /// Whether the data are invented.
    pub is_demo: bool,
    /// The keys a person's name is chosen from; null means the defaults.
    pub person_display_name_properties: Option<Vec<String>>,
    /// 0 for Sunday, 1 for Monday.
    pub week_start_day: Option<u8>,
    /// Filters that hide the team's own people.
    pub test_account_filters: Value,
}

impl<'de> Deserialize<'de> for Project {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::read(deserializer)?;
        Ok(Self {
            id: fields
                .take("id")
                .as_i64()
                .ok_or_else(|| de::Error::missing_field("id"))?,
            uuid: fields.parsed("uuid", |uuid| Uuid::try_parse(uuid).ok()),
            api_token: fields.text("api_token"),
            name: fields.text("name"),
            timezone: fields.text("timezone"),
            is_demo: fields.flag("is_demo").unwrap_or_default(),
            person_display_name_properties: fields.texts("person_display_name_properties"),
            week_start_day: fields
                .number("week_start_day")
                .and_then(|day| u8::try_from(day).ok()),
            test_account_filters: fields.take("test_account_filters"),
        })
    }
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
