//! wasm-opt, which halves the app's size. Any version since 108 does, so the machine's own comes first.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::apt::Apt;
use crate::process;
use crate::tools::npm;
use crate::workspace::Workspace;

const NPM_VERSION: &str = "132.0.0";

/// The folder to add to the PATH, or `None` when wasm-opt is on it already.
pub fn ensure(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if process::find("wasm-opt").is_some() {
        return Ok(None);
    }
    if let Some(apt) = Apt::available()
        && apt.install(workspace, &["binaryen"]).is_ok()
    {
        return Ok(None);
    }
    let program = npm::file(workspace, "binaryen", NPM_VERSION, "../.bin/wasm-opt")
        .context("install binaryen, which brings wasm-opt")?;
    Ok(program.parent().map(PathBuf::from))
}

/// What the installed wasm-opt calls itself; another version makes other bytes.
pub fn version(mut wasm_opt: Command) -> String {
    process::answer(wasm_opt.arg("--version")).unwrap_or_default()
}
