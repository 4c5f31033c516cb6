//! Feature: which server, known by what, and which project.
//!
//! [`state`] holds the connection and checks it at the start, [`memory`] is what a tab may remember of it
//! and [`device`] what a device may. [`page`] shows it, [`form`] lets people change it ([`keeping`],
//! [`project`] and [`checks`] are its parts), [`unlock`] come back to it, [`sessions`] sign browsers out, and [`warnings`] lists ingestion warnings.

mod checks;
mod device;
mod form;
mod keeping;
mod memory;
mod page;
mod people;
mod project;
mod sessions;
mod state;
mod unlock;
mod warnings;

pub use page::ConnectPage;
pub use state::{Connection, State};
