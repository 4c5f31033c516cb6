//! The tool cache: one folder per tool and version, outside the checkout, so that a second checkout
//! on the same machine builds nothing again.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The folder of a tool in exactly this version. It need not exist yet.
pub fn dir(tool: &str, version: &str) -> Result<PathBuf> {
    Ok(root()?.join(format!("{tool}-{version}")))
}

/// `$PERSONS_CACHE`, else `$XDG_CACHE_HOME`, else `~/.cache`; in it, `persons`.
pub fn root() -> Result<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("PERSONS_CACHE")
        .or_else(|| absolute("XDG_CACHE_HOME"))
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .map(|base| base.join("persons"))
        .context(
            "set PERSONS_CACHE to a folder where built tools may be kept: there is no home folder",
        )
}
