//! Products and scenarios: taken over from packages, listed, searched.

use std::collections::BTreeMap;

use leitai_package::manifest::{self, PartManifest, PlanClass, PlanManifest, RobotManifest, ScenarioManifest};
use leitai_proving::canonical::{Canonical, Digest};
use leitai_proving::packages::{Files, ids, manifest_path};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::ledger::{self, New};
use super::shelf::Shelf;
use super::{Result, evidence};
use crate::records::{
    Assumption, Counts, Figure, Page, Parameter, Part, Product, ProductLine, Requirement, Scenario, ScenarioLine, Source, Text,
};

/// What people ask a list of products for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductFilter {
    /// Words in Chinese or English
    pub q: Option<String>,
    /// The plan's class, or the kind of robot where the catalog states none: `collaborative`
    pub class: Option<String>,
    /// Sector it is meant for: `construction`
    pub sector: Option<String>,
    /// Least stated payload, kg
    pub payload_min: Option<f64>,
    /// Least stated reach, m
    pub reach_min: Option<f64>,
    /// Standing of the payload: `verified`, `recalled` or `assumed`
    pub standing: Option<String>,
}

/// What people ask a list of scenarios for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScenarioFilter {
    /// Words in Chinese or English
    pub q: Option<String>,
    /// Sector: `construction`
    pub sector: Option<String>,
}

/// Why a catalog cannot be taken over.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// A manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] manifest::ManifestError),
    /// A file is not text.
    #[error("{0}: not UTF-8 text; save the file as UTF-8")]
    NotText(String),
    /// The store would not.
    #[error(transparent)]
    Store(#[from] super::StoreError),
}

/// Where products stand in the action plan.
const PLAN: &str = "plan.toml";
/// How a record is made from a package; another name wherever the same files would give another record.
const FORM: &str = "leitai hub package v2";

/// Takes over the robots, scenarios and parts of a catalog; what is the same already is left alone, so only changes reach the ledger.
///
/// # Errors
/// At the first package that cannot be read; then nothing is changed.
pub fn take_over(db: &Connection, catalog: &Files, who: &str, why: &str) -> Result<(), TakeError> {
    let plan = match catalog.contains_key(PLAN) {
        true => PlanManifest::parse(PLAN, text(catalog, PLAN)?)?,
        false => PlanManifest::default(),
    };
    for id in ids(catalog, "robot") {
        let class = plan.class(&id);
        let (path, digest) = (manifest_path("robot", &id), content(catalog, &format!("robots/{id}/"), &word(&class)));
        if !taken(db, "product", &id, &digest)? {
            put_product(db, &product(RobotManifest::parse(&path, text(catalog, &path)?)?, class, digest), who, why)?;
        }
    }
    for id in ids(catalog, "scenario") {
        let (path, digest) = (manifest_path("scenario", &id), content(catalog, &format!("scenarios/{id}/"), ""));
        if !taken(db, "scenario", &id, &digest)? {
            put_scenario(db, &scenario(ScenarioManifest::parse(&path, text(catalog, &path)?)?, digest), who, why)?;
        }
    }
    for id in ids(catalog, "part") {
        let (path, digest) = (manifest_path("part", &id), content(catalog, &format!("parts/{id}/"), ""));
        if !taken(db, "part", &id, &digest)? {
            put_part(db, &part(&PartManifest::parse(&path, text(catalog, &path)?)?, digest), who, why)?;
        }
    }
    Ok(())
}

/// Whether a record was made of exactly these files, which then need not be read again.
fn taken(db: &Connection, table: &str, id: &str, digest: &Digest) -> Result<bool> {
    let mut statement = db.prepare_cached(&format!("SELECT digest FROM {table} WHERE id = ?1"))?;
    let found: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
    Ok(found == Some(digest.to_string()))
}

fn text<'a>(catalog: &'a Files, path: &str) -> Result<&'a str, TakeError> {
    std::str::from_utf8(&catalog[path]).map_err(|_| TakeError::NotText(path.to_string()))
}

/// Digest of a package's files as they are, and of the class that the plan gives it.
fn content(catalog: &Files, prefix: &str, class: &str) -> Digest {
    let mut form = Canonical::new(FORM);
    form.text(class);
    for (path, bytes) in catalog.range(prefix.to_string()..).take_while(|(path, _)| path.starts_with(prefix)) {
        form.text(path).bytes(bytes);
    }
    form.finish()
}

