//! Whatever a file is called, however it is written, and wherever an import of it is interrupted: the same events are
//! stored, each once.

use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use persons_api::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::store::StoredEvent;

/// Writes a new file. The name ends with a number, so that tests do not meet.
fn file(content: impl AsRef<[u8]>) -> ImportSource {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("persons-import-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, content).expect("written");
    ImportSource::File(path)
}

fn rewrite(source: &ImportSource, content: impl AsRef<[u8]>) {
    let ImportSource::File(path) = source else {
        panic!("not a file");
    };
    std::fs::write(path, content).expect("written");
}

/// Keeps what is reported, and stops after a number of reports.
struct Recorder {
    skipped: Vec<String>,
    reports_left: usize,
}

impl ImportObserver for Recorder {
    fn progress(&mut self, _: ImportProgress) -> ControlFlow<()> {
        if self.reports_left == 0 {
            return ControlFlow::Break(());
        }
        self.reports_left -= 1;
        ControlFlow::Continue(())
    }

    fn skipped(&mut self, place: Place, reason: &str) {
        self.skipped.push(format!("{place}: {reason}"));
    }
}

struct Outcome {
    summary: ImportSummary,
    skipped: Vec<String>,
    error: Option<String>,
}

impl Outcome {
    /// Imported, stored already, and skipped.
    fn counts(&self) -> (u64, u64, u64) {
        let ImportSummary {
            imported,
            already_stored,
            skipped,
            ..
        } = self.summary;
        (imported, already_stored, skipped)
    }
}

fn import_in_batches(
    project: &Project,
    source: &ImportSource,
    batch_events: usize,
    reports: usize,
) -> Outcome {
    let mut recorder = Recorder {
        skipped: Vec::new(),
        reports_left: reports,
    };
    let mut import = Import::new(project, &mut recorder);
    import.batch_events = batch_events;
    let error = import.run(source).err().map(|error| error.to_string());
    let summary = import.summary().clone();
    Outcome {
        summary,
        skipped: recorder.skipped,
        error,
    }
}

fn import(project: &Project, source: &ImportSource) -> Outcome {
    import_in_batches(project, source, BATCH_EVENTS, usize::MAX)
}

fn project() -> Project {
    Project::in_memory().expect("opens")
}

fn stored(project: &Project) -> Vec<StoredEvent> {
    let numbers: Vec<i64> = (1..=1_000).collect();
    let store = project.archive().lock();
    store.events(&numbers).expect("reads")
}

/// The distinct ids of the stored events, in order.
fn ids(project: &Project) -> Vec<String> {
    let events = stored(project).into_iter();
    events.map(|event| event.distinct_id).collect()
}

fn line(id: &str) -> String {
    format!("{{\"event\":\"e\",\"distinct_id\":\"{id}\"}}\n")
}

fn lines(ids: &[&str]) -> String {
    ids.iter().map(|id| line(id)).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("compresses");
    encoder.finish().expect("compresses")
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("starts");
        writer.write_all(content).expect("writes");
    }
    writer.finish().expect("finishes").into_inner()
}

#[test]
fn another_file_under_the_same_name_is_imported_from_its_beginning() {
    let project = project();
    let source = file(lines(&["a", "b", "c"]));
    assert_eq!(import(&project, &source).counts(), (3, 0, 0));
    // Larger than the file before: its first lines must not be taken for known.
    rewrite(&source, lines(&["k", "l", "m", "n", "o"]));
    assert_eq!(import(&project, &source).counts(), (5, 0, 0));
    // Smaller.
    rewrite(&source, lines(&["x"]));
    assert_eq!(import(&project, &source).counts(), (1, 0, 0));
    assert_eq!(ids(&project), ["a", "b", "c", "k", "l", "m", "n", "o", "x"]);
}

#[test]
fn the_same_content_under_another_name_changes_nothing() {
    let project = project();
    let content = lines(&["a", "a", "b"]);
    assert_eq!(import(&project, &file(&content)).counts(), (3, 0, 0));
    assert_eq!(import(&project, &file(&content)).counts(), (0, 3, 0));
    let compressed = file(gzip(content.as_bytes()));
    assert_eq!(import(&project, &compressed).counts(), (0, 3, 0));
    assert_eq!(ids(&project), ["a", "a", "b"]);
}

