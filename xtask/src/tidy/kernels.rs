//! Rule `kernels`: no dependency of the core brings numeric kernels chosen at run time, entropy or threads.
//!
//! `nalgebra` with its `std` feature, for example, brings `matrixmultiply`, which picks fused instructions where the processor
//! has them, so that a product's last bit depends on the machine. Hashes such as BLAKE3 choose kernels too, but integers
//! have only one right answer.
//!
//! Well-known offenders are refused by name; of everything else below the core the sources are read, because a dependency of a
//! dependency may begin to look at its processor in any release.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::core_rules::CORE_CRATES;
use super::{File, Finding};

/// Packages that must not stand below a core crate, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    ("matrixmultiply", "picks fused kernels at run time"),
    ("gemm", "picks fused kernels at run time"),
    ("gemm-common", "picks fused kernels at run time"),
    ("faer", "picks fused kernels at run time"),
    ("pulp", "picks vector kernels at run time"),
    ("multiversion", "picks kernels at run time"),
    ("openblas-src", "is a platform's own linear algebra"),
    ("intel-mkl-src", "is a platform's own linear algebra"),
    ("accelerate-src", "is a platform's own linear algebra"),
    ("getrandom", "reads entropy, which cannot be replayed"),
    ("rayon", "splits work over threads, so that sums may depend on them"),
    ("ahash", "orders by a key that differs from run to run"),
];

/// What code says that looks at its processor before it chooses how to compute.
const LOOKS: &[&str] = &["is_x86_feature_detected", "is_aarch64_feature_detected", "std_detect", "cpufeatures", "__cpuid"];

/// Packages that do so and may stand below a core crate, because what they compute has one right answer.
const LOOKING: &[(&str, &str)] = &[
    ("blake3", "a hash of integers"),
    ("constant_time_eq", "compares bytes"),
    ("cpufeatures", "asks for blake3"),
    ("libm", "asks for `fma` alone, which is exact either way and which nobody calls"),
    ("memchr", "finds bytes in text"),
];

/// Asks `cargo tree` for each core crate that exists, and reads the sources of what stands below it.
pub fn check(root: &Path, files: &[File]) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for name in CORE_CRATES {
        let manifest = format!("crates/{name}/Cargo.toml");
        if !files.iter().any(|f| f.path == manifest) {
            continue;
        }
        let package = format!("leitai-{name}");
        let tree = tree(root, &package)?;
        findings.extend(forbidden(&manifest, &package, &tree));
        for below in tree.lines().filter_map(Below::of) {
            if below.name.starts_with("leitai-") || LOOKING.iter().any(|(known, _)| *known == below.name) {
                continue;
            }
            if let Some((file, word)) = below.sources().iter().find_map(|folder| looks(folder)) {
                findings.push(Finding::new(
                    &manifest,
                    0,
                    "kernels",
                    format!(
                        "`{}` stands below it and chooses code at run time (`{word}` in {}); turn that feature off, or, if its answers cannot depend on it, say so in xtask/src/tidy/kernels.rs",
                        below.name,
                        file.display()
                    ),
                ));
            }
        }
    }
    Ok(findings)
}

