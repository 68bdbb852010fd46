//! Arms by their makers' published kinematic tables, as lines.

#![allow(dead_code, reason = "each test file uses a part of it")]

use leitai_control::closed_form::Screws;
use leitai_math::{Pose, Quat, Stream, Vec3};

use core::f64::consts::{FRAC_PI_2, PI};

fn rx(a: f64) -> Pose {
    Pose::new(Vec3::ZERO, Quat::from_axis_angle(Vec3::X, a))
}

fn shift(x: f64, y: f64, z: f64) -> Pose {
    Pose::new(Vec3::new(x, y, z), Quat::IDENTITY)
}

/// Lines of a chain whose joints turn about the z axes of the frames that `before` leads to, one after the other.
fn lines<const N: usize>(before: [Pose; N], tool: Pose, low: [f64; N], high: [f64; N]) -> Screws<N> {
    let (mut axis, mut point) = ([Vec3::ZERO; N], [Vec3::ZERO; N]);
    let mut pose = Pose::IDENTITY;
    for i in 0..N {
        pose = pose * before[i];
        axis[i] = pose.rotation.rotate(Vec3::Z);
        point[i] = pose.position;
    }
    Screws::new(axis, point, pose * tool, low, high).unwrap()
}

/// Standard Denavit–Hartenberg rows (d, a, α): turn, d along z, a along x, α about x.
fn standard<const N: usize>(rows: [(f64, f64, f64); N], low: [f64; N], high: [f64; N]) -> Screws<N> {
    let after = rows.map(|(d, a, alpha)| shift(0.0, 0.0, d) * shift(a, 0.0, 0.0) * rx(alpha));
    let mut before = [Pose::IDENTITY; N];
    before[1..].copy_from_slice(&after[..N - 1]);
    lines(before, after[N - 1], low, high)
}

/// UR5e, Universal Robots' table of DH parameters. Limits of ±π, so that each branch counts once.
pub fn ur5e() -> Screws<6> {
    let h = FRAC_PI_2;
    let rows =
        [(0.1625, 0.0, h), (0.0, -0.425, 0.0), (0.0, -0.3922, 0.0), (0.1333, 0.0, h), (0.0997, 0.0, -h), (0.0996, 0.0, 0.0)];
    standard(rows, [-PI; 6], [PI; 6])
}

/// PUMA 560, the table of Corke & Armstrong-Hélouvry 1994: spherical wrist with a shoulder offset.
pub fn puma() -> Screws<6> {
    let h = FRAC_PI_2;
    let rows = [(0.0, 0.0, h), (0.0, 0.4318, 0.0), (0.15005, 0.0203, -h), (0.4318, 0.0, h), (0.0, 0.0, -h), (0.05, 0.0, 0.0)];
    standard(rows, [-PI; 6], [PI; 6])
}

/// Franka Panda, modified (Craig) rows of the maker's control documentation, with its limits.
pub fn panda() -> Screws<7> {
    let h = FRAC_PI_2;
    let rows = [
        (0.0, 0.333, 0.0),
        (0.0, 0.0, -h),
        (0.0, 0.316, h),
        (0.0825, 0.0, h),
        (-0.0825, 0.384, -h),
        (0.0, 0.0, h),
        (0.088, 0.0, h),
    ];
    let before = rows.map(|(a, d, alpha)| rx(alpha) * shift(a, 0.0, 0.0) * shift(0.0, 0.0, d));
    let low = [-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973];
    let high = [2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973];
    lines(before, shift(0.0, 0.0, 0.107), low, high)
}

/// LBR iiwa 14 by its published link lengths: shoulder, elbow and wrist meet at right angles.
pub fn iiwa() -> Screws<7> {
    let (z, y) = (Vec3::Z, Vec3::Y);
    let at = |h: f64| Vec3::new(0.0, 0.0, h);
    let limits = [170.0, 120.0, 170.0, 120.0, 170.0, 120.0, 175.0_f64].map(f64::to_radians);
    let (shoulder, elbow, wrist) = (at(0.36), at(0.78), at(1.18));
    let tip = Pose::new(at(1.306), Quat::IDENTITY);
    let axis = [z, y, z, -y, z, y, z];
    Screws::new(axis, [shoulder, shoulder, shoulder, elbow, wrist, wrist, wrist], tip, limits.map(|x| -x), limits).unwrap()
}

/// A unit vector in any direction.
pub fn direction(draw: &mut Stream) -> Vec3 {
    loop {
        let v = Vec3::new(draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0));
        let n = v.norm();
        if n > 0.1 && n < 1.0 {
            return v * (1.0 / n);
        }
    }
}

/// A point within a meter of zero.
pub fn place(draw: &mut Stream) -> Vec3 {
    direction(draw) * draw.uniform(0.2, 1.0)
}

/// Largest difference of two sets of angles, whole turns aside [rad].
pub fn apart<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).fold(0.0, |most, (x, y)| {
        let d = x - y;
        f64::max(most, (d - 2.0 * PI * (d / (2.0 * PI)).round()).abs())
    })
}
