//! The Persons HTTP contract on one machine: one binary, one SQLite file.
//!
//! Where to look: a request's way is [`http`] → [`project`] → `writer` (decides with the engine, stores, publishes);
//! what goes to disk and how is [`store`]; what SDKs send is [`capture`]; who may come in is [`access`].

pub mod access;
pub mod actions;
pub mod capture;
pub mod http;
pub mod import;
pub mod logging;
pub mod project;
pub mod regexes;
pub mod sample;
pub mod schedule;
pub mod secret;
pub mod store;
mod writer;
