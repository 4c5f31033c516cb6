//! axe-core, the accessibility checker that the end-to-end tests inject into each page.

use std::path::PathBuf;

use anyhow::Result;

use crate::tools::npm;
use crate::workspace::Workspace;

const VERSION: &str = "4.14.1";

/// The path of the one script the tests inject.
pub fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    npm::file(workspace, "axe-core", VERSION, "axe.min.js")
}
