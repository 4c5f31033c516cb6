//! Feature: one person.
//!
//! [`page`] finds the person and shows the tab of the URL, [`header`] says who it is, [`ids`] lists what
//! they are known by; [`properties`], [`cohorts`] and [`raw`] are the tabs. [`rows`] is pure: which
//! properties are shown, and in which order.

mod cohorts;
mod header;
mod ids;
mod page;
mod properties;
mod property;
mod raw;
mod rows;

pub use page::PersonPage;
