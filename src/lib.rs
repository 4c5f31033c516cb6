//! The web app: find and understand the people in a PostHog project.
//!
//! A page is a pure core (what is asked, how it is put into words), tested natively, and a thin view. The
//! layers, top to bottom: [`app`] (shell), the features [`persons`], [`person`], [`compare`] and [`connection`],
//! which know each other only through [`routes`], then [`api`] (HTTP), [`ui`] (parts of screens) and
//! [`platform`] (the browser).

#![forbid(unsafe_code)]

pub mod activity;
pub mod api;
pub mod app;
mod cohorts;
pub mod compare;
mod conditions;
pub mod connection;
mod csv;
mod effect;
mod failure;
pub mod insights;
mod navigation;
pub mod outbox;
mod people;
pub mod person;
pub mod persons;
pub mod platform;
pub mod preferences;
pub mod routes;
mod tray;
pub mod ui;
