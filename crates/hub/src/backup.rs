//! A whole store in one file, and a store made from it again.
//!
//! The file is a zip archive whose members are stored as they are: nothing in it can grow when it is taken out. It holds the database
//! as of one moment, every bundle, the hub's key and the operator's token, and last `digests.json`, which
//! names every member with its size and digest. What is not so named, or is not what is named there, is refused.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use leitai_proving::canonical::Digest;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::store::{Store, StoreError, bundles};

const DATABASE: &str = "hub.sqlite";
/// The hub's secrets: the key that signs what it proves, and the operator's token.
const SECRETS: [&str; 2] = ["key", "token"];
const DIGESTS: &str = "digests.json";
/// The longest list of digests that is read: two million bundles [bytes].
const MOST_LISTED: u64 = 512 << 20;

/// Why there is no backup, or no store made from one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store would not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something is there already.
    #[error("{}: this is there already; name another place", .0.display())]
    Occupied(PathBuf),
    /// A file could not be read or written.
    #[error("{}: {source}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Cut short, altered, or never a backup.
    #[error("{}: not an intact backup: {why}; take another one", file.display())]
    NotIntact {
        /// The archive.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BackedUp {
    /// Bundles.
    pub bundles: u64,
    /// Size of all members [bytes].
    pub bytes: u64,
}

/// A member as `digests.json` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Member {
    bytes: u64,
    blake3: Digest,
}

fn at(file: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let file = file.to_path_buf();
    move |source| BackupError::File { file, source }
}

/// Copies and counts; the digest of what was copied.
fn copy(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<Member> {
    let (mut hasher, mut bytes, mut part) = (blake3::Hasher::new(), 0, vec![0; 1 << 20]);
    loop {
        let n = from.read(&mut part)?;
        if n == 0 {
            return Ok(Member { bytes, blake3: Digest(*hasher.finalize().as_bytes()) });
        }
        hasher.update(&part[..n]);
        to.write_all(&part[..n])?;
        bytes += n as u64;
    }
}

/// Backs the store in `folder` up into `archive`, which only its owner reads; a hub may serve it meanwhile. The archive is written whole or not
/// at all. `tell` hears how many bundles are in it, and of how many.
///
/// # Errors
/// If there is no store, `archive` is there already, or the disk is full.
pub fn backup(folder: &Path, archive: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, BackupError> {
    if archive.exists() {
        return Err(BackupError::Occupied(archive.to_path_buf()));
    }
    let store = Store::open(folder)?;
    let beside = archive.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Beside the bundles, where the hub clears away what a kill left.
    let copied = bundles::spool(folder)?;
    // A bundle is on the disk before a record names it, so what is there after the copy is all that the copy names.
    let mut bundles_here = store.copy(copied.path())?;
    bundles_here.extend(bundles::all(folder)?);
    let part = tempfile::Builder::new().prefix(".backup-").suffix(".part").tempfile_in(beside).map_err(at(beside))?;
    let mut zip = ZipWriter::new(BufWriter::new(part));
    let (mut members, mut done) = (BTreeMap::new(), BackedUp::default());
    let mut add = |name: String, file: &Path| -> Result<(), BackupError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        let mut from = File::open(file).map_err(at(file))?;
        zip.start_file(&*name, options).map_err(io::Error::from).map_err(at(archive))?;
        let member = copy(&mut from, &mut zip).map_err(at(archive))?;
        done.bytes += member.bytes;
        members.insert(name, member);
        Ok(())
    };
    add(DATABASE.to_string(), copied.path())?;
    for name in SECRETS {
        if folder.join(name).exists() {
            add(name.to_string(), &folder.join(name))?;
        }
    }
    for (i, digest) in bundles_here.iter().enumerate() {
        add(format!("bundles/{digest}.leitai"), &bundles::path(folder, digest))?;
        tell(i as u64 + 1, bundles_here.len() as u64);
    }
    done.bundles = bundles_here.len() as u64;
    let list = serde_json::to_vec(&members).map_err(StoreError::from)?;
    let written = (|| {
        zip.start_file(DIGESTS, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
        zip.write_all(&list)?;
        let part = zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        part.as_file().sync_all()?;
        part.persist_noclobber(archive).map_err(|error| error.error)?;
        File::open(beside)?.sync_all()
    })();
    written.map_err(at(archive))?;
    Ok(done)
}

/// Makes a store in `folder` from an archive that [`backup`] wrote. Nothing is there unless all of it is.
///
/// # Errors
/// If there is something in `folder` already, or the archive is not intact.
pub fn restore(archive: &Path, folder: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, BackupError> {
    let empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !empty {
        return Err(BackupError::Occupied(folder.to_path_buf()));
    }
    let bad = |why: &str| BackupError::NotIntact { file: archive.to_path_buf(), why: why.to_string() };
    let broken = |error: zip::result::ZipError| bad(&error.to_string());
    let mut zip = ZipArchive::new(File::open(archive).map_err(at(archive))?).map_err(broken)?;
    let mut list = Vec::new();
    let listed = zip.by_name(DIGESTS).map_err(|_| bad("it has no digests.json"))?;
    if listed.compression() != CompressionMethod::Stored {
        return Err(bad("`digests.json` is compressed"));
    }
    listed.take(MOST_LISTED).read_to_end(&mut list).map_err(|error| bad(&error.to_string()))?;
    let members: BTreeMap<String, Member> = serde_json::from_slice(&list).map_err(|error| bad(&error.to_string()))?;
    if !members.contains_key(DATABASE) || zip.len() != members.len() + 1 {
        return Err(bad("its members are not those of its list"));
    }
    let beside = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(beside).map_err(at(beside))?;
    let new = tempfile::Builder::new().prefix(".restore-").tempdir_in(beside).map_err(at(beside))?;
    fs::create_dir(new.path().join("bundles")).map_err(at(new.path()))?;
    let (mut done, of) = (BackedUp::default(), members.len() as u64);
    for (number, (name, stated)) in (1..).zip(&members) {
        let to = place(new.path(), name).ok_or_else(|| bad(&format!("`{name}` is no part of a store")))?;
        let mut member = zip.by_name(name).map_err(broken)?;
        if member.compression() != CompressionMethod::Stored {
            return Err(bad(&format!("`{name}` is compressed")));
        }
        // Private, as temporary files are.
        let mut file = NamedTempFile::new_in(new.path()).map_err(at(&to))?;
        let found =
            copy(&mut (&mut member).take(stated.bytes + 1), &mut file).map_err(|error| bad(&format!("`{name}`: {error}")))?;
        if found != *stated {
            return Err(bad(&format!("`{name}` is not what its digest says")));
        }
        file.as_file().sync_all().map_err(at(&to))?;
        file.persist(&to).map_err(|error| at(&to)(error.error))?;
        done.bytes += found.bytes;
        done.bundles += u64::from(name.starts_with("bundles/"));
        tell(number, of);
    }
    // An empty folder gives way to a full one.
    if folder.exists() {
        fs::remove_dir(folder).map_err(at(folder))?;
    }
    fs::rename(new.path(), folder).map_err(at(folder))?;
    File::open(beside).and_then(|beside| beside.sync_all()).map_err(at(beside))?;
    Ok(done)
}

/// Where a member belongs: only names that a store has, so that no name leads out of it.
fn place(folder: &Path, name: &str) -> Option<PathBuf> {
    if name == DATABASE || SECRETS.contains(&name) {
        return Some(folder.join(name));
    }
    let digest = name.strip_prefix("bundles/")?.strip_suffix(".leitai")?.parse().ok()?;
    Some(bundles::path(folder, &digest))
}
