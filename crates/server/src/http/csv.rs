//! Answers as CSV: nested data flattened with dots, the header the alphabetical union
//! over all rows, CRLF, `True` and `False`, dates as `2024-05-01 10:00:00+00:00`.
//!
//! Cells hold exactly what the JSON holds. Text that a spreadsheet would take for a formula is not
//! altered: the file is data, and other programs read it back.

use std::collections::{BTreeSet, HashMap};

use ::csv::{Terminator, Writer, WriterBuilder};
use persons_api::Timestamp;
use persons_engine::{Kind, PersonRef};
use serde_json::Value;

use super::person::MAX_DISTINCT_IDS;

/// Columns that hold dates. In JSON they look like any text.
const DATES: [&str; 4] = [
    "created_at",
    "last_calculation",
    "last_seen_at",
    "timestamp",
];

/// What stands in a cell.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    /// JSON null: the column is there, the cell is empty.
    Empty,
    /// True or false.
    Bool(bool),
    /// Text, and numbers as they are written.
    Text(&'a str),
    /// A moment.
    Date(Timestamp),
}

impl Cell<'_> {
    fn print(self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Bool(true) => "True".into(),
            Self::Bool(false) => "False".into(),
            Self::Text(text) => text.into(),
            Self::Date(moment) => {
                let text = moment.to_string().replacen('T', " ", 1);
                format!("{}+00:00", text.trim_end_matches('Z'))
            }
        }
    }
}

