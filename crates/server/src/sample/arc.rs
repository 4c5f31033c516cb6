//! What somebody does in ninety days: visits, signs up, gets somewhere or not, comes back or does not.
//!
//! An arc has two parts. Its *moments* are the story and are always told: first visit, sign-up, first project, invitation,
//! purchase, trouble, cancellation. Its *days* are when the person was there at all, and how busily; ordinary use fills them
//! with as many events as were asked for.

use super::calendar::{DAY, HOUR, MINUTE, SECOND, is_weekend};
use super::catalogue::{REASONS, SIGN_UP_METHODS};
use super::company::{Company, Plan};
use super::dice::Dice;
use super::person::Person;

/// Under which distinct id something was done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Id {
    /// The id of the device before login.
    Anonymous,
    User,
}

/// Something that happened.
pub(super) struct Moment {
    pub(super) at: i64,
    /// An index into the people.
    pub(super) who: u32,
    /// An index into that person's devices.
    pub(super) device: u8,
    pub(super) id: Id,
    /// When the session began in which it happened; its id is made of that.
    pub(super) session: i64,
    pub(super) act: Act,
}

/// What happened, with what cannot be drawn when it is written down.
#[derive(Clone, Copy)]
pub(super) enum Act {
    /// A page of the public site; the very first one says where the person came from.
    Visit {
        first: bool,
    },
    SignedUp {
        method: &'static str,
        plan: Plan,
    },
    /// Login on a device: the anonymous id and the user become one.
    Identify {
        first: bool,
        plan: Plan,
    },
    /// Another system's id for the same person.
    AliasFromCrm,
    /// An attempt to swallow somebody who is identified already: refused.
    AliasOfUser {
        other: u32,
    },
    ProjectCreated,
    Invited,
    Purchase {
        plan: Plan,
    },
    ErrorShown,
    SupportOpened,
    Cancelled {
        reason: &'static str,
    },
    /// The page that ordinary use starts with.
    ProductPage,
    /// Ordinary use of the product.
    Use,
    /// Ordinary reading of the public site.
    Read,
    /// A finished event, an index into the odd ones.
    Odd(u32),
}

/// A day on which somebody was there.
pub(super) struct Day {
    pub(super) at: i64,
    pub(super) who: u32,
    pub(super) device: u8,
    pub(super) id: Id,
    /// Relative to other days: how much of the ordinary use falls on it.
    pub(super) busy: f64,
}

/// The window in which everything happens.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Window {
    fn holds(self, at: i64) -> bool {
        (self.start..=self.end).contains(&at)
    }

    fn days(self) -> i64 {
        (self.end - self.start) / DAY
    }

    /// When somebody in that time zone does something on the window's n-th day: by day on weekdays, later at weekends.
    fn local_time(self, day: i64, person: &Person, dice: &mut Dice) -> i64 {
        let offset = person.city.offset_minutes * MINUTE;
        let midnight = (self.start + offset).div_euclid(DAY) * DAY + day * DAY;
        let minutes = if is_weekend(midnight) {
            10 * 60 + dice.between(0, 12 * 60)
        } else {
            // Two draws make a hump around half past one.
            8 * 60 + (dice.between(0, 11 * 60) + dice.between(0, 11 * 60)) / 2
        };
        midnight + minutes * MINUTE + dice.between(0, 59_999) * 1_000 - offset
    }
}

/// What became of a person, for those who come later.
#[derive(Default)]
pub(super) struct Arc {
    pub(super) moments: Vec<Moment>,
    pub(super) days: Vec<Day>,
    /// From when on the first device's anonymous id belongs to an identified person.
    pub(super) identified_at: Option<i64>,
}

impl Arc {
    /// A step of the story; what would happen after the window's end has not happened yet.
    fn tell(&mut self, window: Window, moment: Moment) -> bool {
        let happened = window.holds(moment.at);
        if happened {
            self.moments.push(moment);
        }
        happened
    }
}

