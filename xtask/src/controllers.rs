//! `cargo xtask controllers`: builds the modules of `controllers/` and puts them beside their manifests.
//!
//! Debian's compiler builds them (docs/bits.md says which packages it needs), because rustup's targets are not reachable everywhere. The
//! built modules are committed: their bytes are part of a solution's digest, and nobody needs the compiler to prove or verify.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Package in `controllers/`, and where its module belongs.
const MODULES: [(&str, &str); 2] =
    [("hold", "controllers/hold/controller.wasm"), ("palletizing", "catalog/solutions/palletizing-module/controller.wasm")];

/// Builds all of them.
pub fn command(root: &Path) -> ExitCode {
    let target = root.join("target/controllers");
    let mut build = Command::new("cargo");
    build
        .args(["build", "--quiet", "--release", "--locked", "-Zbuild-std=std,panic_abort", "--target", "wasm32-unknown-unknown"])
        .args(["--manifest-path", "controllers/Cargo.toml", "--target-dir"])
        .arg(&target)
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld")
        // Paths of this machine in panic messages would make the bytes its own.
        .env("RUSTFLAGS", format!("--remap-path-prefix={}=. --remap-path-prefix={}=cargo", root.display(), home()))
        .current_dir(root);
    match build.status() {
        Ok(status) if status.success() => {}
        Ok(status) => {
            eprintln!("xtask: the modules do not build ({status}); docs/bits.md says which packages wasm32 needs");
            return ExitCode::FAILURE;
        }
        Err(why) => {
            eprintln!("xtask: cargo cannot be run: {why}");
            return ExitCode::FAILURE;
        }
    }
    for (package, place) in MODULES {
        let built = target.join("wasm32-unknown-unknown/release").join(format!("{package}.wasm"));
        let bytes = match std::fs::read(&built) {
            Ok(bytes) => bytes,
            Err(why) => {
                eprintln!("xtask: {}: {why}", built.display());
                return ExitCode::FAILURE;
            }
        };
        let before = std::fs::read(root.join(place)).unwrap_or_default();
        let change = if before == bytes { "as it was" } else { "new bytes, so the solution has another digest" };
        if let Err(why) = std::fs::write(root.join(place), &bytes) {
            eprintln!("xtask: {place}: {why}");
            return ExitCode::FAILURE;
        }
        println!("{place}: {} bytes, {change}", bytes.len());
    }
    ExitCode::SUCCESS
}

fn home() -> String {
    std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo"))).unwrap_or_default()
}
