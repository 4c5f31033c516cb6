//! esbuild, which halves the JavaScript beside the app. Trunk's own minifier gives up on it.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::tools::npm;
use crate::workspace::Workspace;

/// The version; another one writes other bytes.
pub const VERSION: &str = "0.28.2";

/// The folder to add to the PATH.
pub fn ensure(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let program = npm::file(workspace, "esbuild", VERSION, "../.bin/esbuild")
        .context("install npm to fetch esbuild")?;
    Ok(program.parent().map(PathBuf::from))
}
