//! Offers: what organizations sell, lease, share or operate.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use utoipa::IntoParams;

use super::catalog::word;
use super::conditions::Conditions;
use super::ledger::{self, New};
use super::{Result, now_ms, organizations};
use crate::records::{District, Offer, OfferKind, OfferStated, Page};

/// What people ask a list of offers for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The product's id
    pub product: Option<String>,
    /// Who offers it
    pub organization: Option<String>,
    /// How it is had
    pub kind: Option<OfferKind>,
}

/// Who made an offer, if there is one of that id.
pub fn owner(db: &Connection, id: &str) -> Result<Option<String>> {
    let mut statement = db.prepare_cached("SELECT organization FROM offer WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// States an offer anew.
pub fn put(db: &Connection, id: &str, stated: &OfferStated, who: &str, why: &str) -> Result<()> {
    let body = serde_json::to_string(stated)?;
    db.execute(
        "INSERT OR REPLACE INTO offer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            id,
            stated.product,
            stated.organization,
            word(&stated.kind),
            stated.price_cny,
            word(&stated.per),
            stated.delivery_days,
            regions(&stated.regions),
            stated.floor_m2,
            stated.valid_until,
            now_ms(),
            body,
        ],
    )?;
    ledger::append(db, New { who, what: "offer.put", subject: &format!("offer/{id}"), why, body: &body })
}

/// Regions as the column holds them, so that each is found whole.
fn regions(of: &[District]) -> String {
    if of.is_empty() { String::new() } else { of.iter().fold("|".to_string(), |text, region| text + &word(region) + "|") }
}

/// Takes an offer back; whether it was there.
pub fn withdraw(db: &Connection, id: &str, who: &str, why: &str) -> Result<bool> {
    if db.execute("DELETE FROM offer WHERE id = ?1", [id])? == 0 {
        return Ok(false);
    }
    ledger::append(db, New { who, what: "offer.withdrawn", subject: &format!("offer/{id}"), why, body: "{}" })?;
    Ok(true)
}

const COLUMNS: &str = "x.id, x.changed_ms, x.body, o.body FROM offer x JOIN organization o ON o.id = x.organization";

fn offer(row: &Row) -> Result<Offer> {
    let organization_name = organizations::name(&row.get::<_, String>(3)?)?;
    let stated = serde_json::from_str(&row.get::<_, String>(2)?)?;
    Ok(Offer { id: row.get(0)?, changed_ms: row.get(1)?, organization_name, stated })
}

/// An offer.
pub fn find(db: &Connection, id: &str) -> Result<Option<Offer>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE x.id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(offer).transpose()
}

/// Offers, by id.
pub fn page(db: &Connection, filter: &Filter, page: u64, per_page: u64) -> Result<Page<Offer>> {
    let mut conditions = Conditions::default();
    if let Some(product) = &filter.product {
        conditions.and("x.product = ?", product.clone());
    }
    if let Some(organization) = &filter.organization {
        conditions.and("x.organization = ?", organization.clone());
    }
    if let Some(kind) = &filter.kind {
        conditions.and("x.kind = ?", word(kind));
    }
    let total = conditions.count(db, "offer x")?;
    let (condition, values) = conditions.part(page, per_page);
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} {condition} ORDER BY x.id LIMIT ? OFFSET ?"))?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(offer(row)?);
    }
    Ok(Page { items, total, page, per_page })
}
