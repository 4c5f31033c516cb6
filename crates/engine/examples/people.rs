//! The bench's people: `people memory` loads them and prints what they take, `people lines` prints them
//! as JSON lines for the peers.

use std::io::Write;

#[path = "../benches/data.rs"]
mod data;

const PEOPLE: u64 = 100_000;

fn main() -> std::io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("lines") => {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            for line in data::json_lines(PEOPLE) {
                writeln!(out, "{line}")?;
            }
            out.flush()
        }
        _ => {
            let before = resident();
            let people = data::people(PEOPLE);
            println!(
                "{} people with 15 properties each: {} MB resident, {before} MB of it before they were loaded",
                people.len(),
                resident()
            );
            Ok(())
        }
    }
}

/// Megabytes of this process that are in memory now (Linux; elsewhere 0). The text people are made of
/// while loading is freed but may still be counted.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}
