//! Reading a bundle from a stranger: bounded in every dimension, and complete or refused.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::{
    ACCEPTANCE, CLAIM, CONTROLS, DIGESTS, Digests, ENVELOPE, Evidence, HOST, LOGS, METRICS, MOST_FILE_BYTES, MOST_MEMBERS,
    Members, PACKAGES, REASONS, REPORT, SEAL, SEAL_DIGITS, TRIALS, VERDICT, content_limit, is_safe_name, metrics_csv,
};
use crate::canonical::Digest;
use crate::claim::Claim;
use crate::envelope::{Envelope, Signed, Signer};
use crate::key::{TrustStore, hex};
use crate::outcome::Outcome;
use crate::verdict::{Language, Verdict};

/// Why a file is not an intact bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The operating system refused.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// Not an archive, or one whose directory is damaged.
    #[error("not a bundle, or cut short or damaged: {0}")]
    NotABundle(String),
    /// Outside what a reader accepts from a stranger.
    #[error("refused: {0}")]
    Hostile(String),
    /// A part that every bundle has is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A part that cannot be read.
    #[error("`{member}` is not readable: {why}")]
    Unreadable {
        /// Which member.
        member: String,
        /// Why not.
        why: String,
    },
    /// Something is not what was written.
    #[error("altered: {0}")]
    Altered(String),
}

/// An intact bundle: every digest in it is right. Whether it is *true* is for [`crate::verify`] to say.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// What it holds.
    pub evidence: Evidence,
    /// Its digests.
    pub digests: Digests,
    envelope: Option<Envelope>,
    digests_sha256: String,
}

impl Bundle {
    /// Reads and checks the bundle at `path`.
    ///
    /// # Errors
    /// If it is not a bundle, is too large or malformed to be safe, or anything in it was altered.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let io = |source| BundleError::Io { file: path.to_path_buf(), source };
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(io)?;
        file.take(MOST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
        Self::from_bytes(&bytes)
    }

