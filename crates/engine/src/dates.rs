//! Date ranges of questions about events: absolute or relative, snapped to whole days and intervals in
//! the project's time zone. The rules are PostHog's.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _, Zoned};
use persons_api::Timestamp;
use thiserror::Error;

/// A piece of time that a range is cut into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interval {
    /// An hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

impl Interval {
    /// The interval with this name on the wire. A minute is treated as an hour.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "minute" | "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            _ => return None,
        })
    }

    fn span(self) -> Span {
        match self {
            Self::Hour => 1.hour(),
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
        }
    }
}

/// What surrounds a question about dates.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The project's time zone.
    pub zone: TimeZone,
    /// Whether weeks start on Monday, not on Sunday.
    pub weeks_start_on_monday: bool,
    /// The server's clock.
    pub now: Timestamp,
    /// The first event there is: where `all` starts.
    pub first: Option<Timestamp>,
}

/// A range as it is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The first moment; seven days ago if not given.
    pub from: Option<&'a str>,
    /// The last moment; now if not given.
    pub to: Option<&'a str>,
    /// What the range is cut into.
    pub interval: Interval,
    /// Whether moments mean exactly what they say.
    pub is_explicit: bool,
    /// Whether equal moments mean one interval; otherwise they mean that moment, or that day.
    pub widens: bool,
}

/// Two moments, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// The first moment.
    pub from: Timestamp,
    /// The last moment.
    pub to: Timestamp,
}

/// A date that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{text}\" is neither a date such as 2024-05-01 nor relative such as -7d.")]
pub struct DateError {
    /// The parameter: `date_from` or `date_to`.
    pub parameter: &'static str,
    /// What stands there.
    pub text: String,
}

impl Calendar {
    /// The range that is meant.
    pub fn range(&self, asked: Asked<'_>) -> Result<DateRange, DateError> {
        let read = |parameter, text: &str| {
            self.moment(text).ok_or_else(|| DateError {
                parameter,
                text: text.into(),
            })
        };
        let mut from = read("date_from", asked.from.unwrap_or("-7d"))?;
        let mut to = match asked.to {
            Some(text) => read("date_to", text)?,
            None => self.zoned(self.now),
        };
        let is_one_interval = asked.widens && asked.from.is_some() && asked.from == asked.to;
        if asked.interval != Interval::Hour && !asked.is_explicit {
            from = start_of_day(&from);
            to = end_before(&start_of_day(&to), 1.day());
        }
        from = match asked.interval {
            Interval::Hour | Interval::Day => from,
            Interval::Week => self.start_of_week(&from),
            Interval::Month => start_of_month(&from),
        };
        if is_one_interval {
            to = end_before(&from, asked.interval.span());
        }
        Ok(DateRange {
            from: stamp(&from),
            to: stamp(&to),
        })
    }

    /// A moment in the project's zone, as it is written on the wire.
    pub fn print(&self, at: Timestamp) -> String {
        self.zoned(at)
            .strftime("%Y-%m-%dT%H:%M:%S%.f%:z")
            .to_string()
    }

    /// The start of the interval that a moment is in.
    pub fn start_of(&self, interval: Interval, at: Timestamp) -> Timestamp {
        let at = self.zoned(at);
        stamp(&match interval {
            Interval::Hour => start_of_hour(&at).unwrap_or(at),
            Interval::Day => start_of_day(&at),
            Interval::Week => self.start_of_week(&at),
            Interval::Month => start_of_month(&at),
        })
    }

    /// The moment some intervals later, or earlier if they are negative.
    pub fn shift(&self, at: Timestamp, interval: Interval, intervals: i64) -> Timestamp {
        // More than this is out of any calendar, and would not fit a span.
        let intervals = intervals.clamp(-100_000, 100_000);
        let span = match interval {
            Interval::Hour => intervals.hours(),
            Interval::Day => intervals.days(),
            Interval::Week => intervals.weeks(),
            Interval::Month => intervals.months(),
        };
        stamp(&self.zoned(at).saturating_add(span))
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        let at = at.0.clamp(-60_000_000_000_000_000, 250_000_000_000_000_000);
        jiff::Timestamp::from_microsecond(at)
            .unwrap_or_default()
            .to_zoned(self.zone.clone())
    }

