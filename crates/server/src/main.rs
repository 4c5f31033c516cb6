//! The command line of `persons-server`.

use std::process::ExitCode;

use clap::Parser;

mod commands;

fn main() -> ExitCode {
    let command = commands::Command::parse();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("persons-server: {error}");
            ExitCode::FAILURE
        }
    }
}
