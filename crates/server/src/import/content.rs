//! The bytes of an imported file: decompressed, counted, and hashed as they are read.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

/// SHA-256 of the first bytes of a content.
pub(super) type ContentDigest = [u8; 32];

/// Bytes at the start of a file that tell its format.
const HEAD: u64 = 6;
/// Bytes that are read from a file or a decoder at a time.
const BUFFER: usize = 64 * 1024;

/// Formats that are recognized by their first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// RFC 1952.
    Gzip,
    /// A zip archive.
    Zip,
    /// A format that is not imported: its name, and what to do.
    Unsupported(&'static str),
}

impl Container {
    /// Recognizes a format; `None` stands for text.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        const UNSUPPORTED: [(&[u8], &str); 7] = [
            (
                b"\xff\xfe",
                "it is encoded as UTF-16; save it as UTF-8 and import that",
            ),
            (
                b"\xfe\xff",
                "it is encoded as UTF-16; save it as UTF-8 and import that",
            ),
            (
                b"\x28\xb5\x2f\xfd",
                "it is compressed with zstd; decompress it first, or use gzip",
            ),
            (
                b"\xfd7zXZ\0",
                "it is compressed with xz; decompress it first, or use gzip",
            ),
            (
                b"BZh",
                "it is compressed with bzip2; decompress it first, or use gzip",
            ),
            (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive; unpack it first"),
            (
                b"PAR1",
                "it is a Parquet file; export it as JSON lines or CSV",
            ),
        ];
        if head.starts_with(b"\x1f\x8b") {
            return Some(Self::Gzip);
        }
        let zip = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];
        if zip.iter().any(|magic| head.starts_with(*magic)) {
            return Some(Self::Zip);
        }
        let mut unsupported = UNSUPPORTED.iter();
        let (_, reason) = unsupported.find(|(magic, _)| head.starts_with(magic))?;
        Some(Self::Unsupported(reason))
    }
}

/// Why a file cannot be read as text.
pub(super) enum OpenError {
    /// The operating system or a decoder says so.
    Io(io::Error),
    /// The format is not imported. The text completes "FILE cannot be imported: ".
    Unsupported(String),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads the first bytes, and returns them with a reader that begins with them again.
pub(super) fn peek<'a>(
    mut reader: impl BufRead + 'a,
) -> io::Result<(Vec<u8>, Box<dyn BufRead + 'a>)> {
    let mut head = Vec::new();
    reader.by_ref().take(HEAD).read_to_end(&mut head)?;
    let again = Cursor::new(head.clone()).chain(reader);
    Ok((head, Box::new(again)))
}

/// Returns a reader of the text in a file that may be compressed with gzip.
pub(super) fn decompress<'a>(reader: impl Read + 'a) -> Result<Box<dyn BufRead + 'a>, OpenError> {
    let (head, reader) = peek(BufReader::with_capacity(BUFFER, reader))?;
    match Container::of(&head) {
        None => Ok(reader),
        Some(Container::Gzip) => {
            let decoder = BufReader::with_capacity(BUFFER, MultiGzDecoder::new(reader));
            let (head, reader) = peek(decoder)?;
            match Container::of(&head) {
                None => Ok(reader),
                Some(Container::Unsupported(reason)) => Err(OpenError::Unsupported(reason.into())),
                Some(Container::Gzip | Container::Zip) => Err(OpenError::Unsupported(
                    "it is compressed twice; decompress it once first".into(),
                )),
            }
        }
        Some(Container::Zip) => Err(OpenError::Unsupported(
            "a zip archive is read only from a file of its own; unpack it first".into(),
        )),
        Some(Container::Unsupported(reason)) => Err(OpenError::Unsupported(reason.into())),
    }
}

/// Counts the bytes that are read from a file.
pub(super) struct CountingReader<R> {
    reader: R,
    count: Rc<Cell<u64>>,
}

impl<R> CountingReader<R> {
    /// Adds what is read from `reader` to `count`.
    pub(super) fn new(reader: R, count: Rc<Cell<u64>>) -> Self {
        Self { reader, count }
    }
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

impl<R: Seek> Seek for CountingReader<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.reader.seek(position)
    }
}

/// A text being read: knows how many bytes and lines have been consumed, and their digest.
pub(super) struct Content<'a> {
    reader: Box<dyn BufRead + 'a>,
    hasher: Sha256,
    bytes: u64,
    line: u64,
    last: u8,
}

impl<'a> Content<'a> {
    pub(super) fn new(reader: Box<dyn BufRead + 'a>) -> Self {
        Self {
            reader,
            hasher: Sha256::new(),
            bytes: 0,
            line: 1,
            last: 0,
        }
    }

    /// Returns the next bytes without consuming them. They are empty only at the end.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        self.reader.fill_buf()
    }

    /// Consumes bytes that [`Self::fill`] returned.
    pub(super) fn consume(&mut self, count: usize) -> io::Result<()> {
        let bytes = &self.reader.fill_buf()?[..count];
        self.hasher.update(bytes);
        for &byte in bytes {
            // LF, CR, and CR LF each end one line.
            if byte == b'\r' || (byte == b'\n' && self.last != b'\r') {
                self.line += 1;
            }
            self.last = byte;
        }
        self.bytes += count as u64;
        self.reader.consume(count);
        Ok(())
    }

    /// Consumes bytes as long as they match. Returns the first that does not, or `None` at the end.
    pub(super) fn skip_while(&mut self, matches: impl Fn(u8) -> bool) -> io::Result<Option<u8>> {
        loop {
            let bytes = self.fill()?;
            let next = bytes.iter().position(|&byte| !matches(byte));
            let (count, found) = match next {
                Some(at) => (at, Some(bytes[at])),
                None if bytes.is_empty() => return Ok(None),
                None => (bytes.len(), None),
            };
            self.consume(count)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Consumes up to the `end`th byte of the content. Returns whether there are that many.
    pub(super) fn skip_to(&mut self, end: u64) -> io::Result<bool> {
        while self.bytes < end {
            let available = self.fill()?.len() as u64;
            if available == 0 {
                return Ok(false);
            }
            self.consume(available.min(end - self.bytes) as usize)?;
        }
        Ok(true)
    }

    /// The number of bytes consumed.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The line of the next byte, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The last byte consumed; 0 at the beginning.
    pub(super) fn last(&self) -> u8 {
        self.last
    }

    /// The state of the digest, from which [`digest`] makes the digest.
    pub(super) fn hasher(&self) -> &Sha256 {
        &self.hasher
    }
}

/// The digest of everything that a hasher has seen.
pub(super) fn digest(hasher: &Sha256) -> ContentDigest {
    hasher.clone().finalize().into()
}
