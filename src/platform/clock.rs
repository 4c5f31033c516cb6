//! The time of day.

use persons_api::Timestamp;

/// Now, to the millisecond.
pub fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64 * 1000)
}

/// How many microseconds the reader's clock is ahead of UTC at a moment.
pub fn offset(moment: Timestamp) -> i64 {
    let date = js_sys::Date::new(&((moment.0 / 1000) as f64).into());
    -60_000_000 * date.get_timezone_offset() as i64
}
