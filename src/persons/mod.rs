//! Feature: the list of people.
//!
//! [`list`] is what is loaded (pure), [`source`] loads it page by page, [`columns`] chooses what is shown
//! of a person (pure), [`cells`] shows it, [`filters`] narrows the list, [`at_hand`] finds people before the
//! server does, [`page`] puts it together.

mod at_hand;
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

/// What an opened tool looks like travels with it.
fn style_tool() {
    crate::styles!("tool.css");
}
