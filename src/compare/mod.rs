//! Feature: a few people side by side.
//!
//! [`page`] is the screen, [`people`] asks for each, [`head`] is the head of a column, [`facts`] the rows that
//! everybody has, [`table`] puts all rows together, [`verdict`] says whether they may be one human.
//!
//! Three files are pure: [`rows`], where properties differ, [`likeness`], what two people have in common, and
//! [`signs`], what can be compared for that. What does not belong here: choosing people, which every screen
//! does (`tray`).

mod facts;
mod head;
mod likeness;
mod page;
mod people;
mod rows;
mod signs;
mod table;
mod verdict;

pub use page::ComparePage;