/// What stands below a package, a line each: name, version, and a folder if it is not from a registry.
fn tree(root: &Path, package: &str) -> Result<String, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["tree", "--quiet", "--locked", "--package", package, "--edges", "normal", "--prefix", "none", "--all-features"]);
    let out = cargo.current_dir(root).output().map_err(|e| format!("cannot run cargo tree: {e}"))?;
    if !out.status.success() {
        return Err(format!("cargo tree for {package} failed: {}", String::from_utf8_lossy(&out.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// A line of `cargo tree`.
struct Below<'a> {
    name: &'a str,
    version: &'a str,
    /// In parentheses: where it is, if it is not from a registry.
    folder: Option<&'a str>,
}

impl<'a> Below<'a> {
    /// None for what was printed before, and for what runs only in the compiler.
    fn of(line: &'a str) -> Option<Self> {
        if line.ends_with("(*)") || line.contains("(proc-macro)") {
            return None;
        }
        let (name, rest) = line.split_once(" v")?;
        let (version, folder) = rest.split_once(" (").map_or((rest, None), |(v, f)| (v, f.strip_suffix(')')));
        Some(Self { name, version: version.trim(), folder })
    }

    /// Folders that may hold its sources.
    fn sources(&self) -> Vec<PathBuf> {
        if let Some(folder) = self.folder {
            return vec![Path::new(folder).join("src")];
        }
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
        let Some(registries) = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok()) else { return Vec::new() };
        let package = format!("{}-{}", self.name, self.version);
        registries.flatten().map(|registry| registry.path().join(&package).join("src")).collect()
    }
}

/// The first file under `folder` that looks at its processor, and the word that shows it.
fn looks(folder: &Path) -> Option<(PathBuf, &'static str)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().find_map(|path| {
        if path.is_dir() {
            return looks(&path);
        }
        let text = std::fs::read_to_string(&path).ok().filter(|_| path.extension().is_some_and(|kind| kind == "rs"))?;
        let code = super::source::split(&text).code;
        LOOKS.iter().find(|word| super::source::has_word(&code, word)).map(|word| (path, *word))
    })
}

fn forbidden(manifest: &str, package: &str, tree: &str) -> Vec<Finding> {
    let mut names: Vec<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.sort_unstable();
    names.dedup();
    FORBIDDEN
        .iter()
        .filter(|(bad, _)| names.contains(bad))
        .map(|(bad, why)| {
            Finding::new(manifest, 0, "kernels", format!("`{bad}` stands below it and {why}; find who brings it with `cargo tree -p {package} -i {bad}` and turn that feature off"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `cargo tree --prefix none` prints it.
    #[test]
    fn a_kernel_chosen_at_run_time_is_found() {
        let tree = "leitai-sim v0.1.0 (crates/sim)\nnalgebra v0.33.0\nmatrixmultiply v0.3.9\nlibm v0.2.16\nlibm v0.2.16 (*)\n";
        let found = forbidden("crates/sim/Cargo.toml", "leitai-sim", tree);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("cargo tree -p leitai-sim -i matrixmultiply"), "{}", found[0]);
        assert!(forbidden("crates/sim/Cargo.toml", "leitai-sim", "libm v0.2.16\nblake3 v1.8.7\n").is_empty());
    }

    /// A small workspace whose core crate uses two others, asked as the real tree is.
    #[test]
    fn a_core_crate_that_brings_kernels_is_refused() {
        let root = std::env::temp_dir().join(format!("leitai-kernels-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\", \"fast\", \"matrixmultiply\"]\n");
        let uses = "[dependencies]\nfast = { path = \"../../fast\" }\nmatrixmultiply = { path = \"../../matrixmultiply\" }\n";
        write("crates/sim/Cargo.toml", &(package("leitai-sim") + uses));
        write("crates/sim/src/lib.rs", "");
        write("matrixmultiply/Cargo.toml", &package("matrixmultiply"));
        write("matrixmultiply/src/lib.rs", "// is_x86_feature_detected in a comment is no kernel");
        write("fast/Cargo.toml", &package("fast"));
        write("fast/src/lib.rs", "mod dot;");
        write("fast/src/dot.rs", "pub fn fused() -> bool { std::is_x86_feature_detected!(\"fma\") }");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let locked = Command::new(cargo).args(["generate-lockfile", "--offline", "--quiet"]).current_dir(&root).status().unwrap();
        assert!(locked.success());
        let manifest = File { path: "crates/sim/Cargo.toml".into(), text: String::new() };
        let found = check(&root, &[manifest]).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        let messages: Vec<&str> = found.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].starts_with("`matrixmultiply` stands below it and picks fused kernels at run time"), "{messages:?}");
        assert!(messages[1].starts_with("`fast` stands below it and chooses code at run time (`is_x86_feature_detected` in"));
        assert!(messages[1].contains("dot.rs"), "{messages:?}");
    }
}
