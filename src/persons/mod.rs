//! Feature: the list of people.
//!
//! [`list`] is what is loaded (pure), [`source`] loads it page by page, [`columns`] chooses what is shown
//! of a person (pure), [`cells`] shows it, [`filters`] narrows the list, [`page`] puts it together.

mod cells;
mod columns;
mod empty;
mod filters;
mod list;
mod memory;
mod page;
mod peek;
mod search;
mod shown;
mod source;
mod status;
mod tools;

pub use memory::provide_memory;
pub use page::PersonsPage;
