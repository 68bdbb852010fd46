//! What holds for every pair of shapes, and needs no oracle.

mod common;

use common::{at, direction, placement, reach, rotation, shapes, vector};
use leitai_geometry::{Manifold, Placement, Shape, closest, collide, distance};
use leitai_math::{Pose, Quat, Seed, Vec3};

/// Random pairs, from far apart to deep inside each other; every fourth pair stands square, as things in a shop do.
fn for_random_pairs(name: &str, rounds: usize, mut check: impl FnMut(&Shape, &Placement, &Shape, &Placement, &str)) {
    let mut draw = Seed::from_number(7).stream(name);
    for round in 0..rounds {
        let kinds = shapes(&mut draw);
        for (i, first) in kinds.iter().enumerate() {
            for (j, second) in kinds.iter().enumerate() {
                let spread = [0.02, 0.2, 0.4, 0.8][round % 4];
                let mut a = placement(&mut draw, spread);
                let mut b = placement(&mut draw, spread);
                if round / 4 % 4 == 0 {
                    (a.rotation, b.rotation) = (Placement::default().rotation, Placement::default().rotation);
                }
                if round % 16 == 5 {
                    (a.position, b.position) = (a.position + Vec3::X * 300.0, b.position + Vec3::X * 300.0);
                }
                check(first, &a, second, &b, &format!("round {round}, shapes {i} and {j}"));
            }
        }
    }
}

/// Duality: any direction's gap is a lower bound of the signed distance, and the reported normal reaches it. Apart, the
/// reported points lie on the surfaces, which is an upper bound: together they prove the distance.
#[test]
fn distances_are_proved_by_their_own_normals() {
    let mut draw = Seed::from_number(8).stream("directions");
    let mut worst = 0.0_f64;
    for_random_pairs("duality", 512, |first, a, second, b, name| {
        let found = closest(first, a, second, b).expect("bounded shapes");
        let along = |n: Vec3| -reach(first, a, n) - reach(second, b, -n);
        let error = (along(found.normal) - found.distance).abs();
        worst = worst.max(error);
        assert!(error < 1e-8, "{name}: the normal shows {} and not {}", along(found.normal), found.distance);
        for _ in 0..20 {
            let n = direction(&mut draw);
            assert!(along(n) <= found.distance + 1e-8, "{name}: {n:?} shows {} above {}", along(n), found.distance);
        }
        // Small turns of the normal are the sharpest test of a wrong local answer.
        for _ in 0..20 {
            let n = (found.normal + direction(&mut draw) * 0.01).normalized_or(Vec3::X);
            assert!(along(n) <= found.distance + 1e-8, "{name}: nearby {n:?} shows {} above {}", along(n), found.distance);
        }
        // Where a flat side decides, so do the shapes' own axes.
        for n in [a, b].into_iter().flat_map(|p| [0, 1, 2].map(|k| p.rotation.column(k))).flat_map(|n| [n, -n]) {
            assert!(along(n) <= found.distance + 1e-8, "{name}: axis {n:?} shows {} above {}", along(n), found.distance);
        }
        for _ in 0..20 {
            // No point of a shape lies beyond its reach, the nearest points included; on a cylinder's rim they lie on a chord between
            // two support points, which bulges by less than this.
            let n = direction(&mut draw);
            assert!(n.dot(found.on_first) <= reach(first, a, n) + 5e-7, "{name}: first point outside");
            assert!(n.dot(found.on_second) <= reach(second, b, n) + 5e-7, "{name}: second point outside");
        }
    });
    println!("worst |gap along normal - distance| {worst:e} m");
}

/// A distance changes by no more than things move, through touching and into overlap.
#[test]
fn distance_is_continuous() {
    let mut draw = Seed::from_number(9).stream("steps");
    for_random_pairs("continuity", 32, |first, a, second, b, name| {
        let step = direction(&mut draw) * 1e-6;
        let moved = Placement { position: b.position + step, ..*b };
        let change = distance(first, a, second, &moved) - distance(first, a, second, b);
        assert!(change.abs() < 1e-6 + 1e-8, "{name}: {change:e} for a step of 1e-6");
    });
}

