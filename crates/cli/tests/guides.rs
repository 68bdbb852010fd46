//! The guides, followed literally: their files are written and their commands run exactly as they stand on the page.

mod common;

use std::fs;
use std::path::Path;

use common::{Ran, home, leitai, run};

/// A fenced block: what stands after the three backticks, and its lines.
fn blocks(page: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides").join(page);
    let text = fs::read_to_string(path).expect("the page");
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_string(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, body)), None) => body.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block does not end");
    blocks
}

/// Does what the page says; gives each command with what it came to.
fn follow(page: &str, home: &Path) -> Vec<(String, Ran)> {
    let mut ran = Vec::new();
    for (info, body) in blocks(page) {
        if let Some((_, file)) = info.split_once(' ') {
            let target = home.join(file);
            fs::create_dir_all(target.parent().expect("a folder")).expect("makes the folder");
            fs::write(target, body).expect("writes");
        } else if info == "sh" {
            for line in body.lines() {
                let words = line.strip_prefix("leitai ").expect("a page runs nothing but leitai");
                let output = leitai(home).args(words.split_whitespace()).output().expect("the command starts");
                ran.push((line.to_string(), output.into()));
            }
        }
    }
    ran
}

fn check(page: &str, commands: usize) {
    let home = home();
    let ran = follow(page, home.path());
    assert_eq!(ran.len(), commands, "the page has its commands");
    for (line, ran) in &ran {
        let told = format!("{line}\n{}{}", ran.stdout, ran.stderr);
        if line.starts_with("leitai prove") {
            // So few trials settle nothing, or refute; what counts is that they ran, the scenario is sound, and evidence was written.
            assert!(matches!(ran.code, Some(3 | 4)), "{told}");
            assert!(!told.contains("NOT as it must") && told.contains("bundle  out/"), "{told}");
        } else {
            assert_eq!(ran.code, Some(0), "{told}");
        }
        assert!(!ran.stderr.contains("error"), "{told}");
    }
}

#[test]
fn add_a_robot_works_as_written() {
    check("add-a-robot.md", 4);
}

#[test]
fn add_a_scenario_works_as_written() {
    check("add-a-scenario.md", 3);
}

#[test]
fn write_a_controller_works_as_written() {
    check("write-a-controller.md", 1);
}

#[test]
fn add_a_part_works_as_written() {
    check("add-a-part.md", 2);
}

#[test]
fn agree_on_acceptance_works_as_written() {
    let home = home();
    let ran = follow("agree-on-acceptance.md", home.path());
    assert_eq!(ran.len(), 2, "the page has its commands");
    assert_eq!(ran[0].1.code, Some(0), "{}", ran[0].1.stderr);
    // One trial settles nothing; it ran, and the bundle is there.
    assert!(ran[1].1.code == Some(4) && ran[1].1.stdout.contains("bundle  out/"), "{}{}", ran[1].1.stdout, ran[1].1.stderr);
    // The page's tables are words of the file.
    let annex = fs::read_to_string(home.path().join("annex.toml")).expect("the file");
    let table = |name: &str| fs::read_to_string(home.path().join(format!("example/{name}.toml"))).expect("a table");
    let whole = format!("{annex}\n{}\n{}", table("thresholds"), table("terms"));
    fs::write(home.path().join("whole.toml"), whole).expect("writes");
    let ran = run(home.path(), "prove --acceptance whole.toml ur5e");
    assert!(ran.stderr.contains("the file names the robot `ur20`"), "{}", ran.stderr);
    fs::write(home.path().join("sealed.toml"), format!("{annex}\n{}", table("seal"))).expect("writes");
    let ran = run(home.path(), "prove --acceptance sealed.toml");
    assert!(ran.stderr.contains("`commitment` is 64 lower-case hexadecimal digits"), "{}", ran.stderr);
}