    /// Reads and checks a bundle in memory. Errors as in [`Bundle::read`].
    ///
    /// # Errors
    /// If it is not a bundle, is too large or malformed to be safe, or anything in it was altered.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() as u64 > MOST_FILE_BYTES {
            return Err(BundleError::Hostile(format!("larger than {MOST_FILE_BYTES} bytes")));
        }
        let members = unpack(bytes)?;
        let bundle = Self::assemble(&members)?;
        // The members are right; what remains is the archive around them.
        let covered = bytes.len().saturating_sub(SEAL_DIGITS);
        if bytes[covered..] != *Digest::of_bytes(&bytes[..covered]).to_string().as_bytes() {
            return Err(BundleError::Altered("bytes of the archive between its members, or its seal".to_string()));
        }
        Ok(bundle)
    }

    /// The bundle digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digests.bundle
    }

    /// The signature as stored, if there is one.
    #[must_use]
    pub fn envelope(&self) -> Option<&Envelope> {
        self.envelope.as_ref()
    }

    /// Who signed it; a signature that does not fit the bundle is an error.
    ///
    /// # Errors
    /// If there is a signature and it is not good for exactly this bundle.
    pub fn signer(&self, trust: &TrustStore) -> Result<Signer, BundleError> {
        let Some(envelope) = &self.envelope else { return Ok(Signer::Unsigned) };
        let mut members = self.digests.members.clone();
        members.insert(DIGESTS.to_string(), self.digests_sha256.clone());
        let signed = Signed {
            members: &members,
            bundle: self.digests.bundle,
            claim: self.digests.claim,
            verdict: self.evidence.verdict.decision.word(Language::En),
            engine: &self.digests.engine,
        };
        envelope.check(&signed, trust).map_err(BundleError::Altered)
    }

    fn assemble(members: &Members) -> Result<Self, BundleError> {
        let digests: Digests = json(members, DIGESTS)?;
        // First of all each member against its digest, so that damage is reported where it is.
        for (name, stated) in &digests.members {
            let Some(bytes) = members.get(name) else {
                return Err(BundleError::Altered(format!("member `{name}` is listed in {DIGESTS} and missing")));
            };
            if hex(&Sha256::digest(bytes)) != *stated {
                return Err(BundleError::Altered(format!("member `{name}` differs from its SHA-256 in {DIGESTS}")));
            }
        }
        for name in members.keys().filter(|&name| ![DIGESTS, ENVELOPE].contains(&name.as_str())) {
            if !digests.members.contains_key(name) {
                return Err(BundleError::Altered(format!("member `{name}` is not listed in {DIGESTS}")));
            }
            let known = [CLAIM, ACCEPTANCE, VERDICT, CONTROLS, REASONS, TRIALS, METRICS, REPORT, HOST].contains(&name.as_str());
            if !known && !name.starts_with(PACKAGES) && !name.starts_with(LOGS) {
                return Err(BundleError::Altered(format!("member `{name}` has no place in a bundle")));
            }
        }
        let claim: Claim = json(members, CLAIM)?;
        claim.check().map_err(|e| BundleError::Unreadable { member: CLAIM.to_string(), why: e.to_string() })?;
        let verdict: Verdict = json(members, VERDICT)?;
        let outcomes = trials(member(members, TRIALS)?)?;
        if member(members, METRICS)? != metrics_csv(&outcomes).as_bytes() {
            return Err(BundleError::Altered(format!("{METRICS} is not the table of {TRIALS}")));
        }
        let acceptance = members.get(ACCEPTANCE).cloned().map(String::from_utf8).transpose();
        let acceptance =
            acceptance.map_err(|e| BundleError::Unreadable { member: ACCEPTANCE.to_string(), why: e.to_string() })?;
        let host = members.contains_key(HOST).then(|| json(members, HOST)).transpose()?;
        let envelope = members.contains_key(ENVELOPE).then(|| json(members, ENVELOPE)).transpose()?;
        let folder = |prefix: &str| -> Members {
            members.iter().filter_map(|(n, b)| n.strip_prefix(prefix).map(|n| (n.to_string(), b.clone()))).collect()
        };
        let evidence = Evidence {
            packages: folder(PACKAGES),
            claim,
            acceptance,
            outcomes,
            verdict,
            controls: json(members, CONTROLS)?,
            reasons: json(members, REASONS)?,
            logs: folder(LOGS),
            report_html: members.get(REPORT).cloned(),
            host,
        };
        let actual = super::digests(&evidence.claim, members);
        if let Some(what) = differing(&digests, &actual) {
            return Err(BundleError::Altered(format!("{DIGESTS}: {what} is not that of the content")));
        }
        Ok(Self { evidence, digests, envelope, digests_sha256: hex(&Sha256::digest(member(members, DIGESTS)?)) })
    }
}

impl Digests {
    /// The members' digests with one more.
    pub(super) fn members_with(mut self, name: &str, bytes: &[u8]) -> BTreeMap<String, String> {
        self.members.insert(name.to_string(), hex(&Sha256::digest(bytes)));
        self.members
    }
}

fn differing(stated: &Digests, actual: &Digests) -> Option<&'static str> {
    let checks = [
        (stated.format == actual.format, "the format"),
        (stated.claim == actual.claim, "the claim digest"),
        (stated.seed_root == actual.seed_root, "the seed root"),
        (stated.robot == actual.robot, "the robot"),
        (stated.scenario == actual.scenario, "the scenario"),
        (stated.solution == actual.solution, "the solution"),
        (stated.engine == actual.engine, "the engine"),
        (stated.bundle == actual.bundle, "the bundle digest"),
        (stated.members == actual.members, "the list of members"),
    ];
    checks.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
}

