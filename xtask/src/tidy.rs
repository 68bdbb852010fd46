//! `cargo xtask tidy`: the rules of the tree that no compiler holds.
//!
//! | rule | holds |
//! |---|---|
//! | `crate-table` | a crate uses only the crates that the table in ARCHITECTURE.md lets it use |
//! | `core-*` | crates whose code reaches a verdict's bits are `no_std`, without hash order, clocks, threads or platform floats |
//! | `kernels` | no dependency of theirs brings kernels chosen at run time, entropy or threads |
//! | `opening`, `length`, `stub`, `machine-path` | a file says what it is, tells one story, is finished, and names no one's machine |
//! | `catalog-source` | every catalog entry names its sources and how far each is to be trusted |
//! | `pages`, `link` | the pages a reader looks for exist, and their links lead somewhere |
//! | `architecture` | ARCHITECTURE.md names every crate, and everything the core rests on |
//!
//! A rule is a function from text to findings, tested on a sample that breaks it.

mod catalog;
mod core_rules;
mod kernels;
mod layers;
mod pages;
mod references;
mod source;

use std::fmt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// One broken rule: where, which, and what to change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path from the root, with forward slashes.
    pub file: String,
    /// Counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The rule's short name.
    pub rule: &'static str,
    /// What is wrong and what to change.
    pub message: String,
}

impl Finding {
    /// A finding from its four parts.
    pub fn new(file: &str, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Finding { file: file.to_owned(), line, rule, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: [{}] {}", self.file, self.rule, self.message),
            line => write!(f, "{}:{line}: [{}] {}", self.file, self.rule, self.message),
        }
    }
}

/// A text file of the tree: tracked by git, or new and not ignored.
#[derive(Debug)]
pub struct File {
    /// Path from the root, with forward slashes.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

/// Runs every rule on the tree at `root`, prints the findings on stdout and a summary on stderr.
pub fn run(root: &Path) -> ExitCode {
    let files = match read_tree(root) {
        Ok(files) => files,
        Err(why) => {
            eprintln!("tidy: {why}");
            return ExitCode::from(2);
        }
    };
    let mut findings = check(&files);
    match kernels::check(root, &files) {
        Ok(more) => findings.extend(more),
        Err(why) => {
            eprintln!("tidy: {why}");
            return ExitCode::from(2);
        }
    }
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        eprintln!("tidy: {} files, every rule holds", files.len());
        ExitCode::SUCCESS
    } else {
        eprintln!("tidy: {} findings in {} files; each line above says what to change", findings.len(), files.len());
        ExitCode::FAILURE
    }
}

/// Every rule that needs only the files' text.
fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = pages::check_tree(files);
    findings.extend(references::check(files));
    for file in files {
        findings.extend(pages::check(file));
        findings.extend(layers::check(file));
        findings.extend(core_rules::check(file));
        findings.extend(catalog::check(file));
    }
    findings
}

/// The text files that git tracks, or would: what is ignored or binary is nobody's page.
fn read_tree(root: &Path) -> Result<Vec<File>, String> {
    let out = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("cannot run git to list the files: {e}; install git"))?;
    if !out.status.success() {
        return Err(format!("git ls-files failed: {}", String::from_utf8_lossy(&out.stderr).trim()));
    }
    let mut files = Vec::new();
    for name in out.stdout.split(|&b| b == 0).filter(|n| !n.is_empty()) {
        let path = String::from_utf8(name.to_vec()).map_err(|_| "a file name is not UTF-8; rename it".to_owned())?;
        let Ok(bytes) = std::fs::read(root.join(&path)) else { continue }; // deleted, not yet committed
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File { path, text });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a person reads in a terminal, and can click on.
    #[test]
    fn a_finding_prints_file_line_rule_and_change() {
        let finding = Finding::new("crates/sim/src/lib.rs", 3, "core-hash", "use BTreeMap");
        assert_eq!(finding.to_string(), "crates/sim/src/lib.rs:3: [core-hash] use BTreeMap");
        assert_eq!(Finding::new("CHANGELOG.md", 0, "pages", "add it").to_string(), "CHANGELOG.md: [pages] add it");
    }

    /// The project's own tree is the sample that must pass.
    #[test]
    fn this_tree_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let findings: Vec<String> = check(&read_tree(root).unwrap()).iter().map(Finding::to_string).collect();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}