/// Swapping the shapes turns the normal and keeps the deepest distance; all points if they are of two kinds. Of two meshes MuJoCo's
/// points depend on which comes first.
#[test]
fn swapping_the_shapes_turns_the_normal() {
    for_random_pairs("swap", 16, |first, a, second, b, name| {
        let (mut one, mut other) = (Manifold::default(), Manifold::default());
        one.steady = first.rank() == second.rank();
        other.steady = one.steady;
        collide(first, a, second, b, 0.05, &mut one);
        collide(second, b, first, a, 0.05, &mut other);
        let least = |m: &Manifold| m.points().iter().fold(f64::INFINITY, |d, p| d.min(p.distance));
        assert_eq!(one.points().is_empty(), other.points().is_empty(), "{name}");
        if !one.points().is_empty() {
            assert!((least(&one) - least(&other)).abs() < 1e-8, "{name}: {} and {}", least(&one), least(&other));
        }
        if first.rank() != second.rank() {
            for (p, q) in one.points().iter().zip(other.points()) {
                assert_eq!((p.position, p.normal, p.distance), (q.position, -q.normal, q.distance), "{name}");
            }
        }
    });
}

/// Moving both shapes together moves the contact with them.
#[test]
fn contact_moves_with_the_shapes() {
    let mut draw = Seed::from_number(10).stream("motions");
    for_random_pairs("motion", 16, |first, a, second, b, name| {
        let motion = Pose::new(vector(&mut draw, 2.0), rotation(&mut draw));
        let turn = motion.rotation.to_mat();
        let moved = |p: &Placement| Placement { position: motion.apply(p.position), rotation: turn * p.rotation };
        let before = closest(first, a, second, b).expect("bounded");
        let after = closest(first, &moved(a), second, &moved(b)).expect("bounded");
        assert!((before.distance - after.distance).abs() < 1e-8, "{name}: {} and {}", before.distance, after.distance);
        let (mut one, mut other) = (Manifold::default(), Manifold::default());
        collide(first, a, second, b, 0.05, &mut one);
        collide(first, &moved(a), second, &moved(b), 0.05, &mut other);
        assert_eq!(one.points().is_empty(), other.points().is_empty(), "{name}");
    });
}

/// Every contact point keeps the convention: unit normal, gap below the margin.
#[test]
fn contact_points_are_well_formed() {
    for_random_pairs("form", 16, |first, a, second, b, name| {
        for (margin, steady) in [(0.0, false), (0.03, false), (0.0, true)] {
            let mut found = Manifold::default();
            found.steady = steady;
            collide(first, a, second, b, margin, &mut found);
            for p in found.points() {
                assert!((p.normal.norm() - 1.0).abs() < 1e-9 && p.distance < margin && p.position.is_finite(), "{name}: {p:?}");
            }
            let true_distance = distance(first, a, second, b);
            // MuJoCo's faces that look at each other to within 5° stand in for the direction of least overlap, and the depth is that
            // under one of them where the other lies over it; a capsule in a box leaves it from one end. Either may be less. A steady
            // manifold is as deep as the shapes are.
            let has_faces = |s: &Shape| matches!(s, Shape::Box { .. } | Shape::Cylinder { .. } | Shape::Mesh(_));
            let in_box = |s: &Shape, t: &Shape| matches!((s, t), (Shape::Capsule { .. }, Shape::Box { .. }));
            let stands_in = has_faces(first) && has_faces(second) || in_box(first, second) || in_box(second, first);
            let slack = if stands_in && !steady { f64::max(margin, true_distance.abs()) } else { 1e-6 };
            if found.points().is_empty() {
                assert!(true_distance > margin - 1e-8, "{name}: {true_distance} m apart, yet no contact");
            } else {
                // Some point is as deep as the shapes are (deeper, where boxes prefer a face to an edge that is hardly less so).
                let deepest = found.points().iter().fold(f64::INFINITY, |d, p| d.min(p.distance));
                assert!(deepest < true_distance + slack, "{name}: contacts only {deepest} m deep, the shapes {true_distance} m");
            }
        }
    });
}

