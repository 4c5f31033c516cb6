//! Feature: questions about what people did, and the people behind each number.
//!
//! [`question`] is what is asked, [`figure`] is what every [`answer`] is read into; [`charts`] draws it, [`table`] writes it.

pub mod answer;
pub mod charts;
pub mod figure;
pub mod question;
pub mod table;
