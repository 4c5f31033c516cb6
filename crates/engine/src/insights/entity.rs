//! What is counted: events of a name, or actions.

use persons_api::FilterTree;

use crate::insights::math::Math;

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// An event of this name; any event if there is no name.
    Event(Option<String>),
    /// An event that fits one of the steps of the action with this number.
    Action(i64),
}

/// One series, or one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// Which events.
    pub occurrence: Occurrence,
    /// What is calculated from them, where that is asked.
    pub math: Math,
    /// What else must hold of each event and its person.
    pub filter: FilterTree,
}

impl Default for Entity {
    /// Any event.
    fn default() -> Self {
        Self::event(None)
    }
}

impl Entity {
    /// Events of a name, or any events.
    pub fn event(name: Option<&str>) -> Self {
        Self {
            occurrence: Occurrence::Event(name.map(str::to_owned)),
            math: Math::Total,
            filter: FilterTree::default(),
        }
    }
}

/// A saved list of conditions on events, under one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// What people call it.
    pub name: String,
    /// An event that fits one of these is the action.
    pub steps: Vec<ActionStep>,
}

/// Conditions on an event.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionStep {
    /// The name of the event; any if there is none.
    pub event: Option<String>,
    /// What else must hold.
    pub filter: FilterTree,
}
