//! Starting other programs: with a clean environment, with their output in a log, or in our place.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::step::Step;
use crate::workspace::Workspace;

/// How many lines of a log are shown when the program that wrote it failed.
const TAIL_LINES: usize = 30;

/// A command without what the outer `cargo xtask` added to the environment for its own child.
///
/// The choice of toolchain (`RUSTUP_TOOLCHAIN`, `cargo +name xtask`) stays: it is the caller's.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_of_the_outer_cargo) {
            command.env_remove(name);
        }
    }
    for name in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        if let Some(paths) = env::var_os(name) {
            command.env(name, without_the_outer_toolchain(&paths));
        }
    }
    command
}

fn is_of_the_outer_cargo(name: &str) -> bool {
    // CARGO would make cargo_metadata, and so Trunk, use the outer cargo whatever toolchain is set.
    const NAMES: [&str; 5] = [
        "CARGO",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "RUSTUP_TOOLCHAIN_SOURCE",
        "RUST_RECURSION_COUNT",
    ];
    NAMES.contains(&name) || name.starts_with("CARGO_PKG_")
}

/// Cargo puts the libraries of its own compiler first, where another compiler would find them.
fn without_the_outer_toolchain(paths: &OsStr) -> OsString {
    let rustup = env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let ours = env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(Path::to_path_buf));
    let is_added = |path: &Path| {
        [&rustup, &ours]
            .into_iter()
            .flatten()
            .any(|dir| path.starts_with(dir))
    };
    let kept = env::split_paths(paths).filter(|path| !is_added(path));
    env::join_paths(kept).unwrap_or_default()
}

/// The `PATH` with these folders first.
pub fn path_with(dirs: &[PathBuf]) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let all = dirs.iter().cloned().chain(env::split_paths(&path));
    env::join_paths(all).unwrap_or(path)
}

/// The program of this name on the `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    find_in(env::split_paths(&path), program)
}

/// The program of this name in the first of these folders that has it.
pub fn find_in(dirs: impl IntoIterator<Item = PathBuf>, program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    dirs.into_iter()
        .map(|dir| dir.join(&file))
        .find(|path| path.is_file())
}

/// What the program prints, if it starts and succeeds. Its complaints are dropped.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.trim().to_owned())
}

/// Runs a long job as one line on the screen: what, and how long it took. Its output goes to the log
/// of the given name; when it fails, the end of that log is shown.
pub fn logged(workspace: &Workspace, log: &str, what: &str, command: &mut Command) -> Result<()> {
    let path = workspace.log(log);
    let outcome = quietly(&path, what, command);
    if outcome.is_err() {
        eprint!("{}", tail(&path));
    }
    outcome
}

/// Like [`logged`], for jobs that may fail without harm: the log is kept but not shown.
pub fn quietly(log: &Path, what: &str, command: &mut Command) -> Result<()> {
    let file = new_log(log)?;
    let step = Step::begin(what);
    match into_log(file, command) {
        Ok(()) => {
            step.done();
            Ok(())
        }
        Err(failure) => {
            step.failed();
            bail!("see {} for why {what} failed ({failure:#})", log.display());
        }
    }
}

/// Runs with all output in a file; an error says how it ended.
fn into_log(file: File, command: &mut Command) -> Result<()> {
    let status = command
        // A log ends in the reason; pages of a tool's own stack frames would push it out of sight.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("{} does not start", command.get_program().display()))?;
    if !status.success() {
        bail!("{status}");
    }
    Ok(())
}

/// Runs a job whose output belongs on the screen.
pub fn shown(what: &str, command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{what} could not start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{what} failed ({status}): fix what is reported above");
    }
    Ok(())
}

/// Lets the program take the place of this one, so that signals reach it and its exit code is ours.
/// Returns only when that did not work.
pub fn become_program(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_owned();
    #[cfg(unix)]
    let outcome: std::io::Result<()> = Err(std::os::unix::process::CommandExt::exec(command));
    #[cfg(not(unix))]
    let outcome = command
        .status()
        .map(|status| std::process::exit(status.code().unwrap_or(1)));
    outcome.with_context(|| format!("{} does not start", program.display()))
}

fn new_log(path: &Path) -> Result<File> {
    let parent = path.parent().context("a log lies in a folder")?;
    fs::create_dir_all(parent)
        .and_then(|()| File::create(path))
        .with_context(|| format!("make {} writable", path.display()))
}

fn tail(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..]
        .iter()
        .map(|line| format!("    {line}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_does_not_inherit_the_outer_cargo() {
        assert!(is_of_the_outer_cargo("CARGO"));
        assert!(is_of_the_outer_cargo("CARGO_PKG_NAME"));
        assert!(!is_of_the_outer_cargo("CARGO_HOME"));
        assert!(!is_of_the_outer_cargo("CARGO_TARGET_DIR"));
        assert!(!is_of_the_outer_cargo("RUSTUP_TOOLCHAIN"));
    }

    #[test]
    fn the_callers_own_library_path_is_kept() {
        let kept = without_the_outer_toolchain(OsStr::new("/opt/libraries"));
        assert_eq!(kept, "/opt/libraries");
    }

    #[test]
    fn given_folders_come_before_the_path() {
        let path = path_with(&[PathBuf::from("/first")]);
        assert_eq!(
            env::split_paths(&path).next(),
            Some(PathBuf::from("/first"))
        );
    }
}
