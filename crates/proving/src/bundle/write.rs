//! Writing a bundle: the same bytes for the same evidence, and never half a file.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{
    DIGESTS, ENVELOPE, Evidence, MOST_CONTENT_BYTES, MOST_FILE_BYTES, MOST_MEMBERS, Members, SEAL, SEAL_DIGITS, content_limit,
    is_safe_name, pretty,
};
use crate::canonical::Digest;
use crate::envelope::{Envelope, Signed};
use crate::key::SecretKey;
use crate::whole::{self, Readers};

/// Why a bundle cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A package or log has a path that other systems could not store.
    #[error("`{0}` cannot be a path in a bundle; use plain relative names with forward slashes")]
    Name(String),
    /// More than a reader would accept.
    #[error("the bundle would have {members} members and {bytes} bytes, too many for its readers; log fewer trials")]
    TooLarge {
        /// Members it would have.
        members: usize,
        /// Bytes of all members together.
        bytes: u64,
    },
    /// The archive could not be put together.
    #[error("the archive cannot be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The operating system refused.
    #[error("{file}: {source}")]
    Io {
        /// The bundle, or the folder it was to be written to.
        file: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

impl Evidence {
    /// Writes the bundle, signed if there is a key, and returns its digest.
    ///
    /// The bytes go to a temporary file in the same folder, reach the disk and are then renamed: whatever happens, `path`
    /// holds either what it held before or the whole bundle.
    ///
    /// # Errors
    /// If a name or size is not allowed in a bundle, or the file cannot be written.
    pub fn write(&self, path: &Path, key: Option<&SecretKey>) -> Result<Digest, WriteError> {
        let (bytes, digest) = self.to_bytes(key)?;
        whole::write(path, &bytes, Readers::Everyone).map_err(|source| WriteError::Io { file: path.to_path_buf(), source })?;
        Ok(digest)
    }

    /// The bundle file's bytes, and the bundle digest.
    ///
    /// # Errors
    /// If a name or size is not allowed in a bundle.
    pub fn to_bytes(&self, key: Option<&SecretKey>) -> Result<(Vec<u8>, Digest), WriteError> {
        let mut members = self.members();
        let digests = super::digests(&self.claim, &members);
        members.insert(DIGESTS.to_string(), pretty(&digests));
        if let Some(name) = members.keys().find(|name| !is_safe_name(name)) {
            return Err(WriteError::Name(name.clone()));
        }
        if let Some(key) = key {
            let sha256 = digests.clone().members_with(DIGESTS, &members[DIGESTS]);
            let signed = Signed {
                members: &sha256,
                bundle: digests.bundle,
                claim: digests.claim,
                verdict: self.verdict.decision.word(crate::verdict::Language::En),
                engine: &digests.engine,
            };
            members.insert(ENVELOPE.to_string(), pretty(&Envelope::sign(&signed, key)));
        }
        Ok((seal(&members)?, digests.bundle))
    }
}

/// The archive of these members, with its seal.
pub(super) fn seal(members: &Members) -> Result<Vec<u8>, WriteError> {
    let content: u64 = members.values().map(|bytes| bytes.len() as u64).sum();
    let too_large = || WriteError::TooLarge { members: members.len(), bytes: content };
    if members.len() > MOST_MEMBERS || content > MOST_CONTENT_BYTES {
        return Err(too_large());
    }
    let mut bytes = archive(members, CompressionMethod::Deflated)?;
    if content > content_limit(bytes.len() as u64) {
        // So compressible that a careful reader would take it for a bomb.
        bytes = archive(members, CompressionMethod::Stored)?;
    }
    if bytes.len() as u64 > MOST_FILE_BYTES {
        return Err(too_large());
    }
    let covered = bytes.len() - SEAL_DIGITS;
    let digest = Digest::of_bytes(&bytes[..covered]).to_string();
    bytes[covered..].copy_from_slice(digest.as_bytes());
    Ok(bytes)
}

fn archive(members: &Members, method: CompressionMethod) -> Result<Vec<u8>, WriteError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .compression_level((method == CompressionMethod::Deflated).then_some(6))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in members {
        zip.start_file(name, options)?;
        zip.write_all(bytes).map_err(zip::result::ZipError::Io)?;
    }
    zip.set_comment(format!("{SEAL}{}", "0".repeat(SEAL_DIGITS)))?;
    Ok(zip.finish()?.into_inner())
}
