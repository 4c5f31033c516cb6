//! How often a server may be asked, and what holds questions back at the moment.
//!
//! PostHog counts the requests of the last minute and of the last hour. This counts along, so that no
//! request is sent that would be refused. When a server refuses one all the same (others use the same
//! project), nothing is asked until it may be asked again.
//!
//! The limits differ from endpoint to endpoint and from plan to plan, and no server says its own. So the
//! strictest that are published come first; as long as nothing is refused they are raised step by step to the
//! most generous ones, and a refusal brings the strictest back.

use std::cell::RefCell;
use std::task::{Poll, Waker};

use super::{ApiError, ServerFailure};
use crate::platform::{clock, timer};

/// So many requests in so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub requests: usize,
    /// How many more with each step upward.
    step: usize,
    /// What the period is called.
    pub name: &'static str,
    period: i64,
}

/// The strictest that PostHog publishes, and in [`STEPS`] steps the most generous: 480 and 4800.
const LIMITS: [Limit; 2] = [
    Limit {
        requests: 180,
        step: 75,
        name: "minute",
        period: 60_000,
    },
    Limit {
        requests: 1200,
        step: 900,
        name: "hour",
        period: 3_600_000,
    },
];

/// So often the limits are raised, and at most once in so many milliseconds.
const STEPS: usize = 4;
const BETWEEN_STEPS: i64 = 60_000;

/// How often a question that failed is asked again by itself.
const RETRIES: u32 = 3;

/// So many requests are under way at a time until a server refuses one because of how many there are.
const MAX_SIMULTANEOUS: usize = 16;

/// After so many milliseconds without such a refusal, one request more may be under way.
const SIMULTANEOUS_PERIOD: i64 = 60_000;

/// The words for a limit that was reached here, before the server had to say so.
const USED_UP: &str = "The requests that the server allows are used up.";

/// What is going on. Moments are milliseconds.
#[derive(Default)]
struct Traffic {
    /// When requests were sent, in the last hour.
    sent: Vec<i64>,
    /// Nothing is asked before this moment.
    resume_at: i64,
    /// The latest reason to wait, and until when.
    hold: (String, i64),
    /// How many steps the limits are above the strictest, and before which moment there is no other step.
    steps: usize,
    next_step_at: i64,
    /// How many requests may be under way at a time.
    simultaneous: Simultaneous,
}

/// The requests that are under way, and how many may be.
#[derive(Debug)]
struct Simultaneous {
    limit: usize,
    under_way: usize,
    /// Before which moment the limit is not raised.
    raise_at: i64,
    waiting: Vec<Waker>,
}

impl Default for Simultaneous {
    fn default() -> Self {
        Self {
            limit: MAX_SIMULTANEOUS,
            under_way: 0,
            raise_at: 0,
            waiting: Vec::new(),
        }
    }
}

impl Simultaneous {
    /// Counts one request more, unless there are too many already.
    fn begin(&mut self) -> bool {
        let is_free = self.under_way < self.limit;
        self.under_way += usize::from(is_free);
        is_free
    }

    /// A request has ended; those that wait may look again.
    fn end(&mut self) -> Vec<Waker> {
        self.under_way = self.under_way.saturating_sub(1);
        std::mem::take(&mut self.waiting)
    }

    /// The server refused one of the requests that are under way because there are too many of them.
    fn refused(&mut self, now: i64) {
        self.limit = self.limit.min(self.under_way.saturating_sub(1)).max(1);
        self.raise_at = now + SIMULTANEOUS_PERIOD;
    }

    /// The server answered one.
    fn answered(&mut self, now: i64) {
        if self.limit < MAX_SIMULTANEOUS && now >= self.raise_at {
            self.limit += 1;
            self.raise_at = now + SIMULTANEOUS_PERIOD;
        }
    }
}

/// One of the requests that are under way, until it is dropped.
pub struct Slot(());

impl Drop for Slot {
    fn drop(&mut self) {
        let waiting = TRAFFIC.with_borrow_mut(|traffic| traffic.simultaneous.end());
        waiting.into_iter().for_each(Waker::wake);
    }
}

thread_local! {
    static TRAFFIC: RefCell<Traffic> = RefCell::default();
}

