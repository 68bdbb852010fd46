//! Proofs that the hub was asked for: taken in, taking turns, ended.
//!
//! The store is the truth about each: whoever cancels one writes it here, and the worker, who writes how far it is, sees it.

use leitai_proving::claim::{Claim, TrialRule};
use leitai_proving::engine::Case;
use leitai_proving::packages::Files;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::catalog::word;
use super::conditions::Conditions;
use super::ledger;
use super::{Result, now_ms};
use crate::records::{Page, Proof, ProofAsked, ProofState, RequirementLine, Text};

/// A proof that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// Who it is for: `account/wang`, `challenge/12`.
    pub origin: &'a str,
    /// Who asks, as the ledger knows them.
    pub who: &'a str,
    /// Why.
    pub why: &'a str,
    /// The claim, with its packages and the acceptance file that made it, if one did.
    pub case: &'a Case,
    /// Files that these packages have and the catalog has not, or otherwise.
    pub extra: &'a Files,
    /// Whether everybody may see it, and its evidence is published as soon as it ends.
    pub listed: bool,
}

/// What is stored about a proof besides its columns.
#[derive(Serialize, Deserialize)]
struct Body {
    asked: ProofAsked,
    claim: Claim,
    /// The text of the acceptance file that made the claim.
    acceptance: Option<String>,
}

/// Takes a proof in; its number. It is run when its turn comes.
pub fn enqueue(db: &Connection, new: New) -> Result<u64> {
    let New { origin, who, why, case, extra, listed } = new;
    let (claim, packages) = (&case.claim, &case.packages);
    let (robot, scenario) = (&packages.robot.robot.name, &packages.scenario.scenario.name);
    let asked = ProofAsked {
        robot: claim.robot.id.clone(),
        robot_name: Text::new(&robot.zh, &robot.en),
        scenario: claim.scenario.id.clone(),
        scenario_name: Text::new(&scenario.zh, &scenario.en),
        solution: claim.solution.id.clone(),
        parameters: claim.parameters.clone(),
        most: claim.trials.most(),
        fixed: matches!(claim.trials, TrialRule::Fixed { .. }),
        why: why.to_string(),
    };
    let acceptance = case.acceptance.as_ref().map(|acceptance| acceptance.text.clone());
    let body = serde_json::to_string(&Body { asked, claim: claim.clone(), acceptance })?;
    let (now, digest) = (now_ms(), claim.digest().to_string());
    db.execute(
        "INSERT INTO proof VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![origin, listed, digest, claim.robot.id, claim.scenario.id, now, body],
    )?;
    let id = db.last_insert_rowid() as u64;
    for (path, bytes) in extra {
        db.execute("INSERT INTO proof_file VALUES (?1, ?2, ?3)", params![id, path, bytes])?;
    }
    db.execute("INSERT INTO proof_run VALUES (?1, 'queued', ?2, 0, '[]', NULL, NULL, NULL, NULL, NULL)", params![id, now])?;
    note(db, id, who, "proof.asked", why, &serde_json::json!({ "origin": origin, "claim": digest }))?;
    Ok(id)
}

fn note(db: &Connection, id: u64, who: &str, what: &str, why: &str, body: &serde_json::Value) -> Result<()> {
    let (subject, body) = (format!("proof/{id}"), body.to_string());
    ledger::append(db, ledger::New { who, what, subject: &subject, why, body: &body })
}

/// How many proofs for `origin` have not ended; of all origins without one.
pub fn open(db: &Connection, origin: Option<&str>) -> Result<u64> {
    let count = "SELECT count(*) FROM proof_run r JOIN proof p ON p.id = r.proof \
                 WHERE r.state IN ('queued', 'running') AND (?1 IS NULL OR p.origin = ?1)";
    Ok(db.prepare_cached(count)?.query_row([origin], |row| row.get(0))?)
}

/// The listed proof of this claim that waits or runs.
pub fn under_way(db: &Connection, claim: &str) -> Result<Option<Proof>> {
    let id = "SELECT p.id FROM proof p JOIN proof_run r ON r.proof = p.id \
              WHERE p.claim = ?1 AND p.listed AND r.state IN ('queued', 'running')";
    let id: Option<u64> = db.prepare_cached(id)?.query_row([claim], |row| row.get(0)).optional()?;
    id.map_or(Ok(None), |id| find(db, id))
}

