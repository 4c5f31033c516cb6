//! The body of every error answer: four keys, always present.

use serde::{Deserialize, Serialize};

/// An error as PostHog and this server send it.
///
/// `type` is a family (`validation_error`, `authentication_error`, …), `code` one case of it,
/// `detail` a sentence for people, `attr` the field or parameter that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The family of the error.
    #[serde(rename = "type")]
    pub kind: String,
    /// The case within the family.
    pub code: String,
    /// A sentence for people.
    pub detail: String,
    /// The field or parameter at fault, if there is one.
    pub attr: Option<String>,
}
