//! The secrets by which people are known: sessions of browsers, tokens of programs, invitations. Only hashes are stored.

use leitai_proving::canonical::Digest;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Result, now_ms};
use crate::records::{Ability, MemberRole, Token};

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

/// A secret that is to be remembered.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// What it is for.
    pub kind: Kind,
    /// Whose it is.
    pub account: &'a str,
    /// What its owner calls it.
    pub label: &'a str,
    /// What it may do; nothing for all that its account may.
    pub abilities: Option<&'a [Ability]>,
    /// How long it lasts; nothing until it is forgotten.
    pub lasts_ms: Option<u64>,
}

fn hash(secret: &str) -> String {
    Digest::of_bytes(secret.as_bytes()).to_string()
}

/// Remembers a secret, and forgets those that have ended.
pub fn put(db: &Connection, secret: &str, new: New) -> Result<Token> {
    let now = now_ms();
    db.execute("DELETE FROM secret WHERE ends_ms < ?1", [now])?;
    let abilities = new.abilities.map(serde_json::to_string).transpose()?;
    let (hash, ends_ms) = (hash(secret), new.lasts_ms.map(|ms| now + ms));
    db.execute(
        "INSERT INTO secret VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![hash, new.kind.word(), new.account, new.label, abilities, now, ends_ms],
    )?;
    let abilities = new.abilities.unwrap_or_default().to_vec();
    Ok(Token { id: id(&hash), label: new.label.to_string(), abilities, made_ms: now, ends_ms })
}

/// What a token is called in lists: enough of its hash to tell it from its owner's others.
fn id(hash: &str) -> String {
    hash[..16].to_string()
}

/// Whose secret this is, and what it may do. Looking a hash up tells a guesser nothing about how near the guess is.
pub fn find(db: &Connection, secret: &str, kind: Kind) -> Result<Option<(String, Option<Vec<Ability>>)>> {
    let mut statement = db.prepare_cached(
        "SELECT account, abilities FROM secret WHERE hash = ?1 AND kind = ?2 AND (ends_ms IS NULL OR ends_ms >= ?3)",
    )?;
    let found = statement
        .query_row(params![hash(secret), kind.word(), now_ms()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .optional()?;
    let Some((account, abilities)) = found else { return Ok(None) };
    Ok(Some((account, abilities.map(|text| serde_json::from_str(&text)).transpose()?)))
}

/// Forgets one secret.
pub fn forget(db: &Connection, secret: &str) -> Result<()> {
    db.execute("DELETE FROM secret WHERE hash = ?1", [hash(secret)])?;
    Ok(())
}

/// Forgets all secrets of `account` of one kind, but for `but`.
pub fn forget_all(db: &Connection, account: &str, kind: Kind, but: Option<&str>) -> Result<()> {
    let kept = but.map(hash).unwrap_or_default();
    db.execute("DELETE FROM secret WHERE account = ?1 AND kind = ?2 AND hash <> ?3", params![account, kind.word(), kept])?;
    Ok(())
}

/// Forgets the secrets of `account` of one kind that have no label.
pub fn forget_unlabeled(db: &Connection, account: &str, kind: Kind) -> Result<()> {
    db.execute("DELETE FROM secret WHERE account = ?1 AND kind = ?2 AND label = ''", [account, kind.word()])?;
    Ok(())
}

/// The tokens of an account, newest first.
pub fn tokens(db: &Connection, account: &str) -> Result<Vec<Token>> {
    let mut statement = db.prepare_cached(
        "SELECT hash, label, abilities, made_ms, ends_ms FROM secret WHERE account = ?1 AND kind = 'token' \
         AND (ends_ms IS NULL OR ends_ms >= ?2) ORDER BY made_ms DESC, hash",
    )?;
    let rows = statement.query_map(params![account, now_ms()], token)?;
    rows.map(|row| {
        let (token, abilities) = row?;
        let abilities = abilities.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default();
        Ok(Token { abilities, ..token })
    })
    .collect()
}

fn token(row: &Row) -> rusqlite::Result<(Token, Option<String>)> {
    let hash: String = row.get(0)?;
    let token = Token { id: id(&hash), label: row.get(1)?, abilities: Vec::new(), made_ms: row.get(3)?, ends_ms: row.get(4)? };
    Ok((token, row.get(2)?))
}

/// Takes a token of `account` back; whether there was one.
pub fn take_back(db: &Connection, account: &str, token: &str) -> Result<bool> {
    let taken =
        db.execute("DELETE FROM secret WHERE account = ?1 AND kind = 'token' AND substr(hash, 1, 16) = ?2", [account, token])?;
    Ok(taken > 0)
}

/// What an invitation lets its guest become.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The organization to act for.
    pub organization: Option<String>,
    /// What they will be in it.
    pub role: MemberRole,
    /// Whether they will run the hub.
    pub operator: bool,
    /// Who invited them.
    pub made_by: String,
}

/// Remembers an invitation until `ends_ms`.
pub fn invite(db: &Connection, secret: &str, invited: &Invited, ends_ms: u64) -> Result<()> {
    db.execute("DELETE FROM invitation WHERE ends_ms < ?1", [now_ms()])?;
    let Invited { organization, role, operator, made_by } = invited;
    let role = serde_json::to_string(role)?;
    db.execute(
        "INSERT INTO invitation VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![hash(secret), organization, role, operator, made_by, ends_ms],
    )?;
    Ok(())
}

/// Takes an invitation up: it works once.
pub fn take_up(db: &Connection, secret: &str) -> Result<Option<Invited>> {
    let found = db
        .query_row(
            "DELETE FROM invitation WHERE hash = ?1 AND ends_ms >= ?2 RETURNING organization, role, operator, made_by",
            params![hash(secret), now_ms()],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    let Some((organization, role, operator, made_by)) = found else { return Ok(None) };
    Ok(Some(Invited { organization, role: serde_json::from_str(&role)?, operator, made_by }))
}