    fn start_of_week(&self, at: &Zoned) -> Zoned {
        let weekday = at.weekday();
        let days = if self.weeks_start_on_monday {
            weekday.to_monday_zero_offset()
        } else {
            weekday.to_sunday_zero_offset()
        };
        start_of_day(&earlier(at, i64::from(days).days()))
    }

    /// A moment: `all`, relative to now, or a date with or without a time and an offset.
    fn moment(&self, text: &str) -> Option<Zoned> {
        let text = text.trim();
        if text == "all" {
            return Some(self.zoned(self.first.unwrap_or(self.now)));
        }
        self.relative(text).or_else(|| {
            let local = text.strip_suffix('.').unwrap_or(text).replacen(' ', "T", 1);
            match local.parse::<DateTime>() {
                // An offset is in the text: the moment is the same in every zone.
                Ok(_) if has_offset(&local) => Timestamp::parse(text).map(|at| self.zoned(at)),
                Ok(local) => local.to_zoned(self.zone.clone()).ok(),
                Err(_) => Timestamp::parse(text).map(|at| self.zoned(at)),
            }
        })
    }

    /// `-7d`, `-24h`, `-1mStart`, `dEnd`: a number of units ago, perhaps at the start or end of that unit.
    fn relative(&self, text: &str) -> Option<Zoned> {
        let text = text.strip_prefix('-').unwrap_or(text);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = text.split_at(digits);
        let number: i64 = if number.is_empty() {
            0
        } else {
            number.parse().ok()?
        };
        let mut rest = rest.chars();
        let unit = rest.next()?;
        let edge = rest.as_str();
        let number = number.min(20_000);
        let span = match unit {
            'h' => number.hours(),
            'd' => number.days(),
            'w' => number.weeks(),
            'm' => number.months(),
            'q' => (number * 13).weeks(),
            'y' => number.min(9_000).years(),
            _ => return None,
        };
        let then = earlier(&self.zoned(self.now), span);
        let (start, length) = match unit {
            'h' => (start_of_hour(&then)?, 1.hour()),
            'd' => (start_of_day(&then), 1.day()),
            'w' => (self.start_of_week(&then), 1.week()),
            'm' => (start_of_month(&then), 1.month()),
            'q' => {
                let first = then
                    .with()
                    .month((then.month() - 1) / 3 * 3 + 1)
                    .day(1)
                    .build()
                    .ok()?;
                (start_of_day(&first), 3.months())
            }
            _ => (start_of_day(&then.first_of_year().ok()?), 1.year()),
        };
        match edge {
            "" if digits > 0 => Some(then),
            "Start" => Some(start),
            "End" => Some(end_before(&start, length)),
            _ => None,
        }
    }
}

/// Whether a date with a time says how far it is from UTC.
fn has_offset(text: &str) -> bool {
    let clock = text.split_once('T').map_or("", |(_, clock)| clock);
    clock.contains(['Z', 'z', '+', '-'])
}

fn start_of_hour(at: &Zoned) -> Option<Zoned> {
    let hour = at.with().minute(0).second(0).subsec_nanosecond(0);
    hour.build().ok()
}

fn start_of_month(at: &Zoned) -> Zoned {
    at.first_of_month()
        .map_or(at.clone(), |day| start_of_day(&day))
}

fn start_of_day(at: &Zoned) -> Zoned {
    at.start_of_day().unwrap_or_else(|_| at.clone())
}

/// The last microsecond before a span after `start` is over.
fn end_before(start: &Zoned, length: Span) -> Zoned {
    start.saturating_add(length).saturating_sub(1.microsecond())
}

fn earlier(at: &Zoned, span: Span) -> Zoned {
    at.saturating_sub(span)
}

