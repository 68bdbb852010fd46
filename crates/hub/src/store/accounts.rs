//! Accounts: made, found, closed, and the passwords that they sign in with.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::ledger::{self, New};
use super::secrets::{self, Kind};
use super::{Result, now_ms, organizations};
use crate::records::{Account, Page};

/// The account that whoever runs the hub begins with.
pub const OPERATOR: &str = "operator";
/// Names that the ledger gives to what is not a person.
pub const RESERVED: [&str; 3] = ["hub", "catalog", OPERATOR];

/// Argon2id with 19 MiB and two passes: the least that OWASP's password storage sheet recommends.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None).expect("within Argon2's bounds"))
}

/// The form in which a password is stored. Takes tens of milliseconds.
pub fn seal(password: &str, salt: [u8; 16]) -> String {
    let salt = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
    argon2().hash_password(password.as_bytes(), &salt).expect("any password can be hashed").to_string()
}

/// Whether `password` is what was stored. Takes as long where nothing is stored, so that time does not tell which accounts exist.
pub fn opens(stored: Option<&str>, password: &str) -> bool {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(wanted) = PasswordHash::new(stored.unwrap_or(NOBODY)) else { return false };
    argon2().verify_password(password.as_bytes(), &wanted).is_ok() && stored.is_some()
}

/// The stored form of an account's password; none for one that is closed.
pub fn password(db: &Connection, id: &str) -> Result<Option<String>> {
    let stored = "SELECT password FROM account WHERE id = ?1 AND closed_ms IS NULL";
    Ok(db.query_row(stored, [id], |row| row.get(0)).optional()?.flatten())
}

/// Gives an account a password. Its other sessions end.
pub fn set_password(db: &Connection, id: &str, sealed: &str, session: Option<&str>) -> Result<()> {
    db.execute("UPDATE account SET password = ?2 WHERE id = ?1", [id, sealed])?;
    secrets::forget_all(db, id, Kind::Session, session)?;
    let subject = format!("account/{id}");
    ledger::append(db, New { who: id, what: "account.password", subject: &subject, why: "a new password", body: "{}" })
}

/// Makes an account; false if the name is taken.
pub fn make(db: &Connection, id: &str, name: &str, operator: bool, sealed: &str, invited_by: &str) -> Result<bool> {
    let made = db.execute("INSERT OR IGNORE INTO account VALUES (?1, ?2, ?3, ?4, NULL)", params![id, name, operator, sealed])?;
    if made == 0 {
        return Ok(false);
    }
    let body = serde_json::json!({ "name": name, "operator": operator }).to_string();
    let why = format!("invited by {invited_by}");
    ledger::append(db, New { who: id, what: "account.made", subject: &format!("account/{id}"), why: &why, body: &body })?;
    Ok(true)
}

/// Closes an account: it signs in no more, and its secrets are forgotten. What it did stays in the ledger.
pub fn close(db: &Connection, id: &str, who: &str, why: &str) -> Result<bool> {
    let closed = db.execute("UPDATE account SET closed_ms = ?2 WHERE id = ?1 AND closed_ms IS NULL", params![id, now_ms()])?;
    if closed == 0 {
        return Ok(false);
    }
    secrets::forget_all(db, id, Kind::Session, None)?;
    secrets::forget_all(db, id, Kind::Token, None)?;
    ledger::append(db, New { who, what: "account.closed", subject: &format!("account/{id}"), why, body: "{}" })?;
    Ok(true)
}

const COLUMNS: &str = "id, name, operator, closed_ms IS NOT NULL, password IS NOT NULL";

fn account(row: &Row) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get(0)?,
        name: row.get(1)?,
        operator: row.get(2)?,
        closed: row.get(3)?,
        has_password: row.get(4)?,
        memberships: Vec::new(),
    })
}

/// An account.
pub fn find(db: &Connection, id: &str) -> Result<Option<Account>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE id = ?1"))?;
    let Some(mut found) = statement.query_row([id], account).optional()? else { return Ok(None) };
    found.memberships = organizations::memberships(db, id)?;
    Ok(Some(found))
}

/// Accounts, by id.
pub fn page(db: &Connection, page: u64, per_page: u64) -> Result<Page<Account>> {
    let total = db.query_row("SELECT count(*) FROM account", [], |row| row.get(0))?;
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY id LIMIT ?1 OFFSET ?2"))?;
    let rows = statement.query_map([per_page, (page - 1) * per_page], account)?;
    let mut items = rows.collect::<Result<Vec<_>, _>>()?;
    for one in &mut items {
        one.memberships = organizations::memberships(db, &one.id)?;
    }
    Ok(Page { items, total, page, per_page })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_what_it_sealed_and_nothing_else() {
        let sealed = seal("correct horse", [7; 16]);
        assert!(sealed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{sealed}");
        assert!(opens(Some(&sealed), "correct horse"));
        assert!(!opens(Some(&sealed), "correct horses"));
        assert!(!opens(None, "") && !opens(Some("nonsense"), "correct horse"));
    }
}
