//! What the URL says about the page of a person, and changing it.

use leptos::prelude::*;
use persons_api::Timestamp;
use serde_json::json;

use crate::navigation::Navigation;
use crate::routes::{PersonRoute, Route, decode_query, encode_query};

/// Letters of a day: `2026-03-01`.
const DAY_LETTERS: usize = 10;

/// Which person, when, and which of their tabs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonState {
    /// A UUID; a distinct id or a number where a person pasted one.
    pub id: String,
    /// The tab.
    pub tab: PersonTab,
    /// The moment at which they are shown; now if none.
    pub at: Option<Timestamp>,
    /// Whether the past is told without what `$set_once` said.
    pub without_set_once: bool,
    /// What the timeline shows.
    pub timeline: TimelineState,
    /// Which events are shown.
    pub events: EventsState,
}

/// Which events of a person are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventsState {
    /// Those of this name; all if empty.
    pub name: String,
    /// Whether the oldest come first.
    pub is_oldest_first: bool,
    /// The latest moment; now if none.
    pub until: Option<Timestamp>,
    /// The UUID of the one that is open.
    pub id: Option<String>,
}

/// What the timeline of a person shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelineState {
    /// The properties that are watched; `None` lets the app choose.
    pub keys: Option<Vec<String>>,
    /// The first day, as its midnight; the person's first if none.
    pub from: Option<Timestamp>,
    /// The last day, as its midnight; today if none.
    pub to: Option<Timestamp>,
    /// The two moments that are compared, A and B; where none is named, the ends.
    pub moments: [Option<Timestamp>; 2],
}

/// The tabs of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PersonTab {
    /// Who they are, at a glance.
    #[default]
    Overview,
    /// What is known about them.
    Properties,
    /// What was known about them, and when it changed.
    Timeline,
    /// What they did.
    Events,
    /// The sets they are in.
    Cohorts,
    /// What was done to them.
    Activity,
    /// What the server said.
    Raw,
}

impl PersonTab {
    /// Every tab in the order of the screen, with its word in the URL.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Overview, "overview"),
        (Self::Properties, "properties"),
        (Self::Timeline, "timeline"),
        (Self::Events, "events"),
        (Self::Cohorts, "cohorts"),
        (Self::Activity, "activity"),
        (Self::Raw, "raw"),
    ];

    /// The tab's word in the URL.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl PersonState {
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if self.tab != PersonTab::Overview {
            parameters.push(("tab", self.tab.name().to_owned()));
        }
        let TimelineState {
            keys,
            from,
            to,
            moments,
        } = &self.timeline;
        if let Some(keys) = keys {
            parameters.push(("watch", json!(keys).to_string()));
        }
        for (name, moment) in [
            ("from", from),
            ("to", to),
            ("a", &moments[0]),
            ("b", &moments[1]),
            ("at", &self.at),
        ] {
            if let Some(moment) = moment {
                let mut text = moment.to_string();
                if matches!(name, "from" | "to") {
                    text.truncate(DAY_LETTERS);
                }
                parameters.push((name, text));
            }
        }
        let events = &self.events;
        if !events.name.is_empty() {
            parameters.push(("event", events.name.clone()));
        }
        if events.is_oldest_first {
            parameters.push(("order", "oldest".to_owned()));
        }
        parameters.extend(events.until.map(|until| ("until", until.to_string())));
        parameters.extend(events.id.clone().map(|id| ("event_id", id)));
        if self.without_set_once {
            parameters.push(("set_once", "no".to_owned()));
        }
        parameters
    }

    /// What a URL says, and the first thing in it that cannot be read.
    pub fn read(route: &PersonRoute) -> (Self, Option<&'static str>) {
        let mut state = Self {
            id: route.id.clone(),
            ..Self::default()
        };
        let mut problem = None;
        for (name, value) in decode_query(&route.query) {
            problem = problem.or(state.take(&name, &value).err());
        }
        (state, problem)
    }

    /// The URL that says it.
    pub fn route(&self) -> Route {
        Route::Person(PersonRoute {
            id: self.id.clone(),
            query: encode_query(&self.parameters(), '?')
                .trim_start_matches('?')
                .to_owned(),
        })
    }

    /// Takes a parameter in.
    fn take(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let moment = || {
            let moment = Timestamp::parse(value);
            moment.map(Some).ok_or("The moment in this link is none.")
        };
        let day = || {
            let day = value.get(..DAY_LETTERS).and_then(Timestamp::parse);
            day.map(Some).ok_or("The day in this link is none.")
        };
        let timeline = &mut self.timeline;
        match name {
            "tab" => {
                let known = PersonTab::ALL.iter().find(|(_, word)| *word == value);
                self.tab = known.map_or(PersonTab::Overview, |(tab, _)| *tab);
            }
            "watch" => {
                let keys = serde_json::from_str(value);
                timeline.keys = Some(keys.map_err(|_| "The keys in this link cannot be read.")?);
            }
            "from" => timeline.from = day()?,
            "to" => timeline.to = day()?,
            "a" => timeline.moments[0] = moment()?,
            "b" => timeline.moments[1] = moment()?,
            "at" => self.at = moment()?,
            "set_once" => self.without_set_once = value == "no",
            "event" => value.clone_into(&mut self.events.name),
            "order" => self.events.is_oldest_first = value == "oldest",
            "until" => self.events.until = moment()?,
            "event_id" => self.events.id = Some(value.to_owned()),
            // As in the list.
            _ => {}
        }
        Ok(())
    }
}