/// Somebody who reads the public site and never says who they are.
pub(super) fn visitor(who: u32, person: &Person, window: Window, dice: &mut Dice) -> Arc {
    let mut arc = Arc::default();
    let mut at = moment_of_first_visit(window, person, dice);
    let first = Moment {
        at,
        who,
        device: 0,
        id: Id::Anonymous,
        session: at,
        act: Act::Visit { first: true },
    };
    arc.moments.push(first);
    // Six in ten leave and never come back.
    for visit in 0..dice.between(1, 5) {
        if visit > 0 && !dice.chance(0.4) {
            break;
        }
        if window.holds(at) {
            arc.days.push(Day {
                at,
                who,
                device: 0,
                id: Id::Anonymous,
                busy: 0.3 + 2.0 * dice.skewed(),
            });
        }
        at += 6 * HOUR + part_of(21 * DAY, dice.skewed());
    }
    arc
}

/// Somebody who has an account before the window's end.
pub(super) struct Customer<'a> {
    pub(super) who: u32,
    pub(super) person: &'a Person,
    pub(super) companies: &'a [Company],
    pub(super) window: Window,
    /// They signed up inside the window, and were strangers before.
    pub(super) new: bool,
    /// Signed up on a browser that still carries a colleague's anonymous id: the visits before are that colleague's, and
    /// the login must not merge the two.
    pub(super) shares_device: bool,
}

