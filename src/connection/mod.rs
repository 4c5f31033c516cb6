//! Feature: which server, known by what, and which project.
//!
//! [`state`] holds the connection and checks it at the start, [`memory`] what a tab may remember of it,
//! [`page`] and [`form`] let people change it.

mod form;
mod memory;
mod page;
mod shortcuts;
mod state;

pub use page::ConnectPage;
pub use state::{Connection, State};
