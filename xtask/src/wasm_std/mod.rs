//! The standard library for wasm32, by the first of three ways that works: it is there; rustup
//! downloads it; it is built from the distribution's source package ([`debian`]).

pub mod debian;
mod probe;

use std::fs;
use std::sync::Once;
use std::time::UNIX_EPOCH;

use anyhow::{Result, bail};

use crate::apt::Apt;
use crate::step::note;
use crate::toolchain::{Toolchain, WASM, standard_library};
use crate::workspace::Workspace;
use crate::{cache, process};

/// Finds or makes a toolchain that compiles for wasm32, and says which.
pub fn ensure(workspace: &Workspace) -> Result<Toolchain> {
    let toolchain = match ready() {
        Some(toolchain) => toolchain,
        None if rustup_adds_it(workspace) => Toolchain::Callers,
        None => built_from_source(workspace)?,
    };
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        note(format_args!(
            "wasm32 standard library: {}",
            toolchain.describe()
        ))
    });
    forget_builds_against_another(workspace, toolchain)?;
    Ok(toolchain)
}

/// Way 1: it is there already, in the caller's toolchain or in the one linked on an earlier run.
fn ready() -> Option<Toolchain> {
    if has_standard_library(Toolchain::Callers) {
        return Some(Toolchain::Callers);
    }
    linked_and_working().then_some(Toolchain::Linked)
}

/// Way 2: the ordinary machine.
fn rustup_adds_it(workspace: &Workspace) -> bool {
    if process::find("rustup").is_none() {
        return false;
    }
    let mut rustup = process::command("rustup");
    rustup
        .args(["target", "add", WASM])
        // A network that cannot reach rustup's servers is no error here, so do not insist.
        .env("RUSTUP_MAX_RETRIES", "1");
    let log = workspace.log("rustup-target");
    match process::quietly(&log, "asking rustup for wasm32", &mut rustup) {
        Ok(()) => has_standard_library(Toolchain::Callers),
        Err(_) => false,
    }
}

/// Way 3: only package registries can be reached.
fn built_from_source(workspace: &Workspace) -> Result<Toolchain> {
    let Some(apt) = Apt::available() else {
        bail!(
            "run `rustup target add {WASM}` where rustup's servers can be reached, \
             or give this account passwordless sudo so that it can be built from source"
        );
    };
    debian::build(workspace, &apt)?;
    if !linked_and_working() {
        bail!(
            "the wasm32 standard library was built but does not link a program: run `rustup target add {WASM}` instead"
        );
    }
    Ok(Toolchain::Linked)
}

fn has_standard_library(toolchain: Toolchain) -> bool {
    let libdir = toolchain.wasm_libdir();
    libdir.is_some_and(|libdir| standard_library(&libdir).is_some())
}

/// The distribution may upgrade its compiler under a library we built, which makes the library
/// useless. A stamp remembers the pair that is known to work; any other pair is tried once.
fn linked_and_working() -> bool {
    let Some(pair) = pair(Toolchain::Linked) else {
        return false;
    };
    let stamp = cache::root().map(|root| root.join("wasm-std.stamp"));
    if let Ok(stamp) = &stamp
        && fs::read_to_string(stamp).is_ok_and(|known| known == pair)
    {
        return true;
    }
    let works = probe::links_a_program(Toolchain::Linked);
    if works && let Ok(stamp) = stamp {
        // Not being able to remember only costs another try.
        let _ = cache::root()
            .map(fs::create_dir_all)
            .map(|_| fs::write(stamp, pair));
    }
    works
}

/// What identifies a compiler together with its wasm32 standard library.
fn pair(toolchain: Toolchain) -> Option<String> {
    let library = standard_library(&toolchain.wasm_libdir()?)?;
    let facts = fs::metadata(&library).ok()?;
    let written = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!(
        "{}\n{} {} {}\n",
        toolchain.identity()?,
        library.display(),
        facts.len(),
        written.as_secs()
    ))
}

/// Crates compiled against one build of the library do not link with another (E0460), and Cargo
/// does not notice when the compiler stayed the same.
fn forget_builds_against_another(workspace: &Workspace, toolchain: Toolchain) -> Result<()> {
    let Some(pair) = pair(toolchain) else {
        return Ok(());
    };
    let target = workspace.web_target();
    let stamp = target.join("wasm-std.stamp");
    match fs::read_to_string(&stamp) {
        Ok(known) if known == pair => return Ok(()),
        Ok(_) => fs::remove_dir_all(&target)?,
        Err(_) => {}
    }
    fs::create_dir_all(&target)?;
    fs::write(stamp, pair)?;
    Ok(())
}
