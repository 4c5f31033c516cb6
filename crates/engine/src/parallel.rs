//! Using the machine's processors for work on memory.

/// Threads that a piece of work is cut for. More than a few only wait for memory.
#[cfg(not(target_arch = "wasm32"))]
const MOST_THREADS: usize = 8;

/// How many threads [`map`] is worth cutting work for.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn threads() -> usize {
    static THREADS: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let available = || std::thread::available_parallelism().map_or(1, usize::from);
    (*THREADS.get_or_init(available)).min(MOST_THREADS)
}

/// How many threads [`map`] is worth cutting work for.
#[cfg(target_arch = "wasm32")]
pub(crate) fn threads() -> usize {
    1
}

/// Does all pieces of work at the same time, the last one on this thread.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn map<W: Sync, T: Send>(work: &[W], on_each: impl Fn(&W) -> T + Sync) -> Vec<T> {
    let Some((last, others)) = work.split_last() else {
        return Vec::new();
    };
    let on_each = &on_each;
    std::thread::scope(|scope| {
        let running: Vec<_> = others
            .iter()
            .map(|piece| scope.spawn(move || on_each(piece)))
            .collect();
        let last = on_each(last);
        let mut done: Vec<T> = running
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect();
        done.push(last);
        done
    })
}

/// Does all pieces of work, one after the other.
#[cfg(target_arch = "wasm32")]
pub(crate) fn map<W: Sync, T: Send>(work: &[W], on_each: impl Fn(&W) -> T + Sync) -> Vec<T> {
    work.iter().map(on_each).collect()
}
