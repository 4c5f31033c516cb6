//! Panics are bugs; the console tells which.

use web_sys::console;

/// Writes the message and place of a panic to the console, in place of a bare `unreachable`.
pub fn report_to_console() {
    std::panic::set_hook(Box::new(|panic| {
        console::error_1(&panic.to_string().into());
    }));
}
