//! Splits a text into records: JSON lines, the elements of a JSON array, or rows of CSV.
//!
//! Each record is bounded in size, and knows the line on which it begins. A record that cannot be read is
//! an error of its own, and the next one is read all the same.

use std::io;

use csv_core::ReadRecordResult;
use persons_api::json::{self, JsonError};
use serde_json::{Map, Value};

use super::content::Content;

/// The most bytes of a record. PostHog's limit for an event is the same.
pub(super) const MAX_RECORD: usize = 1 << 20;
/// The most columns of a CSV file.
const MAX_COLUMNS: usize = 10_000;
/// What some programs write at the start of UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A record of the file.
pub(super) struct Record {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its fields, or why it cannot be read.
    pub item: Result<Map<String, Value>, String>,
    /// Whether a line break or comma follows, so that the record is complete even if the file grows.
    pub is_terminated: bool,
}

/// Why nothing more can be read from a file.
pub(super) enum RecordsError {
    /// The operating system or a decoder says so.
    Io(io::Error),
    /// The structure of the file is broken from this line on.
    Damaged {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

impl From<io::Error> for RecordsError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The records of a text, one after the other.
pub(super) struct Records<'a> {
    pub content: Content<'a>,
    format: Format,
    /// The bytes of the record that is being read.
    pub(super) buffer: Vec<u8>,
}

enum Format {
    JsonLines,
    JsonArray { start_line: u64, is_closed: bool },
    Csv(Box<CsvFormat>),
}

struct CsvFormat {
    reader: csv_core::Reader,
    headers: Vec<String>,
    /// Where the cells of a record end in the buffer.
    ends: Vec<usize>,
}

impl<'a> Records<'a> {
    /// Recognizes the format by the first character and reads the header of CSV.
    pub(super) fn open(mut content: Content<'a>) -> Result<Self, RecordsError> {
        if content.fill()?.starts_with(BYTE_ORDER_MARK) {
            content.consume(BYTE_ORDER_MARK.len())?;
        }
        let format = match content.skip_while(|byte| byte.is_ascii_whitespace())? {
            None | Some(b'{') => Format::JsonLines,
            Some(b'[') => {
                let start_line = content.line();
                content.consume(1)?;
                Format::JsonArray {
                    start_line,
                    is_closed: false,
                }
            }
            Some(_) => Format::Csv(Box::new(CsvFormat {
                reader: csv_core::Reader::new(),
                headers: Vec::new(),
                ends: Vec::new(),
            })),
        };
        let mut records = Self {
            content,
            format,
            buffer: Vec::new(),
        };
        if let Format::Csv(format) = &mut records.format {
            format.read_header(&mut records.content, &mut records.buffer)?;
        }
        Ok(records)
    }

