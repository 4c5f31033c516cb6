//! Reads versions from `Cargo.lock`: tools must match libraries.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// The locked version of a package. A lock file that lags behind the manifests is completed first.
pub fn version_of(workspace: &Workspace, package: &str) -> Result<String> {
    if let Some(version) = read(workspace, package)? {
        return Ok(version);
    }
    let mut metadata = process::command("cargo");
    metadata
        .args(["metadata", "--format-version", "1"])
        .current_dir(&workspace.root);
    // Its answer is not what we want: it brings Cargo.lock up to date.
    process::answer(&mut metadata);
    match read(workspace, package)? {
        Some(version) => Ok(version),
        None => bail!("add {package} to the web app's dependencies: Cargo.lock does not name it"),
    }
}

fn read(workspace: &Workspace, package: &str) -> Result<Option<String>> {
    let path = workspace.root.join("Cargo.lock");
    let lock =
        fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
    Ok(locked(&lock, package).map(str::to_owned))
}

/// In a lock file, a package's version is the line after its name.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    version.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "wasm-bindgen-macro"
version = "0.2.1"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
"#;

    #[test]
    fn the_version_belongs_to_exactly_that_package() {
        assert_eq!(locked(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked(LOCK, "wasm"), None);
    }
}
