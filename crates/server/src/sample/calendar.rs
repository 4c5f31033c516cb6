//! Just enough calendar: weekdays, and how SDKs write moments.

use persons_api::Timestamp;
pub(super) use persons_api::timestamp::{DAY, SECOND};
use uuid::Uuid;

pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;

/// A moment (microseconds since 1970 in UTC) as SDKs write it: ISO 8601 with milliseconds, even when they are zero.
pub(super) fn iso(micros: i64) -> String {
    let milliseconds = micros.rem_euclid(DAY) / 1_000;
    format!(
        "{}T{:02}:{:02}:{:02}.{:03}Z",
        date(micros),
        milliseconds / 3_600_000,
        milliseconds / 60_000 % 60,
        milliseconds / 1_000 % 60,
        milliseconds % 1_000
    )
}

/// The date of a moment, as `2026-05-04`.
pub(super) fn date(micros: i64) -> String {
    let (year, month, day, _) = Timestamp(micros).civil();
    format!("{year:04}-{month:02}-{day:02}")
}

/// Saturday or Sunday, by a clock that shows `micros`.
pub(super) fn is_weekend(micros: i64) -> bool {
    // The first of January 1970 was a Thursday.
    (micros.div_euclid(DAY) + 3).rem_euclid(7) >= 5
}

/// A UUIDv7 of that moment, its random part drawn beforehand.
pub(super) fn uuid_v7(micros: i64, random: [u8; 16]) -> Uuid {
    let milliseconds = u64::try_from(micros / 1_000).unwrap_or(0);
    let tail: [u8; 10] = std::array::from_fn(|i| random[i]);
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &tail).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_sdks_write_them() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(1_777_887_015_250_999), "2026-05-04T09:30:15.250Z");
        assert_eq!(date(951_782_400 * SECOND), "2000-02-29");
        assert_eq!(date(-DAY), "1969-12-31");
    }

    #[test]
    fn weekends_are_saturday_and_sunday() {
        // 2026-05-01 was a Friday.
        let friday = 1_777_593_600 * SECOND;
        let weekend: Vec<bool> = (0..5).map(|day| is_weekend(friday + day * DAY)).collect();
        assert_eq!(weekend, [false, true, true, false, false]);
    }
}
