//! Imports events from a file: JSON lines, a JSON array, or CSV; plain, gzipped, or in a zip archive.
//!
//! - [`content`] decompresses a file, and counts and hashes what is read.
//! - [`records`] splits it into records; [`event`] makes an event of each.
//!
//! A file is identified by its content. With each batch of events, the same transaction stores how many bytes
//! are imported and their digest. An import looks for the longest prefix of the file that is stored this way
//! and continues after it, so it resumes where it was interrupted, or where the file has grown since. Events
//! without a UUID get one that is derived from their content, so that importing them twice stores them once.

mod content;
mod event;
mod records;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use persons_engine::{CapturedEvent, ImportCheckpoint};
use thiserror::Error;
use zip::ZipArchive;
use zip::result::ZipError;

use self::content::{Container, Content, ContentDigest, CountingReader, OpenError};
use self::event::{ImportedEvent, derived_uuid, read_event};
use self::records::{Record, Records, RecordsError};
use crate::project::{Project, now};
use crate::store::StoreError;

/// The most events that share one transaction.
const BATCH_EVENTS: usize = 2_000;
/// The most bytes of records that share one transaction.
const BATCH_BYTES: u64 = 8 << 20;
/// The observer hears of the progress after this many records at the latest.
const RECORDS_PER_REPORT: u64 = 1_000;
/// Bytes that are hashed between two reports of the progress.
const BYTES_PER_REPORT: u64 = 4 << 20;
/// The most different ignored fields that are named.
const MAX_IGNORED_FIELDS: usize = 50;
/// What macOS adds to archives. It holds no events.
const MAC_METADATA: &str = "__MACOSX/";

/// Where events come from.
#[derive(Clone, Debug)]
pub enum ImportSource {
    /// A file.
    File(PathBuf),
    /// Standard input. It can be read only once, so nothing is resumed: events that are stored already are
    /// recognized one by one.
    Stdin,
}

impl std::fmt::Display for ImportSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

/// Why an import stopped early. What was imported before stays imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{source_name} cannot be read: {reason}.")]
    Unreadable {
        /// The file.
        source_name: String,
        /// What the operating system or the decoder says.
        reason: String,
    },
    /// The file has a format that is not imported.
    #[error("{source_name} cannot be imported: {reason}.")]
    Unsupported {
        /// The file.
        source_name: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The structure of the file is broken.
    #[error(
        "{place}: {reason}. Nothing from this line on is imported; correct it and run the import again."
    )]
    Damaged {
        /// The line.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// The data file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A line of an imported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file in a zip archive.
    pub entry: Option<String>,
    /// Counted from 1. Blank lines and line breaks in quoted cells count.
    pub line: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.entry {
            Some(entry) => write!(f, "{entry}, line {}", self.line),
            None => write!(f, "Line {}", self.line),
        }
    }
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Events that were stored.
    pub imported: u64,
    /// Events that were stored before, by an earlier import or by a client.
    pub already_stored: u64,
    /// Records that could not be imported.
    pub skipped: u64,
    /// Imported events that left an ingestion warning: a merge was refused, or properties were left out.
    pub with_warning: u64,
    /// Imported events that state no time, and got the time of the import.
    pub without_time: u64,
    /// Top-level fields that are no part of an event, and how many records have them.
    pub ignored_fields: BTreeMap<String, u64>,
    /// Files of a zip archive that were not read, because they hold metadata.
    pub ignored_entries: Vec<String>,
    /// Whether the observer stopped the import.
    pub is_interrupted: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// Whether events are stored now. Before that, the import finds out what is stored already.
    pub is_importing: bool,
    /// Bytes of the file that were read, compressed if it is.
    pub bytes: u64,
    /// Bytes of the file; `None` for standard input.
    pub total_bytes: Option<u64>,
    /// Events that were stored.
    pub imported: u64,
}

/// What is told about an import while it runs.
pub trait ImportObserver {
    /// Called often; `Break` stops the import after what is stored.
    fn progress(&mut self, progress: ImportProgress) -> ControlFlow<()>;
    /// Called for each record that cannot be imported.
    fn skipped(&mut self, place: Place, reason: &str);
}

/// An import into a project.
pub struct Import<'p, 'o> {
    project: &'p Project,
    observer: &'o mut dyn ImportObserver,
    batch_events: usize,
    summary: ImportSummary,
    /// Bytes read of the file, or of the current file in an archive.
    count: Rc<Cell<u64>>,
    /// Bytes of the files in an archive that are done.
    bytes_before: u64,
    total_bytes: Option<u64>,
}

