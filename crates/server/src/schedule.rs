//! When events that wait to be deleted are deleted: on a schedule, as on PostHog, or as soon as somebody
//! asks for it.

use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use jiff::tz::TimeZone;
use persons_api::Timestamp;

use crate::project::Project;

/// The environment variable that PostHog reads, too.
pub const VARIABLE: &str = "CLEAR_CLICKHOUSE_REMOVED_DATA_SCHEDULE_CRON";

/// Sundays at five, UTC.
const DEFAULT: &str = "0 5 * * 0";

/// How soon a request to hurry, and a time that has come, are noticed.
const LOOK: Duration = Duration::from_secs(1);

/// The pause after a failure, which may have cost a pass over the whole file.
const RETRY_DELAY: Duration = Duration::from_secs(60);

/// When deletions are due.
#[derive(Clone, Debug)]
pub struct Schedule(Cron);

impl Default for Schedule {
    fn default() -> Self {
        Self(Cron::from_str(DEFAULT).expect("the default is a cron expression"))
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Cron::from_str(text).map(Self).map_err(|error| {
            format!("\"{text}\" in {VARIABLE} is not a schedule in cron's words ({error}).")
        })
    }
}

impl Schedule {
    /// Whether the time has come for what was asked for at a moment. A time that passed while the server
    /// was off is made up for.
    pub fn is_due(&self, asked: Timestamp, now: Timestamp) -> bool {
        let Ok(asked) = jiff::Timestamp::from_microsecond(asked.0) else {
            return false;
        };
        let next = self
            .0
            .find_next_occurrence(&asked.to_zoned(TimeZone::UTC), false);
        next.is_ok_and(|next| next.timestamp().as_microsecond() <= now.0)
    }

    /// Deletes what is due, for ever.
    pub async fn keep(&self, project: &Project) {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let waiting = project.side_store().lock().waiting_deletions();
            let is_due = match waiting {
                Ok(Some((asked, is_urgent))) => is_urgent || self.is_due(asked, project.now()),
                Ok(None) => false,
                Err(error) => {
                    tracing::error!(%error, "the deletions that wait could not be read");
                    false
                }
            };
            if is_due {
                match project.delete_waiting_events().await {
                    Ok(()) => tracing::info!("events that were asked to be deleted are deleted"),
                    Err(error) => {
                        tracing::error!(%error, "events could not be deleted; this is tried again");
                        tokio::time::sleep(RETRY_DELAY).await;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    #[test]
    fn deletions_are_due_on_the_first_sunday_at_five_after_they_were_asked_for() {
        let schedule = Schedule::default();
        // 2024-05-05 is a Sunday.
        for (asked, now, is_due) in [
            ("2024-05-01T10:00:00Z", "2024-05-05T04:59:59Z", false),
            ("2024-05-01T10:00:00Z", "2024-05-05T05:00:00Z", true),
            ("2024-05-05T05:00:00Z", "2024-05-05T05:00:01Z", false),
            ("2024-05-05T05:00:01Z", "2024-05-12T04:00:00Z", false),
            ("2024-05-05T05:00:01Z", "2024-06-12T04:00:00Z", true),
        ] {
            assert_eq!(schedule.is_due(at(asked), at(now)), is_due, "{asked} {now}");
        }
    }

    #[test]
    fn a_schedule_that_is_none_is_named() {
        let error = Schedule::from_str("every day").expect_err("no schedule");
        assert!(
            error.contains("every day") && error.contains(VARIABLE),
            "{error}"
        );
    }
}