impl Customer<'_> {
    pub(super) fn arc(&self, begin: i64, dice: &mut Dice) -> Arc {
        let mut arc = Arc::default();
        let plan = match self.person.company {
            // Three in ten new people join what their firm pays for already.
            Some(company) if !self.new || dice.chance(0.3) => self.companies[company].plan,
            _ => Plan::Free,
        };
        let joined = if self.new {
            self.sign_up(&mut arc, begin, plan, dice)
        } else {
            begin
        };
        if !self.new {
            self.visit(&mut arc, joined - 90 * SECOND, true);
        }
        self.log_in(&mut arc, joined, plan, dice);
        let story = self.funnel(&mut arc, joined, plan, dice);
        let logins = self.other_devices(&mut arc, joined, dice);
        let gone = self.trouble(&mut arc, joined, &story, dice);
        self.attendance(&mut arc, joined, gone, &story, &logins, dice);
        if dice.chance(0.04) {
            let at = joined + dice.between(1, 10 * 24) * HOUR;
            self.tell(&mut arc, at, at, 0, Act::AliasFromCrm);
        }
        arc
    }

    fn tell(&self, arc: &mut Arc, at: i64, session: i64, device: u8, act: Act) -> bool {
        arc.tell(
            self.window,
            Moment {
                at,
                who: self.who,
                device,
                id: Id::User,
                session,
                act,
            },
        )
    }

    fn visit(&self, arc: &mut Arc, at: i64, first: bool) {
        // Somebody else's browser would put the visit down to somebody else.
        if !self.shares_device {
            let act = Act::Visit { first };
            arc.tell(
                self.window,
                Moment {
                    at,
                    who: self.who,
                    device: 0,
                    id: Id::Anonymous,
                    session: at,
                    act,
                },
            );
        }
    }

    /// One to four visits, then the sign-up. Returns when.
    fn sign_up(&self, arc: &mut Arc, begin: i64, plan: Plan, dice: &mut Dice) -> i64 {
        let mut at = begin;
        self.visit(arc, at, true);
        for _ in 0..dice.between(0, 3) {
            at += 30 * SECOND + part_of(6 * DAY, dice.skewed());
            if at + 10 * MINUTE < self.window.end {
                self.visit(arc, at, false);
            }
        }
        at = (at + dice.between(40, 400) * SECOND)
            .min(self.window.end - MINUTE)
            .max(begin + SECOND);
        let method = *dice.weighted(SIGN_UP_METHODS);
        self.tell(arc, at, at, 0, Act::SignedUp { method, plan });
        at
    }

    fn log_in(&self, arc: &mut Arc, at: i64, plan: Plan, dice: &mut Dice) {
        // A merge is refused only when both sides are known, so on a shared device the user must exist already: an
        // unknown id would simply be added to the colleague.
        let apart = dice.between(1, 9) * SECOND;
        let at = if self.shares_device {
            at + apart
        } else {
            at - apart
        };
        let told = self.tell(arc, at, at, 0, Act::Identify { first: true, plan });
        if told && !self.shares_device {
            arc.identified_at = Some(at);
        }
    }

    /// First project, invitation, purchase. Each narrows, and who invites buys more often.
    fn funnel(&self, arc: &mut Arc, joined: i64, plan: Plan, dice: &mut Dice) -> Story {
        let mut story = Story {
            plan,
            activated: !self.new,
            invited: false,
        };
        let mut at = joined;
        let in_firm = self.person.company.is_some();
        if self.new {
            // Minutes for most, days for some.
            at += 2 * MINUTE + part_of(4 * DAY, dice.skewed());
            story.activated = dice.chance(if in_firm { 0.58 } else { 0.48 })
                && self.tell(arc, at, at, 0, Act::ProjectCreated);
        } else if dice.chance(0.3) {
            at += dice.between(1, 40 * 24) * HOUR;
            self.tell(arc, at, at, 0, Act::ProjectCreated);
        }
        if !story.activated {
            return story;
        }
        // Who works alone has nobody to invite, and old accounts have done it already.
        let inviting = if in_firm { 0.52 } else { 0.26 };
        if dice.chance(if self.new { inviting } else { inviting / 2.0 }) {
            at += 20 * MINUTE + part_of(12 * DAY, dice.skewed());
            for _ in 0..dice.between(1, 4) {
                story.invited |= self.tell(arc, at, at, 0, Act::Invited);
                at += dice.between(20, 4_000) * SECOND;
            }
        }
        if dice.chance(if story.invited { 0.27 } else { 0.05 }) {
            at += HOUR + part_of(24 * DAY, dice.unit() * dice.unit());
            let next = match plan {
                Plan::Free => Plan::Pro,
                Plan::Pro if dice.chance(0.5) => Plan::Team,
                same => same,
            };
            if self.tell(arc, at, at, 0, Act::Purchase { plan: next }) {
                story.plan = next;
                // Monthly from then on, for those who are asked monthly.
                while dice.chance(0.5) {
                    at += 30 * DAY;
                    if !self.tell(arc, at, at, 0, Act::Purchase { plan: next }) {
                        break;
                    }
                }
            }
        }
        story
    }

    /// Logins on further devices: each was an anonymous visitor for a minute. Returns from when each device counts.
    fn other_devices(&self, arc: &mut Arc, joined: i64, dice: &mut Dice) -> Vec<(i64, u8)> {
        let mut logins = vec![(joined, 0)];
        for device in 1..self.person.devices.len() as u8 {
            let at = joined + dice.between(3, 45 * 24) * HOUR + dice.between(0, 3_599) * SECOND;
            // Both or none: a visit without its login would be one person too many.
            if at + MINUTE <= self.window.end {
                let visit = Moment {
                    at,
                    who: self.who,
                    device,
                    id: Id::Anonymous,
                    session: at,
                    act: Act::Visit { first: false },
                };
                arc.tell(self.window, visit);
                let act = Act::Identify {
                    first: false,
                    plan: Plan::Free,
                };
                self.tell(arc, at + dice.between(8, 50) * SECOND, at, device, act);
                logins.push((at + MINUTE, device));
            }
        }
        logins
    }

    /// Errors, the support chat and giving up. Returns when the person was there for the last time.
    fn trouble(&self, arc: &mut Arc, joined: i64, story: &Story, dice: &mut Dice) -> i64 {
        let here_for = (self.window.end - joined).max(HOUR);
        let mut gone = i64::MAX;
        let troubled = dice.chance(0.17);
        if troubled {
            let mut at = joined + part_of(here_for, 0.8 * dice.unit());
            for _ in 0..dice.between(1, 4) {
                self.tell(arc, at, at, 0, Act::ErrorShown);
                at += dice.between(20, 900) * SECOND;
            }
            if dice.chance(0.35) {
                self.tell(arc, at, at - MINUTE, 0, Act::SupportOpened);
                at += 20 * MINUTE;
            }
            if dice.chance(0.6) {
                gone = at + dice.between(0, 3 * 24) * HOUR;
            }
        } else if dice.chance(0.03) {
            let at = joined + part_of(here_for, dice.unit());
            self.tell(arc, at, at, 0, Act::SupportOpened);
        }
        if !troubled && dice.chance(0.07) {
            gone = joined + part_of(here_for, dice.unit());
        }
        let last_payment = arc
            .moments
            .iter()
            .rfind(|moment| matches!(moment.act, Act::Purchase { .. }));
        let last_payment = last_payment.map(|moment| moment.at);
        let pays = last_payment.is_some()
            || (!self.new && (Plan::Pro..Plan::Enterprise).contains(&story.plan));
        if pays && gone < i64::MAX {
            // Nobody cancels what they have not bought yet.
            let at = gone.max(last_payment.unwrap_or(0) + HOUR);
            let reason = if troubled {
                REASONS[2]
            } else {
                *dice.pick(REASONS)
            };
            self.tell(arc, at, at, 0, Act::Cancelled { reason });
        }
        gone
    }

    /// The days on which the person was there: fewer from week to week, fewest at weekends.
    fn attendance(
        &self,
        arc: &mut Arc,
        joined: i64,
        gone: i64,
        story: &Story,
        logins: &[(i64, u8)],
        dice: &mut Dice,
    ) {
        let (loyalty, decay, busy) = match dice.between(0, 99) {
            // One in sixteen lives in the product.
            0..6 => (0.95, 0.0, 7.0 + 16.0 * dice.unit()),
            6..42 => (0.55, 0.08, 1.5 + 3.0 * dice.unit()),
            _ => (0.30, 0.35, 0.7 + 1.8 * dice.unit()),
        };
        let loyalty = match (story.activated, story.plan) {
            (false, _) => loyalty * 0.35,
            (true, Plan::Free) => loyalty,
            (true, _) => f64::min(loyalty * 1.3, 0.97),
        };
        // Who never got started forgets faster.
        let decay = if story.activated { decay } else { decay + 0.5 };
        let first_day = (joined - self.window.start).div_euclid(DAY);
        for day in first_day..=self.window.days() {
            let at = self.window.local_time(day, self.person, dice);
            let weeks = (at - joined).max(0) as f64 / (7 * DAY) as f64;
            let weekend = is_weekend(at + self.person.city.offset_minutes * MINUTE);
            let share = loyalty / (1.0 + decay * weeks) * if weekend { 0.14 } else { 1.0 };
            let came = dice.chance(share) || day == first_day;
            let at = if day == first_day {
                at.max(joined + MINUTE)
            } else {
                at
            };
            if came && self.window.holds(at) && at < gone {
                let known: Vec<u8> = logins
                    .iter()
                    .filter(|(since, _)| *since <= at)
                    .map(|(_, device)| *device)
                    .collect();
                // Mostly the first device.
                let device = if dice.chance(0.7) {
                    known.first()
                } else {
                    known.last()
                };
                let device = device.copied().unwrap_or(0);
                let busy = busy * (0.5 + dice.unit()) * if weekend { 0.5 } else { 1.0 };
                arc.days.push(Day {
                    at,
                    who: self.who,
                    device,
                    id: Id::User,
                    busy,
                });
            }
        }
    }
}