/// Adds a product, or replaces it.
pub fn put_product(db: &Connection, product: &Product, who: &str, why: &str) -> Result<()> {
    let (id, body) = (&product.line.id, serde_json::to_string(product)?);
    db.prepare_cached("INSERT OR REPLACE INTO product VALUES (?1, ?2, ?3)")?.execute(params![id, product.digest, body])?;
    ledger::append(db, New { who, what: "product.put", subject: &format!("product/{id}"), why, body: &body })
}

/// Adds a scenario, or replaces it.
pub fn put_scenario(db: &Connection, scenario: &Scenario, who: &str, why: &str) -> Result<()> {
    let (id, body) = (&scenario.line.id, serde_json::to_string(scenario)?);
    db.prepare_cached("INSERT OR REPLACE INTO scenario VALUES (?1, ?2, ?3)")?.execute(params![id, scenario.digest, body])?;
    ledger::append(db, New { who, what: "scenario.put", subject: &format!("scenario/{id}"), why, body: &body })
}

/// Adds a part, or replaces it.
pub fn put_part(db: &Connection, part: &Part, who: &str, why: &str) -> Result<()> {
    let (id, body) = (&part.id, serde_json::to_string(part)?);
    db.prepare_cached("INSERT OR REPLACE INTO part VALUES (?1, ?2, ?3)")?.execute(params![id, part.digest, body])?;
    ledger::append(db, New { who, what: "part.put", subject: &format!("part/{id}"), why, body: &body })
}

/// Products, by id.
pub fn products(db: &Connection, shelf: &Shelf, filter: &ProductFilter, page: u64, per_page: u64) -> Result<Page<ProductLine>> {
    let mut found = shelf.products(filter, page, per_page);
    for line in &mut found.items {
        line.verdicts = counts(db, "robot", &line.id)?;
    }
    Ok(found)
}

/// Scenarios, by id.
pub fn scenarios(
    db: &Connection,
    shelf: &Shelf,
    filter: &ScenarioFilter,
    page: u64,
    per_page: u64,
) -> Result<Page<ScenarioLine>> {
    let mut found = shelf.scenarios(filter, page, per_page);
    for line in &mut found.items {
        line.verdicts = counts(db, "scenario", &line.id)?;
    }
    Ok(found)
}

/// A record's stored body.
pub fn body<T: DeserializeOwned>(db: &Connection, table: &str, id: &str) -> Result<Option<T>> {
    let mut statement = db.prepare_cached(&format!("SELECT body FROM {table} WHERE id = ?1"))?;
    let body: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}

/// The latest pieces of evidence that a product's or scenario's page shows.
const SHOWN: u64 = 500;

/// A product, with the evidence about it.
pub fn find_product(db: &Connection, id: &str, now: &evidence::Current) -> Result<Option<Product>> {
    let Some(mut product) = body::<Product>(db, "product", id)? else { return Ok(None) };
    product.line.verdicts = counts(db, "robot", id)?;
    let filter = evidence::Filter { robot: Some(id.to_string()), ..evidence::Filter::default() };
    product.evidence = evidence::page(db, &filter, now, 1, SHOWN)?.items;
    Ok(Some(product))
}

/// A scenario, with the evidence about it.
pub fn find_scenario(db: &Connection, id: &str, now: &evidence::Current) -> Result<Option<Scenario>> {
    let Some(mut scenario) = body::<Scenario>(db, "scenario", id)? else { return Ok(None) };
    scenario.line.verdicts = counts(db, "scenario", id)?;
    let filter = evidence::Filter { scenario: Some(id.to_string()), ..evidence::Filter::default() };
    scenario.evidence = evidence::page(db, &filter, now, 1, SHOWN)?.items;
    Ok(Some(scenario))
}