/// Why the reading of a file ends early.
enum Stop {
    Failed(ImportError),
    Interrupted,
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What became of an event.
enum Outcome {
    Imported {
        with_warning: bool,
    },
    AlreadyStored,
    /// With the kind of the ingestion warning.
    Refused(&'static str),
}

/// An event with its line, and whether it states a time.
type BatchEvent = (u64, bool, CapturedEvent);

/// Events that are stored together.
#[derive(Default)]
struct Batch {
    events: Vec<BatchEvent>,
    /// Where in the content the batch begins.
    start: u64,
}

/// A position between two records, up to which the content is known whatever follows.
struct Boundary {
    bytes: u64,
    hasher: sha2::Sha256,
}

impl<'p, 'o> Import<'p, 'o> {
    /// Prepares an import.
    pub fn new(project: &'p Project, observer: &'o mut dyn ImportObserver) -> Self {
        Self {
            project,
            observer,
            batch_events: BATCH_EVENTS,
            summary: ImportSummary::default(),
            count: Rc::default(),
            bytes_before: 0,
            total_bytes: None,
        }
    }

    /// What was done so far, also after an error.
    pub fn summary(&self) -> &ImportSummary {
        &self.summary
    }

    /// Imports a file.
    ///
    /// # Errors
    /// A file that cannot be read, and a data file that cannot be written. What is stored until then is recorded,
    /// and the next import of the file continues there. Records that are not events are no error: they are
    /// skipped, counted, and reported to the observer.
    pub fn run(&mut self, source: &ImportSource) -> Result<(), ImportError> {
        let result = match source {
            ImportSource::Stdin => self.import_stream(source, io::stdin()),
            ImportSource::File(path) => self.import_file(source, path),
        };
        match result {
            Ok(()) => Ok(()),
            Err(Stop::Interrupted) => {
                self.summary.is_interrupted = true;
                Ok(())
            }
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn import_file(&mut self, source: &ImportSource, path: &Path) -> Result<(), Stop> {
        let open = || File::open(path).map_err(|error| unreadable(source, &error));
        let mut file = open()?;
        let metadata = file
            .metadata()
            .map_err(|error| unreadable(source, &error))?;
        if !metadata.is_file() {
            return self.import_stream(source, file);
        }
        let mut head = Vec::new();
        file.by_ref()
            .take(4)
            .read_to_end(&mut head)
            .map_err(|error| unreadable(source, &error))?;
        if Container::of(&head) == Some(Container::Zip) {
            return self.import_zip(source, open()?);
        }
        self.total_bytes = Some(metadata.len());
        let known = self.known_prefix(source, None, open()?)?;
        self.import_content(source, None, open()?, known)
    }

    /// Imports what can be read only once.
    fn import_stream(&mut self, source: &ImportSource, reader: impl Read) -> Result<(), Stop> {
        self.import_content(source, None, reader, 0)
    }

    /// Imports the files of an archive in their order. Each is recognized by its own content.
    fn import_zip(&mut self, source: &ImportSource, file: File) -> Result<(), Stop> {
        let damaged = |error: ZipError| {
            Stop::Failed(ImportError::Unreadable {
                source_name: source.to_string(),
                reason: error.to_string(),
            })
        };
        let reader = CountingReader::new(BufReader::new(file), self.count.clone());
        let mut archive = ZipArchive::new(reader).map_err(damaged)?;
        let mut entries = Vec::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(damaged)?;
            let name = printable(&String::from_utf8_lossy(entry.name_raw()));
            if entry.is_dir() {
                continue;
            }
            if name.starts_with(MAC_METADATA) || name.ends_with(".DS_Store") {
                self.summary.ignored_entries.push(name);
                continue;
            }
            entries.push((index, name, entry.compressed_size()));
        }
        self.total_bytes = Some(entries.iter().map(|(_, _, size)| size).sum());
        for (index, name, size) in entries {
            let unreadable = |error: ZipError| {
                Stop::Failed(ImportError::Unreadable {
                    source_name: format!("{name} in {source}"),
                    reason: error.to_string(),
                })
            };
            let entry = archive.by_index(index).map_err(unreadable)?;
            let known = self.known_prefix(source, Some(&name), entry)?;
            let entry = archive.by_index(index).map_err(unreadable)?;
            self.import_content(source, Some(&name), entry, known)?;
            self.bytes_before += size;
        }
        Ok(())
    }

    /// Decompresses what a reader gives.
    fn open<'a>(
        &self,
        source: &ImportSource,
        entry: Option<&str>,
        reader: impl Read + 'a,
    ) -> Result<Content<'a>, Stop> {
        self.count.set(0);
        // The reader of an archive counts by itself: what it reads is compressed.
        let opened = match entry {
            Some(_) => content::decompress(reader),
            None => content::decompress(CountingReader::new(reader, self.count.clone())),
        };
        opened.map(Content::new).map_err(|error| match error {
            OpenError::Io(error) => unreadable_entry(source, entry, &error),
            OpenError::Unsupported(reason) => Stop::Failed(ImportError::Unsupported {
                source_name: name_of(source, entry),
                reason,
            }),
        })
    }

