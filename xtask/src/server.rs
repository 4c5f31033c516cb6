//! The server: how it is built, and how its data file comes to have people in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// Builds the release server and returns its program.
pub fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = process::command("cargo");
    cargo
        .args(["build", "--release", "-p", "persons-server"])
        .current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", &workspace.target);
    process::logged(workspace, "server", "building the server", &mut cargo)?;
    let name = format!("persons-server{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace.target.join("release").join(name))
}

/// The data file when none is named.
pub fn default_data(workspace: &Workspace) -> PathBuf {
    workspace.root.join("data").join("persons.sqlite")
}

/// Fills a data file that does not exist yet with the sample project.
///
/// It is written under another name first, so that an interrupted run does not leave half a sample
/// that later runs would take for the user's data.
pub fn load_sample_if_new(workspace: &Workspace, server: &Path, data: &Path) -> Result<()> {
    if data.exists() {
        return Ok(());
    }
    let folder = data.parent().context("name a file with --data")?;
    fs::create_dir_all(folder).with_context(|| format!("make {} writable", folder.display()))?;
    let unfinished = with_suffix(data, ".loading");
    for suffix in ["", "-wal", "-shm"] {
        // Left over from an interrupted run, if it is there at all.
        let _ = fs::remove_file(with_suffix(&unfinished, suffix));
    }
    let mut sample = process::command(server);
    sample.args(["sample", "--data"]).arg(&unfinished);
    process::logged(
        workspace,
        "sample",
        "loading the sample project",
        &mut sample,
    )?;
    // SQLite's log belongs to its file; after a clean exit there is none.
    let log = with_suffix(&unfinished, "-wal");
    if log.exists() {
        fs::rename(log, with_suffix(data, "-wal"))?;
    }
    let _ = fs::remove_file(with_suffix(&unfinished, ".lock"));
    fs::rename(&unfinished, data).with_context(|| format!("make {} writable", data.display()))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
