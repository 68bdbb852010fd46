//! A round peg and a round hole: it goes in, stands beside it, tips, wedges, and slides, as statics says.

use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Seed, Vec3};
use leitai_model::spec::GeomMass;
use leitai_model::spec::{BodySpec, GeomSpec, JointKind, JointSpec, Spec, Surface};
use leitai_model::{SolImp, SolRef};
use leitai_sim::{Scene, World};
use std::sync::Arc;

/// Hole of 20 mm, 40 mm deep; its mouth at z = 0.
const HOLE: f64 = 0.01;
const DEPTH: f64 = 0.04;
const G: f64 = 9.81;
const MASS: f64 = 0.1;
/// Half length of the peg [m].
const HALF: f64 = 0.03;

/// A peg thinner than the hole by `clearance` in radius, standing at `pose`.
struct Case {
    clearance: f64,
    mu: f64,
    timestep_s: f64,
    gravity: f64,
    depth: f64,
    pose: Pose,
}

impl Case {
    fn new(clearance: f64, position: Vec3) -> Self {
        Self { clearance, mu: 0.3, timestep_s: 5e-4, gravity: G, depth: DEPTH, pose: Pose::new(position, Quat::IDENTITY) }
    }

    fn world(&self) -> World {
        // Stiff as steel on this scale: a peg at rest sinks in by a tenth of a micrometer.
        let surface = Surface {
            friction: [self.mu, 0.005, 0.0001],
            solref: SolRef([0.003, 1.0]),
            solimp: SolImp([0.98, 0.98, 0.001, 0.5, 2.0]),
            ..Surface::default()
        };
        let mut spec = Spec::default();
        spec.option.stick = true;
        spec.option.timestep_s = self.timestep_s;
        spec.option.gravity = Vec3::Z * -self.gravity;
        let half = Vec3::new(0.04, 0.04, 0.03);
        let mut block = GeomSpec { surface, ..GeomSpec::new(Shape::Bore { half, radius: HOLE, depth: self.depth }) };
        block.pose = Pose::new(Vec3::Z * -half.z, Quat::IDENTITY);
        spec.world.geoms.push(block);
        let peg = Shape::Cylinder { radius: HOLE - self.clearance, half_length: HALF };
        let mut body = BodySpec { name: "peg".into(), pose: self.pose, ..BodySpec::default() };
        body.joints.push(JointSpec { name: "free".into(), kind: JointKind::Free, ..JointSpec::default() });
        body.geoms.push(GeomSpec { surface, mass: GeomMass::Mass(MASS), ..GeomSpec::new(peg) });
        spec.world.bodies.push(body);
        World::new(&Scene::new(Arc::new(spec.build().expect("a valid model"))))
    }
}

fn run(world: &mut World, seconds: f64) {
    for _ in 0..(seconds / world.model().option.timestep_s).round() as u64 {
        world.step().expect("stable");
    }
}

fn place(world: &World) -> Pose {
    let q = &world.state().q;
    Pose::new(Vec3::from_slice(&q[..3]), Quat::from_slice(&q[3..7]))
}

/// Angle of the peg's axis from upright [rad].
fn tilt(world: &World) -> f64 {
    let axis = place(world).rotation.rotate(Vec3::Z);
    axis.x.hypot(axis.y).asin()
}

/// Kinetic energy and that of gravity [J].
fn energy(world: &World) -> f64 {
    let v = &world.state().v;
    let (linear, angular) = (Vec3::from_slice(&v[..3]), Vec3::from_slice(&v[3..6]));
    let inertia = world.model().bodies[1].inertia;
    0.5 * MASS * linear.norm_squared() + 0.5 * angular.scaled(inertia).dot(angular) + MASS * G * place(world).position.z
}

/// Nothing is in the way of a centered peg: it falls to the bottom in √(2 h/g), and stands there.
#[test]
fn a_centered_peg_falls_to_the_bottom() {
    let height = 0.035;
    let mut world = Case::new(5e-5, Vec3::Z * (HALF - DEPTH + height)).world();
    let falls = (2.0 * height / G).sqrt();
    run(&mut world, 0.98 * falls);
    assert!(world.contacts().is_empty(), "free on the way: {:?}", world.contacts());
    run(&mut world, 1.0);
    let at = place(&world).position;
    assert!((at.z - (HALF - DEPTH)).abs() < 1e-6, "{at:?}");
    assert!(at.x.hypot(at.y) < 5e-5 && tilt(&world) < 1e-6, "{at:?}");
}

