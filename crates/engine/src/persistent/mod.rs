//! Collections whose clones are cheap: a clone shares everything with its original, and either side copies
//! only the small pieces that it changes afterwards.
//!
//! The writer changes a private copy of all people and events and publishes clones of it. So a clone must
//! cost next to nothing, a change must cost what it changes, and reading must not lock. The maintained
//! crates for this (`im`, `imbl`, `rpds`) are under the MPL, and none keeps neighbors together in memory,
//! which passes over a million values need.

mod cow_vec;
mod hash_index;
mod sorted_chunks;

pub(crate) use cow_vec::CowVec;
pub(crate) use hash_index::HashIndex;
pub(crate) use sorted_chunks::SortedChunks;
