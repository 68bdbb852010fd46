//! Answers to challenges, what experts say about them, and how they stand.

use std::collections::BTreeMap;

use leitai_proving::packages::Files;
use rusqlite::{Connection, Row, params};

use super::ledger::{self, New};
use super::{Result, organizations};
use crate::records::{Comment, Page, Submission, SubmissionContent, Text};

/// Answers that one organization may send to a challenge.
pub const MOST_OF_ONE: u64 = 50;

/// Takes an answer; its number. `files` are the robot's and the solution's packages.
pub fn put(db: &Connection, challenge: &str, new: &Submission, files: &Files) -> Result<u64> {
    let next = "SELECT coalesce(max(number), 0) + 1 FROM submission WHERE challenge = ?1";
    let number: u64 = db.query_row(next, [challenge], |row| row.get(0))?;
    db.execute(
        "INSERT INTO submission VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![challenge, number, new.organization, new.who, new.at_ms, new.digest, serde_json::to_string(&new.content)?],
    )?;
    for (path, bytes) in files {
        db.execute("INSERT INTO submission_file VALUES (?1, ?2, ?3, ?4)", params![challenge, number, path, bytes])?;
    }
    // The content stays out of the ledger: its digest binds it.
    let body = serde_json::json!({ "submission": number, "organization": new.organization, "digest": new.digest }).to_string();
    let subject = format!("challenge/{challenge}");
    let why = format!("answer {number}, of {}", new.organization);
    ledger::append(db, New { who: &new.who, what: "submission.made", subject: &subject, why: &why, body: &body })?;
    Ok(number)
}

/// How many answers an organization has sent.
pub fn count_of(db: &Connection, challenge: &str, organization: &str) -> Result<u64> {
    let count = "SELECT count(*) FROM submission WHERE challenge = ?1 AND organization = ?2";
    Ok(db.prepare_cached(count)?.query_row([challenge, organization], |row| row.get(0))?)
}

const COLUMNS: &str = "s.number, s.organization, o.body, s.who, s.at_ms, s.digest, s.body, \
                       NOT EXISTS (SELECT 1 FROM submission l WHERE l.challenge = s.challenge AND l.organization = s.organization \
                       AND l.number > s.number) FROM submission s JOIN organization o ON o.id = s.organization";

/// A whole answer; who shows it to somebody takes the content out first unless they may see it.
fn submission(row: &Row) -> Result<Submission> {
    let organization_name = organizations::name(&row.get::<_, String>(2)?)?;
    let content: Option<SubmissionContent> = serde_json::from_str(&row.get::<_, String>(6)?)?;
    Ok(Submission {
        number: row.get(0)?,
        organization: row.get(1)?,
        organization_name,
        who: row.get(3)?,
        at_ms: row.get(4)?,
        digest: row.get(5)?,
        counts: row.get(7)?,
        content,
    })
}

/// Answers of a challenge, newest first.
pub fn page(db: &Connection, challenge: &str, page: u64, per_page: u64) -> Result<Page<Submission>> {
    let total = db.query_row("SELECT count(*) FROM submission WHERE challenge = ?1", [challenge], |row| row.get(0))?;
    let order = "ORDER BY s.number DESC LIMIT ?2 OFFSET ?3";
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE s.challenge = ?1 {order}"))?;
    let mut rows = statement.query(params![challenge, per_page, (page - 1) * per_page])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(submission(row)?);
    }
    Ok(Page { items, total, page, per_page })
}

/// An answer.
pub fn find(db: &Connection, challenge: &str, number: u64) -> Result<Option<Submission>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE s.challenge = ?1 AND s.number = ?2"))?;
    let mut rows = statement.query(params![challenge, number])?;
    rows.next()?.map(submission).transpose()
}

/// The answers that count, in the order of their numbers: of each organization the last.
pub fn counted(db: &Connection, challenge: &str) -> Result<Vec<Submission>> {
    let last = "s.number IN (SELECT max(number) FROM submission WHERE challenge = ?1 GROUP BY organization)";
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE s.challenge = ?1 AND {last} ORDER BY s.number"))?;
    let mut rows = statement.query([challenge])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(submission(row)?);
    }
    Ok(all)
}

