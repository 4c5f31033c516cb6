//! What was done to people: of one person for its page, of all on a page of its own.
//!
//! [`list`] loads and shows entries, [`told`] (pure) puts one into words, [`page`] is the page. What does
//! not belong here: doing anything to people.

mod list;
mod page;
mod told;

pub use list::{ActivityList, changes};
pub use page::ActivityPage;
