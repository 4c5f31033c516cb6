//! Whether a toolchain really compiles and links for wasm32: found out by doing it.

use std::io::Write;
use std::process::{Command, Stdio};
use std::{env, fs, process};

use crate::toolchain::{Toolchain, WASM};

/// Compiles and links an empty program, which takes a tenth of a second.
pub fn links_a_program(toolchain: Toolchain) -> bool {
    let output = env::temp_dir().join(format!("persons-probe-{}.wasm", process::id()));
    let mut rustc = toolchain.command("rustc");
    rustc
        .args(["--target", WASM, "--crate-name", "probe", "-"])
        .arg("-o")
        .arg(&output);
    let works = compiles(&mut rustc, "fn main() {}");
    let _ = fs::remove_file(output);
    works
}

fn compiles(rustc: &mut Command, source: &str) -> bool {
    let child = rustc
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(source.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}
