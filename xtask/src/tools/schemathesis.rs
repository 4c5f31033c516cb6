//! Schemathesis, which sends a server whatever its OpenAPI description allows, and much that it does not.
//! It is a Python program from PyPI, in a virtual environment of its own. It and all that it needs are of the
//! versions in `xtask/schemathesis.txt`, so that the same seed means the same requests everywhere.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::apt::Apt;
use crate::workspace::Workspace;
use crate::{cache, process};

const VERSION: &str = "4.32.5";

/// The program, which is fetched if need be.
pub fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let root = cache::dir("schemathesis", VERSION)?;
    let program = root.join("bin").join("schemathesis");
    if program.exists() {
        return Ok(program);
    }
    ensure_environment(workspace, &root)?;
    let mut pip = process::command(root.join("bin").join("python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
        .arg("--constraint")
        .arg(workspace.root.join("xtask").join("schemathesis.txt"))
        .arg(format!("schemathesis=={VERSION}"));
    let what = format!("fetching schemathesis {VERSION}");
    process::logged(workspace, "pip-schemathesis", &what, &mut pip)?;
    if !program.exists() {
        bail!("report this: schemathesis {VERSION} has no program");
    }
    Ok(program)
}

/// Python's own way to keep packages apart; Debian has it in a package of its own.
fn ensure_environment(workspace: &Workspace, root: &PathBuf) -> Result<()> {
    let _ = fs::remove_dir_all(root);
    let what = "making a Python environment";
    let python = || {
        let mut python = process::command("python3");
        python.args(["-m", "venv"]).arg(root);
        python
    };
    let is_there = process::find("python3").is_some();
    if is_there && process::quietly(&workspace.log("venv"), what, &mut python()).is_ok() {
        return Ok(());
    }
    Apt::available()
        .context("install Python 3 with venv: schemathesis needs it")?
        .install(workspace, &["python3", "python3-venv"])?;
    process::logged(workspace, "venv", what, &mut python())
}