/// Closed form: boxes that stand square are as far apart as their gaps along the axes say.
#[test]
fn square_boxes_have_a_closed_form() {
    let mut draw = Seed::from_number(11).stream("square");
    for _ in 0..2_000 {
        let mut size = || Vec3::new(draw.uniform(0.05, 0.4), draw.uniform(0.05, 0.4), draw.uniform(0.05, 0.4));
        let (half_a, half_b) = (size(), size());
        let offset = vector(&mut draw, 0.9);
        let gap = offset.abs() - half_a - half_b;
        let wanted = if gap.max_component() < 0.0 { gap.max_component() } else { gap.max(Vec3::ZERO).norm() };
        let placed = at(offset.x, offset.y, offset.z);
        let found = distance(&Shape::Box { half: half_a }, &Placement::default(), &Shape::Box { half: half_b }, &placed);
        assert!((found - wanted).abs() < 1e-12, "{offset:?}: {found} and not {wanted}");
    }
}

/// Closed form: a ball-shaped ellipsoid is a ball.
#[test]
fn a_round_ellipsoid_is_a_ball() {
    let mut draw = Seed::from_number(12).stream("round");
    for _ in 0..500 {
        let (r, s) = (draw.uniform(0.05, 0.3), draw.uniform(0.05, 0.3));
        let (a, b) = (placement(&mut draw, 0.25), placement(&mut draw, 0.25));
        let round = |r: f64| Shape::Ellipsoid { radii: Vec3::new(r, r, r) };
        let found = closest(&round(r), &a, &round(s), &b).expect("bounded");
        let between = b.position - a.position;
        assert!((found.distance - (between.norm() - r - s)).abs() < 1e-9);
        assert!((found.normal - between.normalized_or(Vec3::X)).norm() < 1e-4, "{:?}", found.normal);
    }
}

/// Closed form: the normal between a cylinder and a capsule along it points from axis to axis.
#[test]
fn a_capsule_along_a_cylinder_has_a_closed_form() {
    let mut draw = Seed::from_number(16).stream("along");
    let mut found = Manifold::default();
    for _ in 0..500 {
        let (radius, other) = (draw.uniform(0.05, 0.3), draw.uniform(0.05, 0.3));
        let (first, second) = (Shape::Capsule { radius: other, half_length: 0.1 }, Shape::Cylinder { radius, half_length: 0.25 });
        let a = Placement { position: vector(&mut draw, 0.3), rotation: rotation(&mut draw).to_mat() };
        let (sin, cos) = draw.uniform(0.0, std::f64::consts::TAU).sin_cos();
        let normal = a.rotation * Vec3::new(cos, sin, 0.0);
        let gap = draw.uniform(-0.5, 0.0) * (radius + other);
        let shift = normal * (radius + other + gap) + a.axis() * draw.uniform(-0.05, 0.05);
        let b = Placement { position: a.position + shift, ..a };
        collide(&first, &a, &second, &b, 0.0, &mut found);
        let deepest = found.points().iter().fold(f64::INFINITY, |least, p| least.min(p.distance));
        assert!((deepest - gap).abs() < 1e-12, "{deepest} m and not {gap} m");
        for p in found.points() {
            assert!((p.normal - normal).norm() < 1e-7, "{:?} and not {normal:?}", p.normal);
        }
    }
}

/// Boxes at rest on each other keep their corners: exactly aligned, after rounding, and slightly tilted.
#[test]
fn stacked_boxes_keep_their_corners() {
    let half = Vec3::new(0.2, 0.15, 0.1);
    let shape = Shape::Box { half };
    let mut found = Manifold::default();
    let mut draw = Seed::from_number(13).stream("tilts");
    for tilt in [0.0, 1e-15, 1e-12, 1e-10, 1e-8] {
        for _ in 0..200 {
            let turn = Quat::from_rotation_vector(vector(&mut draw, tilt)).to_mat();
            let shift = vector(&mut draw, tilt);
            let upper = Placement { position: Vec3::new(0.0, 0.0, 0.199_9) + shift, rotation: turn };
            collide(&shape, &Placement::default(), &shape, &upper, 0.0, &mut found);
            assert_eq!(found.points().len(), 4, "tilt {tilt:e}");
            for p in found.points() {
                assert!((p.normal - Vec3::Z).norm() < 1e-7 && (p.distance + 1e-4).abs() < 1e-7);
                assert!((p.position.x.abs() - 0.2).abs() < 1e-6 && (p.position.y.abs() - 0.15).abs() < 1e-6, "{p:?}");
            }
        }
    }
    // Larger tilts may cut every edge, but never turn the contact onto an edge axis or lose support.
    for tilt in [1e-6, 1e-5, 1e-4, 1e-3] {
        for _ in 0..200 {
            let upper = Placement {
                position: Vec3::new(0.0, 0.0, 0.199),
                rotation: Quat::from_rotation_vector(vector(&mut draw, tilt)).to_mat(),
            };
            collide(&shape, &Placement::default(), &shape, &upper, 0.0, &mut found);
            assert!((4..=8).contains(&found.points().len()), "tilt {tilt:e}: {}", found.points().len());
            assert!(found.points().iter().all(|p| (p.normal - Vec3::Z).norm() < 3.0 * tilt));
        }
    }
}

