//! A round hole: peg and ball in it, beside it and across it, by closed forms.

mod common;

use common::{placement, rotation, vector};
use leitai_geometry::{ContactPoint, Manifold, Placement, RayHit, Shape, cast, collide};
use leitai_math::{Quat, Seed, Vec3};
use std::f64::consts::{FRAC_PI_2, TAU};

/// Hole of 20 mm in a block, 40 mm deep; its mouth at z = 30 mm.
const HOLE: f64 = 0.01;
const HALF: Vec3 = Vec3::new(0.03, 0.04, 0.03);
const DEPTH: f64 = 0.04;
const FLOOR: f64 = HALF.z - DEPTH;
/// Every distance here has a closed form; this is rounding of lengths around 1 m.
const EXACT: f64 = 1e-14;

fn bore() -> Shape {
    Shape::Bore { half: HALF, radius: HOLE, depth: DEPTH }
}

fn at(x: f64, y: f64, z: f64, turn: Quat) -> Placement {
    Placement { position: Vec3::new(x, y, z), rotation: turn.to_mat() }
}

/// Points between a cylinder and the bore at rest in the world, normals out of the bore.
fn touch(peg: [f64; 2], here: &Placement, margin: f64) -> Vec<ContactPoint> {
    let mut out = Manifold::default();
    out.steady = true;
    let peg = Shape::Cylinder { radius: peg[0], half_length: peg[1] };
    collide(&bore(), &at(0.0, 0.0, 0.0, Quat::IDENTITY), &peg, here, margin, &mut out);
    out.points().to_vec()
}

fn spin(angle: f64) -> Quat {
    Quat::from_axis_angle(Vec3::Z, angle)
}

/// Straight down, the gap is that to the bottom; the peg, 10 µm thinner in radius, touches no wall.
#[test]
fn a_centered_peg_is_as_far_from_the_bottom_as_its_end() {
    for gap in [1e-6, 0.0, -1e-6, -1e-4] {
        for turn in [0.0, 0.3, 1.0] {
            let points = touch([HOLE - 1e-5, 0.03], &at(0.0, 0.0, FLOOR + 0.03 + gap, spin(turn)), 2e-6);
            assert_eq!(points.len(), 4, "{points:?}");
            for p in points {
                assert!((p.distance - gap).abs() < EXACT && (p.normal - Vec3::Z).norm() < EXACT, "{gap}: {p:?}");
                assert!((p.position.x.hypot(p.position.y) - HOLE + 1e-5).abs() < EXACT, "{p:?}");
            }
        }
    }
}

/// Moved aside by e, a peg has the gap clearance − e along a line: at its lower end and at the hole's rim.
#[test]
fn a_peg_moved_aside_touches_the_wall_along_a_line() {
    let mut draw = Seed::from_number(1).stream("aside");
    for round in 0..200 {
        let clearance = [1e-5, 5e-5, 1e-3][round % 3];
        let way = draw.uniform(0.0, TAU);
        let gap = draw.uniform(-0.5, 0.5) * clearance;
        let aside = Vec3::new(way.cos(), way.sin(), 0.0) * (clearance - gap);
        let z = FLOOR + 0.03 + 1e-3;
        let points = touch([HOLE - clearance, 0.03], &at(aside.x, aside.y, z, spin(draw.uniform(0.0, TAU))), 0.6 * clearance);
        assert_eq!(points.len(), 2, "{points:?}");
        for (p, height) in points.iter().zip([z - 0.03, HALF.z]) {
            assert!((p.distance - gap).abs() < EXACT, "{gap}: {p:?}");
            // The direction is that of a small displacement.
            assert!((p.normal + aside.normalized_or(Vec3::X)).norm() < 1e-9, "{p:?}");
            assert!((p.position.z - height).abs() < EXACT, "{p:?}");
        }
    }
}

/// A short peg, all of it in the hole, touches at both of its ends.
#[test]
fn a_sunken_peg_touches_the_wall_at_both_ends() {
    let points = touch([HOLE - 1e-5, 0.01], &at(1.1e-5, 0.0, 0.01, spin(0.4)), 0.0);
    assert_eq!(points.len(), 2, "{points:?}");
    for (p, height) in points.iter().zip([0.0, 0.02]) {
        assert!((p.distance + 1e-6).abs() < EXACT && (p.position.z - height).abs() < EXACT, "{p:?}");
    }
}

