//! Moments of an answer as labels.

use persons_api::Timestamp;

use crate::insights::question::Interval;

/// The months as they stand on an axis.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The name of an interval that begins at `start` (`2026-11-09`, `2026-11-09 14:00:00`, `2026-11-09T00:00:00Z`):
/// `9 Nov`, `9 Nov 14:00`, `Nov 2026`. What is no day stands for itself.
pub fn label(start: &str, interval: Interval) -> String {
    let Some((year, month, day)) = date(start) else {
        return start.to_owned();
    };
    match interval {
        Interval::Month => format!("{month} {year}"),
        Interval::Hour => {
            let time = start.get(11..16).unwrap_or("00:00");
            format!("{day} {month} {time}")
        }
        Interval::Day | Interval::Week => format!("{day} {month}"),
    }
}

/// The same in a sentence: `9 Nov 2026`, `the week of 9 Nov 2026`.
pub fn title(start: &str, interval: Interval) -> String {
    let Some((year, month, day)) = date(start) else {
        return start.to_owned();
    };
    match interval {
        Interval::Day => format!("{day} {month} {year}"),
        Interval::Week => format!("week of {day} {month} {year}"),
        Interval::Month | Interval::Hour => label(start, interval),
    }
}

/// The moment at which the interval begins that comes so many intervals after the one that begins at `start`.
/// Months are those of the calendar; a change of the clocks in between is not taken into account.
pub fn interval_after(start: &str, intervals: usize, interval: Interval) -> Option<Timestamp> {
    let intervals = i64::try_from(intervals).ok()?;
    if interval != Interval::Month {
        let begin = Timestamp::parse(start)?;
        return Some(Timestamp(begin.0 + intervals * interval.micros()));
    }
    let (year, month) = (start.get(..4)?, start.get(5..7)?);
    let months = year.parse::<i64>().ok()? * 12 + month.parse::<i64>().ok()? - 1 + intervals;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    Timestamp::parse(&format!("{year:04}-{month:02}{}", start.get(7..)?))
}

fn date(text: &str) -> Option<(&str, &'static str, &str)> {
    let month: usize = text.get(5..7)?.parse().ok()?;
    let is_date = text.get(4..5)? == "-" && text.get(7..8)? == "-";
    let day = text.get(8..10)?;
    is_date.then_some((
        text.get(..4)?,
        MONTHS.get(month.checked_sub(1)?)?,
        day.trim_start_matches('0'),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_follow_each_other() {
        for (start, intervals, interval, expected) in [
            ("2026-11-09", 0, Interval::Day, "2026-11-09"),
            (
                "2026-11-09T00:00:00-05:00",
                2,
                Interval::Week,
                "2026-11-23T05:00:00Z",
            ),
            ("2026-11-01T00:00:00Z", 3, Interval::Month, "2027-02-01"),
            (
                "2026-11-09 22:00:00",
                3,
                Interval::Hour,
                "2026-11-10T01:00:00Z",
            ),
        ] {
            let expected = Timestamp::parse(expected);
            assert_eq!(
                interval_after(start, intervals, interval),
                expected,
                "{start}"
            );
        }
        assert_eq!(interval_after("Week 0", 1, Interval::Week), None);
    }

    #[test]
    fn intervals_have_short_names() {
        for (start, interval, short, long) in [
            ("2026-11-09", Interval::Day, "9 Nov", "9 Nov 2026"),
            (
                "2026-11-09T00:00:00Z",
                Interval::Week,
                "9 Nov",
                "week of 9 Nov 2026",
            ),
            ("2026-11-01", Interval::Month, "Nov 2026", "Nov 2026"),
            (
                "2026-11-30 14:00:00",
                Interval::Hour,
                "30 Nov 14:00",
                "30 Nov 14:00",
            ),
            ("soon", Interval::Day, "soon", "soon"),
            ("2026-13-01", Interval::Day, "2026-13-01", "2026-13-01"),
            ("", Interval::Day, "", ""),
        ] {
            assert_eq!(label(start, interval), short);
            assert_eq!(title(start, interval), long);
        }
    }
}
