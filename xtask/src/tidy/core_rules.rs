//! Rules `core-*`: code whose result reaches a verdict's bits gives the same bits on every machine.
//!
//! The compiler already refuses much of this in a `no_std` crate; these rules say why and what to write instead, and hold
//! for the core modules of crates that are otherwise native.

use super::source::{has_word, is_word, split, without_tests};
use super::{File, Finding};

/// Crates that are core, and so `#![no_std]`.
pub const CORE_CRATES: &[&str] =
    &["math", "geometry", "model", "package", "dynamics", "sim", "control", "perception", "skills", "fleet", "runtime"];

/// Native modules inside core crates, kept apart there because they touch the machine.
const NATIVE_MODULES: &[&str] = &["crates/package/src/disk.rs"];

/// Core modules of crates that are otherwise native: path prefixes, with or without `.rs`.
const CORE_MODULES: &[&str] = &[
    "crates/proving/src/trial",
    "crates/proving/src/metric",
    "crates/proving/src/statistic",
    "crates/proving/src/verdict",
    "crates/proving/src/claim",
    "crates/proving/src/canonical",
    "crates/proving/src/outcome",
    "crates/proving/src/plan",
    "crates/proving/src/seal",
    "crates/proving/src/packages",
    "crates/proving/src/arms",
];

/// Where the platform's functions are replaced by pinned ones.
const PINNED_MATH: &str = "crates/math/src/real";

/// Float methods whose bits, or whose very existence, depend on the platform's mathematics library.
const FLOAT: &[&str] = &[
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sin_cos", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "exp",
    "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powi", "powf", "sqrt", "cbrt", "hypot",
];

/// Words that do not belong in core code: word, rule, why and what instead.
const WORDS: &[(&str, &str, &str)] = &[
    ("HashMap", "core-hash", "its order differs from run to run; use `alloc::collections::BTreeMap` or a sorted `Vec`"),
    ("HashSet", "core-hash", "its order differs from run to run; use `alloc::collections::BTreeSet` or a sorted `Vec`"),
    ("RandomState", "core-hash", "it is seeded by the machine; use an ordered collection"),
    ("Instant", "core-clock", "results may not depend on a clock; count steps and multiply by the period"),
    ("SystemTime", "core-clock", "results may not depend on a clock; count steps and multiply by the period"),
    ("mul_add", "core-float", "it fuses on some processors and not on others; write `a * b + c`"),
    ("libm", "core-float", "the pinned functions have one door; use `leitai_math::real`"),
    ("is_x86_feature_detected", "core-float", "code chosen by the processor gives other bits; write one form for all"),
    ("target_feature", "core-float", "code chosen by the processor gives other bits; write one form for all"),
    ("getrandom", "core-random", "entropy cannot be replayed; draw from a named stream of the trial's seed"),
    ("thread_rng", "core-random", "entropy cannot be replayed; draw from a named stream of the trial's seed"),
];

/// Checks one file; those outside the core have nothing to say.
pub fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_core(&file.path) {
        return findings;
    }
    let code = without_tests(&split(&file.text).code);
    if file.path.ends_with("/src/lib.rs") && !code.contains("#![no_std]") {
        findings.push(Finding::new(
            &file.path,
            0,
            "core-no-std",
            "a core crate without `#![no_std]`; add it under the opening comment",
        ));
    }
    let pinned = file.path.starts_with(PINNED_MATH);
    for (at, line) in code.lines().enumerate() {
        let mut found = |rule, message: String| findings.push(Finding::new(&file.path, at + 1, rule, message));
        if uses_std(line) {
            found("core-no-std", "core code may not use `std`: no IO, clock, environment or threads; use `core` or `alloc`, or move it out of the core".to_owned());
        }
        for (word, rule, change) in WORDS {
            let allowed = pinned && *word == "libm";
            if !allowed && has_word(line, word) {
                found(rule, format!("`{word}` in core code: {change}"));
            }
        }
        if !pinned {
            for name in platform_floats(line) {
                found(
                    "core-float",
                    format!("platform function `{name}`: its last bit differs between machines; use `leitai_math::real::{name}`"),
                );
            }
        }
    }
    findings
}

fn is_core(path: &str) -> bool {
    if !path.ends_with(".rs") || NATIVE_MODULES.contains(&path) {
        return false;
    }
    let whole = CORE_CRATES
        .iter()
        .any(|c| path.strip_prefix("crates/").and_then(|p| p.strip_prefix(c)).is_some_and(|p| p.starts_with("/src/")));
    whole || CORE_MODULES.iter().any(|m| path.strip_prefix(m).is_some_and(|rest| rest == ".rs" || rest.starts_with('/')))
}