/// The part of the URL that is the page's own.
#[derive(Clone, Copy)]
pub struct Address(Navigation);

impl Address {
    /// The one of the page.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        Self(Navigation::expect())
    }

    /// What it says; nothing while the page is about to go.
    pub fn state(self) -> PersonState {
        state_of(&self.0.route().read())
    }

    /// The same for somebody who does not want to hear of changes.
    pub fn state_now(self) -> PersonState {
        state_of(&self.0.route().read_untracked())
    }

    /// Why some of it cannot be read, if so.
    pub fn problem(self) -> Option<&'static str> {
        match &*self.0.route().read() {
            Route::Person(route) => PersonState::read(route).1,
            _ => None,
        }
    }

    /// Says something else. That is no step of its own: Back leads to the list.
    pub fn change(self, what: &dyn Fn(&mut PersonState)) {
        if let Route::Person(route) = self.0.route().get_untracked() {
            let (mut state, _) = PersonState::read(&route);
            what(&mut state);
            self.0.replace(state.route());
        }
    }
}

fn state_of(route: &Route) -> PersonState {
    match route {
        Route::Person(route) => PersonState::read(route).0,
        _ => PersonState::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Option<Timestamp> {
        Some(Timestamp::parse(text).expect("a moment"))
    }

    /// All that the page of a person can remember.
    fn between_two_moments() -> PersonState {
        PersonState {
            id: "ada".into(),
            tab: PersonTab::Timeline,
            at: moment("2026-03-02T14:00:00.00025Z"),
            without_set_once: true,
            timeline: TimelineState {
                keys: Some(["plan", "seats"].map(str::to_owned).into()),
                from: moment("2026-01-01"),
                to: moment("2026-03-31"),
                moments: ["2026-02-19T09:12:00Z", "2026-03-20T16:40:00Z"].map(moment),
            },
            events: EventsState {
                name: "a+b & é".into(),
                is_oldest_first: true,
                until: moment("2026-03-02T14:00:00.5Z"),
                id: Some("018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e".into()),
            },
        }
    }

    fn read(url: &str) -> (PersonState, Option<&'static str>) {
        match Route::parse(url) {
            Route::Person(route) => PersonState::read(&route),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_tab_and_all_that_can_be_said() {
        let tabs = PersonTab::ALL.map(|(tab, _)| {
            let state = PersonState {
                id: "ada".into(),
                tab,
                ..PersonState::default()
            };
            assert_eq!(read(&state.route().url()), (state.clone(), None));
            state.route().url()
        });
        insta::assert_snapshot!(tabs.join("\n"), @r"
        /person/ada
        /person/ada?tab=properties
        /person/ada?tab=timeline
        /person/ada?tab=events
        /person/ada?tab=cohorts
        /person/ada?tab=activity
        /person/ada?tab=raw
        ");
        insta::assert_snapshot!(
            between_two_moments().route().url(),
            @"/person/ada?tab=timeline&watch=%5B%22plan%22%2C%22seats%22%5D&from=2026-01-01&to=2026-03-31&a=2026-02-19T09%3A12%3A00Z&b=2026-03-20T16%3A40%3A00Z&at=2026-03-02T14%3A00%3A00.000250Z&event=a%2Bb%20%26%20%C3%A9&order=oldest&until=2026-03-02T14%3A00%3A00.500000Z&event_id=018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e&set_once=no"
        );
    }

    #[test]
    fn the_timeline_and_the_moment_of_a_person_survive() {
        let all = between_two_moments();
        for state in [
            all.clone(),
            PersonState {
                tab: PersonTab::Properties,
                at: moment("1999-12-31T23:59:59Z"),
                without_set_once: false,
                timeline: TimelineState::default(),
                ..all.clone()
            },
            PersonState {
                timeline: TimelineState {
                    keys: Some(["a b", "é/%2F&=", "+", ""].map(str::to_owned).into()),
                    from: None,
                    moments: [None, moment("2026-03-20T16:40:00.123456Z")],
                    ..all.timeline.clone()
                },
                at: None,
                ..all.clone()
            },
            // No key at all is a choice, too.
            PersonState {
                timeline: TimelineState {
                    keys: Some(Vec::new()),
                    ..TimelineState::default()
                },
                ..all
            },
        ] {
            assert_eq!(read(&state.route().url()), (state, None));
        }
    }

    #[test]
    fn moments_are_read_in_every_zone_and_days_without_a_time() {
        let url = "/person/ada?at=2026-03-02T15:00%2B01:00&from=2026-01-01T09:00:00Z&set_once=yes";
        let expected = PersonState {
            id: "ada".into(),
            at: moment("2026-03-02T14:00:00Z"),
            timeline: TimelineState {
                from: moment("2026-01-01"),
                ..TimelineState::default()
            },
            ..PersonState::default()
        };
        assert_eq!(read(url), (expected, None));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for query in [
            "at=soon",
            "at=",
            "tab=timeline&a=2026-02-30",
            "tab=timeline&from=2026",
            "tab=timeline&to=2026-02-2\u{e9}",
            "tab=timeline&watch=plan",
            "tab=events&until=then",
        ] {
            assert!(read(&format!("/person/ada?{query}")).1.is_some(), "{query}");
        }
        assert_eq!(read("/person/ada?tab=nonsense").0.tab, PersonTab::Overview);
        // Links grow parameters that tools add, and tabs of versions to come.
        assert_eq!(read("/person/ada?utm_source=x&tab=y").1, None);
    }
}
