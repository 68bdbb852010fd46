//! Arms for tests, built as descriptions: a heavy six-axis arm with the proportions of a 1.75 m palletizer, and a seven-axis one.

#![allow(dead_code, reason = "each test file uses a part of it")]

use leitai_control::MotionLimits;
use leitai_geometry::Shape;
use leitai_math::{Mat3, Pose, Quat, Vec3};
use leitai_model::spec::{BodySpec, GeomSpec, InertialSpec, JointSpec, SiteSpec, Spec};

/// Position, turn, mass, center of mass, moments and (from, to, radius) of one link's shell.
type Link = ([f64; 3], Quat, f64, [f64; 3], [f64; 3], ([f64; 3], [f64; 3], f64));

fn vec(v: [f64; 3]) -> Vec3 {
    Vec3::new(v[0], v[1], v[2])
}

/// A capsule between two points, of no mass.
pub fn capsule(name: &str, from: Vec3, to: Vec3, radius: f64) -> GeomSpec {
    let way = to - from;
    let pose = Pose::new((from + to) * 0.5, Quat::between(Vec3::Z, way.normalized_or(Vec3::Z)));
    let shape = Shape::Capsule { radius, half_length: 0.5 * way.norm() };
    GeomSpec { name: name.into(), pose, ..GeomSpec::new(shape) }
}

fn serial(name: &str, links: &[Link], tip: Pose) -> Spec {
    let mut child: Option<BodySpec> = None;
    for (i, (position, turn, mass, com, moments, shell)) in links.iter().enumerate().rev() {
        let mut body = BodySpec::new(format!("link_{}", i + 1), Pose::new(vec(*position), *turn));
        let m = moments;
        let inertia = Mat3([[m[0], 0.0, 0.0], [0.0, m[1], 0.0], [0.0, 0.0, m[2]]]);
        body.inertial = Some(InertialSpec { mass: *mass, pose: Pose::new(vec(*com), Quat::IDENTITY), inertia });
        let range = Some([-6.28, 6.28]);
        body.joints.push(JointSpec { name: format!("joint_{}", i + 1), range, ..JointSpec::default() });
        body.geoms.push(capsule(&format!("shell_{}", i + 1), vec(shell.0), vec(shell.1), shell.2));
        match child.take() {
            Some(below) => body.bodies.push(below),
            None => body.sites.push(SiteSpec { name: "tool_mount".into(), pose: tip, ..SiteSpec::default() }),
        }
        child = Some(body);
    }
    let mut spec = Spec { name: name.into(), ..Spec::default() };
    spec.world.name = "world".into();
    spec.world.bodies.push(child.expect("an arm has links"));
    spec
}

/// Six axes, reach 1.75 m: the shape of a UR20 (offsets of the maker's published table), capsules for shells.
pub fn six_axes() -> Spec {
    let h = 0.5_f64.sqrt();
    let (up, down, half) = (Quat::new(h, h, 0.0, 0.0), Quat::new(h, -h, 0.0, 0.0), Quat::new(0.0, 0.0, 0.0, 1.0));
    serial(
        "six",
        &[
            (
                [0.0, 0.0, 0.2363],
                half,
                16.3,
                [0.0, -0.006, -0.061],
                [0.089, 0.084, 0.076],
                ([0.0, 0.01, 0.0], [0.0, -0.02, 0.0], 0.105),
            ),
            ([0.0; 3], up, 29.6, [-0.34, 0.0, 0.21], [0.147, 4.67, 4.63], ([0.0, 0.0, 0.241], [-0.865, 0.0, 0.241], 0.085)),
            (
                [-0.862, 0.0, 0.0],
                Quat::IDENTITY,
                7.9,
                [-0.405, 0.0, 0.06],
                [0.026, 0.758, 0.753],
                ([0.0, 0.0, 0.039], [-0.727, 0.0, 0.039], 0.065),
            ),
            (
                [-0.7287, 0.0, 0.201],
                Quat::IDENTITY,
                3.05,
                [0.0, -0.039, -0.003],
                [0.0056, 0.004, 0.0054],
                ([0.0, 0.0, -0.035], [0.0, 0.0, 0.006], 0.06),
            ),
            (
                [0.0, -0.1593, 0.0],
                up,
                3.13,
                [0.0, 0.038, -0.002],
                [0.0059, 0.0043, 0.0058],
                ([0.0, 0.0, -0.006], [0.0, 0.05, 0.0], 0.06),
            ),
            (
                [0.0, 0.1543, 0.0],
                down,
                0.93,
                [0.0, 0.0, -0.029],
                [0.0009, 0.0009, 0.0012],
                ([0.0, 0.0, -0.03], [0.0, 0.0, -0.02], 0.05),
            ),
        ],
        Pose::IDENTITY,
    )
}

/// Seven axes, alternating roll and pitch, offsets of a 0.8 m light arm.
pub fn seven_axes() -> Spec {
    let h = 0.5_f64.sqrt();
    let (bend, back) = (Quat::new(h, -h, 0.0, 0.0), Quat::new(h, h, 0.0, 0.0));
    let link = |z: f64, y: f64, turn, mass| -> Link {
        ([0.0, y, z], turn, mass, [0.0, 0.0, 0.05], [0.05, 0.05, 0.02], ([0.0; 3], [0.0, 0.0, 0.01], 0.06))
    };
    serial(
        "seven",
        &[
            link(0.15, 0.0, Quat::IDENTITY, 4.0),
            link(0.19, 0.0, bend, 4.0),
            link(0.0, -0.21, back, 3.0),
            link(0.19, 0.0, bend, 2.7),
            link(0.0, -0.21, back, 1.7),
            link(0.19, 0.0, bend, 1.8),
            link(0.0, -0.08, back, 0.3),
        ],
        Pose::new(Vec3::new(0.0, 0.0, 0.05), Quat::IDENTITY),
    )
}

/// Limits of the six-axis arm: the published torques and speeds of a UR20; accelerations assumed.
pub fn six_axis_limits() -> MotionLimits {
    MotionLimits {
        speed: vec![2.094, 2.094, 2.618, 3.665, 3.665, 3.665],
        acceleration: vec![8.0, 8.0, 10.0, 20.0, 20.0, 20.0],
        torque: vec![738.0, 738.0, 433.0, 107.0, 107.0, 107.0],
        share: 0.9,
        rise_s: 0.1,
    }
}

/// Changes the inertia of each link, counted from the base.
pub fn each_link(spec: &mut Spec, change: &mut impl FnMut(usize, &mut InertialSpec)) {
    let mut body = spec.world.bodies.first_mut();
    let mut i = 0;
    while let Some(link) = body {
        if let Some(inertial) = &mut link.inertial {
            change(i, inertial);
        }
        i += 1;
        body = link.bodies.first_mut();
    }
}

/// The link that carries the tool.
pub fn last_link(spec: &mut Spec) -> &mut BodySpec {
    let mut body = &mut spec.world.bodies[0];
    while !body.bodies.is_empty() {
        body = &mut body.bodies[0];
    }
    body
}
