//! `persons-server import`

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use persons_server::import::{
    Import as Importer, ImportObserver, ImportProgress, ImportSource, Place,
};
use persons_server::project::Project;

use super::{Data, Failure};

/// The most skipped records that are printed.
const MAX_PRINTED: u64 = 20;
/// Time between two updates of the progress line in a terminal.
const TERMINAL_INTERVAL: Duration = Duration::from_millis(200);
/// Time between two progress lines elsewhere.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

#[derive(Args, Debug)]
pub struct Import {
    /// The file, or - for standard input. Its content tells its format: JSON lines, a JSON array, or CSV; plain, gzipped, or in a zip archive.
    file: PathBuf,
    #[command(flatten)]
    data: Data,
}

impl Import {
    pub fn run(self) -> Result<(), Failure> {
        let source = if self.file.as_os_str() == "-" {
            ImportSource::Stdin
        } else {
            ImportSource::File(self.file)
        };
        let project = Project::open(&self.data.storage(), None)?;
        let started = Instant::now();
        let mut console = Console::new(watch_for_interrupt()?);
        let mut import = Importer::new(&project, &mut console);
        let result = import.run(&source);
        let summary = import.summary().clone();
        console.finish(summary.skipped);
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{} imported, {} already there, {} skipped, in {seconds:.1} s ({} per second). The project now has {}.",
            counted(summary.imported, "event", "events"),
            grouped(summary.already_stored),
            grouped(summary.skipped),
            grouped((summary.imported as f64 / seconds.max(0.001)) as u64),
            counted(project.read().len() as u64, "person", "people"),
        );
        if summary.with_warning > 0 {
            println!(
                "{} left an ingestion warning: a merge was refused, or properties were left out.",
                counted(summary.with_warning, "event", "events")
            );
        }
        if summary.without_time > 0 {
            println!(
                "{} without a timestamp got the time of the import.",
                counted(summary.without_time, "event", "events")
            );
        }
        if !summary.ignored_fields.is_empty() {
            let fields: Vec<_> = summary
                .ignored_fields
                .iter()
                .map(|(name, count)| format!("{name} ({})", grouped(*count)))
                .collect();
            println!(
                "These fields are not part of an event and were not imported: {}.",
                fields.join(", ")
            );
        }
        for entry in &summary.ignored_entries {
            println!("{entry} holds no events and was not read.");
        }
        result?;
        if summary.is_interrupted {
            return Err("Interrupted. Run the same command again to continue.".into());
        }
        if summary.skipped > 0 {
            return Err(format!(
                "{} skipped. Correct what the messages above name and import the file again; what is stored already stays as it is.",
                counted(summary.skipped, "record was", "records were")
            )
            .into());
        }
        Ok(())
    }
}

/// Notes when Ctrl-C is pressed, so that the import can end between two batches and say what it did. Pressed
/// twice, it ends the process at once, which loses nothing either.
fn watch_for_interrupt() -> Result<Arc<AtomicBool>, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let shared = interrupted.clone();
    ctrlc::set_handler(move || {
        if shared.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })?;
    Ok(interrupted)
}

/// Shows an import on standard error.
struct Console {
    is_terminal: bool,
    interrupted: Arc<AtomicBool>,
    started: Instant,
    shown: Option<Instant>,
    /// When events began to be stored, and how many bytes had been read by then.
    importing_since: Option<(Instant, u64)>,
    printed: u64,
}

impl Console {
    fn new(interrupted: Arc<AtomicBool>) -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
            interrupted,
            started: Instant::now(),
            shown: None,
            importing_since: None,
            printed: 0,
        }
    }

    /// Removes the progress line, and says how many skipped records were not listed.
    fn finish(&mut self, skipped: u64) {
        self.clear();
        if skipped > self.printed {
            let more = skipped - self.printed;
            eprintln!("… and {} more.", counted(more, "record", "records"));
        }
    }

    fn clear(&self) {
        if self.is_terminal && self.shown.is_some() {
            eprint!("\r\x1b[2K");
        }
    }
}

impl ImportObserver for Console {
    fn progress(&mut self, progress: ImportProgress) -> ControlFlow<()> {
        if self.interrupted.load(Ordering::SeqCst) {
            return ControlFlow::Break(());
        }
        let now = Instant::now();
        if progress.is_importing && self.importing_since.is_none() {
            self.importing_since = Some((now, progress.bytes));
        }
        let interval = if self.is_terminal {
            TERMINAL_INTERVAL
        } else {
            LINE_INTERVAL
        };
        if now.duration_since(self.shown.unwrap_or(self.started)) < interval {
            return ControlFlow::Continue(());
        }
        let (since, bytes_before) = self.importing_since.unwrap_or((now, progress.bytes));
        let line = describe(
            progress,
            now.duration_since(since),
            progress.bytes.saturating_sub(bytes_before),
        );
        if self.is_terminal {
            eprint!("\r\x1b[2K{line}");
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
        self.shown = Some(now);
        ControlFlow::Continue(())
    }

    fn skipped(&mut self, place: Place, reason: &str) {
        if self.printed < MAX_PRINTED {
            self.clear();
            eprintln!("{place} skipped: {reason}.");
            self.printed += 1;
        }
    }
}

/// The progress in words. `elapsed` and `bytes` are those since events began to be stored.
fn describe(progress: ImportProgress, elapsed: Duration, bytes: u64) -> String {
    let mut line = String::new();
    if let Some(total) = progress.total_bytes.filter(|total| *total > 0) {
        let percent = (progress.bytes.min(total) as f64 / total as f64 * 100.0) as u64;
        let _ = write!(line, "{percent:>3} %  ");
    }
    if !progress.is_importing {
        line.push_str("looking for what is imported already");
        return line;
    }
    let seconds = elapsed.as_secs_f64();
    line.push_str(&counted(progress.imported, "event", "events"));
    if seconds > 0.0 {
        let rate = (progress.imported as f64 / seconds) as u64;
        let _ = write!(line, "  {}/s", grouped(rate));
        if let Some(total) = progress.total_bytes.filter(|_| bytes > 0) {
            let left = total.saturating_sub(progress.bytes) as f64 / bytes as f64 * seconds;
            let _ = write!(line, "  {} left", duration(left.ceil() as u64));
        }
    }
    line
}

/// A duration in its two largest units.
fn duration(seconds: u64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    if hours > 0 {
        format!("{hours} h {} min", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes} min {} s", seconds % 60)
    } else {
        format!("{seconds} s")
    }
}

/// A number with its noun.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(bytes: u64, total_bytes: Option<u64>, imported: u64) -> ImportProgress {
        ImportProgress {
            is_importing: true,
            bytes,
            total_bytes,
            imported,
        }
    }

    #[test]
    fn the_progress_line_shows_rate_and_time_left() {
        let line = describe(
            progress(600, Some(1_000), 120_000),
            Duration::from_secs(60),
            300,
        );
        assert_eq!(line, " 60 %  120,000 events  2,000/s  1 min 20 s left");
        let line = describe(progress(600, None, 1), Duration::from_secs(1), 600);
        assert_eq!(line, "1 event  1/s");
        let line = describe(progress(0, Some(0), 0), Duration::ZERO, 0);
        assert_eq!(line, "0 events");
    }

    #[test]
    fn durations_and_numbers_are_readable() {
        let durations = [0, 59, 60, 3_599, 3_600, 90_000].map(duration);
        assert_eq!(
            durations,
            [
                "0 s",
                "59 s",
                "1 min 0 s",
                "59 min 59 s",
                "1 h 0 min",
                "25 h 0 min"
            ]
        );
        let numbers = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }
}
