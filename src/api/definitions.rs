//! The property keys that a project has seen.

use persons_api::{Page, PropertyDefinition};

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