/// What people ask the list for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The robot's id
    pub robot: Option<String>,
    /// The job's id
    pub scenario: Option<String>,
    /// Who it is for: `account/wang`
    pub origin: Option<String>,
    /// How far it is
    #[param(inline)]
    pub state: Option<ProofState>,
}

const FROM: &str = "proof p JOIN proof_run r ON r.proof = p.id";
const COLUMNS: &str = "p.id, p.origin, p.claim, p.asked_ms, p.body, r.state, r.trials, r.requirements, r.started_ms, r.ended_ms, \
     r.decision, r.evidence, r.cause, CASE r.state WHEN 'queued' THEN (SELECT count(*) FROM proof_run o WHERE o.state = 'running' \
     OR (o.state = 'queued' AND (o.turn_ms, o.proof) < (r.turn_ms, r.proof))) ELSE 0 END";

fn proof(row: &Row) -> Result<Proof> {
    let body: Body = serde_json::from_str(&row.get::<_, String>(4)?)?;
    let cause: Option<String> = row.get(12)?;
    Ok(Proof {
        id: row.get(0)?,
        origin: row.get(1)?,
        asked: body.asked,
        claim: row.get(2)?,
        asked_ms: row.get(3)?,
        state: serde_json::from_value(row.get::<_, String>(5)?.into())?,
        ahead: row.get(13)?,
        trials: row.get(6)?,
        requirements: serde_json::from_str(&row.get::<_, String>(7)?)?,
        started_ms: row.get(8)?,
        ended_ms: row.get(9)?,
        decision: row.get(10)?,
        evidence: row.get(11)?,
        cause: cause.map(|text| serde_json::from_str(&text)).transpose()?,
    })
}

/// Listed proofs, newest first.
pub fn page(db: &Connection, filter: &Filter, page: u64, per_page: u64) -> Result<Page<Proof>> {
    let mut conditions = Conditions::default();
    conditions.and("p.listed = ?", 1);
    let asked = [("p.robot = ?", &filter.robot), ("p.scenario = ?", &filter.scenario), ("p.origin = ?", &filter.origin)];
    for (condition, value) in asked {
        if let Some(value) = value {
            conditions.and(condition, value.clone());
        }
    }
    if let Some(state) = &filter.state {
        conditions.and("r.state = ?", word(state));
    }
    let total = conditions.count(db, FROM)?;
    let (condition, values) = conditions.part(page, per_page);
    let list = format!("SELECT {COLUMNS} FROM {FROM} {condition} ORDER BY p.id DESC LIMIT ? OFFSET ?");
    let mut statement = db.prepare_cached(&list)?;
    let mut rows = statement.query(params_from_iter(&values))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(proof(row)?);
    }
    Ok(Page { items, total, page, per_page })
}

/// A proof, listed or not: who shows it looks at that first.
pub fn find(db: &Connection, id: u64) -> Result<Option<Proof>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM {FROM} WHERE p.id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(proof).transpose()
}

/// Whether everybody may see a proof.
pub fn is_listed(db: &Connection, id: u64) -> Result<bool> {
    let listed = "SELECT listed FROM proof WHERE id = ?1";
    Ok(db.prepare_cached(listed)?.query_row([id], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Whether a proof has not ended.
pub fn is_open(db: &Connection, id: u64) -> Result<bool> {
    let open = "SELECT EXISTS (SELECT 1 FROM proof_run WHERE proof = ?1 AND state IN ('queued', 'running'))";
    Ok(db.prepare_cached(open)?.query_row([id], |row| row.get(0))?)
}

/// A proof whose turn it is.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number.
    pub id: u64,
    /// The claim.
    pub claim: Claim,
    /// The text of the acceptance file that made it, if one did.
    pub acceptance: Option<String>,
    /// Files laid over the catalog.
    pub extra: Files,
    /// Whether its evidence is published.
    pub listed: bool,
}

/// Takes the proof that has waited longest.
pub fn take(db: &Connection) -> Result<Option<Job>> {
    let next = "SELECT p.id, p.listed, p.body, r.started_ms IS NULL FROM proof_run r JOIN proof p ON p.id = r.proof \
                WHERE r.state = 'queued' ORDER BY r.turn_ms, r.proof LIMIT 1";
    let found = db
        .prepare_cached(next)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, bool>(3)?)))
        .optional()?;
    let Some((id, listed, body, first)) = found else { return Ok(None) };
    let Body { claim, acceptance, .. } = serde_json::from_str(&body)?;
    let started = "UPDATE proof_run SET state = 'running', started_ms = coalesce(started_ms, ?2) WHERE proof = ?1";
    db.execute(started, params![id, now_ms()])?;
    if first {
        note(db, id, "hub", "proof.started", "its turn came", &serde_json::json!({}))?;
    }
    let mut statement = db.prepare_cached("SELECT path, bytes FROM proof_file WHERE proof = ?1")?;
    let files = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Some(Job { id, claim, acceptance, extra: files.collect::<rusqlite::Result<_>>()?, listed }))
}

