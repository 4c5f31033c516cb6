//! `persons-server sample`

use std::time::Instant;

use clap::Args;
use persons_api::{FilterTree, Subject, Timestamp};
use persons_engine::{Arrival, CapturedEvent, Membership};
use persons_server::project::{Project, now};
use persons_server::sample;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Data, Failure};

/// Events that share one transaction.
const PART: usize = 5_000;

#[derive(Args, Debug)]
pub struct Sample {
    #[command(flatten)]
    data: Data,
    /// How many people, roughly: merges make them fewer.
    #[arg(long, default_value_t = 2_000)]
    people: usize,
    /// How many events, roughly; more if the people's stories need more.
    #[arg(long, default_value_t = 60_000)]
    events: usize,
    /// The same seed and end give the same project.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When the 90 days end, as a date or a date and time; now, if it is left out.
    #[arg(long)]
    end: Option<String>,
}

impl Sample {
    pub fn run(self) -> Result<(), Failure> {
        let started = Instant::now();
        let end = match &self.end {
            None => now(),
            Some(text) => Timestamp::parse(text).ok_or_else(|| {
                format!("\"{text}\" is not a date; write 2026-05-01 or 2026-05-01T12:00:00Z.")
            })?,
        };
        let project = Project::open(&self.data.storage(), None)?;
        if !project.read().is_empty() {
            return Err(format!(
                "{} already holds {} people; invented ones go into a new file only.",
                self.data.data.display(),
                project.read().len()
            )
            .into());
        }
        project
            .side_store()
            .lock()
            .rename_project("Sample project", true)?;
        let sample = sample::Sample {
            people: self.people,
            events: self.events,
            seed: self.seed,
            end: end.0,
        };
        let arrival = Arrival {
            now: end,
            sent_at: None,
        };
        let mut events = sample.events();
        loop {
            let part = (&mut events)
                .take(PART)
                .map(|item| CapturedEvent::read(item, arrival, Uuid::now_v7))
                .collect::<Result<Vec<_>, _>>()?;
            if part.is_empty() {
                break;
            }
            project.capture_blocking(part)?;
        }
        add_cohorts(&project, end)?;
        println!(
            "Sample project: {} people, {} events, in {:.1} s.",
            project.read().len(),
            project.event_count()?,
            started.elapsed().as_secs_f64()
        );
        Ok(())
    }
}

/// A few cohorts of each kind, so that there is something to look at.
fn add_cohorts(project: &Project, now: Timestamp) -> Result<(), Failure> {
    let person = |key: &str, operator: &str, value: Value| json!({"key": key, "operator": operator, "value": value, "type": "person"});
    let all_of = |filters: Value| json!({"type": "AND", "values": filters});
    for (name, description, tree) in [
        (
            "Paying",
            "On a plan that costs money",
            all_of(json!([person(
                "plan",
                "exact",
                json!(["pro", "team", "enterprise"])
            )])),
        ),
        (
            "Not set up",
            "Has an e-mail address and no plan",
            all_of(json!([
                person("email", "is_set", json!("is_set")),
                person("plan", "is_not_set", json!("is_not_set"))
            ])),
        ),
        (
            "From Germany or France",
            "By the country of the latest visit",
            json!({"type": "OR", "values": [
                all_of(json!([person("$geoip_country_code", "exact", json!("DE"))])),
                all_of(json!([person("$geoip_country_code", "exact", json!("FR"))])),
            ]}),
        ),
    ] {
        let membership = Membership::Dynamic(FilterTree::from_json(&tree, Subject::Person)?);
        put_cohort(
            project,
            name,
            description,
            json!({"properties": tree}),
            membership,
            now,
        )?;
    }
    let chosen: Vec<i64> = {
        let people = project.read();
        let everybody = persons_engine::Selection::All;
        people
            .page(&everybody, 0, usize::MAX)
            .iter()
            .filter(|person| person.is_identified())
            .step_by(40)
            .map(|person| person.number())
            .collect()
    };
    put_cohort(
        project,
        "Interviewed",
        "Chosen by hand",
        json!({}),
        Membership::Static(chosen.into_iter().collect()),
        now,
    )
}

fn put_cohort(
    project: &Project,
    name: &str,
    description: &str,
    filters: Value,
    membership: Membership,
    created_at: Timestamp,
) -> Result<(), Failure> {
    let (name, description) = (name.to_owned(), description.to_owned());
    project.write_blocking(move |draft| {
        draft.create_cohort(name, description, filters, membership, created_at)
    })??;
    Ok(())
}
