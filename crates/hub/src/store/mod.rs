//! The hub's records on disk: one SQLite file, and beside it the bundles by their digests.
//!
//! One connection writes, under a lock; any number read beside it (write-ahead log). A change is one transaction that also
//! appends to the ledger, so after a kill either both are there or neither is. A bundle is written and synced before the
//! transaction that names it; one that nobody names is only a file.

pub mod accounts;
pub mod bundles;
pub mod catalog;
pub mod challenges;
mod conditions;
pub mod evidence;
pub mod figures;
pub mod imports;
pub mod ledger;
pub mod monitor;
pub mod needs;
pub mod offers;
pub mod organizations;
pub mod proofs;
pub mod secrets;
pub mod shelf;
pub mod submissions;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use leitai_proving::canonical::Digest;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use shelf::Shelf;

/// The steps from an empty store to this version's. Each is run once, in order; how many were run is the file's `user_version`.
const MIGRATIONS: [&str; 7] = [
    include_str!("migrations/catalog-and-evidence.sql"),
    include_str!("migrations/people.sql"),
    include_str!("migrations/lists.sql"),
    include_str!("migrations/proofs.sql"),
    include_str!("migrations/challenges.sql"),
    include_str!("migrations/monitor.sql"),
    include_str!("migrations/market.sql"),
];
/// Readers that are kept open between requests.
const MOST_IDLE: usize = 16;
/// Pages of the database that a reader keeps at most [KiB].
const READER_KIB: i64 = 16 << 10;

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database would not.
    #[error("the hub's store: {0}")]
    Database(#[from] rusqlite::Error),
    /// A file could not be read or written.
    #[error("{}: {source}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Made by a later version.
    #[error("{}: a store of version {found}, and this program knows version {}; use the program that made it", file.display(), MIGRATIONS.len())]
    Newer {
        /// The store.
        file: PathBuf,
        /// Its version.
        found: usize,
    },
    /// A record that is not what was written.
    #[error("the hub's store holds a damaged record: {0}; restore it from a backup")]
    Damaged(#[from] serde_json::Error),
}

/// A result of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The store, open.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    writer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    shelf: Mutex<Arc<Shelf>>,
}

impl Store {
    /// Opens the store in `folder`, and makes it if there is none.
    ///
    /// # Errors
    /// If the folder cannot be written, or the store was made by a later version.
    pub fn open(folder: &Path) -> Result<Self> {
        bundles::make_folders(folder)?;
        let file = folder.join("hub.sqlite");
        let mut writer = Connection::open(&file)?;
        writer.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;",
        )?;
        migrate(&mut writer, &file)?;
        Ok(Self { folder: folder.to_path_buf(), writer: Mutex::new(writer), idle: Mutex::default(), shelf: Mutex::default() })
    }

    /// Where the store is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Changes records: all that `change` does, or nothing.
    ///
    /// # Errors
    /// Those of `change`, or of the database.
    pub fn write<T, E: From<StoreError>>(&self, change: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let mut writer = locked(&self.writer);
        let transaction = writer.transaction().map_err(StoreError::from)?;
        let value = change(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// Reads records, all as of one moment.
    ///
    /// # Errors
    /// Those of `look`, or of the database.
    pub fn read<T>(&self, look: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = locked(&self.idle).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => self.reader()?,
        };
        let transaction = reader.transaction()?;
        let value = look(&transaction);
        drop(transaction);
        let mut idle = locked(&self.idle);
        if idle.len() < MOST_IDLE {
            idle.push(reader);
        }
        value
    }

    /// The catalog's lists, no older than what `db` sees.
    ///
    /// # Errors
    /// If the tables cannot be read.
    pub fn shelf(&self, db: &Connection) -> Result<Arc<Shelf>> {
        let change = shelf::change(db)?;
        // Held while the tables are read, so that one reader does so and the others wait for it.
        let mut shelf = locked(&self.shelf);
        if shelf.change() < change {
            *shelf = Arc::new(Shelf::read(db)?);
        }
        Ok(shelf.clone())
    }

    /// Writes the database as of one moment into `file`, which is empty; the bundles that it names.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn copy(&self, file: &Path) -> Result<BTreeSet<Digest>> {
        self.reader()?.execute("VACUUM INTO ?1", [file.to_string_lossy()])?;
        let copy = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let mut statement = copy.prepare("SELECT digest FROM evidence ORDER BY rowid")?;
        let digests = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        // The column holds what `Digest` wrote.
        Ok(digests.iter().filter_map(|text| text.parse().ok()).collect())
    }

    fn reader(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(self.folder.join("hub.sqlite"), flags)?;
        reader.busy_timeout(Duration::from_secs(10))?;
        reader.pragma_update(None, "cache_size", -READER_KIB)?;
        reader.set_prepared_statement_cache_capacity(64);
        // A kept statement stays as it was planned, whatever is bound to it; else each use plans it anew.
        reader.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(reader)
    }
}

/// Brings a database to this version.
///
/// # Errors
/// If it was made by a later one; `file` names it then.
pub fn migrate(db: &mut Connection, file: &Path) -> Result<()> {
    let found: usize = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let Some(steps) = MIGRATIONS.get(found..) else { return Err(StoreError::Newer { file: file.to_path_buf(), found }) };
    for (i, step) in steps.iter().enumerate() {
        let change = db.transaction()?;
        change.execute_batch(step)?;
        change.pragma_update(None, "user_version", found + i + 1)?;
        change.commit()?;
    }
    Ok(())
}

/// A panic while a lock was held ended its transaction, so what the lock guards is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
