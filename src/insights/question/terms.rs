//! The words of a question that have a fixed list: each with its name in the API and its name for people.

/// The seven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Insight {
    /// How often, or how many people, over time.
    #[default]
    Trends,
    /// How many come from one step to the next.
    Funnel,
    /// What goes along with coming to the end of a funnel.
    Correlation,
    /// Who is new, stays, comes back, goes.
    Lifecycle,
    /// On how many days people are active.
    Stickiness,
    /// Who comes back after how long.
    Retention,
    /// Which ways people go.
    Paths,
}

/// A word: its variant, its name in the API, its name for people.
type Word<T> = (T, &'static str, &'static str);

/// Gives a type with a fixed list of words its two directions.
macro_rules! words {
    ($type:ident: $(($variant:ident, $wire:literal, $label:literal)),+ $(,)?) => {
        impl $type {
            /// Each with its name in the API and its name for people.
            pub const ALL: &[Word<Self>] = &[$((Self::$variant, $wire, $label)),+];

            /// The name in the API.
            pub fn name(self) -> &'static str {
                Self::ALL[self as usize].1
            }

            /// The name for people.
            pub fn label(self) -> &'static str {
                Self::ALL[self as usize].2
            }

            /// By its name in the API.
            pub fn from_name(name: &str) -> Option<Self> {
                let known = Self::ALL.iter().find(|(_, known, _)| *known == name);
                known.map(|(word, ..)| *word)
            }
        }
    };
}

words!(Insight:
    (Trends, "TRENDS", "Trends"),
    (Funnel, "FUNNELS", "Funnel"),
    (Correlation, "CORRELATION", "Correlation"),
    (Lifecycle, "LIFECYCLE", "Lifecycle"),
    (Stickiness, "STICKINESS", "Stickiness"),
    (Retention, "RETENTION", "Retention"),
    (Paths, "PATHS", "Paths"),
);

/// What one point is of.
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

words!(Interval:
    (Hour, "hour", "hour"),
    (Day, "day", "day"),
    (Week, "week", "week"),
    (Month, "month", "month"),
);

impl Interval {
    /// Microseconds of it; of a month as many as the longest has.
    pub fn micros(self) -> i64 {
        let hours = match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 31 * 24,
        };
        hours * 3_600_000_000
    }
}

/// What a breakdown is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BreakdownKind {
    /// A property of the event.
    Event,
    /// A property of the person, as it is now.
    #[default]
    Person,
    /// Cohorts.
    Cohort,
}

words!(BreakdownKind:
    (Event, "event", "event property"),
    (Person, "person", "person property"),
    (Cohort, "cohort", "cohort"),
);

/// How an event is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Math {
    /// Every time.
    #[default]
    Total,
    /// People.
    People,
    /// People of the week that ends there.
    WeeklyActive,
    /// People of the month that ends there.
    MonthlyActive,
    /// Sessions.
    Sessions,
    /// A property of it, added up.
    Sum,
    /// The mean of a property.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The one in the middle.
    Median,
    /// Nine of ten are at most this.
    P90,
    /// Nineteen of twenty are at most this.
    P95,
    /// Ninety-nine of a hundred are at most this.
    P99,
}

words!(Math:
    (Total, "total", "every event"),
    (People, "dau", "people"),
    (WeeklyActive, "weekly_active", "people, 7 days"),
    (MonthlyActive, "monthly_active", "people, 30 days"),
    (Sessions, "unique_session", "sessions"),
    (Sum, "sum", "sum of"),
    (Mean, "avg", "mean of"),
    (Min, "min", "minimum of"),
    (Max, "max", "maximum of"),
    (Median, "median", "median of"),
    (P90, "p90", "90th percentile of"),
    (P95, "p95", "95th percentile of"),
    (P99, "p99", "99th percentile of"),
);

/// All of them, for a menu.
pub const MATHS: &[Word<Math>] = Math::ALL;

impl Math {
    /// Whether it is of a property.
    pub fn needs_property(self) -> bool {
        self as usize >= Self::Sum as usize
    }

    /// Whether it counts people.
    pub fn counts_people(self) -> bool {
        matches!(
            self,
            Self::People | Self::WeeklyActive | Self::MonthlyActive
        )
    }
}

/// The unit of a conversion window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WindowUnit {
    /// A second.
    Second,
    /// A minute.
    Minute,
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

words!(WindowUnit:
    (Second, "second", "seconds"),
    (Minute, "minute", "minutes"),
    (Hour, "hour", "hours"),
    (Day, "day", "days"),
    (Week, "week", "weeks"),
    (Month, "month", "months"),
);

/// How steps of a funnel follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// One after the other, with others between them.
    #[default]
    Ordered,
    /// One directly after the other.
    Strict,
    /// In any order.
    Unordered,
}

words!(Order:
    (Ordered, "ordered", "in this order"),
    (Strict, "strict", "directly after each other"),
    (Unordered, "unordered", "in any order"),
);

/// What is drawn of a funnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FunnelView {
    /// How many come to each step.
    #[default]
    Steps,
    /// How many convert, over time.
    Trends,
    /// How long it takes.
    TimeToConvert,
}

words!(FunnelView:
    (Steps, "steps", "steps"),
    (Trends, "trends", "conversion over time"),
    (TimeToConvert, "time_to_convert", "time to convert"),
);

/// What may go along with success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CorrelationKind {
    /// What people did between.
    #[default]
    Events,
    /// What is known about them.
    Properties,
    /// How they did it.
    EventProperties,
}

words!(CorrelationKind:
    (Events, "events", "what people did"),
    (Properties, "properties", "what is known about them"),
    (EventProperties, "event_with_properties", "how they did it"),
);

/// Where paths lie around a step of a funnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stretch {
    /// What led to it.
    Before,
    /// From the step before to it.
    Between,
    /// What followed.
    #[default]
    After,
}

words!(Stretch:
    (Before, "funnel_path_before_step", "before"),
    (Between, "funnel_path_between_steps", "between"),
    (After, "funnel_path_after_step", "after"),
);

/// Kinds of events that paths can be made of, with their names for people.
pub const EVENT_TYPES: [(&str, &str); 3] = [
    ("$pageview", "pages"),
    ("$screen", "screens"),
    ("custom_event", "events of your own"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `name` and `label` look a word up by its place.
    #[test]
    fn every_word_stands_in_its_place() {
        macro_rules! check {
            ($($type:ident),+) => {$(
                for (place, (word, name, _)) in $type::ALL.iter().enumerate() {
                    assert_eq!(*word as usize, place, "{name}");
                    assert_eq!($type::from_name(name), Some(*word));
                    assert_eq!(word.name(), *name);
                }
            )+};
        }
        check!(
            Insight,
            Interval,
            BreakdownKind,
            Math,
            WindowUnit,
            Order,
            FunnelView,
            CorrelationKind,
            Stretch
        );
    }
}
