//! Organizations, and who acts for them.

use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::Result;
use super::catalog::word;
use super::conditions::Conditions;
use super::ledger::{self, New};
use crate::records::{District, MemberRole, Membership, Organization, OrganizationKind, OrganizationStated, Page, Text, Tier};

/// What people ask a list of organizations for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// What they are
    pub kind: Option<OrganizationKind>,
    /// Where they are
    pub district: Option<District>,
    /// Their tier
    pub tier: Option<Tier>,
}

/// States an organization anew.
pub fn put(db: &Connection, id: &str, stated: &OrganizationStated, who: &str, why: &str) -> Result<()> {
    let body = serde_json::to_string(stated)?;
    let [kind, district, tier] = [word(&stated.kind), word(&stated.district), word(&stated.tier)];
    let told = |text: String| (!text.is_empty()).then_some(text);
    db.execute(
        "INSERT INTO organization VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET \
         kind = excluded.kind, district = excluded.district, tier = excluded.tier, body = excluded.body",
        params![id, kind, told(district), told(tier), body],
    )?;
    db.execute("DELETE FROM organization_product WHERE organization = ?1", [id])?;
    for product in &stated.products {
        db.execute("INSERT OR IGNORE INTO organization_product VALUES (?1, ?2)", [product, id])?;
    }
    ledger::append(db, New { who, what: "organization.put", subject: &format!("organization/{id}"), why, body: &body })
}

const COLUMNS: &str = "o.id, o.body, (SELECT count(*) FROM membership m WHERE m.organization = o.id) FROM organization o";

fn organization(row: &Row) -> Result<Organization> {
    Ok(Organization { id: row.get(0)?, stated: serde_json::from_str(&row.get::<_, String>(1)?)?, members: row.get(2)? })
}

/// The name of an organization, from its row's `body`.
pub(super) fn name(body: &str) -> Result<Text> {
    #[derive(Deserialize)]
    struct Named {
        name: Text,
    }
    Ok(serde_json::from_str::<Named>(body)?.name)
}

/// An organization.
pub fn find(db: &Connection, id: &str) -> Result<Option<Organization>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE o.id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(organization).transpose()
}

/// Organizations, by id.
pub fn page(db: &Connection, filter: &Filter, page: u64, per_page: u64) -> Result<Page<Organization>> {
    let mut conditions = Conditions::default();
    if let Some(kind) = &filter.kind {
        conditions.and("o.kind = ?", word(kind));
    }
    if let Some(district) = &filter.district {
        conditions.and("o.district = ?", word(district));
    }
    if let Some(tier) = &filter.tier {
        conditions.and("o.tier = ?", word(tier));
    }
    let total = conditions.count(db, "organization o")?;
    let (condition, values) = conditions.part(page, per_page);
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} {condition} ORDER BY o.id LIMIT ? OFFSET ?"))?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(organization(row)?);
    }
    Ok(Page { items, total, page, per_page })
}

/// For whom an account acts.
pub fn memberships(db: &Connection, account: &str) -> Result<Vec<Membership>> {
    let mut statement = db.prepare_cached(
        "SELECT o.id, o.body, m.role FROM membership m JOIN organization o ON o.id = m.organization WHERE m.account = ?1 ORDER BY o.id",
    )?;
    let mut rows = statement.query([account])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let stated: OrganizationStated = serde_json::from_str(&row.get::<_, String>(1)?)?;
        let role = serde_json::from_str(&row.get::<_, String>(2)?)?;
        found.push(Membership { organization: row.get(0)?, name: stated.name, kind: stated.kind, role });
    }
    Ok(found)
}

/// A person in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Member {
    /// The account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// What they are in it.
    pub role: MemberRole,
}

/// Who acts for an organization.
pub fn members(db: &Connection, organization: &str) -> Result<Vec<Member>> {
    let mut statement = db.prepare_cached(
        "SELECT a.id, a.name, m.role FROM membership m JOIN account a ON a.id = m.account WHERE m.organization = ?1 ORDER BY a.id",
    )?;
    let mut rows = statement.query([organization])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let role = serde_json::from_str(&row.get::<_, String>(2)?)?;
        found.push(Member { account: row.get(0)?, name: row.get(1)?, role });
    }
    Ok(found)
}

/// Lets an account act for an organization.
pub fn join(db: &Connection, organization: &str, account: &str, role: MemberRole, who: &str, why: &str) -> Result<()> {
    let word = serde_json::to_string(&role)?;
    db.execute("INSERT OR REPLACE INTO membership VALUES (?1, ?2, ?3)", [account, organization, &word])?;
    let body = serde_json::json!({ "account": account, "role": role }).to_string();
    let subject = format!("organization/{organization}");
    ledger::append(db, New { who, what: "organization.joined", subject: &subject, why, body: &body })
}

/// Lets an account act for an organization no more; whether it did.
pub fn leave(db: &Connection, organization: &str, account: &str, who: &str, why: &str) -> Result<bool> {
    let left = db.execute("DELETE FROM membership WHERE account = ?1 AND organization = ?2", [account, organization])?;
    if left == 0 {
        return Ok(false);
    }
    let body = serde_json::json!({ "account": account }).to_string();
    let subject = format!("organization/{organization}");
    ledger::append(db, New { who, what: "organization.left", subject: &subject, why, body: &body })?;
    Ok(true)
}

/// Whether an account is an organization's last owner, without whom nobody could invite others.
pub fn is_last_owner(db: &Connection, organization: &str, account: &str) -> Result<bool> {
    let owners: Vec<Member> = members(db, organization)?.into_iter().filter(|m| m.role == MemberRole::Owner).collect();
    Ok(owners.len() == 1 && owners[0].account == account)
}
