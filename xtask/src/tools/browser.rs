//! The browser of the tests, with the driver that belongs to it.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::apt::Apt;
use crate::process;
use crate::workspace::Workspace;

const CHROME_NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
/// Where macOS keeps applications that are not on the PATH.
const MACOS_CHROME: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// A matched pair.
pub struct Browser {
    /// Chromium or Chrome.
    pub chrome: PathBuf,
    /// The chromedriver of the same version.
    pub chromedriver: PathBuf,
}

impl Browser {
    /// The one named by `CHROME` and `CHROMEDRIVER`, the machine's own, or a newly installed one.
    pub fn ensure(workspace: &Workspace) -> Result<Self> {
        if let Some(browser) = Self::find() {
            return Ok(browser);
        }
        if let Some(apt) = Apt::available() {
            apt.install(workspace, &["chromium", "chromium-driver"])?;
        }
        match Self::find() {
            Some(browser) => Ok(browser),
            None => bail!(
                "install Chromium or Chrome and the chromedriver of the same version, \
                 or name them in CHROME and CHROMEDRIVER: the browser tests need both"
            ),
        }
    }

    fn find() -> Option<Self> {
        let named = |variable| {
            env::var_os(variable)
                .map(PathBuf::from)
                .filter(|path| path.is_file())
        };
        let chrome = named("CHROME")
            .or_else(|| CHROME_NAMES.iter().find_map(|name| process::find(name)))
            .or_else(|| Some(PathBuf::from(MACOS_CHROME)).filter(|path| path.is_file()))?;
        let chromedriver = named("CHROMEDRIVER").or_else(|| process::find("chromedriver"))?;
        Some(Self {
            chrome,
            chromedriver,
        })
    }
}
