//! The server: the only place that does HTTP.
//!
//! One file per resource, each a few functions that ask and parse; [`client`] sends, [`error`] makes one
//! of a few cases out of everything that can go wrong, [`traffic`] says when, [`load`] ties a question to a component, [`kept`]
//! remembers what was answered. What does not belong here: what is done with an answer, and how anything looks.

pub mod activity;
pub mod behind;
pub mod changes;
pub mod client;
pub mod cohorts;
pub mod definitions;
pub mod error;
pub mod events;
pub mod history;
pub mod kept;
pub mod load;
pub mod numbers;
pub mod persons;
pub mod projects;
pub mod session;
pub mod sessions;
pub mod traffic;
pub mod url;
pub mod warnings;

pub use client::{Client, Secret, Server};
pub use error::{ApiError, ServerFailure};
pub use load::{Load, load};
pub use session::Session;
