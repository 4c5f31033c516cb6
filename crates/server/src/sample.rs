//! The sample project: an invented business whose people make the app worth looking at before there is real data.
//!
//! [`Sample`] yields events only. People come out of them by the same ingestion that real events go through, so the
//! sample also shows what ingestion does: merges, refused merges, first values that stay, values that go away again.
//! Everything follows from the seed and the end of the window; there is no clock and no other chance.
//!
//! What belongs where: `catalogue` and `company` have the lists, `person` who somebody is, `arc` what they do, `odd` the
//! strange ones, `render` how it is written down. `dice` and `calendar` are the ground they stand on.

mod arc;
mod calendar;
mod catalogue;
mod company;
mod dice;
mod odd;
mod person;
mod render;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::vec;

use serde_json::Value;

use arc::{
    Act, Arc, Customer, Day, Id, Moment, Window, moment_of_first_visit, moment_of_return, visitor,
};
use calendar::{DAY, HOUR};
use dice::Dice;
use person::{Person, Population};
use render::Ledger;

/// How many days of events a sample has.
pub const DAYS: i64 = 90;

/// A sample project, before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// People in the project once everything is ingested.
    pub people: usize,
    /// Events to aim at. There are more when the people's stories alone need more (about five for each person), and
    /// exactly so many otherwise.
    pub events: usize,
    /// The same seed, people, events and end give the same events, on every machine.
    pub seed: u64,
    /// The last moment of the sample, in microseconds since 1970: "now".
    pub end: i64,
}

impl Sample {
    /// The sample as it is made when nobody asks for anything else.
    pub fn new(end: i64) -> Self {
        Self {
            people: 2_000,
            events: 60_000,
            seed: 1,
            end,
        }
    }

    /// The events in order of their time, each as an item of a capture batch: `event`, `distinct_id`, `timestamp`, `uuid`
    /// and `properties`. All lie in the [`DAYS`] days before [`Sample::end`]. They are written down one at a time,
    /// so a sample of millions needs no memory for their texts.
    pub fn events(&self) -> Events {
        // SDKs know milliseconds.
        let end = self.end.div_euclid(1_000) * 1_000;
        let window = Window {
            start: end - DAYS * DAY,
            end,
        };
        let mut cast = Cast::default();
        let mut population = Population::of(self.seed, self.people);
        let odd = cast.odd(self, window);
        for number in 0..self.people - odd.people {
            cast.person(self, &mut population, window, number);
        }
        cast.strangers(self, &mut population, window);
        cast.refused_aliases(window);
        cast.ordinary_use(self, window);
        cast.moments.sort_by_key(|moment| moment.at);
        Events {
            ledger: Ledger {
                seed: self.seed,
                people: cast.people,
                companies: population.companies,
                odd: odd.events,
            },
            moments: cast.moments.into_iter(),
            number: 0,
        }
    }
}

/// The events of a [`Sample`], oldest first.
pub struct Events {
    ledger: Ledger,
    moments: vec::IntoIter<Moment>,
    number: u64,
}

impl Iterator for Events {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let moment = self.moments.next()?;
        let event = self.ledger.event(self.number, &moment);
        self.number += 1;
        Some(event)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.moments.size_hint()
    }
}

impl ExactSizeIterator for Events {}

struct Odd {
    people: usize,
    events: Vec<Value>,
}

/// Everybody, and everything that happens, while it is put together.
#[derive(Default)]
struct Cast {
    people: Vec<Person>,
    moments: Vec<Moment>,
    days: Vec<Day>,
    /// Who of a firm can have left their login behind on a device, and since when.
    identified: HashMap<usize, Vec<(i64, usize)>>,
    /// The same for everybody, for aliases that must be refused.
    users: Vec<(i64, u32)>,
}

impl Cast {
    /// The strange ones: at most one in five.
    fn odd(&mut self, sample: &Sample, window: Window) -> Odd {
        let mut events = Vec::new();
        let mut stories = odd::stories();
        stories.truncate(sample.people / 5);
        let people = stories.len();
        // One after the other over the first half of the window, so that the longest still has the second half.
        for (number, story) in stories.into_iter().enumerate() {
            let dice = &mut Dice::of(sample.seed, "odd", number as u64);
            let begin = window.start
                + (DAYS * DAY / 2) / people as i64 * number as i64
                + dice.between(0, 3_599) * 1_000_000;
            let pace = (window.end - begin) / (story.len() as i64 + 1);
            for (step, event) in story.into_iter().enumerate() {
                let at =
                    begin + pace.min(3 * DAY) * step as i64 + dice.between(0, pace.min(HOUR) / 2);
                let at = at / 1_000 * 1_000;
                let act = Act::Odd(events.len() as u32);
                self.moments.push(Moment {
                    at,
                    who: 0,
                    device: 0,
                    id: Id::User,
                    session: at,
                    act,
                });
                events.push(event);
            }
        }
        Odd { people, events }
    }

