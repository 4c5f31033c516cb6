//! Packages of Debian and Ubuntu, where we may install them.

use std::process::Command;
use std::sync::Once;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// The right to install packages without asking anybody.
pub struct Apt {
    /// What comes before a command that needs the right: nothing for root, else `sudo`.
    prefix: &'static [&'static str],
}

impl Apt {
    /// This machine's, if it has apt-get and we are root or sudo asks for no password.
    pub fn available() -> Option<Self> {
        process::find("apt-get")?;
        let is_root = process::answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
        if is_root {
            return Some(Self { prefix: &[] });
        }
        process::answer(Command::new("sudo").args(["-n", "true"]))?;
        Some(Self {
            prefix: &["sudo", "-n"],
        })
    }

    /// Installs packages. Never removes one: what is there may be there for a reason.
    pub fn install(&self, workspace: &Workspace, packages: &[&str]) -> Result<()> {
        self.update_once(workspace);
        let mut install = self.command("env");
        install
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "install"])
            .args(["--yes", "--no-install-recommends", "--no-remove"])
            .args(packages);
        let list = packages.join(" ");
        process::logged(
            workspace,
            "apt-install",
            &format!("installing {list}"),
            &mut install,
        )
        .with_context(|| format!("install these packages yourself: {list}"))
    }

    /// Whether the package lists offer this package.
    pub fn offers(&self, workspace: &Workspace, package: &str) -> bool {
        self.update_once(workspace);
        process::answer(Command::new("apt-cache").args(["show", package])).is_some()
    }

    /// A command with the right to write where packages live.
    pub fn command(&self, program: &str) -> Command {
        let mut words = self.prefix.iter().copied().chain([program]);
        // The chain ends in the program, so there is always a first word.
        let mut command = process::command(words.next().unwrap_or(program));
        command.args(words);
        command
    }

    /// Stale lists name packages that are gone, so they are fetched before the first use.
    fn update_once(&self, workspace: &Workspace) {
        static UPDATED: Once = Once::new();
        UPDATED.call_once(|| {
            let mut update = self.command("apt-get");
            update.arg("update");
            // Without a network, what is in the lists may still be enough; the install will tell.
            let _ = process::logged(
                workspace,
                "apt-update",
                "fetching package lists",
                &mut update,
            );
        });
    }
}
