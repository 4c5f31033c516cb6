//! Where a moment stands on a line, and which marks of the calendar stand beside it.
//!
//! Places are whole ten-thousandths of the line's length: fine enough for any screen, and they need
//! neither the screen's width nor the code that prints fractions.

use persons_api::Timestamp;

use crate::platform::intl::Precision;

/// The end of the line.
pub const WHOLE: u32 = 10_000;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A stretch of time, drawn as a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Its first moment.
    pub from: Timestamp,
    /// Its last moment.
    pub to: Timestamp,
}

impl Scale {
    /// A stretch between two moments: a minute at least, so that there is a line.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to: to.max(Timestamp(from.0 + MINUTE)),
        }
    }

    /// The place of a moment; that of the nearest end if it lies outside.
    pub fn place(self, moment: Timestamp) -> u32 {
        // In milliseconds, because microseconds of centuries, times the length, are too many for 64 bits.
        let length = (self.to.0 - self.from.0) / 1000;
        let along = (moment.0.clamp(self.from.0, self.to.0) - self.from.0) / 1000;
        ((along * i64::from(WHOLE) + length / 2) / length) as u32
    }

    /// The moment at a place, in whole minutes where it is not an end.
    pub fn moment(self, place: u32) -> Timestamp {
        if place >= WHOLE {
            return self.to;
        }
        let length = (self.to.0 - self.from.0) / 1000;
        let moment = self.from.0 + length * i64::from(place) / i64::from(WHOLE) * 1000;
        Timestamp((moment - moment.rem_euclid(MINUTE)).max(self.from.0))
    }
}

/// A place as CSS and SVG take it: `12.34%`.
pub fn percent(place: u32) -> String {
    let mut text = (place / 100).to_string();
    text.push('.');
    if place % 100 < 10 {
        text.push('0');
    }
    text.push_str(&(place % 100).to_string());
    text.push('%');
    text
}

/// A mark of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub place: u32,
    /// What it begins, and so what is written beside it.
    pub begins: Precision,
}

/// How far ticks are apart.
#[derive(Clone, Copy)]
enum Apart {
    /// So many microseconds of the clock.
    Clock(i64),
    Days(i64),
    Months(i64),
    Years(i64),
}

const STEPS: [Apart; 24] = [
    Apart::Clock(MINUTE),
    Apart::Clock(5 * MINUTE),
    Apart::Clock(15 * MINUTE),
    Apart::Clock(HOUR),
    Apart::Clock(3 * HOUR),
    Apart::Clock(6 * HOUR),
    Apart::Clock(12 * HOUR),
    Apart::Days(1),
    Apart::Days(2),
    Apart::Days(7),
    Apart::Days(14),
    Apart::Months(1),
    Apart::Months(2),
    Apart::Months(3),
    Apart::Months(6),
    Apart::Years(1),
    Apart::Years(2),
    Apart::Years(5),
    Apart::Years(10),
    Apart::Years(20),
    Apart::Years(50),
    Apart::Years(100),
    Apart::Years(500),
    Apart::Years(1000),
];

impl Apart {
    /// About how long that is, in microseconds.
    fn length(self) -> i64 {
        match self {
            Self::Clock(length) => length,
            Self::Days(days) => days * DAY,
            Self::Months(months) => months * 30 * DAY,
            Self::Years(years) => years * 365 * DAY,
        }
    }

    /// The last tick that is not after a moment. Both in local time.
    fn at_or_before(self, local: i64) -> i64 {
        let days = local.div_euclid(DAY);
        match self {
            Self::Clock(length) => local - local.rem_euclid(length),
            // The epoch was a Thursday; weeks begin with Monday.
            Self::Days(count) => (days - (days + 3).rem_euclid(count)) * DAY,
            Self::Months(_) | Self::Years(_) => {
                let (year, month, ..) = Timestamp(local).civil();
                let months = year * 12 + i64::from(month) - 1;
                let apart = match self {
                    Self::Years(years) => years * 12,
                    Self::Months(months) => months,
                    Self::Clock(_) | Self::Days(_) => 1,
                };
                let mut first = first_of_month(local);
                for _ in 0..months.rem_euclid(apart) {
                    first = first_of_month(first - DAY);
                }
                first
            }
        }
    }
}

fn first_of_month(local: i64) -> i64 {
    let (_, _, day, in_day) = Timestamp(local).civil();
    local - (i64::from(day) - 1) * DAY - in_day
}

/// What a moment begins, in local time: the largest of year, month, day, else a minute of the clock.
fn begins(local: i64, apart: Apart) -> Precision {
    let (_, month, day, in_day) = Timestamp(local).civil();
    match (apart, month, day) {
        (Apart::Years(_), ..) | (Apart::Months(_), 1, 1) => Precision::Year,
        (Apart::Months(_), ..) => Precision::Month,
        (Apart::Clock(_), ..) if in_day != 0 => Precision::Minute,
        _ => Precision::Day,
    }
}

