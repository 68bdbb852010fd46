//! Inverse kinematics keeps its bits: debug, release and every vector width compute these digests.
// Published postures and ranges stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;
mod published;

use core::f64::consts::PI;
use leitai_control::Chain;
use leitai_control::closed_form::{ClosedForm, Redundant};
use leitai_control::search::{Search, SearchOptions};
use leitai_math::Seed;
use published::{iiwa, panda, puma, ur5e};

/// FNV-1a over the bits of numbers.
struct Digest(u64);

impl Digest {
    fn add(&mut self, numbers: &[f64]) {
        for byte in numbers.iter().flat_map(|x| x.to_bits().to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// A golden value: whoever changes it changes answers that are already recorded, and says why.
#[test]
fn answers_keep_their_bits() {
    let mut digest = Digest(0xcbf2_9ce4_8422_2325);
    let mut draw = Seed::from_number(41).stream("bits");
    for arm in [ur5e(), puma()].map(|screws| ClosedForm::new(screws).unwrap()) {
        for _ in 0..200 {
            let q: [f64; 6] = core::array::from_fn(|_| draw.uniform(-PI, PI));
            for branch in arm.solve(&arm.screws().tip_at(&q), &[0.0; 6]).unwrap().as_slice() {
                digest.add(&branch.q);
            }
        }
    }
    for arm in [panda(), iiwa()].map(|screws| Redundant::new(screws).unwrap()) {
        for _ in 0..200 {
            let q: [f64; 7] = core::array::from_fn(|i| draw.uniform(arm.screws().low[i], arm.screws().high[i]));
            digest.add(&arm.first(&arm.screws().tip_at(&q), &[0.1; 7], 4000).unwrap().q);
        }
    }
    assert_eq!(format!("{:016x}", digest.0), "8c0cf3c188e7dc3e");
    let mut digest = Digest(0xcbf2_9ce4_8422_2325);
    for spec in [arms::six_axes(), arms::seven_axes()] {
        let model = spec.build().unwrap();
        let chain = Chain::new(&model, model.site_named("tool_mount").unwrap()).unwrap();
        let search = Search::new(&chain);
        let mut work = search.work();
        for _ in 0..200 {
            let q: Vec<f64> = (0..chain.len()).map(|_| draw.uniform(-3.0, 3.0)).collect();
            let posture = vec![0.1; chain.len()];
            digest.add(&search.solve(&chain.tip(&q), &posture, &SearchOptions::default(), &mut work).unwrap().q);
        }
    }
    assert_eq!(format!("{:016x}", digest.0), "ac658143a798131a");
}
