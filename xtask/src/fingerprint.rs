//! Whether inputs changed since last time: a hash of names and contents.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// A running hash. Not for security: it only has to notice edits.
#[derive(Default)]
pub struct Fingerprint(DefaultHasher);

impl Fingerprint {
    /// Adds a text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Adds a file, or all files below a folder, by path and content. What does not exist is
    /// noticed when it appears.
    pub fn path(&mut self, root: &Path, relative: &str) -> io::Result<&mut Self> {
        for file in files_below(&root.join(relative))? {
            let name = file.strip_prefix(root).unwrap_or(&file);
            self.text(&name.to_string_lossy());
            self.bytes(&fs::read(&file)?);
        }
        Ok(self)
    }

    /// The hash so far, as text.
    pub fn hex(&self) -> String {
        format!("{:016x}", self.0.finish())
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        // The length keeps two neighbours from being one longer text.
        self.0.write_usize(bytes.len());
        self.0.write(bytes);
        self
    }
}

/// All files below a path in a fixed order; the path itself if it is a file; nothing if it is absent.
pub fn files_below(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let entries: io::Result<Vec<_>> = path
        .read_dir()?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut entries = entries?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        files.extend(files_below(&entry)?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_texts_do_not_run_together() {
        let hash = |parts: &[&str]| {
            let mut fingerprint = Fingerprint::default();
            for part in parts {
                fingerprint.text(part);
            }
            fingerprint.hex()
        };
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }

    #[test]
    fn a_folder_changes_with_its_files() -> io::Result<()> {
        let root = std::env::temp_dir().join(format!("persons-fingerprint-{}", std::process::id()));
        fs::create_dir_all(root.join("src/ui"))?;
        fs::write(root.join("src/ui/button.rs"), "old")?;
        let before = Fingerprint::default().path(&root, "src")?.hex();
        fs::write(root.join("src/ui/button.rs"), "new")?;
        let after = Fingerprint::default().path(&root, "src")?.hex();
        fs::remove_dir_all(&root)?;
        assert_ne!(before, after);
        Ok(())
    }
}
