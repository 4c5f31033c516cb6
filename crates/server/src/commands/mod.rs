//! One file per subcommand.

mod check;
mod import;
mod key;
mod run_deletions;
mod sample;
mod serve;
mod session;
mod sign_in_page;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use persons_server::store::{Storage, Store};

/// The Persons HTTP contract on one machine: one binary, one SQLite file.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true)]
pub struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Answer the API, take events in and serve the web app.
    Serve(serve::Serve),
    /// Read events from a file: JSON lines (the items of a capture batch) or CSV. Can be interrupted and run again.
    Import(import::Import),
    /// Fill a new data file with an invented project.
    Sample(sample::Sample),
    /// Make, list and revoke personal API keys.
    #[command(subcommand)]
    Key(key::Key),
    /// List and revoke the sessions of signed-in browsers.
    #[command(subcommand)]
    Session(session::Session),
    /// Delete now the events of people whose deletion asked for it, instead of on the schedule.
    RunDeletions(run_deletions::RunDeletions),
    /// Check a data file for rows that cannot be read and for broken pages. Works beside a running server.
    Check(check::Check),
    /// Print the API as OpenAPI 3.1.
    Openapi,
}

/// Where the data are.
#[derive(Args, Clone, Debug)]
pub struct Data {
    /// The data file; made if it is not there.
    #[arg(long, value_name = "FILE", default_value = "persons.sqlite")]
    data: PathBuf,
}

impl Data {
    fn storage(&self) -> Storage {
        Storage::File(self.data.clone())
    }

    /// Opens a file that exists, perhaps beside a running server.
    fn open_beside(&self) -> Result<Store, Failure> {
        if !self.data.is_file() {
            return Err(format!(
                "{} does not exist; name the data file with --data.",
                self.data.display()
            )
            .into());
        }
        Ok(Store::open_beside(&self.data)?)
    }
}

/// What every subcommand may fail with: one sentence.
pub type Failure = Box<dyn std::error::Error>;

impl Command {
    /// Does what was asked.
    pub fn run(self) -> Result<(), Failure> {
        match self.action {
            Action::Serve(serve) => serve.run(),
            Action::Import(import) => import.run(),
            Action::Sample(sample) => sample.run(),
            Action::Key(key) => key.run(),
            Action::Session(session) => session.run(),
            Action::RunDeletions(run) => run.run(),
            Action::Check(check) => check.run(),
            Action::Openapi => {
                println!("{:#}", persons_server::http::openapi());
                Ok(())
            }
        }
    }
}
