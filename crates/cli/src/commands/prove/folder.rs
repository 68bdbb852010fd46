//! The folder of a run: `out/<claim>/`, held by one run at a time.
//!
//! | file | is |
//! |---|---|
//! | `<claim>.leitai` | the bundle |
//! | `report.html` | the bundle's report, to be opened without this program |
//! | `trials.journal` | finished trials while a run lasts or after it was interrupted |
//! | `.lock` | there while a run lasts |

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use leitai_proving::engine::Request;

use crate::arguments::{Prove, Trials};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// The folder of one run.
pub struct Folder {
    path: PathBuf,
    name: String,
    /// Held until the run ends, however it ends.
    lock: File,
}

/// The claim's name, for its folder and its bundle: what was typed, and nothing that was not.
pub fn name(request: &Request, arguments: &Prove) -> String {
    let mut name = format!("{}-{}", request.robot, request.scenario);
    if let Some(solution) = &request.solution {
        name += &format!("-{solution}");
    }
    for (parameter, value) in &request.parameters {
        name += &format!("-{parameter}={value}");
    }
    if let Trials::Exactly(trials) = arguments.trials {
        name += &format!("-trials={trials}");
    }
    for (option, value) in [("limit", request.most), ("seed", request.seed)] {
        name += &value.map_or(String::new(), |value| format!("-{option}={value}"));
    }
    name + &request.dt_s.map_or(String::new(), |dt| format!("-dt={dt}"))
}

impl Folder {
    /// Makes the folder if need be and takes hold of it.
    pub fn open(context: &Context, out: Option<&Path>, name: &str) -> Result<Self, Failure> {
        let path = out.map_or_else(|| Path::new("out").join(name), Path::to_path_buf);
        let failed = |error: &std::io::Error| {
            let next = context.say("用 -o 换一个可写的文件夹", "choose a folder that can be written, with -o");
            Failure { exit: Exit::Usage, what: format!("{}: {error}", path.display()), next: next.to_string() }
        };
        fs::create_dir_all(&path).map_err(|error| failed(&error))?;
        let lock = File::create(path.join(".lock")).map_err(|error| failed(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = context.say("另一个运行正在使用这个文件夹", "another run is using this folder");
                let next = context.say("等它结束，或用 -o 换一个文件夹", "wait for it, or choose another folder with -o");
                return Err(Failure { exit: Exit::Failed, what: format!("{}: {what}", path.display()), next: next.to_string() });
            }
            // A file system without locks: nobody can be kept out, and a single user loses nothing.
            Err(TryLockError::Error(_)) => {}
        }
        let folder = Self { path, name: name.to_string(), lock };
        folder.sweep();
        Ok(folder)
    }

    /// Where the bundle goes.
    pub fn bundle(&self) -> PathBuf {
        self.path.join(format!("{}.leitai", self.name))
    }

    /// Where the report goes.
    pub fn report(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// Where finished trials are kept until the bundle is written.
    pub fn journal(&self) -> PathBuf {
        self.path.join("trials.journal")
    }

    /// The bundle is written; what the run needed until then can go.
    pub fn finish(self) {
        // A file that stays behind harms nobody: the next run replaces it.
        let _ = fs::remove_file(self.journal());
    }

    /// Removes the unfinished file of a run that was killed while it wrote its bundle.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(".leitai-") && name.ends_with(".part") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.path.join(".lock"));
        let _ = self.lock.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_proving::verdict::Language;

    fn context() -> Context {
        Context { language: Language::En, json: false, catalog: None }
    }

    #[test]
    fn one_run_at_a_time() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("x");
        let first = Folder::open(&context(), Some(&path), "claim").expect("free");
        let error = Folder::open(&context(), Some(&path), "claim").err().expect("taken");
        assert!(error.what.contains("another run"), "{}", error.what);
        first.finish();
        assert_eq!(fs::read_dir(&path).expect("the folder").count(), 0);
        Folder::open(&context(), Some(&path), "claim").expect("free again");
    }

    #[test]
    fn what_a_killed_run_left_half_written_is_swept_away() {
        let home = tempfile::tempdir().expect("a folder");
        for name in [".leitai-abc.part", "mine.part", ".leitai-note"] {
            fs::write(home.path().join(name), "x").expect("writes");
        }
        Folder::open(&context(), Some(home.path()), "claim").expect("free").finish();
        let mut left: Vec<_> = fs::read_dir(home.path()).expect("the folder").flatten().map(|e| e.file_name()).collect();
        left.sort();
        assert_eq!(left, [".leitai-note", "mine.part"]);
    }
}
