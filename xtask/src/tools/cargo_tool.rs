//! A program from the Rust package registry, in one version, built once per machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::step::note;
use crate::workspace::Workspace;
use crate::{cache, process};

/// Which program, and how to get it.
pub struct CargoTool {
    /// Its name in the registry.
    pub package: &'static str,
    /// Its name in the tool cache.
    pub folder: &'static str,
    /// The programs it must bring; the first one answers `--version`.
    pub binaries: &'static [&'static str],
    /// The one version that will do.
    pub version: String,
    /// More arguments for `cargo install`.
    pub arguments: &'static [&'static str],
    /// What the reader should know about how long building it takes.
    pub patience: &'static str,
}

impl CargoTool {
    /// The folder that has its programs: in the cache, on the PATH, or newly installed.
    pub fn ensure(&self, workspace: &Workspace) -> Result<PathBuf> {
        let root = cache::dir(self.folder, &self.version)?;
        let bin = root.join("bin");
        if self.is_complete(&bin) {
            return Ok(bin);
        }
        if let Some(dir) = self.on_path() {
            return Ok(dir);
        }
        fs::create_dir_all(&root).with_context(|| format!("make {} writable", root.display()))?;
        if !self.download(workspace, &root) {
            self.build(workspace, &root)?;
        }
        Ok(bin)
    }

    fn is_complete(&self, dir: &Path) -> bool {
        self.binaries
            .iter()
            .all(|name| process::find_in([dir.to_path_buf()], name).is_some())
    }

    fn on_path(&self) -> Option<PathBuf> {
        let program = process::find(self.binaries.first()?)?;
        let answer = process::answer(Command::new(&program).arg("--version"))?;
        let dir = program.parent()?.to_path_buf();
        let is_the_one = answer.split_whitespace().nth(1) == Some(self.version.as_str());
        (is_the_one && self.is_complete(&dir)).then_some(dir)
    }

    /// The fast path, for machines that have cargo-binstall and reach release downloads.
    fn download(&self, workspace: &Workspace, root: &Path) -> bool {
        if process::find("cargo-binstall").is_none() {
            return false;
        }
        let mut binstall = process::command("cargo-binstall");
        binstall
            .args(["--no-confirm", "--disable-strategies", "compile", "--root"])
            .arg(root)
            .arg(format!("{}@{}", self.package, self.version));
        let what = format!("downloading {} {}", self.package, self.version);
        let log = workspace.log(&format!("{}-download", self.folder));
        process::quietly(&log, &what, &mut binstall).is_ok() && self.is_complete(&root.join("bin"))
    }

    fn build(&self, workspace: &Workspace, root: &Path) -> Result<()> {
        let mut install = process::command("cargo");
        install
            .args(["install", self.package])
            .arg(format!("--version=={}", self.version))
            .args(self.arguments)
            .arg("--root")
            .arg(root)
            // Outside the checkout, whose Cargo configuration is not meant for tools.
            .current_dir(root)
            .env_remove("CARGO_TARGET_DIR")
            // These tools run for seconds, so the time their own build takes counts for more.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        let what = format!("building {} {}", self.package, self.version);
        note(format_args!(
            "{what} takes {}, once per machine",
            self.patience
        ));
        process::logged(workspace, self.folder, &what, &mut install)
    }
}
