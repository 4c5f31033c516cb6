//! What the app costs in bytes to download, against the numbers in `budget.toml`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::fingerprint::files_below;
use crate::precompress::twin;
use crate::split;
use crate::workspace::Workspace;

/// Everything that is downloaded before the list appears.
const FIRST_SCREEN: &str = "first_screen_brotli_bytes";
/// That, and the screens which are loaded when they are first shown.
const EVERYTHING: &str = "everything_brotli_bytes";

/// A file of the app and what a browser that takes brotli downloads for it.
struct Entry {
    name: String,
    raw: u64,
    sent: u64,
}

impl Entry {
    /// Whether it is loaded only with the screen it is for.
    fn is_part(&self) -> bool {
        self.name.starts_with(split::PREFIX)
    }
}

/// Prints each file of the built app and fails when their sum is above the budget.
pub fn check(workspace: &Workspace) -> Result<()> {
    let mut entries = entries(&workspace.dist())?;
    if !entries.iter().any(|entry| entry.name == "index.html") {
        bail!("run `cargo xtask build-web`: there is no built app to weigh");
    }
    entries.sort_by_key(|entry| (entry.is_part(), std::cmp::Reverse(entry.sent)));
    println!("{:>9}  {:>9}  file", "raw", "brotli");
    for Entry { name, raw, sent } in &entries {
        println!("{raw:>9}  {sent:>9}  {name}");
    }
    let everything = entries.iter().map(|entry| entry.sent).sum();
    let first = entries.iter().filter(|entry| !entry.is_part());
    let first = first.map(|entry| entry.sent).sum();
    hold(workspace, "first screen", FIRST_SCREEN, first)?;
    hold(workspace, "everything", EVERYTHING, everything)
}

/// Prints a sum, and fails when it is above the number for it.
fn hold(workspace: &Workspace, what: &str, key: &str, sum: u64) -> Result<()> {
    let text = fs::read_to_string(workspace.root.join("budget.toml"))
        .context("restore budget.toml at the root of the checkout")?;
    let budget =
        number(&text, key).with_context(|| format!("give {key} a number in budget.toml"))?;
    println!("{:>9}  {sum:>9}  {what}, of {budget} allowed", "");
    if sum > budget {
        bail!(
            "make the app {} bytes smaller, or argue for a larger {key} in budget.toml",
            sum - budget
        );
    }
    Ok(())
}

fn number(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().parse().ok())?
    })
}

fn entries(dist: &Path) -> Result<Vec<Entry>> {
    let files = files_below(dist)?;
    let originals = files.iter().filter(|file| !is_twin(file));
    originals
        .map(|file| {
            let raw = fs::metadata(file)?.len();
            let sent = fs::metadata(twin(file, "br")).map_or(raw, |twin| twin.len());
            let name = file.strip_prefix(dist).unwrap_or(file);
            Ok(Entry {
                name: name.display().to_string(),
                raw,
                sent,
            })
        })
        .collect()
}

fn is_twin(file: &Path) -> bool {
    file.extension()
        .is_some_and(|ext| ext == "br" || ext == "gz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_the_number_behind_its_key() {
        let text = "# why\nsmall = 1\nlarge = 204800\nodd = much\n";
        assert_eq!(number(text, "large"), Some(204_800));
        assert_eq!(number(text, "small"), Some(1));
        assert_eq!(number(text, "other"), None);
        assert_eq!(number(text, "odd"), None);
    }

    #[test]
    fn a_file_is_weighed_as_it_is_sent() -> Result<()> {
        let dist = std::env::temp_dir().join(format!("persons-budget-{}", std::process::id()));
        fs::create_dir_all(&dist)?;
        fs::write(dist.join("index.html"), "0123456789")?;
        fs::write(dist.join("index.html.br"), "012")?;
        fs::write(dist.join("index.html.gz"), "01234")?;
        fs::write(dist.join("icon.png"), "0123")?;
        let entries = entries(&dist)?;
        fs::remove_dir_all(&dist)?;
        let weights: Vec<_> = entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.raw, entry.sent))
            .collect();
        assert_eq!(weights, [("icon.png", 4, 4), ("index.html", 10, 3)]);
        Ok(())
    }
}
