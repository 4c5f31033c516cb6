//! Start-up: errors become readable, then the app takes the place of the page's static skeleton.

#![forbid(unsafe_code)]

#[cfg(target_arch = "wasm32")]
fn main() {
    persons::platform::panic::report_to_console();
    // Never unmounted: the app lives as long as the page.
    leptos::mount::mount_to(
        persons::platform::document::take_root("app"),
        persons::app::App,
    )
    .forget();
}

/// The app runs in a browser; this is for those who typed `cargo run`.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("`cargo xtask run` builds the web app and starts the server with it.");
}
