//! Numbers and moments in the words of the reader: their language, their time zone.
//!
//! The browser knows all languages and zones; this file only chooses what to ask it for. Formatters are
//! expensive to make and are made once.

use std::thread::LocalKey;

use js_sys::{Array, Date, Function, Intl, JsString, Object, Reflect};
use persons_api::Timestamp;
use wasm_bindgen::JsValue;

thread_local! {
    static NUMBER: Function = Intl::NumberFormat::new(&locales(), &Object::new()).format();
    static DAY: Function = moments(&[("dateStyle", "medium")]);
    static MINUTE: Function = moments(&[("dateStyle", "medium"), ("timeStyle", "short")]);
    static MOMENT: Function = moments(&[("dateStyle", "full"), ("timeStyle", "long")]);
    static STAMP: Function = moments(&[("dateStyle", "medium"), ("timeStyle", "long")]);
    static AGO: Intl::RelativeTimeFormat = ago("narrow");
    static AGO_IN_WORDS: Intl::RelativeTimeFormat = ago("long");
}

/// An empty list means the reader's own.
fn locales() -> Array {
    Array::new()
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (key, value) in pairs {
        // Setting a key of a fresh, plain object cannot fail.
        let _ = Reflect::set(&options, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    options
}

fn moments(style: &[(&str, &str)]) -> Function {
    Intl::DateTimeFormat::new(&locales(), &options(style)).format()
}

fn ago(style: &str) -> Intl::RelativeTimeFormat {
    Intl::RelativeTimeFormat::new(
        &locales(),
        &options(&[("numeric", "auto"), ("style", style)]),
    )
}

fn format(with: &'static LocalKey<Function>, value: &JsValue) -> String {
    with.with(|format| text_of(format.call1(&JsValue::UNDEFINED, value)))
}

fn text_of(text: Result<JsValue, JsValue>) -> String {
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// `14,203`
pub fn number(number: u64) -> String {
    format(&NUMBER, &JsValue::from_f64(number as f64))
}

/// `11 Feb 2024`
pub fn day(moment: Timestamp) -> String {
    format(&DAY, &date(moment))
}

/// `11 Feb 2024, 10:00`
pub fn minute(moment: Timestamp) -> String {
    format(&MINUTE, &date(moment))
}

/// A piece of the calendar that a moment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// `2024`
    Year,
    /// `Feb`
    Month,
    /// `11 Feb`
    Day,
    /// `10:00`
    Minute,
}

/// A moment as a mark of the calendar, without what the marks around it say.
pub fn mark(moment: Timestamp, begins: Precision) -> String {
    let style: &[(&str, &str)] = match begins {
        Precision::Year => &[("year", "numeric")],
        Precision::Month => &[("month", "short")],
        Precision::Day => &[("month", "short"), ("day", "numeric")],
        Precision::Minute => &[("hour", "numeric"), ("minute", "2-digit")],
    };
    text_of(moments(style).call1(&JsValue::UNDEFINED, &date(moment)))
}

/// The reader's time zone: `Europe/Berlin`.
pub fn zone() -> String {
    let format = Intl::DateTimeFormat::new(&locales(), &Object::new());
    text_of(Reflect::get(
        &format.resolved_options(),
        &JsValue::from_str("timeZone"),
    ))
}

/// `Sunday 11 February 2024 at 10:00:00 CET`, for where there is room or a question.
pub fn moment(moment: Timestamp) -> String {
    format(&MOMENT, &date(moment))
}

/// `11 Feb 2024, 10:00:00 CET`: when exactly, and where that is the time.
pub fn stamp(moment: Timestamp) -> String {
    format(&STAMP, &date(moment))
}

/// `2 min ago`, as short as the language allows.
pub fn relative(distance: Distance) -> String {
    AGO.with(|format| String::from(format_distance(format, distance)))
}

/// `2 minutes ago`
pub fn relative_in_words(distance: Distance) -> String {
    AGO_IN_WORDS.with(|format| String::from(format_distance(format, distance)))
}

/// `2 minutes ago`, or the day when that is longer ago than a week.
pub fn ago_in_words(then: Timestamp) -> String {
    let distance = Distance::under_a_week(then, super::clock::now());
    distance.map_or_else(|| day(then), relative_in_words)
}

fn format_distance(format: &Intl::RelativeTimeFormat, distance: Distance) -> JsString {
    format.format(-(distance.ago as f64), distance.unit)
}

fn date(moment: Timestamp) -> JsValue {
    // Browsers count milliseconds.
    Date::new(&JsValue::from_f64((moment.0 / 1000) as f64)).into()
}

/// How long ago, in the largest unit that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    /// Negative when it has yet to come.
    pub ago: i64,
    /// `second`, `minute`, `hour` or `day`.
    pub unit: &'static str,
}

impl Distance {
    /// How long ago `then` was, or `None` from a week on: then the date says more.
    pub fn under_a_week(then: Timestamp, now: Timestamp) -> Option<Self> {
        const WEEK: i64 = 7 * 86_400;
        let seconds = (now.0 - then.0) / 1_000_000;
        let (unit, length) = match seconds.abs() {
            0..60 => ("second", 1),
            60..3_600 => ("minute", 60),
            3_600..86_400 => ("hour", 3_600),
            86_400..WEEK => ("day", 86_400),
            _ => return None,
        };
        Some(Self {
            ago: seconds / length,
            unit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_told_in_the_largest_unit_up_to_a_week() {
        let now = Timestamp::parse("2026-03-10T12:00:00Z").expect("valid");
        let ago = |text| {
            let then = Timestamp::parse(text).expect("valid");
            Distance::under_a_week(then, now).map(|distance| (distance.ago, distance.unit))
        };
        assert_eq!(ago("2026-03-10T11:59:58Z"), Some((2, "second")));
        assert_eq!(ago("2026-03-10T11:00:01Z"), Some((59, "minute")));
        assert_eq!(ago("2026-03-09T12:00:01Z"), Some((23, "hour")));
        assert_eq!(ago("2026-03-03T12:00:01Z"), Some((6, "day")));
        assert_eq!(ago("2026-03-03T12:00:00Z"), None);
        assert_eq!(ago("2026-03-10T13:00:00Z"), Some((-1, "hour")));
    }
}
