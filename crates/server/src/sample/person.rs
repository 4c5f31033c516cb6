//! Who somebody is: name, place, firm, devices. What they do is in `arc`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::calendar::uuid_v7;
use super::catalogue::{
    COUNTRIES, City, Country, DESKTOPS, FREE_MAIL, MOBILES, Names, Order, Platform, ROLES, SOURCES,
    Source, latin,
};
use super::company::{BySize, Company, Plan};
use super::dice::Dice;

/// A browser somebody uses, with the id it had before anybody logged in on it.
pub(super) struct Device {
    pub(super) platform: &'static Platform,
    pub(super) anonymous_id: String,
}

pub(super) struct Person {
    pub(super) number: usize,
    pub(super) name: Option<String>,
    pub(super) email: String,
    pub(super) language: &'static str,
    pub(super) role: Option<&'static str>,
    /// An index into the firms; people who pay for themselves have none.
    pub(super) company: Option<usize>,
    pub(super) country: &'static Country,
    pub(super) city: &'static City,
    pub(super) source: &'static Source,
    pub(super) devices: Vec<Device>,
    /// The id after login; nobody sees it of people who never log in.
    pub(super) user_id: String,
    /// Their events say `$process_person_profile: false`: they are counted but are nobody.
    pub(super) personless: bool,
}

/// What people are drawn from, and what must not be given out twice.
pub(super) struct Population {
    seed: u64,
    pub(super) companies: Vec<Company>,
    by_size: BySize,
    emails: HashSet<String>,
}

impl Population {
    pub(super) fn of(seed: u64, people: usize) -> Self {
        // Eleven people to a firm: 2,000 people make about 180 firms.
        let firms = (people * 9).div_ceil(100).max(1);
        Self {
            seed,
            companies: (0..firms).map(|rank| Company::of(seed, rank)).collect(),
            by_size: BySize::of(firms),
            emails: HashSet::new(),
        }
    }

    /// The person of that number, first seen about `since`, on up to `devices` devices.
    pub(super) fn person(&mut self, number: usize, since: i64, devices: usize) -> Person {
        let dice = &mut Dice::of(self.seed, "person", number as u64);
        let company = dice.chance(0.86).then(|| self.by_size.draw(dice));
        // Two thirds work where their firm is.
        let country = match company {
            Some(company) if dice.chance(0.66) => self.companies[company].country,
            _ => dice.weighted(COUNTRIES),
        };
        let names = *dice.weighted(country.names);
        let (name, local) = full_name(names, dice);
        let domain = match company {
            Some(company) => self.companies[company].domain(),
            None => (*dice.pick(FREE_MAIL)).to_owned(),
        };
        let email = self.email(&local, &domain);
        let devices = (0..devices)
            .map(|place| {
                let kind = if place == 0 && dice.chance(0.8) {
                    DESKTOPS
                } else {
                    MOBILES
                };
                Device {
                    platform: dice.weighted(kind),
                    anonymous_id: uuid_v7(since, dice.bytes()).to_string(),
                }
            })
            .collect();
        Person {
            number,
            name: dice.chance(0.95).then_some(name),
            email,
            language: names.language,
            role: dice.chance(0.92).then(|| *dice.weighted(ROLES)),
            company,
            country,
            city: dice.weighted(country.cities),
            source: dice.weighted(SOURCES),
            devices,
            user_id: format!("user_{}", 10_000 + number),
            personless: false,
        }
    }

    fn email(&mut self, local: &str, domain: &str) -> String {
        let mut email = format!("{local}@{domain}");
        let mut namesake = 1;
        while !self.emails.insert(email.clone()) {
            namesake += 1;
            email = format!("{local}{namesake}@{domain}");
        }
        email
    }
}

/// A full name as its language writes it, and the part of a mail address before the `@`.
fn full_name(names: &Names, dice: &mut Dice) -> (String, String) {
    let (given, given_latin) = spelled(dice.pick(names.given));
    let (family, family_latin) = spelled(dice.pick(names.family));
    let display = match names.order {
        Order::GivenFirst => format!("{given} {family}"),
        Order::FamilyFirst => format!("{family} {given}"),
        Order::Joined => format!("{family}{given}"),
    };
    let local = match dice.between(0, 9) {
        0..7 => format!("{given_latin}.{family_latin}"),
        7..9 => format!("{}{family_latin}", &given_latin[..1]),
        _ => format!("{given_latin}+tidewater"),
    };
    (display, local)
}

fn spelled(name: &&'static str) -> (&'static str, String) {
    match name.split_once('|') {
        Some((display, spelling)) => (display, spelling.to_owned()),
        None => (name, latin(name)),
    }
}

impl Person {
    /// The place as PostHog's GeoIP step would have found it, as person properties.
    pub(super) fn geography(&self, prefix: &str, into: &mut Map<String, Value>) {
        for (key, value) in [
            ("city_name", json!(self.city.name)),
            ("country_code", json!(self.country.code)),
            ("country_name", json!(self.country.name)),
            ("continent_code", json!(self.country.continent)),
            ("subdivision_1_name", json!(self.city.region)),
            ("latitude", json!(self.city.latitude)),
            ("longitude", json!(self.city.longitude)),
            ("time_zone", json!(self.city.zone)),
        ] {
            into.insert(format!("{prefix}{key}"), value);
        }
    }

    /// What the product knows of them from the day they log in.
    pub(super) fn profile(&self, companies: &[Company], plan: Plan) -> Map<String, Value> {
        let mut profile = Map::new();
        let mut put = |key: &str, value: Value| {
            profile.insert(key.to_owned(), value);
        };
        put("email", json!(self.email));
        put("language", json!(self.language));
        put("plan", json!(plan.name()));
        if let Some(name) = &self.name {
            put("name", json!(name));
        }
        if let Some(role) = self.role {
            put("role", json!(role));
        }
        match self.company {
            Some(company) => {
                let company = &companies[company];
                put("company", json!(company.name));
                put("industry", json!(company.industry));
                // Firms that pay by contract have no seats to count.
                put(
                    "seats",
                    if plan == Plan::Enterprise {
                        Value::Null
                    } else {
                        json!(company.seats)
                    },
                );
            }
            None => put("seats", json!(1)),
        }
        profile
    }
}
