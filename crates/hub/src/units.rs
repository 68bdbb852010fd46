//! A claim's trials in parts that other machines run, through a folder that all of them share.
//!
//! A part is a range of trials of one claim on one set of packages, and its result is a file under that name: written elsewhere
//! first and linked into place. One that is there already is compared, so a part that runs twice changes nothing; where the two
//! differ, the physics is not a function of its seed on one of the machines, and an alarm is left instead.
//!
//! ```text
//! KEY/unit.json               claim, digest of the packages, trials of each part
//! KEY/packages/…              the packages
//! KEY/results/7.journal       trials of part 7, in the form of a journal
//! KEY/alarms/7.journal        what another run of part 7 came to
//! KEY/logs/7.txt              what its task said
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use leitai_proving::canonical::{Canonical, Digest};
use leitai_proving::claim::Claim;
use leitai_proving::engine::{self, Case, CaseError};
use leitai_proving::journal::{Journal, JournalError};
use leitai_proving::outcome::Outcome;
use leitai_proving::packages::{Files, Packages};
use leitai_proving::schedule::{TrialError, TrialRunner};
use leitai_proving::trial::Arm;
use serde::{Deserialize, Serialize};

/// The most parts of one claim: Slurm counts the tasks of a job array to 1000 by default.
const MOST_PARTS: u64 = 1000;

/// Why a part comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// A file could not be read or written.
    #[error("{}: {source}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder does not hold what was put there.
    #[error("{}: {what}; the hub makes this folder, and nobody else writes in it", folder.display())]
    Altered {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Made for another version of this program.
    #[error("the claim is for {wanted}, and this program is {here}; install the hub's version on every machine")]
    OtherEngine {
        /// What the claim wants.
        wanted: String,
        /// This one.
        here: String,
    },
    /// The claim has no such part.
    #[error("there is no part {index}; the parts are 0 to {last}")]
    NoSuchPart {
        /// The one asked for.
        index: u64,
        /// The last one.
        last: u64,
    },
    /// The packages do not make a case.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// A trial could not be run.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// The result could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The same trials came to something else.
    #[error("part {index} came to other bits than before: {} and {}; one of the machines cannot be relied on", before.display(), now.display())]
    Mismatch {
        /// The part.
        index: u64,
        /// The result that stands.
        before: PathBuf,
        /// The one that was not taken.
        now: PathBuf,
    },
}

/// What stands in `unit.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Unit {
    claim: Claim,
    packages: Digest,
    /// Trials of each part.
    each: u64,
}

/// The parts of one claim.
#[derive(Clone, Debug)]
pub struct Units {
    folder: PathBuf,
    key: String,
    unit: Unit,
}

fn wrong(file: &Path) -> impl FnOnce(io::Error) -> UnitError {
    let file = file.to_path_buf();
    move |source| UnitError::File { file, source }
}

fn packages_digest(files: &Files) -> Digest {
    let mut form = Canonical::new("leitai unit packages v1");
    form.entries(files.len());
    for (path, bytes) in files {
        form.text(path).bytes(bytes);
    }
    form.finish()
}

impl Units {
    /// Lays the parts of `case` out below `root`, `each` trials to a part or more; where they are already, nothing is changed.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn lay_out(root: &Path, case: &Case, each: u64) -> Result<Self, UnitError> {
        let each = each.max(case.claim.trials.most().div_ceil(MOST_PARTS)).max(1);
        let files = &case.packages.files;
        let unit = Unit { claim: case.claim.clone(), packages: packages_digest(files), each };
        let mut form = Canonical::new("leitai units v1");
        form.digest(&unit.claim.digest()).digest(&unit.packages).count(each);
        let mut key = form.finish().to_string();
        key.truncate(32);
        let units = Self { folder: root.join(&key), key, unit };
        if units.folder.is_dir() {
            return Ok(units);
        }
        fs::create_dir_all(root).map_err(wrong(root))?;
        let part = tempfile::Builder::new().suffix(".part").tempdir_in(root).map_err(wrong(root))?;
        for folder in ["results", "alarms", "logs"] {
            fs::create_dir(part.path().join(folder)).map_err(wrong(part.path()))?;
        }
        for (path, bytes) in files {
            let file = part.path().join("packages").join(path);
            fs::create_dir_all(file.parent().unwrap_or(root)).and_then(|()| fs::write(&file, bytes)).map_err(wrong(&file))?;
        }
        let text = serde_json::to_string_pretty(&units.unit).expect("string keys and finite numbers only");
        fs::write(part.path().join("unit.json"), text).map_err(wrong(part.path()))?;
        fs::rename(part.keep(), &units.folder).map_err(wrong(&units.folder))?;
        Ok(units)
    }

    /// Reads the parts in a folder.
    fn open(folder: &Path) -> Result<Self, UnitError> {
        let altered = |what: String| UnitError::Altered { folder: folder.to_path_buf(), what };
        let file = folder.join("unit.json");
        let text = fs::read_to_string(&file).map_err(wrong(&file))?;
        let unit = serde_json::from_str(&text).map_err(|error| altered(format!("unit.json: {error}")))?;
        let key = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { folder: folder.to_path_buf(), key, unit })
    }

    /// Where they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A name that no other claim's parts have.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.unit.claim.trials.most().div_ceil(self.unit.each)
    }

    fn result(&self, index: u64) -> PathBuf {
        self.folder.join("results").join(format!("{index}.journal"))
    }

    /// What the task of a part said.
    #[must_use]
    pub fn said(&self, index: u64) -> String {
        fs::read_to_string(self.folder.join("logs").join(format!("{index}.txt"))).unwrap_or_default()
    }

    /// The trials of a part; none while it has no result.
    ///
    /// # Errors
    /// If the result is not what a part writes.
    pub fn read(&self, index: u64) -> Result<Option<Vec<Outcome>>, UnitError> {
        let file = self.result(index);
        if !file.exists() {
            return Ok(None);
        }
        let outcomes: Vec<Outcome> = Journal::read(&file, &self.unit.claim)?.into_values().collect();
        let wanted = self.trials(index);
        if outcomes.iter().map(|outcome| outcome.index).ne(wanted) {
            let what = format!("result {index} does not hold its trials");
            return Err(UnitError::Altered { folder: self.folder.clone(), what });
        }
        Ok(Some(outcomes))
    }

    /// A part that came to other bits than its result, if there is one.
    #[must_use]
    pub fn alarm(&self) -> Option<UnitError> {
        let entries = fs::read_dir(self.folder.join("alarms")).ok()?;
        let now =
            entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "journal"))?;
        let index = now.file_stem()?.to_str()?.parse().ok()?;
        Some(UnitError::Mismatch { index, before: self.result(index), now })
    }

    /// Takes everything away.
    pub fn remove(&self) {
        // What stays is a folder that nobody reads.
        let _ = fs::remove_dir_all(&self.folder);
    }

    fn trials(&self, index: u64) -> std::ops::Range<u64> {
        let first = index * self.unit.each;
        first..(first + self.unit.each).min(self.unit.claim.trials.most())
    }
}

