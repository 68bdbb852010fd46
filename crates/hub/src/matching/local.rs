//! A match without a hub: the catalog at hand, and what this machine's store holds about the job.

use std::path::Path;
use std::sync::Arc;

use leitai_package::manifest::{self, AcceptanceManifest};
use leitai_proving::packages::Files;
use rusqlite::Connection;

use super::{AgreeError, Ground, Unanswerable, acceptance, answer, complete};
use crate::StoreError;
use crate::records::{Match, Scenario, Wanted};
use crate::store::catalog::{TakeError, take_over};
use crate::store::evidence::Current;
use crate::store::migrate;
use crate::store::shelf::Shelf;

/// Tables of a store that a match reads, with the column that tells which rows belong to a job; all of a table without one.
const COPIED: [(&str, Option<&str>); 4] =
    [("organization", None), ("offer", None), ("evidence", Some("scenario")), ("evidence_check", None)];

/// Why there is no match here.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The store would not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalog could not be taken over.
    #[error(transparent)]
    Catalog(#[from] TakeError),
    /// The need fits no job of the catalog.
    #[error("{}", match .0 {
        Unanswerable::NoJob(id) => format!("there is no scenario `{id}` in the catalog"),
        Unanswerable::Unfit(what) => what.en.clone(),
    })]
    Need(Unanswerable),
    /// There is no acceptance file of the choice.
    #[error(transparent)]
    Agree(#[from] AgreeError),
}

/// What this machine has on one need.
pub struct Here {
    db: Connection,
    shelf: Shelf,
    current: Current,
    wanted: Wanted,
    job: Scenario,
    /// Pieces of evidence on the job that the store holds.
    pub evidence: u64,
}

impl Here {
    /// Looks at the catalog, and at the store in `folder` if there is one; nothing is changed there.
    ///
    /// # Errors
    /// If the catalog or the store cannot be read, or the need does not fit its job.
    pub fn look(folder: &Path, catalog: Arc<Files>, wanted: &Wanted) -> Result<Self, LocalError> {
        let failed = |error: rusqlite::Error| LocalError::Store(error.into());
        let mut db = Connection::open_in_memory().map_err(failed)?;
        migrate(&mut db, Path::new("memory"))?;
        take_over(&db, &catalog, "catalog", "match")?;
        let file = folder.join("hub.sqlite");
        if file.is_file() {
            copy(&db, &file, &wanted.scenario).map_err(failed)?;
        }
        let (wanted, job) = complete(&db, wanted)?.map_err(LocalError::Need)?;
        let evidence = db.query_row("SELECT count(*) FROM evidence", [], |row| row.get(0)).map_err(failed)?;
        let shelf = Shelf::read(&db)?;
        Ok(Self { db, shelf, current: Current::new(catalog), wanted, job, evidence })
    }

    fn ground(&self) -> Ground<'_> {
        Ground { db: &self.db, shelf: &self.shelf, now: &self.current }
    }

    /// The answer.
    ///
    /// # Errors
    /// If the store fails.
    pub fn answer(&self, page: u64, per_page: u64) -> Result<Match, LocalError> {
        Ok(answer(self.ground(), &self.wanted, &self.job, page, per_page)?)
    }

    /// The acceptance file for a product.
    ///
    /// # Errors
    /// If there is no such product or offer, or the packages make no claim of it.
    pub fn acceptance(
        &self,
        robot: &str,
        offer: Option<&str>,
        of: manifest::Acceptance,
    ) -> Result<AcceptanceManifest, LocalError> {
        Ok(acceptance(self.ground(), (&self.wanted, &self.job), robot, offer, of)?)
    }
}

/// Copies what a store holds about a job. A store of an earlier version may lack a table, and then holds nothing of it.
fn copy(db: &Connection, file: &Path, scenario: &str) -> rusqlite::Result<()> {
    // In a URI these three mean something else (RFC 3986).
    let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    db.execute("ATTACH ?1 AS there", [format!("file:{path}?mode=ro")])?;
    for (table, column) in COPIED {
        let known = "SELECT group_concat(name) FROM pragma_table_info(?1, 'there')";
        let columns: Option<String> = db.query_row(known, [table], |row| row.get(0))?;
        let Some(columns) = columns else { continue };
        match column {
            Some(column) => db.execute(
                &format!(
                    "INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM there.{table} WHERE {column} = ?1"
                ),
                [scenario],
            )?,
            None if table == "evidence_check" => db.execute(
                &format!(
                    "INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM there.{table} \
                     WHERE evidence IN (SELECT digest FROM main.evidence)"
                ),
                [],
            )?,
            None => {
                db.execute(&format!("INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM there.{table}"), [])?
            }
        };
    }
    db.execute_batch("DETACH there")
}
