//! Whether the server answers as its own OpenAPI description says, whatever it is sent.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::tools::schemathesis;
use crate::workspace::Workspace;
use crate::{process, server};

/// The key of the one who asks. It opens nothing but this server.
const KEY: &str = "phx_key_of_the_contract_tests";

/// What is held against every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// A server with a small sample, in a folder that goes when it ends.
pub struct Subject {
    child: Child,
    folder: PathBuf,
    base: String,
}

impl Subject {
    /// Builds and starts it.
    pub fn start(workspace: &Workspace) -> Result<Self> {
        let program = server::build(workspace)?;
        let folder = workspace.target.join("contract");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)
            .with_context(|| format!("make {} writable", folder.display()))?;
        let data = folder.join("persons.sqlite");
        let mut sample = process::command(&program);
        sample
            .args(["sample", "--people", "150", "--events", "3000"])
            .args(["--end", "2026-06-01T12:00:00Z", "--data"])
            .arg(&data);
        process::logged(
            workspace,
            "contract-sample",
            "loading a small sample",
            &mut sample,
        )?;
        let (child, base) = serve(&program, &data)?;
        Ok(Self {
            child,
            folder,
            base,
        })
    }

    /// What asks it.
    pub fn questions(&self, workspace: &Workspace) -> Result<Command> {
        let settings = self.folder.join("schemathesis.toml");
        // Of all projects there is one; without it every answer would be that there is no such project.
        fs::write(&settings, "[parameters]\n\"path.project\" = \"@current\"\n")?;
        let mut questions = process::command(schemathesis::ensure(workspace)?);
        questions
            .arg("--config-file")
            .arg(settings)
            .arg("run")
            .arg(format!("{}/api/schema/", self.base))
            .args(["--header", &format!("Authorization: Bearer {KEY}")])
            .args(["--checks", CHECKS, "--phases", "coverage,fuzzing"])
            .args(["--max-examples", "20", "--seed", "1", "--no-color"])
            .args(["--continue-on-failure", "--warnings", "off"])
            // It keeps notes where it is.
            .current_dir(&self.folder);
        Ok(questions)
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Starts the server on a free port, and says under which URL it answers.
fn serve(program: &Path, data: &Path) -> Result<(Child, String)> {
    let mut child = process::command(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("PERSONS_API_KEY", KEY)
        .env("PERSONS_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("the server does not start")?;
    let output = child.stdout.take().context("stdout is piped")?;
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let link = lines.find_map(|line| line.find("http://").map(|at| line[at..].to_owned()));
    // The rest is read away, so that the server never waits for us.
    std::thread::spawn(move || lines.for_each(drop));
    let base = link.and_then(|link| Some(link.split_once("/signin/")?.0.to_owned()));
    match base {
        Some(base) => Ok((child, base)),
        None => {
            let _ = child.kill();
            let _ = child.wait();
            bail!("the server did not say where it is");
        }
    }
}
