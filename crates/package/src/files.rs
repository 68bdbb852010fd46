//! Where readers get their bytes: a package in memory, or a folder.
//!
//! Paths are relative, separated by `/`, and normalized by [`join`] before they are asked for, so that one file has one name.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// The largest file a reader accepts [bytes].
pub const LARGEST_FILE: usize = 256 << 20;

/// Gives the bytes of a file by its path.
pub trait Files {
    /// The bytes of the file at `path`.
    ///
    /// # Errors
    /// If there is no such file, it may not be read, or it is larger than [`LARGEST_FILE`].
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;
}

/// Why a file gives no bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is none of that name.
    #[error("there is no file `{0}`")]
    Missing(String),
    /// It lies outside the folder that may be read.
    #[error("`{0}` lies outside the package; move it into the package's folder")]
    Outside(String),
    /// It is too large.
    #[error("`{path}` has {bytes} bytes; the limit is {limit}", limit = LARGEST_FILE)]
    TooLarge {
        /// The file.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// The system refused.
    #[error("`{path}` cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        why: String,
    },
}

/// A package in memory.
impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let bytes = self.get(path).ok_or_else(|| FileError::Missing(path.into()))?;
        if bytes.len() > LARGEST_FILE {
            return Err(FileError::TooLarge { path: path.into(), bytes: bytes.len() as u64 });
        }
        Ok(bytes.clone())
    }
}

/// The folder part of a path, without the last slash; empty for a bare name.
#[must_use]
pub fn folder(path: &str) -> &str {
    path.rfind(['/', '\\']).map_or("", |end| &path[..end])
}

/// The last part of a path.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The extension in lower case, without the dot; empty if there is none.
#[must_use]
pub fn extension(path: &str) -> String {
    let name = file_name(path);
    name.rfind('.').map_or_else(String::new, |dot| name[dot + 1..].to_ascii_lowercase())
}

/// Whether a path starts at a root rather than at a folder.
#[must_use]
pub fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    matches!(bytes.first(), Some(b'/' | b'\\')) || (bytes.len() > 2 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic())
}

/// `path` seen from `folder`, with `.` and `..` worked out; an absolute `path` stands alone. What climbs above the start keeps
/// its leading `..`, and it is for [`Files`] to refuse it.
///
/// ```
/// use leitai_package::files::join;
/// assert_eq!(join("robots/ur20", "../meshes/./base.stl"), "robots/meshes/base.stl");
/// assert_eq!(join("robots", "../../secret"), "../secret");
/// ```
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let absolute = is_absolute(path) || is_absolute(folder);
    let folder = if is_absolute(path) { "" } else { folder };
    for part in folder.split(['/', '\\']).chain(path.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." if absolute && parts.is_empty() => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute && !joined.contains(':') { alloc::format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_name() {
        assert_eq!(join("", "a/./b//c"), "a/b/c");
        assert_eq!(join("a/b", "../c"), "a/c");
        assert_eq!(join("a", "/c/../d"), "/d");
        assert_eq!(join("a", "..\\..\\d"), "../d");
        assert_eq!((folder("a/b.xml"), file_name("a/b.xml"), extension("a/b.XML").as_str()), ("a", "b.xml", "xml"));
    }
}
