//! Feature: one person.
//!
//! [`page`] asks for the person of the URL ([`found`]) and shows [`somebody`], [`waiting`], [`nobody`] or
//! a failure. [`header`] says who it is and [`ids`] what they are known by; [`properties`], [`cohorts`]
//! and [`raw`] are the tabs, [`property`] a row and [`habit`] a choice that is remembered.
//!
//! Two files are pure: [`rows`], which properties are shown and in which order, and [`kind`], what a value
//! is. What does not belong here: lists of people, and how a value looks in one line, which all screens
//! share (`ui::value`).

mod cohorts;
mod found;
mod habit;
mod header;
mod ids;
mod kind;
mod nobody;
mod page;
mod properties;
mod property;
mod raw;
mod rows;
mod somebody;
mod waiting;

pub use page::PersonPage;