    /// The next record, or `None` at the end.
    pub(super) fn next_record(&mut self) -> Result<Option<Record>, RecordsError> {
        let Self {
            content,
            format,
            buffer,
        } = self;
        match format {
            Format::JsonLines => next_line(content, buffer),
            Format::JsonArray {
                start_line,
                is_closed,
            } => next_element(content, buffer, *start_line, is_closed),
            Format::Csv(format) => format.next_row(content, buffer),
        }
    }
}

/// Appends to the buffer, unless the record becomes too long. Then the buffer is emptied.
fn append(buffer: &mut Vec<u8>, is_too_long: &mut bool, bytes: &[u8]) {
    if *is_too_long || buffer.len() + bytes.len() > MAX_RECORD {
        *is_too_long = true;
        buffer.clear();
    } else {
        buffer.extend_from_slice(bytes);
    }
}

fn too_long() -> String {
    format!("longer than {MAX_RECORD} bytes")
}

fn next_line(
    content: &mut Content<'_>,
    buffer: &mut Vec<u8>,
) -> Result<Option<Record>, RecordsError> {
    if content
        .skip_while(|byte| byte.is_ascii_whitespace())?
        .is_none()
    {
        return Ok(None);
    }
    let line = content.line();
    buffer.clear();
    let (mut is_too_long, mut is_terminated) = (false, false);
    while !is_terminated {
        let bytes = content.fill()?;
        if bytes.is_empty() {
            break;
        }
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let count = end.map_or(bytes.len(), |end| end + 1);
        is_terminated = end.is_some();
        append(buffer, &mut is_too_long, &bytes[..count]);
        content.consume(count)?;
    }
    Ok(Some(Record {
        line,
        item: json_record(buffer, line, is_too_long),
        is_terminated,
    }))
}

fn next_element(
    content: &mut Content<'_>,
    buffer: &mut Vec<u8>,
    start_line: u64,
    is_closed: &mut bool,
) -> Result<Option<Record>, RecordsError> {
    let next = content.skip_while(|byte| byte.is_ascii_whitespace())?;
    if !*is_closed && next == Some(b']') {
        content.consume(1)?;
        *is_closed = true;
        return next_element(content, buffer, start_line, is_closed);
    }
    let line = content.line();
    match next {
        None if *is_closed => return Ok(None),
        Some(_) if *is_closed => {
            return Err(RecordsError::Damaged {
                line,
                reason: "there is more after the end of the JSON array".into(),
            });
        }
        _ => {}
    }
    buffer.clear();
    let (mut is_too_long, mut end) = (false, None);
    let (mut depth, mut is_in_text, mut is_escaped) = (0_usize, false, false);
    while end.is_none() {
        let bytes = content.fill()?;
        if bytes.is_empty() {
            return Err(RecordsError::Damaged {
                line,
                reason: format!(
                    "the JSON array that begins on line {start_line} is not closed after here"
                ),
            });
        }
        let stop = bytes.iter().position(|&byte| {
            if is_in_text {
                is_in_text = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
                return false;
            }
            match byte {
                b'"' => is_in_text = true,
                b'{' | b'[' => depth += 1,
                b',' | b']' if depth == 0 => return true,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            false
        });
        let count = stop.unwrap_or(bytes.len());
        end = stop.map(|at| bytes[at]);
        append(buffer, &mut is_too_long, &bytes[..count]);
        content.consume(count)?;
    }
    let is_terminated = end == Some(b',');
    if is_terminated {
        content.consume(1)?;
    }
    Ok(Some(Record {
        line,
        item: json_record(buffer, line, is_too_long),
        is_terminated,
    }))
}

fn json_record(text: &[u8], line: u64, is_too_long: bool) -> Result<Map<String, Value>, String> {
    if is_too_long {
        return Err(too_long());
    }
    match json::parse(text.trim_ascii_end()) {
        Ok(Value::Object(item)) => Ok(item),
        Ok(_) => Err("not a JSON object".into()),
        Err(error) => Err(json_reason(&error, line)),
    }
}

/// What is wrong with a JSON text that begins on `first_line`: the parser counts lines from the start of the text.
fn json_reason(error: &JsonError, first_line: u64) -> String {
    let text = error.to_string();
    let place = text.rsplit_once(" at line ").and_then(|(reason, place)| {
        let (line, column) = place.split_once(" column ")?;
        Some((reason, line.parse::<u64>().ok()?, column))
    });
    match place {
        Some((reason, 1, column)) => format!("not valid JSON: {reason} at column {column}"),
        Some((reason, line, column)) => format!(
            "not valid JSON: {reason} on line {} at column {column}",
            first_line + line - 1
        ),
        None => format!("not valid JSON: {text}"),
    }
}

/// How a row of CSV turned out.
struct Row {
    line: u64,
    /// Why it cannot be used.
    fault: Option<String>,
    is_terminated: bool,
}

impl CsvFormat {
    /// Reads the next row into the buffer and `self.ends`.
    fn read_row(
        &mut self,
        content: &mut Content<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Row>, RecordsError> {
        let next = content.skip_while(|byte| matches!(byte, b'\r' | b'\n'))?;
        if next.is_none() {
            return Ok(None);
        }
        let line = content.line();
        let (mut length, mut cells) = (0, 0);
        let mut fault = None;
        loop {
            let bytes = content.fill()?;
            let is_at_end = bytes.is_empty();
            // A line break after the end tells a row without one from a cell whose quote is not closed.
            let input = if is_at_end { b"\n".as_slice() } else { bytes };
            let (result, read, written, ended) =
                self.reader
                    .read_record(input, &mut buffer[length..], &mut self.ends[cells..]);
            length += written;
            cells += ended;
            if !is_at_end {
                content.consume(read)?;
            }
            match result {
                ReadRecordResult::InputEmpty if is_at_end => {
                    return Err(RecordsError::Damaged {
                        line,
                        reason: "a quoted cell is not closed before the end of the file".into(),
                    });
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if length < MAX_RECORD => {
                    let size = (2 * length).clamp(4096, MAX_RECORD);
                    buffer.resize(size, 0);
                }
                ReadRecordResult::OutputFull => {
                    fault = Some(too_long());
                    length = 0;
                }
                ReadRecordResult::OutputEndsFull if cells < MAX_COLUMNS => {
                    self.ends.resize((2 * cells).clamp(64, MAX_COLUMNS), 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    fault = Some(format!("more than {MAX_COLUMNS} cells"));
                    cells = 0;
                }
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        self.ends.truncate(cells);
        buffer.truncate(length);
        Ok(Some(Row {
            line,
            fault,
            is_terminated: matches!(content.last(), b'\r' | b'\n'),
        }))
    }

    /// The cells of the row that was read last.
    fn cells<'b>(&self, buffer: &'b [u8]) -> Result<Vec<&'b str>, String> {
        let mut start = 0;
        let cells = self.ends.iter().map(|&end| {
            let cell = std::str::from_utf8(&buffer[start..end]);
            start = end;
            cell.map_err(|_| "not UTF-8 text; save the file as UTF-8".to_owned())
        });
        cells.collect()
    }

    fn read_header(
        &mut self,
        content: &mut Content<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<(), RecordsError> {
        let Some(row) = self.read_row(content, buffer)? else {
            return Ok(());
        };
        let damaged = |reason| RecordsError::Damaged {
            line: row.line,
            reason,
        };
        if let Some(reason) = row.fault {
            return Err(damaged(format!("the header is unusable: {reason}")));
        }
        let cells = self.cells(buffer).map_err(damaged)?;
        for (index, cell) in cells.iter().enumerate() {
            if !cell.is_empty() && cells[..index].contains(cell) {
                return Err(damaged(format!(
                    "the header has two columns \"{cell}\"; rename one"
                )));
            }
        }
        for needed in ["event", "distinct_id"] {
            if !cells.contains(&needed) {
                let hint = if cells.len() == 1 && cells[0].contains([';', '\t']) {
                    "; separate columns with commas"
                } else {
                    ""
                };
                return Err(damaged(format!(
                    "neither a JSON object nor a CSV header with a column \"{needed}\"{hint}"
                )));
            }
        }
        self.headers = cells.into_iter().map(str::to_owned).collect();
        Ok(())
    }

    fn next_row(
        &mut self,
        content: &mut Content<'_>,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Record>, RecordsError> {
        let Some(row) = self.read_row(content, buffer)? else {
            return Ok(None);
        };
        let item = match row.fault {
            Some(reason) => Err(reason),
            None => self
                .cells(buffer)
                .and_then(|cells| self.item(&cells, row.line)),
        };
        Ok(Some(Record {
            line: row.line,
            item,
            is_terminated: row.is_terminated,
        }))
    }

    /// `event`, `distinct_id`, `timestamp`, and `uuid` are fields of the event, `properties` is JSON, and any
    /// other column is a property, as text. Empty cells are absent.
    fn item(&self, cells: &[&str], line: u64) -> Result<Map<String, Value>, String> {
        if cells.len() != self.headers.len() {
            return Err(format!(
                "{} cells, but the header has {}",
                cells.len(),
                self.headers.len()
            ));
        }
        let (mut item, mut properties) = (Map::new(), Map::new());
        let mut columns = Map::new();
        for (header, &cell) in self.headers.iter().zip(cells) {
            match header.as_str() {
                _ if cell.is_empty() => {}
                "event" | "distinct_id" | "timestamp" | "uuid" => {
                    let text = json::replace_null_characters(cell.to_owned());
                    item.insert(header.clone(), text.into());
                }
                "properties" => match json::parse(cell) {
                    Ok(Value::Object(map)) => properties = map,
                    Ok(_) => return Err("the column \"properties\" is not a JSON object".into()),
                    Err(error) => {
                        return Err(format!(
                            "the column \"properties\" is {}",
                            json_reason(&error, line)
                        ));
                    }
                },
                "" => {
                    return Err(format!(
                        "the value \"{cell}\" is in a column without a name"
                    ));
                }
                _ => {
                    let text = json::replace_null_characters(cell.to_owned());
                    columns.insert(header.clone(), text.into());
                }
            }
        }
        for (key, value) in columns {
            if properties.contains_key(&key) {
                return Err(format!(
                    "the property \"{key}\" is in the column \"properties\" and in one of its own"
                ));
            }
            properties.insert(key, value);
        }
        item.insert("properties".into(), Value::Object(properties));
        Ok(item)
    }
}
