//! Reported figures: imports and their rows. Nothing is ever taken out; a later figure supersedes an earlier one.

use leitai_proving::canonical::Canonical;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::catalog::word;
use super::ledger::{self, New};
use super::{Result, now_ms};
use crate::indicators::{self, Stated};
use crate::records::{District, Import, ImportDetail, ImportSource, Page, Reported};
use crate::sheet;

/// The digest of a file and its source, by which a second import of the same is known.
#[must_use]
pub fn digest(source: &ImportSource, file: &[u8]) -> String {
    let mut form = Canonical::new("leitai hub import v1");
    form.text(&source.publisher).text(&source.title).text(&source.date).text(source.url.as_deref().unwrap_or_default());
    form.bytes(sheet::without_mark(file));
    form.finish().to_string()
}

/// Takes over a file's figures; whether it is new.
pub fn put(db: &Connection, digest: &str, source: &ImportSource, rows: &[sheet::Row], who: &str) -> Result<bool> {
    if db.query_row("SELECT 1 FROM import WHERE digest = ?1", [digest], |_| Ok(())).optional()?.is_some() {
        return Ok(false);
    }
    db.execute(
        "INSERT INTO import VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![digest, now_ms(), who, source.publisher, source.title, source.date, source.url, rows.len()],
    )?;
    let mut insert = db.prepare(
        "INSERT INTO reported (import, line, indicator, period, ends, district, value, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut supersede = db.prepare(
        "UPDATE reported SET superseded_by = ?1 \
         WHERE indicator = ?2 AND district = ?3 AND period = ?4 AND number < ?1 AND superseded_by IS NULL",
    )?;
    for row in rows {
        let district = row.district.map(|district| word(&district)).unwrap_or_default();
        insert.execute(params![digest, row.line, row.indicator, row.period, row.ends, district, row.value, row.note])?;
        supersede.execute(params![db.last_insert_rowid(), row.indicator, district, row.period])?;
    }
    let body = body(db, digest)?;
    let why = format!("{}: {}", source.publisher, source.title);
    ledger::append(db, New { who, what: "import.made", subject: &format!("import/{digest}"), why: &why, body: &body })?;
    Ok(true)
}

/// What the ledger says of an import: its source and every row.
pub fn body(db: &Connection, digest: &str) -> Result<String> {
    let source = db.query_row("SELECT publisher, title, date, url FROM import WHERE digest = ?1", [digest], |row| {
        Ok(ImportSource { publisher: row.get(0)?, title: row.get(1)?, date: row.get(2)?, url: row.get(3)? })
    })?;
    let mut statement = db
        .prepare("SELECT number, line, indicator, period, district, value, note FROM reported WHERE import = ?1 ORDER BY line")?;
    let row = |row: &Row| {
        Ok(serde_json::json!({
            "number": row.get::<_, u64>(0)?, "line": row.get::<_, u64>(1)?, "indicator": row.get::<_, String>(2)?,
            "period": row.get::<_, String>(3)?, "district": row.get::<_, String>(4)?, "value": row.get::<_, f64>(5)?,
            "note": row.get::<_, String>(6)?,
        }))
    };
    let rows = statement.query_map([digest], row)?.collect::<Result<Vec<_>, _>>()?;
    Ok(serde_json::json!({ "source": source, "figures": rows }).to_string())
}

const IMPORT: &str = "i.digest, i.publisher, i.title, i.date, i.url, i.who, i.at_ms, i.rows, \
                      (SELECT count(*) FROM reported r WHERE r.import = i.digest AND r.superseded_by IS NOT NULL) FROM import i";

fn import(row: &Row) -> rusqlite::Result<Import> {
    Ok(Import {
        digest: row.get(0)?,
        source: ImportSource { publisher: row.get(1)?, title: row.get(2)?, date: row.get(3)?, url: row.get(4)? },
        who: row.get(5)?,
        at_ms: row.get(6)?,
        rows: row.get(7)?,
        superseded: row.get(8)?,
    })
}

/// Imports, newest first.
pub fn page(db: &Connection, page: u64, per_page: u64) -> Result<Page<Import>> {
    let total = super::catalog::count(db, "import")?;
    let mut statement = db.prepare_cached(&format!("SELECT {IMPORT} ORDER BY i.at_ms DESC, i.digest LIMIT ?1 OFFSET ?2"))?;
    let items = statement.query_map(params![per_page, (page - 1) * per_page], import)?.collect::<Result<_, _>>()?;
    Ok(Page { items, total, page, per_page })
}

/// An import with its figures.
pub fn find(db: &Connection, digest: &str) -> Result<Option<ImportDetail>> {
    let mut statement = db.prepare_cached(&format!("SELECT {IMPORT} WHERE i.digest = ?1"))?;
    let Some(import) = statement.query_row([digest], import).optional()? else { return Ok(None) };
    Ok(Some(ImportDetail { import, figures: rows(db, "r.import = ?1 ORDER BY r.line", [digest])? }))
}

