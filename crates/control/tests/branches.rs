//! All branches of two arms, beside another tool's.

mod published;

use leitai_control::closed_form::{ClosedForm, Screws};
use published::{apart, puma, ur5e};

fn numbers(line: &str) -> [f64; 6] {
    let all: Vec<f64> = line.split_whitespace().map(|x| x.parse().unwrap()).collect();
    all.try_into().unwrap()
}

/// EAIK 1.2.2's branches, written by `oracle/eaik/branches.py` from the same tables: as many, and each the same.
#[test]
fn branches_are_those_of_eaik() {
    let arms: [(Screws<6>, &str); 2] = [(ur5e(), include_str!("eaik/ur5e.txt")), (puma(), include_str!("eaik/puma.txt"))];
    for (screws, text) in arms {
        let arm = ClosedForm::new(screws).unwrap();
        let mut poses = 0;
        for block in text.split("pose ").skip(1) {
            let mut lines = block.lines();
            let q = numbers(lines.next().unwrap());
            let branches = arm.solve(&arm.screws().tip_at(&q), &[0.0; 6]).unwrap();
            let theirs: Vec<[f64; 6]> = lines.map(numbers).collect();
            assert_eq!(branches.as_slice().len(), theirs.len(), "{q:?}");
            for other in &theirs {
                let nearest = branches.as_slice().iter().map(|b| apart(&b.q, other)).fold(f64::INFINITY, f64::min);
                assert!(nearest < 1e-5, "{nearest:e}: {other:?} from {q:?}");
            }
            poses += 1;
        }
        assert_eq!(poses, 60);
    }
}