/// Whitney 1982: a peg of diameter d whose lower corner is l below the mouth of a hole of diameter D touches at both sides when
/// D cos θ = d + l sin θ.
#[test]
fn a_tilted_peg_touches_at_two_sides_at_the_angle_of_the_law() {
    for (clearance, depth) in [(1e-5, 0.02), (5e-5, 0.03), (5e-5, 0.005), (5e-4, 0.03)] {
        let r = HOLE - clearance;
        // The law, and the peg standing with its lower corner at the wall.
        let mut angle = 2.0 * clearance / depth;
        for _ in 0..50 {
            angle = ((2.0 * HOLE * f64::cos(angle) - 2.0 * r) / depth).asin();
        }
        for (more, turn) in [(0.0, 0.0), (1e-7, 0.7), (-1e-7, 2.0)] {
            let tilt = angle + more;
            let (sin, cos) = tilt.sin_cos();
            let half = 0.04;
            // From the corner across the end and up the axis.
            let corner = Vec3::new(-HOLE, 0.0, HALF.z - depth);
            let center = corner + Vec3::new(cos, 0.0, -sin) * r + Vec3::new(sin, 0.0, cos) * half;
            let peg = Placement { position: center, rotation: (Quat::from_axis_angle(Vec3::Y, tilt) * spin(turn)).to_mat() };
            let points = touch([r, half], &peg, 1e-8);
            assert_eq!(points.len(), 2, "{points:?}");
            let gap = 2.0 * HOLE * cos - 2.0 * r - depth * sin;
            assert!(points[0].distance.abs() < EXACT, "wall {points:?}");
            assert!((points[0].normal - Vec3::X).norm() < 1e-9, "wall {points:?}");
            assert!((points[1].distance - gap).abs() < EXACT, "rim {gap} {points:?}");
            assert!((points[1].normal - Vec3::new(-cos, 0.0, sin)).norm() < 1e-9, "rim {points:?}");
        }
    }
}

/// What no solver is needed for: the farthest point of an end's circle from the hole's axis, and the nearest point of the rim
/// to the peg's axis, by a search in ten million steps' resolution.
#[test]
fn tilted_pegs_are_as_far_as_a_dense_search_says() {
    let mut draw = Seed::from_number(2).stream("dense");
    let mut worst = 0.0_f64;
    for _ in 0..300 {
        let (r, half) = (HOLE * draw.uniform(0.8, 0.99), 0.02);
        let turn = Quat::from_axis_angle(
            Vec3::new(draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0), 0.0).normalized_or(Vec3::X),
            draw.uniform(0.0, 0.05),
        );
        let lean = turn * spin(draw.uniform(0.0, TAU));
        let aside = vector(&mut draw, HOLE - r);
        let here = Placement { position: Vec3::new(aside.x, aside.y, FLOOR + half + 0.003), rotation: lean.to_mat() };
        let search = |f: &dyn Fn(f64) -> f64| {
            let (mut best, mut width) = (0.0, TAU);
            for _ in 0..6 {
                let from = best - 0.5 * width;
                let angles = (0..=400).map(|k| from + width * f64::from(k) / 400.0);
                best = angles.max_by(|a, b| f(*a).total_cmp(&f(*b))).unwrap();
                width *= 0.02;
            }
            f(best)
        };
        let end = here.position - here.axis() * half;
        let wall = search(&|t: f64| {
            let p = end + (here.rotation.column(0) * t.cos() + here.rotation.column(1) * t.sin()) * r;
            p.x.hypot(p.y)
        });
        let rim = search(&|t: f64| {
            let from = Vec3::new(HOLE * t.cos(), HOLE * t.sin(), HALF.z) - here.position;
            -(from - here.axis() * from.dot(here.axis())).norm()
        });
        let points = touch([r, half], &here, 0.005);
        let least = |rims: bool| {
            let these = points.iter().filter(|p| (p.position.z > 0.02) == rims && p.normal.z.abs() < 0.1);
            these.map(|p| p.distance).fold(f64::INFINITY, f64::min)
        };
        worst = worst.max((least(false) - (HOLE - wall)).abs()).max((least(true) - (-rim - r)).abs());
    }
    assert!(worst < 1e-12, "{worst:e} m");
}