    /// The length of the longest prefix of the content that is imported.
    fn known_prefix(
        &mut self,
        source: &ImportSource,
        entry: Option<&str>,
        reader: impl Read,
    ) -> Result<u64, Stop> {
        let checkpoints = self.project.side_store().lock().import_checkpoints()?;
        if checkpoints.is_empty() {
            return Ok(0);
        }
        let mut content = self.open(source, entry, reader)?;
        let unreadable = |error: io::Error| unreadable_entry(source, entry, &error);
        let mut known = 0;
        for (bytes, digest) in checkpoints {
            while content.bytes() < bytes {
                let next = bytes.min(content.bytes() + BYTES_PER_REPORT);
                if !content.skip_to(next).map_err(unreadable)? {
                    return Ok(known);
                }
                self.report(false)?;
            }
            if content::digest(content.hasher()) == digest {
                known = bytes;
            }
        }
        Ok(known)
    }

    /// Imports the events of a text behind its first `known` bytes.
    fn import_content(
        &mut self,
        source: &ImportSource,
        entry: Option<&str>,
        reader: impl Read,
        known: u64,
    ) -> Result<(), Stop> {
        let content = self.open(source, entry, reader)?;
        let failed = |error: RecordsError| match error {
            RecordsError::Io(error) => unreadable_entry(source, entry, &error),
            RecordsError::Damaged { line, reason } => Stop::Failed(ImportError::Damaged {
                place: place(entry, line),
                reason: printable(&reason),
            }),
        };
        let mut records = Records::open(content).map_err(failed)?;
        let mut reader = EventReader::default();
        let mut batch = Batch {
            start: known,
            ..Batch::default()
        };
        let mut boundary = None;
        let mut checkpoint = None;
        let mut count = 0_u64;
        let end = loop {
            let record = match records.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => break Ok(()),
                Err(error) => break Err(failed(error)),
            };
            let (line, is_terminated) = (record.line, record.is_terminated);
            let bytes = records.content.bytes();
            let is_known = bytes <= known;
            match reader.read(record) {
                Ok(_) if is_known => self.summary.already_stored += 1,
                Ok(read) => {
                    batch.events.push((line, read.has_time, read.event));
                    self.note_ignored(read.ignored_fields);
                }
                Err(reason) => self.skip(entry, line, &reason),
            }
            if is_terminated && !is_known {
                boundary = Some(Boundary {
                    bytes,
                    hasher: records.content.hasher().clone(),
                });
            }
            count += 1;
            let is_full = batch.events.len() >= self.batch_events
                || bytes.saturating_sub(batch.start) >= BATCH_BYTES;
            if is_full && !is_known {
                self.store(entry, &mut batch, boundary.take(), &mut checkpoint)?;
                batch.start = bytes;
            }
            if is_full || count.is_multiple_of(RECORDS_PER_REPORT) {
                self.report(!is_known)?;
            }
        };
        self.store(entry, &mut batch, boundary, &mut checkpoint)?;
        // What was read before an error is stored.
        end?;
        self.report(true)
    }

