//! What a list is asked for, as conditions of a query.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Result;

/// A list's conditions, and the values for their places, in order.
#[derive(Default)]
pub(super) struct Conditions {
    text: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    pub(super) fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.text.push(condition.to_string());
        self.values.push(value.into());
    }

    fn text(&self) -> String {
        if self.text.is_empty() { String::new() } else { format!("WHERE {}", self.text.join(" AND ")) }
    }

    /// How many rows of `table` they leave.
    pub(super) fn count(&self, db: &Connection, table: &str) -> Result<u64> {
        let count = format!("SELECT count(*) FROM {table} {}", self.text());
        Ok(db.prepare_cached(&count)?.query_row(params_from_iter(&self.values), |row| row.get(0))?)
    }

    /// The condition, and the values for a query that ends in `LIMIT ? OFFSET ?`.
    pub(super) fn part(mut self, page: u64, per_page: u64) -> (String, Vec<Value>) {
        let text = self.text();
        self.values.push((per_page as i64).into());
        self.values.push((((page - 1) * per_page) as i64).into());
        (text, self.values)
    }
}
