//! Files that are written whole or not at all.

use std::io::{self, Write};
use std::path::Path;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone.
    Owner,
    /// Whoever may look into its folder.
    Everyone,
}

/// Writes `bytes` to a temporary file in the folder of `path`, has them reach the disk and gives the file its name: whatever
/// happens, `path` holds either what it held before or all of this.
///
/// # Errors
/// If the folder is not there or cannot be written, or the disk is full.
pub fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".leitai-").suffix(".part").tempfile_in(folder)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    if readers == Readers::Everyone {
        // Temporary files are private.
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}
