//! How often one peer guessed a key and was wrong.
//!
//! Only failures count, and only failures are held back: a valid key always works, so that nobody can
//! lock the owner of this machine out by guessing from the same address (any web page open on it could).

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::error::ApiError;

/// Wrong guesses that are answered as such in one [`PERIOD`]; the rest are told to wait.
const ALLOWED: u32 = 60;
const PERIOD: Duration = Duration::from_secs(60);

/// Peers remembered at most. Beyond that the old ones are forgotten first.
const MAX_PEERS: usize = 10_000;

/// The failures of the current minute, by peer.
#[derive(Default)]
pub(super) struct Attempts(Mutex<HashMap<Option<IpAddr>, (Instant, u32)>>);

impl Attempts {
    /// Notes a failure, and says what to answer.
    pub(super) fn failed(&self, peer: Option<IpAddr>, error: ApiError) -> ApiError {
        self.failed_at(peer, Instant::now()).unwrap_or(error)
    }

    fn failed_at(&self, peer: Option<IpAddr>, now: Instant) -> Option<ApiError> {
        let mut peers = self.0.lock();
        if peers.len() >= MAX_PEERS {
            peers.retain(|_, (since, _)| now.duration_since(*since) < PERIOD);
            if peers.len() >= MAX_PEERS {
                peers.clear();
            }
        }
        let (since, failures) = peers.entry(peer).or_insert((now, 0));
        if now.duration_since(*since) >= PERIOD {
            (*since, *failures) = (now, 0);
        }
        *failures = failures.saturating_add(1);
        let left = PERIOD.saturating_sub(now.duration_since(*since));
        (*failures > ALLOWED).then(|| ApiError::Throttled(left.as_secs().max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixty_first_failure_of_a_minute_is_told_to_wait() {
        let attempts = Attempts::default();
        let start = Instant::now();
        let peer = Some(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..60 {
            assert_eq!(attempts.failed_at(peer, start), None);
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(
            attempts.failed_at(peer, later),
            Some(ApiError::Throttled(40))
        );
        assert_eq!(attempts.failed_at(None, later), None);
        assert_eq!(attempts.failed_at(peer, start + PERIOD), None);
    }
}
