//! Compiles DAQP's C sources from the folder DAQP_SOURCE (`csrc` of its PyPI source archive) with the flags of its own setup.py.

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=DAQP_SOURCE");
    println!("cargo:rerun-if-changed=peer.c");
    let source = std::env::var("DAQP_SOURCE")
        .expect("DAQP_SOURCE is the csrc folder of DAQP's source archive; bench/motion/qp.py sets it");
    let source = PathBuf::from(source);
    let mut build = cc::Build::new();
    for name in
        ["api", "avi", "auxiliary", "bnb", "daqp", "daqp_prox", "eq_elim", "factorization", "hierarchical", "presolve", "utils"]
    {
        build.file(source.join("src").join(format!("{name}.c")));
    }
    build.file("peer.c").include(source.join("include")).opt_level(3).warnings(false);
    for flag in ["-DPROFILING", "-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math"] {
        build.flag(flag);
    }
    build.compile("daqp");
}
