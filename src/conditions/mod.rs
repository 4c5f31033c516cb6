//! Conditions on properties, for every feature that lets people choose some: how one reads ([`words`]), and how
//! one is made from what is typed ([`draft`]).

pub mod draft;
pub mod words;