/// A peg that stands beside the hole stands as on a box; partly over it, on the crescent that is left: between the crossings
/// of the two circles, at x = (R² − r² + e²)/2e, and the far side.
#[test]
fn a_peg_partly_over_the_hole_stands_on_a_crescent() {
    let r = HOLE - 5e-5;
    for e in [2e-4, 1e-3, 5e-3, 0.012, 0.018] {
        for turn in [0.0, 0.2, 3.0] {
            let points = touch([r, 0.03], &at(e, 0.0, HALF.z + 0.03 - 1e-6, spin(turn)), 0.0);
            assert!(points.len() >= 3 && points.len() <= Manifold::MOST, "{points:?}");
            let chord = (HOLE * HOLE - r * r + e * e) / (2.0 * e);
            let wide = (HOLE * HOLE - chord * chord).sqrt();
            for p in &points {
                assert!((p.distance + 1e-6).abs() < EXACT && (p.normal - Vec3::Z).norm() < 1e-12, "{p:?}");
                assert!(p.position.x.hypot(p.position.y) > HOLE - 1e-12, "{p:?}");
                assert!((p.position.x - e).hypot(p.position.y) < r + 1e-12, "{p:?}");
            }
            // Beside most of the hole the points may be those of the whole end that lie outside of it.
            if e > 0.015 {
                continue;
            }
            for side in [-1.0, 1.0] {
                let tip = Vec3::new(chord, side * wide, HALF.z);
                assert!(points.iter().any(|p| (p.position - tip).norm() < 1e-6), "{tip:?} {points:?}");
            }
            let far = Vec3::new(e + r, 0.0, HALF.z);
            assert!(points.iter().any(|p| (p.position - far).norm() < 1e-6), "{points:?}");
        }
    }
    let points = touch([r, 0.03], &at(0.0, 0.0201, HALF.z + 0.03 - 1e-6, spin(0.1)), 0.0);
    assert!(points.len() >= 3 && points.iter().all(|p| (p.distance + 1e-6).abs() < EXACT), "{points:?}");
}

/// The least way out: an end 2 µm below the face goes up where it overlaps by 5 µm, and aside where it overlaps by 1 µm.
#[test]
fn a_peg_at_the_mouth_goes_the_shorter_way() {
    let r = HOLE - 1e-5;
    let end = |e: f64| touch([r, 0.03], &at(e, 0.0, HALF.z + 0.03 - 2e-6, spin(0.5)), 0.0);
    let up = end(1.5e-5);
    assert!(up.len() >= 3 && up.iter().all(|p| (p.distance + 2e-6).abs() < EXACT && p.normal.z > 0.999), "{up:?}");
    let aside = end(1.1e-5);
    assert!(!aside.is_empty() && aside.iter().all(|p| (p.distance + 1e-6).abs() < EXACT && p.normal.x < -0.999), "{aside:?}");
}

/// Across the mouth a lying peg touches the face at its ends; with one end over the hole, at the rim instead.
#[test]
fn a_lying_peg_touches_face_and_rim() {
    let lying = Quat::from_axis_angle(Vec3::Y, FRAC_PI_2);
    let long = touch([0.005, 0.02], &at(0.0, 0.0, HALF.z + 0.005 - 1e-6, lying), 0.0);
    assert_eq!(long.len(), 2, "{long:?}");
    assert!(long.iter().all(|p| (p.position.x.abs() - 0.02).abs() < 1e-9 && (p.distance + 1e-6).abs() < EXACT), "{long:?}");
    let one = touch([0.005, 0.01], &at(0.012, 0.0, HALF.z + 0.005 - 1e-6, lying), 0.0);
    let mut ends: Vec<f64> = one.iter().map(|p| p.position.x).collect();
    ends.sort_by(f64::total_cmp);
    assert!(ends.len() == 2 && (ends[0] - HOLE).abs() < 1e-9 && (ends[1] - 0.022).abs() < 1e-9, "{one:?}");
    assert!(one.iter().all(|p| (p.distance + 1e-6).abs() < EXACT && (p.normal - Vec3::Z).norm() < 1e-9), "{one:?}");
}

/// In a hole that goes through, a long peg touches both rims, and nothing below.
#[test]
fn a_peg_goes_through() {
    let hole = Shape::Bore { half: HALF, radius: HOLE, depth: 2.0 * HALF.z };
    let peg = Shape::Cylinder { radius: HOLE - 1e-5, half_length: 0.05 };
    for z in [-0.01, 0.0, 0.015] {
        let mut out = Manifold::default();
        collide(&peg, &at(0.0, 1.2e-5, z, spin(1.0)), &hole, &at(0.0, 0.0, 0.0, Quat::IDENTITY), 0.0, &mut out);
        let points = out.points();
        assert_eq!(points.len(), 2, "{points:?}");
        for (p, height) in points.iter().zip([HALF.z, -HALF.z]) {
            assert!((p.distance + 2e-6).abs() < EXACT && (p.position.z - height).abs() < EXACT, "{p:?}");
            assert!((p.normal - Vec3::Y).norm() < 1e-9, "{p:?}");
        }
    }
}

