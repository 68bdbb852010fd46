//! Bundles as files, each under its own digest, written whole or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use leitai_proving::canonical::Digest;

use tempfile::NamedTempFile;

use super::{Result, StoreError};

fn wrong(file: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let file = file.to_path_buf();
    move |source| StoreError::File { file, source }
}

/// Makes the store's folders.
pub(super) fn make_folders(folder: &Path) -> Result<()> {
    let bundles = folder.join("bundles");
    fs::create_dir_all(&bundles).map_err(wrong(&bundles))
}

/// Clears away what an earlier process left half-written; for the hub itself, which alone writes here.
///
/// # Errors
/// If the folder cannot be read.
pub fn clear(folder: &Path) -> Result<()> {
    let bundles = folder.join("bundles");
    for entry in fs::read_dir(&bundles).map_err(wrong(&bundles))?.flatten() {
        if entry.path().extension().is_some_and(|end| end == "part") {
            // Nobody reads it, so one that stays does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Where the bundle of this digest stands.
#[must_use]
pub fn path(folder: &Path, digest: &Digest) -> PathBuf {
    folder.join("bundles").join(format!("{digest}.leitai"))
}

/// The digests of all bundles that are here.
///
/// # Errors
/// If the folder cannot be read.
pub fn all(folder: &Path) -> Result<BTreeSet<Digest>> {
    let bundles = folder.join("bundles");
    let names =
        fs::read_dir(&bundles).map_err(wrong(&bundles))?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names.filter_map(|name| name.strip_suffix(".leitai")?.parse().ok()).collect())
}

/// A file for a bundle that is arriving; gone when it is dropped, or at the next start.
///
/// # Errors
/// If the disk cannot be written.
pub fn spool(folder: &Path) -> Result<NamedTempFile> {
    let bundles = folder.join("bundles");
    tempfile::Builder::new().suffix(".part").tempfile_in(&bundles).map_err(wrong(&bundles))
}

/// Puts a bundle that was made here into a [`spool`].
///
/// # Errors
/// If the disk is full or cannot be written.
pub fn put_in(spool: &mut NamedTempFile, bytes: &[u8]) -> Result<()> {
    let path = spool.path().to_path_buf();
    spool.write_all(bytes).map_err(wrong(&path))
}

/// What arrived in a [`spool`].
///
/// # Errors
/// If it cannot be read.
pub fn spooled(spool: &NamedTempFile) -> Result<Vec<u8>> {
    fs::read(spool.path()).map_err(wrong(spool.path()))
}

/// Keeps what arrived in a [`spool`] as the bundle of this digest: when this returns, it is on the disk.
///
/// # Errors
/// If the disk is full or cannot be written.
pub fn keep(folder: &Path, digest: &Digest, spool: NamedTempFile) -> Result<()> {
    let target = path(folder, digest);
    if target.exists() {
        return Ok(());
    }
    spool.as_file().sync_all().map_err(wrong(&target))?;
    spool.persist(&target).map_err(|error| wrong(&target)(error.error))?;
    let bundles = folder.join("bundles");
    File::open(&bundles).and_then(|folder| folder.sync_all()).map_err(wrong(&bundles))
}

/// Reads a bundle's bytes.
///
/// # Errors
/// If it is not there or cannot be read.
pub fn read(folder: &Path, digest: &Digest) -> Result<Vec<u8>> {
    let file = path(folder, digest);
    fs::read(&file).map_err(wrong(&file))
}
