//! Packages from npm, in one version, unpacked once per machine. Their install scripts never run.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::apt::Apt;
use crate::workspace::Workspace;
use crate::{cache, process};

/// The path of a file of an npm package, which is fetched if need be.
pub fn file(workspace: &Workspace, package: &str, version: &str, file: &str) -> Result<PathBuf> {
    let root = cache::dir(package, version)?;
    let path = root.join("node_modules").join(package).join(file);
    if path.exists() {
        return Ok(path);
    }
    ensure_npm(workspace)?;
    fs::create_dir_all(&root).with_context(|| format!("make {} writable", root.display()))?;
    let mut npm = process::command("npm");
    npm.args(["install", "--ignore-scripts", "--no-save"])
        .args(["--no-audit", "--no-fund", "--prefix"])
        .arg(&root)
        .arg(format!("{package}@{version}"))
        .current_dir(&root);
    let what = format!("fetching {package} {version}");
    process::logged(workspace, &format!("npm-{package}"), &what, &mut npm)?;
    if !path.exists() {
        bail!("report this: the npm package {package} {version} has no {file}");
    }
    Ok(path)
}

fn ensure_npm(workspace: &Workspace) -> Result<()> {
    if process::find("npm").is_some() {
        return Ok(());
    }
    Apt::available()
        .context("install Node.js with npm: a tool comes from its registry")?
        .install(workspace, &["npm"])
}
