//! Answers as CSV: nested data flattened with dots, the header the alphabetical union
//! over all rows, CRLF, `True` and `False`, dates as `2024-05-01 10:00:00+00:00`.
//!
//! An array with more than [`MAX_ITEMS`] items is one cell of JSON. So is every nested value if the table would have
//! more than [`MAX_COLUMNS`] columns, and all properties of a row if even that leaves too many.
//!
//! Cells hold exactly what the JSON holds. Text that a spreadsheet would take for a formula is not
//! altered: the file is data, and other programs read it back.

use std::collections::{BTreeSet, HashMap};

use ::csv::{Terminator, Writer, WriterBuilder};
use persons_api::Timestamp;
use persons_engine::{Kind, PersonRef};
use serde_json::{Map, Value};

use super::person::MAX_DISTINCT_IDS;

/// Columns that hold dates. In JSON they look like any text.
const DATES: [&str; 4] = [
    "created_at",
    "last_calculation",
    "last_seen_at",
    "timestamp",
];

/// Items of an array that get columns of their own, at most.
const MAX_ITEMS: usize = 20;

/// Columns of a table, at most: as many as spreadsheets have.
const MAX_COLUMNS: usize = 16_384;

/// How many names a column may be made of, from the finest table to the coarsest.
const LEVELS: [usize; 3] = [usize::MAX, 2, 1];

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
    /// Visits the cells with the names of their columns, in any order. A column is made of at most `levels` names;
    /// what is nested deeper is one cell of JSON.
    fn cells(&self, levels: usize, visit: &mut dyn FnMut(&str, Cell<'_>));
}

impl Row for Value {
    fn cells(&self, levels: usize, visit: &mut dyn FnMut(&str, Cell<'_>)) {
        let mut visit = |column: &str, cell: Cell<'_>| match cell {
            Cell::Text(text) if DATES.contains(&column) => {
                visit(column, Timestamp::parse(text).map_or(cell, Cell::Date));
            }
            cell => visit(column, cell),
        };
        flatten(&mut String::new(), self, levels, &mut visit);
    }
}

/// A person is flattened without becoming a [`Value`] first: a list of them is the whole project.
impl Row for PersonRef<'_> {
    fn cells(&self, levels: usize, visit: &mut dyn FnMut(&str, Cell<'_>)) {
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
        let below = levels.saturating_sub(1);
        flatten(&mut "name".into(), &self.name(), below, visit);
        let ids = self.distinct_ids().take(MAX_DISTINCT_IDS);
        let ids: Value = ids.map(Value::from).collect();
        flatten(&mut "distinct_ids".into(), &ids, below, visit);
        if below == 0 {
            let properties = self.properties().into_iter();
            let properties = properties.map(|(key, value)| (key.to_owned(), value.to_value()));
            let properties = Value::Object(properties.collect::<Map<_, _>>());
            return flatten(&mut "properties".into(), &properties, 0, visit);
        }
        let mut column = String::new();
        for (key, value) in self.properties() {
            column.clear();
            column.push_str("properties.");
            column.push_str(key);
            match value.kind {
                Kind::Null => visit(&column, Cell::Empty),
                Kind::Bool => visit(&column, Cell::Bool(value.text == "true")),
                Kind::Number | Kind::String => visit(&column, Cell::Text(value.text)),
                Kind::Array | Kind::Object => {
                    flatten(&mut column, &value.to_value(), below - 1, visit);
                }
            }
        }
    }
}

/// Visits everything in a value that is not an array or an object, and arrays and objects that are one cell. Empty ones
/// have no column. `levels` is how many names may be added to the path.
fn flatten(path: &mut String, value: &Value, levels: usize, visit: &mut dyn FnMut(&str, Cell<'_>)) {
    let is_one_cell = match value {
        Value::Object(map) => !map.is_empty() && levels == 0,
        // A row has no name that could be its column.
        Value::Array(list) => {
            !list.is_empty() && (levels == 0 || list.len() > MAX_ITEMS && !path.is_empty())
        }
        _ => false,
    };
    if is_one_cell {
        return visit(path, Cell::Text(&value.to_string()));
    }
    let mut below = |name: &str, value: &Value| {
        let length = path.len();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        flatten(path, value, levels - 1, visit);
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
pub(super) struct Columns {
    names: BTreeSet<String>,
    levels: usize,
}

impl Columns {
    /// Finds the columns of the rows that `note_all` notes. Asks for them again, with fewer levels, as long as there
    /// are too many columns.
    pub(super) fn find(mut note_all: impl FnMut(&mut Self)) -> Table {
        let mut find = |levels| {
            let names = BTreeSet::new();
            let mut columns = Self { names, levels };
            note_all(&mut columns);
            columns
        };
        let [finest, coarser @ ..] = LEVELS;
        let mut columns = find(finest);
        for levels in coarser {
            if columns.names.len() > MAX_COLUMNS {
                columns = find(levels);
            }
        }
        let names: Vec<String> = columns.names.into_iter().collect();
        let places = names.iter().cloned().zip(0..).collect();
        Table {
            names,
            places,
            levels: columns.levels,
        }
    }

    /// Adds the columns of a row. Once there are too many, no more are added.
    pub(super) fn note(&mut self, row: &impl Row) {
        row.cells(self.levels, &mut |column, _| {
            let has_room = self.levels == 1 || self.names.len() <= MAX_COLUMNS;
            if has_room && !self.names.contains(column) {
                self.names.insert(column.to_owned());
            }
        });
    }
}

/// A table with its columns known.
pub(super) struct Table {
    names: Vec<String>,
    places: HashMap<String, usize>,
    levels: usize,
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
            row.cells(self.levels, &mut |column, cell| {
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
    let table = Columns::find(|columns| rows.iter().for_each(|row| columns.note(row)));
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
    fn a_long_array_is_one_cell() {
        let list = |count: usize| (0..count).collect::<Vec<_>>();
        let answer = json!([{"a": {"short": list(MAX_ITEMS), "long": list(MAX_ITEMS + 1)}}]);
        let text = text(&answer);
        let (header, line) = text.split_once("\r\n").expect("a header");
        assert_eq!(header.split(',').count(), MAX_ITEMS + 1);
        assert!(header.starts_with("a.long,a.short.0,a.short.1,"));
        assert!(line.starts_with("\"[0,1,2,3,"));
        let rows = json!([list(MAX_ITEMS + 1)]);
        let text = self::text(&rows);
        assert_eq!(
            text.lines().next().map(|line| line.split(',').count()),
            Some(21)
        );
    }

    #[test]
    fn a_table_with_too_many_columns_is_coarser() {
        let object = |count: usize| {
            let fields = (0..count).map(|field| (format!("f{field}"), json!(field)));
            Value::Object(fields.collect())
        };
        let header = |properties: Value| {
            let text = text(&json!([{"id": 1, "properties": properties}, {"id": 2}]));
            assert_eq!(text.lines().count(), 3);
            text.lines().next().map(str::to_owned).expect("a header")
        };
        let wide = object(MAX_COLUMNS - 2);
        assert!(header(json!({"a": wide, "b": 1})).starts_with("id,properties.a.f0,"));
        let wide = object(MAX_COLUMNS - 1);
        assert_eq!(
            header(json!({"a": wide, "b": 1})),
            "id,properties.a,properties.b"
        );
        assert_eq!(header(object(MAX_COLUMNS)), "id,properties");
    }

    #[test]
    fn no_rows_are_an_empty_file_and_an_object_is_one_row() {
        assert_eq!(text(&json!({"results": []})), "");
        assert_eq!(text(&json!([])), "");
        assert_eq!(text(&json!({"name": "=1+1"})), "name\r\n=1+1\r\n");
    }
}