#[test]
fn a_file_that_has_grown_continues_after_what_is_known() {
    let project = project();
    let source = file(lines(&["a", "b"]));
    import(&project, &source);
    rewrite(&source, lines(&["a", "b", "a", "c"]));
    assert_eq!(import(&project, &source).counts(), (2, 2, 0));
    assert_eq!(ids(&project), ["a", "b", "a", "c"]);
}

#[test]
fn a_last_line_that_was_cut_off_is_read_again_when_it_is_complete() {
    let project = project();
    let source = file("event,distinct_id\ne,a\ne,ad");
    assert_eq!(import(&project, &source).counts(), (2, 0, 0));
    rewrite(&source, "event,distinct_id\ne,a\ne,ada\n");
    assert_eq!(import(&project, &source).counts(), (1, 1, 0));
    assert_eq!(ids(&project), ["a", "ad", "ada"]);
}

#[test]
fn skipped_lines_are_named_and_can_be_corrected() {
    let project = project();
    let source = file(format!("{}{{\"event\":\"e\"}}\n\n{}", line("a"), line("b")));
    let first = import(&project, &source);
    assert_eq!(first.counts(), (2, 0, 1));
    assert_eq!(
        first.skipped,
        ["Line 2: event submitted without a distinct_id"]
    );
    // A second run says so again.
    let second = import(&project, &source);
    assert_eq!((second.counts(), second.skipped.len()), ((0, 2, 1), 1));
    rewrite(&source, lines(&["a", "corrected", "b"]));
    assert_eq!(import(&project, &source).counts(), (1, 2, 0));
    assert_eq!(ids(&project), ["a", "b", "corrected"]);
}

