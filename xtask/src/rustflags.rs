//! Compiler flags for wasm32 builds that nobody ships.

use std::env;
use std::ffi::OsString;

/// The caller's flags, and Leptos' switch that erases view types: much faster to build, somewhat
/// larger, so never for the release. The tests and `dev` share it, and with it compiled crates.
pub fn for_fast_builds() -> OsString {
    let mut flags = env::var_os("RUSTFLAGS").unwrap_or_default();
    if !flags.is_empty() {
        flags.push(" ");
    }
    flags.push("--cfg erase_components");
    flags
}
