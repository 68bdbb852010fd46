//! The search for any chain, against forward kinematics.
// Published postures and ranges stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;

use leitai_control::Chain;
use leitai_control::closed_form::ClosedForm;
use leitai_control::ik::pose_error;
use leitai_control::search::{Missed, Search, SearchOptions};
use leitai_math::{Pose, Quat, Seed, Stream, Vec3};
use leitai_model::spec::{BodySpec, GeomSpec, JointKind, JointSpec, SiteSpec, Spec};

fn chain_of(spec: &Spec) -> Chain {
    let model = spec.build().expect("the test's arm is sound");
    Chain::new(&model, model.site_named("tool_mount").unwrap()).unwrap()
}

fn turned(draw: &mut Stream) -> Quat {
    Quat::from_rotation_vector(Vec3::new(draw.uniform(-2.0, 2.0), draw.uniform(-2.0, 2.0), draw.uniform(-2.0, 2.0)))
}

/// An arm of any shape: `kinds` says which joints slide.
fn random_arm(kinds: &[JointKind], limited: bool, draw: &mut Stream) -> Chain {
    let mut outer: Option<BodySpec> = None;
    for (i, &kind) in kinds.iter().enumerate().rev() {
        let place = Vec3::new(draw.uniform(-0.3, 0.3), draw.uniform(-0.3, 0.3), draw.uniform(0.05, 0.4));
        let mut body = BodySpec::new(format!("link_{i}"), Pose::new(place, turned(draw)));
        let half = if kind == JointKind::Slide { 0.3 } else { draw.uniform(1.5, 3.0) };
        let axis = turned(draw).rotate(Vec3::Z);
        let range = limited.then_some([-half, half + 0.1]);
        body.joints.push(JointSpec { name: format!("joint_{i}"), kind, axis, range, ..JointSpec::default() });
        body.geoms.push(GeomSpec::new(leitai_geometry::Shape::Sphere { radius: 0.05 }));
        match outer.take() {
            Some(next) => body.bodies.push(next),
            None => body.sites.push(SiteSpec {
                name: "tool_mount".into(),
                pose: Pose::new(Vec3::new(0.0, 0.1, 0.1), turned(draw)),
                ..SiteSpec::default()
            }),
        }
        outer = Some(body);
    }
    let mut spec = Spec { name: "random".into(), ..Spec::default() };
    spec.world.name = "world".into();
    spec.world.bodies.extend(outer);
    chain_of(&spec)
}

/// Searches for FK(q) of `count` random postures from random others; gives how many were missed.
fn missed(chain: &Chain, name: &str, count: usize) -> usize {
    let search = Search::new(chain);
    let mut work = search.work();
    let mut draw = Seed::from_number(31).stream(name);
    let mut missed = 0;
    for case in 0..count {
        let mut posture =
            || -> Vec<f64> { (0..chain.len()).map(|i| draw.uniform(chain.low[i].max(-3.0), chain.high[i].min(3.0))).collect() };
        let (q, start) = (posture(), posture());
        let target = chain.tip(&q);
        match search.solve(&target, &start, &SearchOptions::default(), &mut work) {
            Ok(found) => {
                let (p, r) = pose_error(&target, &chain.tip(&found.q));
                assert!(p.norm() < 1.1e-6 && r.norm() < 1.1e-6, "{name} {case}: {:e} {:e}", p.norm(), r.norm());
                let inside = (0..chain.len()).all(|i| found.q[i] >= chain.low[i] && found.q[i] <= chain.high[i]);
                assert!(inside, "{name} {case}: {:?}", found.q);
            }
            Err(Missed::Nearest(_)) => missed += 1,
            Err(Missed::NotAPose) => panic!("{name} {case}: a pose by construction"),
        }
    }
    missed
}

#[test]
fn reachable_poses_of_ordinary_arms_are_found() {
    for spec in [arms::six_axes(), arms::seven_axes()] {
        assert_eq!(missed(&chain_of(&spec), &spec.name, 3000), 0, "{}", spec.name);
    }
}

/// Arms no closed form knows: axes anywhere, slides among the hinges, four to nine joints, with limits and without.
#[test]
fn reachable_poses_of_arms_of_any_shape_are_found() {
    let (h, s) = (JointKind::Hinge, JointKind::Slide);
    let mut draw = Seed::from_number(32).stream("arms");
    let mut total = 0;
    let shapes: [&[JointKind]; 7] =
        [&[h; 6], &[h; 7], &[h; 9], &[s, h, h, h, h, h, h], &[h, h, s, h, h, h], &[s, s, s, h, h, h], &[h; 4]];
    for (k, kinds) in shapes.into_iter().enumerate() {
        for limited in [true, false] {
            for round in 0..4 {
                let chain = random_arm(kinds, limited, &mut draw);
                total += missed(&chain, &format!("arm {k} {limited} {round}"), 150);
            }
        }
    }
    assert!(total <= 8, "{total} of 8400 were missed");
}

