//! Who may change records: sessions of browsers and tokens of programs. Only hashes are stored.

use leitai_proving::canonical::Digest;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, now_ms};

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A browser, until it ends.
    Session,
    /// A program, until it is taken back.
    Token,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
        }
    }
}

/// Remembers a secret of `who`; `lasts_ms` from now on, or until it is forgotten.
pub fn put(db: &Connection, secret: &str, kind: Kind, who: &str, lasts_ms: Option<u64>) -> Result<()> {
    let now = now_ms();
    db.execute("DELETE FROM session WHERE ends_ms < ?1", [now])?;
    let hash = Digest::of_bytes(secret.as_bytes()).to_string();
    db.execute("INSERT INTO session VALUES (?1, ?2, ?3, ?4)", params![hash, kind.word(), who, lasts_ms.map(|ms| now + ms)])?;
    Ok(())
}

/// Forgets all secrets of `who` of one kind.
pub fn forget(db: &Connection, kind: Kind, who: &str) -> Result<()> {
    db.execute("DELETE FROM session WHERE kind = ?1 AND who = ?2", params![kind.word(), who])?;
    Ok(())
}

/// Whose secret this is. Looking a hash up tells a guesser nothing about how near the guess is.
pub fn who(db: &Connection, secret: &str, kind: Kind) -> Result<Option<String>> {
    let hash = Digest::of_bytes(secret.as_bytes()).to_string();
    let mut statement =
        db.prepare_cached("SELECT who FROM session WHERE hash = ?1 AND kind = ?2 AND (ends_ms IS NULL OR ends_ms >= ?3)")?;
    Ok(statement.query_row(params![hash, kind.word(), now_ms()], |row| row.get(0)).optional()?)
}
