//! What is on the disk, and what is only in the memory of the operating system.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use fastrand::Rng;

/// The smallest piece of a write that is kept or lost as a whole.
const SECTOR: usize = 512;

/// What is found after the power failed: the content of each file.
pub type Image = BTreeMap<PathBuf, Vec<u8>>;

/// All files of a disk.
#[derive(Debug, Default)]
pub struct Model {
    files: BTreeMap<PathBuf, Name>,
    operations: u64,
    syncs: u64,
}

/// What a name stands for.
#[derive(Debug, Default)]
struct Name {
    /// The file, unless it was deleted.
    file: Option<File>,
    /// What the folder on the disk still says if that was not synced: another file, or none.
    on_disk: Option<Option<File>>,
}

/// A file.
#[derive(Clone, Debug, Default)]
struct File {
    synced: Vec<u8>,
    /// What was done since, in order.
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, data: Vec<u8> },
    Truncate { len: usize },
}

impl Model {
    /// How many operations have changed or synced something.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// How many syncs there have been.
    pub fn syncs(&self) -> u64 {
        self.syncs
    }

    /// A file was opened. `content` is what it held before it was first seen; `None` means that it was created.
    pub(crate) fn open(&mut self, path: &Path, content: Option<Vec<u8>>) {
        let name = self.files.entry(path.to_owned()).or_default();
        if name.file.is_some() {
            return;
        }
        self.operations += 1;
        let is_new = content.is_none();
        let before = name.file.replace(File {
            synced: content.unwrap_or_default(),
            pending: Vec::new(),
        });
        if is_new {
            name.on_disk.get_or_insert(before);
        }
    }

    pub(crate) fn knows(&self, path: &Path) -> bool {
        let name = self.files.get(path);
        name.is_some_and(|name| name.file.is_some())
    }

    pub(crate) fn write(&mut self, path: &Path, offset: usize, data: &[u8]) {
        let data = data.to_vec();
        self.change(path, Change::Write { offset, data });
    }

    pub(crate) fn truncate(&mut self, path: &Path, len: usize) {
        self.change(path, Change::Truncate { len });
    }

    fn change(&mut self, path: &Path, change: Change) {
        self.operations += 1;
        if let Some(file) = self.files.get_mut(path).and_then(|name| name.file.as_mut()) {
            file.pending.push(change);
        }
    }

    /// A file was synced, and its folder too if asked for.
    pub(crate) fn sync(&mut self, path: &Path, with_folder: bool) {
        self.operations += 1;
        self.syncs += 1;
        if let Some(file) = self.files.get_mut(path).and_then(|name| name.file.as_mut()) {
            for change in std::mem::take(&mut file.pending) {
                change.apply(&mut file.synced);
            }
        }
        if with_folder {
            self.sync_folder(path);
        }
    }

    pub(crate) fn delete(&mut self, path: &Path, with_folder: bool) {
        self.operations += 1;
        if let Some(name) = self.files.get_mut(path) {
            let deleted = name.file.take();
            name.on_disk.get_or_insert(deleted);
        }
        if with_folder {
            self.sync_folder(path);
        }
    }

    fn sync_folder(&mut self, path: &Path) {
        for (other, name) in &mut self.files {
            if other.parent() == path.parent() {
                name.on_disk = None;
            }
        }
    }

    /// What could be found on the disk if the power failed now.
    pub fn cut_power(&self, random: &mut Rng) -> Image {
        let loss = Loss::choose(random);
        let files = self.files.iter().filter_map(|(path, name)| {
            let file = match &name.on_disk {
                Some(before) if random.bool() => before.as_ref(),
                _ => name.file.as_ref(),
            };
            Some((path.clone(), loss.of(file?, random)))
        });
        files.collect()
    }

    /// What is found if the process ends and the power does not: everything.
    pub fn without_loss(&self) -> Image {
        let files = self.files.iter().filter_map(|(path, name)| {
            let file = name.file.as_ref()?;
            Some((path.clone(), Loss::None.of(file, &mut Rng::with_seed(0))))
        });
        files.collect()
    }
}

