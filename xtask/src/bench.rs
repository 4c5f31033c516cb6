//! `cargo xtask bench`: our own benches, and on request the same questions put to other databases.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::apt::Apt;
use crate::test::end_to_end_environment;
use crate::workspace::Workspace;
use crate::{cache, process};

/// Pinned, so that two machines compare with the same peers.
const DUCKDB: &str = "2.0.0";
const CHDB: &str = "4.4.0";

/// What the caller chose.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only the page.
    pub page: bool,
    /// Also ask the peers.
    pub peers: bool,
    /// The people the peers are asked about, as JSON lines; `None` is what our benches left.
    pub people: Option<PathBuf>,
}

/// Runs the benches, the page's last, then the peers.
pub fn run(workspace: &Workspace, options: Options) -> Result<()> {
    if options.page {
        return bench_page(workspace);
    }
    let left_by_benches = workspace.target.join("bench").join("people.jsonl");
    let events = workspace.target.join("bench").join("events");
    let mut cargo = process::command("cargo");
    cargo
        .args(["bench", "-p", "persons-engine", "-p", "persons-server"])
        .current_dir(&workspace.root)
        // Where a bench may leave its people, so that all are asked about the same ones.
        .env("PERSONS_BENCH_PEOPLE", &left_by_benches)
        .env("PERSONS_BENCH_EVENTS", &events);
    process::shown("`cargo bench`", &mut cargo)?;
    bench_page(workspace)?;
    if options.peers {
        let people = options.people.unwrap_or(left_by_benches);
        ask_peers(workspace, &people, &events)?;
    }
    Ok(())
}

fn bench_page(workspace: &Workspace) -> Result<()> {
    let mut cargo = process::command("cargo");
    cargo
        .args(["bench", "-p", "persons-e2e", "--bench", "page"])
        .current_dir(&workspace.root);
    end_to_end_environment(workspace, &mut cargo)?;
    process::shown("the bench of the page", &mut cargo)
}

fn ask_peers(workspace: &Workspace, people: &Path, events: &Path) -> Result<()> {
    if !people.is_file() {
        bail!(
            "name a file of people with --people: there is no {}",
            workspace.relative(people).display()
        );
    }
    let python = python_with_peers(workspace)?;
    for (script, data) in [("people.py", people), ("insights.py", events)] {
        let mut peers = process::command(&python);
        peers
            .arg(workspace.root.join("xtask/peers").join(script))
            .arg(data);
        process::shown("asking the peers", &mut peers)?;
    }
    Ok(())
}

/// A Python of our own, so that the machine's is left as it is.
fn python_with_peers(workspace: &Workspace) -> Result<PathBuf> {
    let dir = cache::dir("peers", &format!("{DUCKDB}-{CHDB}"))?;
    let python = dir.join("bin").join("python");
    let has_peers =
        || process::answer(process::command(&python).args(["-c", "import duckdb, chdb"]));
    if has_peers().is_some() {
        return Ok(python);
    }
    make_environment(workspace, &dir)?;
    let mut pip = process::command(&python);
    pip.args(["-m", "pip", "install", "--only-binary", ":all:"])
        .arg(format!("duckdb=={DUCKDB}"))
        .arg(format!("chdb=={CHDB}"));
    process::logged(
        workspace,
        "pip-peers",
        "installing DuckDB and chDB",
        &mut pip,
    )?;
    Ok(python)
}

fn make_environment(workspace: &Workspace, dir: &Path) -> Result<()> {
    let log = workspace.log("python-venv");
    let what = "making a Python environment";
    let venv = || {
        let mut python = process::command("python3");
        python.args(["-m", "venv", "--clear"]).arg(dir);
        process::quietly(&log, what, &mut python)
    };
    if venv().is_ok() {
        return Ok(());
    }
    // Debian keeps this part of Python in a package of its own.
    Apt::available()
        .context("install Python 3 with its venv module: the peers are asked from Python")?
        .install(workspace, &["python3-venv"])?;
    venv()
}
