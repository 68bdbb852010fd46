//! Challenges: published, looked at, withdrawn, closed, revealed, ranked. Each step is one transaction with its entry in the ledger, and
//! is taken from one state only, so that a step begun twice is done once.

use leitai_proving::packages::Files;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::catalog::word;
use super::conditions::Conditions;
use super::ledger::{self, New};
use super::{Result, organizations};
use crate::challenge::Kept;
use crate::records::{Challenge, ChallengeState, Page};

/// What people ask a list of challenges for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// How far they are
    #[param(inline)]
    pub state: Option<ChallengeState>,
    /// Who published them
    pub organization: Option<String>,
    /// The scenario's id
    pub scenario: Option<String>,
}

fn note(db: &Connection, id: &str, who: &str, what: &str, why: &str, body: &str) -> Result<()> {
    ledger::append(db, New { who, what, subject: &format!("challenge/{id}"), why, body })
}

/// Publishes a challenge; false if its id is taken. What is `kept` goes to its own table and nowhere else.
pub fn publish(db: &Connection, new: &Challenge, files: &Files, kept: Option<&Kept>, who: &str, why: &str) -> Result<bool> {
    let body = serde_json::to_string(new)?;
    let made = db.execute(
        "INSERT OR IGNORE INTO challenge VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            new.id,
            new.organization,
            new.scenario,
            word(&new.state),
            new.published_ms,
            new.deadline_ms,
            new.commitment,
            body
        ],
    )?;
    if made == 0 {
        return Ok(false);
    }
    for (path, bytes) in files {
        db.execute("INSERT INTO challenge_file VALUES (?1, ?2, ?3)", params![new.id, path, bytes])?;
    }
    if let Some(kept) = kept {
        db.execute("INSERT INTO challenge_secret VALUES (?1, ?2)", params![new.id, serde_json::to_string(kept)?])?;
    }
    note(db, &new.id, who, "challenge.published", why, &body)?;
    Ok(true)
}

const COLUMNS: &str = "c.body, c.state, o.body, (SELECT count(*) FROM submission s WHERE s.challenge = c.id), \
                       (SELECT count(DISTINCT s.organization) FROM submission s WHERE s.challenge = c.id) \
                       FROM challenge c JOIN organization o ON o.id = c.organization";

/// A challenge as it is at this moment.
fn challenge(row: &Row, now_ms: u64) -> Result<Challenge> {
    let mut record: Challenge = serde_json::from_str(&row.get::<_, String>(0)?)?;
    record.organization_name = organizations::name(&row.get::<_, String>(2)?)?;
    record.state = serde_json::from_value(row.get::<_, String>(1)?.into())?;
    record.submissions = row.get(3)?;
    record.answering = row.get(4)?;
    record.now_ms = now_ms;
    if record.state == ChallengeState::Open && record.deadline_ms <= now_ms {
        // The worker has yet to notice.
        record.state = ChallengeState::Closed;
    }
    Ok(record)
}

/// A challenge.
pub fn find(db: &Connection, id: &str, now_ms: u64) -> Result<Option<Challenge>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE c.id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(|row| challenge(row, now_ms)).transpose()
}

/// Challenges, newest first.
pub fn page(db: &Connection, filter: &Filter, now_ms: u64, page: u64, per_page: u64) -> Result<Page<Challenge>> {
    let mut conditions = Conditions::default();
    if let Some(state) = &filter.state {
        conditions.and("c.state = ?", word(state));
    }
    let asked = [("c.organization = ?", &filter.organization), ("c.scenario = ?", &filter.scenario)];
    for (condition, value) in asked {
        if let Some(value) = value {
            conditions.and(condition, value.clone());
        }
    }
    let total = conditions.count(db, "challenge c")?;
    let (condition, values) = conditions.part(page, per_page);
    let order = "ORDER BY c.published_ms DESC, c.id LIMIT ? OFFSET ?";
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} {condition} {order}"))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(challenge(row, now_ms)?);
    }
    Ok(Page { items, total, page, per_page })
}

