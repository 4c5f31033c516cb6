//! `cargo xtask test`: all suites one after the other, and their sum as the last line.

mod contract;
mod suite;
mod tally;

use anyhow::Result;

pub use suite::{Suite, end_to_end_environment};
use tally::Tally;

use crate::workspace::Workspace;

/// Runs these suites, or all of them when none is named. A suite that fails does not keep the later
/// ones from running. Returns whether everything passed.
pub fn run(workspace: &Workspace, only: &[Suite]) -> Result<bool> {
    let suites = if only.is_empty() { &Suite::ALL } else { only };
    let mut sum = Tally::default();
    for suite in suites {
        eprintln!("\n── {} ──", suite.describe());
        sum += suite.run(workspace).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Tally::CRASH
        });
    }
    if sum.failed > 0 {
        eprintln!("error: fix the failures reported above; `--only` runs one suite again");
    }
    println!("\n{sum}");
    Ok(sum.failed == 0)
}