/// Something that is one line of a table.
pub(super) trait Row {
    /// Visits the cells with the names of their columns, in any order.
    fn cells(&self, visit: &mut dyn FnMut(&str, Cell<'_>));
}

impl Row for Value {
    fn cells(&self, visit: &mut dyn FnMut(&str, Cell<'_>)) {
        flatten(&mut String::new(), self, &mut |column, cell| match cell {
            Cell::Text(text) if DATES.contains(&column) => {
                visit(column, Timestamp::parse(text).map_or(cell, Cell::Date));
            }
            cell => visit(column, cell),
        });
    }
}

/// A person is flattened without becoming a [`Value`] first: a list of them is the whole project.
impl Row for PersonRef<'_> {
    fn cells(&self, visit: &mut dyn FnMut(&str, Cell<'_>)) {
        visit("id", Cell::Text(&self.number().to_string()));
        visit("uuid", Cell::Text(&self.uuid().to_string()));
        visit("created_at", Cell::Date(self.created_at()));
        visit("is_identified", Cell::Bool(self.is_identified()));
        visit(
            "last_seen_at",
            self.last_seen_at().map_or(Cell::Empty, Cell::Date),
        );
        visit(
            "distinct_id_count",
            Cell::Text(&self.distinct_id_count().to_string()),
        );
        flatten(&mut "name".into(), &self.name(), visit);
        let mut column = String::new();
        for (index, id) in self.distinct_ids().take(MAX_DISTINCT_IDS).enumerate() {
            column.clear();
            column.push_str("distinct_ids.");
            column.push_str(&index.to_string());
            visit(&column, Cell::Text(id));
        }
        for (key, value) in self.properties() {
            column.clear();
            column.push_str("properties.");
            column.push_str(key);
            match value.kind {
                Kind::Null => visit(&column, Cell::Empty),
                Kind::Bool => visit(&column, Cell::Bool(value.text == "true")),
                Kind::Number | Kind::String => visit(&column, Cell::Text(value.text)),
                Kind::Array | Kind::Object => flatten(&mut column, &value.to_value(), visit),
            }
        }
    }
}

/// Visits everything in a value that is not a list or an object. Empty ones have no column.
fn flatten(path: &mut String, value: &Value, visit: &mut dyn FnMut(&str, Cell<'_>)) {
    let mut below = |name: &str, value: &Value| {
        let length = path.len();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        flatten(path, value, visit);
        path.truncate(length);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| below(&index.to_string(), value)),
        Value::Null => visit(path, Cell::Empty),
        Value::Bool(value) => visit(path, Cell::Bool(*value)),
        Value::Number(number) => visit(path, Cell::Text(&number.to_string())),
        Value::String(text) => visit(path, Cell::Text(text)),
    }
}

/// The columns of a table: the union over all of its rows.
#[derive(Default)]
pub(super) struct Columns(BTreeSet<String>);

impl Columns {
    /// Adds the columns of a row.
    pub(super) fn note(&mut self, row: &impl Row) {
        row.cells(&mut |column, _| {
            if !self.0.contains(column) {
                self.0.insert(column.to_owned());
            }
        });
    }

    /// No more columns.
    pub(super) fn table(self) -> Table {
        let names: Vec<String> = self.0.into_iter().collect();
        let places = names.iter().cloned().zip(0..).collect();
        Table { names, places }
    }
}

/// A table with its columns known.
pub(super) struct Table {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Table {
    /// The first line; nothing for a table without rows.
    pub(super) fn header(&self) -> Vec<u8> {
        let mut lines = Lines::default();
        if !self.names.is_empty() {
            lines.put(&self.names);
        }
        lines.finish()
    }

    /// The lines of some rows. Cells whose column is not in the table (somebody got a new property
    /// since) are left out.
    pub(super) fn lines<'r, R: Row + 'r>(&self, rows: impl Iterator<Item = &'r R>) -> Vec<u8> {
        let mut lines = Lines::default();
        let mut cells = vec![String::new(); self.names.len()];
        for row in rows {
            cells.iter_mut().for_each(String::clear);
            row.cells(&mut |column, cell| {
                if let Some(&place) = self.places.get(column) {
                    cells[place] = cell.print();
                }
            });
            lines.put(&cells);
        }
        lines.finish()
    }
}

/// Lines being written into memory.
struct Lines(Writer<Vec<u8>>);

impl Default for Lines {
    fn default() -> Self {
        let mut builder = WriterBuilder::new();
        builder.terminator(Terminator::CRLF);
        Self(builder.from_writer(Vec::new()))
    }
}

impl Lines {
    fn put(&mut self, cells: &[String]) {
        self.0
            .write_record(cells)
            .expect("memory takes every record of a constant length");
    }

    fn finish(self) -> Vec<u8> {
        self.0.into_inner().expect("memory can always be flushed")
    }
}

/// A whole answer as a table: the rows of a list, or one row.
pub(super) fn of_answer(answer: &Value) -> Vec<u8> {
    let rows = match answer.get("results").unwrap_or(answer) {
        Value::Array(rows) => rows.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut columns = Columns::default();
    rows.iter().for_each(|row| columns.note(row));
    let table = columns.table();
    let mut text = table.header();
    if !text.is_empty() {
        text.extend(table.lines(rows.iter()));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(answer: &Value) -> String {
        String::from_utf8(of_answer(answer)).expect("UTF-8")
    }

    #[test]
    fn nested_data_is_flattened_and_the_header_is_the_union_in_order() {
        let answer = json!({"count": 2, "results": [
            {"b": {"y": 1, "x": [true, {"z": null}]}, "empty": [], "created_at": "2024-05-01T10:00:00Z"},
            {"a": "Mac, \"OS\"\nx", "created_at": "2024-05-01T10:00:00.252000Z"},
        ]});
        assert_eq!(
            text(&answer),
            "a,b.x.0,b.x.1.z,b.y,created_at\r\n\
             ,True,,1,2024-05-01 10:00:00+00:00\r\n\
             \"Mac, \"\"OS\"\"\nx\",,,,2024-05-01 10:00:00.252000+00:00\r\n"
        );
    }

    #[test]
    fn no_rows_are_an_empty_file_and_an_object_is_one_row() {
        assert_eq!(text(&json!({"results": []})), "");
        assert_eq!(text(&json!([])), "");
        assert_eq!(text(&json!({"name": "=1+1"})), "name\r\n=1+1\r\n");
    }
}
