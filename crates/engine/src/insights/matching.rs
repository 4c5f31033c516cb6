//! Which events a question is about: entities and filters, made ready for a pass over all events.

use std::collections::BTreeSet;
use std::sync::Arc;

use persons_api::{Condition, FilterTree, Operator, PropertyFilter, Subject};

use crate::bits::BitSet;
use crate::events::Frozen;
use crate::events::census::Actor;
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::filter::Test;
use crate::insights::entity::{Entity, Occurrence};
use crate::insights::{InsightError, Source};
use crate::select::CohortMembers;

/// More conditions than this, each counted as often as it is made ready, are a mistake. They are tested under
/// the locks of the people and the events, which are kept from nobody for long.
const MOST_CONDITIONS: usize = 1000;

/// Makes conditions ready, and collects the columns that they read.
pub(crate) struct Preparation<'a> {
    pub(crate) source: Source<'a>,
    /// What [`crate::events::View::fold`] is asked for.
    pub(crate) properties: Vec<Arc<Property>>,
    /// How many conditions were made ready.
    conditions: usize,
    /// The names of all events that entities are about; `None` is all names.
    names: Option<BTreeSet<u32>>,
}

impl<'a> Preparation<'a> {
    pub(crate) fn new(source: Source<'a>) -> Self {
        Self {
            source,
            properties: Vec::new(),
            conditions: 0,
            names: Some(BTreeSet::new()),
        }
    }

    /// The events that entities are about, and perhaps others, as they are now. Whoever looks at events between
    /// those must have all of them.
    pub(crate) fn freeze(&self) -> Frozen {
        let Source { people, events, .. } = self.source;
        events.freeze(people).of_names(self.names())
    }

    /// The names of those events, ascending; `None` is all names.
    pub(crate) fn names(&self) -> Option<Box<[u32]>> {
        let names = self.names.as_ref()?;
        Some(names.iter().copied().collect())
    }

    /// Which of the columns has the codes of a property, if any event has it.
    pub(crate) fn column(&mut self, key: &str) -> Option<usize> {
        let property = self.source.events.property(key)?;
        let known = |other: &Arc<Property>| other.number == property.number;
        Some(self.properties.iter().position(known).unwrap_or_else(|| {
            self.properties.push(Arc::clone(property));
            self.properties.len() - 1
        }))
    }

    /// The events of an entity that also pass `filter`.
    pub(crate) fn events_of(
        &mut self,
        entity: &Entity,
        filter: &FilterTree,
    ) -> Result<EventMatcher, InsightError> {
        let alternatives = match &entity.occurrence {
            Occurrence::Event(name) => {
                vec![self.alternative(name.as_deref(), &FilterTree::default())?]
            }
            Occurrence::Action(id) => {
                let actions = self.source.actions;
                let action = actions.get(id).ok_or(InsightError::UnknownAction(*id))?;
                let steps = action.steps.iter();
                steps
                    .map(|step| self.alternative(step.event.as_deref(), &step.filter))
                    .collect::<Result<Vec<_>, _>>()?
            }
        };
        let (mut of_actor, mut of_event) = (Vec::new(), Vec::new());
        for tree in [&entity.filter, filter] {
            for condition in self.conditions(tree)? {
                match condition {
                    Check::Is(true) => {}
                    condition if condition.is_about_actors() => of_actor.push(condition),
                    condition => of_event.push(condition),
                }
            }
        }
        let only_name = match alternatives.as_slice() {
            [one] if one.conditions.is_empty() && of_event.is_empty() => match one.name {
                Name::Is(number) => Some(number),
                Name::Any | Name::Unseen => None,
            },
            _ => None,
        };
        Ok(EventMatcher {
            only_name,
            alternatives,
            of_actor,
            of_event,
        })
    }

    fn alternative(
        &mut self,
        name: Option<&str>,
        filter: &FilterTree,
    ) -> Result<Alternative, InsightError> {
        let name = match name {
            None => Name::Any,
            Some(name) => match self.source.events.names().number(name) {
                Some(number) => Name::Is(number),
                None => Name::Unseen,
            },
        };
        match (&name, &mut self.names) {
            (Name::Any, names) => *names = None,
            (Name::Is(name), Some(names)) => {
                names.insert(*name);
            }
            (Name::Is(_), None) | (Name::Unseen, _) => {}
        }
        let mut conditions = self.conditions(filter)?;
        conditions.retain(|condition| !matches!(condition, Check::Is(true)));
        Ok(Alternative { name, conditions })
    }

    /// The conditions of a tree, all of which must hold.
    fn conditions(&mut self, tree: &FilterTree) -> Result<Vec<Check>, InsightError> {
        match tree {
            FilterTree::Group(Condition::And, members) => {
                let conditions = members.iter().map(|member| self.conditions(member));
                let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
                Ok(conditions.into_iter().flatten().collect())
            }
            tree => Ok(vec![self.condition(tree)?]),
        }
    }