impl Traffic {
    fn limits(&self) -> [Limit; 2] {
        LIMITS.map(|limit| Limit {
            requests: limit.requests + limit.step * self.steps,
            ..limit
        })
    }

    /// Raises the limits when they are in the way and nothing was refused for long enough.
    fn turn(&mut self, is_limited: bool, now: i64) -> i64 {
        let wait = self.wait(is_limited, now);
        let may_rise = self.steps < STEPS && now >= self.next_step_at && now >= self.resume_at;
        if wait <= 0 || !may_rise {
            return wait;
        }
        self.steps += 1;
        self.next_step_at = now + BETWEEN_STEPS;
        self.wait(is_limited, now)
    }

    /// The server refused a request, and takes none before a moment.
    fn refused(&mut self, error: &ApiError, now: i64, until: i64) {
        match error {
            ApiError::Throttled {
                retry_after: Some(_),
            } => {
                self.steps = 0;
                // As long as the server may remember it.
                self.next_step_at = now + LIMITS[1].period;
            }
            ApiError::Throttled { retry_after: None } => {}
            error if error.server_failure() == Some(ServerFailure::Busy) => {}
            _ => return,
        }
        self.resume_at = self.resume_at.max(until);
    }

    /// How long to wait before one more request.
    fn wait(&self, is_limited: bool, now: i64) -> i64 {
        let limits = self.limits();
        let limits = limits.iter().filter(|_| is_limited).filter_map(|limit| {
            let oldest = self.sent.len().checked_sub(limit.requests)?;
            Some(self.sent.get(oldest)? + limit.period)
        });
        limits.fold(self.resume_at, i64::max) - now
    }

    fn count(&mut self, now: i64) {
        self.sent.push(now);
        self.sent.retain(|at| now - at < LIMITS[1].period);
    }

    /// The limit that is closest, and how many requests it still allows.
    fn left(&self, now: i64) -> (usize, Limit) {
        let [minute, hour] = self.limits().map(|limit| {
            let sent = self.sent.iter().filter(|at| now - *at < limit.period);
            (limit.requests.saturating_sub(sent.count()), limit)
        });
        if hour.0 < minute.0 { hour } else { minute }
    }
}

/// How long to wait before asking again after this; `None` when that is no use. `chance` is below 1000:
/// those who wait for the same thing shall not all come back in the same moment.
fn pause_after(error: &ApiError, failures: u32, chance: i64) -> Option<i64> {
    let longer_each_time = (500 + chance / 2) << failures.min(5);
    match error {
        ApiError::Throttled {
            retry_after: Some(seconds),
        } => Some(i64::from(*seconds) * 1000),
        ApiError::Throttled { retry_after: None } => Some(longer_each_time * 4),
        ApiError::Server {
            retry_after: Some(seconds),
            ..
        } if error.may_pass() && failures < RETRIES => Some(i64::from(*seconds) * 1000),
        error if error.may_pass() && failures < RETRIES => Some(longer_each_time),
        _ => None,
    }
}

fn now() -> i64 {
    clock::now().0 / 1000
}

/// Waits until a question may be asked.
pub async fn turn(is_limited: bool) {
    loop {
        let now = now();
        let wait = TRAFFIC.with_borrow_mut(|traffic| {
            let wait = traffic.turn(is_limited, now);
            if wait > 0 && traffic.hold.1 < now + wait {
                traffic.hold = (USED_UP.into(), now + wait);
            }
            wait
        });
        if wait <= 0 {
            return;
        }
        // Whoever comes first learns for the others whether the server answers again.
        timer::sleep(wait + timer::chance()).await;
    }
}

/// Waits until a request may be sent: until no limit and no refusal stands in the way, and fewer requests are
/// under way than the server takes at a time.
pub async fn slot(is_limited: bool) -> Slot {
    loop {
        turn(is_limited).await;
        let slot = free_slot().await;
        // Meanwhile the server may have asked for a pause, and others may have used up a limit.
        if TRAFFIC.with_borrow(|traffic| traffic.wait(is_limited, now())) <= 0 {
            return slot;
        }
    }
}