    /// Stores a batch with the position up to which the content is then imported, in one transaction.
    fn store(
        &mut self,
        entry: Option<&str>,
        batch: &mut Batch,
        boundary: Option<Boundary>,
        checkpoint: &mut Option<ContentDigest>,
    ) -> Result<(), StoreError> {
        let events = std::mem::take(&mut batch.events);
        let next = boundary.map(|boundary| ImportCheckpoint {
            digest: content::digest(&boundary.hasher),
            bytes: boundary.bytes,
            replaces: *checkpoint,
        });
        if events.is_empty() && next.is_none() {
            return Ok(());
        }
        *checkpoint = next.as_ref().map(|next| next.digest).or(*checkpoint);
        let outcomes = self.project.write_blocking(move |draft| {
            let outcomes: Vec<_> = events
                .into_iter()
                .map(|(line, has_time, event)| {
                    let (events, warnings) = (draft.recorded_events(), draft.warnings().len());
                    draft.ingest(event);
                    let warning = draft.warnings().get(warnings);
                    let outcome = match warning {
                        _ if draft.recorded_events() > events => Outcome::Imported {
                            with_warning: warning.is_some(),
                        },
                        Some(warning) => Outcome::Refused(warning.kind),
                        None => Outcome::AlreadyStored,
                    };
                    (line, has_time, outcome)
                })
                .collect();
            if let Some(next) = next {
                draft.record_import(next);
            }
            outcomes
        })?;
        for (line, has_time, outcome) in outcomes {
            match outcome {
                Outcome::Imported { with_warning } => {
                    self.summary.imported += 1;
                    self.summary.with_warning += u64::from(with_warning);
                    self.summary.without_time += u64::from(!has_time);
                }
                Outcome::AlreadyStored => self.summary.already_stored += 1,
                Outcome::Refused("invalid_event_when_process_person_profile_is_false") => self
                    .skip(
                        entry,
                        line,
                        "this event is about a person, but its $process_person_profile is false",
                    ),
                Outcome::Refused(kind) => {
                    let reason = format!("refused with the ingestion warning {kind}");
                    self.skip(entry, line, &reason);
                }
            }
        }
        Ok(())
    }

    fn skip(&mut self, entry: Option<&str>, line: u64, reason: &str) {
        self.summary.skipped += 1;
        self.observer
            .skipped(place(entry, line), &printable(reason));
    }

    fn note_ignored(&mut self, fields: Vec<String>) {
        let ignored = &mut self.summary.ignored_fields;
        for field in fields {
            let field = printable(&field);
            let is_listed = ignored.len() < MAX_IGNORED_FIELDS || ignored.contains_key(&field);
            let field = if is_listed { field } else { "…".into() };
            *ignored.entry(field).or_default() += 1;
        }
    }

    fn report(&mut self, is_importing: bool) -> Result<(), Stop> {
        let progress = ImportProgress {
            is_importing,
            bytes: self.bytes_before + self.count.get(),
            total_bytes: self.total_bytes,
            imported: self.summary.imported,
        };
        match self.observer.progress(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Interrupted),
        }
    }
}

/// Reads events, and names those that came without a UUID.
#[derive(Default)]
struct EventReader {
    /// How many events with a fingerprint came before. The first eight bytes tell them apart well enough: two
    /// that agree in these only would be numbered together, and still have different UUIDs.
    earlier: HashMap<u64, u32>,
}

impl EventReader {
    fn read(&mut self, record: Record) -> Result<ImportedEvent, String> {
        let mut read = read_event(record.item?, now())?;
        if let Some(fingerprint) = &read.fingerprint {
            let key = fingerprint.first_chunk().copied().unwrap_or_default();
            let earlier = self.earlier.entry(u64::from_be_bytes(key)).or_default();
            read.event.uuid = derived_uuid(fingerprint, *earlier);
            *earlier += 1;
        }
        Ok(read)
    }
}

fn place(entry: Option<&str>, line: u64) -> Place {
    Place {
        entry: entry.map(str::to_owned),
        line,
    }
}

fn name_of(source: &ImportSource, entry: Option<&str>) -> String {
    match entry {
        Some(entry) => format!("{entry} in {source}"),
        None => source.to_string(),
    }
}

fn unreadable(source: &ImportSource, error: &io::Error) -> Stop {
    unreadable_entry(source, None, error)
}

fn unreadable_entry(source: &ImportSource, entry: Option<&str>, error: &io::Error) -> Stop {
    Stop::Failed(ImportError::Unreadable {
        source_name: name_of(source, entry),
        reason: error.to_string(),
    })
}

/// Text of a file as it can be shown in a terminal: without control characters, and not too long.
fn printable(text: &str) -> String {
    const MAX_SHOWN: usize = 300;
    let shown = text.chars().take(MAX_SHOWN);
    shown
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