/// Runs one part in `folder`, as a task on any machine, and leaves its result there.
///
/// # Errors
/// If the folder is not what the hub made, a trial cannot be run, or the same trials came to other bits before.
pub fn work(folder: &Path, index: u64) -> Result<(), UnitError> {
    let units = Units::open(folder)?;
    let Unit { claim, packages, .. } = &units.unit;
    if index >= units.count() {
        return Err(UnitError::NoSuchPart { index, last: units.count() - 1 });
    }
    if claim.engine != engine::version() {
        return Err(UnitError::OtherEngine { wanted: claim.engine.clone(), here: engine::version() });
    }
    let mut files = Files::new();
    collect(&folder.join("packages"), "", &mut files)?;
    if packages_digest(&files) != *packages {
        return Err(UnitError::Altered { folder: folder.to_path_buf(), what: "its packages have changed".to_string() });
    }
    let read = Packages::read(&files, &claim.robot.id, &claim.scenario.id, Some(&claim.solution.id));
    let case = Case::of(read.map_err(CaseError::from)?, claim.clone())?;
    let nothing = || UnitError::Altered { folder: folder.to_path_buf(), what: "there is nothing to run".to_string() };
    let runner = case.runner(claim.seed_root(), Arm::Solution).ok_or_else(nothing)?;
    let results = folder.join("results");
    let part = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(&results).map_err(wrong(&results))?;
    let mut journal = Journal::create(part.path(), claim)?;
    for trial in units.trials(index) {
        journal.append(&runner.run(trial)?)?;
    }
    part.as_file().sync_all().map_err(wrong(part.path()))?;
    let target = units.result(index);
    match fs::hard_link(part.path(), &target) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let same = fs::read(&target).and_then(|before| Ok(before == fs::read(part.path())?)).map_err(wrong(&target))?;
            if same {
                return Ok(());
            }
            let now = folder.join("alarms").join(format!("{index}.journal"));
            part.persist(&now).map_err(|error| wrong(&now)(error.error))?;
            Err(UnitError::Mismatch { index, before: target, now })
        }
        Err(source) => Err(UnitError::File { file: target, source }),
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) -> Result<(), UnitError> {
    for entry in fs::read_dir(folder).map_err(wrong(folder))? {
        let path = entry.map_err(wrong(folder))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let inside = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{inside}/"), files)?;
        } else {
            files.insert(inside, fs::read(&path).map_err(wrong(&path))?);
        }
    }
    Ok(())
}

/// Results that were read, waiting to be judged in order.
#[derive(Debug, Default)]
pub struct Gathered {
    waiting: BTreeMap<u64, Vec<Outcome>>,
    next: u64,
}

impl Gathered {
    /// Reads the results that are new among the parts `indices`, and gives the trials whose turn it is to be judged.
    ///
    /// # Errors
    /// If a result is not what a part writes.
    pub fn read(&mut self, units: &Units, indices: std::ops::Range<u64>) -> Result<Vec<Outcome>, UnitError> {
        for index in indices.start.max(self.next)..indices.end {
            if !self.waiting.contains_key(&index)
                && let Some(outcomes) = units.read(index)?
            {
                self.waiting.insert(index, outcomes);
            }
        }
        let mut turn = Vec::new();
        while let Some(outcomes) = self.waiting.remove(&self.next) {
            turn.extend(outcomes);
            self.next += 1;
        }
        Ok(turn)
    }

    /// The first part that is not judged.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Whether a part has its result.
    #[must_use]
    pub fn has(&self, index: u64) -> bool {
        index < self.next || self.waiting.contains_key(&index)
    }
}

#[cfg(test)]
mod tests;
