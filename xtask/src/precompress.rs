//! Compresses the built app once, as hard as it goes, so that the server only sends files.
//!
//! Only adds files: changing one would break the integrity hash index.html has of it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::fingerprint::files_below;

/// What shrinks. Images and fonts are compressed already.
const EXTENSIONS: [&str; 11] = [
    "html",
    "css",
    "js",
    "mjs",
    "wasm",
    "svg",
    "json",
    "txt",
    "xml",
    "ico",
    "webmanifest",
];

/// Puts a `.br` and a `.gz` beside each file that becomes smaller by it.
pub fn all_files_below(dir: &Path) -> Result<()> {
    for file in files_below(dir).with_context(|| format!("make {} readable", dir.display()))? {
        if shrinks(&file) {
            one(&file).with_context(|| format!("make {} writable", dir.display()))?;
        }
    }
    Ok(())
}

/// The name of a file's compressed twin.
pub fn twin(file: &Path, extension: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".");
    name.push(extension);
    name.into()
}

fn shrinks(file: &Path) -> bool {
    file.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| EXTENSIONS.contains(&extension))
}

fn one(file: &Path) -> io::Result<()> {
    let written = fs::metadata(file)?.modified()?;
    for (extension, compress) in [("br", brotli as fn(&[u8]) -> _), ("gz", gzip)] {
        let twin = twin(file, extension);
        if is_newer(&twin, written) {
            continue;
        }
        let content = fs::read(file)?;
        let compressed = compress(&content)?;
        if compressed.len() < content.len() {
            fs::write(twin, compressed)?;
        }
    }
    Ok(())
}

fn is_newer(twin: &Path, than: SystemTime) -> bool {
    let written = fs::metadata(twin).and_then(|facts| facts.modified());
    written.is_ok_and(|written| written >= than)
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn decompressed(mut reader: impl Read) -> io::Result<String> {
        let mut text = String::new();
        reader.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn compression_loses_nothing() -> io::Result<()> {
        let text = "a person, a person, a person".repeat(100);
        let packed = brotli(text.as_bytes())?;
        assert!(packed.len() < text.len() / 10);
        assert_eq!(
            decompressed(brotli::Decompressor::new(&packed[..], 4096))?,
            text
        );
        let packed = gzip(text.as_bytes())?;
        assert_eq!(
            decompressed(flate2::read::GzDecoder::new(&packed[..]))?,
            text
        );
        Ok(())
    }

    #[test]
    fn only_files_that_shrink_get_twins() -> Result<()> {
        let dir = std::env::temp_dir().join(format!("persons-precompress-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("app.css"), "color: red; ".repeat(50))?;
        fs::write(dir.join("tiny.css"), "a")?;
        fs::write(dir.join("face.png"), "x".repeat(500))?;
        all_files_below(&dir)?;
        let mut names: Vec<_> = files_below(&dir)?
            .iter()
            .filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()))
            .collect();
        names.sort();
        fs::remove_dir_all(&dir)?;
        assert_eq!(
            names,
            [
                "app.css",
                "app.css.br",
                "app.css.gz",
                "face.png",
                "tiny.css"
            ]
        );
        Ok(())
    }
}
