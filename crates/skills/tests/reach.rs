//! Every arm of the catalog is solved in closed form: each posture that made a pose is found again.

use leitai_control::closed_form::{ClosedForm, Redundancy, Redundant, Structure};
use leitai_control::search::{Search, SearchOptions};
use leitai_control::{Chain, ik};
use leitai_math::{Seed, real};
use leitai_model::Model;
use leitai_package::disk::Folder;

fn arm(id: &str) -> (Model, Chain) {
    let files = Folder::inside(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog"));
    let loaded = leitai_package::mjcf::read(&format!("robots/{id}/robot.xml"), &files).unwrap_or_else(|error| panic!("{error}"));
    let model = loaded.spec.build().unwrap();
    let chain = Chain::new(&model, model.site_named("tool_mount").unwrap()).unwrap();
    (model, chain)
}

/// Truth is the chain's own forward kinematics, at random postures within the limits.
#[test]
fn six_axis_arms_find_every_posture_again() {
    for id in ["ur5e", "ur10e", "ur20", "ur30"] {
        let (_, chain) = arm(id);
        let solver = ClosedForm::of(&chain).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(solver.structure(), Structure::ParallelFromSecond, "{id}");
        let screws = solver.screws();
        let mut draw = Seed::from_number(21).stream(id);
        for case in 0..5000 {
            let q: [f64; 6] = core::array::from_fn(|i| draw.uniform(screws.low[i], screws.high[i]));
            let target = chain.tip(&q);
            let branches = solver.solve(&target, &q).unwrap_or_else(|error| panic!("{id} {case}: {error}"));
            // The nearest branch, turned whole turns towards the posture, is the posture.
            let again = branches.nearest_to(&q, &screws.low, &screws.high).expect("a branch within the limits");
            let apart = again.iter().zip(&q).fold(0.0, |most, (a, b)| real::max(most, real::abs(a - b)));
            assert!(apart < 1e-6, "{id} {case}: {apart:e} from {q:?}");
            for branch in branches.as_slice() {
                let (p, r) = ik::pose_error(&target, &chain.tip(&branch.q));
                assert!(p.norm() < 2e-9 && r.norm() < 2e-9, "{id} {case}: {:e} m {:e} rad", p.norm(), r.norm());
            }
        }
    }
}

/// With the redundancy's parameter as the posture has it, the posture is among the branches; and without it, an answer within the
/// limits is found for every pose.
#[test]
fn seven_axis_arms_find_every_posture_again() {
    for (id, redundancy) in [("franka-fr3", Redundancy::Joint(6)), ("kuka-iiwa14", Redundancy::Swivel)] {
        let (_, chain) = arm(id);
        let solver = Redundant::of(&chain).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(solver.redundancy(), redundancy, "{id}");
        let screws = solver.screws();
        let mut draw = Seed::from_number(22).stream(id);
        for case in 0..5000 {
            let mut posture = || core::array::from_fn(|i| draw.uniform(screws.low[i], screws.high[i]));
            let (q, other): ([f64; 7], [f64; 7]) = (posture(), posture());
            let target = chain.tip(&q);
            let branches = solver.solve(&target, solver.parameter(&q), &q).unwrap_or_else(|error| panic!("{id} {case}: {error}"));
            let again = branches.nearest_to(&q, &screws.low, &screws.high).expect("a branch within the limits");
            let apart = again.iter().zip(&q).fold(0.0, |most, (a, b)| real::max(most, real::abs(a - b)));
            assert!(apart < 1e-5, "{id} {case}: {apart:e} from {q:?}");
            let first = solver.first(&target, &other, 4000).unwrap_or_else(|error| panic!("{id} {case}: {error}"));
            let (p, r) = ik::pose_error(&target, &chain.tip(&first.q));
            assert!(p.norm() < 2e-9 && r.norm() < 2e-9, "{id} {case}: {:e} m {:e} rad", p.norm(), r.norm());
            assert!((0..7).all(|i| first.q[i] >= screws.low[i] && first.q[i] <= screws.high[i]), "{id} {case}");
        }
    }
}

/// The search that knows no structure: at least 999 of 1000 reachable poses of each arm.
#[test]
fn the_search_finds_postures_of_every_arm() {
    for id in ["ur5e", "ur10e", "ur20", "ur30", "franka-fr3", "kuka-iiwa14", "aubo-i5", "dobot-cr5"] {
        let (_, chain) = arm(id);
        let search = Search::new(&chain);
        let mut work = search.work();
        let mut draw = Seed::from_number(23).stream(id);
        let mut missed = 0;
        for case in 0..2000 {
            let mut posture = || -> Vec<f64> { (0..chain.len()).map(|i| draw.uniform(chain.low[i], chain.high[i])).collect() };
            let (target, start) = (chain.tip(&posture()), posture());
            let Ok(found) = search.solve(&target, &start, &SearchOptions::default(), &mut work) else {
                missed += 1;
                continue;
            };
            let (p, r) = ik::pose_error(&target, &chain.tip(&found.q));
            assert!(p.norm() < 1.1e-6 && r.norm() < 1.1e-6, "{id} {case}: {:e} m {:e} rad", p.norm(), r.norm());
            assert!((0..chain.len()).all(|i| found.q[i] >= chain.low[i] && found.q[i] <= chain.high[i]), "{id} {case}");
        }
        assert!(missed <= 2, "{id}: {missed} of 2000");
    }
}