    fn person(
        &mut self,
        sample: &Sample,
        population: &mut Population,
        window: Window,
        number: usize,
    ) {
        let dice = &mut Dice::of(sample.seed, "arc", number as u64);
        let who = self.people.len() as u32;
        // 35 in a hundred never say who they are, 38 sign up now, 27 had an account before.
        let kind = dice.between(0, 99);
        let devices = match kind {
            0..35 => 1,
            _ => 1 + usize::from(dice.chance(0.35)) + usize::from(dice.chance(0.12)),
        };
        let mut person = population.person(
            number,
            window.start + dice.between(0, DAYS - 1) * DAY,
            devices,
        );
        if kind < 35 {
            let arc = visitor(who, &person, window, dice);
            return self.keep(person, arc);
        }
        let new = kind < 73;
        let begin = if new {
            moment_of_first_visit(window, &person, dice)
        } else {
            // The product once used mail addresses as ids, and old accounts kept them.
            person.user_id.clone_from(&person.email);
            moment_of_return(window, &person, dice)
        };
        let owner = person.company.filter(|_| new).and_then(|company| {
            let colleagues = self.identified.get(&company)?;
            let before = colleagues.iter().filter(|(since, _)| *since < begin - HOUR);
            before.map(|(_, colleague)| *colleague).next_back()
        });
        let owner = owner.filter(|_| dice.chance(0.06));
        if let Some(owner) = owner {
            person.devices[0]
                .anonymous_id
                .clone_from(&self.people[owner].devices[0].anonymous_id);
        }
        let customer = Customer {
            who,
            person: &person,
            companies: &population.companies,
            window,
            new,
            shares_device: owner.is_some(),
        };
        let arc = customer.arc(begin, dice);
        if let Some(since) = arc.identified_at {
            self.users.push((since, who));
            if let Some(company) = person.company {
                self.identified
                    .entry(company)
                    .or_default()
                    .push((since, who as usize));
            }
        }
        self.keep(person, arc);
    }

    fn keep(&mut self, person: Person, arc: Arc) {
        self.people.push(person);
        self.moments.extend(arc.moments);
        self.days.extend(arc.days);
    }

    /// Visitors without a profile, in addition to the people: three for every hundred.
    fn strangers(&mut self, sample: &Sample, population: &mut Population, window: Window) {
        for number in 0..sample.people * 3 / 100 {
            let dice = &mut Dice::of(sample.seed, "stranger", number as u64);
            let since = window.start + dice.between(0, DAYS - 1) * DAY;
            let mut person = population.person(sample.people + number, since, 1);
            person.personless = true;
            let arc = visitor(self.people.len() as u32, &person, window, dice);
            self.keep(person, arc);
        }
    }

    /// Three times a back end tries to merge two accounts that are both identified.
    fn refused_aliases(&mut self, window: Window) {
        for pair in self.users.chunks_exact(2).take(3) {
            let [(first, who), (second, other)] = *pair else {
                continue;
            };
            let at = first.max(second) + 2 * HOUR;
            if at <= window.end {
                let act = Act::AliasOfUser { other };
                self.moments.push(Moment {
                    at,
                    who,
                    device: 0,
                    id: Id::User,
                    session: at,
                    act,
                });
            }
        }
    }

    /// Fills the days on which people were there with ordinary use until the events that were asked for are reached.
    fn ordinary_use(&mut self, sample: &Sample, window: Window) {
        let wanted = sample.events.saturating_sub(self.moments.len());
        let busy: f64 = self.days.iter().map(|day| day.busy).sum();
        let mut sum = 0.0;
        let mut placed = 0;
        for (number, day) in self.days.iter().enumerate() {
            // Shares of the sum so far, so that rounding never adds up. The last day takes what is left.
            sum += day.busy;
            let until = if number + 1 == self.days.len() {
                wanted
            } else {
                (wanted as f64 * (sum / busy)) as usize
            };
            let dice = &mut Dice::of(sample.seed, "day", number as u64);
            fill(
                &mut self.moments,
                day,
                until.saturating_sub(placed),
                window,
                dice,
            );
            placed = placed.max(until);
        }
    }
}

/// A day's use: sessions of up to fourteen events within eight hours.
fn fill(moments: &mut Vec<Moment>, day: &Day, events: usize, window: Window, dice: &mut Dice) {
    let sessions = events.div_ceil(14).max(1);
    let apart = 8 * HOUR / sessions as i64;
    let mut left = events;
    for number in 0..sessions {
        let session = (day.at + apart * number as i64).min(window.end);
        let mut at = session;
        let length = left.div_ceil(sessions - number);
        left -= length;
        for step in 0..length {
            let act = match (day.id, step) {
                (Id::Anonymous, _) => Act::Read,
                (Id::User, 0) => Act::ProductPage,
                (Id::User, _) if dice.chance(0.35) => Act::ProductPage,
                (Id::User, _) => Act::Use,
            };
            moments.push(Moment {
                at,
                who: day.who,
                device: day.device,
                id: day.id,
                session,
                act,
            });
            at += dice.between(4_000, 150_000.min(apart / 15_000).max(4_000)) * 1_000;
            at = at.min(window.end);
        }
    }
}
