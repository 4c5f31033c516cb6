//! A moment in time as it travels: ISO 8601 in UTC, microseconds only when they are not zero.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Microseconds since 1970-01-01T00:00:00Z. Ordered, `Copy`, and exact on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Microseconds in a second, the unit of everything below.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub const DAY: i64 = 86_400 * SECOND;

impl Timestamp {
    /// Reads ISO 8601 text: a date, or a date and a time separated by `T` or a space, with an optional
    /// fraction and an optional offset (`Z`, `+02:00`, `+0200`, `+02`); without an offset it is UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let date = text.get(..10)?;
        let day = days_of_date(date)?;
        let rest = &text[10..];
        if rest.is_empty() {
            return Some(Self(day * DAY));
        }
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let (clock, offset) = split_offset(rest)?;
        Some(Self(
            day * DAY + micros_of_clock(clock)? - offset * 60 * SECOND,
        ))
    }

    /// The civil date and the microseconds since its midnight, in UTC.
    pub fn civil(self) -> (i64, u32, u32, i64) {
        let (year, month, day) = date_of_days(self.0.div_euclid(DAY));
        (year, month, day, self.0.rem_euclid(DAY))
    }
}

/// Whole days since the epoch of a `YYYY-MM-DD` text, `None` when there is no such day.
fn days_of_date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (
        digits(&text[..4])?,
        digits(&text[5..7])?,
        digits(&text[8..])?,
    );
    let days = days_from_civil(year, month, day);
    // A day that does not survive the way back (31 April) does not exist.
    (date_of_days(days) == (year, month as u32, day as u32)).then_some(days)
}

fn digits(text: &str) -> Option<i64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Splits `10:00:00.5+02:00` into the clock and the offset in minutes.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    let offset = &text[at + 1..];
    let (hours, minutes) = match offset.len() {
        2 => (offset, "0"),
        4 => offset.split_at_checked(2)?,
        5 => offset.split_once(':')?,
        _ => return None,
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours <= 23 && minutes <= 59).then_some((text[..at].trim_end(), sign * (hours * 60 + minutes)))
}

/// Microseconds since midnight of `HH:MM[:SS[.fraction]]`; digits past the sixth are cut.
fn micros_of_clock(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let hour = two_digits(parts.next()?)?;
    let minute = two_digits(parts.next()?)?;
    let (second, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once(['.', ',']) {
            None => (two_digits(seconds)?, 0),
            Some((whole, fraction)) => {
                digits(fraction)?;
                let padded: String = fraction.chars().chain("000000".chars()).take(6).collect();
                (two_digits(whole)?, digits(&padded)?)
            }
        },
    };
    (hour <= 23 && minute <= 59 && second <= 60)
        .then_some(((hour * 60 + minute) * 60 + second) * SECOND + micros)
}

fn two_digits(text: &str) -> Option<i64> {
    (text.len() == 2).then(|| digits(text))?
}

/// Days since the epoch of a date of the proleptic Gregorian calendar (Howard Hinnant's algorithm).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn date_of_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = (shifted_month + if shifted_month < 10 { 3 } else { -9 }) as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, in_day) = self.civil();
        let (seconds, micros) = (in_day / SECOND, in_day % SECOND);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        f.write_str("Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an ISO 8601 date and time"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn microseconds_are_printed_only_when_there_are_some() {
        let whole = Timestamp::parse("2024-05-01T10:00:00Z").expect("valid");
        assert_eq!(whole.to_string(), "2024-05-01T10:00:00Z");
        let fraction = Timestamp::parse("2021-08-25T22:09:14.252Z").expect("valid");
        assert_eq!(fraction.to_string(), "2021-08-25T22:09:14.252000Z");
    }

    #[test]
    fn offsets_dates_and_spaces_are_understood() {
        let expected = Timestamp::parse("2024-05-01T10:00:00Z");
        for text in [
            "2024-05-01T12:00:00+02:00",
            "2024-05-01 12:00:00 +0200",
            "2024-05-01T05:30-0430",
            "2024-05-01 10:00",
            "2024-05-01T10:00:00.0000004Z",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
        assert_eq!(Timestamp::parse("1970-01-02"), Some(Timestamp(DAY)));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "yesterday",
            "2024-04-31",
            "2024-13-01",
            "2024-05-01T25:00",
            "2024-05-01x",
            "2024-05-01T1é:00",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_are_inverse(micros in -60_000_000_000_000_000_i64..250_000_000_000_000_000) {
            let moment = Timestamp(micros);
            prop_assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}") {
            let _ = Timestamp::parse(&text);
        }
    }
}
