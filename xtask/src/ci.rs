//! `cargo xtask ci`: what must hold before a change lands. Each check runs even if an earlier one
//! failed, so that one run tells everything; the tests come last, with their sum as the last line.

use std::process::Command;

use anyhow::Result;

use crate::step::note;
use crate::toolchain::WASM;
use crate::workspace::Workspace;
use crate::{budget, check, process, rustflags, test, tools, wasm_std, web};

/// A check's name and what it does.
type Check = (&'static str, fn(&Workspace) -> Result<()>);

const CHECKS: [Check; 5] = [
    ("formatting", formatting),
    ("lints", lints),
    ("lints for the browser", browser_lints),
    ("invariants", check::run),
    ("size budget", size_budget),
];

/// Runs all checks, then all tests. Returns whether everything is as it should be.
pub fn run(workspace: &Workspace) -> Result<bool> {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        note(format_args!("\n── {name} ──"));
        if let Err(error) = check(workspace) {
            eprintln!("error: {error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        eprintln!(
            "\nerror: mend these as reported above: {}",
            failed.join(", ")
        );
    }
    let tests_passed = test::run(workspace, &[])?;
    Ok(failed.is_empty() && tests_passed)
}

fn formatting(workspace: &Workspace) -> Result<()> {
    let mut cargo = process::command("cargo");
    cargo.args(["fmt", "--all", "--check"]);
    shown(workspace, "`cargo fmt --all --check`", &mut cargo)
}

fn lints(workspace: &Workspace) -> Result<()> {
    let mut cargo = process::command("cargo");
    cargo.args(["clippy", "--workspace", "--all-targets"]);
    cargo.args(["--", "-D", "warnings"]);
    shown(workspace, "clippy", &mut cargo)
}

fn browser_lints(workspace: &Workspace) -> Result<()> {
    let toolchain = tools::for_wasm(workspace)?;
    if toolchain.is_linked() {
        wasm_std::debian::ensure_clippy(workspace)?;
    }
    let mut cargo = toolchain.command("cargo");
    cargo
        .args(["clippy", "-p", "persons", "--all-targets", "--target", WASM])
        .args(["--", "-D", "warnings"])
        .env("RUSTFLAGS", rustflags::for_browser());
    shown(workspace, "clippy for wasm32", &mut cargo)
}

fn size_budget(workspace: &Workspace) -> Result<()> {
    web::build(workspace)?;
    budget::check(workspace)
}

fn shown(workspace: &Workspace, what: &str, command: &mut Command) -> Result<()> {
    process::shown(what, command.current_dir(&workspace.root))
}