const REPORTED: &str = "SELECT r.number, r.import, r.line, r.indicator, r.period, r.district, r.value, r.note, r.superseded_by, \
                        i.publisher, i.title, i.date, i.who, i.at_ms FROM reported r JOIN import i ON i.digest = r.import";

fn rows(db: &Connection, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Reported>> {
    let mut statement = db.prepare_cached(&format!("{REPORTED} WHERE {condition}"))?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let district: String = row.get(5)?;
        found.push(Reported {
            number: row.get(0)?,
            import: row.get(1)?,
            line: row.get(2)?,
            indicator: row.get(3)?,
            period: row.get(4)?,
            district: place(&district)?,
            value: row.get(6)?,
            note: row.get(7)?,
            superseded_by: row.get(8)?,
            publisher: row.get(9)?,
            title: row.get(10)?,
            date: row.get(11)?,
            who: row.get(12)?,
            at_ms: row.get(13)?,
        });
    }
    Ok(found)
}

/// A district from its word; nothing from an empty one.
pub fn place(word: &str) -> Result<Option<District>> {
    if word.is_empty() { Ok(None) } else { Ok(Some(serde_json::from_value(word.into())?)) }
}

/// Only a year's value of what is summed over its period compares with others.
fn comparable(stated: &Stated) -> &'static str {
    if stated.yearly { "AND length(r.period) = 4" } else { "" }
}

/// The latest figure of an indicator for a district, or for the whole city, that stands.
pub fn latest(db: &Connection, stated: &Stated, district: Option<District>) -> Result<Option<Reported>> {
    let district = district.map(|district| word(&district)).unwrap_or_default();
    let condition = format!(
        "r.indicator = ?1 AND r.district = ?2 AND r.superseded_by IS NULL {} ORDER BY r.ends DESC, r.period LIMIT 1",
        comparable(stated)
    );
    Ok(rows(db, &condition, [stated.id, district.as_str()])?.pop())
}

/// Districts for which an indicator has a figure.
pub fn districts(db: &Connection, indicator: &str) -> Result<Vec<District>> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT district FROM reported WHERE indicator = ?1 AND district <> '' AND superseded_by IS NULL",
    )?;
    let words = statement.query_map([indicator], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(words.iter().map(|word| place(word)).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// What stands for the whole city, oldest period first, the latest 200.
pub fn over_time(db: &Connection, stated: &Stated) -> Result<Vec<Reported>> {
    let condition = format!(
        "r.indicator = ?1 AND r.district = '' AND r.superseded_by IS NULL {} ORDER BY r.ends DESC, r.period LIMIT 200",
        comparable(stated)
    );
    let mut found = rows(db, &condition, [stated.id])?;
    found.reverse();
    Ok(found)
}

/// Everything that was ever reported of an indicator, newest first; for one district, if given.
pub fn history(db: &Connection, indicator: &str, district: Option<District>, page: u64, per_page: u64) -> Result<Page<Reported>> {
    let place = district.map(|district| word(&district));
    let condition = "r.indicator = ?1 AND (?2 IS NULL OR r.district = ?2)";
    let count = format!("SELECT count(*) FROM reported r WHERE {condition}");
    let total = db.prepare_cached(&count)?.query_row(params![indicator, place], |row| row.get(0))?;
    let part = format!("{condition} ORDER BY r.number DESC LIMIT ?3 OFFSET ?4");
    let items = rows(db, &part, params![indicator, place, per_page, (page - 1) * per_page])?;
    Ok(Page { items, total, page, per_page })
}

/// Whether imports are what the ledger says, and each row is superseded by what came after it; otherwise the digests of those that are not.
pub fn altered(db: &Connection) -> Result<Vec<String>> {
    let mut statement = db.prepare("SELECT digest FROM import ORDER BY digest")?;
    let digests = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut found = Vec::new();
    for digest in digests {
        let noted: Option<String> = db
            .query_row(
                "SELECT body FROM ledger WHERE subject = ?1 AND what = 'import.made' ORDER BY number LIMIT 1",
                [format!("import/{digest}")],
                |row| row.get(0),
            )
            .optional()?;
        let next = "(SELECT min(n.number) FROM reported n WHERE n.indicator = r.indicator AND n.district = r.district \
                    AND n.period = r.period AND n.number > r.number)";
        let wrong = format!("SELECT count(*) FROM reported r WHERE r.import = ?1 AND r.superseded_by IS NOT {next}");
        let wrong: u64 = db.query_row(&wrong, [&digest], |row| row.get(0))?;
        let rows: u64 = db.query_row(
            "SELECT count(*) <> i.rows FROM import i JOIN reported r ON r.import = i.digest WHERE i.digest = ?1",
            [&digest],
            |row| row.get(0),
        )?;
        if noted.as_deref() != Some(body(db, &digest)?.as_str()) || wrong > 0 || rows > 0 {
            found.push(digest);
        }
    }
    Ok(found)
}

/// The latest figure of every reported indicator for a district.
pub fn of_district(db: &Connection, district: District) -> Result<Vec<Reported>> {
    let mut found = Vec::new();
    for stated in &indicators::ALL {
        found.extend(latest(db, stated, Some(district))?);
    }
    Ok(found)
}
