//! JSON for reading: a tree that opens, and text that is indented.

mod pretty;
mod tree;

pub use pretty::pretty;
pub use tree::JsonTree;
