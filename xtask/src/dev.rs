//! `cargo xtask dev`: the app rebuilt and reloaded at every edit, against a running server.

use std::ffi::OsString;
use std::net::{SocketAddr, TcpStream};
use std::process::Child;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::step::note;
use crate::workspace::Workspace;
use crate::{process, rustflags, server, tools};

/// Where Trunk.toml sends what is not part of the app.
const SERVER: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8000);

/// Starts the server unless one is there, then Trunk, and stays until Trunk ends.
pub fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<()> {
    let toolchain = tools::for_trunk(workspace)?;
    let _server = start_server_unless_running(workspace)?;
    let mut trunk = toolchain.command("trunk");
    trunk
        .args(["serve", "--skip-version-check", "--dist"])
        // Apart from the release app, which `cargo xtask run` would otherwise have to build again.
        .arg(workspace.web_target().join("dev-dist"))
        .args(arguments)
        .current_dir(&workspace.root)
        .env("RUSTFLAGS", rustflags::for_browser())
        // Trunk understands only true and false here, and stops at the usual 1.
        .env_remove("NO_COLOR");
    process::shown("the development server", &mut trunk)
}

/// A server of our own, which ends with us.
struct OwnServer(Child);

impl Drop for OwnServer {
    fn drop(&mut self) {
        // Ctrl-C reaches it, too; then it has ended before, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start_server_unless_running(workspace: &Workspace) -> Result<Option<OwnServer>> {
    if TcpStream::connect_timeout(&SERVER, Duration::from_secs(1)).is_ok() {
        note(format_args!("using the server on {SERVER}"));
        return Ok(None);
    }
    let server = server::build(workspace)?;
    let data = server::default_data(workspace);
    server::load_sample_if_new(workspace, &server, &data)?;
    let child = process::command(&server)
        .args(["serve", "--listen", &SERVER.to_string(), "--data"])
        .arg(data)
        .spawn()
        .with_context(|| format!("{} does not start", server.display()))?;
    Ok(Some(OwnServer(child)))
}
