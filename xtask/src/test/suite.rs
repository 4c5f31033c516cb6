//! The suites: which command runs each, and what it needs.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};

use super::contract::Subject;
use super::tally::Tally;
use crate::toolchain::WASM;
use crate::tools::browser::Browser;
use crate::tools::{self, axe};
use crate::workspace::Workspace;
use crate::{process, rustflags, server, web};

/// A group of tests that runs with one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Everything that needs no browser.
    Native,
    /// The part of [`Suite::Native`] that holds the HTTP contract: wire types and the server.
    Api,
    /// The server against its own description.
    Contract,
    /// The web app's parts in a headless browser.
    Web,
    /// The release app against the real server in a real browser.
    EndToEnd,
}

impl Suite {
    /// Together they run each test once, the quick ones first.
    pub const ALL: [Self; 4] = [Self::Native, Self::Contract, Self::Web, Self::EndToEnd];

    /// The headline above its output.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Native => "native tests",
            Self::Api => "tests of the HTTP contract",
            Self::Contract => "the server against its own description",
            Self::Web => "browser tests",
            Self::EndToEnd => "end-to-end tests",
        }
    }

    /// Runs it to the end and counts. An error is a suite that could not start.
    pub fn run(self, workspace: &Workspace) -> Result<Tally> {
        // It lives as long as it is asked.
        let subject = match self {
            Self::Contract => Some(Subject::start(workspace)?),
            _ => None,
        };
        let mut command = match self {
            Self::Contract => subject
                .as_ref()
                .context("it was started")?
                .questions(workspace)?,
            Self::Native => native(&["--workspace", "--exclude", "persons-e2e"]),
            Self::Api => native(&["-p", "persons-api", "-p", "persons-server"]),
            Self::Web => web(workspace)?,
            Self::EndToEnd => end_to_end(workspace)?,
        };
        if subject.is_none() {
            command.current_dir(&workspace.root);
        }
        count(&mut command)
    }
}

impl FromStr for Suite {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "native" => Self::Native,
            "api" => Self::Api,
            "contract" => Self::Contract,
            "web" => Self::Web,
            "e2e" => Self::EndToEnd,
            _ => bail!("name one of native, api, contract, web, e2e after --only, not {name}"),
        })
    }
}

fn native(packages: &[&str]) -> Command {
    let mut cargo = process::command("cargo");
    cargo.args(["test", "--no-fail-fast"]).args(packages);
    cargo
}

fn web(workspace: &Workspace) -> Result<Command> {
    let browser = Browser::ensure(workspace)?;
    let mut cargo = tools::for_wasm(workspace)?.command("cargo");
    cargo
        .args(["test", "-p", "persons", "--test", "web", "--target", WASM])
        .env("RUSTFLAGS", rustflags::for_browser())
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        .env("CHROMEDRIVER", browser.chromedriver)
        // The runner's own limits, 20 s for all tests and 5 s for the driver to start, are for idle
        // machines.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "1800")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    Ok(cargo)
}

fn end_to_end(workspace: &Workspace) -> Result<Command> {
    let mut cargo = native(&["-p", "persons-e2e"]);
    end_to_end_environment(workspace, &mut cargo)?;
    Ok(cargo)
}

/// Tells a program of `tests/e2e` what to drive, and with what.
pub fn end_to_end_environment(workspace: &Workspace, cargo: &mut Command) -> Result<()> {
    let browser = Browser::ensure(workspace)?;
    cargo
        .env("PERSONS_WEB_DIST", web::build(workspace)?)
        .env("PERSONS_SERVER_BIN", server::build(workspace)?)
        .env("AXE_JS", axe::ensure(workspace)?)
        .env("CHROME", browser.chrome)
        .env("CHROMEDRIVER", browser.chromedriver);
    Ok(())
}

/// Passes the runner's output on while counting. Its complaints go to stderr directly.
fn count(command: &mut Command) -> Result<Tally> {
    let program = Path::new(command.get_program()).display().to_string();
    let mut runner = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("install {program}: it does not start"))?;
    let output = runner.stdout.take().context("stdout is piped")?;
    let mut tally = Tally::default();
    let mut screen = std::io::stdout().lock();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        tally += Tally::of_line(&String::from_utf8_lossy(&line));
        // A reader of our output who went away must not keep the tests from being counted.
        let _ = screen
            .write_all(&line)
            .and_then(|()| screen.write_all(b"\n"));
    }
    let status = runner.wait()?;
    if let Some(doubt) = tally.doubt(status.success()) {
        eprintln!("error: {doubt}");
        tally += Tally::CRASH;
    }
    Ok(tally)
}
