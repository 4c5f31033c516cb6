//! Events from a file: JSON lines (the items of a capture batch) or CSV.
//!
//! An import can be interrupted at any moment and started again: it goes on after the last part that is
//! on the disk. Should the very last part come twice, its events carry the same ids and count once.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use persons_engine::{Arrival, CapturedEvent, EventError};
use serde_json::{Map, Value};
use thiserror::Error;
use uuid::Uuid;

use crate::project::{Project, now};
use crate::store::StoreError;

/// Events that share one transaction.
const PART: usize = 2_000;

/// Names the events of a file that carry no id, so that a second import finds them.
const EVENT_NAMESPACE: Uuid = Uuid::from_u128(0x6c1f_4d0e_52aa_4b9b_9a53_3b7d_1f60_2c11);

/// Why an import stopped. What came before the named line is imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {reason}.")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// A line is no event.
    #[error(
        "Line {line}: {reason}. Everything before it is imported; correct the line and run the import again."
    )]
    BadLine {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The data file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Events read in this run.
    pub events: u64,
    /// Bytes that an earlier run had imported.
    pub skipped: u64,
}

/// Imports a file; `progress` is called about once a second with bytes done, bytes in all, and events.
pub fn import(
    project: &Project,
    path: &Path,
    mut progress: impl FnMut(u64, u64, u64),
) -> Result<Imported, ImportError> {
    let unreadable = |error: std::io::Error| ImportError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let source = std::fs::canonicalize(path)
        .map_err(unreadable)?
        .to_string_lossy()
        .into_owned();
    let mut file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    // A file that shrank is another file.
    let skipped = project.side_store().lock().import_done(&source)?;
    let skipped = if skipped <= size { skipped } else { 0 };
    let is_csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let mut lines = if is_csv {
        Lines::csv(file, skipped).map_err(|reason| ImportError::BadLine { line: 1, reason })?
    } else {
        let done_lines = count_lines(&mut file, skipped).map_err(unreadable)?;
        Lines::json(BufReader::new(file), skipped, done_lines)
    };
    let mut imported = Imported { events: 0, skipped };
    let mut told = Instant::now();
    loop {
        let (part, failure) = read_part(&mut lines, &source);
        let is_last = part.len() < PART;
        imported.events += part.len() as u64;
        project.capture_blocking(part)?;
        project
            .side_store()
            .lock()
            .set_import_done(&source, lines.done)?;
        if let Some(error) = failure {
            return Err(error);
        }
        if is_last || told.elapsed() > Duration::from_secs(1) {
            progress(lines.done, size, imported.events);
            told = Instant::now();
        }
        if is_last {
            return Ok(imported);
        }
    }
}

/// The next events, and what stopped the reading early, if anything did.
fn read_part(lines: &mut Lines, source: &str) -> (Vec<CapturedEvent>, Option<ImportError>) {
    let mut part = Vec::with_capacity(PART);
    let arrival = Arrival {
        now: now(),
        sent_at: None,
    };
    while part.len() < PART {
        let before = lines.done;
        let line = lines.line + 1;
        let event = match lines.next_item() {
            None => break,
            Some(item) => item.and_then(|item| {
                let name = format!("{source}\0{line}");
                CapturedEvent::read(item, arrival, || {
                    Uuid::new_v5(&EVENT_NAMESPACE, name.as_bytes())
                })
                .map_err(|error: EventError| error.to_string())
            }),
        };
        match event {
            Ok(event) => part.push(event),
            Err(reason) => {
                // The next run begins with this line again.
                lines.done = before;
                return (part, Some(ImportError::BadLine { line, reason }));
            }
        }
    }
    (part, None)
}

/// A file's events, one after the other.
struct Lines {
    reader: Reader,
    /// Bytes behind us.
    done: u64,
    /// Lines behind us.
    line: u64,
}

enum Reader {
    Json(BufReader<File>),
    Csv {
        reader: Box<csv::Reader<File>>,
        headers: csv::StringRecord,
    },
}

impl Lines {
    fn json(reader: BufReader<File>, done: u64, line: u64) -> Self {
        Self {
            reader: Reader::Json(reader),
            done,
            line,
        }
    }

    fn csv(file: File, skipped: u64) -> Result<Self, String> {
        let mut reader = csv::Reader::from_reader(file);
        let headers = reader.headers().map_err(|error| error.to_string())?.clone();
        for needed in ["event", "distinct_id"] {
            if !headers.iter().any(|header| header == needed) {
                return Err(format!("the header has no column \"{needed}\""));
            }
        }
        let mut lines = Self {
            reader: Reader::Csv {
                reader: Box::new(reader),
                headers,
            },
            done: 0,
            line: 1,
        };
        while lines.done < skipped && lines.next_item().is_some() {}
        Ok(lines)
    }

