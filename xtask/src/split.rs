//! Taking the built app apart, so that the first screen does not pay for the others.
//!
//! Functions of the app that are marked as split points (`src/app/parts.rs`) go, with all that only they
//! need, into WebAssembly files of their own. That has to happen after the compiler and before
//! wasm-bindgen, and Trunk calls wasm-bindgen by its name. So a copy of this program under that name
//! stands first on Trunk's PATH: it splits, calls the real one for what remains, puts the code that
//! loads the parts into the JavaScript which that one made, and makes that small (`glue.rs`).

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::fingerprint::Fingerprint;
use crate::workspace::Workspace;
use crate::{glue, process};

/// The program this one takes the place of.
const NAME: &str = "wasm-bindgen";
/// Its real path.
const REAL: &str = "PERSONS_WASM_BINDGEN";
/// The folder for the parts.
const PARTS: &str = "PERSONS_PARTS";
/// Under which name the splitting tool imports the loader.
const LOADER: &str = "./__wasm_split.js";
/// Its name for the app's own module.
const WHOLE: &str = "persons";

/// What the names of parts begin with.
pub const PREFIX: &str = "screen-";

/// Where [`answer`] leaves the parts, and from where they go beside the app.
pub struct Parts(PathBuf);

impl Parts {
    /// Readies a command that calls wasm-bindgen to call this program instead.
    pub fn prepare(workspace: &Workspace, command: &mut Command, real: &Path) -> Result<Self> {
        let parts = workspace.web_target().join("parts");
        let stand_in = workspace.web_target().join("stand-in");
        for folder in [&parts, &stand_in] {
            make_empty(folder)?;
        }
        let this = env::current_exe().context("report this: this program has no path")?;
        let name = format!("{NAME}{}", env::consts::EXE_SUFFIX);
        fs::copy(this, stand_in.join(name)).context("make the target folder writable")?;
        let path = command.get_envs().find(|(name, _)| *name == "PATH");
        let path = path.and_then(|(_, path)| path).map(OsString::from);
        let path = path.or_else(|| env::var_os("PATH")).unwrap_or_default();
        let path = env::join_paths([stand_in].into_iter().chain(env::split_paths(&path)))?;
        command.env("PATH", path).env(REAL, real).env(PARTS, &parts);
        Ok(Self(parts))
    }

    /// Puts the parts beside the app that loads them.
    pub fn publish(&self, dist: &Path) -> Result<()> {
        for part in self.0.read_dir()? {
            let part = part?;
            fs::copy(part.path(), dist.join(part.file_name()))?;
        }
        Ok(())
    }
}

/// What to do when this program was called by the name of wasm-bindgen; `None` when it was not.
pub fn answer() -> Option<ExitCode> {
    let called = env::args_os().next()?;
    if Path::new(&called).file_stem()? != NAME {
        return None;
    }
    Some(match stand_in(env::args_os().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    })
}

fn stand_in(arguments: Vec<OsString>) -> Result<()> {
    let real = env::var_os(REAL).context("report this: the real wasm-bindgen is not known")?;
    let app = arguments
        .iter()
        .position(|argument| is_wasm(argument.as_ref()));
    let Some(app) = app else {
        return run(Command::new(real).args(arguments));
    };
    let parts = env::var_os(PARTS).map(PathBuf::from);
    let parts = parts.context("report this: the folder for the parts is not known")?;
    let pieces = parts.with_extension("pieces");
    make_empty(&pieces)?;
    let input = PathBuf::from(&arguments[app]);
    run(
        Command::new(process::find("wasm-split-cli").context("wasm-split-cli is not there")?)
            .args([input.as_os_str(), pieces.as_os_str()])
            .args(["--target", "web", "--out-name", WHOLE]),
    )?;

    let mut rest = arguments.clone();
    let whole = pieces.join(WHOLE).with_extension("wasm");
    rest[app] = whole.clone().into_os_string();
    // The parts share the table of functions, which wasm-bindgen would keep to itself.
    run(Command::new(real).args(rest).arg("--keep-lld-exports"))?;

    let mut names = Vec::new();
    let id = fingerprint_of(&input)?;
    for piece in pieces
        .read_dir()?
        .map(|piece| piece.map(|piece| piece.path()))
    {
        let piece = piece?;
        if piece == whole || !is_wasm(&piece) {
            continue;
        }
        let stem = piece.file_stem().unwrap_or_default().to_string_lossy();
        let part = stem.strip_prefix("split_").unwrap_or(&stem);
        // A part fits the app it was taken from and no other, so it is named by the whole.
        let name = format!("{PREFIX}{part}-{id}.wasm");
        optimize(&piece, &parts.join(&name))?;
        names.push((format!("./{stem}.wasm"), format!("./{name}")));
    }
    let folder = folder_of(&arguments)?;
    let script = folder.join(WHOLE).with_extension("js");
    let app = folder.join(format!("{WHOLE}_bg.wasm"));
    let loader = fs::read_to_string(pieces.join(LOADER))?;
    let glue = fs::read_to_string(&script)?;
    let (short, glue) = glue::with_short_names(&fs::read(&app)?, &glue)?;
    fs::write(&app, short)?;
    fs::write(&script, with_loader(&glue, &loader, &names)?)?;
    glue::minify(&script)
}

