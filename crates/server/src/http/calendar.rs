//! The project's time zone and weeks, and what a range of dates is cut into.

use jiff::Zoned;
use jiff::tz::TimeZone;
use persons_api::Timestamp;
use persons_engine::dates::{Asked, Calendar, DateError, DateRange, Interval};

use super::App;
use super::error::ApiError;
use super::params::Params;

/// Charts that show one number for the whole range.
const AGGREGATES: [&str; 5] = [
    "ActionsTable",
    "ActionsPie",
    "ActionsBarValue",
    "BoldNumber",
    "WorldMap",
];

/// The project's calendar. `first` is when its first event happened.
pub(super) fn calendar(app: &App, first: Option<Timestamp>) -> Calendar {
    let info = app.project.info();
    Calendar {
        zone: TimeZone::get(&info.timezone).unwrap_or(TimeZone::UTC),
        weeks_start_on_monday: info.week_start_day == 1,
        now: app.project.now(),
        first,
    }
}

/// Whether the chart that is asked about shows one number for the whole range.
pub(super) fn is_aggregate(params: &Params) -> bool {
    let display = params.get("display").unwrap_or_default();
    AGGREGATES.contains(&display)
}

/// The parameter `interval`.
pub(super) fn interval(params: &Params) -> Result<Interval, ApiError> {
    match params.get("interval") {
        None => Ok(Interval::default()),
        Some(name) => Interval::from_name(name)
            .ok_or_else(|| ApiError::invalid("interval", "Use hour, day, week or month.")),
    }
}

/// The range of `date_from`, `date_to` and `explicit_date`.
pub(super) fn range(
    params: &Params,
    interval: Interval,
    calendar: &Calendar,
) -> Result<DateRange, ApiError> {
    let is_explicit = params.flag("explicit_date")?;
    let range = calendar.range(Asked {
        from: params.get("date_from"),
        to: params.get("date_to"),
        interval,
        is_explicit,
        widens: !is_explicit && !is_aggregate(params),
    })?;
    Ok(range)
}

/// A parameter that is one moment: a date with or without a time, or relative to now.
pub(super) fn moment(
    params: &Params,
    name: &'static str,
    calendar: &Calendar,
) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = params.get(name) else {
        return Ok(None);
    };
    let range = calendar.range(Asked {
        from: Some(text),
        interval: Interval::Hour,
        is_explicit: true,
        ..Asked::default()
    });
    let at = range.map_err(|error| ApiError::invalid(name, error.to_string()))?;
    Ok(Some(at.from))
}

/// A moment in the project's zone.
pub(super) fn zoned(calendar: &Calendar, at: Timestamp) -> Zoned {
    jiff::Timestamp::from_microsecond(at.0)
        .unwrap_or_default()
        .to_zoned(calendar.zone.clone())
}

impl From<DateError> for ApiError {
    fn from(error: DateError) -> Self {
        Self::invalid(error.parameter, error.to_string())
    }
}
