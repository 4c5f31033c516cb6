//! Where things lie in this checkout. Nothing here touches a file's content.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout that `cargo xtask` was called in.
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder for native builds.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds the checkout from the folder of this crate, which Cargo names at run time.
    pub fn find() -> Result<Self> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = xtask
            .parent()
            .context("start it as `cargo xtask` inside the checkout")?
            .to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            // Cargo takes a relative path from where it was started, and so does a child of ours.
            Some(dir) => env::current_dir()?.join(dir),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The release web app, as Trunk leaves it.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Cargo's target folder for wasm32 builds. Another than the native one, so that the two never
    /// wait for each other's lock, and may be wiped when the standard library changes.
    pub fn web_target(&self) -> PathBuf {
        self.target.join("web")
    }

    /// Where the long output of tools goes.
    pub fn log(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(format!("{name}.log"))
    }

    /// The path as people say it: from the root of the checkout.
    pub fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}
