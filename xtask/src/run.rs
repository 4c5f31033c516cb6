//! `cargo xtask run`: the whole product on one port, from a bare checkout.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{process, server, web};

/// What the caller chose.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The data file; `None` is the checkout's own.
    pub data: Option<PathBuf>,
    /// Where to listen; `None` leaves it to the server.
    pub listen: Option<OsString>,
    /// Passed to `persons-server serve` as they are.
    pub server: Vec<OsString>,
}

/// Builds what is missing and becomes the server.
pub fn run(workspace: &Workspace, options: Options) -> Result<()> {
    let web = web::build(workspace)?;
    let server = server::build(workspace)?;
    let mut serve = process::command(&server);
    serve.arg("serve").arg("--web").arg(web);
    // A server in memory has no file to fill.
    if !options
        .server
        .iter()
        .any(|arg| arg == OsStr::new("--memory"))
    {
        let data = options
            .data
            .unwrap_or_else(|| server::default_data(workspace));
        server::load_sample_if_new(workspace, &server, &data)?;
        serve.arg("--data").arg(data);
    }
    if let Some(listen) = options.listen {
        serve.arg("--listen").arg(listen);
    }
    serve.args(options.server);
    process::become_program(&mut serve)
}
