//! The time of day.

use persons_api::Timestamp;

/// Now, to the millisecond.
pub fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64 * 1000)
}
