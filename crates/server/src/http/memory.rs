//! The memory that requests may hold at one time, in total.
//!
//! A request passes through stages, and each stage has a budget of its own, so that no stage waits for an earlier one:
//! bodies while they arrive, one large text for each decoder, and values until the writer has stored them. Requests
//! with a key have a budget apart, which anonymous requests cannot exhaust. A request that finds no room waits
//! briefly and is then told to come again.

use std::collections::HashMap;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak, mpsc};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

use super::call::internal;
use super::error::ApiError;
use crate::capture;

/// The bodies of anonymous requests, capture among them, in bytes.
const BODIES: usize = 40 << 20;
/// The part of it that one peer may take: one of the largest batches.
const BODIES_OF_PEER: usize = 24 << 20;
/// The values of anonymous requests, in estimated bytes.
const VALUES: usize = capture::MAX_VALUES;
/// The part of every body that needs no room, in bytes. As many connections as the server has at most take 8 MB so.
/// So the small requests that SDKs send do not wait for large ones.
pub(super) const SMALL_BODY: usize = 16 << 10;
/// Values of an anonymous request that are no more than this have a budget apart, in estimated bytes.
pub(super) const SMALL_VALUES: usize = 1 << 20;
/// That budget.
const ALL_SMALL_VALUES: usize = 16 << 20;
/// The bodies and values of requests with a key, in bytes.
const TRUSTED: usize = 192 << 20;
/// Decoders of large texts that work at the same time: half of the processors, but each may hold
/// [`capture::MAX_TEXT`] bytes.
const MAX_DECODERS: usize = 2;
/// Anonymous requests to the API whose body may arrive at the same time, because the key may be in it.
const MAX_KEY_SEARCHES: usize = 64;

/// How long a request waits for room, and for a decoder.
const ROOM_TIMEOUT: Duration = Duration::from_secs(2);
const DECODER_TIMEOUT: Duration = Duration::from_secs(5);

/// Seconds after which a request that found no room may come again.
pub(super) const RETRY_AFTER_SECONDS: u64 = 2;

/// Reservations are rounded up to this many bytes.
const UNIT: usize = 1 << 10;

/// Peers whose shares are remembered before those that hold nothing are forgotten.
const MAX_IDLE_PEERS: usize = 1000;

/// All budgets of a server.
pub(super) struct MemoryBudget {
    bodies: Arc<Semaphore>,
    values: Arc<Semaphore>,
    small_values: Arc<Semaphore>,
    trusted: Arc<Semaphore>,
    decoders: Decoders,
    key_searches: Arc<Semaphore>,
    peers: Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

impl Default for MemoryBudget {
    fn default() -> Self {
        let bytes = |bytes: usize| Arc::new(Semaphore::new(bytes / UNIT));
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            bodies: bytes(BODIES),
            values: bytes(VALUES),
            small_values: bytes(ALL_SMALL_VALUES),
            trusted: bytes(TRUSTED),
            decoders: Decoders::new(processors.div_ceil(2).min(MAX_DECODERS)),
            key_searches: Arc::new(Semaphore::new(MAX_KEY_SEARCHES)),
            peers: Mutex::default(),
        }
    }
}

impl MemoryBudget {
    /// Room for the body of an anonymous request, beyond its first [`SMALL_BODY`] bytes.
    pub(super) fn body(&self, peer: Option<IpAddr>) -> Reservation {
        let share = peer.map(|peer| self.share(peer));
        Reservation {
            free: SMALL_BODY,
            ..Reservation::new(&self.bodies, share)
        }
    }

    /// Room for the values of an anonymous request, `bytes` of them.
    pub(super) async fn values(&self, bytes: usize) -> Result<Reservation, ApiError> {
        let is_small = bytes <= SMALL_VALUES;
        let budget = if is_small {
            &self.small_values
        } else {
            &self.values
        };
        let mut room = Reservation::new(budget, None);
        room.grow(bytes).await?;
        Ok(room)
    }

    /// Room for the body and the values of a request with a key.
    pub(super) fn trusted(&self) -> Reservation {
        Reservation::new(&self.trusted, None)
    }

    /// The turn to decode a large text.
    pub(super) async fn decoder(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        acquire(&self.decoders.turns, 1, DECODER_TIMEOUT).await
    }

    /// Runs work on a decoder's thread. Its caller holds a turn.
    pub(super) async fn decode<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let (done, result) = oneshot::channel();
        let job = Box::new(move || {
            // The client may have left.
            let _ = done.send(work());
        });
        // A job that is not sent, like one that panics, drops the sender of the result.
        let _ = self.decoders.jobs.send(job);
        result.await.map_err(|_| internal("a decoder has failed"))
    }

    /// The turn to look for a key in a body.
    pub(super) async fn key_search(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        acquire(&self.key_searches, 1, ROOM_TIMEOUT).await
    }

    /// What one peer may take of the budget for bodies.
    fn share(&self, peer: IpAddr) -> Arc<Semaphore> {
        let mut peers = self.peers.lock();
        if peers.len() > MAX_IDLE_PEERS {
            peers.retain(|_, share| share.strong_count() > 0);
        }
        let known = peers.get(&peer).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let share = Arc::new(Semaphore::new(BODIES_OF_PEER / UNIT));
            peers.insert(peer, Arc::downgrade(&share));
            share
        })
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// Threads that decode and parse large texts. They are always the same ones, because the system's allocator keeps free
/// memory apart for each thread.
struct Decoders {
    turns: Arc<Semaphore>,
    jobs: mpsc::Sender<Job>,
}

