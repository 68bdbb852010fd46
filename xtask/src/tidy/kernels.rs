//! Rule `kernels`: no dependency of the core brings numeric kernels chosen at run time, entropy or threads.
//!
//! `nalgebra` with its `std` feature, for example, brings `matrixmultiply`, which picks fused instructions where the processor
//! has them, so that a product's last bit depends on the machine. Hashes such as BLAKE3 choose kernels too, but integers
//! have only one right answer.

use std::path::Path;
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

/// Asks `cargo tree` for each core crate that exists.
pub fn check(root: &Path, files: &[File]) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for name in CORE_CRATES {
        let manifest = format!("crates/{name}/Cargo.toml");
        if !files.iter().any(|f| f.path == manifest) {
            continue;
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let package = format!("leitai-{name}");
        let out = Command::new(cargo)
            .args([
                "tree",
                "--quiet",
                "--locked",
                "--package",
                &package,
                "--edges",
                "normal",
                "--prefix",
                "none",
                "--all-features",
            ])
            .current_dir(root)
            .output()
            .map_err(|e| format!("cannot run cargo tree: {e}"))?;
        if !out.status.success() {
            return Err(format!("cargo tree for {package} failed: {}", String::from_utf8_lossy(&out.stderr).trim()));
        }
        findings.extend(forbidden(&manifest, &package, &String::from_utf8_lossy(&out.stdout)));
    }
    Ok(findings)
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
}
