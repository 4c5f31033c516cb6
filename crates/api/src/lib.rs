//! Wire types of the Persons HTTP contract, shared by the server and the web app.
//!
//! What belongs here: the JSON shapes that travel, the filter grammar, the error body, timestamps.
//! What does not: anything that knows a browser, a server, or how a question is answered.
//!
//! The types are tolerant where real servers differ by age (a person's `id` is a number here and a
//! text there) and strict where a mistake would be silent (a filter that cannot be built is an error).

pub mod activity;
pub mod cohort;
pub mod definitions;
pub mod error;
mod fields;
pub mod filter;
pub mod json;
pub mod page;
pub mod person;
pub mod project;
pub mod session;
pub mod timestamp;
pub mod warning;

pub use activity::Activity;
pub use cohort::{Cohort, PersonCohorts};
pub use definitions::{EventDefinition, PropertyDefinition, PropertyType};
pub use error::ErrorBody;
pub use filter::{Condition, FilterError, FilterTree, Operator, PropertyFilter, Subject};
pub use page::{Page, ValueCount, ValueCounts};
pub use person::{Person, PersonId};
pub use project::{Me, Project};
pub use session::BrowserSession;
pub use timestamp::Timestamp;
pub use warning::IngestionWarning;

/// A JSON object: the properties of a person or an event.
pub type Properties = serde_json::Map<String, serde_json::Value>;
