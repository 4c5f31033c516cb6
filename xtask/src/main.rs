//! Everything beyond cargo. `cargo xtask help` lists the tasks; each has its file here, and what
//! they share (finding tools, running programs, saying what goes on) has one file per idea.

#![forbid(unsafe_code)]

mod apt;
mod bench;
mod budget;
mod cache;
mod check;
mod ci;
mod cli;
mod dev;
mod fingerprint;
mod glue;
mod lockfile;
mod precompress;
mod process;
mod run;
mod rustflags;
mod server;
mod split;
mod step;
mod test;
mod toolchain;
mod tools;
mod wasm_std;
mod web;
mod workspace;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::cli::Task;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    if let Some(code) = split::answer() {
        return code;
    }
    match cli::parse(lexopt::Parser::from_env()).and_then(perform) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does it. `false` is a failure that has been reported already.
fn perform(task: Task) -> Result<bool> {
    let workspace = &Workspace::find()?;
    match task {
        Task::Help => print!("{}", cli::HELP),
        Task::Run(options) => run::run(workspace, options)?,
        Task::Dev(arguments) => dev::run(workspace, &arguments)?,
        Task::BuildWeb => drop(web::build(workspace)?),
        Task::Test(suites) => return test::run(workspace, &suites),
        Task::Ci => return ci::run(workspace),
        Task::Check => check::run(workspace)?,
        Task::Bench(options) => bench::run(workspace, options)?,
        Task::Precompress(dir) => precompress::all_files_below(&built_app(workspace, dir))?,
    }
    Ok(true)
}

/// The folder to compress: named, or Trunk's when it calls us as a hook, or the checkout's.
fn built_app(workspace: &Workspace, named: Option<OsString>) -> PathBuf {
    named
        .or_else(|| env::var_os("TRUNK_STAGING_DIR"))
        .map_or_else(|| workspace.dist(), PathBuf::from)
}
