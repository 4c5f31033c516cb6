//! Conditions on properties, for every feature that lets people choose some: how one reads ([`words`]), and how
//! one is made from what is typed ([`draft`]), and how values are compared with it ([`browser`]).

pub mod browser;
pub mod draft;
pub mod words;
