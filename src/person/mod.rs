//! Feature: one person.
//!
//! [`page`] asks for the person of the URL ([`address`], [`found`]) and shows [`somebody`] as they are, or
//! were ([`past`], [`history`]), [`waiting`], [`nobody`] or a failure. [`header`] says who it is and [`ids`] what
//! they are known by; [`overview`], [`properties`], [`timeline`], [`cohorts`] and [`raw`] are the tabs,
//! [`property`] a row, [`pins`] and [`habit`] are choices that are remembered. [`edit`] changes a property;
//! [`deeds`] are what can be done to the whole person: [`split`] and [`mod@delete`].
//!
//! Two files are pure: [`groups`], which properties the overview shows, and [`rows`], which the table shows
//! and in which order. What does not belong here: lists of people, and how a value looks, which all screens
//! share (`ui::value`, `ui::full_value`).

mod address;
mod cohorts;
mod deeds;
mod delete;
mod edit;
mod editing;
mod events;
mod found;
mod groups;
mod habit;
mod header;
mod history;
mod ids;
mod nobody;
mod overview;
mod page;
mod past;
mod pins;
mod properties;
mod property;
mod raw;
mod rows;
mod somebody;
mod split;
mod timeline;
mod waiting;

pub use page::PersonPage;
