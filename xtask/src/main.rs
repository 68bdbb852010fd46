//! The project's own chores: `cargo xtask tidy`, `cargo xtask bless`, `cargo xtask bits`, `cargo xtask controllers`.
//!
//! Plain standard library, so that a check of the tree never waits for a build of somebody else's code.

mod bits;
mod controllers;
mod tidy;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask tidy     checks the tree against the project's rules; each finding says file, line, rule and what to change
cargo xtask bless    writes the golden files anew, after physics changed on purpose; the commit says why
cargo xtask bits     plays the scenes of bits/ on other processors: --platform x86-64|x86-64-v3|nehalem|aarch64|wasm32, or all
cargo xtask controllers   builds the WebAssembly modules of controllers/ and puts them beside their manifests";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands one level below the root");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => tidy::run(root),
        ["bless"] => bless(root),
        ["bits", platforms @ ..] => bits::command(root, platforms),
        ["controllers"] => controllers::command(root),
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

/// Runs the tests that keep golden files, with the leave to write them.
fn bless(root: &Path) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = [["--package", "leitai-sim"], ["--package", "leitai-proving"], ["--package", "leitai-bits"]].concat();
    let tests = [["--test", "bits"], ["--test", "trial"], ["--test", "golden"]].concat();
    match std::process::Command::new(cargo)
        .args(["test", "--quiet"])
        .args(packages)
        .args(tests)
        .env("LEITAI_BLESS", "1")
        .current_dir(root)
        .status()
    {
        Ok(status) if status.success() => {
            println!("blessed; `git diff` shows what changed");
            ExitCode::SUCCESS
        }
        Ok(_) => {
            eprintln!("xtask: the tests failed; nothing but golden files should differ");
            ExitCode::FAILURE
        }
        Err(e) => {
            eprintln!("xtask: cargo cannot be run: {e}");
            ExitCode::FAILURE
        }
    }
}
