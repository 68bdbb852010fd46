//! Rules across files: a link on a page leads somewhere, and ARCHITECTURE.md knows every crate and what the core rests on.

use super::core_rules::CORE_CRATES;
use super::layers::dependencies;
use super::{File, Finding};

/// Checks what one file says about others.
pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = files.iter().filter(|f| f.path.ends_with(".md")).flat_map(|f| links(f, files)).collect();
    findings.extend(architecture(files));
    findings
}

/// Relative links and images that lead to no file of the tree.
fn links(page: &File, files: &[File]) -> Vec<Finding> {
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut findings = Vec::new();
    let mut fenced = false;
    for (at, line) in page.text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced || line.starts_with("    ") {
            continue;
        }
        for target in line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '#']).next()) {
            if target.is_empty() || target.contains(':') {
                continue; // a place on this page, or an address
            }
            let path = resolved(folder, target.trim_end_matches('/'));
            let found = path.as_deref().is_some_and(|path| {
                path.is_empty()
                    || is_binary(path)
                    || files.iter().any(|f| f.path == path || f.path.starts_with(&format!("{path}/")))
            });
            if !found {
                findings.push(Finding::new(
                    &page.path,
                    at + 1,
                    "link",
                    format!("`{target}` leads to no file; correct the path, which counts from this page's folder"),
                ));
            }
        }
    }
    findings
}

/// Pictures and archives are not text, so they are not in the list of files.
fn is_binary(path: &str) -> bool {
    [".png", ".jpg", ".svg", ".gif", ".mp4", ".mcap", ".stl", ".zip"].iter().any(|kind| path.ends_with(kind))
}

/// `target` from `folder`, without `.` and `..`; none when it leaves the tree.
fn resolved(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

fn architecture(files: &[File]) -> Vec<Finding> {
    const PAGE: &str = "ARCHITECTURE.md";
    let Some(page) = files.iter().find(|f| f.path == PAGE) else { return Vec::new() };
    let mut findings = Vec::new();
    for file in files {
        let Some(name) = file.path.strip_prefix("crates/").and_then(|p| p.strip_suffix("/Cargo.toml")) else { continue };
        if !page.text.contains(&format!("`{name}`")) {
            findings.push(Finding::new(
                PAGE,
                0,
                "architecture",
                format!("does not name the crate `{name}`; add its row to the table"),
            ));
        }
        if !CORE_CRATES.contains(&name) {
            continue;
        }
        for (line, dependency) in dependencies(&file.text) {
            if !dependency.starts_with("leitai-") && !page.text.contains(&format!("`{dependency}`")) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    "architecture",
                    format!("the core rests on `{dependency}`, but {PAGE} does not say why its bits are the same everywhere; add it there"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), text: text.into() }
    }

    #[test]
    fn a_link_leads_somewhere() {
        let files = [
            file("docs/guide.md", "[a](table.md) [b](../README.md#top) [c](https://example.org/x) [d](../crates/) [e](#here)\n"),
            file("docs/table.md", "![gone](gone.md)\n```\n[code](no.md)\n```\n[out](../../x.md)\n"),
            file("README.md", "[guide](docs/guide.md)\n"),
            file("crates/math/src/lib.rs", "//! Math.\n"),
        ];
        let found: Vec<(String, usize)> = check(&files).into_iter().map(|f| (f.file, f.line)).collect();
        assert_eq!(found, [("docs/table.md".to_owned(), 1), ("docs/table.md".to_owned(), 5)]);
    }

    #[test]
    fn architecture_names_every_crate_and_what_the_core_rests_on() {
        let manifest = "[dependencies]\nlibm.workspace = true\nleitai-math.workspace = true\n[dev-dependencies]\nserde_json.workspace = true\n";
        let page = file("ARCHITECTURE.md", "| `math` | | `libm` | |\n");
        assert!(check(&[file("crates/math/Cargo.toml", manifest), page]).is_empty());
        let page = file("ARCHITECTURE.md", "nothing\n");
        let found = check(&[file("crates/math/Cargo.toml", manifest), page]);
        assert_eq!(found.len(), 2);
        assert!(found[1].message.contains("the core rests on `libm`"), "{found:?}");
    }
}