impl Decoders {
    fn new(count: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..count {
            let queue = queue.clone();
            let thread = std::thread::Builder::new().name("decoder".into());
            let started = thread.spawn(move || {
                // The lock is held while waiting, so one thread waits for a job and the others for their turn.
                let next = || queue.lock().recv();
                while let Ok(job) = next() {
                    // A panic ends the request, not the decoder. The panic hook has logged it.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            });
            if let Err(error) = started {
                tracing::error!(%error, "a decoder could not be started");
            }
        }
        Self {
            turns: Arc::new(Semaphore::new(count)),
            jobs,
        }
    }
}

/// Memory that a request has reserved. Dropping it makes room for others.
#[derive(Debug)]
pub(super) struct Reservation {
    budgets: Vec<Arc<Semaphore>>,
    permits: Vec<OwnedSemaphorePermit>,
    bytes: usize,
    /// Bytes that are not taken from the budgets.
    free: usize,
    units: usize,
    /// How long this request may still wait for room.
    patience: Duration,
}

impl Reservation {
    fn new(budget: &Arc<Semaphore>, share: Option<Arc<Semaphore>>) -> Self {
        // The share first: who has used it up must not wait with a part of what others need.
        let budgets = share.into_iter().chain([budget.clone()]).collect();
        Self {
            budgets,
            permits: Vec::new(),
            bytes: 0,
            free: 0,
            units: 0,
            patience: ROOM_TIMEOUT,
        }
    }

    /// Reserves more, waiting for others to finish: briefly, all waits of this reservation together.
    pub(super) async fn grow(&mut self, bytes: usize) -> Result<(), ApiError> {
        self.bytes += bytes;
        let bytes = self.bytes.saturating_sub(self.free);
        let missing = bytes.div_ceil(UNIT).saturating_sub(self.units);
        if missing == 0 {
            return Ok(());
        }
        let started = Instant::now();
        let mut new = Vec::with_capacity(self.budgets.len());
        for budget in &self.budgets {
            let patience = self.patience.saturating_sub(started.elapsed());
            new.push(acquire(budget, missing, patience).await?);
        }
        self.patience = self.patience.saturating_sub(started.elapsed());
        if self.permits.is_empty() {
            self.permits = new;
        } else {
            for (permit, new) in self.permits.iter_mut().zip(new) {
                permit.merge(new);
            }
        }
        self.units += missing;
        Ok(())
    }
}

async fn acquire(
    semaphore: &Arc<Semaphore>,
    units: usize,
    patience: Duration,
) -> Result<OwnedSemaphorePermit, ApiError> {
    let units = u32::try_from(units).map_err(|_| ApiError::Busy)?;
    match tokio::time::timeout(patience, semaphore.clone().acquire_many_owned(units)).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => Err(ApiError::Busy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reservation_waits_for_room_and_returns_it() {
        let budget = MemoryBudget::default();
        let first = budget.values(VALUES).await.expect("there is room");
        assert_eq!(
            budget.values(SMALL_VALUES + 1).await.map(drop),
            Err(ApiError::Busy)
        );
        let second = budget.values(VALUES);
        let (second, ()) = tokio::join!(second, async { drop(first) });
        assert!(second.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_peer_cannot_take_the_share_of_others() {
        let budget = MemoryBudget::default();
        let [ada, bob] = [1, 2].map(|n| Some(IpAddr::from([192, 0, 2, n])));
        let mut of_ada = budget.body(ada);
        assert_eq!(of_ada.grow(SMALL_BODY + BODIES_OF_PEER).await, Ok(()));
        let one_more = SMALL_BODY + 1;
        assert_eq!(budget.body(ada).grow(one_more).await, Err(ApiError::Busy));
        assert_eq!(budget.body(bob).grow(1 << 20).await, Ok(()));
        drop(of_ada);
        assert_eq!(budget.body(ada).grow(one_more).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn small_requests_do_not_wait_for_large_ones() {
        let budget = MemoryBudget::default();
        let ada = Some(IpAddr::from([192, 0, 2, 1]));
        let mut bodies = budget.body(ada);
        assert_eq!(bodies.grow(SMALL_BODY + BODIES_OF_PEER).await, Ok(()));
        let values = budget.values(VALUES).await.expect("there is room");
        assert_eq!(budget.body(ada).grow(SMALL_BODY).await, Ok(()));
        assert_eq!(budget.values(SMALL_VALUES).await.map(drop), Ok(()));
        drop((bodies, values));
    }

    #[tokio::test]
    async fn anonymous_requests_leave_room_for_those_with_a_key() {
        let budget = MemoryBudget::default();
        let mut anonymous = budget.body(None);
        assert_eq!(anonymous.grow(BODIES).await, Ok(()));
        assert_eq!(budget.trusted().grow(1 << 20).await, Ok(()));
    }

    #[tokio::test]
    async fn a_panic_ends_the_request_and_not_the_decoder() {
        let budget = MemoryBudget::default();
        let panicked = budget.decode(|| panic!("on purpose")).await;
        assert_eq!(panicked, Err::<(), _>(ApiError::Internal));
        assert_eq!(budget.decode(|| 7).await, Ok(7));
    }
}