/// A steady manifold rests tilted boxes on a face, where MuJoCo's points may change to one crossing of edges and back.
#[test]
fn steady_boxes_rest_on_faces() {
    let half = Vec3::new(0.2, 0.15, 0.1);
    let shape = Shape::Box { half };
    let (mut found, mut steady) = (Manifold::default(), Manifold::default());
    steady.steady = true;
    let mut draw = Seed::from_number(14).stream("tilts");
    let (mut crossings, mut faces) = (0, 0);
    for _ in 0..2000 {
        let turn = Quat::from_axis_angle(Vec3::Z, draw.uniform(0.0, 1.5)) * Quat::from_rotation_vector(vector(&mut draw, 0.03));
        let shift = vector(&mut draw, 0.15);
        let upper = Placement { position: Vec3::new(shift.x, shift.y, 0.199), rotation: turn.to_mat() };
        collide(&shape, &Placement::default(), &shape, &upper, 0.0, &mut found);
        collide(&shape, &Placement::default(), &shape, &upper, 0.0, &mut steady);
        let on_face = |m: &Manifold| m.points().iter().all(|p| p.normal == Vec3::Z || p.normal == upper.rotation.column(2));
        crossings += usize::from(!on_face(&found));
        faces += usize::from(on_face(&steady));
    }
    assert!(crossings > 0, "the tilts are such that edges would cross");
    assert_eq!(faces, 2000);
}

/// The same for shapes without a closed form: a cylinder and a prism stand on three points or more around their center.
#[test]
fn cylinders_and_meshes_stand_on_several_points() {
    let ground = Shape::Box { half: Vec3::new(1.0, 1.0, 0.1) };
    let mesh = Shape::Mesh(std::sync::Arc::new(common::box_mesh(Vec3::new(0.11, 0.1, 0.2))));
    let mut draw = Seed::from_number(14).stream("standing");
    for (shape, height) in [(Shape::Cylinder { radius: 0.1, half_length: 0.2 }, 0.2), (mesh, 0.11)] {
        for tilt in [0.0, 1e-12, 1e-9, 1e-6, 1e-4] {
            for _ in 0..50 {
                let rotation = Quat::from_rotation_vector(vector(&mut draw, tilt)).to_mat();
                let upper = Placement { position: Vec3::new(0.3, 0.2, 0.1 + height - 1e-3), rotation };
                let mut found = Manifold::default();
                // A mesh has its long axis along its own x or z: only the number and spread of points matter here.
                collide(&ground, &Placement::default(), &shape, &upper, 0.0, &mut found);
                let points = found.points();
                assert!(points.len() >= 3, "tilt {tilt:e}: {} points", points.len());
                for angle in [0.0_f64, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0] {
                    let outward = Vec3::new(angle.cos(), angle.sin(), 0.0);
                    let reach = points.iter().map(|p| outward.dot(p.position - upper.position)).fold(f64::NEG_INFINITY, f64::max);
                    assert!(reach > 0.04, "tilt {tilt:e}: nothing holds it on the side {outward:?}");
                }
            }
        }
    }
}

/// Placements that are not numbers touch nothing, and do not hang or panic.
#[test]
fn placements_that_are_not_numbers_touch_nothing() {
    let mut draw = Seed::from_number(15).stream("nan");
    let nowhere = Placement { position: Vec3::new(f64::NAN, 0.0, 0.0), ..Placement::default() };
    let mut kinds = shapes(&mut draw);
    kinds.push(Shape::Plane { half: [0.0, 0.0] });
    for first in &kinds {
        for second in &kinds {
            let mut found = Manifold::default();
            collide(first, &nowhere, second, &Placement::default(), 0.1, &mut found);
            assert!(found.points().is_empty(), "{first:?} {second:?}");
            assert!(distance(first, &Placement::default(), second, &nowhere).is_infinite());
        }
    }
}
