//! The browser: the only place that names `web_sys` and `js_sys`.
//!
//! Each file wraps one thing browsers have, in types of Rust. What does not belong here: anything that
//! knows what a person, a key or a screen is. Where a browser refuses (storage switched off, no
//! clipboard), the answer is `None` or `false`, because every caller has a way to go on.

pub mod abort;
mod by_name;
pub mod clipboard;
pub mod clock;
pub mod cookie;
pub mod crypto;
pub mod database;
pub mod dialog;
pub mod document;
pub mod download;
pub mod early;
pub mod focus;
pub mod history;
pub mod intl;
pub mod keyboard;
pub mod listener;
pub mod locks;
pub mod panic;
pub mod picture;
pub mod pointer;
pub mod regex;
pub mod storage;
pub mod style;
pub mod text;
pub mod theme;
pub mod timer;
pub mod viewport;

pub use abort::Abort;