/// Where somebody is in the product's own funnel.
struct Story {
    plan: Plan,
    activated: bool,
    invited: bool,
}

/// A share of a span in whole milliseconds, because SDKs know no finer time.
fn part_of(span: i64, share: f64) -> i64 {
    (share * span as f64) as i64 / 1_000 * 1_000
}

/// First visits of strangers: a few more each week, mostly on weekdays.
pub(super) fn moment_of_first_visit(window: Window, person: &Person, dice: &mut Dice) -> i64 {
    loop {
        let day = dice.between(0, window.days());
        let at = window.local_time(day, person, dice);
        let grown = 0.6 + 0.4 * (at - window.start) as f64 / (window.end - window.start) as f64;
        let weekend = is_weekend(at + person.city.offset_minutes * MINUTE);
        let share = grown * if weekend { 0.4 } else { 1.0 };
        if window.holds(at) && at < window.end - HOUR && dice.chance(share) {
            return at;
        }
    }
}

/// First sighting of those who had an account before: within the first three weeks.
pub(super) fn moment_of_return(window: Window, person: &Person, dice: &mut Dice) -> i64 {
    loop {
        let day = (dice.skewed() * 21.0) as i64;
        let at = window.local_time(day, person, dice);
        if window.holds(at - 5 * MINUTE) {
            return at;
        }
    }
}
