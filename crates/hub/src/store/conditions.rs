//! What a list is asked for, as conditions of a query.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::de::DeserializeOwned;

use super::Result;
use crate::records::Page;
use crate::search;

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

    /// Only what is found by the words that somebody typed.
    pub(super) fn words(&mut self, kind: &str, typed: Option<&str>) {
        match typed.map(str::trim).filter(|typed| !typed.is_empty()).map(search::query) {
            None => {}
            Some(None) => self.text.push("FALSE".to_string()),
            Some(Some(query)) => {
                self.and(&format!("id IN (SELECT id FROM search WHERE search MATCH ? AND kind = '{kind}')"), query);
            }
        }
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

    /// A part of a table whose rows are their `body`, by id.
    pub(super) fn page<T: DeserializeOwned>(self, db: &Connection, table: &str, page: u64, per_page: u64) -> Result<Page<T>> {
        let total = self.count(db, table)?;
        let (condition, values) = self.part(page, per_page);
        let mut rows = db.prepare_cached(&format!("SELECT body FROM {table} {condition} ORDER BY id LIMIT ? OFFSET ?"))?;
        let bodies = rows.query_map(params_from_iter(&values), |row| row.get::<_, String>(0))?;
        let items = bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect::<Result<_>>()?;
        Ok(Page { items, total, page, per_page })
    }
}
