//! Bundles as the user names them: a file, or the folder of a run.

use std::path::{Path, PathBuf};

use leitai_proving::bundle::{Bundle, BundleError};

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// The bundle file that a path means.
pub fn find(context: &Context, path: &Path) -> Result<PathBuf, Failure> {
    if !path.is_dir() {
        return Ok(path.to_path_buf());
    }
    let entries =
        std::fs::read_dir(path).map_err(|source| failure(context, path, &BundleError::Io { file: path.into(), source }))?;
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|file| file.extension().is_some_and(|e| e == "leitai")).collect();
    found.sort();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Failure::usage(
            format!(
                "{}: {}",
                path.display(),
                context.say("文件夹中没有证据包（*.leitai）", "there is no bundle (*.leitai) in this folder")
            ),
            context.say("给出证据包文件，或先运行 prove", "give a bundle file, or make one with `prove`"),
        )),
        _ => Err(Failure::usage(
            format!(
                "{}: {}",
                path.display(),
                context.say("文件夹中有不止一个证据包", "there is more than one bundle in this folder")
            ),
            format!("{} {}", context.say("写明其一，例如", "name one of them, for example"), found[0].display()),
        )),
    }
}

/// Reads the bundle that a path means; damage is a refusal.
pub fn read(context: &Context, path: &Path) -> Result<Bundle, Failure> {
    let file = find(context, path)?;
    Bundle::read(&file).map_err(|error| failure(context, &file, &error))
}

/// The failure of a bundle that cannot be used.
pub fn failure(context: &Context, file: &Path, error: &BundleError) -> Failure {
    let at_path = matches!(error, BundleError::Io { .. });
    let (exit, next) = match at_path {
        true => (Exit::Usage, context.say("检查路径是否写对", "check the path")),
        false => (Exit::Refused, context.say("向提供者索取原始文件", "ask whoever gave it to you for the original file")),
    };
    let mut failure = Failure::from_error(exit, context.language, "证据包无法使用", error, next);
    if !at_path {
        failure.what = format!("{}: {}", file.display(), failure.what);
    }
    failure
}