    fn next_item(&mut self) -> Option<Result<Value, String>> {
        match &mut self.reader {
            Reader::Json(reader) => loop {
                let mut text = Vec::new();
                match reader
                    .by_ref()
                    .take(MAX_LINE + 1)
                    .read_until(b'\n', &mut text)
                {
                    Ok(0) => return None,
                    Ok(_) if text.len() as u64 > MAX_LINE => {
                        return Some(Err("it is longer than 1 MiB".into()));
                    }
                    Ok(read) => {
                        self.done += read as u64;
                        self.line += 1;
                    }
                    Err(error) => return Some(Err(error.to_string())),
                }
                if !text.trim_ascii().is_empty() {
                    return Some(serde_json::from_slice(&text).map_err(|error| error.to_string()));
                }
            },
            Reader::Csv { reader, headers } => {
                let mut record = csv::StringRecord::new();
                match reader.read_record(&mut record) {
                    Ok(false) => None,
                    Ok(true) => {
                        self.done = reader.position().byte();
                        self.line = record.position().map_or(0, csv::Position::line);
                        Some(item_of_record(headers, &record))
                    }
                    Err(error) => Some(Err(error.to_string())),
                }
            }
        }
    }
}

/// No event is longer.
const MAX_LINE: u64 = 1 << 20;

/// `event`, `distinct_id`, `timestamp` and `uuid` are fields of the event, `properties` is JSON, and any
/// other column is a property, as text. Empty cells are absent.
fn item_of_record(
    headers: &csv::StringRecord,
    record: &csv::StringRecord,
) -> Result<Value, String> {
    let mut item = Map::new();
    let mut properties = Map::new();
    for (header, cell) in headers
        .iter()
        .zip(record)
        .filter(|(_, cell)| !cell.is_empty())
    {
        match header {
            "event" | "distinct_id" | "timestamp" | "uuid" => {
                item.insert(header.into(), cell.into());
            }
            "properties" => {
                let map: Map<String, Value> = serde_json::from_str(cell).map_err(|error| {
                    format!("the column \"properties\" is not a JSON object: {error}")
                })?;
                properties.extend(map);
            }
            other => {
                properties.insert(other.into(), cell.into());
            }
        }
    }
    item.insert("properties".into(), Value::Object(properties));
    Ok(Value::Object(item))
}

/// The number of lines in the first `bytes` bytes; leaves the file behind them.
fn count_lines(file: &mut File, bytes: u64) -> std::io::Result<u64> {
    let mut lines = 0;
    let mut reader = BufReader::new(&mut *file).take(bytes);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        lines += buffer.iter().filter(|&&b| b == b'\n').count() as u64;
        let read = buffer.len();
        reader.consume(read);
    }
    file.seek(SeekFrom::Start(bytes))?;
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(name: &str, content: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("persons-import-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(name);
        File::create(&path)
            .and_then(|mut file| file.write_all(content.as_bytes()))
            .expect("a file");
        path
    }

    #[test]
    fn json_lines_become_people_and_a_second_run_adds_nothing() {
        let project = Project::in_memory().expect("opens");
        let path = file(
            "a.jsonl",
            "{\"event\":\"e\",\"distinct_id\":\"ada\"}\n\n{\"event\":\"e\",\"distinct_id\":\"ben\"}\n",
        );
        let imported = import(&project, &path, |_, _, _| {}).expect("imports");
        assert_eq!((imported.events, project.read().len()), (2, 2));
        let again = import(&project, &path, |_, _, _| {}).expect("imports");
        assert_eq!(
            (again.events, project.event_count().expect("counts")),
            (0, 2)
        );
    }

    #[test]
    fn a_bad_line_is_named_and_the_import_goes_on_there() {
        let project = Project::in_memory().expect("opens");
        let good = "{\"event\":\"e\",\"distinct_id\":\"ada\"}\n";
        let path = file("b.jsonl", &format!("{good}{{\"event\":\"e\"}}\n{good}"));
        let error = import(&project, &path, |_, _, _| {})
            .expect_err("line 2 is bad")
            .to_string();
        assert!(
            error.starts_with("Line 2: event submitted without a distinct_id."),
            "{error}"
        );
        let path = file("b.jsonl", &format!("{good}{good}{good}"));
        let imported = import(&project, &path, |_, _, _| {}).expect("imports");
        assert_eq!(
            (imported.events, project.event_count().expect("counts")),
            (2, 3)
        );
    }

    #[test]
    fn csv_columns_are_fields_or_properties() {
        let project = Project::in_memory().expect("opens");
        let path = file(
            "c.csv",
            "event,distinct_id,properties,plan\n$set,ada,\"{\"\"$set\"\":{\"\"vip\"\":true}}\",pro\ne,\"b,en\",,\n",
        );
        import(&project, &path, |_, _, _| {}).expect("imports");
        let people = project.read();
        let ada = people.by_distinct_id("ada").expect("is there");
        assert_eq!(ada.property("vip").map(|value| value.text), Some("true"));
        assert!(people.by_distinct_id("b,en").is_some());
    }
}
