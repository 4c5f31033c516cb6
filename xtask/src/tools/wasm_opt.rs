//! wasm-opt, which halves the app's size.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::tools::npm;
use crate::workspace::Workspace;

const NPM_VERSION: &str = "132.0.0";

/// Older ones, such as the 108 that Debian 12 has, mix up the exported tables of an app that passes
/// references to JavaScript: it builds, and then does not start.
const OLDEST: u32 = 116;

/// The folder to add to the PATH, or `None` when a wasm-opt that will do is on it already.
pub fn ensure(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if number(&version(process::command("wasm-opt"))).is_some_and(|found| found >= OLDEST) {
        return Ok(None);
    }
    let program =
        npm::file(workspace, "binaryen", NPM_VERSION, "../.bin/wasm-opt").with_context(|| {
            format!("install binaryen {OLDEST} or newer, which brings wasm-opt, or npm to fetch it")
        })?;
    Ok(program.parent().map(PathBuf::from))
}

/// The number in what a wasm-opt says of itself: `wasm-opt version 132 (version_132)`.
fn number(version: &str) -> Option<u32> {
    version
        .split_whitespace()
        .find_map(|word| word.parse().ok())
}

/// What the installed wasm-opt calls itself; another version makes other bytes.
pub fn version(mut wasm_opt: Command) -> String {
    process::answer(wasm_opt.arg("--version")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_in_both_forms() {
        assert_eq!(number("wasm-opt version 108"), Some(108));
        assert_eq!(number("wasm-opt version 132 (version_132)"), Some(132));
        assert_eq!(number(""), None);
    }
}
