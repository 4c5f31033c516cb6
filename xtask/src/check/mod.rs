//! `cargo xtask check`: the invariants of ARCHITECTURE.md that can be seen in the source text and in the graph of
//! dependencies.
//!
//! A scanner, not a compiler: it reads names and literals, so it is quick and needs no build, and it
//! can be fooled by whoever wants to. What it reports is a file, a line and the rule.

mod features;
mod imports;
mod manifests;
mod placement;
mod rust_source;
mod urls;

use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::fingerprint::files_below;
use crate::step::note;
use crate::workspace::Workspace;
use rust_source::RustSource;

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// From the root of the checkout, with `/` between folders.
    path: String,
    /// From 1.
    line: usize,
    /// What was found there.
    found: String,
    /// What holds instead.
    rule: &'static str,
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            found,
            rule,
        } = self;
        write!(f, "{path}:{line}: `{found}`: {rule}")
    }
}

/// Scans the checkout and fails with a list of what breaks a rule.
pub fn run(workspace: &Workspace) -> Result<()> {
    let (files, mut findings) = scan(&workspace.root)?;
    findings.extend(features::scan(&workspace.root)?);
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => note(format_args!("{files} files keep the invariants")),
        1 => bail!("mend the place above, or change its rule in xtask/src/check"),
        count => bail!("mend the {count} places above, or change their rules in xtask/src/check"),
    }
    Ok(())
}

/// The number of files read, and what was found in them.
fn scan(root: &Path) -> Result<(usize, Vec<Finding>)> {
    let mut files = 0;
    let mut findings = Vec::new();
    for file in ["src", "crates", "tests", "xtask", "Cargo.toml"]
        .iter()
        .map(|name| files_below(&root.join(name)))
        .collect::<Result<Vec<_>, _>>()?
        .concat()
    {
        let path = slashed(&file, root);
        if is_manifest(&path) {
            files += 1;
            findings.extend(manifests::scan(&path, &read(&file)?));
        } else if is_product_source(&path) {
            files += 1;
            findings.extend(scan_source(&path, &read(&file)?));
        }
    }
    Ok((files, findings))
}

fn scan_source(path: &str, text: &str) -> Vec<Finding> {
    let source = RustSource::parse(text);
    let mut findings = placement::scan(path, &source);
    findings.extend(imports::scan(path, &source));
    findings.extend(urls::scan(path, &source));
    findings
}

fn read(file: &PathBuf) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("make {} readable", file.display()))
}

fn slashed(file: &Path, root: &Path) -> String {
    let relative = file.strip_prefix(root).unwrap_or(file);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn is_manifest(path: &str) -> bool {
    path == "Cargo.toml" || path.ends_with("/Cargo.toml")
}

/// The rules are about the product. Tests may reach behind the layers; modules of tests inside
/// product files are left out by [`RustSource`].
fn is_product_source(path: &str) -> bool {
    let is_product =
        path.starts_with("src/") || (path.starts_with("crates/") && path.contains("/src/"));
    is_product && path.ends_with(".rs") && !path.ends_with("/tests.rs") && !path.contains("/tests/")
}

/// Whether a path is a module of this name: `src/api` is `src/api.rs` and all below `src/api/`.
fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest == ".rs" || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_its_file_and_its_folder() {
        assert!(is_within("src/api.rs", "src/api"));
        assert!(is_within("src/api/client.rs", "src/api"));
        assert!(!is_within("src/apiary.rs", "src/api"));
    }

    #[test]
    fn tests_and_tools_are_no_product() {
        assert!(is_product_source("src/app.rs"));
        assert!(is_product_source("crates/server/src/main.rs"));
        assert!(!is_product_source("crates/server/tests/capture.rs"));
        assert!(!is_product_source("crates/engine/src/filter/tests.rs"));
        assert!(!is_product_source("xtask/src/main.rs"));
        assert!(!is_product_source("src/README.md"));
    }

    #[test]
    fn violations_planted_in_a_checkout_are_found_with_their_place() -> Result<()> {
        let root = std::env::temp_dir().join(format!("persons-check-{}", std::process::id()));
        let plant = |path: &str, text: &str| {
            let file = root.join(path);
            fs::create_dir_all(file.parent().unwrap_or(&root))?;
            fs::write(file, text)
        };
        plant(
            "Cargo.toml",
            "[dependencies]\n# Why not.\nleptos = \"1\"\nbare = \"1\"\n",
        )?;
        plant(
            "src/persons/page.rs",
            "//! The list.\nfn f() { web_sys::window(); }\n",
        )?;
        plant("src/platform/focus.rs", "fn f() { web_sys::window(); }\n")?;
        let found = scan(&root);
        fs::remove_dir_all(&root)?;
        let (files, mut findings) = found?;
        findings.sort_by(|a, b| a.path.cmp(&b.path));
        let places: Vec<_> = findings.iter().map(|f| (f.path.as_str(), f.line)).collect();
        assert_eq!(files, 3);
        assert_eq!(places, [("Cargo.toml", 4), ("src/persons/page.rs", 2)]);
        assert_eq!(
            findings[1].to_string(),
            "src/persons/page.rs:2: `web_sys`: only src/platform/ touches the browser's API"
        );
        Ok(())
    }
}
