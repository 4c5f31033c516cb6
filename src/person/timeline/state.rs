//! The state of the tab: what the URL says, what the server said about it, and how it is changed.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, Properties, Timestamp};

use super::changes::Step;
use super::diff::{Diff, diff};
use super::picture::{Picture, worth_watching};
use crate::api::history::Timeline;
use crate::api::{ApiError, Load};
use crate::effect::effect;
use crate::person::address::Address;
use crate::person::address::{PersonState, PersonTab, TimelineState};
use crate::person::history::{Then, Watched, at, is_final, points};
use crate::person::pins::Pins;
use crate::platform::clock;

/// The letters of the two moments.
pub const LETTERS: [&str; 2] = ["A", "B"];

/// The timeline of a person.
#[derive(Clone, Copy)]
pub struct Shown {
    address: Address,
    /// When properties changed.
    pub timeline: Load<Arc<Timeline>>,
    /// What is drawn of that.
    pub picture: RwSignal<Arc<Picture>>,
    /// The moment that is being dragged, and where it is.
    pub held: RwSignal<Option<(usize, Timestamp)>>,
    /// All properties at the two moments.
    told: [Then; 2],
    /// Them at the last two moments of which both are known, or nobody yet: no column runs ahead of the other.
    both: Memo<Vec<Arc<Person>>>,
    /// Why the server is not asked for them any more.
    refused: RwSignal<Option<ApiError>>,
}

/// What is known of the two moments.
pub enum Compared {
    /// Not yet anything.
    Waiting,
    /// This. It is read from the points of the timeline where the server did not tell, for that reason.
    Known(Diff, Option<ApiError>),
    /// Nothing, and why; no reason where one of them lies before the first event.
    Unknown(Option<ApiError>),
}

impl Shown {
    /// The timeline of a person.
    pub fn of(person: &Arc<Person>, pins: Pins) -> Self {
        let address = Address::expect();
        let (uuid, since, now) = (person.uuid, person.created_at, clock::now());
        let known = person.clone();
        let keys = move || {
            let chosen = address.state().timeline.keys;
            chosen.unwrap_or_else(|| worth_watching(&known.properties, pins.keys()))
        };
        let watched = keys.clone();
        let timeline = points(uuid, Box::new(move || question(address, &watched())));
        let drawn: Box<dyn Fn() -> Arc<Picture>> = Box::new(move || {
            let answer = timeline.value.get();
            let url = address.state().timeline;
            Arc::new(Picture::of(keys(), answer, &url, since, now))
        });
        let picture = RwSignal::new(untrack(&drawn));
        effect(move |_| {
            let drawn = drawn();
            if !picture.read_untracked().is_same(&drawn) {
                picture.set(drawn);
            }
        });
        let held = RwSignal::new(None);
        let refused = RwSignal::new(None);
        let told = [0, 1].map(|which| {
            let moment = move || {
                // Where the range begins is not known before.
                let is_answered =
                    timeline.value.read().is_some() || timeline.error.read().is_some();
                let is_drawn = is_answered || question(address, &picture.read().keys).is_none();
                let is_asked = is_drawn && refused.read().is_none();
                is_asked.then(|| moments(address, picture, held)[which])
            };
            at(uuid, address, Box::new(moment))
        });
        effect(move |_| {
            let mut errors = told.iter().filter_map(|told| told.error());
            if let Some(error) = errors.find(is_final) {
                refused.set(Some(error));
            }
        });
        let both = Memo::new(
            move |last: Option<&Vec<Arc<Person>>>| match told.map(Then::told) {
                [Some(a), Some(b)] => vec![a.person, b.person],
                _ => last.cloned().unwrap_or_default(),
            },
        );
        Self {
            address,
            timeline,
            picture,
            held,
            told,
            both,
            refused,
        }
    }

    /// The first and the last day of the range, where the URL names them.
    pub fn days(self) -> [Option<Timestamp>; 2] {
        let TimelineState { from, to, .. } = self.address.state().timeline;
        [from, to]
    }

    /// The two moments.
    pub fn moments(self) -> [Timestamp; 2] {
        moments(self.address, self.picture, self.held)
    }

    /// The two moments, for somebody who does not want to hear of changes.
    pub fn moments_now(self) -> [Timestamp; 2] {
        let put = self.address.state_now().timeline.moments;
        self.picture.read_untracked().moments(put)
    }