/// The packages of an answer.
pub fn files(db: &Connection, challenge: &str, number: u64) -> Result<Files> {
    let mut statement = db.prepare_cached("SELECT path, bytes FROM submission_file WHERE challenge = ?1 AND number = ?2")?;
    let rows = statement.query_map(params![challenge, number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What became of an answer that counts.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The proof under the revealed claim.
    pub proof: Option<u64>,
    /// Why there is none.
    pub failure: Option<Text>,
    /// Its rank, once all are ranked.
    pub rank: Option<u64>,
    /// What ranks it, as JSON, once all are ranked.
    pub score: Option<String>,
}

/// Remembers what is to become of an answer.
pub fn stand(db: &Connection, challenge: &str, number: u64, proof: Option<u64>, failure: Option<&Text>) -> Result<()> {
    let failure = failure.map(serde_json::to_string).transpose()?;
    db.execute("INSERT INTO standing VALUES (?1, ?2, ?3, ?4, NULL, NULL)", params![challenge, number, proof, failure])?;
    Ok(())
}

/// Gives an answer its place.
pub fn place(db: &Connection, challenge: &str, number: u64, score: Option<&str>, rank: Option<u64>) -> Result<()> {
    let place = "UPDATE standing SET score = ?3, rank = ?4 WHERE challenge = ?1 AND number = ?2";
    db.execute(place, params![challenge, number, score, rank])?;
    Ok(())
}

/// How the answers of a challenge stand, by their numbers.
pub fn standings(db: &Connection, challenge: &str) -> Result<BTreeMap<u64, Standing>> {
    let mut statement = db.prepare_cached("SELECT number, proof, failure, rank, score FROM standing WHERE challenge = ?1")?;
    let mut rows = statement.query([challenge])?;
    let mut all = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let failure: Option<String> = row.get(2)?;
        let failure = failure.map(|text| serde_json::from_str(&text)).transpose()?;
        all.insert(row.get(0)?, Standing { proof: row.get(1)?, failure, rank: row.get(3)?, score: row.get(4)? });
    }
    Ok(all)
}

/// Adds a comment; its number. Without a number of its own it gets the next.
pub fn comment(db: &Connection, challenge: &str, new: &Comment) -> Result<u64> {
    db.execute(
        "INSERT INTO comment VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)",
        params![challenge, new.submission, new.organization, new.who, new.at_ms, new.text],
    )?;
    let number = db.last_insert_rowid() as u64;
    let body = serde_json::json!({ "comment": number, "submission": new.submission, "organization": new.organization, "text": new.text });
    let subject = format!("challenge/{challenge}");
    let why = format!("comment of {}", new.organization);
    ledger::append(db, New { who: &new.who, what: "comment.made", subject: &subject, why: &why, body: &body.to_string() })?;
    Ok(number)
}

/// Comments on a challenge and its answers, oldest first.
pub fn comments(db: &Connection, challenge: &str, page: u64, per_page: u64) -> Result<Page<Comment>> {
    let total = db.query_row("SELECT count(*) FROM comment WHERE challenge = ?1", [challenge], |row| row.get(0))?;
    let mut statement = db.prepare_cached(
        "SELECT c.number, c.organization, o.body, c.who, c.at_ms, c.submission, c.text \
         FROM comment c JOIN organization o ON o.id = c.organization WHERE c.challenge = ?1 ORDER BY c.number LIMIT ?2 OFFSET ?3",
    )?;
    let mut rows = statement.query(params![challenge, per_page, (page - 1) * per_page])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(said(row)?);
    }
    Ok(Page { items, total, page, per_page })
}

fn said(row: &Row) -> Result<Comment> {
    let organization_name = organizations::name(&row.get::<_, String>(2)?)?;
    Ok(Comment {
        number: row.get(0)?,
        organization: row.get(1)?,
        organization_name,
        who: row.get(3)?,
        at_ms: row.get(4)?,
        submission: row.get(5)?,
        text: row.get(6)?,
    })
}

/// A comment.
pub fn find_comment(db: &Connection, number: u64) -> Result<Option<Comment>> {
    let found = "SELECT c.number, c.organization, o.body, c.who, c.at_ms, c.submission, c.text \
                 FROM comment c JOIN organization o ON o.id = c.organization WHERE c.number = ?1";
    let mut statement = db.prepare_cached(found)?;
    let mut rows = statement.query([number])?;
    rows.next()?.map(said).transpose()
}
