//! Cohorts.

use persons_api::{Cohort, PersonCohorts};
use uuid::Uuid;

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
    let path = client.in_this_project(&format!("persons/cohorts/?person_id={person}"));
    let cohorts: PersonCohorts = client.get(&path, abort).await?;
    Ok(cohorts.results)
}
