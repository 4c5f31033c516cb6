//! A moment written down as the item of a capture batch that an SDK would have sent.

use serde_json::{Map, Value, json};

use super::arc::{Act, Id, Moment};
use super::calendar::{DAY, date, iso, uuid_v7};
use super::catalogue::{
    ERRORS, LOGIN, MARKETING, PRODUCT, Page, REPORTS, SIGN_UP, TEMPLATES, TOPICS,
};
use super::company::{Company, Plan};
use super::dice::Dice;
use super::person::Person;

/// What is needed to write moments down.
pub(super) struct Ledger {
    pub(super) seed: u64,
    pub(super) people: Vec<Person>,
    pub(super) companies: Vec<Company>,
    pub(super) odd: Vec<Value>,
}

/// Ordinary use of the product, as often as it happens, and where: nothing means anywhere.
static USES: &[(u32, (&str, &str))] = &[
    (30, ("report_viewed", "/reports")),
    (28, ("dashboard_opened", "/dashboards")),
    (12, ("filter_applied", "")),
    (9, ("search_used", "")),
    (8, ("export_clicked", "/exports")),
    (6, ("comment_added", "/reports")),
    (4, ("alert_created", "/alerts")),
    (3, ("settings_changed", "/settings/team")),
];

impl Ledger {
    /// The `number`-th moment of the sample as a batch item.
    pub(super) fn event(&self, number: u64, moment: &Moment) -> Value {
        let dice = &mut Dice::of(self.seed, "event", number);
        let uuid = uuid_v7(moment.at, dice.bytes()).to_string();
        let (name, id, properties) = match moment.act {
            Act::Odd(story) => {
                let mut event = self.odd[story as usize].clone();
                event["timestamp"] = json!(iso(moment.at));
                event["uuid"] = json!(uuid);
                return event;
            }
            _ => self.content(moment, dice),
        };
        json!({
            "event": name,
            "distinct_id": id,
            "timestamp": iso(moment.at),
            "uuid": uuid,
            "properties": properties,
        })
    }

