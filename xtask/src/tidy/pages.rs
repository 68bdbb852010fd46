//! Rules on every page of the tree: it opens by saying what it is, tells one story, is finished, and names no machine.

use super::source::split;
use super::{File, Finding};

/// A file this long tells more than one story.
const MOST_LINES: usize = 800;

/// Files written by a tool: their length and content are the tool's.
const GENERATED: &[&str] = &["Cargo.lock", "package-lock.json"];

/// Folders of built files, committed so that nobody needs the tool that built them.
const BUILT: &[&str] = &["web/dist/"];

/// Pages that must stand at the root.
const ROOT_PAGES: &[(&str, &str)] =
    &[("CHANGELOG.md", "what a user notices, newest first"), ("LICENSE", "the terms everybody gets the project under")];

/// Checks that the root's pages exist.
pub fn check_tree(files: &[File]) -> Vec<Finding> {
    ROOT_PAGES
        .iter()
        .filter(|(page, _)| !files.iter().any(|f| f.path == *page && !f.text.trim().is_empty()))
        .map(|(page, is)| Finding::new(page, 0, "pages", format!("missing or empty; write it: {is}")))
        .collect()
}

/// Checks one file.
pub fn check(file: &File) -> Vec<Finding> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    if GENERATED.contains(&name) || BUILT.iter().any(|b| file.path.starts_with(b)) {
        return Vec::new();
    }
    let mut findings = machine_paths(file);
    let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
    if matches!(kind, "rs" | "ts" | "js" | "mjs" | "svelte" | "py" | "sh" | "cc") {
        let lines = file.text.lines().count();
        if lines > MOST_LINES {
            findings.push(Finding::new(
                &file.path,
                MOST_LINES + 1,
                "length",
                format!("{lines} lines; a file tells one story in at most {MOST_LINES}: split it where a second story begins"),
            ));
        }
    }
    if kind == "rs" {
        findings.extend(opening(file));
        findings.extend(stubs(file));
    }
    findings
}

fn opening(file: &File) -> Option<Finding> {
    let first = file.text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let says = first.strip_prefix("//!").is_some_and(|rest| !rest.trim().is_empty());
    (!says).then(|| Finding::new(&file.path, 1, "opening", "a file opens by saying what it is; begin it with a `//!` line"))
}

fn stubs(file: &File) -> Vec<Finding> {
    let split = split(&file.text);
    let mut findings = Vec::new();
    for (at, (code, comment)) in split.code.lines().zip(split.comments.lines()).enumerate() {
        for stub in ["todo!", "unimplemented!"] {
            if code.contains(stub) {
                findings.push(Finding::new(
                    &file.path,
                    at + 1,
                    "stub",
                    format!("`{stub}`: nothing here is a stub; write it, or leave the function out until it has work"),
                ));
            }
        }
        for word in ["TODO", "FIXME", "HACK"] {
            if super::source::has_word(comment, word) {
                findings.push(Finding::new(
                    &file.path,
                    at + 1,
                    "stub",
                    format!("`{word}` in a comment: finish it, or say as a fact what is missing and why"),
                ));
            }
        }
    }
    findings
}

/// Beginnings of paths that exist on one person's machine only. Split, so that this list is not its own finding.
fn machine_roots() -> [String; 5] {
    ["home", "root", "work", "Users", "mnt"].map(|folder| format!("/{folder}/"))
}

fn machine_paths(file: &File) -> Vec<Finding> {
    let shared = ["..", "shared"].join("/");
    let mut findings = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let own = machine_roots().into_iter().find(|root| {
            line.match_indices(root.as_str()).any(|(place, _)| {
                let before = line[..place].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "._-/~})$".contains(c))
            })
        });
        if let Some(root) = own.or_else(|| line.contains(&shared).then(|| shared.clone())) {
            findings.push(Finding::new(
                &file.path,
                at + 1,
                "machine-path",
                format!("`{root}` is a path of one machine; write it relative to the project, or take it from an argument"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        check(&File { path: path.into(), text: text.into() }).into_iter().map(|f| (f.line, f.rule)).collect()
    }

    #[test]
    fn a_rust_file_opens_by_saying_what_it_is() {
        assert_eq!(rules("crates/sim/src/a.rs", "use core::fmt;\n"), [(1, "opening")]);
        assert_eq!(rules("crates/sim/src/a.rs", "//!\nuse core::fmt;\n"), [(1, "opening")]);
        assert!(rules("crates/sim/src/a.rs", "//! A.\nuse core::fmt;\n").is_empty());
    }

    #[test]
    fn a_file_tells_one_story() {
        let long = "//! Long.\n".to_owned() + &"fn f() {}\n".repeat(800);
        assert_eq!(rules("crates/sim/src/a.rs", &long), [(801, "length")]);
        assert_eq!(rules("web/src/App.svelte", &"x\n".repeat(801)), [(801, "length")]);
        assert!(rules("web/dist/report.js", &"x\n".repeat(801)).is_empty());
        assert!(rules("oracle/mujoco/answers/a.json", &"1\n".repeat(801)).is_empty());
    }

    #[test]
    fn nothing_is_a_stub() {
        assert_eq!(rules("a.rs", "//! A.\nfn f() { todo!() }\n"), [(2, "stub")]);
        assert_eq!(rules("a.rs", "//! A.\nfn f() { unimplemented!(\"later\") }\n"), [(2, "stub")]);
        assert_eq!(rules("a.rs", &format!("//! A.\n// {}: later\n", ["TO", "DO"].concat())), [(2, "stub")]);
        assert!(rules("a.rs", "//! A.\nlet s = \"todo!\";\n").is_empty());
    }

    #[test]
    fn no_page_names_a_machine() {
        for root in machine_roots() {
            assert_eq!(rules("docs/a.md", &format!("see `{root}me/file`\n")), [(1, "machine-path")], "{root}");
            assert!(rules("docs/a.md", &format!("see https://example.org{root}file and out{root}x\n")).is_empty());
        }
        assert_eq!(rules("docs/a.md", &format!("see {}/design.md\n", ["..", "shared"].join("/"))), [(1, "machine-path")]);
    }

    #[test]
    fn the_changelog_is_there() {
        let found = check_tree(&[File { path: "LICENSE".into(), text: "Apache".into() }]);
        assert_eq!(found.iter().map(|f| f.file.as_str()).collect::<Vec<_>>(), ["CHANGELOG.md"]);
    }
}
