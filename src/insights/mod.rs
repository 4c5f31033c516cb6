//! Feature: questions about what people did, and the people behind each number.
//!
//! [`question`] is what is asked, [`builder`] changes it, [`figure`] is what every [`answer`] is read into; [`charts`] draws it, [`table`] writes it.

mod address;
pub mod answer;
mod before;
mod builder;
mod chart;
pub mod charts;
mod device;
mod door;
mod factor;
pub mod figure;
mod onward;
mod order;
mod page;
mod people;
pub mod question;
mod start;
pub mod table;

pub use self::page::InsightsPage;