/// At most about so many ticks, as close together as that allows. `offset` says how many microseconds local
/// time is ahead of UTC at a moment.
pub fn ticks(scale: Scale, most: i64, offset: &dyn Fn(Timestamp) -> i64) -> Vec<Tick> {
    let length = scale.to.0 - scale.from.0;
    let fits = |apart: &&Apart| length / apart.length() <= most;
    let Some(apart) = STEPS.iter().find(fits).copied() else {
        return Vec::new();
    };
    let mut ticks: Vec<Tick> = Vec::new();
    let mut local = scale.to.0 + offset(scale.to);
    // From the last to the first: from the beginning of a month it is one day to the month before.
    loop {
        local = apart.at_or_before(local);
        let at = Timestamp(local - offset(Timestamp(local - offset(Timestamp(local)))));
        if at < scale.from {
            break;
        }
        let tick = Tick {
            at,
            place: scale.place(at),
            begins: begins(local, apart),
        };
        ticks.push(tick);
        local -= 1;
    }
    ticks.reverse();
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    fn scale(from: &str, to: &str) -> Scale {
        Scale::new(at(from), at(to))
    }

    /// The ticks as text, with the first letter of what each begins.
    fn marks(scale: Scale, most: i64, offset: &dyn Fn(Timestamp) -> i64) -> Vec<String> {
        let ticks = ticks(scale, most, offset);
        let told = ticks.iter().map(|tick| {
            let text = tick.at.to_string();
            format!("{} {:?}", text.trim_end_matches(":00Z"), tick.begins)
        });
        told.collect()
    }

    #[test]
    fn places_run_from_end_to_end_and_moments_outside_stand_at_the_ends() {
        let year = scale("2025-01-01", "2026-01-01");
        for (moment, place) in [
            ("2024-06-01", 0),
            ("2025-01-01", 0),
            ("2025-07-02T12:00:00Z", 5000),
            ("2026-01-01", WHOLE),
            ("2027-01-01", WHOLE),
        ] {
            assert_eq!(year.place(at(moment)), place, "{moment}");
        }
        let ages = scale("0001-01-01", "9000-01-01");
        assert_eq!(ages.place(at("4500-07-02")), 5000);
    }

    #[test]
    fn a_place_leads_back_to_a_whole_minute_near_it() {
        let quarter = scale("2026-01-01T00:00:30Z", "2026-03-31T23:59:59.5Z");
        assert_eq!(quarter.moment(0), quarter.from);
        assert_eq!(quarter.moment(WHOLE), quarter.to);
        assert_eq!(quarter.moment(WHOLE + 7), quarter.to);
        for place in [1, 17, 3333, 9999] {
            let moment = quarter.moment(place);
            assert_eq!(moment.0 % MINUTE, 0);
            assert!(quarter.place(moment).abs_diff(place) <= 1, "{place}");
        }
    }

    #[test]
    fn a_moment_is_a_line_too() {
        let instant = scale("2026-03-02T14:00:00Z", "2026-03-02T14:00:00Z");
        assert_eq!(instant.place(instant.from), 0);
        assert_eq!(instant.moment(WHOLE), at("2026-03-02T14:01:00Z"));
        let reversed = scale("2026-03-02", "2026-01-01");
        assert_eq!(reversed.to, at("2026-03-02T00:01:00Z"));
    }

    #[test]
    fn places_are_printed_with_two_digits() {
        for (place, text) in [
            (0, "0.00%"),
            (5, "0.05%"),
            (1234, "12.34%"),
            (WHOLE, "100.00%"),
        ] {
            assert_eq!(percent(place), text);
        }
    }

    #[test]
    fn ticks_are_as_close_as_there_is_room_for() {
        let utc = |_| 0;
        assert_eq!(
            marks(scale("2026-01-10", "2026-03-31"), 4, &utc),
            ["2026-02-01T00:00 Month", "2026-03-01T00:00 Month"]
        );
        assert_eq!(
            marks(scale("2025-11-15", "2026-04-15"), 3, &utc),
            ["2026-01-01T00:00 Year", "2026-03-01T00:00 Month"]
        );
        assert_eq!(
            marks(
                scale("2026-03-02T10:20:00Z", "2026-03-02T11:00:00Z"),
                4,
                &utc
            ),
            [
                "2026-03-02T10:30 Minute",
                "2026-03-02T10:45 Minute",
                "2026-03-02T11:00 Minute"
            ]
        );
        assert_eq!(
            marks(
                scale("2026-03-02T17:00:00Z", "2026-03-03T19:00:00Z"),
                4,
                &utc
            ),
            [
                "2026-03-02T18:00 Minute",
                "2026-03-03T00:00 Day",
                "2026-03-03T06:00 Minute",
                "2026-03-03T12:00 Minute",
                "2026-03-03T18:00 Minute"
            ]
        );
        // Weeks begin with Monday.
        assert_eq!(
            marks(scale("2026-03-03", "2026-03-24"), 4, &utc),
            [
                "2026-03-09T00:00 Day",
                "2026-03-16T00:00 Day",
                "2026-03-23T00:00 Day"
            ]
        );
        assert_eq!(
            marks(scale("2001-05-01", "2026-05-01"), 3, &utc),
            ["2010-01-01T00:00 Year", "2020-01-01T00:00 Year"]
        );
        for years in [1, 40, 9000] {
            let long = Scale::new(
                at("0100-01-01"),
                Timestamp(at("0100-01-01").0 + years * 365 * DAY),
            );
            assert!(ticks(long, 8, &utc).len() <= 9, "{years}");
        }
    }

    #[test]
    fn ticks_follow_the_clocks_of_the_reader() {
        // Central Europe: the clocks went forward on 29 March 2026.
        let summer = at("2026-03-29T01:00:00Z");
        let berlin = |moment: Timestamp| if moment < summer { HOUR } else { 2 * HOUR };
        assert_eq!(
            marks(
                scale("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
                3,
                &berlin
            ),
            ["2026-03-28T23:00 Day", "2026-03-29T22:00 Day"]
        );
    }
}