/// The job's files as they were when the challenge was published.
pub fn files(db: &Connection, id: &str) -> Result<Files> {
    let mut statement = db.prepare_cached("SELECT path, bytes FROM challenge_file WHERE challenge = ?1")?;
    let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes the step from one state to another; false if the challenge is not in the first.
fn step(db: &Connection, id: &str, from: ChallengeState, to: ChallengeState) -> Result<bool> {
    let stepped =
        db.execute("UPDATE challenge SET state = ?3 WHERE id = ?1 AND state = ?2", params![id, word(&from), word(&to)])?;
    Ok(stepped > 0)
}

/// Takes a challenge back that nobody has answered; false if it cannot be.
pub fn withdraw(db: &Connection, id: &str, now_ms: u64, who: &str, why: &str) -> Result<bool> {
    let answered = db.prepare_cached("SELECT 1 FROM submission WHERE challenge = ?1")?.exists([id])?;
    let open = "SELECT 1 FROM challenge WHERE id = ?1 AND deadline_ms > ?2";
    if answered || !db.prepare_cached(open)?.exists(params![id, now_ms])? {
        return Ok(false);
    }
    if !step(db, id, ChallengeState::Open, ChallengeState::Withdrawn)? {
        return Ok(false);
    }
    // A secret that will not be revealed is of no use to anybody.
    db.execute("DELETE FROM challenge_secret WHERE challenge = ?1", [id])?;
    note(db, id, who, "challenge.withdrawn", why, "{}")?;
    Ok(true)
}

/// Open challenges whose deadline has passed.
pub fn due(db: &Connection, now_ms: u64) -> Result<Vec<String>> {
    let mut statement =
        db.prepare_cached("SELECT id FROM challenge WHERE state = 'open' AND deadline_ms <= ?1 ORDER BY deadline_ms, id")?;
    let rows = statement.query_map([now_ms], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Closed challenges whose secret the hub keeps.
pub fn closed_here(db: &Connection) -> Result<Vec<String>> {
    let closed =
        "SELECT c.id FROM challenge c JOIN challenge_secret s ON s.challenge = c.id WHERE c.state = 'closed' ORDER BY c.id";
    let mut statement = db.prepare_cached(closed)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Challenges whose answers are being run.
pub fn under_way(db: &Connection) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached("SELECT id FROM challenge WHERE state = 'revealed' ORDER BY deadline_ms, id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes no more answers; false if that was done before.
pub fn close(db: &Connection, id: &str) -> Result<bool> {
    if !step(db, id, ChallengeState::Open, ChallengeState::Closed)? {
        return Ok(false);
    }
    note(db, id, "hub", "challenge.closed", "the deadline has passed", "{}")?;
    Ok(true)
}

/// What the hub has kept to itself, for the moment of revealing it.
pub fn kept(db: &Connection, id: &str) -> Result<Option<Kept>> {
    let body = "SELECT body FROM challenge_secret WHERE challenge = ?1";
    let body: Option<String> = db.prepare_cached(body)?.query_row([id], |row| row.get(0)).optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}

/// Makes the secret public, which is in `revealed` already; false if the challenge is not closed.
pub fn reveal(db: &Connection, revealed: &Challenge, who: &str, why: &str) -> Result<bool> {
    let id = &revealed.id;
    if !step(db, id, ChallengeState::Closed, ChallengeState::Revealed)? {
        return Ok(false);
    }
    db.execute("UPDATE challenge SET body = ?2 WHERE id = ?1", params![id, serde_json::to_string(revealed)?])?;
    let body = serde_json::json!({ "secret": revealed.secret, "thresholds": revealed.thresholds }).to_string();
    note(db, id, who, "challenge.revealed", why, &body)?;
    Ok(true)
}

/// Ends a challenge with its ranks; false if that was done before.
pub fn end(db: &Connection, id: &str, ranks: &serde_json::Value) -> Result<bool> {
    if !step(db, id, ChallengeState::Revealed, ChallengeState::Ranked)? {
        return Ok(false);
    }
    note(db, id, "hub", "challenge.ranked", "every answer was run", &ranks.to_string())?;
    Ok(true)
}