/// The first of these ids that no product has.
pub fn first_unknown_product(db: &Connection, ids: &[String]) -> Result<Option<String>> {
    let mut statement = db.prepare_cached("SELECT 1 FROM product WHERE id = ?1")?;
    for id in ids {
        if !statement.exists([id])? {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

/// How many records a table holds.
pub fn count(db: &Connection, table: &str) -> Result<u64> {
    Ok(db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)
}

/// A scenario, without the evidence about it.
pub fn find_job(db: &Connection, id: &str) -> Result<Option<Scenario>> {
    body(db, "scenario", id)
}

/// Verdicts about a `robot` or `scenario`, or `all`.
pub fn counts(db: &Connection, kind: &str, subject: &str) -> Result<Counts> {
    let mut statement = db.prepare_cached("SELECT decision, count FROM verdict_count WHERE kind = ?1 AND subject = ?2")?;
    let rows = statement.query_map([kind, subject], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?)))?;
    let found = rows.collect::<Result<BTreeMap<_, _>, _>>()?;
    let of = |decision: &str| found.get(decision).copied().unwrap_or(0);
    Ok(Counts { proved: of("proved"), refuted: of("refuted"), undecided: of("undecided"), rejected: of("rejected") })
}

/// A package's own word, as its manifest writes it.
pub fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

fn of(text: &manifest::Text) -> Text {
    Text::new(&text.zh, &text.en)
}

fn figure(claim: &manifest::Claim) -> Figure {
    Figure {
        name: claim.name.clone(),
        value: claim.value,
        unit: claim.unit.clone(),
        standing: word(&claim.standing),
        source: claim.source.clone(),
    }
}

fn assumptions(of_package: &[manifest::Assumption]) -> Vec<Assumption> {
    let one = |a: &manifest::Assumption| Assumption {
        id: a.id.clone(),
        text: of(&a.text),
        value: a.value,
        unit: a.unit.clone(),
        standing: word(&a.standing),
    };
    of_package.iter().map(one).collect()
}

fn sources(of_package: &[manifest::Source]) -> Vec<Source> {
    let one = |s: &manifest::Source| Source {
        key: s.key.clone(),
        publisher: s.publisher.clone(),
        title: s.title.clone(),
        date: s.date.clone(),
        standing: word(&s.standing),
    };
    of_package.iter().map(one).collect()
}

fn product(m: RobotManifest, class: Option<PlanClass>, digest: Digest) -> Product {
    let filtered = ["payload_kg", "reach_m", "mass_kg"];
    let line = ProductLine {
        id: m.robot.id.clone(),
        name: of(&m.robot.name),
        maker: of(&m.robot.maker),
        class: class.map_or_else(|| word(&m.robot.class), |class| word(&class)),
        kind: word(&m.robot.class),
        sectors: m.robot.sectors.clone(),
        dof: m.robot.dof,
        grade: word(&m.robot.dynamics_grade.grade),
        figures: filtered.iter().filter_map(|name| m.claimed(name)).map(figure).collect(),
        verdicts: Counts::default(),
    };
    Product {
        line,
        version: m.robot.version.clone(),
        digest: digest.to_string(),
        grade_reason: of(&m.robot.dynamics_grade.reason),
        claims: m.claim.iter().map(figure).collect(),
        assumptions: assumptions(&m.assumption),
        sources: sources(&m.source),
        evidence: Vec::new(),
    }
}

fn scenario(m: ScenarioManifest, digest: Digest) -> Scenario {
    let line = ScenarioLine {
        id: m.scenario.id.clone(),
        name: of(&m.scenario.name),
        sector: m.scenario.sector.clone(),
        plan: m.scenario.plan.clone(),
        tier: m.scenario.tier,
        tool: m.mount.tool.clone(),
        verdicts: Counts::default(),
    };
    let parameter = |(name, p): (&String, &manifest::Parameter)| Parameter {
        name: name.clone(),
        default: p.default,
        min: p.min,
        max: p.max,
        unit: p.unit.clone(),
        standing: word(&p.standing),
    };
    let requirement = |r: &manifest::Requirement| Requirement {
        id: r.id.clone(),
        name: of(&r.name),
        predicate: leitai_proving::engine::predicate(r).to_string(),
        unit: r.unit.clone(),
        rate_at_least: r.rate_at_least,
    };
    Scenario {
        line,
        version: m.scenario.version.clone(),
        digest: digest.to_string(),
        credibility: word(&m.scenario.credibility),
        parameters: m.parameter.iter().map(parameter).collect(),
        requirements: m.require.iter().map(requirement).collect(),
        assumptions: assumptions(&m.assumption),
        sources: sources(&m.source),
        evidence: Vec::new(),
    }
}

fn part(m: &PartManifest, digest: Digest) -> Part {
    Part {
        id: m.part.id.clone(),
        name: of(&m.part.name),
        maker: of(&m.part.maker),
        class: word(&m.part.class),
        version: m.part.version.clone(),
        digest: digest.to_string(),
    }
}
