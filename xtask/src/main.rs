//! The project's own chores: `cargo xtask tidy`.
//!
//! Plain standard library, so that a check of the tree never waits for a build of somebody else's code.

mod tidy;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str =
    "cargo xtask tidy    checks the tree against the project's rules; each finding says file, line, rule and what to change";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands one level below the root");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => tidy::run(root),
        ["help" | "--help" | "-h"] | [] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        other => {
            eprintln!("xtask: no chore `{}`\n{USAGE}", other.join(" "));
            ExitCode::from(2)
        }
    }
}
