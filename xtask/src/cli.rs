//! The command line: words in, a [`Task`] out.

use std::ffi::OsString;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt};

use crate::test::Suite;
use crate::{bench, run};

/// What `--help` prints.
pub const HELP: &str = "\
Everything beyond cargo.

Usage: cargo xtask <TASK>

  run [--data FILE] [--listen ADDRESS] [-- SERVER ARGUMENTS]
                     get what is missing, build, and serve the app with sample data
  dev [-- TRUNK ARGUMENTS]
                     rebuild and reload the app at every edit, against a running server
  build-web          build the release web app into dist/
  test [--only native|api|contract|web|e2e]...
                     run all tests, or some, and count them
  ci                 formatting, lints, invariants, size budget, all tests
  check              the invariants of ARCHITECTURE.md that a scanner can see
  bench [--page] [--peers [--people FILE]]
                     measure; with --page only the page in a browser; with --peers put the same
                     questions to DuckDB, chDB and SQLite
  precompress [DIR]  add .br and .gz beside the files of a built app

Tools are built once and kept in PERSONS_CACHE, else XDG_CACHE_HOME, else ~/.cache, below persons/.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Print [`HELP`].
    Help,
    /// Build and serve everything.
    Run(run::Options),
    /// Serve with hot reload, with these arguments for Trunk.
    Dev(Vec<OsString>),
    /// Build the release web app.
    BuildWeb,
    /// Run these suites; none named is all.
    Test(Vec<Suite>),
    /// Everything that must hold before a change lands.
    Ci,
    /// The invariants.
    Check,
    /// Measure.
    Bench(bench::Options),
    /// Compress the files of this folder; `None` is Trunk's, then the checkout's own.
    Precompress(Option<OsString>),
}

/// Reads the command line.
pub fn parse(mut parser: Parser) -> Result<Task> {
    let Some(first) = parser.next()? else {
        return Ok(Task::Help);
    };
    let task = match first {
        Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
        Arg::Value(task) => task.string()?,
        other => return Err(other.unexpected().into()),
    };
    match task.as_str() {
        "help" => Ok(Task::Help),
        "run" => Ok(Task::Run(run_options(parser)?)),
        "dev" => Ok(Task::Dev(
            parser.raw_args()?.skip_while(|arg| arg == "--").collect(),
        )),
        "build-web" => without_arguments(parser, Task::BuildWeb),
        "test" => Ok(Task::Test(suites(parser)?)),
        "ci" => without_arguments(parser, Task::Ci),
        "check" => without_arguments(parser, Task::Check),
        "bench" => Ok(Task::Bench(bench_options(parser)?)),
        "precompress" => Ok(Task::Precompress(optional_value(parser)?)),
        _ => bail!("there is no task {task}: `cargo xtask help` lists them"),
    }
}

fn run_options(mut parser: Parser) -> Result<run::Options> {
    let mut options = run::Options::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("data") => options.data = Some(parser.value()?.into()),
            Arg::Long("listen") => options.listen = Some(parser.value()?),
            // lexopt swallows the `--` and hands out what follows as values.
            Arg::Value(value) => options.server.push(value),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn suites(mut parser: Parser) -> Result<Vec<Suite>> {
    let mut suites = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("only") => suites.push(parser.value()?.string()?.parse()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(suites)
}

fn bench_options(mut parser: Parser) -> Result<bench::Options> {
    let mut options = bench::Options::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("page") => options.page = true,
            Arg::Long("peers") => options.peers = true,
            Arg::Long("people") => options.people = Some(parser.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn optional_value(mut parser: Parser) -> Result<Option<OsString>> {
    let mut value = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(given) if value.is_none() => value = Some(given),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(value)
}

fn without_arguments(mut parser: Parser, task: Task) -> Result<Task> {
    match parser.next()? {
        Some(arg) => Err(arg.unexpected().into()),
        None => Ok(task),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task> {
        parse(Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn run_passes_on_what_follows_two_dashes() -> Result<()> {
        let task = parsed("run --data people.sqlite --listen 127.0.0.1:9000 -- --open --data x")?;
        let expected = run::Options {
            data: Some("people.sqlite".into()),
            listen: Some("127.0.0.1:9000".into()),
            server: ["--open", "--data", "x"].map(OsString::from).into(),
        };
        assert_eq!(task, Task::Run(expected));
        Ok(())
    }

    #[test]
    fn suites_are_named_one_by_one() -> Result<()> {
        assert_eq!(parsed("test")?, Task::Test(vec![]));
        let some = Task::Test(vec![Suite::Web, Suite::EndToEnd]);
        assert_eq!(parsed("test --only web --only e2e")?, some);
        assert!(parsed("test --only everything").is_err());
        Ok(())
    }

    #[test]
    fn dev_passes_on_all_arguments() -> Result<()> {
        let open = Task::Dev(vec!["--open".into()]);
        assert_eq!(parsed("dev -- --open")?, open);
        assert_eq!(parsed("dev --open")?, open);
        Ok(())
    }

    #[test]
    fn unknown_words_are_refused() {
        assert!(parsed("walk").is_err());
        assert!(parsed("ci --fast").is_err());
        assert!(parsed("run --port 1").is_err());
    }

    #[test]
    fn no_words_mean_help() -> Result<()> {
        assert_eq!(parsed("")?, Task::Help);
        assert_eq!(parsed("--help")?, Task::Help);
        Ok(())
    }
}