async fn free_slot() -> Slot {
    std::future::poll_fn(|context| {
        TRAFFIC.with_borrow_mut(|traffic| {
            if traffic.simultaneous.begin() {
                return Poll::Ready(());
            }
            traffic.simultaneous.waiting.push(context.waker().clone());
            Poll::Pending
        })
    })
    .await;
    Slot(())
}

/// Takes note of a refusal while the refused request still counts as one of those that are under way: rate limits
/// say when they end, limits on simultaneous queries do not.
pub fn note_refusal(error: &ApiError) {
    if let ApiError::Throttled { retry_after: None } = error {
        TRAFFIC.with_borrow_mut(|traffic| traffic.simultaneous.refused(now()));
    }
}

/// Takes note that the server answered.
pub fn answered() {
    TRAFFIC.with_borrow_mut(|traffic| traffic.simultaneous.answered(now()));
}

/// Counts a request to a server that counts.
pub fn count() {
    TRAFFIC.with_borrow_mut(|traffic| traffic.count(now()));
}

/// Waits as long as it makes sense to wait after a question failed. `false` when it makes none.
pub async fn wait_after(error: &ApiError, failures: u32) -> bool {
    let Some(pause) = heed(error, failures) else {
        return false;
    };
    timer::sleep(pause).await;
    true
}

/// Takes note of a failure for everything that is asked after it, and says how long to wait, if that makes
/// sense.
pub fn heed(error: &ApiError, failures: u32) -> Option<i64> {
    let pause = pause_after(error, failures, timer::chance())?;
    let now = now();
    let until = now + pause;
    TRAFFIC.with_borrow_mut(|traffic| {
        traffic.refused(error, now, until);
        traffic.hold = (error.to_string(), until);
    });
    Some(pause)
}

/// Why questions wait and for how many more seconds, if any do.
pub fn hold() -> Option<(String, i64)> {
    TRAFFIC.with_borrow(|traffic| {
        let (why, until) = &traffic.hold;
        let left = until - now();
        (left > 0).then(|| (why.clone(), (left + 999) / 1000))
    })
}

