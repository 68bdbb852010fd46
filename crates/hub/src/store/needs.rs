//! Needs: what organizations look for.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use utoipa::IntoParams;

use super::conditions::Conditions;
use super::ledger::{self, New};
use super::{Result, now_ms, organizations};
use crate::records::{Need, NeedStated, Page};

/// What people ask a list of needs for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The job's id
    pub scenario: Option<String>,
    /// Who needs it
    pub organization: Option<String>,
}

/// Who stated a need, if there is one of that id.
pub fn owner(db: &Connection, id: &str) -> Result<Option<String>> {
    let mut statement = db.prepare_cached("SELECT organization FROM need WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// States a need anew.
pub fn put(db: &Connection, id: &str, stated: &NeedStated, who: &str, why: &str) -> Result<()> {
    let body = serde_json::to_string(stated)?;
    db.execute(
        "INSERT OR REPLACE INTO need VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id, stated.organization, stated.wanted.scenario, now_ms(), body],
    )?;
    ledger::append(db, New { who, what: "need.put", subject: &format!("need/{id}"), why, body: &body })
}

/// Takes a need back; whether it was there.
pub fn withdraw(db: &Connection, id: &str, who: &str, why: &str) -> Result<bool> {
    if db.execute("DELETE FROM need WHERE id = ?1", [id])? == 0 {
        return Ok(false);
    }
    ledger::append(db, New { who, what: "need.withdrawn", subject: &format!("need/{id}"), why, body: "{}" })?;
    Ok(true)
}

const COLUMNS: &str = "n.id, n.changed_ms, n.body, o.body FROM need n JOIN organization o ON o.id = n.organization";

fn need(row: &Row) -> Result<Need> {
    let organization_name = organizations::name(&row.get::<_, String>(3)?)?;
    let stated = serde_json::from_str(&row.get::<_, String>(2)?)?;
    Ok(Need { id: row.get(0)?, changed_ms: row.get(1)?, organization_name, stated })
}

/// A need.
pub fn find(db: &Connection, id: &str) -> Result<Option<Need>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE n.id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(need).transpose()
}

/// How many needs there are, by the job.
pub fn by_scenario(db: &Connection) -> Result<BTreeMap<String, u64>> {
    let mut statement = db.prepare_cached("SELECT scenario, count(*) FROM need GROUP BY scenario")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Needs, by id.
pub fn page(db: &Connection, filter: &Filter, page: u64, per_page: u64) -> Result<Page<Need>> {
    let mut conditions = Conditions::default();
    if let Some(scenario) = &filter.scenario {
        conditions.and("n.scenario = ?", scenario.clone());
    }
    if let Some(organization) = &filter.organization {
        conditions.and("n.organization = ?", organization.clone());
    }
    let total = conditions.count(db, "need n")?;
    let (condition, values) = conditions.part(page, per_page);
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} {condition} ORDER BY n.id LIMIT ? OFFSET ?"))?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(need(row)?);
    }
    Ok(Page { items, total, page, per_page })
}
