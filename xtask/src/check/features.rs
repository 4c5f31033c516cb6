//! Features of dependencies that would change what input means. Cargo activates them for the whole program when any
//! dependency asks for them, so they are looked up in the graph, not in our manifests.

use std::path::Path;

use anyhow::{Context, Result};

use super::Finding;
use crate::process;

/// The packages that parse what others send.
const PACKAGES: [(&str, &str); 2] = [
    ("persons-server", "crates/server/Cargo.toml"),
    ("persons", "Cargo.toml"),
];

/// Features of serde_json that give keys of objects a meaning.
const FORBIDDEN: [&str; 2] = ["arbitrary_precision", "raw_value"];

const RULE: &str = "JSON is JSON: no dependency activates this feature of serde_json (find it with `cargo tree -e features -i serde_json`)";

/// Asks Cargo which features are active.
pub fn scan(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (package, manifest) in PACKAGES {
        let features = process::answer(
            process::command("cargo")
                .args(["tree", "--locked", "--invert", "serde_json"])
                .args(["--depth", "0", "--prefix", "none", "--format", "{f}"])
                .args(["--package", package])
                .current_dir(root),
        )
        .with_context(|| {
            format!("make `cargo tree --locked -p {package} -i serde_json` succeed")
        })?;
        findings.extend(forbidden(manifest, &features));
    }
    Ok(findings)
}

/// The forbidden ones among features that are separated by commas.
fn forbidden(manifest: &str, features: &str) -> Vec<Finding> {
    let active: Vec<&str> = features.split([',', '\n']).map(str::trim).collect();
    let found = FORBIDDEN.iter().filter(|name| active.contains(name));
    found
        .map(|name| Finding {
            path: manifest.to_owned(),
            line: 1,
            found: (*name).to_owned(),
            rule: RULE,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_that_give_keys_a_meaning_are_found() {
        let found = forbidden("Cargo.toml", "default,raw_value,std");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].found, "raw_value");
        assert!(forbidden("Cargo.toml", "default,float_roundtrip,std").is_empty());
    }
}
