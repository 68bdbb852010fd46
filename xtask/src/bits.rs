//! `cargo xtask bits`: the eleven scenes of `bits/` on other processors, compared with `bits/golden.txt`.
//!
//! | platform | built by | run by |
//! |---|---|---|
//! | `x86-64` | this toolchain, baseline instructions | this processor |
//! | `x86-64-v3` | this toolchain, AVX2 and FMA | this processor |
//! | `nehalem` | as `x86-64` | `qemu-x86_64 -cpu Nehalem`, which has neither AVX nor FMA |
//! | `aarch64` | Debian's rustc-web with the standard library from rust-web-src | `qemu-aarch64` |
//! | `wasm32` | the same | `node` |
//!
//! `docs/bits.md` says which packages the last three need.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

/// Where the scenes are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Baseline instructions.
    X86,
    /// Built with AVX2 and FMA.
    X86V3,
    /// A processor without them.
    Nehalem,
    /// 64-bit ARM.
    Aarch64,
    /// WebAssembly.
    Wasm32,
}

impl Platform {
    const ALL: [(&'static str, Self); 5] = [
        ("x86-64", Self::X86),
        ("x86-64-v3", Self::X86V3),
        ("nehalem", Self::Nehalem),
        ("aarch64", Self::Aarch64),
        ("wasm32", Self::Wasm32),
    ];
    const AARCH64: &'static str = "aarch64-unknown-linux-gnu";
    const WASM32: &'static str = "wasm32-unknown-unknown";

    /// Lines of digest and scene, as `golden.txt` holds them.
    pub fn lines(self, root: &Path) -> Result<String, String> {
        match self {
            Self::X86 => run(&mut Command::new(native(root, "x86-64")?)),
            Self::X86V3 => run(&mut Command::new(native(root, "x86-64-v3")?)),
            Self::Nehalem => run(Command::new("qemu-x86_64").args(["-cpu", "Nehalem"]).arg(native(root, "x86-64")?)),
            Self::Aarch64 => {
                let folder = foreign(root, Self::AARCH64, &["build", "--package", "leitai-bits", "--bin", "leitai-bits"])?;
                run(Command::new("qemu-aarch64").args(["-L", "/usr/aarch64-linux-gnu"]).arg(folder.join("leitai-bits")))
            }
            Self::Wasm32 => {
                let folder =
                    foreign(root, Self::WASM32, &["rustc", "--package", "leitai-bits", "--lib", "--crate-type", "cdylib"])?;
                run(Command::new("node").arg(root.join("bits/play.mjs")).arg(folder.join("leitai_bits.wasm")))
            }
        }
    }
}

/// `cargo xtask bits [--platform P]...`; all of them if none is named.
pub fn command(root: &Path, arguments: &[&str]) -> ExitCode {
    let mut platforms = Vec::new();
    for pair in arguments.chunks(2) {
        match pair {
            ["--platform", name] if Platform::ALL.iter().any(|(known, _)| known == name) => platforms.push(*name),
            _ => {
                let known = Platform::ALL.map(|(name, _)| name).join("|");
                eprintln!("xtask: `{}`? Write cargo xtask bits [--platform {known}]...", pair.join(" "));
                return ExitCode::from(2);
            }
        }
    }
    let golden = match std::fs::read_to_string(root.join("bits/golden.txt")) {
        Ok(golden) => golden,
        Err(why) => {
            eprintln!("xtask: bits/golden.txt: {why}; write it with `cargo xtask bless`");
            return ExitCode::FAILURE;
        }
    };
    let mut same = true;
    for (name, platform) in Platform::ALL.into_iter().filter(|(name, _)| platforms.is_empty() || platforms.contains(name)) {
        let began = std::time::Instant::now();
        let verdict = match platform.lines(root) {
            Ok(found) => difference(&golden, &found).map_or(Ok(()), Err),
            Err(why) => Err(why),
        };
        let took = began.elapsed().as_secs();
        match verdict {
            Ok(()) => println!("{name}: {} scenes, the golden digests, {took} s", golden.lines().count()),
            Err(why) => {
                same = false;
                println!("{name}: {why}");
            }
        }
    }
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What differs, in words; none if nothing does.
fn difference(golden: &str, found: &str) -> Option<String> {
    let mut found = found.lines();
    for wanted in golden.lines() {
        match found.next() {
            Some(line) if line == wanted => {}
            other => return Some(format!("other bits: `{}` instead of `{wanted}`", other.unwrap_or("nothing"))),
        }
    }
    found.next().map(|more| format!("`{more}` is not in bits/golden.txt"))
}

/// The runner built by this toolchain; code for another processor than the baseline gets a target folder of its own.
fn native(root: &Path, cpu: &str) -> Result<PathBuf, String> {
    let baseline = cpu == "x86-64";
    let target = if baseline { root.join("target") } else { root.join("target/bits").join(cpu) };
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .args(["build", "--quiet", "--release", "--locked", "--package", "leitai-bits", "--bin", "leitai-bits", "--target-dir"])
        .arg(&target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .current_dir(root);
    if !baseline {
        build.env("RUSTFLAGS", format!("-C target-cpu={cpu}"));
    }
    run(&mut build)?;
    Ok(target.join("release/leitai-bits"))
}

/// Builds for `target` by Debian's compiler, the standard library from its sources too; gives the folder of the result.
fn foreign(root: &Path, target: &str, build: &[&str]) -> Result<PathBuf, String> {
    let folder = root.join("target/bits").join(target);
    let mut command = Command::new("cargo");
    let (verb, rest) = build.split_first().expect("a verb");
    command
        .arg(verb)
        .args(["--quiet", "--release", "--locked", "-Zbuild-std=std,panic_abort", "--target", target, "--target-dir"])
        .arg(&folder)
        .args(rest)
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld")
        .current_dir(root);
    run(&mut command)?;
    Ok(folder.join(target).join("release"))
}

/// What a command prints; an error says what it said instead.
fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let Output { status, stdout, stderr } =
        command.output().map_err(|e| format!("`{name}` cannot be run: {e}; docs/bits.md says which package brings it"))?;
    if !status.success() {
        return Err(format!("`{name}` failed ({status}): {}", String::from_utf8_lossy(&stderr).trim()));
    }
    String::from_utf8(stdout).map_err(|_| format!("`{name}` printed something that is not text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// The tests of `leitai-bits` hold the golden file for baseline instructions in a debug build; this is the same file for an
    /// optimized build that may use AVX2 and FMA wherever the compiler likes to.
    #[test]
    #[cfg(target_arch = "x86_64")]
    fn avx2_and_fma_change_no_bit() {
        if !(std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")) {
            eprintln!("this processor has no AVX2 and FMA; nothing was compared");
            return;
        }
        let golden = std::fs::read_to_string(root().join("bits/golden.txt")).unwrap();
        let found = Platform::X86V3.lines(root()).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(difference(&golden, &found), None);
        let built = Command::new(native(root(), "x86-64-v3").unwrap()).arg("gripper").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&built.stderr).trim(), "built for x86_64: avx2, fma");
    }

    #[test]
    fn one_other_bit_is_told() {
        let golden = "00  arm\n01  hand\n";
        assert_eq!(difference(golden, golden), None);
        assert!(difference(golden, "00  arm\n03  hand\n").unwrap().contains("`03  hand` instead of `01  hand`"));
        assert!(difference(golden, "00  arm\n").unwrap().contains("`nothing` instead of"));
        assert!(difference(golden, "00  arm\n01  hand\n02  pile\n").unwrap().contains("not in"));
    }
}