/// Which part of what was not synced is lost.
#[derive(Clone, Copy, Debug)]
enum Loss {
    None,
    All,
    /// What comes after some change, which is torn itself.
    Tail,
    /// Any sector of any change.
    Any,
}

impl Loss {
    fn choose(random: &mut Rng) -> Self {
        match random.u8(0..8) {
            0 => Self::None,
            1 | 2 => Self::All,
            3 | 4 => Self::Tail,
            _ => Self::Any,
        }
    }

    /// The content of a file after the loss.
    fn of(self, file: &File, random: &mut Rng) -> Vec<u8> {
        let mut content = file.synced.clone();
        match self {
            Self::None => file
                .pending
                .iter()
                .for_each(|change| change.apply(&mut content)),
            Self::All => {}
            Self::Tail => {
                let kept = random.usize(0..=file.pending.len());
                for change in &file.pending[..kept] {
                    change.apply(&mut content);
                }
                if let Some(torn) = file.pending.get(kept) {
                    torn.tear(&mut content, random);
                }
            }
            Self::Any => {
                for change in &file.pending {
                    change.tear(&mut content, random);
                }
            }
        }
        content
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => put(content, *offset, data),
            Self::Truncate { len } => content.resize(*len, 0),
        }
    }

    /// Applies some of the sectors that the change touches.
    fn tear(&self, content: &mut Vec<u8>, random: &mut Rng) {
        match self {
            Self::Truncate { .. } if random.bool() => {}
            Self::Truncate { .. } => self.apply(content),
            Self::Write { offset, data } => {
                let mut start = 0;
                while start < data.len() {
                    let end = (start + SECTOR - (offset + start) % SECTOR).min(data.len());
                    if random.bool() {
                        put(content, offset + start, &data[start..end]);
                    }
                    start = end;
                }
            }
        }
    }
}

fn put(content: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(data);
}

/// Writes an image to a folder, which becomes the folder of all its files, and nothing else stays there.
///
/// # Errors
/// Those of the operating system.
pub fn write_image(image: &Image, folder: &Path) -> io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for (path, content) in image {
        if let Some(name) = path.file_name() {
            std::fs::write(folder.join(name), content)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that is found at a path after many power failures.
    fn outcomes(model: &Model, path: &Path) -> Vec<Option<Vec<u8>>> {
        let mut random = Rng::with_seed(1);
        let mut found: Vec<_> = (0..500)
            .map(|_| model.cut_power(&mut random).remove(path))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn what_was_synced_is_kept_and_the_rest_is_torn_at_sectors() {
        let path = Path::new("/f/a");
        let mut model = Model::default();
        model.open(path, Some(vec![0; 2 * SECTOR]));
        model.write(path, 0, &[1; SECTOR]);
        model.sync(path, false);
        assert_eq!(outcomes(&model, path).len(), 1);
        model.write(path, SECTOR - 1, &[2; 2]);
        let found = outcomes(&model, path);
        assert_eq!(found.len(), 4);
        for content in found {
            let content = content.expect("was there before");
            assert!(content[..SECTOR - 1].iter().all(|&byte| byte == 1));
            assert!([1, 2].contains(&content[SECTOR - 1]) && [0, 2].contains(&content[SECTOR]));
        }
        assert_eq!(model.without_loss()[path][SECTOR], 2);
    }

    #[test]
    fn a_file_is_there_or_not_until_its_folder_is_synced() {
        let (path, log) = (Path::new("/f/a"), Path::new("/f/log"));
        let mut model = Model::default();
        model.open(path, None);
        model.sync(path, false);
        assert_eq!(outcomes(&model, path), [None, Some(vec![])]);
        model.open(log, None);
        model.sync(log, true);
        assert_eq!(outcomes(&model, path), [Some(vec![])]);
        model.write(log, 0, b"x");
        model.sync(log, true);
        model.delete(log, false);
        assert_eq!(outcomes(&model, log), [None, Some(b"x".to_vec())]);
        model.open(log, None);
        assert_eq!(outcomes(&model, log), [Some(vec![]), Some(b"x".to_vec())]);
        model.delete(log, true);
        assert_eq!(outcomes(&model, log), [None]);
    }
}
