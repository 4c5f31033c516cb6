//! What a project has seen: the keys of properties, the names of events.

use persons_api::{Page, PropertyDefinition};
use serde_json::Value;

use super::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::encode_query;

/// Keys offered at once: more than fit on a screen help nobody.
const LIMIT: usize = 50;

/// Keys of people's properties that contain the text.
///
/// # Errors
/// See [`ApiError`].
pub async fn person_properties(
    client: &Client,
    text: &str,
    abort: &Abort,
) -> Result<Vec<PropertyDefinition>, ApiError> {
    let parameters = [
        ("type", "person".to_owned()),
        ("search", text.to_owned()),
        ("limit", LIMIT.to_string()),
    ];
    let query = encode_query(&parameters, '?');
    let path = client.in_this_project(&format!("property_definitions/{query}"));
    let page: Page<PropertyDefinition> = client.get(&path, abort).await?;
    Ok(page.results)
}

/// What a project's data are called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// Events, then actions as `action 7: Paid`.
    pub events: Vec<String>,
    /// Properties of events.
    pub event_keys: Vec<String>,
    /// Properties of people.
    pub person_keys: Vec<String>,
}

/// The names that can be suggested. What a server does not tell is left out.
pub async fn names(client: &Client, abort: &Abort) -> Names {
    let mut events = listed(client, "event_definitions/?limit=500", abort).await;
    let actions = client.in_this_project("actions/?limit=200");
    let actions: Value = client.get(&actions, abort).await.unwrap_or_default();
    let actions = actions["results"].as_array().into_iter().flatten();
    events.extend(actions.filter_map(|action| {
        Some(format!(
            "action {}: {}",
            action["id"].as_i64()?,
            action["name"].as_str()?
        ))
    }));
    Names {
        events,
        event_keys: listed(client, "property_definitions/?type=event&limit=500", abort).await,
        person_keys: listed(client, "property_definitions/?type=person&limit=500", abort).await,
    }
}

async fn listed(client: &Client, rest: &str, abort: &Abort) -> Vec<String> {
    let page: Value = client
        .get(&client.in_this_project(rest), abort)
        .await
        .unwrap_or_default();
    let names = page["results"].as_array().into_iter().flatten();
    names
        .filter_map(|one| Some(one["name"].as_str()?.to_owned()))
        .collect()
}