/// Off the axis by less than the clearance, and slightly inclined, it finds its way down all the same.
#[test]
fn a_peg_within_the_clearance_slides_in() {
    let mut case = Case::new(5e-5, Vec3::new(3e-5, -1e-5, HALF + 1e-4));
    case.mu = 0.1;
    case.pose.rotation = Quat::from_axis_angle(Vec3::Y, 1e-3);
    let mut world = case.world();
    run(&mut world, 2.0);
    let at = place(&world).position;
    assert!((at.z - (HALF - DEPTH)).abs() < 5e-6, "{at:?}");
    // The widest a peg of this length can lean in the hole is 2·clearance/depth.
    assert!(tilt(&world) < 2.0 * 5e-5 / DEPTH + 1e-5, "{}", tilt(&world));
}

/// Beside the hole it stands as on a block.
#[test]
fn a_peg_beside_the_hole_stays() {
    let start = Vec3::new(0.0, 0.025, HALF);
    let mut world = Case::new(5e-5, start).world();
    run(&mut world, 2.0);
    assert!((place(&world).position - start).norm() < 1e-6, "{:?}", place(&world));
    assert!(tilt(&world) < 1e-6, "{}", tilt(&world));
}

/// Moved aside by e, a peg stands on a crescent whose chord lies at x = (R² − r² + e²)/2e. Its weight is at e: it stands if
/// e² > R² − r², and tips into the hole if not.
#[test]
fn an_offset_peg_stands_where_its_weight_is_supported() {
    for clearance in [5e-5, 5e-4] {
        let r = HOLE - clearance;
        let least = (HOLE * HOLE - r * r).sqrt();
        for (share, stands) in [(1.05, true), (1.5, true), (0.95, false)] {
            let start = Vec3::new(share * least, 0.0, HALF);
            let mut world = Case::new(clearance, start).world();
            run(&mut world, 1.0);
            let moved = (place(&world).position - start).norm();
            let leaned = tilt(&world);
            if stands {
                assert!(moved < 5e-6 && leaned < 1e-4, "{clearance} {share}: {moved} m, {leaned} rad");
            } else {
                assert!(leaned > 1e-3, "{clearance} {share}: {moved} m, {leaned} rad");
            }
        }
    }
}

/// Pushed down along a line `aside` from the hole's axis, a peg that leans at depth l is held at its two contacts with
/// N·l = F·aside, by friction of at most 2 μ N: it jams if μ ≥ l / (2 aside), as in Whitney 1982.
#[test]
fn a_leaning_peg_jams_as_friction_says() {
    let (depth, aside, clearance) = (0.02, 0.03, 5e-5);
    // How far it goes down while it takes up the load, and after that [m].
    let goes = |share: f64| {
        let r = HOLE - clearance;
        let mut angle = 2.0 * clearance / depth;
        for _ in 0..50 {
            angle = ((2.0 * HOLE * f64::cos(angle) - 2.0 * r) / depth).asin();
        }
        let (sin, cos) = angle.sin_cos();
        let corner = Vec3::new(-HOLE, 0.0, -depth);
        let mut case = Case::new(clearance, corner + Vec3::new(cos, 0.0, -sin) * r + Vec3::new(sin, 0.0, cos) * HALF);
        case.pose.rotation = Quat::from_axis_angle(Vec3::Y, angle);
        case.mu = share * depth / (2.0 * aside);
        case.gravity = 0.0;
        let mut world = case.world();
        let start = place(&world).position;
        world.change(|state| {
            state.body_force[1].linear = -Vec3::Z;
            state.body_force[1].angular = Vec3::Y * (aside - start.x);
        });
        run(&mut world, 0.25);
        let taken = place(&world).position.z;
        run(&mut world, 0.5);
        (start.z - taken, taken - place(&world).position.z)
    };
    for share in [1.05, 1.5, 3.0] {
        let (taken, crept) = goes(share);
        assert!(taken < 2e-5 && crept.abs() < 1e-7, "{share}: {taken} m, then {crept} m");
    }
    for share in [0.95, 0.5, 0.1] {
        let (taken, slid) = goes(share);
        assert!(taken + slid > 1e-3, "{share}: {taken} m, then {slid} m");
    }
}

/// Contact takes energy and gives none, however a peg rattles down.
#[test]
fn a_rattling_peg_gains_no_energy() {
    for (clearance, mu) in [(5e-5, 0.2), (5e-4, 0.05), (1e-3, 0.5), (1e-5, 0.1)] {
        let mut case = Case::new(clearance, Vec3::new(0.3 * clearance, 0.0, HALF - 0.01));
        (case.mu, case.timestep_s) = (mu, 2.5e-4);
        let mut world = case.world();
        world.change(|state| state.v.copy_from_slice(&[0.05, 0.02, -0.2, 0.5, -0.3, 2.0]));
        let start = energy(&world);
        let mut most = start;
        for _ in 0..4000 {
            world.step().expect("stable");
            most = most.max(energy(&world));
        }
        assert!(most - start < 1e-6 * start.abs(), "{clearance}: {start} J and then {most} J");
        let speed = world.state().v.iter().fold(0.0_f64, |s, v| s.max(v.abs()));
        assert!(speed < 1e-3, "{clearance}: still at {speed}");
    }
}

