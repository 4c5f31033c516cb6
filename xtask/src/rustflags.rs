//! Compiler flags of every wasm32 build. One set for all of them, so that they share compiled crates.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// The caller's flags and ours:
///
/// - Leptos erases the types of views. Builds are much faster, and an app of this size comes out a tenth
///   smaller, because views of different shapes share their code.
/// - Panic messages name crates, not folders of the machine that built them.
pub fn for_browser() -> OsString {
    let mut flags = env::var_os("RUSTFLAGS").unwrap_or_default();
    if !flags.is_empty() {
        flags.push(" ");
    }
    flags.push("--cfg erase_components");
    // The flags are separated by blanks, so a folder with a blank in its name stays as it is.
    if let Some(registry) = registry().filter(|folder| !folder.to_string_lossy().contains(' ')) {
        flags.push(" --remap-path-prefix=");
        flags.push(registry);
        flags.push("=crates");
    }
    flags
}

/// The same for a build whose screens are split off (`split.rs`): the split points are marked, and the
/// linker leaves word of what refers to what.
pub fn for_separate_screens() -> OsString {
    let mut flags = for_browser();
    flags.push(" --cfg split_screens -Clink-args=--emit-relocs");
    flags
}

/// Where cargo keeps the sources of dependencies.
fn registry() -> Option<PathBuf> {
    let cargo = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    Some(cargo.join("registry").join("src"))
}