fn stamp(at: &Zoned) -> Timestamp {
    Timestamp(at.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar {
            zone: TimeZone::UTC,
            weeks_start_on_monday: true,
            now: Timestamp::parse("2024-05-15T13:14:15Z").expect("a moment"),
            first: Timestamp::parse("2023-02-03T04:05:06Z"),
        }
    }

    fn range(from: &str, to: Option<&str>, interval: &str) -> (String, String) {
        let calendar = calendar();
        let asked = Asked {
            from: (!from.is_empty()).then_some(from),
            to,
            interval: Interval::from_name(interval).expect("an interval"),
            is_explicit: false,
            widens: true,
        };
        let range = calendar.range(asked).expect("a range");
        (calendar.print(range.from), calendar.print(range.to))
    }

    #[test]
    fn ranges_are_snapped_as_posthog_snaps_them() {
        for (from, to, interval, start, end) in [
            (
                "",
                None,
                "day",
                "2024-05-08T00:00:00+00:00",
                "2024-05-15T23:59:59.999999+00:00",
            ),
            (
                "",
                None,
                "hour",
                "2024-05-08T13:14:15+00:00",
                "2024-05-15T13:14:15+00:00",
            ),
            (
                "2024-04-01",
                Some("2024-04-30"),
                "day",
                "2024-04-01T00:00:00+00:00",
                "2024-04-30T23:59:59.999999+00:00",
            ),
            (
                "2024-04-01",
                Some("2024-04-01"),
                "day",
                "2024-04-01T00:00:00+00:00",
                "2024-04-01T23:59:59.999999+00:00",
            ),
            (
                "2024-04-01T10:00:00Z",
                Some("2024-04-01T10:00:00Z"),
                "hour",
                "2024-04-01T10:00:00+00:00",
                "2024-04-01T10:59:59.999999+00:00",
            ),
            (
                "2024-04-10",
                Some("2024-04-30"),
                "week",
                "2024-04-08T00:00:00+00:00",
                "2024-04-30T23:59:59.999999+00:00",
            ),
            (
                "2024-04-10",
                Some("2024-04-10"),
                "month",
                "2024-04-01T00:00:00+00:00",
                "2024-04-30T23:59:59.999999+00:00",
            ),
            (
                "-1mStart",
                Some("-1mEnd"),
                "day",
                "2024-04-01T00:00:00+00:00",
                "2024-04-30T23:59:59.999999+00:00",
            ),
            (
                "dStart",
                None,
                "day",
                "2024-05-15T00:00:00+00:00",
                "2024-05-15T23:59:59.999999+00:00",
            ),
            (
                "-24h",
                None,
                "hour",
                "2024-05-14T13:14:15+00:00",
                "2024-05-15T13:14:15+00:00",
            ),
            (
                "all",
                None,
                "day",
                "2023-02-03T00:00:00+00:00",
                "2024-05-15T23:59:59.999999+00:00",
            ),
            (
                "-1q",
                None,
                "day",
                "2024-02-14T00:00:00+00:00",
                "2024-05-15T23:59:59.999999+00:00",
            ),
            (
                "2024-04-01T02:00:00+02:00",
                None,
                "day",
                "2024-04-01T00:00:00+00:00",
                "2024-05-15T23:59:59.999999+00:00",
            ),
        ] {
            assert_eq!(
                range(from, to, interval),
                (start.to_owned(), end.to_owned()),
                "{from} {to:?} {interval}"
            );
        }
    }

    #[test]
    fn what_is_no_date_is_named() {
        for text in ["yesterday", "-7x", "2024-13-01", "7", "-", "dMiddle", "🦀"] {
            let asked = Asked {
                to: Some(text),
                ..Asked::default()
            };
            let error = calendar().range(asked).expect_err(text);
            assert_eq!((error.parameter, error.text.as_str()), ("date_to", text));
        }
    }

    #[test]
    fn absurd_distances_do_not_panic() {
        for text in [
            "-99999999999999999y",
            "-20000y",
            "-99999999999h",
            "9999-12-31",
            "0001-01-01",
        ] {
            let asked = Asked {
                from: Some(text),
                to: Some(text),
                widens: true,
                ..Asked::default()
            };
            let _ = calendar().range(asked);
        }
    }
}
