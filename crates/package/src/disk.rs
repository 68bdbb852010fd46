//! Files of a folder on disk.
//!
//! A description file may name any path; unless the caller allows more, only what truly lies inside the folder (after links are
//! followed) is read.

extern crate std;

use crate::files::{FileError, Files, LARGEST_FILE, is_absolute};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A folder on disk.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    anywhere: bool,
}

impl Folder {
    /// Reads only what lies inside `root`.
    #[must_use]
    pub fn inside(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), anywhere: false }
    }
    /// Reads also what a file names outside `root`: for descriptions one trusts, such as an installed package of meshes.
    #[must_use]
    pub fn anywhere(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), anywhere: true }
    }
    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let unreadable = |why: String| FileError::Unreadable { path: path.into(), why };
        if is_absolute(path) && !self.anywhere {
            return Err(FileError::Outside(path.into()));
        }
        let root = self.root.canonicalize().map_err(|e| unreadable(format!("{}: {e}", self.root.display())))?;
        let full = match root.join(path).canonicalize() {
            Ok(full) => full,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(FileError::Missing(path.into())),
            Err(e) => return Err(unreadable(e.to_string())),
        };
        if !self.anywhere && !full.starts_with(&root) {
            return Err(FileError::Outside(path.into()));
        }
        let file = std::fs::File::open(&full).map_err(|e| unreadable(e.to_string()))?;
        let about = file.metadata().map_err(|e| unreadable(e.to_string()))?;
        if !about.is_file() {
            return Err(unreadable("it is not a file".into()));
        }
        // The size is checked while reading, because a file may grow between the two.
        let mut bytes = Vec::new();
        let read = file.take(LARGEST_FILE as u64 + 1).read_to_end(&mut bytes).map_err(|e| unreadable(e.to_string()))?;
        if read > LARGEST_FILE {
            return Err(FileError::TooLarge { path: path.into(), bytes: about.len() });
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_own_files_and_refuses_others() {
        let inside = Folder::inside(env!("CARGO_MANIFEST_DIR"));
        assert!(inside.read("Cargo.toml").is_ok());
        let outside = inside.read("../model/Cargo.toml").unwrap_err();
        assert_eq!(outside.to_string(), "`../model/Cargo.toml` lies outside the package; move it into the package's folder");
        assert!(matches!(inside.read("/etc/passwd"), Err(FileError::Outside(_))));
        assert!(matches!(inside.read("src"), Err(FileError::Unreadable { .. })));
        assert_eq!(inside.read("none").unwrap_err().to_string(), "there is no file `none`");
        assert!(Folder::anywhere(env!("CARGO_MANIFEST_DIR")).read("../model/Cargo.toml").is_ok());
    }
}
