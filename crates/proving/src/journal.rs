//! Finished trials on disk, one per line, so that an interrupted run continues.
//!
//! The first line names the claim. Every further line is 16 hexadecimal digits of the BLAKE3 of its text, a space, and one
//! outcome as JSON. A last line torn by a crash is dropped; damage anywhere else is an error, because a journal that lost
//! trials in its middle cannot be trusted at all.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::canonical::Digest;
use crate::claim::Claim;
use crate::outcome::Outcome;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The operating system refused.
    #[error("{file}: {source}")]
    Io {
        /// The journal.
        file: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// It belongs to another claim.
    #[error("{file}: this journal belongs to claim {found}, not to {wanted}; run without --resume to start anew")]
    OtherClaim {
        /// The journal.
        file: PathBuf,
        /// Its claim, shortened.
        found: String,
        /// The claim being run, shortened.
        wanted: String,
    },
    /// A line is not what was written.
    #[error("{file}:{line}: damaged ({what}); run without --resume to start anew")]
    Damaged {
        /// The journal.
        file: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

/// An open journal of one claim.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    known: BTreeMap<u64, Outcome>,
}

impl Journal {
    /// Starts an empty journal, replacing one that may be there.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn create(path: &Path, claim: &Claim) -> Result<Self, JournalError> {
        let io = |source| JournalError::Io { file: path.to_path_buf(), source };
        let mut file = File::create(path).map_err(io)?;
        file.write_all(header(claim).as_bytes()).map_err(io)?;
        Ok(Self { path: path.to_path_buf(), file, known: BTreeMap::new() })
    }

    /// Continues the journal at `path`, or starts one if there is none.
    ///
    /// # Errors
    /// If it belongs to another claim, is damaged other than by a torn last line, or cannot be read or written.
    pub fn resume(path: &Path, claim: &Claim) -> Result<Self, JournalError> {
        let io = |source| JournalError::Io { file: path.to_path_buf(), source };
        let mut file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::create(path, claim),
            Err(error) => return Err(io(error)),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        // Whatever follows the last line break was torn off while being written.
        let Some(end) = bytes.iter().rposition(|&b| b == b'\n').map(|i| i + 1) else {
            return Self::create(path, claim);
        };
        let known = read_lines(path, &bytes[..end], claim)?;
        file.set_len(end as u64).map_err(io)?;
        file.seek(SeekFrom::Start(end as u64)).map_err(io)?;
        Ok(Self { path: path.to_path_buf(), file, known })
    }

    /// The finished trials of the journal at `path`, which is left as it is.
    ///
    /// # Errors
    /// If it cannot be read, belongs to another claim, or is damaged other than by a torn last line.
    pub fn read(path: &Path, claim: &Claim) -> Result<BTreeMap<u64, Outcome>, JournalError> {
        let bytes = std::fs::read(path).map_err(|source| JournalError::Io { file: path.to_path_buf(), source })?;
        let end = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        read_lines(path, &bytes[..end], claim)
    }

    /// How many finished trials it holds from before.
    #[must_use]
    pub fn known(&self) -> usize {
        self.known.len()
    }

    pub(crate) fn take_known(&mut self) -> BTreeMap<u64, Outcome> {
        std::mem::take(&mut self.known)
    }

    /// Adds a finished trial.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn append(&mut self, outcome: &Outcome) -> Result<(), JournalError> {
        let text = serde_json::to_string(outcome).expect("an outcome has string keys and finite numbers only");
        let line = format!("{} {text}\n", check(&text));
        // One call, so that a crash tears at most the last line.
        self.file.write_all(line.as_bytes()).map_err(|source| JournalError::Io { file: self.path.clone(), source })
    }
}

fn header(claim: &Claim) -> String {
    format!("leitai journal v1 {}\n", claim.digest())
}

fn check(text: &str) -> String {
    Digest::of_bytes(text.as_bytes()).to_string()[..16].to_string()
}

fn read_lines(path: &Path, bytes: &[u8], claim: &Claim) -> Result<BTreeMap<u64, Outcome>, JournalError> {
    let file = || path.to_path_buf();
    let damaged = |line: usize, what: String| JournalError::Damaged { file: file(), line, what };
    let mut known = BTreeMap::new();
    let root = claim.seed_root();
    for (i, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        let number = i + 1;
        let line = std::str::from_utf8(line).map_err(|_| damaged(number, "not UTF-8".to_string()))?;
        if number == 1 {
            let Some(found) = line.strip_prefix("leitai journal v1 ").map(str::trim_end) else {
                return Err(damaged(1, "not a journal".to_string()));
            };
            if line != header(claim) {
                let (found, wanted) = (found.chars().take(12).collect(), claim.digest().short());
                return Err(JournalError::OtherClaim { file: file(), found, wanted });
            }
            continue;
        }
        let Some((sum, text)) = line.trim_end_matches('\n').split_once(' ') else {
            return Err(damaged(number, "no check sum".to_string()));
        };
        if sum != check(text) {
            return Err(damaged(number, "its check sum differs".to_string()));
        }
        let outcome: Outcome = serde_json::from_str(text).map_err(|e| damaged(number, e.to_string()))?;
        if outcome.digest != outcome.computed_digest() || outcome.seed.0 != root.trial(outcome.index).0 {
            return Err(damaged(number, format!("trial {} does not belong to this claim", outcome.index)));
        }
        known.insert(outcome.index, outcome);
    }
    Ok(known)
}
