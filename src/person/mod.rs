//! Feature: one person.
//!
//! [`page`] asks for the person of the URL ([`found`]) and shows [`somebody`], [`waiting`], [`nobody`] or
//! a failure. [`header`] says who it is and [`ids`] what they are known by; [`overview`], [`properties`],
//! [`cohorts`], [`activity`] and [`raw`] are the tabs, [`property`] a row, [`pins`] and [`habit`] are choices that are
//! remembered.
//!
//! Four files are pure: [`groups`], which properties the overview shows, [`rows`], which the table shows
//! and in which order, [`kind`], what a value is, and [`told`], what an entry of the activity says. What does not belong here: lists of people, and how a value looks in one line, which all screens
//! share (`ui::value`).

mod activity;
mod cohorts;
mod found;
mod groups;
mod habit;
mod header;
mod ids;
mod kind;
mod nobody;
mod overview;
mod page;
mod pins;
mod properties;
mod property;
mod raw;
mod rows;
mod somebody;
mod told;
mod waiting;

pub use page::PersonPage;