    fn condition(&mut self, tree: &FilterTree) -> Result<Check, InsightError> {
        Ok(match tree {
            FilterTree::Leaf(filter) => self.leaf(filter)?,
            // An empty group asks for nothing, so it holds nothing back.
            FilterTree::Group(_, members) if members.is_empty() => Check::Is(true),
            FilterTree::Group(Condition::And, _) => Check::All(self.conditions(tree)?),
            FilterTree::Group(Condition::Or, members) => {
                let members = members.iter().map(|member| self.condition(member));
                Check::Any(members.collect::<Result<_, _>>()?)
            }
        })
    }

    fn leaf(&mut self, filter: &PropertyFilter) -> Result<Check, InsightError> {
        self.conditions += 1;
        if self.conditions > MOST_CONDITIONS {
            return Err(InsightError::TooManyConditions(MOST_CONDITIONS));
        }
        let Source { people, texts, .. } = self.source;
        Ok(match filter.subject {
            Subject::Event => {
                let test = Test::new(filter, texts)?;
                match self.column(&filter.key) {
                    Some(column) => {
                        let codes = self.properties[column].known().values.passing(&test);
                        Check::Event(column, codes)
                    }
                    None => Check::Is(test.passes(None)),
                }
            }
            // Who is nobody has no properties and is in no cohort.
            Subject::Person => Check::Actor(
                people.matching_leaf(filter, texts, &mut CohortMembers::default())?,
                Test::new(filter, texts)?.passes(None),
            ),
            Subject::Cohort => Check::Actor(
                people.matching_leaf(filter, texts, &mut CohortMembers::default())?,
                filter.operator == Operator::NotIn,
            ),
        })
    }
}

/// A condition, ready to be applied to events of actors.
pub(crate) enum Check {
    /// Always or never.
    Is(bool),
    /// The code in this column is one of these.
    Event(usize, BitSet),
    /// The actor is a person in one of these slots, or nobody if so is said.
    Actor(BitSet, bool),
    /// All hold.
    All(Vec<Check>),
    /// At least one holds.
    Any(Vec<Check>),
}

impl Check {
    fn is_about_actors(&self) -> bool {
        match self {
            Self::Event(..) => false,
            Self::Is(_) | Self::Actor(..) => true,
            Self::All(members) | Self::Any(members) => members.iter().all(Self::is_about_actors),
        }
    }

    fn holds(&self, actor: Actor, code: &impl Fn(usize) -> u32) -> bool {
        match self {
            Self::Is(always) => *always,
            Self::Event(column, codes) => codes.contains(code(*column)),
            Self::Actor(slots, nobody) => actor.slot().map_or(*nobody, |slot| slots.contains(slot)),
            Self::All(members) => members.iter().all(|member| member.holds(actor, code)),
            Self::Any(members) => members.iter().any(|member| member.holds(actor, code)),
        }
    }
}

/// The events that a series or a step is about.
pub(crate) struct EventMatcher {
    /// The name that says everything about an event, as it mostly does.
    only_name: Option<u32>,
    /// One of these must hold.
    alternatives: Vec<Alternative>,
    /// All of these must hold, whatever the event is.
    of_actor: Vec<Check>,
    /// All of these must hold.
    of_event: Vec<Check>,
}

struct Alternative {
    name: Name,
    conditions: Vec<Check>,
}

enum Name {
    Any,
    Is(u32),
    Unseen,
}

impl Name {
    fn fits(&self, name: u32) -> bool {
        match self {
            Self::Any => true,
            Self::Is(number) => *number == name,
            Self::Unseen => false,
        }
    }
}

/// What the name of an event says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByName {
    /// It does not match.
    Never,
    /// It depends on the rest.
    Perhaps,
    /// It matches, if it is of an actor who is admitted.
    Always,
}

impl EventMatcher {
    /// What is known of all events with a name: few have the one that is looked for.
    pub(crate) fn by_name(&self, name: u32) -> ByName {
        let is_named = |alternative: &&Alternative| alternative.name.fits(name);
        let mut named = self.alternatives.iter().filter(is_named).peekable();
        if named.peek().is_none() {
            return ByName::Never;
        }
        if self.of_event.is_empty() && named.any(|alternative| alternative.conditions.is_empty()) {
            ByName::Always
        } else {
            ByName::Perhaps
        }
    }

    /// Whether any event of an actor can match.
    pub(crate) fn admits(&self, actor: Actor) -> bool {
        let no_code = |_| unreachable!("these conditions read no event");
        self.of_actor.iter().all(|test| test.holds(actor, &no_code))
    }

    /// Whether an event matches, of an actor who is admitted.
    #[inline]
    pub(crate) fn matches(&self, part: &Part<'_>, actor: Actor, event: usize) -> bool {
        match self.only_name {
            Some(name) => part.names[event] == name,
            None => self.passes(part, actor, event),
        }
    }

    fn passes(&self, part: &Part<'_>, actor: Actor, event: usize) -> bool {
        let code = |column: usize| part.columns[column][event];
        let name = part.names[event];
        self.alternatives.iter().any(|alternative| {
            alternative.name.fits(name)
                && alternative
                    .conditions
                    .iter()
                    .all(|test| test.holds(actor, &code))
        }) && self.of_event.iter().all(|test| test.holds(actor, &code))
    }
}
