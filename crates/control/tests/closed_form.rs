//! Inverse kinematics in closed form, against forward kinematics: every posture that made a pose is found again.

mod published;

use core::f64::consts::PI;
use leitai_control::closed_form::{
    ClosedForm, Fit, NoClosedForm, Order, Row, Screws, Structure, Turn, Unreachable, about, cones, distance, height, level, pair,
};
use leitai_control::ik::pose_error;
use leitai_math::{Pose, Quat, Seed, Stream, Vec3};
use published::{apart, direction, place, puma, ur5e};

fn stream(name: &str) -> Stream {
    Seed::from_number(11).stream(name)
}

fn angle(draw: &mut Stream) -> f64 {
    draw.uniform(-PI, PI)
}

/// Law: a problem made from known angles has them among its answers.
#[test]
fn subproblems_find_the_angles_they_were_made_from() {
    let mut draw = stream("subproblems");
    for _ in 0..2000 {
        let (k, k2, h) = (direction(&mut draw), direction(&mut draw), direction(&mut draw));
        let (p, p2) = (place(&mut draw), place(&mut draw));
        let (a, b) = (angle(&mut draw), angle(&mut draw));
        let turned = Turn::by(a).apply(k, p);
        let near = |t: &Turn, a: f64| (t.c - a.cos()).abs() < 1e-6 && (t.s - a.sin()).abs() < 1e-6;
        let one = about(k, p, turned);
        assert!(one.fit == Fit::Exact && near(&one.as_slice()[0], a));
        let three = distance(k, p, p2, (turned - p2).norm());
        assert!(three.fit == Fit::Exact && three.as_slice().iter().any(|t| near(t, a)));
        let four = height(h, k, p, h.dot(turned));
        assert!(four.fit == Fit::Exact && four.as_slice().iter().any(|t| near(t, a)));
        // rot(k, a)·p = rot(k2, b)·q for the q that makes it so.
        let q = Turn::by(b).back().apply(k2, turned);
        let two = cones(k, p, k2, q);
        assert!(two.fit == Fit::Exact && two.as_slice().iter().any(|(x, y)| near(x, a) && near(y, b)), "{two:?} {a} {b}");
    }
}

/// Closed form: a point at height 2 on a circle of radius 1 does not exist; the top of the circle comes nearest.
#[test]
fn a_subproblem_without_solution_gives_the_nearest_angle_and_says_so() {
    let four = height(Vec3::X, Vec3::Z, Vec3::X, 2.0);
    assert_eq!(four.fit, Fit::Nearest);
    assert_eq!(four.as_slice(), [Turn { c: 1.0, s: 0.0 }]);
    let one = about(Vec3::Z, Vec3::X, Vec3::new(0.0, 3.0, 1.0));
    assert_eq!(one.fit, Fit::Nearest);
    assert_eq!(one.as_slice(), [Turn { c: 0.0, s: 1.0 }]);
    // A point on the axis turns nowhere: every angle is right, or none.
    assert_eq!(about(Vec3::Z, Vec3::Z, Vec3::Z).fit, Fit::Free);
    assert_eq!(about(Vec3::Z, Vec3::Z, Vec3::X).fit, Fit::Nearest);
    assert_eq!(level(0.0, 0.0, 0.0).fit, Fit::Free);
    assert_eq!(level(0.0, 0.0, 1.0).fit, Fit::Nearest);
    // Two circles about one axis either coincide or never meet.
    assert_eq!(cones(Vec3::Z, Vec3::X, Vec3::Z, Vec3::Y).fit, Fit::Free);
    assert_eq!(cones(Vec3::Z, Vec3::X, Vec3::Y, Vec3::X * 0.5).fit, Fit::Nearest);
}