/// Turning and moving both, and naming them in the other order, changes nothing but the frame.
#[test]
fn contacts_turn_with_the_bore_and_mirror_with_the_order() {
    let mut draw = Seed::from_number(3).stream("frames");
    let peg = Shape::Cylinder { radius: HOLE - 5e-5, half_length: 0.03 };
    for _ in 0..200 {
        let world = placement(&mut draw, 1.0);
        let lean = Quat::from_axis_angle(vector(&mut draw, 1.0).normalized_or(Vec3::X), draw.uniform(0.0, 0.004));
        let place = vector(&mut draw, 2e-4) + Vec3::Z * draw.uniform(FLOOR + 0.03, HALF.z + 0.03);
        let here = Placement { position: place, rotation: lean.to_mat() };
        let there = Placement { position: world.apply(here.position), rotation: world.rotation * here.rotation };
        let (mut own, mut moved, mut mirrored) = (Manifold::default(), Manifold::default(), Manifold::default());
        collide(&peg, &here, &bore(), &at(0.0, 0.0, 0.0, Quat::IDENTITY), 0.0, &mut own);
        collide(&peg, &there, &bore(), &world, 0.0, &mut moved);
        collide(&bore(), &world, &peg, &there, 0.0, &mut mirrored);
        assert_eq!(own.points().len(), moved.points().len(), "{own:?} {moved:?}");
        for ((p, q), m) in own.points().iter().zip(moved.points()).zip(mirrored.points()) {
            assert!((p.distance - q.distance).abs() < 1e-14, "{p:?} {q:?}");
            assert!((world.apply(p.position) - q.position).norm() < 1e-7, "{p:?} {q:?}");
            assert_eq!((q.position, q.normal, q.distance), (m.position, -m.normal, m.distance));
        }
    }
}

/// Away from the hole, and for shapes that do not go into it, the bore is its box.
#[test]
fn elsewhere_it_is_a_box() {
    let mut draw = Seed::from_number(4).stream("elsewhere");
    let whole = Shape::Box { half: HALF };
    let same = |shape: &Shape, here: &Placement| {
        let origin = at(0.0, 0.0, 0.0, Quat::IDENTITY);
        let (mut one, mut two) = (Manifold::default(), Manifold::default());
        collide(shape, here, &bore(), &origin, 1e-3, &mut one);
        collide(shape, here, &whole, &origin, 1e-3, &mut two);
        assert_eq!(one.points(), two.points(), "{shape:?} {here:?}");
        one.points().len()
    };
    let mut touched = 0;
    for _ in 0..500 {
        for shape in common::shapes(&mut draw) {
            if !matches!(shape, Shape::Sphere { .. } | Shape::Cylinder { .. }) {
                touched += same(&shape, &placement(&mut draw, 0.2));
            }
        }
        let below = Vec3::new(draw.uniform(-0.05, 0.05), draw.uniform(-0.05, 0.05), -HALF.z - 0.004);
        let here = Placement { position: below, rotation: rotation(&mut draw).to_mat() };
        touched += same(&Shape::Cylinder { radius: 0.005, half_length: 0.004 }, &here);
        touched += same(&Shape::Sphere { radius: 0.005 }, &here);
    }
    assert!(touched > 1000, "{touched}");
}

/// A ball in the hole touches wall and bottom; one that is too large sits on the rim, √(r² − R²) above it.
#[test]
fn a_ball_touches_wall_bottom_and_rim() {
    let ball = |r: f64, x: f64, z: f64| {
        let mut out = Manifold::default();
        collide(
            &bore(),
            &at(0.0, 0.0, 0.0, Quat::IDENTITY),
            &Shape::Sphere { radius: r },
            &at(x, 0.0, z, Quat::IDENTITY),
            1e-6,
            &mut out,
        );
        out.points().to_vec()
    };
    let corner = ball(0.004, 0.006, FLOOR + 0.004);
    assert_eq!(corner.len(), 2, "{corner:?}");
    assert!((corner[0].normal + Vec3::X).norm() < EXACT && (corner[1].normal - Vec3::Z).norm() < EXACT, "{corner:?}");
    assert!(corner.iter().all(|p| p.distance.abs() < EXACT), "{corner:?}");
    let height = (0.015_f64.powi(2) - HOLE * HOLE).sqrt();
    let rim = ball(0.015, 0.0, HALF.z + height - 1e-7);
    assert_eq!(rim.len(), 3, "{rim:?}");
    for p in rim {
        assert!((p.distance + 1e-7 * height / 0.015).abs() < 1e-12, "{p:?}");
        assert!((p.normal.z - height / 0.015).abs() < 1e-5, "{p:?}");
    }
}