/// The limit that is closest, and how many requests it still allows.
pub fn left() -> (usize, Limit) {
    TRAFFIC.with_borrow(|traffic| traffic.left(now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttled(retry_after: Option<u32>) -> ApiError {
        ApiError::Throttled { retry_after }
    }

    fn busy(retry_after: Option<&str>) -> ApiError {
        ApiError::from_answer(503, retry_after, "")
    }

    fn after(requests: usize, every: i64) -> (Traffic, i64) {
        let mut traffic = Traffic::default();
        let mut now = 1_000_000;
        for _ in 0..requests {
            now += every;
            traffic.count(now);
        }
        (traffic, now)
    }

    #[test]
    fn the_hundred_and_eighty_first_request_waits_until_the_first_is_a_minute_old() {
        let (traffic, now) = after(179, 10);
        assert!(traffic.wait(true, now) <= 0);
        let (traffic, now) = after(180, 10);
        assert_eq!(traffic.wait(true, now), 60_000 - 1790);
        assert!(traffic.wait(true, now + 60_000) <= 0);
        assert!(
            traffic.wait(false, now) <= 0,
            "this server counts for nobody"
        );
    }

    #[test]
    fn an_hour_has_a_limit_of_its_own() {
        let (traffic, now) = after(1200, 1000);
        assert_eq!(traffic.wait(true, now), 3_600_000 - 1_199_000);
        assert_eq!(traffic.left(now), (0, LIMITS[1]));
    }

    #[test]
    fn what_is_left_comes_back_with_time_and_old_requests_are_forgotten() {
        let (mut traffic, now) = after(12, 10);
        assert_eq!(traffic.left(now), (168, LIMITS[0]));
        assert_eq!(traffic.left(now + 60_000), (180, LIMITS[0]));
        traffic.count(now + 3_600_000);
        assert_eq!(traffic.sent.len(), 1);
    }

    #[test]
    fn limits_rise_step_by_step_until_the_server_refuses() {
        let (mut traffic, now) = after(180, 10);
        assert!(traffic.turn(true, now) <= 0, "nothing was refused so far");
        assert_eq!(traffic.limits()[0].requests, 255);
        for _ in 0..75 {
            traffic.count(now);
        }
        assert!(traffic.turn(true, now) > 0, "one step a minute");
        for _ in 0..10 {
            let later = traffic.next_step_at;
            traffic.sent = vec![later; 4800];
            traffic.turn(true, later);
        }
        assert_eq!(traffic.limits().map(|limit| limit.requests), [480, 4800]);
        let refused_at = traffic.next_step_at;
        traffic.refused(&throttled(Some(5)), refused_at, refused_at + 5000);
        assert_eq!(traffic.limits(), LIMITS);
        traffic.sent = vec![refused_at + 60_000; 180];
        assert!(traffic.turn(true, refused_at + 60_000) > 0);
        assert_eq!(traffic.limits(), LIMITS, "for an hour");
    }

    #[test]
    fn a_pause_holds_everybody_back() {
        let traffic = Traffic {
            resume_at: 5000,
            ..Traffic::default()
        };
        assert_eq!(traffic.wait(false, 2000), 3000);
    }

    #[test]
    fn a_pause_is_as_long_as_told_or_longer_each_time() {
        assert_eq!(pause_after(&throttled(Some(37)), 9, 999), Some(37_000));
        let pauses = [0, 1, 2, 40].map(|failures| pause_after(&throttled(None), failures, 0));
        assert_eq!(pauses, [2000, 4000, 8000, 64_000].map(Some));
    }

    #[test]
    fn what_may_pass_is_tried_three_times_more_and_a_refusal_is_final() {
        assert_eq!(pause_after(&busy(None), 2, 500), Some(3000));
        assert_eq!(pause_after(&busy(None), 3, 500), None);
        assert_eq!(pause_after(&busy(Some("9")), 2, 500), Some(9000));
        let limit = r#"{"detail":"Query has hit the max execution time before completing."}"#;
        let limit = ApiError::from_answer(504, None, limit);
        for error in [ApiError::Unauthorized, ApiError::NotFound, limit] {
            assert_eq!(pause_after(&error, 0, 0), None);
        }
    }

    #[test]
    fn a_busy_server_holds_back_later_requests() {
        let mut traffic = Traffic::default();
        traffic.refused(&busy(Some("9")), 1000, 10_000);
        assert_eq!(traffic.wait(false, 2000), 8000);
        // A failure of one request says nothing about others.
        let mut traffic = Traffic::default();
        traffic.refused(&ApiError::from_answer(500, None, ""), 1000, 10_000);
        assert!(traffic.wait(false, 2000) <= 0);
    }

    #[test]
    fn a_shorter_pause_does_not_end_a_longer_one() {
        let mut traffic = Traffic::default();
        traffic.refused(&throttled(Some(30)), 1000, 31_000);
        traffic.refused(&throttled(None), 1500, 3_500);
        assert_eq!(traffic.resume_at, 31_000);
    }

    #[test]
    fn a_concurrency_limit_lowers_the_number_of_simultaneous_requests() {
        let mut traffic = Traffic::default();
        for _ in 0..5 {
            assert!(traffic.simultaneous.begin());
        }
        // The server takes three at a time: two of the five are refused, and both end.
        for _ in 0..2 {
            traffic.simultaneous.refused(1000);
            traffic.simultaneous.end();
        }
        assert_eq!(traffic.simultaneous.limit, 3);
        assert!(!traffic.simultaneous.begin(), "three are under way");
        traffic.simultaneous.end();
        assert!(traffic.simultaneous.begin());
        // One more a minute, as long as the server answers.
        traffic
            .simultaneous
            .answered(1000 + SIMULTANEOUS_PERIOD - 1);
        assert_eq!(traffic.simultaneous.limit, 3);
        traffic.simultaneous.answered(1000 + SIMULTANEOUS_PERIOD);
        traffic
            .simultaneous
            .answered(1000 + SIMULTANEOUS_PERIOD + 1);
        assert_eq!(traffic.simultaneous.limit, 4);
    }

    #[test]
    fn one_request_at_a_time_is_always_allowed() {
        let mut traffic = Traffic::default();
        assert!(traffic.simultaneous.begin());
        traffic.simultaneous.refused(0);
        assert_eq!(traffic.simultaneous.limit, 1);
    }
}
