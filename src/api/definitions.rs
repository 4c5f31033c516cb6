//! What a project has seen and what people gave a name to: events, property keys, values, actions.

use persons_api::{Page, PropertyDefinition, Subject, ValueCount, ValueCounts};
use serde_json::Value;

use super::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::encode_query;

/// Names offered at once: more than fit on a screen help nobody.
const LIMIT: usize = 50;

/// Something with a number and a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The number that questions refer to.
    pub id: i64,
    /// The name people gave it; empty if none.
    pub name: String,
}

/// Names of events that contain the text.
///
/// # Errors
/// See [`ApiError`].
pub async fn events(client: &Client, text: &str, abort: &Abort) -> Result<Vec<String>, ApiError> {
    let parameters = [("search", text.to_owned()), ("limit", LIMIT.to_string())];
    let rest = ["event_definitions/", &encode_query(&parameters, '?')].concat();
    let page: Page<Value> = client.get(&client.in_this_project(&rest), abort).await?;
    let names = page.results.into_iter();
    Ok(names
        .filter_map(|event| Some(event["name"].as_str()?.to_owned()))
        .collect())
}

/// All actions.
///
/// # Errors
/// See [`ApiError`].
pub async fn actions(client: &Client, abort: &Abort) -> Result<Vec<Named>, ApiError> {
    named(client, "actions/", abort).await
}

/// What stands in a list of things with numbers and names. What was deleted is not in it.
///
/// # Errors
/// See [`ApiError`].
pub(super) async fn named(
    client: &Client,
    rest: &str,
    abort: &Abort,
) -> Result<Vec<Named>, ApiError> {
    let page: Page<Value> = client.get(&client.in_this_project(rest), abort).await?;
    let things = page.results.into_iter();
    Ok(things
        .filter(|thing| thing["deleted"] != true)
        .filter_map(|thing| {
            Some(Named {
                id: thing["id"].as_i64()?,
                name: thing["name"].as_str().unwrap_or_default().to_owned(),
            })
        })
        .collect())
}

/// Keys of a subject's properties that contain the text.
///
/// # Errors
/// See [`ApiError`].
pub async fn properties(
    client: &Client,
    of: Subject,
    text: &str,
    abort: &Abort,
) -> Result<Vec<PropertyDefinition>, ApiError> {
    let parameters = [
        ("type", of.name().to_owned()),
        ("search", text.to_owned()),
        ("limit", LIMIT.to_string()),
    ];
    let query = encode_query(&parameters, '?');
    let path = client.in_this_project(&format!("property_definitions/{query}"));
    let page: Page<PropertyDefinition> = client.get(&path, abort).await?;
    Ok(page.results)
}

/// The most frequent values under a key of a subject that contain the text.
///
/// # Errors
/// See [`ApiError`].
pub async fn values(
    client: &Client,
    of: Subject,
    key: &str,
    text: &str,
    abort: &Abort,
) -> Result<Vec<ValueCount>, ApiError> {
    let parameters = [("key", key.to_owned()), ("value", text.to_owned())];
    let query = encode_query(&parameters, '?');
    let whose = match of {
        Subject::Event => "events",
        Subject::Person | Subject::Cohort => "persons",
    };
    let path = client.in_this_project(&format!("{whose}/values/{query}"));
    let values: ValueCounts = client.get(&path, abort).await?;
    Ok(values.into_list())
}
