//! The same numbers as a table: the twin of every chart, and what is exported as CSV.

use super::figure::CellId;
use crate::csv;

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

impl Table {
    /// As CSV. Numbers have no separators there, as programs read them.
    pub fn csv(&self) -> String {
        let mut file = String::new();
        csv::line(&mut file, &mut self.head.iter().cloned());
        for row in &self.rows {
            csv::line(&mut file, &mut row.iter().map(|entry| plain(&entry.text)));
        }
        file
    }
}

/// `1,200` as `1200`; words as they are.
fn plain(text: &str) -> String {
    let bare = text.replace(',', "").replace('\u{2212}', "-");
    match bare.parse::<f64>() {
        Ok(_) => bare,
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_bare_and_words_stay_in_their_cells() {
        let row = ["a, \"b\"", "1,200.5", "\u{2212}3", "30 %"];
        let table = Table {
            head: vec!["Step".into(), "People".into()],
            rows: vec![row.map(Entry::plain).to_vec()],
        };
        assert_eq!(
            table.csv(),
            "Step,People\r\n\"a, \"\"b\"\"\",1200.5,-3,30 %\r\n"
        );
    }
}