    fn content(
        &self,
        moment: &Moment,
        dice: &mut Dice,
    ) -> (&'static str, &str, Map<String, Value>) {
        let person = &self.people[moment.who as usize];
        let id = match moment.id {
            Id::Anonymous => &person.devices[usize::from(moment.device)].anonymous_id,
            Id::User => &person.user_id,
        };
        let mut properties = Map::new();
        let name = match moment.act {
            Act::Visit { first } => {
                self.web(
                    moment,
                    if first {
                        MARKETING[0].1
                    } else {
                        *dice.weighted(MARKETING)
                    },
                    &mut properties,
                );
                if first {
                    first_visit(person, &mut properties);
                }
                "$pageview"
            }
            Act::Read => {
                self.web(moment, *dice.weighted(MARKETING), &mut properties);
                match dice.between(0, 99) {
                    0..80 => "$pageview",
                    80..92 => {
                        properties.insert("query".into(), json!(dice.pick(REPORTS)));
                        "docs_searched"
                    }
                    _ => "demo_requested",
                }
            }
            Act::ProductPage => {
                self.web(moment, *dice.weighted(PRODUCT), &mut properties);
                "$pageview"
            }
            Act::Use => {
                let (name, path) = *dice.weighted(USES);
                let page = if path.is_empty() {
                    *dice.weighted(PRODUCT)
                } else {
                    (LOGIN.0, path)
                };
                self.web(moment, page, &mut properties);
                usage(name, &mut properties, dice);
                name
            }
            Act::SignedUp { method, plan } => {
                self.web(moment, SIGN_UP, &mut properties);
                properties.insert("method".into(), json!(method));
                properties.insert("plan".into(), json!(plan.name()));
                let once = json!({"signed_up_at": iso(moment.at), "sign_up_method": method, "initial_plan": plan.name()});
                properties.insert("$set_once".into(), once);
                "signed_up"
            }
            Act::Identify { first, plan } => {
                self.web(moment, LOGIN, &mut properties);
                self.identify(person, moment, first, plan, &mut properties);
                "$identify"
            }
            Act::AliasFromCrm => {
                server(&mut properties);
                properties.insert(
                    "alias".into(),
                    json!(format!("crm:00Q{:06}", person.number * 37 % 1_000_000)),
                );
                "$create_alias"
            }
            Act::AliasOfUser { other } => {
                server(&mut properties);
                properties.insert("alias".into(), json!(self.people[other as usize].user_id));
                "$create_alias"
            }
            Act::ProjectCreated => {
                self.web(moment, PRODUCT[0].1, &mut properties);
                properties.insert("template".into(), json!(dice.weighted(TEMPLATES)));
                properties.insert("$set".into(), json!({"has_project": true}));
                "project_created"
            }
            Act::Invited => {
                self.web(moment, (LOGIN.0, "/settings/team"), &mut properties);
                properties.insert(
                    "invitee_role".into(),
                    json!(*dice.pick(&["member", "admin", "viewer"])),
                );
                "invited_teammate"
            }
            Act::Purchase { plan } => {
                server(&mut properties);
                self.purchase(person, moment.at, plan, &mut properties, dice);
                "purchase"
            }
            Act::ErrorShown => {
                self.web(moment, *dice.weighted(PRODUCT), &mut properties);
                properties.insert("message".into(), json!(dice.pick(ERRORS)));
                properties.insert("status".into(), json!(*dice.pick(&[403, 500, 502, 504])));
                "error_shown"
            }
            Act::SupportOpened => {
                self.web(moment, *dice.weighted(PRODUCT), &mut properties);
                properties.insert("topic".into(), json!(dice.pick(TOPICS)));
                "support_chat_opened"
            }
            Act::Cancelled { reason } => {
                server(&mut properties);
                properties.insert("reason".into(), json!(reason));
                properties.insert(
                    "$set".into(),
                    json!({"plan": Plan::Free.name(), "cancelled_at": iso(moment.at)}),
                );
                properties.insert("$unset".into(), json!(["renewal_date"]));
                "subscription_cancelled"
            }
            Act::Odd(_) => unreachable!("odd events are written out already"),
        };
        if person.personless {
            properties.insert("$process_person_profile".into(), json!(false));
            // Without a profile there is nobody to set anything on.
            properties.remove("$set");
            properties.remove("$set_once");
        } else if let (Id::User, Some(company)) = (moment.id, person.company) {
            properties.insert(
                "$groups".into(),
                json!({"company": self.companies[company].key}),
            );
        }
        (name, id, properties)
    }

    /// What posthog-js puts on every event of a page.
    fn web(&self, moment: &Moment, page: Page, properties: &mut Map<String, Value>) {
        let person = &self.people[moment.who as usize];
        let device = &person.devices[usize::from(moment.device)];
        let mut session = Dice::of(
            self.seed,
            "session",
            moment.session as u64 ^ u64::from(moment.who) << 40,
        );
        let (host, path) = page;
        let pathname = path.split(['?', '#']).next().unwrap_or(path);
        for (key, value) in [
            ("$lib", json!("web")),
            ("$current_url", json!(format!("https://{host}{path}"))),
            ("$host", json!(host)),
            ("$pathname", json!(pathname)),
            ("$browser", json!(device.platform.browser)),
            ("$browser_version", json!(device.platform.browser_version)),
            ("$os", json!(device.platform.os)),
            ("$device_type", json!(device.platform.device_type)),
            ("$screen_width", json!(device.platform.screen.0)),
            ("$screen_height", json!(device.platform.screen.1)),
            ("$device_id", json!(device.anonymous_id)),
            (
                "$session_id",
                json!(uuid_v7(moment.session, session.bytes()).to_string()),
            ),
            ("$geoip_country_code", json!(person.country.code)),
            ("$geoip_city_name", json!(person.city.name)),
            ("$geoip_time_zone", json!(person.city.zone)),
        ] {
            properties.insert(key.to_owned(), value);
        }
        // Linux does not tell its version, and posthog-js then leaves the key out.
        if !device.platform.os_version.is_empty() {
            properties.insert("$os_version".to_owned(), json!(device.platform.os_version));
        }
    }

