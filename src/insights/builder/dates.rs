//! Days of a question in words, and those that are offered. The API takes dates (`2026-02-01`) and words of
//! its own: `-30d` is thirty days ago, `mStart` the beginning of this month, `all` the first event.

/// What is offered: its first day. The last one is today.
pub const PRESETS: [&str; 8] = [
    "-7d", "-14d", "-30d", "-90d", "-180d", "mStart", "yStart", "all",
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Where a server begins when it is not told.
const USUAL: &str = "-7d";

/// From one day to another, as it reads.
pub fn words(from: &str, to: &str) -> String {
    let from = if from.is_empty() { USUAL } else { from };
    if let Some(span) = span(from, to) {
        return span;
    }
    match (Date::read(from), Date::read(to)) {
        (Some(first), Some(last)) => between(first, last),
        (Some(first), None) if to.is_empty() => format!("since {}", first.words()),
        (None, Some(last)) if from == "all" => format!("until {}", last.words()),
        _ => format!("{} – {}", day(from), day(to)),
    }
}

/// One end of a range, as it reads; nothing is today.
pub fn day(text: &str) -> String {
    match text {
        "" => return "today".to_owned(),
        "all" => return "the first event".to_owned(),
        _ => {}
    }
    if let Some(date) = Date::read(text) {
        return date.words();
    }
    match ago(text) {
        Some((count, unit)) => format!("{} ago", counted(count, unit)),
        None => text.to_owned(),
    }
}

/// What is wrong with two days, if something is.
pub fn problem(from: &str, to: &str) -> Option<&'static str> {
    let (first, last) = (Date::read(from)?, Date::read(to)?);
    (first.day > last.day).then_some("The first day comes after the last one.")
}

/// The day alone, if a text is a date: what a date field can show.
pub fn for_field(text: &str) -> String {
    Date::read(text).map_or_else(String::new, |date| date.text[..10].to_owned())
}

/// Whether a date field holds a day that was meant. While a year is typed it holds those before it.
pub fn is_meant(text: &str) -> bool {
    text.is_empty() || Date::read(text).is_some_and(|date| date.day.0 >= 1970)
}

/// `1 day`, `14 days`; the unit comes in the plural.
pub fn counted(count: u32, unit: &str) -> String {
    match count {
        1 => format!("1 {}", unit.trim_end_matches('s')),
        _ => format!("{count} {unit}"),
    }
}

/// Ranges that have a name: `last 30 days`, `this month`, `yesterday`.
fn span(from: &str, to: &str) -> Option<String> {
    if from == "all" && to.is_empty() {
        return Some("all time".to_owned());
    }
    let named = match (from, to) {
        ("dStart", "") => "today",
        ("wStart", "") => "this week",
        ("mStart", "") => "this month",
        ("qStart", "") => "this quarter",
        ("yStart", "") => "this year",
        ("-1dStart", "-1dEnd") => "yesterday",
        ("-1wStart", "-1wEnd") => "last week",
        ("-1mStart", "-1mEnd") => "last month",
        ("-1yStart", "-1yEnd") => "last year",
        _ => {
            let (count, unit) = ago(from).filter(|_| to.is_empty())?;
            return Some(format!("last {}", counted(count, unit)));
        }
    };
    Some(named.to_owned())
}

/// How many of which unit ago: `-30d`.
fn ago(text: &str) -> Option<(u32, &'static str)> {
    let text = text.strip_prefix('-')?;
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "h" => "hours",
        "d" => "days",
        "w" => "weeks",
        "m" => "months",
        "q" => "quarters",
        "y" => "years",
        _ => return None,
    };
    Some((number.parse().ok()?, unit))
}

fn between(first: Date<'_>, last: Date<'_>) -> String {
    let ((year, month, _), (last_year, last_month, _)) = (first.day, last.day);
    if first.text == last.text {
        first.words()
    } else if first.has_time() || last.has_time() || year != last_year {
        format!("{} – {}", first.words(), last.words())
    } else if month != last_month {
        format!("{} {} – {}", first.day.2, first.month(), last.words())
    } else {
        format!("{} – {}", first.day.2, last.words())
    }
}

/// A day of the calendar, perhaps with a time.
#[derive(Clone, Copy)]
struct Date<'a> {
    text: &'a str,
    /// Year, month from 1, day.
    day: (u16, u8, u8),
}

impl<'a> Date<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let date = text.get(..10)?;
        let mut parts = date.split('-');
        let day = (
            parts.next()?.parse().ok()?,
            parts.next()?.parse().ok()?,
            parts.next()?.parse().ok()?,
        );
        let is_day = (1..=12).contains(&day.1) && (1..=31).contains(&day.2);
        (is_day && parts.next().is_none()).then_some(Self { text, day })
    }

    fn has_time(self) -> bool {
        self.text.len() > 10
    }

    fn month(self) -> &'static str {
        MONTHS[usize::from(self.day.1) - 1]
    }

    /// `1 Feb 2026`, and the time if there is one.
    fn words(self) -> String {
        let (year, _, day) = self.day;
        let time = self.text[10..].trim_start_matches(['T', ' ']);
        let comma = if time.is_empty() { "" } else { ", " };
        format!("{day} {} {year}{comma}{time}", self.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_as_people_say_them() {
        for (from, to, expected) in [
            ("", "", "last 7 days"),
            ("-30d", "", "last 30 days"),
            ("-1d", "", "last 1 day"),
            ("-24h", "", "last 24 hours"),
            ("mStart", "", "this month"),
            ("yStart", "", "this year"),
            ("-1mStart", "-1mEnd", "last month"),
            ("all", "", "all time"),
            ("all", "2026-02-28", "until 28 Feb 2026"),
            ("2026-02-01", "", "since 1 Feb 2026"),
            ("2026-02-01", "2026-02-28", "1 – 28 Feb 2026"),
            ("2026-02-01", "2026-03-02", "1 Feb – 2 Mar 2026"),
            ("2025-12-31", "2026-01-01", "31 Dec 2025 – 1 Jan 2026"),
            ("2026-02-01", "2026-02-01", "1 Feb 2026"),
            (
                "2026-02-01T10:00",
                "2026-02-01T12:00",
                "1 Feb 2026, 10:00 – 1 Feb 2026, 12:00",
            ),
            ("-30d", "2026-02-28", "30 days ago – 28 Feb 2026"),
            ("", "2026-02-28", "7 days ago – 28 Feb 2026"),
            ("2026-02-01", "-1d", "1 Feb 2026 – 1 day ago"),
            // What nobody here knows is shown as it is.
            ("soon", "é", "soon – é"),
            ("2026-13-01", "", "2026-13-01 – today"),
        ] {
            assert_eq!(words(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn days_that_come_in_the_wrong_order_are_said() {
        assert!(problem("2026-03-01", "2026-02-28").is_some());
        assert_eq!(problem("2026-02-28", "2026-02-28"), None);
        assert_eq!(problem("-30d", "2026-02-28"), None);
    }

    #[test]
    fn a_year_that_is_still_typed_is_not_meant() {
        assert!(!is_meant("0202-02-01"));
        assert!(is_meant("2026-02-01"));
        assert!(is_meant(""));
        assert_eq!(for_field("2026-02-01T10:00"), "2026-02-01");
        assert_eq!(for_field("-30d"), "");
    }
}
