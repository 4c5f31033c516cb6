//! The world of a journey: a real server with a data file of its own, a real Chromium, nothing doubled.
//!
//! `cargo xtask test` builds the release app and server, finds the browser, and says where they are:
//! `PERSONS_SERVER_BIN`, `PERSONS_WEB_DIST`, `CHROME`, `CHROMEDRIVER`, `AXE_JS`.

mod answers;
mod browser;
mod folder;
mod server;

pub use answers::Answers;
pub use browser::{Browser, Theme};
pub use server::Server;
pub use thirtyfour::{Key, TypingData};

/// What a journey may fail with.
pub type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// A path or program that `cargo xtask test` names.
fn given(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test --only e2e`"))
}

/// Any text as a part of a URL.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