/// Tells how far a running proof is; false if it runs no more, because somebody canceled it.
pub fn progress(db: &Connection, id: u64, trials: u64, stand: &[RequirementLine]) -> Result<bool> {
    let told = db.execute(
        "UPDATE proof_run SET trials = ?2, requirements = ?3 WHERE proof = ?1 AND state = 'running'",
        params![id, trials, serde_json::to_string(stand)?],
    )?;
    Ok(told > 0)
}

/// Whether anything waits while a proof runs: a check of evidence or another proof.
pub fn others_wait(db: &Connection) -> Result<bool> {
    let waits = "SELECT EXISTS (SELECT 1 FROM evidence_check WHERE state = 'queued') \
                 OR EXISTS (SELECT 1 FROM proof_run WHERE state = 'queued')";
    Ok(db.prepare_cached(waits)?.query_row([], |row| row.get(0))?)
}

/// A running proof waits for its next turn, behind those that wait already.
pub fn put_back(db: &Connection, id: u64) -> Result<()> {
    db.execute(
        "UPDATE proof_run SET state = 'queued', turn_ms = ?2 WHERE proof = ?1 AND state = 'running'",
        params![id, now_ms()],
    )?;
    Ok(())
}

/// What an earlier process left under way waits for its turn again, before the others.
pub fn requeue(db: &Connection) -> Result<()> {
    db.execute("UPDATE proof_run SET state = 'queued' WHERE state = 'running'", [])?;
    Ok(())
}

/// What a proof came to.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a> {
    /// What was decided.
    pub decision: &'a str,
    /// Digest of its bundle.
    pub evidence: &'a str,
    /// Trials judged.
    pub trials: u64,
    /// What they say.
    pub stand: &'a [RequirementLine],
}

/// Ends a running proof with its evidence; false if it was canceled meanwhile.
pub fn settle(db: &Connection, id: u64, settled: Settled) -> Result<bool> {
    let Settled { decision, evidence, trials, stand } = settled;
    if !progress(db, id, trials, stand)? {
        return Ok(false);
    }
    db.execute(
        "UPDATE proof_run SET state = 'done', ended_ms = ?2, decision = ?3, evidence = ?4 WHERE proof = ?1",
        params![id, now_ms(), decision, evidence],
    )?;
    let body = serde_json::json!({ "decision": decision, "trials": trials, "evidence": evidence });
    note(db, id, "hub", "proof.done", "the claim is settled", &body)?;
    Ok(true)
}

/// Ends a running proof without evidence; false if it was canceled meanwhile.
pub fn fail(db: &Connection, id: u64, cause: &Text) -> Result<bool> {
    let text = serde_json::to_string(cause)?;
    let failed = db.execute(
        "UPDATE proof_run SET state = 'failed', ended_ms = ?2, cause = ?3 WHERE proof = ?1 AND state = 'running'",
        params![id, now_ms(), text],
    )?;
    if failed > 0 {
        note(db, id, "hub", "proof.failed", "it could not be run", &serde_json::json!({ "cause": cause }))?;
    }
    Ok(failed > 0)
}

/// Takes a proof back that has not ended; false if it has.
pub fn cancel(db: &Connection, id: u64, who: &str, why: &str) -> Result<bool> {
    let canceled = db.execute(
        "UPDATE proof_run SET state = 'canceled', ended_ms = ?2 WHERE proof = ?1 AND state IN ('queued', 'running')",
        params![id, now_ms()],
    )?;
    if canceled > 0 {
        note(db, id, who, "proof.canceled", why, &serde_json::json!({}))?;
    }
    Ok(canceled > 0)
}
