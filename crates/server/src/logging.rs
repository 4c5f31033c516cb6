//! The log: one line for each event, on standard error, without personal API keys.

use std::io;
use std::panic;

use tracing_subscriber::EnvFilter;

use crate::secret;

/// Starts the log of this process and sends panics there, too. `PERSONS_LOG` says how much is logged.
pub fn start() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("PERSONS_LOG").unwrap_or_else(|_| "info".into()))
        .with_writer(|| MaskedStderr)
        .with_target(false)
        .init();
    panic::set_hook(Box::new(|info| {
        let thread = std::thread::current();
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or_default();
        tracing::error!(thread = thread.name(), place, message, "panic");
    }));
}

/// Standard error, with keys masked: errors and panics repeat what a request held.
struct MaskedStderr;

impl io::Write for MaskedStderr {
    /// Writes one event: the subscriber passes each in one piece.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        io::Write::write_all(&mut io::stderr(), secret::mask_keys(&text).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(&mut io::stderr())
    }
}
