//! Feature: questions about what people did, and the people behind each number.
//!
//! [`figure`] is what every answer is read into; [`charts`] draws it, [`table`] writes it.

pub mod charts;
pub mod figure;
pub mod table;
