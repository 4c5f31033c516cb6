//! What all parts of the builder share: the question, how it is changed, and which pill is open.

use std::sync::Arc;

use leptos::prelude::*;

use crate::insights::question::{Insight, Question};
use crate::platform::focus;

/// What a pill changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// The event at a place.
    Series(usize),
    /// One more event.
    AddSeries,
    /// A condition: on the event at a place, or on all of them; the one at a place, or one more.
    Condition {
        /// The event's place; none for conditions on all events.
        of: Option<usize>,
        /// The condition's place among its own; none for one more.
        at: Option<usize>,
    },
    /// From when to when.
    Dates,
    /// What one point is of.
    Interval,
    /// What the numbers are cut by.
    Breakdown,
    /// How long an attempt may take.
    Window,
    /// How steps follow each other.
    Order,
    /// What is drawn of a funnel.
    View,
    /// What must not happen: the one at a place, or one more.
    Exclusion(Option<usize>),
    /// What may go along with success.
    Correlation,
    /// The names that are compared in a correlation.
    CorrelationNames,
    /// How many intervals people are followed.
    Intervals,
    /// Whose first time begins a row.
    FirstTime,
    /// Which events paths are made of.
    EventTypes,
    /// Where paths begin.
    Start,
    /// Where they end.
    End,
    /// How long they are.
    Steps,
    /// What is left out of them.
    Excluded,
    /// What is taken for one.
    Groupings,
    /// Around which step of a funnel paths lie.
    Around,
}

impl Open {
    /// The pill it belongs to: conditions on one event stand in that event's.
    pub fn pill(self) -> Self {
        match self {
            Self::Condition { of: Some(of), .. } => Self::Series(of),
            other => other,
        }
    }

    /// The id of the pill, so that the focus can return to it.
    pub fn id(self) -> String {
        let words = format!("{:?}", self.pill());
        let letters = words.chars().filter(char::is_ascii_alphanumeric);
        ["pill-", &letters.collect::<String>()].concat()
    }

    /// What is changed, in words.
    pub fn label(self, insight: Insight) -> &'static str {
        let are_steps = matches!(insight, Insight::Funnel | Insight::Correlation);
        match self {
            Self::Series(_) if are_steps => "Step",
            Self::Series(_) => "Event",
            Self::AddSeries if are_steps => "Add step",
            Self::AddSeries => "Add event",
            Self::Condition { at: None, .. } => "Add condition",
            Self::Condition { .. } => "Condition",
            Self::Dates if insight == Insight::Retention => "Last day",
            Self::Dates => "Dates",
            Self::Interval => "Interval",
            Self::Breakdown => "Breakdown",
            Self::Window => "Conversion window",
            Self::Order => "Order of steps",
            Self::View => "What is drawn",
            Self::Exclusion(_) => "What must not happen between steps",
            Self::Correlation => "What may go along",
            Self::CorrelationNames => "Compared properties or events",
            Self::Intervals => "How long people are followed",
            Self::FirstTime => "Who begins",
            Self::EventTypes => "Which events",
            Self::Start => "Where paths begin",
            Self::End => "Where paths end",
            Self::Steps => "How long paths are",
            Self::Excluded => "What is left out",
            Self::Groupings => "What is taken for one",
            Self::Around => "Which part of the time",
        }
    }
}

/// What all parts of the builder share.
#[derive(Clone, Copy)]
pub struct Model {
    /// The question as it was asked last.
    pub question: Signal<Arc<Question>>,
    /// Asks another one.
    pub on_change: Callback<Question>,
    /// Which pill is open.
    pub open: RwSignal<Option<Open>>,
}

impl Model {
    /// Changes the question, and asks it if it is another one then.
    pub fn change(self, edit: &dyn Fn(&mut Question)) {
        let Some(was) = self.question.try_get_untracked() else {
            return;
        };
        let mut question = (*was).clone();
        edit(&mut question);
        if question != *was {
            self.on_change.run(question);
        }
    }

    /// Something the question says.
    pub fn says<T>(self, read: fn(&Question) -> T) -> T {
        read(&self.question.read())
    }

    /// Opens a pill, or closes it.
    pub fn toggle(self, pill: Open) {
        let is_open = self.open.get_untracked().map(Open::pill) == Some(pill);
        self.open.set((!is_open).then_some(pill));
    }

    /// Whether a field that loses the focus is left for another one. One whose popover closes is given up, or
    /// is finished already.
    pub fn is_open(self) -> bool {
        self.open.try_get_untracked().flatten().is_some()
    }

    /// Closes what is open and goes back to its pill.
    pub fn close(self) {
        if let Some(open) = self.open.get_untracked() {
            focus::soon(open.id());
        }
        self.open.set(None);
    }
}
