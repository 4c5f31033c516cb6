//! What is asked: one of seven insights, what it looks at, and when.
//!
//! [`terms`] has the words that have a fixed list, [`wire`] turns a question into parameters of the API and
//! back, [`query`] into a query for newer servers. The app's URL uses the words of the parameters, so a link to
//! a question reads like the request it makes.

pub mod posthog_link;
mod query;
mod terms;
mod wire;

use persons_api::PropertyFilter;

pub use self::wire::{Parameters, period};

pub use self::terms::{
    BreakdownKind, CorrelationKind, EVENT_TYPES, FunnelView, Insight, Interval, MATHS, Math, Order,
    Stretch, WindowUnit,
};

/// A question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// What kind of answer.
    pub insight: Insight,
    /// The events and actions it looks at: lines of trends, steps of a funnel, what people did first and
    /// came back with.
    pub series: Vec<Entity>,
    /// Conditions on all of the events.
    pub conditions: Vec<PropertyFilter>,
    /// The first day, in the words of the API (`-30d`, `2026-02-01`); empty for the server's choice.
    pub from: String,
    /// The last day; empty for today.
    pub to: String,
    /// What one point is of.
    pub interval: Interval,
    /// What the numbers are cut by.
    pub breakdown: Option<Breakdown>,
    /// Trends: whether the time before is shown, too.
    pub is_compared: bool,
    /// How steps follow each other.
    pub funnel: Funnel,
    /// What may go along with success.
    pub correlation: CorrelationKind,
    /// The names that are compared in a correlation.
    pub correlation_names: CorrelationNames,
    /// Who counts as having come back.
    pub retention: Retention,
    /// Which ways are drawn.
    pub paths: Paths,
    /// Paths: the step of a funnel around which they lie, if they do not lie anywhere.
    pub around: Option<Box<Around>>,
    /// What the API understands and the builder does not show. It is passed on as it is.
    pub others: Vec<(String, String)>,
}

/// Something people do, as a question looks at it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity {
    /// Which events.
    pub of: What,
    /// How it is counted; only trends ask.
    pub math: Math,
    /// The property that a sum or a mean is of; empty for others.
    pub math_property: String,
    /// Conditions on these events alone.
    pub conditions: Vec<PropertyFilter>,
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum What {
    /// All there are.
    #[default]
    Any,
    /// Those of this name.
    Event(String),
    /// Those of an action: its number, and its name where it is known.
    Action(i64, String),
}

/// What numbers are cut by.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// Of what.
    pub kind: BreakdownKind,
    /// The property, or the numbers of cohorts with commas between them.
    pub key: String,
}

/// How the steps of a funnel follow each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// How many [`WindowUnit`]s an attempt may take.
    pub window: u32,
    /// The unit of it.
    pub unit: WindowUnit,
    /// In which order.
    pub order: Order,
    /// What is drawn.
    pub view: FunnelView,
    /// What must not happen in between.
    pub exclusions: Vec<Exclusion>,
}

impl Default for Funnel {
    fn default() -> Self {
        Self {
            window: 14,
            unit: WindowUnit::Day,
            order: Order::default(),
            view: FunnelView::default(),
            exclusions: Vec::new(),
        }
    }
}

/// What must not happen between two steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exclusion {
    /// Which events.
    pub of: What,
    /// After which step, from 0.
    pub from_step: usize,
    /// Before which step, from 0.
    pub to_step: usize,
}

/// The names that are compared in a correlation; empty lists for the default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CorrelationNames {
    /// Keys of person properties, in a correlation with these.
    pub properties: Vec<String>,
    /// Names of events, in a correlation with their properties.
    pub events: Vec<String>,
}

/// Who counts as having come back.
#[derive(Clone, Debug, PartialEq)]
pub struct Retention {
    /// So many intervals, the first included.
    pub intervals: u32,
    /// Whether only the first time ever begins a row.
    pub is_first_time: bool,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            intervals: 11,
            is_first_time: false,
        }
    }
}

/// Which ways are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// Kinds of events (`$pageview`, `$screen`, `custom_event`); all if none.
    pub event_types: Vec<String>,
    /// Items that are passed over.
    pub excluded: Vec<String>,
    /// Where paths begin; empty for anywhere.
    pub start: String,
    /// Where they end; empty for anywhere.
    pub end: String,
    /// So many items of each are kept.
    pub steps: u32,
    /// Items to be taken for one: `/product/*`.
    pub groupings: Vec<String>,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            event_types: Vec::new(),
            excluded: Vec::new(),
            start: String::new(),
            end: String::new(),
            steps: 5,
            groupings: Vec::new(),
        }
    }
}

/// Part of the time of those who tried a funnel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// The funnel. It has the dates of the paths where it has none of its own.
    pub funnel: Question,
    /// Where around the step.
    pub stretch: Stretch,
    /// From 1: the step of those who did it; negative: of those who did all steps before it and not this one.
    pub step: i64,
}

impl Entity {
    /// An event by its name, counted as the insight counts.
    pub fn event(name: &str) -> Self {
        Self {
            of: What::Event(name.to_owned()),
            ..Self::default()
        }
    }

    /// Its name for people.
    pub fn name(&self) -> String {
        self.of.name()
    }
}

impl What {
    /// Its name for people.
    pub fn name(&self) -> String {
        match self {
            Self::Any => "any event".to_owned(),
            Self::Event(name) => name.clone(),
            Self::Action(number, name) if name.is_empty() => format!("action {number}"),
            Self::Action(_, name) => name.clone(),
        }
    }
}

impl Question {
    /// Whether there is enough to ask; what is missing, if not.
    pub fn missing(&self) -> Option<&'static str> {
        let steps = self.series.len();
        match self.insight {
            Insight::Funnel | Insight::Correlation if steps < 2 => {
                Some("A funnel needs at least two steps.")
            }
            Insight::Correlation
                if self.correlation == CorrelationKind::EventProperties
                    && self.names_to_correlate().is_empty() =>
            {
                Some("Choose the events whose properties are compared.")
            }
            Insight::Paths => None,
            _ if steps == 0 => Some("Choose an event."),
            _ => self
                .series
                .iter()
                .any(|entity| entity.math.needs_property() && entity.math_property.is_empty())
                .then_some("Choose the property that is added up."),
        }
    }

    /// The names that a correlation is asked for: those that were chosen, else all person properties, or the events
    /// of the funnel. PostHog refuses both kinds of correlation without names.
    pub fn names_to_correlate(&self) -> Vec<String> {
        let CorrelationNames { properties, events } = &self.correlation_names;
        match self.correlation {
            CorrelationKind::Events => Vec::new(),
            CorrelationKind::Properties if properties.is_empty() => vec!["$all".to_owned()],
            CorrelationKind::Properties => properties.clone(),
            CorrelationKind::EventProperties if events.is_empty() => {
                let mut names: Vec<String> = Vec::new();
                for entity in &self.series {
                    if let What::Event(name) = &entity.of
                        && !names.contains(name)
                    {
                        names.push(name.clone());
                    }
                }
                names
            }
            CorrelationKind::EventProperties => events.clone(),
        }
    }

    /// The same question as another insight, as far as it makes sense there.
    pub fn turned_into(&self, insight: Insight) -> Self {
        let mut question = Self {
            insight,
            ..self.clone()
        };
        if matches!(insight, Insight::Lifecycle) {
            question.series.truncate(1);
        }
        if matches!(insight, Insight::Retention) {
            question.series.truncate(2);
        }
        question
    }
}
