//! Rule `catalog-source`: an entry of the catalog names its sources, and each says how far it is to be trusted.
//!
//! A solution may go without: a program of steps claims nothing about the world.
//!
//! Reads TOML by lines, which is enough for what the rule asks; whether an entry loads is the package crate's test.

use super::{File, Finding};

/// How far a figure is to be trusted.
const STANDING: &[&str] = &["verified", "recalled", "assumed"];

/// Checks `catalog/<kind>/<id>/<kind>.toml`; other files have nothing to say.
pub fn check(file: &File) -> Vec<Finding> {
    if !file.path.starts_with("catalog/") || !file.path.ends_with(".toml") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut found = |line, message: String| findings.push(Finding::new(&file.path, line, "catalog-source", message));
    let mut sources: Vec<Source> = Vec::new();
    let mut used: Vec<(usize, String)> = Vec::new();
    let mut in_source = false;
    for (at, line) in file.text.lines().enumerate() {
        let (at, line) = (at + 1, uncommented(line).trim());
        if line.starts_with('[') && line.ends_with(']') && !line.contains('=') {
            in_source = line == "[[source]]";
            if in_source {
                sources.push(Source { line: at, key: None, standing: false });
            }
            continue;
        }
        for standing in values(line, "standing") {
            if !STANDING.contains(&standing) {
                found(at, format!("standing `{standing}`; say {}", STANDING.join(", ")));
            }
        }
        match sources.last_mut() {
            Some(source) if in_source => {
                source.standing |= !values(line, "standing").is_empty();
                if let Some(id) = values(line, "key").first() {
                    source.key = Some((*id).to_owned());
                }
            }
            _ => used.extend(values(line, "source").into_iter().map(|id| (at, id.to_owned()))),
        }
    }
    if sources.is_empty() && !file.path.starts_with("catalog/solutions/") {
        found(0, "names no source; add a `[[source]]` with what it gives and its standing".to_owned());
    }
    for source in sources.iter().filter(|s| !s.standing) {
        found(source.line, format!("a source without standing; add `standing = ` one of {}", STANDING.join(", ")));
    }
    for (line, id) in used {
        if !sources.iter().any(|s| s.key.as_deref() == Some(&id)) {
            found(line, format!("source `{id}` is not declared in this file; add a `[[source]]` with `key = \"{id}\"`"));
        }
    }
    findings
}

struct Source {
    line: usize,
    key: Option<String>,
    standing: bool,
}

/// A line up to its comment; a `#` inside quotes is text.
fn uncommented(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return &line[..at],
            _ => {}
        }
    }
    line
}

/// Every string that `key = "…"` gives on this line, alone or inside an inline table.
fn values<'a>(line: &'a str, key: &str) -> Vec<&'a str> {
    let mut out = Vec::new();
    for (at, _) in line.match_indices(key) {
        let starts = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '"' || c == '.');
        let rest = line[at + key.len()..].trim_start();
        if let Some(text) = rest.strip_prefix('=').and_then(|value| value.trim_start().strip_prefix('"'))
            && starts
        {
            out.extend(text.split('"').next());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        check(&File { path: "catalog/robots/x/robot.toml".into(), text: text.into() })
            .into_iter()
            .map(|f| (f.line, f.message))
            .collect()
    }

    #[test]
    fn an_entry_without_sources_is_found() {
        assert_eq!(found("[robot]\nid = \"x\"\n").len(), 1);
        let solution = File { path: "catalog/solutions/x/solution.toml".into(), text: "[solution]\nid = \"x\"\n".into() };
        assert!(check(&solution).is_empty());
    }

    #[test]
    fn a_source_says_its_standing() {
        let found = found("[[source]]\nkey = \"a\"\ngives = [\"m\"]\n[[source]]\nkey = \"b\"\nstanding = \"verified\"\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 1);
    }

    #[test]
    fn standing_is_one_of_three_words() {
        let found = found("m = { value = 1.0, standing = \"sure\" }\n[[source]]\nstanding = \"recalled\" # \"guess\"\n");
        assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn a_source_that_is_used_is_declared() {
        let found = found(
            "m = { value = 1.0, standing = \"verified\", source = \"sheet\" }\n[[source]]\nkey = \"data\"\nstanding = \"verified\"\n",
        );
        assert_eq!(found.len(), 1);
        assert!(found[0].1.contains("`sheet` is not declared"), "{found:?}");
    }
}
