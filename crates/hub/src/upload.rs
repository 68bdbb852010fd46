//! The files of a package that a stranger sends, singly or as a zip archive: few, small, with plain names.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use base64::Engine as _;
use leitai_proving::packages::Files;
use zip::ZipArchive;

use crate::records::Text;

/// The most files of a package.
pub const MOST_FILES: usize = 16;
/// The most bytes of a package, unpacked.
pub const MOST_BYTES: usize = 4 << 20;
/// The longest name.
const LONGEST: usize = 100;

fn refused(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text::new(zh, en)
}

fn too_large() -> Text {
    let mib = MOST_BYTES >> 20;
    refused(
        format!("方案包展开后超过 {mib} MiB"),
        format!("the package has more than {mib} MiB unpacked; leave out what it does not need"),
    )
}

fn too_many() -> Text {
    refused(format!("方案包的文件多于 {MOST_FILES} 个"), format!("the package has more than {MOST_FILES} files"))
}

/// Refuses a name that is not plain: letters, digits, dots, hyphens and underscores, in folders or not.
fn plain(name: &str) -> Result<(), Text> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && part.chars().all(good);
    if name.len() <= LONGEST && name.split('/').all(part) {
        return Ok(());
    }
    let shown: String = name.chars().take(LONGEST).flat_map(char::escape_default).collect();
    Err(refused(
        format!("文件名“{shown}”不可用；只用字母、数字、点、连字符与下划线，以及相对路径"),
        format!("the name `{shown}` is not plain; use letters, digits, dots, hyphens and underscores in a relative path"),
    ))
}

fn decoded(base64: &str) -> Result<Vec<u8>, Text> {
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(base64).map_err(|error| refused(format!("不是 base64：{error}"), format!("not base64: {error}")))
}

/// Files that were sent one by one, in base64.
///
/// # Errors
/// If they are too many or too large, or a name is not plain.
pub fn files(sent: &BTreeMap<String, String>) -> Result<Files, Text> {
    if sent.len() > MOST_FILES {
        return Err(too_many());
    }
    let mut files = Files::new();
    let mut bytes = 0;
    for (name, base64) in sent {
        plain(name)?;
        let content = decoded(base64)?;
        bytes += content.len();
        if bytes > MOST_BYTES {
            return Err(too_large());
        }
        files.insert(name.clone(), content);
    }
    Ok(files)
}

/// The files of a zip archive in base64. One folder around all of them is taken off.
///
/// # Errors
/// If it is no zip archive, is too large, holds links or something encrypted, or a name is not plain.
pub fn unzipped(base64: &str) -> Result<Files, Text> {
    let bytes = decoded(base64)?;
    let wrong = |error: &dyn std::fmt::Display| {
        refused(format!("zip 档案无法读取：{error}"), format!("the zip archive cannot be read: {error}"))
    };
    let mut archive = ZipArchive::new(Cursor::new(&bytes)).map_err(|error| wrong(&error))?;
    // Folders have entries of their own.
    if archive.len() > 4 * MOST_FILES {
        return Err(too_many());
    }
    let mut files = Files::new();
    let mut left = MOST_BYTES as u64;
    for i in 0..archive.len() {
        let mut member = archive.by_index(i).map_err(|error| wrong(&error))?;
        let name = member.name().map_err(|error| wrong(&error))?.into_owned();
        plain(name.strip_suffix('/').unwrap_or(&name))?;
        if member.is_dir() {
            continue;
        }
        if member.is_symlink() {
            return Err(refused(format!("“{name}”是链接"), format!("`{name}` is a link; pack the file itself")));
        }
        // What the archive says about sizes is not believed.
        let mut content = Vec::new();
        member.by_ref().take(left + 1).read_to_end(&mut content).map_err(|error| wrong(&error))?;
        left = left.checked_sub(content.len() as u64).ok_or_else(too_large)?;
        if files.insert(name.clone(), content).is_some() {
            return Err(refused(format!("“{name}”出现两次"), format!("`{name}` stands twice")));
        }
        if files.len() > MOST_FILES {
            return Err(too_many());
        }
    }
    let folder = files.keys().next().and_then(|name| name.split_once('/')).map(|(folder, _)| format!("{folder}/"));
    let Some(folder) = folder.filter(|folder| files.keys().all(|name| name.starts_with(folder.as_str()))) else {
        return Ok(files);
    };
    Ok(files.into_iter().map(|(name, content)| (name[folder.len()..].to_string(), content)).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(members: &[(&str, &[u8])]) -> String {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            archive.start_file(*name, SimpleFileOptions::default()).expect("writes");
            archive.write_all(content).expect("writes");
        }
        base64::engine::general_purpose::STANDARD.encode(archive.finish().expect("ends").into_inner())
    }

    fn refusal(members: &[(&str, &[u8])]) -> String {
        unzipped(&zip(members)).expect_err("refused").en
    }

    #[test]
    fn an_archive_gives_its_files_without_the_folder_around_them() {
        let wanted: Files = [("a.toml", "a"), ("b/c.wasm", "c")].map(|(name, text)| (name.to_string(), text.into())).into();
        assert_eq!(unzipped(&zip(&[("a.toml", b"a"), ("b/c.wasm", b"c")])), Ok(wanted.clone()));
        assert_eq!(unzipped(&zip(&[("mine/a.toml", b"a"), ("mine/b/c.wasm", b"c")])), Ok(wanted));
    }

    #[test]
    fn an_archive_of_a_stranger_is_refused_where_it_is_hostile() {
        assert!(refusal(&[("../solution.toml", b"")]).contains("not plain"));
        assert!(refusal(&[("/etc/passwd", b"")]).contains("not plain"));
        assert!(refusal(&[("a\\b", b"")]).contains("not plain"));
        assert!(refusal(&[(".hidden", b"")]).contains("not plain"));
        // Eight megabytes of zeros are eight kilobytes packed.
        assert!(refusal(&[("bomb", &vec![0; 8 << 20])]).contains("MiB unpacked"));
        let names: Vec<String> = (0..20).map(|i| format!("f{i}")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert!(refusal(&many).contains("more than 16 files"));
        assert!(unzipped("UEsDBA==").expect_err("refused").en.contains("cannot be read"));
        assert!(unzipped("%").expect_err("refused").en.contains("not base64"));
    }
}
