//! The ledger: who changed what, when and why. Entries are only added, and each is chained to the one before it, so that an entry
//! cannot be changed or taken out later without the chain showing it.

use leitai_proving::canonical::Canonical;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Result, now_ms};
use crate::records::{Entry, Page};

/// What is put into the ledger.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// Who.
    pub who: &'a str,
    /// What: `product.put`.
    pub what: &'a str,
    /// About which record: `product/ur20`.
    pub subject: &'a str,
    /// Why.
    pub why: &'a str,
    /// The change itself, as JSON.
    pub body: &'a str,
}

/// Appends an entry; part of the caller's transaction.
pub fn append(db: &Connection, new: New) -> Result<()> {
    let mut last = db.prepare_cached("SELECT number, digest FROM ledger ORDER BY number DESC LIMIT 1")?;
    let last: Option<(u64, String)> = last.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (number, before) = last.map_or((1, String::new()), |(number, digest)| (number + 1, digest));
    let at_ms = now_ms();
    let digest = chained(&before, number, at_ms, new);
    db.prepare_cached("INSERT INTO ledger VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(params![
        number,
        at_ms,
        new.who,
        new.what,
        new.subject,
        new.why,
        new.body,
        digest
    ])?;
    Ok(())
}

fn chained(before: &str, number: u64, at_ms: u64, new: New) -> String {
    let mut form = Canonical::new("leitai hub ledger v1");
    form.text(before).count(number).count(at_ms);
    form.text(new.who).text(new.what).text(new.subject).text(new.why).text(new.body);
    form.finish().to_string()
}

/// How many entries there are: they are numbered without a gap.
pub fn length(db: &Connection) -> Result<u64> {
    Ok(db.query_row("SELECT coalesce(max(number), 0) FROM ledger", [], |row| row.get(0))?)
}

/// A part of the ledger, newest first; of one record, if `subject` is given.
pub fn page(db: &Connection, subject: Option<&str>, page: u64, per_page: u64) -> Result<Page<Entry>> {
    let columns = "number, at_ms, who, what, subject, why, digest";
    let offset = (page - 1) * per_page;
    let (total, items) = match subject {
        // Numbered without a gap, so a page of all is found by its numbers.
        None => {
            let total = length(db)?;
            let query = format!("SELECT {columns} FROM ledger WHERE number <= ?1 ORDER BY number DESC LIMIT ?2");
            let mut statement = db.prepare_cached(&query)?;
            (total, statement.query_map([total.saturating_sub(offset), per_page], entry)?.collect::<Result<_, _>>()?)
        }
        Some(subject) => {
            let mut count = db.prepare_cached("SELECT count(*) FROM ledger WHERE subject = ?1")?;
            let query = format!("SELECT {columns} FROM ledger WHERE subject = ?1 ORDER BY number DESC LIMIT ?2 OFFSET ?3");
            let mut statement = db.prepare_cached(&query)?;
            let items = statement.query_map(params![subject, per_page, offset], entry)?.collect::<Result<_, _>>()?;
            (count.query_row([subject], |row| row.get(0))?, items)
        }
    };
    Ok(Page { items, total, page, per_page })
}

fn entry(row: &Row) -> rusqlite::Result<Entry> {
    Ok(Entry {
        number: row.get(0)?,
        at_ms: row.get(1)?,
        who: row.get(2)?,
        what: row.get(3)?,
        subject: row.get(4)?,
        why: row.get(5)?,
        digest: row.get(6)?,
    })
}

/// The first entry that does not follow from the one before it; `tell` hears how many do.
pub fn broken(db: &Connection, tell: &mut dyn FnMut(u64)) -> Result<Option<u64>> {
    let mut statement = db.prepare("SELECT number, at_ms, who, what, subject, why, body, digest FROM ledger ORDER BY number")?;
    let mut rows = statement.query([])?;
    let (mut before, mut expected) = (String::new(), 1);
    while let Some(row) = rows.next()? {
        let number: u64 = row.get(0)?;
        let words: [String; 5] = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
        let [who, what, subject, why, body] = words.each_ref().map(String::as_str);
        let stated: String = row.get(7)?;
        if number != expected || stated != chained(&before, number, row.get(1)?, New { who, what, subject, why, body }) {
            return Ok(Some(number));
        }
        tell(number);
        (before, expected) = (stated, number + 1);
    }
    Ok(None)
}
