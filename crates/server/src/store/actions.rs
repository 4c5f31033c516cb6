//! What people call which events.

use persons_api::Timestamp;
use rusqlite::{Row, params};
use serde_json::Value;

use super::damage::{RowId, damaged};
use super::load::MAX_NUMBER;
use super::{Store, StoreError, WriteTransaction, json_of};

/// An action.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAction {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// More about it.
    pub description: String,
    /// Its steps, as they were written.
    pub steps: Value,
    /// Whether it is hidden.
    pub deleted: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// Returns all actions, deleted ones too. Rows that cannot be read are recorded as damaged and left out.
    pub fn actions(&self) -> Result<Vec<StoredAction>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT id, name, description, steps, deleted, created_at FROM actions")?;
        let mut rows = statement.query([])?;
        let mut actions = Vec::new();
        while let Some(row) = rows.next()? {
            let id = RowId::Number(row.get(0)?);
            actions.extend(self.damage.sift("actions", id, action_of(row))?);
        }
        Ok(actions)
    }
}

impl WriteTransaction<'_> {
    /// Writes an action, a new one if its number is 0, and returns its number.
    pub fn put_action(&self, action: &StoredAction) -> Result<i64, StoreError> {
        let id = match action.id {
            // SQLite would draw lots if a damaged row had the greatest number there is.
            0 => self.transaction.query_row(
                "SELECT coalesce(max(id), 0) + 1 FROM actions WHERE id BETWEEN 0 AND ?1",
                [MAX_NUMBER - 2],
                |row| row.get::<_, i64>(0),
            )?,
            id => id,
        };
        let mut put = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO actions (id, name, description, steps, deleted, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        )?;
        let stored = put.query_row(
            params![
                id,
                action.name,
                action.description,
                action.steps.to_string(),
                action.deleted,
                action.created_at.0,
            ],
            |row| row.get(0),
        )?;
        Ok(stored)
    }
}

fn action_of(row: &Row<'_>) -> Result<StoredAction, StoreError> {
    let action = StoredAction {
        id: row.get(0)?,
        name: row.get(1)?,
        description: row.get(2)?,
        steps: json_of(row.get_ref(3)?.as_str().map_err(damaged)?)?,
        deleted: row.get(4)?,
        created_at: Timestamp(row.get(5)?),
    };
    if !(1..MAX_NUMBER).contains(&action.id) {
        return Err(damaged("its number is out of range"));
    }
    match crate::actions::read(&action.name, &action.steps) {
        Ok(_) => Ok(action),
        Err(error) => Err(damaged(format!("its steps cannot be used: {error}"))),
    }
}
