//! A disk for tests that can lose everything that was not synced.
//!
//! [`Disk`] is a SQLite VFS that passes everything on to the operating system and keeps, for each file, what was
//! synced and what was only written since. At any moment [`Model::cut_power`] says what could be found on the disk
//! if the power failed just then: all that was synced, and of the rest an arbitrary part, torn at sectors. The
//! running program goes on, so that one run has many cuts.
//!
//! It can also refuse writes, from any moment on: see [`Disk::refuse_writes`].
//!
//! What is assumed of the disk: a sync that has returned is kept; a sector is written whole or not at all; writing
//! to one sector does not harm another; nothing is ordered but by syncs. A file that was created or deleted may
//! be there or not until its folder is synced. SQLite does that with the first sync of a journal, and with deletions
//! that ask for it.

mod model;
mod vfs;

pub use model::{Image, Model, write_image};
pub use vfs::{Disk, Refusal};