/// Three meters away from a 1.75 m arm: the answer is an error that says by how much, after the steps allowed.
#[test]
fn a_pose_out_of_reach_is_an_error_with_the_miss() {
    let chain = chain_of(&arms::six_axes());
    let search = Search::new(&chain);
    let target = Pose::new(Vec3::new(3.0, 0.0, 0.2363), Quat::IDENTITY);
    let options = SearchOptions { steps: 100, ..SearchOptions::default() };
    let error = search.solve(&target, &[0.1; 6], &options, &mut search.work()).unwrap_err();
    assert!(error.to_string().starts_with("no posture was found in 100 steps; the nearest misses by"), "{error}");
    let Missed::Nearest(nearest) = error else { panic!() };
    assert!(nearest.position_error_m > 1.0 && nearest.position_error_m < 2.0, "{}", nearest.position_error_m);
}

#[test]
fn bad_targets_and_postures_are_errors() {
    let chain = chain_of(&arms::seven_axes());
    let search = Search::new(&chain);
    let mut work = search.work();
    let good = chain.tip(&[0.3; 7]);
    let options = SearchOptions::default();
    let mut refused = |target: Pose, posture: &[f64]| {
        assert_eq!(search.solve(&target, posture, &options, &mut work).unwrap_err(), Missed::NotAPose);
    };
    refused(Pose::new(Vec3::new(f64::NAN, 0.0, 0.0), good.rotation), &[0.0; 7]);
    refused(Pose::new(Vec3::new(1e300, 0.0, 0.0), good.rotation), &[0.0; 7]);
    refused(Pose::new(good.position, Quat::new(0.0, 0.0, 0.0, 0.0)), &[0.0; 7]);
    refused(good, &[f64::NAN; 7]);
    refused(good, &[1e300; 7]);
    refused(good, &[0.0; 6]);
}

/// Started where it should end, it ends there; in a straight posture as well as in a bent one.
#[test]
fn a_posture_that_stands_at_the_target_is_kept() {
    let chain = chain_of(&arms::six_axes());
    let search = Search::new(&chain);
    for q in [[0.0; 6], [0.3, -1.0, 0.8, 0.2, 0.5, -0.4]] {
        let found = search.solve(&chain.tip(&q), &q, &SearchOptions::default(), &mut search.work()).unwrap();
        assert_eq!((found.q.as_slice(), found.steps), (q.as_slice(), 0));
    }
}

/// The same question gives the same bits, whatever the work space was used for before.
#[test]
fn the_same_pose_gives_the_same_bits() {
    let chain = chain_of(&arms::seven_axes());
    let search = Search::new(&chain);
    let mut used = search.work();
    let options = SearchOptions::default();
    search.solve(&chain.tip(&[1.0; 7]), &[0.0; 7], &options, &mut used).unwrap();
    let target = chain.tip(&[0.3, -0.5, 0.2, 1.0, 0.4, -0.8, 0.1]);
    let again = search.solve(&target, &[-2.0; 7], &options, &mut used).unwrap();
    assert_eq!(again, search.solve(&target, &[-2.0; 7], &options, &mut search.work()).unwrap());
}

/// Truth is the closed form, which knows every branch within the limits: the search finds them too, and nothing else.
#[test]
fn several_postures_are_the_branches_of_the_closed_form() {
    let chain = chain_of(&arms::six_axes());
    let arm = ClosedForm::of(&chain).unwrap();
    let search = Search::new(&chain);
    let mut work = search.work();
    let mut draw = Seed::from_number(33).stream("several");
    // Next to a singular posture, postures within a wide tolerance differ by more than the milliradian that tells two apart.
    let options = SearchOptions { position_tolerance_m: 1e-10, rotation_tolerance_rad: 1e-10, ..SearchOptions::default() };
    let (mut wanted, mut found) = (0, 0);
    for case in 0..40 {
        let q: [f64; 6] = core::array::from_fn(|_| draw.uniform(-3.0, 3.0));
        let target = chain.tip(&q);
        let branches = arm.solve(&target, &[0.0; 6]).unwrap();
        let answers = search.several(&target, &[0.0; 6], 64, &options, &mut work).unwrap();
        let same = |a: f64, b: f64| (f64::sin(0.5 * (a - b))).abs() < 1e-3;
        let among = |b: &[f64]| answers.iter().filter(|a| a.q.iter().zip(b).all(|(x, y)| same(*x, *y))).count();
        let known = |a: &[f64]| branches.as_slice().iter().any(|b| b.q.iter().zip(a).all(|(x, y)| same(*x, *y)));
        wanted += branches.as_slice().iter().filter(|b| b.within_limits).count();
        found += branches.as_slice().iter().filter(|b| b.within_limits && among(&b.q) > 0).count();
        assert!(answers.iter().all(|a| known(&a.q)), "case {case}");
        let order: Vec<f64> = answers.iter().map(|a| a.q.iter().map(|x| x * x).sum()).collect();
        assert!(order.is_sorted(), "case {case}: {order:?}");
    }
    assert!(found * 100 >= wanted * 98, "{found} of {wanted} branches");
}
