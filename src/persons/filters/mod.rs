//! Narrowing the list by conditions on properties, all of which have to hold.
//!
//! [`words`] and [`draft`] are pure: how a condition reads, and how one is made from what is typed.
//! [`bar`] shows the conditions, [`editor`] changes one.

mod bar;
mod draft;
mod editor;
mod suggestions;
mod words;

pub use bar::{FilterBar, open_from_keyboard};
