//! Builds the wasm32 standard library from Debian's source package, for machines that reach package
//! registries but not rustup's servers.
//!
//! rustup's compiler cannot use it (the library must come from the very same compiler), so Debian's
//! compiler is installed beside it, completed, and linked into rustup under its own name. It then
//! serves the wasm32 commands and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt::Apt;
use crate::step::note;
use crate::toolchain::{LINKED, WASM, field};
use crate::workspace::Workspace;
use crate::{cache, process};

/// Where Debian's packages put rustc and cargo.
const BIN: &str = "/usr/bin";

/// The name of the crate that is compiled only for its dependency, the standard library.
const EMPTY_CRATE: &str = "empty";

/// Debian's compiler, as installed.
struct Compiler {
    sysroot: PathBuf,
    host: String,
    release: String,
    llvm_major: String,
}

/// Does it all: packages, build, installation, linker, rustup's link.
pub fn build(workspace: &Workspace, apt: &Apt) -> Result<()> {
    note(
        "rustup's servers cannot be reached: building wasm32's standard library from Debian's source",
    );
    apt.install(workspace, &["rustc-web", "cargo-web", "rust-web-src"])?;
    let compiler = Compiler::installed()?;
    let linker = linker(workspace, apt, &compiler.llvm_major)?;
    let rlibs = compile(workspace, &compiler)?;
    install(workspace, apt, &compiler, &rlibs, &linker)?;
    // What was built is in its place now; the rest is some 150 MB.
    let _ = fs::remove_dir_all(cache::dir("wasm-std", &compiler.release)?);
    link_into_rustup(workspace, &compiler)
}

/// Clippy of the linked toolchain.
pub fn ensure_clippy(workspace: &Workspace) -> Result<()> {
    if Path::new(BIN).join("clippy-driver").exists() {
        return Ok(());
    }
    Apt::available()
        .context("install the package rust-web-clippy: linting for wasm32 needs it")?
        .install(workspace, &["rust-web-clippy"])
}

impl Compiler {
    fn installed() -> Result<Self> {
        let ask = |args: &[&str]| {
            process::answer(process::command(program("rustc")).args(args)).context(
                "install the packages rustc-web and cargo-web: Debian's rustc does not start",
            )
        };
        let identity = ask(&["-vV"])?;
        let known = |name| {
            field(&identity, name)
                .map(str::to_owned)
                .with_context(|| format!("`rustc -vV` does not name its {name}: report this"))
        };
        let llvm = known("LLVM version")?;
        let llvm_major = llvm.split('.').next().unwrap_or(&llvm).to_owned();
        Ok(Self {
            sysroot: ask(&["--print", "sysroot"])?.into(),
            host: known("host")?,
            release: known("release")?,
            llvm_major,
        })
    }

    fn rustlib(&self, target: &str, folder: &str) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(target).join(folder)
    }
}

fn program(name: &str) -> PathBuf {
    Path::new(BIN).join(name)
}

/// The `lld` of the compiler's own LLVM, else the newest that apt offers.
fn linker(workspace: &Workspace, apt: &Apt, llvm_major: &str) -> Result<PathBuf> {
    let lld = |version: &str| PathBuf::from(format!("/usr/lib/llvm-{version}/bin/lld"));
    let own = format!("lld-{llvm_major}");
    let package = if apt.offers(workspace, &own) {
        own
    } else {
        let all = process::answer(Command::new("apt-cache").args([
            "search",
            "--names-only",
            "^lld-[0-9]+$",
        ]));
        newest_lld(&all.unwrap_or_default()).context("install a package lld-NN: apt offers none")?
    };
    let path = lld(package.trim_start_matches("lld-"));
    if !path.exists() {
        apt.install(workspace, &[&package])?;
    }
    if !path.exists() {
        bail!(
            "report this: the package {package} has no {}",
            path.display()
        );
    }
    Ok(path)
}

/// The package with the highest version in the answer of `apt-cache search`.
fn newest_lld(listing: &str) -> Option<String> {
    let packages = listing
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    packages
        .filter_map(|name| name.strip_prefix("lld-")?.parse::<u32>().ok())
        .max()
        .map(|version| format!("lld-{version}"))
}