/// Takes the archive apart without trusting any number in it.
fn unpack(bytes: &[u8]) -> Result<Members, BundleError> {
    let broken = |e: zip::result::ZipError| BundleError::NotABundle(e.to_string());
    check_end(bytes)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.has_duplicate_names() {
        return Err(BundleError::Hostile("two members have the same name".to_string()));
    }
    if archive.has_overlapping_files().map_err(broken)? {
        return Err(BundleError::Hostile("two members share bytes".to_string()));
    }
    let mut room = content_limit(bytes.len() as u64);
    let mut members = Members::new();
    for i in 0..archive.len() {
        let file = archive.by_index(i).map_err(broken)?;
        let name = file.name().map_err(broken)?.to_string();
        if !is_safe_name(&name) {
            return Err(BundleError::Hostile(format!("`{}` is not a safe path", name.escape_debug())));
        }
        if !file.is_file() || file.encrypted() {
            return Err(BundleError::Hostile(format!("`{name}` is not a plain file")));
        }
        let mut content = Vec::new();
        // One byte more than allowed shows that there would be more, without reading it.
        file.take(room + 1).read_to_end(&mut content).map_err(|e| BundleError::Altered(format!("member `{name}`: {e}")))?;
        room = room
            .checked_sub(content.len() as u64)
            .ok_or_else(|| BundleError::Hostile(format!("`{name}` unpacks to more than a file of this size may hold")))?;
        if members.insert(name.clone(), content).is_some() {
            return Err(BundleError::Hostile(format!("two members are called `{name}`")));
        }
    }
    Ok(members)
}

/// That the archive ends the way a bundle does, before a general reader believes its counts.
///
/// The end record of a zip file (APPNOTE 6.3.10, §4.3.16) is 22 bytes and the comment, which here has one length. A bundle
/// stays far below the sizes at which the 64-bit records begin, so these are refused.
fn check_end(bytes: &[u8]) -> Result<(), BundleError> {
    let wrong = |why: &str| Err(BundleError::NotABundle(why.to_string()));
    let comment = SEAL.len() + SEAL_DIGITS;
    let Some(end) = bytes.len().checked_sub(22 + comment) else { return wrong("it is too short") };
    let (record, comment_text) = bytes[end..].split_at(22);
    let digits = comment_text.strip_prefix(SEAL.as_bytes());
    if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
        return wrong("it does not end in a bundle's seal");
    }
    let short = |at: usize| usize::from(u16::from_le_bytes([record[at], record[at + 1]]));
    let long = |at: usize| u64::from(u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]));
    let (count, directory_bytes, directory_at) = (short(10), long(12), long(16));
    if !record.starts_with(b"PK\x05\x06") || short(20) != comment || directory_at + directory_bytes != end as u64 {
        return wrong("its end record is not that of a bundle");
    }
    let wide = end.checked_sub(20).is_some_and(|at| bytes[at..].starts_with(b"PK\x06\x07"));
    if wide || count > MOST_MEMBERS {
        return Err(BundleError::Hostile(format!("more than {MOST_MEMBERS} members")));
    }
    Ok(())
}

fn member<'a>(members: &'a Members, name: &'static str) -> Result<&'a [u8], BundleError> {
    members.get(name).map(Vec::as_slice).ok_or(BundleError::Missing(name))
}

fn json<T: DeserializeOwned>(members: &Members, name: &'static str) -> Result<T, BundleError> {
    let unreadable = |e: serde_json::Error| BundleError::Unreadable { member: name.to_string(), why: e.to_string() };
    serde_json::from_slice(member(members, name)?).map_err(unreadable)
}

/// The outcomes, each with its own digest right, and complete from 0 on.
fn trials(bytes: &[u8]) -> Result<Vec<Outcome>, BundleError> {
    let mut outcomes = Vec::new();
    for (i, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        let unreadable =
            |e: serde_json::Error| BundleError::Unreadable { member: format!("{TRIALS}, line {}", i + 1), why: e.to_string() };
        let outcome: Outcome = serde_json::from_slice(line).map_err(unreadable)?;
        let altered = |what: String| Err(BundleError::Altered(format!("{TRIALS}, line {}: {what}", i + 1)));
        if outcome.index != i as u64 {
            return altered(format!("trial {} stands where trial {i} belongs", outcome.index));
        }
        if outcome.digest != outcome.computed_digest() {
            return altered(format!("the outcome of trial {i} does not match its digest"));
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
