//! All events in the order of their arrival.

use std::sync::Arc;

use crate::events::chunk::{CHUNK, Chunk, Entry};

/// Events in a block, the pieces of a chunk that is not full. A commit copies the last block while a snapshot
/// has it, so it is small; a full chunk is large, so that passing over a million events meets few borders.
const BLOCK: usize = if cfg!(test) { 2 } else { CHUNK / 64 };

/// The events of a project. Clones share all chunks that neither side changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    /// Full chunks.
    full: Arc<Vec<Arc<Chunk>>>,
    /// The blocks of the next chunk; all full but the last.
    blocks: Vec<Arc<Chunk>>,
}

impl Log {
    /// How many events there are, deleted ones too.
    pub(crate) fn len(&self) -> usize {
        let last = self.blocks.last().map_or(0, |last| last.len());
        self.full.len() * CHUNK + self.blocks.len().saturating_sub(1) * BLOCK + last
    }

    /// The chunks and blocks, in order.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &Chunk> + Clone {
        self.full.iter().chain(&self.blocks).map(|chunk| &**chunk)
    }

    /// The chunk that has a row, and where.
    pub(crate) fn locate(&self, row: u32) -> (&Chunk, usize) {
        let (chunk, event) = (row as usize / CHUNK, row as usize % CHUNK);
        match self.full.get(chunk) {
            Some(chunk) => (chunk, event),
            None => (&self.blocks[event / BLOCK], event % BLOCK),
        }
    }

    /// The distinct id of a row.
    pub(crate) fn id(&self, row: u32) -> u32 {
        let (chunk, event) = self.locate(row);
        chunk.ids[event]
    }

    /// Adds an event.
    pub(crate) fn push(&mut self, entry: Entry, codes: &[u32]) {
        if self.blocks.last().is_none_or(|last| last.len() == BLOCK) {
            if self.blocks.len() == CHUNK / BLOCK {
                let chunk = Chunk::joined(&self.blocks);
                Arc::make_mut(&mut self.full).push(Arc::new(chunk));
                self.blocks.clear();
            }
            self.blocks.push(Arc::default());
        }
        let last = self.blocks.last_mut().expect("one was put there");
        Arc::make_mut(last).push(entry, codes);
    }

    /// Changes the chunks that `is_concerned`, and copies only these.
    pub(crate) fn change(
        &mut self,
        is_concerned: impl Fn(&Chunk) -> bool,
        mut change: impl FnMut(&mut Chunk),
    ) {
        if self.full.iter().any(|chunk| is_concerned(chunk)) {
            let full = Arc::make_mut(&mut self.full).iter_mut();
            for chunk in full.filter(|chunk| is_concerned(chunk)) {
                change(Arc::make_mut(chunk));
            }
        }
        for chunk in self.blocks.iter_mut().filter(|chunk| is_concerned(chunk)) {
            change(Arc::make_mut(chunk));
        }
    }
}