/// Compiles the library as the dependency of an empty crate and returns its files.
fn compile(workspace: &Workspace, compiler: &Compiler) -> Result<Vec<PathBuf>> {
    let dir = cache::dir("wasm-std", &compiler.release)?;
    write_empty_crate(&dir)?;
    // Files of an earlier build would be taken for this one's.
    let target = dir.join("target");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let mut cargo = process::command(program("cargo"));
    cargo
        // `test` is there for the browser tests.
        .args(["build", "--release", "-Zbuild-std=std,panic_abort,test"])
        .args(["--target", WASM])
        .current_dir(&dir)
        .env("RUSTC", program("rustc"))
        // -Z needs it, and Debian's compiler is a stable one.
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode, a build with fat LTO fails.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes -Ccodegen-units=1")
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTUP_TOOLCHAIN");
    let what = format!("building wasm32's standard library {}", compiler.release);
    process::logged(workspace, "wasm-std", &what, &mut cargo)?;
    let rlibs = rlibs_in(&target.join(WASM).join("release/deps"))?;
    if rlibs.is_empty() {
        bail!("report this: the build of wasm32's standard library left no files");
    }
    Ok(rlibs)
}

fn write_empty_crate(dir: &Path) -> Result<()> {
    let manifest = format!(
        "[package]\nname = \"{EMPTY_CRATE}\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n"
    );
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("Cargo.toml"), manifest)?;
    fs::write(dir.join("src/lib.rs"), "#![no_std]\n")?;
    Ok(())
}

fn rlibs_in(deps: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(deps)
        .with_context(|| format!("report this: the build left no {}", deps.display()))?;
    Ok(files
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_part_of_the_library(path))
        .collect())
}

fn is_part_of_the_library(path: &Path) -> bool {
    let own = format!("lib{EMPTY_CRATE}-");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".rlib") && !name.starts_with(&own)
}

/// Puts the library and the linker where the compiler looks for them.
fn install(
    workspace: &Workspace,
    apt: &Apt,
    compiler: &Compiler,
    rlibs: &[PathBuf],
    linker: &Path,
) -> Result<()> {
    let libdir = compiler.rustlib(WASM, "lib");
    let bindir = compiler.rustlib(&compiler.host, "bin");
    // One command, so that it asks for the right to write there once and stops at the first failure.
    let script = r#"set -e; libdir=$1 bindir=$2 linker=$3; shift 3
        rm -rf "$libdir"; mkdir -p "$libdir" "$bindir"
        cp "$@" "$libdir"; ln -sfn "$linker" "$bindir/rust-lld""#;
    let mut shell = apt.command("sh");
    shell.args(["-c", script, "install"]);
    shell.arg(&libdir).arg(&bindir).arg(linker).args(rlibs);
    let what = "installing it into the compiler's own folder";
    process::logged(workspace, "wasm-std-install", what, &mut shell)
}

fn link_into_rustup(workspace: &Workspace, compiler: &Compiler) -> Result<()> {
    let mut rustup = process::command("rustup");
    rustup
        .args(["toolchain", "link", LINKED])
        .arg(&compiler.sysroot);
    let what = "linking it into rustup";
    process::quietly(&workspace.log("rustup-link"), what, &mut rustup)
        .context("install rustup: the second compiler is chosen through it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_linker_is_chosen_by_number_not_by_text() {
        let listing = "lld-9 - LLVM-based linker\nlld-22 - LLVM-based linker\nlld-19 - linker";
        assert_eq!(newest_lld(listing).as_deref(), Some("lld-22"));
        assert_eq!(newest_lld(""), None);
    }

    #[test]
    fn the_empty_crate_is_no_part_of_the_library() {
        assert!(is_part_of_the_library(Path::new("deps/libstd-6c32.rlib")));
        assert!(!is_part_of_the_library(Path::new("deps/libempty-1a.rlib")));
        assert!(!is_part_of_the_library(Path::new("deps/libstd-6c32.rmeta")));
    }
}
