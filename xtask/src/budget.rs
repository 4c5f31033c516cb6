//! What a first visit costs in bytes, against the number in `budget.toml`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::fingerprint::files_below;
use crate::precompress::twin;
use crate::workspace::Workspace;

const KEY: &str = "first_screen_brotli_bytes";

/// A file of the app and what a browser that takes brotli downloads for it.
struct Entry {
    name: String,
    raw: u64,
    sent: u64,
}

/// Prints each file of the built app and fails when their sum is above the budget.
pub fn check(workspace: &Workspace) -> Result<()> {
    let budget = read_budget(workspace)?;
    let mut entries = entries(&workspace.dist())?;
    if !entries.iter().any(|entry| entry.name == "index.html") {
        bail!("run `cargo xtask build-web`: there is no built app to weigh");
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.sent));
    let total = entries.iter().map(|entry| entry.sent).sum();
    print_table(&entries, total, budget);
    if total > budget {
        bail!(
            "make the app {} bytes smaller, or argue for a larger number in budget.toml",
            total - budget
        );
    }
    Ok(())
}

fn read_budget(workspace: &Workspace) -> Result<u64> {
    let text = fs::read_to_string(workspace.root.join("budget.toml"))
        .context("restore budget.toml at the root of the checkout")?;
    number(&text).with_context(|| format!("give {KEY} a number in budget.toml"))
}

fn number(text: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == KEY).then(|| value.trim().parse().ok())?
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

fn print_table(entries: &[Entry], total: u64, budget: u64) {
    println!("{:>9}  {:>9}  file", "raw", "brotli");
    for Entry { name, raw, sent } in entries {
        println!("{raw:>9}  {sent:>9}  {name}");
    }
    println!("{:>9}  {total:>9}  of {budget} allowed", "");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_the_number_behind_its_key() {
        assert_eq!(number(&format!("# why\n{KEY} = 204800\n")), Some(204_800));
        assert_eq!(number("other = 1"), None);
        assert_eq!(number(&format!("{KEY} = much")), None);
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
