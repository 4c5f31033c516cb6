//! Cohorts.

use persons_api::{Cohort, PersonCohorts};
use uuid::Uuid;

use super::client::parse;
use super::definitions::{Named, named};
use super::{ApiError, Client};
use crate::platform::Abort;

/// The cohorts a person is in.
///
/// # Errors
/// See [`ApiError`].
pub async fn of_person(
    client: &Client,
    person: Uuid,
    abort: &Abort,
) -> Result<Vec<Cohort>, ApiError> {
    let rest = format!("cohorts/?person_id={person}");
    let text = client.get_beside_people(&rest, abort).await?;
    let cohorts: PersonCohorts = parse(&text)?;
    Ok(cohorts.results)
}

/// All cohorts.
///
/// # Errors
/// See [`ApiError`].
pub async fn all(client: &Client, abort: &Abort) -> Result<Vec<Named>, ApiError> {
    named(client, "cohorts/", abort).await
}
