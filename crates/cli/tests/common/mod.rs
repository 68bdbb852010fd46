//! Running the built command the way a person or a program does.
#![allow(dead_code)] // Each test file uses its own part.

pub mod running;

use std::path::Path;
use std::process::{Command, Output};

/// The command, with an empty home, no locale and nothing of the developer's environment that it looks at.
pub fn leitai(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leitai"));
    for variable in
        ["XDG_CONFIG_HOME", "LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE", "CARGO_PKG_NAME", "DISPLAY", "WAYLAND_DISPLAY"]
    {
        command.env_remove(variable);
    }
    command.env("HOME", home).current_dir(home);
    command
}

/// What a run came to.
pub struct Ran {
    /// Exit code; none after a signal.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The one JSON document on stdout.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e} in {}\n{}", self.stdout, self.stderr))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Runs the command in `home` with these words, split at blanks.
pub fn run(home: &Path, words: &str) -> Ran {
    leitai(home).args(words.split_whitespace()).output().expect("the command starts").into()
}

/// A folder that is gone after the test.
pub fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A copy of a built-in package at `to`.
pub fn copy_package(from: &str, to: &Path) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog").join(from);
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(folder).expect("the package") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copies");
    }
}