fn uses_std(line: &str) -> bool {
    line.match_indices("std::").any(|(at, _)| !at.checked_sub(1).is_some_and(|p| is_word(line.as_bytes()[p])))
        || has_word(line, "extern crate std")
}

/// Names in `line` that are called as a float's method, as `x.sin()` or `f64::sin(x)` or passed as `f64::sin`.
fn platform_floats(line: &str) -> Vec<&'static str> {
    let bytes = line.as_bytes();
    FLOAT
        .iter()
        .copied()
        .filter(|name| {
            line.match_indices(name).any(|(at, _)| {
                let after = bytes.get(at + name.len()).copied();
                let method = at > 0 && bytes[at - 1] == b'.' && after == Some(b'(') && !line[..at].ends_with("..");
                let path = (line[..at].ends_with("f64::") || line[..at].ends_with("f32::")) && !after.is_some_and(is_word);
                method || path
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        check(&File { path: path.into(), text: text.into() }).into_iter().map(|f| (f.line, f.rule)).collect()
    }

    const SIM: &str = "crates/sim/src/world.rs";

    #[test]
    fn a_core_crate_says_no_std() {
        assert_eq!(found("crates/sim/src/lib.rs", "//! Sim.\n"), [(0, "core-no-std")]);
        assert!(found("crates/sim/src/lib.rs", "//! Sim.\n#![no_std]\n").is_empty());
    }

    #[test]
    fn std_hash_order_clocks_and_entropy_are_found() {
        assert_eq!(found(SIM, "use std::fmt;"), [(1, "core-no-std")]);
        assert_eq!(found(SIM, "\nlet m: HashMap<u8, u8>;"), [(2, "core-hash")]);
        assert_eq!(found(SIM, "let s = HashSet::new();"), [(1, "core-hash")]);
        assert_eq!(found(SIM, "let t = Instant::now();"), [(1, "core-clock")]);
        assert_eq!(found(SIM, "let t = SystemTime::now();"), [(1, "core-clock")]);
        assert_eq!(found(SIM, "getrandom::fill(&mut b);"), [(1, "core-random")]);
    }

    #[test]
    fn platform_floats_are_found_in_every_form() {
        for line in [
            "x.sin()",
            "x.powi(2)",
            "x.powf(2.0)",
            "x.exp()",
            "x.ln()",
            "x.sqrt()",
            "(a + b).atan2(c)",
            "f64::sin(x)",
            "v.map(f64::sqrt)",
        ] {
            assert_eq!(found(SIM, line), [(1, "core-float")], "{line}");
        }
        assert_eq!(found(SIM, "a.mul_add(b, c)"), [(1, "core-float")]);
        assert_eq!(found(SIM, "libm::sin(x)"), [(1, "core-float")]);
        assert!(found(SIM, "real::sin(x) + real::sqrt(y) + x.abs() + self.sine() + table.sin_table()").is_empty());
    }

    #[test]
    fn pinned_functions_have_one_door() {
        assert!(found("crates/math/src/real.rs", "libm::sin(x)").is_empty());
        assert_eq!(found("crates/math/src/space.rs", "libm::sin(x)"), [(1, "core-float")]);
    }

    #[test]
    fn tests_comments_and_native_crates_are_free() {
        assert!(found(SIM, "// std::time\n#[cfg(test)]\nmod tests {\n    use std::fmt;\n}\n").is_empty());
        assert!(found("crates/cli/src/main.rs", "use std::time::Instant;").is_empty());
        assert!(found("crates/package/src/disk.rs", "use std::fs;").is_empty());
        assert_eq!(found("crates/package/src/mjcf/mod.rs", "use std::fs;"), [(1, "core-no-std")]);
        assert!(found("crates/sim/tests/pendulum.rs", "let x = y.sin();").is_empty());
    }

    #[test]
    fn core_modules_of_native_crates_are_held_too() {
        assert_eq!(found("crates/proving/src/statistic/fixed.rs", "x.sqrt()"), [(1, "core-float")]);
        assert_eq!(found("crates/proving/src/statistic.rs", "x.sqrt()"), [(1, "core-float")]);
        assert!(found("crates/proving/src/bundle.rs", "use std::fs;").is_empty());
    }
}