/// What an earlier build left would be taken for a part of this one.
fn make_empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if !status.success() {
        bail!("{} failed", command.get_program().to_string_lossy());
    }
    Ok(())
}

fn is_wasm(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "wasm")
}

fn fingerprint_of(app: &Path) -> Result<String> {
    let folder = app.parent().context("report this: the app lies nowhere")?;
    let name = app.file_name().unwrap_or_default().to_string_lossy();
    Ok(Fingerprint::default().path(folder, &name)?.hex())
}

fn folder_of(arguments: &[OsString]) -> Result<PathBuf> {
    let folder = arguments
        .iter()
        .find_map(|argument| argument.to_str()?.strip_prefix("--out-dir="));
    folder
        .map(PathBuf::from)
        .context("report this: Trunk did not say where the JavaScript goes")
}

/// Makes a part small with the same parameters as the app itself, which index.html holds.
fn optimize(piece: &Path, part: &Path) -> Result<()> {
    let page = fs::read_to_string("index.html").context("restore index.html")?;
    let parameters = attribute(&page, "data-wasm-opt-params")
        .context("give index.html its data-wasm-opt-params again")?;
    let wasm_opt = process::find("wasm-opt").context("wasm-opt is not there")?;
    run(Command::new(wasm_opt)
        .args(["-Oz", "--strip-debug", "--strip-producers"])
        .args(parameters.split_whitespace())
        .arg(piece)
        .arg("-o")
        .arg(part))
}

fn attribute<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// The glue with the loader in the place of its imports: one file less on the way to the first screen.
fn with_loader(glue: &str, loader: &str, names: &[(String, String)]) -> Result<String> {
    let mut modules = Vec::new();
    let mut rest = String::new();
    for line in glue.lines() {
        match line
            .strip_prefix("import * as ")
            .filter(|line| line.contains(LOADER))
        {
            Some(import) => modules.extend(import.split_once(' ').map(|(name, _)| name)),
            None => rest.extend([line, "\n"]),
        }
    }
    if modules.is_empty() {
        bail!("mark at least one split point: nothing in the app loads a part");
    }
    let mut loader: String = loader
        .lines()
        .filter(|line| !line.starts_with("import "))
        .flat_map(|line| [line, "\n"])
        .collect();
    for (name, hashed) in names {
        if !loader.contains(name) {
            bail!("report this: the loader does not know {name}");
        }
        loader = loader.replace(name, hashed);
    }
    let exported: Vec<_> = loader
        .lines()
        .filter_map(|line| line.strip_prefix("export const ")?.split_once(' '))
        .map(|(name, _)| name.to_owned())
        .collect();
    let loader = loader.replace("export const ", "const ");
    let exported = exported.join(", ");
    let mut script = format!("const parts = (() => {{\n{loader}return {{ {exported} }};\n}})();\n");
    for module in modules {
        script.push_str(&format!("const {module} = parts;\n"));
    }
    Ok(script + &rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADER_SCRIPT: &str = "import { initSync } from \"./persons.js\";\n\
        const shared = load(\"./chunk_1.wasm\");\n\
        export const load_a = part(\"./split_a.wasm\");\n\
        export const load_b = part(\"./split_b.wasm\");\n";

    fn names() -> Vec<(String, String)> {
        ["chunk_1", "split_a", "split_b"]
            .map(|stem| (format!("./{stem}.wasm"), format!("./{stem}-00.wasm")))
            .to_vec()
    }

    #[test]
    fn the_loader_takes_the_place_of_its_imports() -> Result<()> {
        let glue = "import * as import1 from \"./__wasm_split.js\"\n\
            import * as import2 from \"./__wasm_split.js\"\n\
            use(import1, import2);\n";
        let script = with_loader(glue, LOADER_SCRIPT, &names())?;
        assert!(
            !script.contains("import *") && !script.contains("import {"),
            "{script}"
        );
        assert!(script.contains("return { load_a, load_b };"), "{script}");
        assert!(script.contains("const import2 = parts;\n"), "{script}");
        assert!(script.contains("part(\"./split_b-00.wasm\")"), "{script}");
        assert!(script.ends_with("use(import1, import2);\n"), "{script}");
        Ok(())
    }

    #[test]
    fn a_part_that_the_loader_does_not_know_is_an_error() {
        let glue = "import * as import1 from \"./__wasm_split.js\"\n";
        let unknown = [("./split_c.wasm".to_owned(), "./c.wasm".to_owned())];
        assert!(with_loader(glue, LOADER_SCRIPT, &unknown).is_err());
        assert!(with_loader("use();", LOADER_SCRIPT, &[]).is_err());
    }

    #[test]
    fn parameters_are_read_from_the_page() {
        let page = "<link data-wasm-opt=\"z\" data-wasm-opt-params=\"-Oz --a\">";
        assert_eq!(attribute(page, "data-wasm-opt-params"), Some("-Oz --a"));
        assert_eq!(attribute(page, "data-nothing"), None);
    }
}