/// Law: two random equations made from known angles have them among their up to four answers, and every answer solves them.
#[test]
fn two_coupled_equations_give_up_to_four_pairs() {
    let mut draw = stream("pairs");
    let mut most = 0;
    for _ in 0..5000 {
        let (a, b) = (Turn::by(angle(&mut draw)), Turn::by(angle(&mut draw)));
        let mut rows = [Row::default(); 2];
        for row in &mut rows {
            row.left = [draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0)];
            row.right = [draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0)];
            row.level = row.left[0] * a.c + row.left[1] * a.s + row.right[0] * b.c + row.right[1] * b.s;
        }
        let found = pair(&rows, Order::Together, [0.0; 2]);
        assert_eq!(found.fit, Fit::Exact);
        most = most.max(found.as_slice().len());
        let size = |x: &Turn, y: &Turn| (x.c - y.c).abs() + (x.s - y.s).abs();
        let nearest = found.as_slice().iter().map(|(x, y)| size(x, &a) + size(y, &b)).fold(f64::INFINITY, f64::min);
        assert!(nearest < 1e-5, "{nearest:e} {rows:?}");
    }
    assert_eq!(most, 4);
}

/// Solves FK(q) for `count` random postures; each must be among the branches, and each branch must reach the pose.
fn found_again(arm: &ClosedForm, name: &str, count: usize) -> [usize; 9] {
    let mut draw = stream(name);
    let mut histogram = [0; 9];
    for case in 0..count {
        let q: [f64; 6] = core::array::from_fn(|_| angle(&mut draw));
        let target = arm.screws().tip_at(&q);
        let branches = arm.solve(&target, &[0.0; 6]).unwrap_or_else(|e| panic!("{name} {case}: {e}"));
        let nearest = branches.as_slice().iter().map(|b| apart(&b.q, &q)).fold(f64::INFINITY, f64::min);
        assert!(nearest < 1e-6, "{name} {case}: {nearest:e} from {q:?}");
        for branch in branches.as_slice() {
            let (p, r) = pose_error(&target, &arm.screws().tip_at(&branch.q));
            assert!(p.norm() < 2e-9 && r.norm() < 2e-9, "{name} {case}: {:e} {:e}", p.norm(), r.norm());
        }
        histogram[branches.as_slice().len()] += 1;
    }
    histogram
}

#[test]
fn every_posture_of_a_ur5e_is_found_again() {
    let arm = ClosedForm::new(ur5e()).unwrap();
    assert_eq!(arm.structure(), Structure::ParallelFromSecond);
    let histogram = found_again(&arm, "ur5e", 20_000);
    assert_eq!(histogram[1] + histogram[3] + histogram[5] + histogram[7], 0, "branches come in pairs: {histogram:?}");
    assert!(histogram[8] > 10_000, "{histogram:?}");
}

#[test]
fn every_posture_of_a_puma_is_found_again() {
    let arm = ClosedForm::new(puma()).unwrap();
    assert_eq!(arm.structure(), Structure::SphericalWrist);
    found_again(&arm, "puma", 20_000);
}

/// The same arm described from its tip to its base, so that the spherical joint is at the shoulder and the parallel axes come third.
#[test]
fn arms_are_solved_backwards_too() {
    for (screws, structure) in [(puma(), Structure::SphericalShoulder), (ur5e(), Structure::ParallelFromThird)] {
        let (mut axis, mut point) = (screws.axis, screws.point);
        axis.reverse();
        point.reverse();
        let arm = ClosedForm::new(Screws::new(axis, point, Pose::IDENTITY, [-PI; 6], [PI; 6]).unwrap()).unwrap();
        assert_eq!(arm.structure(), structure);
        found_again(&arm, "backwards", 5000);
    }
}

/// Random arms of each class: axes in any direction, so that every order of the two equations occurs.
#[test]
fn random_arms_of_every_known_class_are_solved() {
    let mut draw = stream("arms");
    let tip = Pose::new(Vec3::new(0.1, 0.2, 0.3), Quat::from_rotation_vector(Vec3::new(0.4, 0.5, -0.6)));
    for kind in 0..7 {
        for round in 0..20 {
            let mut axis: [Vec3; 6] = core::array::from_fn(|_| direction(&mut draw));
            let mut point: [Vec3; 6] = core::array::from_fn(|_| place(&mut draw));
            if kind < 5 {
                (point[4], point[5]) = (point[3], point[3]);
            } else {
                (axis[2], axis[3]) = (-axis[1], axis[1]);
            }
            match kind {
                0 => {}
                1 => axis[1] = axis[0],
                2 => axis[2] = axis[1],
                3 => point[1] = point[0],
                4 => (point[2], axis[0]) = (point[1], axis[1]),
                5 => point[5] = point[4],
                _ => {}
            }
            let arm = ClosedForm::new(Screws::new(axis, point, tip, [-PI; 6], [PI; 6]).unwrap()).unwrap();
            let expected = if kind < 5 { Structure::SphericalWrist } else { Structure::ParallelFromSecond };
            assert_eq!(arm.structure(), expected);
            found_again(&arm, &format!("arm {kind} {round}"), 200);
        }
    }
}

