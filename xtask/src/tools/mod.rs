//! Programs the build and the tests need, each found or installed on first use.

pub mod axe;
pub mod browser;
pub mod cargo_tool;
pub mod esbuild;
pub mod npm;
pub mod schemathesis;
pub mod wasm_opt;

use anyhow::Result;

use crate::toolchain::WebToolchain;
use crate::tools::cargo_tool::CargoTool;
use crate::workspace::Workspace;
use crate::{lockfile, wasm_std};

/// What every wasm32 command needs: a toolchain with the standard library, and wasm-bindgen in the
/// version of the library the app links.
pub fn for_wasm(workspace: &Workspace) -> Result<WebToolchain> {
    let toolchain = wasm_std::ensure(workspace)?;
    let bindgen = wasm_bindgen(workspace)?.ensure(workspace)?;
    Ok(WebToolchain::new(workspace, toolchain, vec![bindgen]))
}

/// What Trunk needs to build the app without reaching for the network itself.
pub fn for_trunk(workspace: &Workspace) -> Result<WebToolchain> {
    let toolchain = wasm_std::ensure(workspace)?;
    let mut dirs = vec![
        trunk().ensure(workspace)?,
        wasm_bindgen(workspace)?.ensure(workspace)?,
        splitter().ensure(workspace)?,
    ];
    dirs.extend(wasm_opt::ensure(workspace)?);
    dirs.extend(esbuild::ensure(workspace)?);
    Ok(WebToolchain::new(workspace, toolchain, dirs))
}

/// The bundler. 0.22 wants a newer compiler than the workspace does.
pub fn trunk() -> CargoTool {
    CargoTool {
        package: "trunk",
        folder: "trunk",
        binaries: &["trunk"],
        version: "0.21.14".to_owned(),
        // The default features only fetch tools from the network, which is our job here.
        arguments: &["--locked", "--no-default-features"],
        patience: "some minutes",
    }
}

/// What takes the app apart; from the makers of the macro that marks where.
pub fn splitter() -> CargoTool {
    CargoTool {
        package: "wasm_split_cli_support",
        folder: "wasm-split",
        binaries: &["wasm-split-cli"],
        version: "0.2.4".to_owned(),
        arguments: &["--locked", "--features=build-binary"],
        patience: "half a minute",
    }
}

fn wasm_bindgen(workspace: &Workspace) -> Result<CargoTool> {
    Ok(CargoTool {
        package: "wasm-bindgen-cli",
        folder: "wasm-bindgen",
        binaries: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        version: lockfile::version_of(workspace, "wasm-bindgen")?,
        // Without --locked: its lock file may name versions that a mirror does not have yet.
        arguments: &[],
        patience: "some minutes",
    })
}
