//! The release web app: built by Trunk when an input changed, compressed once here instead of per
//! request.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::fingerprint::Fingerprint;
use crate::split::Parts;
use crate::step::{Step, note};
use crate::toolchain::{WASM, WebToolchain, field};
use crate::tools::{self, esbuild, wasm_opt};
use crate::workspace::Workspace;
use crate::{precompress, process, rustflags};

/// Everything in the checkout that can change a byte of the app.
const INPUTS: [&str; 15] = [
    "src",
    "style",
    "public",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    "crates/api",
    "crates/engine",
    "crates/no-streams",
    ".cargo/config.toml",
    "xtask/src/glue.rs",
    "xtask/src/rustflags.rs",
    "xtask/src/split.rs",
    "xtask/src/web.rs",
];

/// Builds the app unless it is up to date, and returns its folder.
pub fn build(workspace: &Workspace) -> Result<PathBuf> {
    let dist = workspace.dist();
    let toolchain = tools::for_trunk(workspace)?;
    let build_id = build_id(workspace, &toolchain)?;
    let inputs = inputs(workspace, &build_id)?;
    let stamp = workspace.web_target().join("dist.stamp");
    if fs::read_to_string(&stamp).is_ok_and(|known| known == current(workspace, &inputs)) {
        note("web app: unchanged");
        return Ok(dist);
    }
    fetch_crates(workspace, &toolchain)?;
    run_trunk(workspace, &toolchain, &build_id)?.publish(&dist)?;
    let step = Step::begin("compressing the web app");
    precompress::all_files_below(&dist)?;
    step.done();
    fs::write(&stamp, current(workspace, &inputs))
        .with_context(|| format!("make {} writable", stamp.display()))?;
    Ok(dist)
}

/// Trunk names files by a hash taken before wasm-bindgen and wasm-opt run. The app carries this id
/// in its bytes (`option_env!("PERSONS_BUILD_ID")`), so that other tools mean another name.
fn build_id(workspace: &Workspace, toolchain: &WebToolchain) -> Result<String> {
    let mut id = Fingerprint::default();
    id.text(&tools::trunk().version)
        .text(&tools::splitter().version)
        .text(&wasm_opt::version(toolchain.command("wasm-opt")))
        .text(esbuild::VERSION)
        .text(&toolchain.identity()?)
        .path(&workspace.root, "xtask/src/glue.rs")?
        .path(&workspace.root, "xtask/src/split.rs")?
        .path(&workspace.root, "Trunk.toml")?
        .path(&workspace.root, "index.html")?;
    Ok(id.hex())
}

fn inputs(workspace: &Workspace, build_id: &str) -> Result<String> {
    let mut inputs = Fingerprint::default();
    inputs.text(build_id);
    for input in INPUTS {
        inputs
            .path(&workspace.root, input)
            .with_context(|| format!("make {input} readable"))?;
    }
    Ok(inputs.hex())
}

/// The stamp of a build from these inputs that left what now lies in dist. Anything else that writes
/// there, such as `trunk serve`, changes index.html, which names all other files by hash.
fn current(workspace: &Workspace, inputs: &str) -> String {
    let mut output = Fingerprint::default();
    let page = output.path(&workspace.dist(), "index.html");
    let output = page.map_or_else(|_| String::new(), |output| output.hex());
    format!("{inputs} {output}\n")
}

/// Trunk runs offline, so crates must be here before it starts.
fn fetch_crates(workspace: &Workspace, toolchain: &WebToolchain) -> Result<()> {
    let identity = toolchain.identity()?;
    let host =
        field(&identity, "host").context("report this: `rustc -vV` does not name its host")?;
    let mut fetch = toolchain.command("cargo");
    fetch
        .args(["fetch", "--target", WASM, "--target", host])
        .current_dir(&workspace.root);
    process::logged(workspace, "fetch", "fetching crates", &mut fetch)
}

fn run_trunk(workspace: &Workspace, toolchain: &WebToolchain, build_id: &str) -> Result<Parts> {
    let mut trunk = toolchain.command("trunk");
    trunk
        .args(["build", "--release", "--offline", "--skip-version-check"])
        .args(["--color", "never", "--dist"])
        .arg(workspace.dist())
        .current_dir(&workspace.root)
        .env("PERSONS_BUILD_ID", build_id)
        .env("RUSTFLAGS", rustflags::for_separate_screens())
        // Trunk understands only true and false here, and stops at the usual 1.
        .env_remove("NO_COLOR");
    let bindgen = toolchain.command("wasm-bindgen");
    let parts = Parts::prepare(workspace, &mut trunk, bindgen.get_program().as_ref())?;
    process::logged(workspace, "trunk", "building the web app", &mut trunk)?;
    Ok(parts)
}