/// Arms of right angles and repeated lengths, most of them degenerate: whatever is taken apart gives finite branches that reach the
/// pose, at postures of right angles (often singular) as well as anywhere.
#[test]
fn degenerate_arms_give_true_branches_or_none() {
    let mut draw = stream("degenerate");
    let mut one_of = |n: f64| draw.uniform(0.0, n) as usize;
    let axes = [Vec3::X, Vec3::Y, Vec3::Z, -Vec3::X, -Vec3::Y, -Vec3::Z];
    let (mut solvable, mut poses, mut answered) = (0, 0, 0);
    for _ in 0..4000 {
        let axis = core::array::from_fn(|_| axes[one_of(6.0)]);
        let mut at = Vec3::ZERO;
        let point: [Vec3; 6] = core::array::from_fn(|_| {
            at += axes[one_of(6.0)] * [0.0, 0.0, 0.3, 0.3, 0.5][one_of(5.0)];
            at
        });
        let screws = Screws::new(axis, point, Pose::new(at, Quat::IDENTITY), [-PI; 6], [PI; 6]).unwrap();
        let Ok(arm) = ClosedForm::new(screws) else { continue };
        solvable += 1;
        for k in 0..8 {
            let q: [f64; 6] = core::array::from_fn(|_| match k {
                0 => 0.0,
                1..4 => 0.5 * PI * (one_of(4.0) as f64 - 2.0),
                _ => 0.001 * (one_of(6000.0) as f64 - 3000.0),
            });
            let target = arm.screws().tip_at(&q);
            poses += 1;
            match arm.solve(&target, &q) {
                Ok(branches) => {
                    answered += 1;
                    for b in branches.as_slice() {
                        let (p, r) = pose_error(&target, &arm.screws().tip_at(&b.q));
                        assert!(p.norm() < 2e-9 && r.norm() < 2e-9, "{screws:?} {q:?}: {b:?}");
                    }
                }
                Err(Unreachable::TooFar(closest)) => {
                    assert!(closest.is_none_or(|b| b.q.iter().all(|x| x.is_finite())), "{screws:?} {q:?}: {closest:?}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(solvable > 100 && answered * 1000 >= poses * 999, "{solvable} arms, {answered} of {poses} poses");
}

/// Six lines without structure have no closed form here, and the message says what to use.
#[test]
fn an_arm_without_structure_is_refused() {
    let mut draw = stream("none");
    let axis = core::array::from_fn(|_| direction(&mut draw));
    let point = core::array::from_fn(|_| place(&mut draw));
    let error = ClosedForm::new(Screws::new(axis, point, Pose::IDENTITY, [-PI; 6], [PI; 6]).unwrap()).unwrap_err();
    assert_eq!(error, NoClosedForm::Unknown);
    assert!(error.to_string().contains("use the numerical solver"));
}

/// With the wrist straight, only the sum of two turns matters: the free one stays where the posture has it, the pose is exact.
#[test]
fn singular_postures_are_solved_and_say_so() {
    let cases: [(Screws<6>, [f64; 6], usize); 2] =
        [(puma(), [0.3, -0.8, 0.5, 0.9, 0.0, -0.4], 3), (ur5e(), [0.3, -0.8, 0.5, 0.9, 0.0, -0.4], 5)];
    for (screws, q, free) in cases {
        let arm = ClosedForm::new(screws).unwrap();
        let target = arm.screws().tip_at(&q);
        for kept in [-1.3, 0.0, q[free], 2.2] {
            let mut posture = [0.1; 6];
            posture[free] = kept;
            let branches = arm.solve(&target, &posture).unwrap();
            let singular: Vec<_> = branches.as_slice().iter().filter(|b| b.singular).collect();
            assert!(!singular.is_empty());
            assert!(singular.iter().all(|b| (b.q[free] - kept).abs() < 1e-9), "{singular:?}");
            if kept == q[free] {
                assert!(singular.iter().any(|b| apart(&b.q, &q) < 1e-6), "{singular:?}");
            }
            for b in branches.as_slice() {
                let (p, r) = pose_error(&target, &arm.screws().tip_at(&b.q));
                assert!(p.norm() < 2e-9 && r.norm() < 2e-9);
            }
        }
    }
}

/// Nearer and nearer to the singular wrist and the straight elbow, the posture is still among the branches.
#[test]
fn poses_next_to_singular_ones_are_solved() {
    for screws in [puma(), ur5e()] {
        let arm = ClosedForm::new(screws).unwrap();
        for exponent in 1..18 {
            let small = 10.0_f64.powi(-exponent);
            for q in
                [[0.3, -0.8, 0.5, 0.9, small, -0.4], [0.3, -0.8, small, 0.9, 0.7, -0.4], [0.3, -0.8, small, 0.9, small, -0.4]]
            {
                let target = arm.screws().tip_at(&q);
                let branches = arm.solve(&target, &q).unwrap_or_else(|e| panic!("{exponent}: {e}"));
                let nearest = branches.as_slice().iter().map(|b| apart(&b.q, &q)).fold(f64::INFINITY, f64::min);
                // Straight elbow and straight wrist at once: rounding moves the angles between the two, not the pose.
                let doubly = q[2] == small && q[4] == small;
                assert!(doubly || nearest < 1e-4, "{exponent} {q:?}: {nearest:e}");
            }
        }
    }
}

/// The wrist's center of a UR5e reaches less than a meter: three meters away the nearest branch misses by two, and says so.
#[test]
fn a_pose_out_of_reach_is_an_error_with_the_miss() {
    let arm = ClosedForm::new(ur5e()).unwrap();
    let target = Pose::new(Vec3::new(3.0, 0.2, 0.1), Quat::IDENTITY);
    let error = arm.solve(&target, &[0.0; 6]).unwrap_err();
    assert!(error.to_string().starts_with("no posture reaches the pose; the nearest branch misses by"), "{error}");
    let Unreachable::TooFar(Some(branch)) = error else { panic!("{error:?}") };
    let (p, _) = pose_error(&target, &arm.screws().tip_at(&branch.q));
    assert!(p.norm() > 1.9 && (p.norm() - branch.position_error_m).abs() < 1e-9, "{} {}", p.norm(), branch.position_error_m);
}

/// NaN, infinite and absurd targets are errors; a quaternion of length two is no rotation.
#[test]
fn a_target_that_is_no_pose_is_an_error() {
    let arm = ClosedForm::new(ur5e()).unwrap();
    let good = arm.screws().tip_at(&[0.3; 6]);
    let bad = [
        Pose::new(Vec3::new(f64::NAN, 0.0, 0.0), good.rotation),
        Pose::new(Vec3::new(f64::INFINITY, 0.0, 0.0), good.rotation),
        Pose::new(Vec3::new(1e300, 0.0, 0.0), good.rotation),
        Pose::new(good.position, Quat::new(f64::NAN, 0.0, 0.0, 0.0)),
        Pose::new(good.position, Quat::new(2.0, 0.0, 0.0, 0.0)),
        Pose::new(good.position, Quat::new(0.0, 0.0, 0.0, 0.0)),
    ];
    for target in bad {
        assert_eq!(arm.solve(&target, &[0.0; 6]).unwrap_err(), Unreachable::NotAPose);
    }
    assert_eq!(arm.solve(&good, &[f64::NAN; 6]).unwrap_err(), Unreachable::NotAPose);
    let s = ur5e();
    let mut axis = s.axis;
    axis[2] = Vec3::ZERO;
    let error = Screws::new(axis, s.point, s.tip, s.low, s.high).unwrap_err();
    assert_eq!(error.to_string(), "joint 3 of the chain, or the tip behind it, has no finite axis and place");
}

/// Files write π/2 as 1.5708: the axes are then parallel to 4e-6 rad only, and the branches still reach the pose exactly.
#[test]
fn an_arm_that_is_only_nearly_of_its_class_is_solved_exactly() {
    let mut draw = stream("nearly");
    for screws in [ur5e(), puma()] {
        let mut screws = screws;
        for i in 0..6 {
            let tilt = Quat::from_rotation_vector(direction(&mut draw) * 4e-6);
            screws.axis[i] = tilt.rotate(screws.axis[i]);
            screws.point[i] += direction(&mut draw) * 4e-6;
        }
        let arm = ClosedForm::new(screws).unwrap();
        let mut lost = 0;
        for _ in 0..2000 {
            let q: [f64; 6] = core::array::from_fn(|_| angle(&mut draw));
            let target = arm.screws().tip_at(&q);
            let found = arm.solve(&target, &[0.0; 6]).is_ok_and(|b| b.as_slice().iter().any(|b| apart(&b.q, &q) < 1e-6));
            lost += usize::from(!found);
        }
        // Within some micrometers of the workspace's edge, where two branches merge, the ideal arm may have neither.
        assert!(lost <= 20, "{lost} of 2000");
    }
}

/// Limits of ±2π leave two turns for each of six joints: 64 sets of positions for a branch, each of the same pose.
#[test]
fn whole_turns_within_the_limits_are_all_listed() {
    let mut screws = ur5e();
    (screws.low, screws.high) = ([-2.0 * PI; 6], [2.0 * PI; 6]);
    let arm = ClosedForm::new(screws).unwrap();
    let q = [0.3, -0.8, 0.5, 0.9, 1.0, -0.4];
    let target = arm.screws().tip_at(&q);
    let branches = arm.solve(&target, &q).unwrap();
    let mut count = 0;
    branches.as_slice()[0].windings(&screws.low, &screws.high, |turned| {
        let (p, r) = pose_error(&target, &arm.screws().tip_at(turned));
        assert!(p.norm() < 1e-9 && r.norm() < 1e-9);
        count += 1;
    });
    assert_eq!(count, 64);
    // The nearest to a posture a turn away is a turn away.
    let far = [q[0] - 2.0 * PI, q[1], q[2] - 2.0 * PI, q[3], q[4], q[5] + 2.0 * PI];
    let nearest = branches.nearest_to(&far, &screws.low, &screws.high).unwrap();
    assert!(nearest.iter().zip(&far).all(|(a, b)| (a - b).abs() < 1e-9), "{nearest:?}");
}

/// A branch outside the limits is given and says so; at the limit itself it is within.
#[test]
fn branches_know_whether_the_limits_allow_them() {
    let q = [0.3, -0.8, 0.5, 0.9, 1.0, -0.4];
    let mut screws = ur5e();
    (screws.low, screws.high) = ([-1.0; 6], q.map(|x: f64| x.max(0.0)));
    let arm = ClosedForm::new(screws).unwrap();
    let branches = arm.solve(&arm.screws().tip_at(&q), &q).unwrap();
    assert_eq!(branches.as_slice().len(), 8);
    let allowed: Vec<_> = branches.as_slice().iter().filter(|b| b.within_limits).collect();
    assert_eq!(allowed.len(), 1);
    assert!(allowed[0].q.iter().zip(&screws.high).all(|(q, high)| q <= high));
}

/// The same pose gives the same bits.
#[test]
fn the_same_pose_gives_the_same_bits() {
    let arm = ClosedForm::new(ur5e()).unwrap();
    let target = arm.screws().tip_at(&[0.3, -0.8, 0.5, 0.9, 1.0, -0.4]);
    assert_eq!(arm.solve(&target, &[0.0; 6]), arm.solve(&target, &[0.0; 6]));
}
