//! The same numbers as a table: the twin of every chart, and what is exported as CSV.

use super::figure::CellId;

/// A chart as a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The names of the columns.
    pub head: Vec<String>,
    /// Each as long as the head. The first entry names the row.
    pub rows: Vec<Vec<Entry>>,
}

/// An entry of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// What it says.
    pub text: String,
    /// The cell it opens.
    pub cell: Option<CellId>,
}

impl Entry {
    /// Words that open nothing.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            cell: None,
        }
    }
}