    /// What is known of them.
    pub fn compared(self) -> Compared {
        let Some(error) = self.error() else {
            return match &self.both.read()[..] {
                [a, b] => known(&a.properties, &b.properties, None),
                _ => Compared::Waiting,
            };
        };
        let timeline = self.timeline.value.get();
        match timeline {
            Some(timeline) => {
                let [a, b] = self.moments();
                match (timeline.properties_at(a), timeline.properties_at(b)) {
                    (Some(a), Some(b)) => known(a, b, Some(error)),
                    _ => Compared::Unknown(None),
                }
            }
            None if self.timeline.is_busy.get() => Compared::Waiting,
            None => Compared::Unknown(Some(error)),
        }
    }

    /// Why the two moments are not told.
    fn error(self) -> Option<ApiError> {
        let mut errors = self.told.iter().filter_map(|told| told.error());
        self.refused.get().or_else(|| errors.next())
    }

    /// Whether what is [compared](Self::compared) still is that of two moments before these.
    pub fn is_behind(self) -> bool {
        self.error().is_none() && self.told.iter().any(|told| told.told().is_none())
    }

    /// Whether an answer is awaited.
    pub fn is_busy(self) -> bool {
        self.timeline.is_busy.get() || self.told.iter().any(|told| told.is_busy())
    }

    /// Asks again for everything that failed.
    pub fn again(self) {
        self.refused.set(None);
        self.timeline.again();
        for told in self.told {
            told.again();
        }
    }

    fn change(self, what: &dyn Fn(&mut TimelineState)) {
        self.address.change(&|state| what(&mut state.timeline));
    }

    /// Watches other keys.
    pub fn watch(self, keys: &[String]) {
        self.change(&|url| url.keys = Some(keys.to_vec()));
    }

    /// Looks at another range.
    pub fn set_day(self, which: usize, day: Option<Timestamp>) {
        self.change(&|url| match which {
            0 => url.from = day,
            _ => url.to = day,
        });
    }

    /// Moves one of the two moments.
    pub fn set_moment(self, which: usize, moment: Timestamp) {
        let mut moments = self.moments_now();
        moments[which] = moment;
        self.set_moments(moments);
    }

    /// Moves both. Where one of them is anyway needs no word in the URL.
    fn set_moments(self, moments: [Timestamp; 2]) {
        let ends = self.picture.read_untracked().ends();
        self.change(&|url| {
            url.moments =
                [0, 1].map(|which| Some(moments[which]).filter(|moment| *moment != ends[which]));
        });
    }

    /// Moves one of the two moments by a step.
    pub fn step(self, which: usize, step: Step) {
        let from = self.moments_now()[which];
        let picture = self.picture.get_untracked();
        self.set_moment(which, step.from(from, &picture.changes, picture.scale));
    }

    /// A becomes B, and B becomes A.
    pub fn swap(self) {
        let [a, b] = self.moments_now();
        self.set_moments([b, a]);
    }

    /// B becomes the end of the range: now, where nobody chose another one.
    pub fn to_now(self) {
        self.change(&|url| url.moments[1] = None);
    }

    /// Whether values that only `$set_once` said are told.
    pub fn has_set_once(self) -> bool {
        !self.address.state().without_set_once
    }

    /// Tells them, or not.
    pub fn set_set_once(self, on: bool) {
        self.address.change(&|state| state.without_set_once = !on);
    }

    /// The URL of the person as they were at one of the two moments.
    pub fn page_at(self, which: usize) -> String {
        let state = PersonState {
            tab: PersonTab::Properties,
            at: Some(self.moments()[which]),
            ..self.address.state()
        };
        state.route().url()
    }
}

/// What is asked about these keys in the range of the URL; nothing if there is nothing to ask.
fn question(address: Address, keys: &[String]) -> Option<Watched> {
    let TimelineState { from, to, .. } = address.state().timeline;
    let is_question = !keys.is_empty() && !is_reversed(from, to);
    is_question.then(|| (keys.to_vec(), [from, to]))
}

/// Whether a range ends before it begins.
pub fn is_reversed(from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    from.zip(to).is_some_and(|(from, to)| to < from)
}

fn moments(
    address: Address,
    picture: RwSignal<Arc<Picture>>,
    held: RwSignal<Option<(usize, Timestamp)>>,
) -> [Timestamp; 2] {
    let mut put = address.state().timeline.moments;
    if let Some((which, moment)) = held.get() {
        put[which] = Some(moment);
    }
    picture.read().moments(put)
}

fn known(a: &Properties, b: &Properties, instead_of: Option<ApiError>) -> Compared {
    Compared::Known(diff(a, b), instead_of)
}
