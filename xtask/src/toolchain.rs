//! Which Rust toolchain compiles for the browser, and the commands that use it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// The compilation target of the web app.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The name under which rustup knows the toolchain whose wasm32 standard library we built.
pub const LINKED: &str = "persons-wasm";

/// A toolchain for wasm32 builds. Native builds always use the caller's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The one `cargo xtask` itself runs under.
    Callers,
    /// The distribution's, linked into rustup as [`LINKED`].
    Linked,
}

impl Toolchain {
    /// A command under this toolchain, started through rustup's proxies.
    pub fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = process::command(program);
        if self == Self::Linked {
            command.env("RUSTUP_TOOLCHAIN", LINKED);
            // These name a compiler directly and would win over the choice of toolchain.
            for name in ["RUSTC", "RUSTDOC", "RUSTC_WRAPPER"] {
                command.env_remove(name);
            }
        }
        command
    }

    /// The compiler's own words about itself: version, commit, host. `None`: there is no such toolchain.
    pub fn identity(self) -> Option<String> {
        process::answer(self.command("rustc").arg("-vV"))
    }

    /// The folder where this toolchain keeps wasm32's standard library. It need not exist.
    pub fn wasm_libdir(self) -> Option<PathBuf> {
        let mut rustc = self.command("rustc");
        rustc.args(["--print", "target-libdir", "--target", WASM]);
        process::answer(&mut rustc).map(PathBuf::from)
    }

    /// How the reader is told about it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Callers => "the default toolchain's own",
            Self::Linked => "built from the distribution's source, toolchain persons-wasm",
        }
    }
}

/// A line of `rustc -vV`, such as `host` or `LLVM version`.
pub fn field<'a>(identity: &'a str, name: &str) -> Option<&'a str> {
    identity.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        (key == name).then_some(value)
    })
}

/// The standard library's file in a target's library folder.
pub fn standard_library(libdir: &Path) -> Option<PathBuf> {
    let files = libdir.read_dir().ok()?.flatten().map(|entry| entry.path());
    files
        .filter(|path| path.extension().is_some_and(|ext| ext == "rlib"))
        .find(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with("libstd-"))
        })
}

/// Everything a wasm32 build needs: the toolchain and the folders of its tools.
pub struct WebToolchain {
    toolchain: Toolchain,
    tool_dirs: Vec<PathBuf>,
    target: PathBuf,
}

impl WebToolchain {
    /// For commands that need these tools, found in these folders.
    pub fn new(workspace: &Workspace, toolchain: Toolchain, tool_dirs: Vec<PathBuf>) -> Self {
        Self {
            toolchain,
            tool_dirs,
            target: workspace.web_target(),
        }
    }

    /// A command in the environment of a wasm32 build.
    pub fn command(&self, program: &str) -> Command {
        // `Command` looks a program up in its own PATH only on some systems, so we do it here.
        let path = process::find_in(self.tool_dirs.iter().cloned(), program);
        let program = path.unwrap_or_else(|| program.into());
        let mut command = self.toolchain.command(program);
        command
            .env("PATH", process::path_with(&self.tool_dirs))
            .env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// Whether it is the distribution's compiler.
    pub fn is_linked(&self) -> bool {
        self.toolchain == Toolchain::Linked
    }

    /// The compiler's own words about itself.
    pub fn identity(&self) -> Result<String> {
        self.toolchain
            .identity()
            .context("install Rust with rustup: `rustc -vV` does not work")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: &str =
        "rustc 1.96.0 (ac68faa20 2026-05-25)\nhost: x86_64-unknown-linux-gnu\nLLVM version: 22.1.8";

    #[test]
    fn fields_of_the_compilers_identity_are_found_by_name() {
        assert_eq!(field(IDENTITY, "host"), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(field(IDENTITY, "LLVM version"), Some("22.1.8"));
        assert_eq!(field(IDENTITY, "release"), None);
    }

    #[test]
    fn a_folder_without_a_standard_library_has_none() {
        assert_eq!(standard_library(Path::new("/nowhere")), None);
    }
}
