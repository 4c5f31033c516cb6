//! The JavaScript beside the app, made small: it is on the way to the first screen.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process;

/// Under which name the app imports what wasm-bindgen wrote for it.
const MODULE: &[u8] = b"./persons_bg.js";

/// The section of a WebAssembly file that says what it imports.
const IMPORTS: u8 = 2;

/// Gives what the app imports from its JavaScript short names, in both files. wasm-bindgen's are up to forty
/// letters long and end with sixteen random ones, which no compression can do anything about.
pub fn with_short_names(app: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let mut short = Vec::with_capacity(app.len());
    let mut script = script.to_owned();
    let mut reader = Reader(app);
    short.extend(reader.bytes(8)?);
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let content = reader.sized()?;
        if id == IMPORTS {
            let content = imports(content, &mut script)?;
            put_section(&mut short, id, &content);
        } else {
            put_section(&mut short, id, content);
        }
    }
    Ok((short, script))
}

/// Minifies a module in its place.
pub fn minify(script: &Path) -> Result<()> {
    let esbuild = process::find("esbuild").context("esbuild is not there")?;
    let status = Command::new(esbuild)
        .args(["--minify", "--format=esm", "--log-level=error"])
        .args(["--legal-comments=none", "--allow-overwrite"])
        .arg(script)
        .arg(format!("--outfile={}", script.display()))
        .status()?;
    ensure!(
        status.success(),
        "report this: esbuild cannot read the app's JavaScript"
    );
    Ok(())
}

/// The section with other names, which are given to the script, too.
fn imports(content: &[u8], script: &mut String) -> Result<Vec<u8>> {
    let mut section = Vec::new();
    let mut reader = Reader(content);
    let count = reader.number()?;
    put_number(&mut section, count);
    for place in 0..count {
        let (module, name) = (reader.sized()?, reader.sized()?);
        let before = reader.0;
        reader.skip_description()?;
        let description = &before[..before.len() - reader.0.len()];
        put_sized(&mut section, module);
        if module == MODULE {
            let name = std::str::from_utf8(name).context("report this: a name is not text")?;
            let other = format!("i{place}");
            let key = format!(" {name}:");
            if script.matches(&key).count() != 1 {
                bail!("report this: the JavaScript of the app has no {name}, or several");
            }
            *script = script.replace(&key, &format!(" {other}:"));
            put_sized(&mut section, other.as_bytes());
        } else {
            put_sized(&mut section, name);
        }
        section.extend(description);
    }
    Ok(section)
}

/// What is left to be read of a WebAssembly file.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (these, rest) = self
            .0
            .split_at_checked(count)
            .context("report this: the app ends too early")?;
        self.0 = rest;
        Ok(these)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    /// Seven bits a byte, from the lowest; all but the last have the eighth set.
    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        bail!("report this: a number in the app does not end")
    }

    fn sized(&mut self) -> Result<&'a [u8]> {
        let size = self.number()?;
        self.bytes(usize::try_from(size)?)
    }

    /// What is imported: a function by its type, a table, a memory, or a global.
    fn skip_description(&mut self) -> Result<()> {
        match self.byte()? {
            0 => _ = self.number()?,
            kind @ (1 | 2) => {
                if kind == 1 {
                    self.byte()?;
                }
                let has_most = self.byte()? & 1 == 1;
                self.number()?;
                if has_most {
                    self.number()?;
                }
            }
            3 => _ = self.bytes(2)?,
            other => bail!("report this: the app imports something of the unknown kind {other}"),
        }
        Ok(())
    }
}

fn put_section(file: &mut Vec<u8>, id: u8, content: &[u8]) {
    file.push(id);
    put_sized(file, content);
}

fn put_sized(file: &mut Vec<u8>, bytes: &[u8]) {
    put_number(file, bytes.len() as u64);
    file.extend(bytes);
}

fn put_number(file: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        file.push(number as u8 | 0x80);
        number >>= 7;
    }
    file.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Imports a function of each module, a table with a limit and a global; then comes a section of its own.
    fn app(names: [&str; 2]) -> Vec<u8> {
        let mut section = Vec::new();
        put_number(&mut section, 4);
        let described: [(&[u8], &str, &[u8]); 4] = [
            (MODULE, names[0], &[0, 0x85, 1]),
            (b"./other.js", "__wbg_log_1", &[1, 0x70, 1, 2, 3]),
            (MODULE, names[1], &[3, 0x7f, 0]),
            (b"env", "memory", &[2, 0, 1]),
        ];
        for (module, name, description) in described {
            put_sized(&mut section, module);
            put_sized(&mut section, name.as_bytes());
            section.extend(description);
        }
        let mut file = b"\0asm\x01\0\0\0".to_vec();
        put_section(&mut file, IMPORTS, &section);
        put_section(&mut file, 11, &[7; 300]);
        file
    }

    #[test]
    fn both_files_have_the_same_short_names_and_nothing_else_changes() -> Result<()> {
        let script = "x = { __wbg_log_1: function() {}, __wbg_log_12: 7 }";
        let (short, script) = with_short_names(&app(["__wbg_log_1", "__wbg_log_12"]), script)?;
        assert_eq!(script, "x = { i0: function() {}, i2: 7 }");
        assert_eq!(short, app(["i0", "i2"]));
        Ok(())
    }

    #[test]
    fn what_does_not_fit_together_is_an_error() {
        let whole = app(["a", "b"]);
        let script = "x = { a: 1, b: 2 }";
        assert!(with_short_names(&whole, script).is_ok());
        assert!(with_short_names(&whole, "x = { a: 1 }").is_err());
        assert!(with_short_names(&whole, "x = { a: 1, b: 2, b: 3 }").is_err());
        assert!(with_short_names(&whole[..40], script).is_err());
        assert!(with_short_names(b"", script).is_err());
    }
}