/// Mass, center and inertia of the bore and of the plug that was drilled out add up to the box's.
#[test]
fn bore_and_plug_make_the_box() {
    for depth in [DEPTH, 2.0 * HALF.z, 1.0] {
        let real = depth.min(2.0 * HALF.z);
        let bore = Shape::Bore { half: HALF, radius: HOLE, depth };
        let plug = Shape::Cylinder { radius: HOLE, half_length: 0.5 * real };
        let whole = Shape::Box { half: HALF };
        let density = 7800.0;
        let [m, p, w] = [&bore, &plug, &whole].map(|s| density * s.volume());
        let (low, up) = (bore.center_of_mass(), HALF.z - 0.5 * real);
        assert!((m + p - w).abs() < 1e-14 && (m * low.z + p * up).abs() < 1e-15, "{depth}");
        let sum = bore.inertia(m) + plug.inertia(p);
        let moved = m * low.z * low.z + p * up * up;
        let sum = sum + Vec3::new(moved, moved, 0.0);
        assert!((sum - whole.inertia(w)).norm() < 1e-15, "{depth}: {sum:?}");
    }
    // The mouths are missing; the wall, and the bottom of a blind hole, are there.
    let area = |depth: f64| Shape::Bore { half: HALF, radius: HOLE, depth }.area() - Shape::Box { half: HALF }.area();
    assert!((area(DEPTH) - TAU * HOLE * DEPTH).abs() < EXACT);
    assert!((area(2.0 * HALF.z) - TAU * HOLE * (2.0 * HALF.z - HOLE)).abs() < EXACT);
}

/// A ray sees the hole: its bottom from above, its wall aslant, the face beside it, and through it what is behind.
#[test]
fn a_ray_goes_into_the_hole() {
    let origin = at(0.0, 0.0, 0.0, Quat::IDENTITY);
    let see = |shape: &Shape, from: Vec3, to: Vec3| cast(shape, &origin, from, to);
    let hit = |from: Vec3, to: Vec3| see(&bore(), from, to).expect("a hit");
    let close = |found: RayHit, distance: f64, normal: Vec3| {
        assert!((found.distance - distance).abs() < EXACT && (found.normal - normal).norm() < EXACT, "{found:?} {distance}");
    };
    let down = -Vec3::Z;
    close(hit(Vec3::new(0.005, 0.0, 0.1), down), 0.1 - FLOOR, Vec3::Z);
    close(hit(Vec3::new(0.0101, 0.0, 0.1), down), 0.1 - HALF.z, Vec3::Z);
    // From the rim down across the hole: one diameter aside, as far down.
    close(hit(Vec3::new(-0.01 + 1e-15, 0.0, HALF.z + 1e-15), Vec3::new(1.0, 0.0, -1.0)), 2.0 * HOLE, -Vec3::X);
    close(hit(Vec3::ZERO, Vec3::Y), HOLE, -Vec3::Y);
    close(hit(Vec3::new(0.1, 0.0, 0.0), -Vec3::X), 0.1 - HALF.x, Vec3::X);
    close(hit(Vec3::new(0.0, 0.0, -0.1), Vec3::Z), 0.1 - HALF.z, -Vec3::Z);
    let through = Shape::Bore { half: HALF, radius: HOLE, depth: 2.0 * HALF.z };
    assert!(see(&through, Vec3::new(0.005, 0.0, 0.1), down).is_none());
    close(see(&through, Vec3::new(0.02, 0.0, 0.1), down).expect("the face"), 0.1 - HALF.z, Vec3::Z);
}

/// Numbers that are none, and wild places, give an answer with finite numbers and no more points than a manifold holds.
#[test]
fn wild_places_give_finite_points() {
    let mut draw = Seed::from_number(5).stream("wild");
    for round in 0..20_000 {
        let size = [1e-3, 0.02, 0.1, 1e6][round % 4];
        let peg = [draw.uniform(1e-3, 0.02), draw.uniform(1e-3, 0.05)];
        let here = Placement { position: vector(&mut draw, size), rotation: rotation(&mut draw).to_mat() };
        let points = touch(peg, &here, draw.uniform(0.0, 0.01));
        assert!(points.len() <= Manifold::MOST);
        for p in points {
            assert!(p.position.is_finite() && p.distance.is_finite() && (p.normal.norm() - 1.0).abs() < 1e-9, "{here:?} {p:?}");
        }
    }
    assert!(touch([0.01, 0.02], &at(f64::NAN, 0.0, 0.0, Quat::IDENTITY), 0.0).is_empty());
}
