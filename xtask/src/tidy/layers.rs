//! Rule `crate-table`: data flows one way, so a crate uses only what stands before it.

use super::{File, Finding};

/// What each crate may use, in the order data flows. A crate may also use whatever those it may use can.
const TABLE: &[(&str, &[&str])] = &[
    ("math", &[]),
    ("geometry", &["math"]),
    ("model", &["geometry"]),
    ("package", &["model"]),
    ("dynamics", &["model"]),
    ("sim", &["dynamics", "geometry"]),
    ("oracle", &["sim"]),
    ("control", &["dynamics"]),
    ("perception", &["geometry", "model"]),
    ("learning", &["math"]),
    ("skills", &["control", "perception", "learning", "geometry", "package"]),
    ("fleet", &["geometry"]),
    ("runtime", &["model", "control", "fleet"]),
    ("proving", &["package", "sim", "skills", "fleet", "runtime"]),
    ("hub", &["package", "proving"]),
    ("cli", &["hub", "package", "proving", "oracle", "sim", "skills", "fleet", "runtime", "learning", "perception"]),
];

/// Crates that speak HTTP; only the hub and the doors may.
const HTTP: &[&str] = &["axum", "hyper", "reqwest", "tiny_http", "ureq", "actix-web", "warp", "tower-http"];

/// Crates above the line below which nothing knows HTTP.
const DOORS: &[&str] = &["hub", "cli"];

/// Checks one crate's manifest; other files have nothing to say.
pub fn check(file: &File) -> Vec<Finding> {
    let Some(name) = file.path.strip_prefix("crates/").and_then(|p| p.strip_suffix("/Cargo.toml")).filter(|n| !n.contains('/'))
    else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if !TABLE.iter().any(|(known, _)| *known == name) {
        let known: Vec<&str> = TABLE.iter().map(|(known, _)| *known).collect();
        findings.push(Finding::new(
            &file.path,
            0,
            "crate-table",
            format!(
                "`{name}` is not in the crate table ({}); add it to ARCHITECTURE.md and xtask/src/tidy/layers.rs",
                known.join(", ")
            ),
        ));
        return findings;
    }
    let may = reachable(name);
    for (line, dependency) in dependencies(&file.text) {
        if let Some(used) = dependency.strip_prefix("leitai-") {
            if !may.contains(&used) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    "crate-table",
                    format!(
                        "`{name}` may not use `{used}`: it may use {}; move the code that needs it to where both are known",
                        listed(&may)
                    ),
                ));
            }
        } else if HTTP.contains(&dependency.as_str()) && !DOORS.contains(&name) {
            findings.push(Finding::new(
                &file.path,
                line,
                "crate-table",
                format!("`{name}` brings in `{dependency}`, but nothing below `hub` knows HTTP; move the service code to `hub` or a door"),
            ));
        }
    }
    if !file.text.contains("[lints]\nworkspace = true") {
        findings.push(Finding::new(
            &file.path,
            0,
            "crate-table",
            "the workspace's lints are off; add `[lints]` with `workspace = true`",
        ));
    }
    findings
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "nothing of ours".to_owned() } else { names.join(", ") }
}

/// Everything `name` may use, itself left out, in the table's order.
fn reachable(name: &str) -> Vec<&'static str> {
    let may = |name: &str| TABLE.iter().find(|(known, _)| *known == name).map_or(&[] as &[&str], |(_, may)| may);
    let mut found: Vec<&str> = may(name).to_vec();
    let mut seen = 0;
    while seen < found.len() {
        let more: Vec<&str> = may(found[seen]).iter().copied().filter(|m| !found.contains(m)).collect();
        found.extend(more);
        seen += 1;
    }
    TABLE.iter().map(|(known, _)| *known).filter(|known| found.contains(known)).collect()
}

/// The dependencies a manifest declares for shipped code (not for tests), with their lines.
pub fn dependencies(manifest: &str) -> Vec<(usize, String)> {
    let (mut found, mut section) = (Vec::new(), String::new());
    for (at, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(head) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = head.to_owned();
            for table in ["dependencies.", "build-dependencies."] {
                if let Some((before, name)) = section.split_once(table)
                    && (before.is_empty() || before.starts_with("target."))
                {
                    found.push((at + 1, name.trim_matches('"').to_owned()));
                }
            }
        } else if let Some((key, value)) = line.split_once('=')
            && is_shipped(&section)
            && !line.starts_with('#')
        {
            let key = key.split('.').next().unwrap_or_default().trim().trim_matches('"');
            let renamed = value.split_once("package").and_then(|(_, v)| v.split('"').nth(1));
            found.push((at + 1, renamed.unwrap_or(key).to_owned()));
        }
    }
    found
}

fn is_shipped(section: &str) -> bool {
    let last = section.rsplit('.').next().unwrap_or_default();
    matches!(last, "dependencies" | "build-dependencies") && (section == last || section.starts_with("target."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, body: &str) -> Vec<Finding> {
        check(&File { path: format!("crates/{name}/Cargo.toml"), text: format!("{body}\n[lints]\nworkspace = true\n") })
    }

    #[test]
    fn sim_and_control_do_not_know_each_other() {
        for (a, b) in [("sim", "control"), ("control", "sim")] {
            let found = manifest(a, &format!("[dependencies]\nleitai-{b}.workspace = true"));
            assert_eq!((found.len(), found[0].line, found[0].rule), (1, 2, "crate-table"));
            assert!(found[0].message.starts_with(&format!("`{a}` may not use `{b}`: it may use math, ")), "{}", found[0]);
        }
    }

    #[test]
    fn a_crate_may_use_what_its_own_may() {
        assert!(
            manifest("sim", "[dependencies]\nleitai-dynamics.workspace = true\nleitai-math = { workspace = true }").is_empty()
        );
    }

    #[test]
    fn tests_may_look_further() {
        assert!(manifest("sim", "[dev-dependencies]\nleitai-package.workspace = true").is_empty());
        assert!(manifest("sim", "[dev-dependencies.leitai-package]\nworkspace = true").is_empty());
    }

    #[test]
    fn a_dependency_hides_neither_in_a_table_nor_behind_another_name() {
        assert_eq!(manifest("math", "[dependencies.leitai-model]\nworkspace = true").len(), 1);
        assert_eq!(manifest("math", "[target.'cfg(unix)'.dependencies]\nleitai-model.workspace = true").len(), 1);
        assert_eq!(manifest("math", "[dependencies]\nm = { package = \"leitai-model\", path = \"../model\" }").len(), 1);
    }

    #[test]
    fn nothing_below_the_hub_knows_http() {
        assert_eq!(manifest("proving", "[dependencies]\naxum = \"0.8\"").len(), 1);
        assert!(manifest("hub", "[dependencies]\naxum = \"0.8\"").is_empty());
    }

    #[test]
    fn an_unknown_crate_and_missing_lints_are_found() {
        assert!(manifest("helpers", "")[0].message.contains("not in the crate table"));
        let bare = check(&File { path: "crates/math/Cargo.toml".into(), text: "[package]\n".into() });
        assert!(bare[0].message.contains("lints"));
    }
}