#[test]
fn faults_are_reported_with_their_lines() {
    let deep = format!("{}1{}", "[".repeat(64), "]".repeat(64));
    let long = "x".repeat(201);
    for (record, fault) in [
        (
            "{\"event\":",
            "not valid JSON: EOF while parsing a value at column 9",
        ),
        ("[1]", "not a JSON object"),
        (
            r#"{"distinct_id":"a"}"#,
            "event submitted with an empty event name",
        ),
        (r#"{"event":"e"}"#, "event submitted without a distinct_id"),
        (
            r#"{"event":"e","distinct_id":"a","uuid":"x"}"#,
            "uuid is not a UUID",
        ),
        (
            r#"{"event":"e","distinct_id":"a","timestamp":"yesterday"}"#,
            "timestamp \"yesterday\" is not a time like 2026-05-01T12:00:00Z",
        ),
        (
            r#"{"event":"e","distinct_id":"a","timestamp":1700000000}"#,
            "timestamp 1700000000 is not text like 2026-05-01T12:00:00Z",
        ),
        (
            r#"{"event":"e","distinct_id":"a","timestamp":"2999-01-01"}"#,
            "timestamp 2999-01-01T00:00:00Z is in the future",
        ),
        (
            r#"{"event":"e","distinct_id":"a","properties":7}"#,
            "properties is not an object",
        ),
        (
            r#"{"event":"e","distinct_id":"a","$set":7}"#,
            "$set is not an object",
        ),
        (
            format!(r#"{{"event":"e","distinct_id":"a","properties":{{"x":{deep}}}}}"#).as_str(),
            "not valid JSON: nested deeper than 64 levels at column 106",
        ),
        (
            format!(r#"{{"event":"e","distinct_id":"{long}"}}"#).as_str(),
            "distinct_id is longer than 200 characters",
        ),
        (
            format!(
                r#"{{"event":"e","distinct_id":"a","properties":{{"x":"{}"}}}}"#,
                "x".repeat(MAX)
            )
            .as_str(),
            "longer than 1048576 bytes",
        ),
        (
            r#"{"event":"$identify","distinct_id":"a","properties":{"$process_person_profile":false}}"#,
            "this event is about a person, but its $process_person_profile is false",
        ),
    ] {
        let project = project();
        let source = file(format!("{}\n\n{record}\n{}", line("a"), line("b")));
        let outcome = import(&project, &source);
        let expected = vec![format!("Line 4: {fault}")];
        // The parser words its reasons; the place is ours.
        if fault.contains("nested deeper") {
            assert!(
                outcome.skipped[0].contains("Line 4: ")
                    && outcome.skipped[0].contains("nested deeper than 64 levels"),
                "{:?}",
                outcome.skipped
            );
        } else {
            assert_eq!(outcome.skipped, expected);
        }
        assert_eq!(outcome.counts(), (2, 0, 1), "{fault}");
    }
}

const MAX: usize = records::MAX_RECORD;

#[test]
fn lines_of_csv_are_counted_with_blank_lines_and_quoted_line_breaks() {
    for line_break in ["\n", "\r\n", "\r"] {
        let rows = [
            "\u{feff}event,distinct_id,note",
            "",
            "e,a,\"two",
            "lines\"",
            "",
            "",
            "e,,7",
            "e,b",
            "e,c,",
        ];
        let project = project();
        let outcome = import(&project, &file(rows.join(line_break)));
        assert_eq!(
            outcome.skipped,
            [
                "Line 7: event submitted without a distinct_id",
                "Line 8: 2 cells, but the header has 3"
            ],
            "{line_break:?}"
        );
        let events = stored(&project);
        assert_eq!(
            events[0].properties["note"],
            format!("two{line_break}lines")
        );
        assert_eq!(ids(&project), ["a", "c"]);
    }
}

#[test]
fn equal_records_are_different_events_with_any_line_break() {
    for line_break in ["\n", "\r\n"] {
        let project = project();
        let csv = ["event,distinct_id", "e,a", "e,a", "e,a"].join(line_break);
        assert_eq!(import(&project, &file(csv)).counts(), (3, 0, 0));
        let json = lines(&["b", "b"]).replace('\n', line_break);
        assert_eq!(import(&project, &file(json)).counts(), (2, 0, 0));
        assert_eq!(ids(&project), ["a", "a", "a", "b", "b"]);
    }
}

#[test]
fn csv_columns_are_fields_or_properties() {
    let project = project();
    let csv = "event,distinct_id,properties,plan\n$set,ada,\"{\"\"$set\"\":{\"\"vip\"\":true}}\",pro\ne,\"b,en\",,\n";
    assert_eq!(import(&project, &file(csv)).counts(), (2, 0, 0));
    let people = project.read();
    let ada = people.by_distinct_id("ada").expect("is there");
    assert_eq!(ada.property("vip").map(|value| value.text), Some("true"));
    assert!(people.by_distinct_id("b,en").is_some());
    drop(people);
    assert_eq!(stored(&project)[0].properties["plan"], "pro");
}

#[test]
fn csv_headers_that_lose_values_are_refused() {
    for (header, reason) in [
        ("event,distinct_id,plan,plan", "two columns \"plan\""),
        ("event,id", "a column \"distinct_id\""),
        ("event;distinct_id", "separate columns with commas"),
        ("event,distinct_id,\"plan", "a quoted cell is not closed"),
    ] {
        let project = project();
        let error = import(&project, &file(format!("\n{header}\ne,a,1,2\n"))).error;
        let error = error.expect("refused");
        assert!(
            error.starts_with("Line 2: ") && error.contains(reason),
            "{error}"
        );
        assert_eq!(ids(&project).len(), 0);
    }
}

#[test]
fn a_quote_that_is_not_closed_ends_the_import_at_its_line() {
    let project = project();
    let source = file("event,distinct_id\ne,a\ne,\"b\ne,c\n");
    let outcome = import(&project, &source);
    assert_eq!(
        outcome.error.as_deref(),
        Some(
            "Line 3: a quoted cell is not closed before the end of the file. Nothing from this line on is imported; \
             correct it and run the import again."
        )
    );
    rewrite(&source, "event,distinct_id\ne,a\ne,\"b\"\ne,c\n");
    assert_eq!(import(&project, &source).counts(), (2, 1, 0));
}

#[test]
fn json_arrays_are_read_element_by_element() {
    let project = project();
    let source = file(format!(
        "\u{feff}[\n{},\n7,\n{{\"event\":\"]}},{{[\\\"\",\"distinct_id\":\"b\"}}]\n",
        line("a")
    ));
    let outcome = import(&project, &source);
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.skipped, ["Line 4: not a JSON object"]);
    assert_eq!(stored(&project)[1].name, "]},{[\"");
    for (text, reason) in [
        ("[", "the JSON array that begins on line 1 is not closed"),
        (format!("[{}", line("a")).as_str(), "is not closed"),
        (format!("[{}] x", line("a")).as_str(), "more after the end"),
    ] {
        let error = import(&project, &file(text)).error.expect("refused");
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn archives_are_imported_file_by_file() {
    let project = project();
    let csv = "event,distinct_id\ne,c\ne\n";
    let archive = zip(&[
        ("../z.jsonl", lines(&["a"]).as_bytes()),
        ("__MACOSX/._z.jsonl", b"\0\x05"),
        ("folder/b.jsonl.gz", &gzip(lines(&["b"]).as_bytes())),
        ("c.csv", csv.as_bytes()),
    ]);
    let outcome = import(&project, &file(archive));
    assert_eq!(outcome.error, None);
    assert_eq!(outcome.counts(), (3, 0, 1));
    assert_eq!(
        outcome.skipped,
        ["c.csv, line 3: 1 cells, but the header has 2"]
    );
    assert_eq!(outcome.summary.ignored_entries, ["__MACOSX/._z.jsonl"]);
    assert_eq!(ids(&project), ["a", "b", "c"]);
    // The files themselves are known now.
    assert_eq!(import(&project, &file(csv)).counts(), (0, 1, 1));
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let text = lines(&["a"]);
    let truncated = &gzip(text.repeat(50).as_bytes())[..40];
    let nested = zip(&[("inner.zip", &zip(&[("a.jsonl", text.as_bytes())]))]);
    for (content, reason) in [
        (
            &b"\xff\xfee\0v\0"[..],
            "it is encoded as UTF-16; save it as UTF-8",
        ),
        (&b"PAR1...."[..], "export it as JSON lines or CSV"),
        (&b"\x28\xb5\x2f\xfd...."[..], "zstd"),
        (&b"PK\x03\x04 is not a zip archive"[..], "cannot be read"),
        (&gzip(&gzip(text.as_bytes()))[..], "it is compressed twice"),
        (truncated, "cannot be read"),
        (&nested[..], "inner.zip in "),
    ] {
        let error = import(&project(), &file(content)).error.expect("refused");
        assert!(error.contains(reason), "{error}");
    }
    let missing = ImportSource::File("/nonexistent/events.jsonl".into());
    let error = import(&project(), &missing).error.expect("refused");
    assert!(
        error.starts_with("/nonexistent/events.jsonl cannot be read"),
        "{error}"
    );
}

#[test]
fn a_record_of_any_length_needs_bounded_memory() {
    const LENGTH: u64 = 16 << 20;
    for (start, end) in [
        ("{\"event\":\"", "\"}\n{}\n"),
        ("[{\"event\":\"", "\"},\n{}]"),
        ("event,distinct_id\n\"", "\",a\ne,a\n"),
        ("event,distinct_id\n", ",a\ne,a\n"),
    ] {
        let text = start
            .as_bytes()
            .chain(io::repeat(b'x').take(LENGTH))
            .chain(end.as_bytes());
        // As a decompressor would give it.
        let content = Content::new(Box::new(BufReader::new(text)));
        let mut records = Records::open(content).map_err(|_| ()).expect("opens");
        let mut next = || {
            let record = records.next_record().map_err(|_| ()).expect("is read");
            let record = record.expect("there is another one");
            (record.item.err(), records.buffer.capacity())
        };
        let (reason, capacity) = next();
        assert_eq!(reason.as_deref(), Some("longer than 1048576 bytes"));
        assert!(capacity <= 2 * MAX, "{capacity}");
        assert_eq!(next().0, None, "{start}");
    }
}

#[test]
fn a_row_of_too_many_cells_is_skipped() {
    let project = project();
    let csv = format!("event,distinct_id\n{}\ne,a\n", ",".repeat(3 << 20));
    let outcome = import(&project, &file(csv));
    assert_eq!(outcome.skipped, ["Line 2: more than 10000 cells"]);
    assert_eq!(ids(&project), ["a"]);
}

#[test]
fn events_with_a_uuid_count_once_and_others_by_content() {
    let project = project();
    let uuid = "018f5c2e-0000-7000-8000-000000000001";
    let event = format!("{{\"event\":\"e\",\"distinct_id\":\"a\",\"uuid\":\"{uuid}\"}}\n");
    assert_eq!(import(&project, &file(event.repeat(2))).counts(), (1, 1, 0));
    // The order of keys and spaces do not matter.
    let first = file("{\"event\":\"x\",\"distinct_id\":\"a\",\"properties\":{\"b\":1,\"c\":2}}");
    assert_eq!(import(&project, &first).counts(), (1, 0, 0));
    let again =
        file("{\"properties\": {\"c\": 2, \"b\": 1}, \"distinct_id\": \"a\", \"event\": \"x\"}");
    assert_eq!(import(&project, &again).counts(), (0, 1, 0));
}

#[test]
fn fields_and_times_that_are_not_there_are_reported() {
    let project = project();
    let source = file(concat!(
        "{\"event\":\"e\",\"distinct_id\":\"a\",\"person\":{},\"elements\":null}\n",
        "{\"event\":\"e\",\"distinct_id\":\"b\",\"timestamp\":\"2026-05-01\",\"person\":{}}\n",
    ));
    let summary = import(&project, &source).summary;
    assert_eq!(summary.without_time, 1);
    assert_eq!(
        summary.ignored_fields,
        BTreeMap::from([("person".to_owned(), 2)])
    );
}

#[test]
fn refused_merges_are_counted() {
    let project = project();
    let identify = |id: &str, other: &str| {
        format!(
            "{{\"event\":\"$identify\",\"distinct_id\":\"{id}\",\"properties\":{{\"$anon_distinct_id\":\"{other}\"}}}}\n"
        )
    };
    let text = [
        identify("ada", "x"),
        identify("ben", "y"),
        identify("ada", "ben"),
    ]
    .concat();
    let outcome = import(&project, &file(text));
    assert_eq!(outcome.counts(), (3, 0, 0));
    assert_eq!(outcome.summary.with_warning, 1);
}

#[test]
fn a_full_disk_stops_the_import_where_it_can_continue() {
    let project = project();
    let filler = "x".repeat(2_000);
    let content: String = (0..200)
        .map(|n| format!("{{\"event\":\"e\",\"distinct_id\":\"{n}\",\"properties\":{{\"x\":\"{filler}\"}}}}\n"))
        .collect();
    let source = file(content);
    project.side_store().lock().limit_size(100).expect("limits");
    let full = import_in_batches(&project, &source, 10, usize::MAX);
    assert!(full.error.expect("full").contains("disk"));
    let imported = full.summary.imported;
    assert!((1..200).contains(&imported), "{imported}");
    project
        .side_store()
        .lock()
        .limit_size(1 << 20)
        .expect("limits");
    let rest = import_in_batches(&project, &source, 10, usize::MAX);
    assert_eq!(rest.counts(), (200 - imported, imported, 0));
    let expected: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    assert_eq!(ids(&project), expected);
}

#[test]
fn one_checkpoint_is_kept_for_each_file() {
    let project = project();
    let source = file(lines(&["a", "b", "c", "d"]));
    let first = import_in_batches(&project, &source, 2, 1);
    assert!(first.summary.is_interrupted);
    assert_eq!(first.counts(), (4, 0, 0));
    let checkpoints = project
        .side_store()
        .lock()
        .import_checkpoints()
        .expect("reads");
    assert_eq!(checkpoints.len(), 1);
    assert_eq!(checkpoints[0].0, lines(&["a", "b", "c", "d"]).len() as u64);
}

/// An event of a random file.
#[derive(Clone, Debug)]
struct Spec {
    event: &'static str,
    id: String,
    minute: u32,
    uuid: Option<u8>,
    text: String,
    blank_lines: usize,
}

impl Spec {
    fn timestamp(&self) -> String {
        format!("2026-05-01T10:{:02}:00Z", self.minute)
    }

    fn uuid(&self) -> Option<String> {
        self.uuid
            .map(|n| format!("018f5c2e-0000-7000-8000-0000000000{n:02x}"))
    }

    fn properties(&self) -> Value {
        if self.text.is_empty() {
            json!({})
        } else {
            json!({"text": self.text, "$set": {"last": self.text}})
        }
    }
}

fn spec() -> impl Strategy<Value = Spec> {
    (
        prop::sample::select(vec!["e", "$set", "page,view"]),
        "[ab\" ,é]{0,2}[ab]",
        0..3_u32,
        prop::option::weighted(0.3, 0..4_u8),
        "[x,\"\r\n é{}\\[\\]\\\\]{0,6}",
        0..2_usize,
    )
        .prop_map(|(event, id, minute, uuid, text, blank_lines)| Spec {
            event,
            id,
            minute,
            uuid,
            text,
            blank_lines,
        })
}

/// How a list of events is written.
#[derive(Clone, Copy, Debug)]
struct Writing {
    format: usize,
    is_crlf: bool,
    has_mark: bool,
    container: usize,
}

fn writing() -> impl Strategy<Value = Writing> {
    (0..3_usize, any::<bool>(), any::<bool>(), 0..3_usize).prop_map(
        |(format, is_crlf, has_mark, container)| Writing {
            format,
            is_crlf,
            has_mark,
            container,
        },
    )
}

fn write(specs: &[Spec], writing: Writing) -> Vec<u8> {
    let line_break = if writing.is_crlf { "\r\n" } else { "\n" };
    let mut text = String::new();
    if writing.has_mark {
        text.push('\u{feff}');
    }
    text.push_str(["", "[", "event,uuid,distinct_id,properties,timestamp"][writing.format]);
    text.push_str(line_break);
    let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
    for (index, spec) in specs.iter().enumerate() {
        text.push_str(&line_break.repeat(spec.blank_lines));
        if writing.format == 2 {
            let cells = [
                spec.event,
                &spec.uuid().unwrap_or_default(),
                &spec.id,
                &spec.properties().to_string(),
                &spec.timestamp(),
            ];
            text.push_str(&cells.map(quoted).join(","));
        } else {
            let mut item =
                json!({"event": spec.event, "distinct_id": spec.id, "timestamp": spec.timestamp()});
            if let Some(uuid) = spec.uuid() {
                item["uuid"] = uuid.into();
            }
            if !spec.text.is_empty() {
                item["properties"] = spec.properties();
            }
            text.push_str(&item.to_string());
            if writing.format == 1 && index + 1 < specs.len() {
                text.push(',');
            }
        }
        text.push_str(line_break);
    }
    if writing.format == 1 {
        text.push(']');
    }
    match writing.container {
        0 => text.into_bytes(),
        1 => gzip(text.as_bytes()),
        _ => zip(&[("events", text.as_bytes())]),
    }
}

/// What must be stored, in order: each event once, those without a UUID each time.
fn expected(specs: &[Spec]) -> Vec<(String, String, Timestamp, Value)> {
    let mut seen = Vec::new();
    let mut events = Vec::new();
    for spec in specs {
        let key = (spec.uuid, spec.event, spec.id.as_str());
        if spec.uuid.is_some() && seen.contains(&key) {
            continue;
        }
        seen.push(key);
        events.push((
            spec.event.to_owned(),
            spec.id.clone(),
            Timestamp::parse(&spec.timestamp()).expect("a time"),
            spec.properties(),
        ));
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_way_of_writing_and_any_interruption_stores_the_same(
        specs in prop::collection::vec(spec(), 0..14),
        first in writing(),
        second in writing(),
        batch in 1..4_usize,
        stops in prop::collection::vec(0..6_usize, 0..4),
    ) {
        let direct = project();
        let plain = Writing { format: 0, is_crlf: false, has_mark: false, container: 0 };
        import(&direct, &file(write(&specs, plain)));

        let interrupted = project();
        let source = file(write(&specs, first));
        for reports in stops {
            let outcome = import_in_batches(&interrupted, &source, batch, reports);
            prop_assert_eq!(outcome.error, None);
        }
        let last = import_in_batches(&interrupted, &source, batch, usize::MAX);
        prop_assert_eq!(&last.error, &None);
        prop_assert_eq!(&last.skipped, &Vec::<String>::new());
        let (imported, already, _) = last.counts();
        prop_assert_eq!(imported + already, specs.len() as u64);

        let events = stored(&interrupted);
        let shown: Vec<_> = events
            .iter()
            .map(|event| {
                let properties = Value::Object(event.properties.clone());
                (event.name.clone(), event.distinct_id.clone(), event.timestamp, properties)
            })
            .collect();
        prop_assert_eq!(shown, expected(&specs));
        prop_assert_eq!(&events, &stored(&direct));

        // In another form it is the same again.
        let again = import(&interrupted, &file(write(&specs, second)));
        prop_assert_eq!(again.counts(), (0, specs.len() as u64, 0));
        prop_assert_eq!(events, stored(&direct));
    }
}
