//! `cargo xtask bench`: our own benches, and on request the same questions put to two databases.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::apt::Apt;
use crate::test::end_to_end_environment;
use crate::workspace::Workspace;
use crate::{cache, process};

/// Pinned, so that two machines compare with the same peer.
const DUCKDB: &str = "2.0.0";

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
    let mut cargo = process::command("cargo");
    cargo
        .args(["bench", "-p", "persons-engine", "-p", "persons-server"])
        .current_dir(&workspace.root)
        // Where a bench may leave its people, so that all are asked about the same ones.
        .env("PERSONS_BENCH_PEOPLE", &left_by_benches);
    process::shown("`cargo bench`", &mut cargo)?;
    bench_page(workspace)?;
    if options.peers {
        let people = options.people.unwrap_or(left_by_benches);
        ask_peers(workspace, &people)?;
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

fn ask_peers(workspace: &Workspace, people: &Path) -> Result<()> {
    if !people.is_file() {
        bail!(
            "name a file of people with --people: there is no {}",
            workspace.relative(people).display()
        );
    }
    let mut python = process::command(python_with_duckdb(workspace)?);
    python
        .arg(workspace.root.join("xtask/peers/people.py"))
        .arg(people);
    process::shown("asking the peers", &mut python)
}

/// A Python of our own, so that the machine's is left as it is.
fn python_with_duckdb(workspace: &Workspace) -> Result<PathBuf> {
    let dir = cache::dir("duckdb", DUCKDB)?;
    let python = dir.join("bin").join("python");
    let has_duckdb = || process::answer(process::command(&python).args(["-c", "import duckdb"]));
    if has_duckdb().is_some() {
        return Ok(python);
    }
    make_environment(workspace, &dir)?;
    let mut pip = process::command(&python);
    pip.args(["-m", "pip", "install", "--only-binary", ":all:"])
        .arg(format!("duckdb=={DUCKDB}"));
    let what = format!("installing duckdb {DUCKDB}");
    process::logged(workspace, "pip-duckdb", &what, &mut pip)?;
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