    fn identify(
        &self,
        person: &Person,
        moment: &Moment,
        first: bool,
        plan: Plan,
        properties: &mut Map<String, Value>,
    ) {
        let device = &person.devices[usize::from(moment.device)];
        let mut set = if first {
            person.profile(&self.companies, plan)
        } else {
            Map::new()
        };
        set.insert("last_login_at".into(), json!(iso(moment.at)));
        person.geography("$geoip_", &mut set);
        properties.insert("$anon_distinct_id".into(), json!(device.anonymous_id));
        properties.insert("$set".into(), Value::Object(set));
        properties.insert(
            "$set_once".into(),
            json!({"first_login_at": iso(moment.at)}),
        );
    }

    fn purchase(
        &self,
        person: &Person,
        at: i64,
        plan: Plan,
        properties: &mut Map<String, Value>,
        dice: &mut Dice,
    ) {
        let firm_seats = person
            .company
            .map_or(1, |company| self.companies[company].seats);
        // A team inside a firm buys for itself.
        let seats = dice.between(1, firm_seats.clamp(1, 25));
        let yearly = dice.chance(0.3);
        let dollars = plan.seat_price() * seats * if yearly { 10 } else { 1 };
        let amount = dollars * i64::from(person.country.per_dollar);
        // Prices end in ,90 where the currency has cents worth naming.
        let amount = if person.country.per_dollar < 20 {
            json!(amount as f64 - 0.1)
        } else {
            json!(amount)
        };
        let renewal = date(at + if yearly { 365 * DAY } else { 30 * DAY });
        for (key, value) in [
            ("amount", amount),
            ("currency", json!(person.country.currency)),
            ("plan", json!(plan.name())),
            ("seats", json!(seats)),
            ("interval", json!(if yearly { "year" } else { "month" })),
            (
                "$set",
                json!({"plan": plan.name(), "seats": seats, "renewal_date": renewal, "is_paying": true}),
            ),
            ("$set_once", json!({"first_purchase_at": iso(at)})),
        ] {
            properties.insert(key.to_owned(), value);
        }
    }
}

/// Where they came from, kept on the person for good.
fn first_visit(person: &Person, properties: &mut Map<String, Value>) {
    properties.insert("$referrer".into(), json!(person.source.referrer));
    properties.insert("$referring_domain".into(), json!(person.source.domain));
    if let Some((source, medium, campaign)) = person.source.utm {
        properties.insert("utm_source".into(), json!(source));
        properties.insert("utm_medium".into(), json!(medium));
        properties.insert("utm_campaign".into(), json!(campaign));
    }
    let (mut set, mut once) = (Map::new(), Map::new());
    person.geography("$geoip_", &mut set);
    person.geography("$initial_geoip_", &mut once);
    properties.insert("$set".into(), Value::Object(set));
    properties.insert("$set_once".into(), Value::Object(once));
}

fn server(properties: &mut Map<String, Value>) {
    properties.insert("$lib".into(), json!("posthog-node"));
}

fn usage(name: &str, properties: &mut Map<String, Value>, dice: &mut Dice) {
    let mut put = |key: &str, value: Value| {
        properties.insert(key.to_owned(), value);
    };
    match name {
        "report_viewed" => {
            put("report", json!(dice.pick(REPORTS)));
            put("load_ms", json!(80 + (dice.skewed() * 6_000.0) as i64));
        }
        "dashboard_opened" => put("tiles", json!(dice.between(1, 14))),
        "filter_applied" => put("filters", json!(dice.between(1, 5))),
        "search_used" => put("results", json!((dice.skewed() * 400.0) as i64)),
        "export_clicked" => {
            put("format", json!(*dice.pick(&["csv", "xlsx", "pdf"])));
            put("rows", json!(10 + (dice.skewed() * 50_000.0) as i64));
        }
        "comment_added" => put("length", json!(dice.between(1, 300))),
        "alert_created" => put("threshold", json!(dice.between(1, 1_000) as f64 / 10.0)),
        _ => put(
            "setting",
            json!(*dice.pick(&["theme", "language", "notifications", "time zone"])),
        ),
    }
}