/// The same for pegs let go askew over the mouth, which catch its rim, tip over, roll off the block, or go through; none sinks in
/// deeper than a fall of a peg's length makes it at this stiffness.
#[test]
fn a_peg_let_go_askew_gains_no_energy() {
    let mut draw = Seed::from_number(3).stream("askew");
    let mut fell = [0; 2];
    for round in 0..54 {
        let clearance = [1e-5, 5e-5, 5e-4][round % 3];
        let off = [2e-5, 5e-4, 5e-3][round / 3 % 3];
        let lean = [1e-3, 0.02, 0.3][round / 9 % 3];
        let about = Vec3::new(draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0), 0.0).normalized_or(Vec3::X);
        let start = Vec3::new(draw.uniform(-off, off), draw.uniform(-off, off), HALF + 1e-3 + HOLE * lean);
        let mut case = Case::new(clearance, start);
        (case.mu, case.timestep_s) = ([0.05, 0.3][round % 2], 2.5e-4);
        case.depth = [DEPTH, 1.0][round / 27];
        case.pose.rotation = Quat::from_axis_angle(about, draw.uniform(0.0, lean));
        let mut world = case.world();
        let start = energy(&world);
        for _ in 0..3200 {
            world.step().expect("stable");
            let now = energy(&world);
            assert!(now < start + 1e-9, "round {round}: {start} J and then {now} J");
            let deep = world.contacts().iter().fold(0.0_f64, |d, c| d.max(-c.distance));
            assert!(deep < 2e-3, "round {round}: {deep} m");
        }
        fell[round / 27] += usize::from(place(&world).position.z < 0.0);
    }
    assert!(fell[0] > 5 && fell[1] > 5, "{fell:?} of 27 each go down");
}

/// Where it rests is a matter of statics, not of the step.
#[test]
fn the_rest_does_not_depend_on_the_step() {
    let rest = |timestep_s: f64| {
        let mut case = Case::new(5e-5, Vec3::new(2e-5, 0.0, HALF - 0.035));
        case.timestep_s = timestep_s;
        let mut world = case.world();
        run(&mut world, 1.0);
        place(&world).position.z
    };
    let [coarse, middle, fine] = [1e-3, 5e-4, 1.25e-4].map(rest);
    assert!((middle - fine).abs() < 1e-9, "{coarse} {middle} {fine}");
    assert!((coarse - fine).abs() < 1e-9, "{coarse} {middle} {fine}");
}

/// A block with a blind hole weighs least where the hole is: its center of mass lies as far below the middle as the plug that
/// was drilled out lies above it, by their masses.
#[test]
fn a_blind_hole_lowers_the_center_of_mass() {
    let half = Vec3::new(0.04, 0.04, 0.03);
    let mut spec = Spec::default();
    let mut body = BodySpec { name: "block".into(), ..BodySpec::default() };
    body.joints.push(JointSpec { name: "free".into(), kind: JointKind::Free, ..JointSpec::default() });
    body.geoms.push(GeomSpec::new(Shape::Bore { half, radius: HOLE, depth: DEPTH }));
    spec.world.bodies.push(body);
    let model = spec.build().expect("a valid model");
    let (whole, plug) = (8000.0 * half.x * half.y * half.z, 1000.0 * std::f64::consts::PI * HOLE * HOLE * DEPTH);
    let block = &model.bodies[1];
    assert!((block.mass - (whole - plug)).abs() < 1e-12, "{}", block.mass);
    let low = -plug * (half.z - 0.5 * DEPTH) / (whole - plug);
    assert!((block.com - Vec3::Z * low).norm() < 1e-15, "{:?}", block.com);
}

/// A hole wider than its block, or without depth, is refused with the rule it breaks.
#[test]
fn a_hole_that_does_not_fit_is_refused() {
    let half = Vec3::new(0.04, 0.008, 0.03);
    for (half, radius, depth) in [(half, HOLE, DEPTH), (Vec3::new(0.04, 0.04, 0.03), HOLE, 0.0), (half, f64::NAN, DEPTH)] {
        let mut spec = Spec::default();
        spec.world.geoms.push(GeomSpec { name: "plate".into(), ..GeomSpec::new(Shape::Bore { half, radius, depth }) });
        let said = spec.build().expect_err("no such hole").to_string();
        assert!(said.contains("bore `plate` needs a radius below its half sizes along x and y"), "{said}");
    }
}
