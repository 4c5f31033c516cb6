//! The HTTP API from outside: one module for each part of the URL space, and for what all of it shares.

mod actions;
mod arbitrary_input;
mod auth;
#[path = "../bombs/mod.rs"]
mod bombs;
mod bounds;
mod capture;
mod changes;
mod cohorts;
mod cors;
mod csv;
mod damage;
mod definitions;
mod erasure;
mod events;
mod history;
mod hosts;
mod insights;
mod limits;
mod openapi;
mod persons;
mod projects;
mod query;
mod retries;
mod secrets;
mod server;
mod sessions;
mod sign_in;
mod urls;
mod values;
mod warnings;
mod web;
mod wire;
