//! `persons-server check`

use clap::Args;
use persons_server::project::now;
use persons_server::store::{CheckReport, DamagedRow, Store};

use super::{Data, Failure};

#[derive(Args, Debug)]
pub struct Check {
    #[command(flatten)]
    data: Data,
    /// Move rows that cannot be read into the table `quarantine`. Stop the server first.
    #[arg(long)]
    repair: bool,
}

impl Check {
    pub fn run(self) -> Result<(), Failure> {
        let path = &self.data.data;
        if !path.is_file() {
            return Err(format!("There is no data file {}.", path.display()).into());
        }
        if self.repair {
            let moved = Store::open_existing(path)?.repair(now())?;
            print_rows(&moved);
            println!(
                "Moved {} into the table quarantine.",
                count(moved.len() as u64, "row")
            );
        }
        let report = Store::check(path)?;
        print_rows(&report.rows);
        for problem in &report.problems {
            println!("SQLite: {problem}");
        }
        if report.quarantined > 0 {
            println!(
                "{} in the table quarantine.",
                count(report.quarantined, "row")
            );
        }
        if report.is_sound() {
            println!("{} is sound.", path.display());
            return Ok(());
        }
        Err(advice(&report).into())
    }
}

fn print_rows(rows: &[DamagedRow]) {
    for DamagedRow {
        table, row, reason, ..
    } in rows
    {
        println!("{table}, row {row}: {reason}.");
    }
}

/// What is wrong in one sentence, and what to do.
fn advice(report: &CheckReport) -> String {
    if !report.problems.is_empty() {
        return "Pages of the file are broken; restore a backup, or recover what is left with `sqlite3 FILE .recover`."
            .into();
    }
    format!(
        "{} cannot be read; the server works without them. Stop it and run `persons-server check --repair` to move them away.",
        count(report.damaged, "row")
    )
}

fn count(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
