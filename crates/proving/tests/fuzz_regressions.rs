//! What fuzzing found in the readers of evidence, replayed, and a small bundle with each of its bytes in turn changed or cut off:
//! `fuzz/regressions/TARGET/` holds the inputs, `fuzz/bodies/proving.rs` what is done with them.

mod common;

#[path = "../../../fuzz/bodies/proving.rs"]
mod proving;

use leitai_proving::bundle::Bundle;
use std::path::Path;

/// A target's name and what it does with bytes.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 4] =
    [("bundle", proving::bundle), ("members", proving::members), ("claim", proving::claim), ("predicate", proving::predicate)];

#[test]
fn inputs_that_once_broke_a_reader_no_longer_do() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions");
    for (target, body) in TARGETS {
        for entry in std::fs::read_dir(root.join(target)).into_iter().flatten().flatten() {
            println!("{target}: {}", entry.path().display());
            body(&std::fs::read(entry.path()).expect("a file of the tree"));
        }
    }
}

/// No single byte can change, and no end be cut off, without the bundle being refused.
#[test]
fn a_bundle_with_any_byte_changed_is_refused() {
    let packages = common::packages(0.05, &[("error_m <= 0.5", 0.9)], 12);
    let (bytes, _) = common::evidence(&packages, &common::claim(&packages), 1).to_bytes(None).expect("writes");
    assert!(Bundle::from_bytes(&bytes).is_ok());
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(Bundle::from_bytes(&changed).is_err(), "byte {at}");
    }
    for end in (0..bytes.len()).step_by(7) {
        assert!(Bundle::from_bytes(&bytes[..end]).is_err(), "cut at {end}");
    }
}
