//! Tests of paths: accuracy and repeatability on a line and two circles, speed, and corners.

use leitai_control::{LineError, Trajectory};
use leitai_math::{Pose, Vec3, real};
use leitai_sim::Unstable;
use serde::Serialize;

use super::figures::Procedure;
use super::formulas::{mean, repeatability, spread};
use super::moves;
use super::poses::Setting;
use super::rig::{PERIOD_S, Rig};

/// Planes square to the path in which it is looked at.
const PLANES: usize = 40;
/// Samples of the speed in the middle half of the path.
const SPEEDS: usize = 20;
/// Window over which a speed is taken [s].
const WINDOW: usize = 10;

/// A path and how it was followed.
#[derive(Clone, Debug, Serialize)]
pub struct PathTest {
    /// `line`, `circle-large` or `circle-small`.
    pub path: &'static str,
    /// Its length [m].
    pub length_m: f64,
    /// Commanded speed of the steady part, vc [m/s].
    pub commanded_m_s: f64,
    /// AT: the greatest distance of a barycenter from the command [m].
    pub at_m: f64,
    /// RT: the greatest l̄ + 3 S over the planes [m].
    pub rt_m: f64,
    /// The greatest angle between the mean attitude in a plane and the command [rad].
    pub at_rad: f64,
    /// Speed accuracy AV, as a share.
    pub av: f64,
    /// Speed repeatability RV, as a share.
    pub rv: f64,
    /// Speed fluctuation FV, as a share of the commanded speed.
    pub fv: f64,
    /// Mean deviation in each plane, away from the path [m]: for a line upward in the plane and square to it; for a circle outward and square
    /// to the plane.
    pub deviation_m: Vec<[f64; 2]>,
}

/// Corners of a rectangle.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Corners {
    /// Commanded speed [m/s].
    pub commanded_m_s: f64,
    /// Radius with which corners are commanded [m].
    pub radius_m: f64,
    /// CR: how far the path stays away from a corner, the greatest of the corners [m].
    pub cr_m: f64,
    /// CO: how far it runs over behind a corner, the greatest of the corners [m].
    pub co_m: f64,
}

/// The path tests at one speed.
#[derive(Clone, Debug, Serialize)]
pub struct PathTests {
    /// Line and circles; a path that cannot be followed is missing and named in `left_out`.
    pub paths: Vec<PathTest>,
    /// Corners.
    pub corners: Option<Corners>,
    /// Paths that cannot be followed, and why.
    pub left_out: Vec<String>,
}

/// A curve in the plane.
pub(super) struct Curve {
    /// `line`, `circle-large`, `circle-small` or `corners`.
    pub name: &'static str,
    /// Its length [m].
    pub length: f64,
    /// Its least radius [m]; infinite if it is straight.
    pub radius: f64,
    /// The place at a share of it, in the base's frame.
    pub at: Box<dyn Fn(f64) -> Vec3>,
    /// Two directions square to it, at a share of it.
    pub across: Box<dyn Fn(f64) -> [Vec3; 2]>,
}

/// The line, both circles and the rectangle, whose corners are commanded with a small radius.
pub(super) fn curves(p: &[Vec3; 5], normal: Vec3, edge_m: f64, procedure: &Procedure) -> [Curve; 4] {
    let (from, to, center) = (p[1], p[3], p[0]);
    let up = normal.cross((to - from).normalized_or(Vec3::X));
    let line = Curve {
        name: "line",
        length: (to - from).norm(),
        radius: f64::INFINITY,
        at: Box::new(move |s| from + (to - from) * s),
        across: Box::new(move |_| [up, normal]),
    };
    let circle = |name, diameter: f64| {
        let (right, up) = (Vec3::Y, normal.cross(Vec3::Y));
        let out = move |s: f64| {
            let (sin, cos) = real::sin_cos(real::TAU * s);
            right * cos + up * sin
        };
        Curve {
            name,
            length: real::PI * diameter,
            radius: 0.5 * diameter,
            at: Box::new(move |s| center + out(s) * (0.5 * diameter)),
            across: Box::new(move |s| [out(s), normal]),
        }
    };
    let rectangle = rectangle(p, edge_m, procedure);
    [
        line,
        circle("circle-large", procedure.large_circle_share.value * edge_m),
        circle("circle-small", procedure.small_circle_share.value * edge_m),
        Curve {
            name: "corners",
            length: rectangle.length,
            radius: rectangle.radius,
            at: Box::new(move |s| rectangle.at(s)),
            across: Box::new(move |_| [normal.cross(Vec3::Y), normal]),
        },
    ]
}

fn rectangle(p: &[Vec3; 5], edge_m: f64, procedure: &Procedure) -> Rounded {
    Rounded::new([p[1], p[2], p[3], p[4]], procedure.corner_share.value * edge_m)
}

/// All path tests at `share` of the greatest speed at which the arm follows each path.
///
/// # Errors
/// If the motion left its bounds.
pub fn at_speed(setting: &Setting, share: f64) -> Result<PathTests, Unstable> {
    let Setting { cube, procedure, .. } = *setting;
    let poses = cube.poses();
    let p = poses.map(|pose| pose.position);
    let curves = curves(&p, poses[0].rotation.rotate(Vec3::Z), cube.edge_m, procedure);
    let (mut paths, mut left_out) = (Vec::new(), Vec::new());
    for curve in &curves[..3] {
        match follow(setting, curve, share)? {
            Ok(test) => paths.push(test),
            Err(error) => left_out.push(format!("{}: {error}", curve.name)),
        }
    }
    let corners = match corners(setting, &curves[3], &rectangle(&p, cube.edge_m, procedure), share)? {
        Ok(corners) => Some(corners),
        Err(error) => {
            left_out.push(format!("corners: {error}"));
            None
        }
    };
    Ok(PathTests { paths, corners, left_out })
}

/// From P1 to the start of a path, and the path.
fn approach(setting: &Setting, start: Vec3) -> Result<(Trajectory, Vec<f64>), LineError> {
    let attitude = setting.cube.poses()[0].rotation;
    let first = moves::line(setting.machine, &setting.cube.postures[0], &Pose::new(start, attitude), 0.5)?;
    let posture = first.path.end().to_vec();
    Ok((first, posture))
}

/// A path at `share` of the greatest speed at which the arm follows it.
fn led(setting: &Setting, curve: &Curve, posture: &[f64], share: f64) -> Result<Trajectory, LineError> {
    let Setting { machine, cube, procedure, .. } = *setting;
    let attitude = cube.poses()[0].rotation;
    let at = |speed: f64| moves::along(machine, posture, curve.length, attitude, &curve.at, speed);
    let fastest = at(moves::path_speed(curve.length, procedure.path_speed_m_s.value))?;
    at(share * moves::cruise(&fastest))
}

/// The poses of the measured point, period by period, while the rig follows a motion.
fn track(rig: &mut Rig, motion: &Trajectory, dwell_s: f64) -> Result<Vec<Pose>, Unstable> {
    let mut poses = vec![rig.pose()];
    rig.follow(motion, dwell_s, &mut |_, pose| poses.push(pose))?;
    Ok(poses)
}

fn follow(setting: &Setting, curve: &Curve, share: f64) -> Result<Result<PathTest, LineError>, Unstable> {
    let Setting { machine, cube, procedure, .. } = *setting;
    let attitude = cube.poses()[0].rotation;
    let planned = approach(setting, (curve.at)(0.0)).and_then(|(first, posture)| {
        let path = led(setting, curve, &posture, share)?;
        let back = moves::joints(machine, path.path.end(), &posture, 0.5);
        Ok((first, path, back))
    });
    let (first, path, back) = match planned {
        Ok(planned) => planned,
        Err(error) => return Ok(Err(error)),
    };
    let mut rig = setting.rig(&format!("{}/{share}", curve.name));
    rig.follow(&first, procedure.dwell_s.value, &mut |_, _| {})?;
    let cycles = setting.cycles_of(procedure.path_cycles.value);
    let mut crossed: Vec<Vec<Pose>> = vec![Vec::new(); PLANES];
    let mut speeds: Vec<Vec<f64>> = Vec::new();
    for cycle in 0..=cycles {
        let poses = track(&mut rig, &path, procedure.dwell_s.value)?;
        if cycle > 0 {
            for (plane, pose) in crossed.iter_mut().zip(crossings(curve, &poses)) {
                plane.push(pose);
            }
            speeds.push(steady(&path, &poses));
        }
        rig.follow(&back, procedure.dwell_s.value, &mut |_, _| {})?;
    }
    let commanded = moves::cruise(&path);
    let (mut at_m, mut rt_m, mut at_rad) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut deviation_m = Vec::new();
    for (k, poses) in crossed.iter().enumerate() {
        let s = place(k);
        let points: Vec<Vec3> = poses.iter().map(|pose| pose.position).collect();
        let off = mean(&points) - (curve.at)(s);
        let turns: Vec<Vec3> = poses.iter().map(|pose| (pose.rotation * attitude.conjugate()).to_rotation_vector()).collect();
        (at_m, rt_m) = (at_m.max(off.norm()), rt_m.max(repeatability(&points)));
        at_rad = at_rad.max(mean(&turns).norm());
        deviation_m.push((curve.across)(s).map(|across| across.dot(off)));
    }
    let means: Vec<f64> = speeds.iter().map(|cycle| spread(cycle).0).collect();
    let (average, deviation) = spread(&means);
    let range =
        |cycle: &Vec<f64>| cycle.iter().copied().fold(f64::MIN, f64::max) - cycle.iter().copied().fold(f64::MAX, f64::min);
    Ok(Ok(PathTest {
        path: curve.name,
        length_m: curve.length,
        commanded_m_s: commanded,
        at_m,
        rt_m,
        at_rad,
        av: average / commanded - 1.0,
        rv: 3.0 * deviation / commanded,
        fv: speeds.iter().map(range).fold(0.0, f64::max) / commanded,
        deviation_m,
    }))
}

/// Where plane `k` stands, as a share of the path: within it, not at its ends.
fn place(k: usize) -> f64 {
    (k + 1) as f64 / (PLANES + 1) as f64
}

/// Where the attained path crosses each plane, between two periods.
fn crossings(curve: &Curve, poses: &[Pose]) -> Vec<Pose> {
    let h = 1e-4;
    let mut from = 0;
    (0..PLANES)
        .map(|k| {
            let s = place(k);
            let (point, along) = ((curve.at)(s), (curve.at)(s + h) - (curve.at)(s - h));
            let ahead = |pose: &Pose| (pose.position - point).dot(along);
            let near = |pose: &Pose| (pose.position - point).norm() < 0.25 * curve.length;
            let found = (from.max(1)..poses.len()).find(|&j| near(&poses[j]) && ahead(&poses[j]) >= 0.0);
            let j = found.unwrap_or(poses.len() - 1);
            from = j;
            let (before, after) = (&poses[j.saturating_sub(1)], &poses[j]);
            let (a, b) = (ahead(before), ahead(after));
            let share = if b > a { real::clamp(-a / (b - a), 0.0, 1.0) } else { 1.0 };
            Pose::new(before.position + (after.position - before.position) * share, after.rotation)
        })
        .collect()
}

/// Speeds in the middle half of the path.
fn steady(path: &Trajectory, poses: &[Pose]) -> Vec<f64> {
    let length = path.profile.at(path.duration_s()).position;
    let at = |k: usize| path.profile.at(k as f64 * PERIOD_S).position / length;
    let within: Vec<usize> = (WINDOW..poses.len() - WINDOW).filter(|&k| (0.25..=0.75).contains(&at(k))).collect();
    let speed = |k: usize| {
        let way = poses[k + WINDOW / 2].position - poses[k - WINDOW / 2].position;
        way.norm() / (WINDOW as f64 * PERIOD_S)
    };
    (0..SPEEDS).filter_map(|i| within.get(i * within.len() / SPEEDS)).map(|&k| speed(k)).collect()
}

/// CR and CO on the rectangle P2-P3-P4-P5.
fn corners(setting: &Setting, curve: &Curve, rectangle: &Rounded, share: f64) -> Result<Result<Corners, LineError>, Unstable> {
    let Setting { machine, procedure, .. } = *setting;
    let planned =
        approach(setting, rectangle.at(0.0)).and_then(|(first, posture)| Ok((first, led(setting, curve, &posture, share)?)));
    let (first, path) = match planned {
        Ok(planned) => planned,
        Err(error) => return Ok(Err(error)),
    };
    let mut rig = setting.rig(&format!("corners/{share}"));
    rig.follow(&first, procedure.dwell_s.value, &mut |_, _| {})?;
    let cycles = setting.cycles_of(procedure.few_cycles.value);
    let (mut cr_m, mut co_m) = (0.0_f64, 0.0_f64);
    for _ in 0..cycles {
        let poses = track(&mut rig, &path, procedure.dwell_s.value)?;
        // The path begins and ends in the middle of a side, so all four corners are passed in motion.
        for k in 0..4 {
            let corner = rectangle.corners[k];
            let before = (corner - rectangle.corners[(k + 3) % 4]).normalized_or(Vec3::X);
            let after = (rectangle.corners[(k + 1) % 4] - corner).normalized_or(Vec3::X);
            let nearest = poses.iter().map(|pose| (pose.position - corner).norm()).fold(f64::MAX, f64::min);
            cr_m = cr_m.max(nearest);
            let side = (rectangle.corners[(k + 1) % 4] - corner).norm();
            for pose in &poses {
                let off = pose.position - corner;
                // Behind the corner, along the first half of the next side: how far it still goes the old way.
                if (0.0..0.5 * side).contains(&off.dot(after)) && off.dot(before).abs() < 0.25 * side {
                    co_m = co_m.max(off.dot(before));
                }
            }
        }
        let back = moves::joints(machine, path.path.end(), path.path.start(), 0.5);
        rig.follow(&back, procedure.dwell_s.value, &mut |_, _| {})?;
    }
    Ok(Ok(Corners { commanded_m_s: moves::cruise(&path), radius_m: rectangle.radius, cr_m, co_m }))
}

/// A rectangle with rounded corners, from the middle of its last side all around to there.
#[derive(Clone, Copy)]
struct Rounded {
    corners: [Vec3; 4],
    radius: f64,
    length: f64,
}

impl Rounded {
    fn new(corners: [Vec3; 4], radius: f64) -> Self {
        let sides: f64 = (0..4).map(|k| (corners[(k + 1) % 4] - corners[k]).norm()).sum();
        let length = sides - 8.0 * radius + real::TAU * radius;
        Self { corners, radius, length }
    }

    /// The place at a share of the way.
    fn at(&self, share: f64) -> Vec3 {
        let r = self.radius;
        let mut left = real::clamp(share, 0.0, 1.0) * self.length;
        let mut here = (self.corners[3] + self.corners[0]) * 0.5;
        for k in 0..4 {
            let (corner, next) = (self.corners[k], self.corners[(k + 1) % 4]);
            let (way, after) = (corner - here, (next - corner).normalized_or(Vec3::X));
            let along = way.normalized_or(Vec3::X);
            let straight = way.norm() - r;
            if left <= straight {
                return here + along * left;
            }
            left -= straight;
            if left <= 0.5 * real::PI * r {
                let (sin, cos) = real::sin_cos(left / r);
                return here + along * (straight + r * sin) + after * (r * (1.0 - cos));
            }
            left -= 0.5 * real::PI * r;
            here = corner + after * r;
        }
        here + (self.corners[0] - self.corners[3]).normalized_or(Vec3::X) * left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed form: the way around has the rectangle's length less what the arcs cut off, is walked evenly, and closes.
    #[test]
    fn a_rounded_rectangle_is_walked_evenly() {
        let corners = [Vec3::ZERO, Vec3::X * 0.4, Vec3::new(0.4, 0.3, 0.0), Vec3::Y * 0.3];
        let around = Rounded::new(corners, 0.02);
        assert!((around.length - (1.4 - 0.16 + 0.04 * std::f64::consts::PI)).abs() < 1e-12);
        assert!((around.at(0.0) - around.at(1.0)).norm() < 1e-12);
        let n = 10_000;
        let walked: Vec<f64> = (0..n)
            .map(|k| (around.at(f64::from(k + 1) / f64::from(n)) - around.at(f64::from(k) / f64::from(n))).norm())
            .collect();
        let step = around.length / f64::from(n);
        assert!(walked.iter().all(|w| (w / step - 1.0).abs() < 1e-4));
        // Nearest to a corner: r(√2 − 1).
        let nearest = (0..n).map(|k| (around.at(f64::from(k) / f64::from(n)) - corners[1]).norm()).fold(1.0, f64::min);
        assert!((nearest - 0.02 * (2.0_f64.sqrt() - 1.0)).abs() < 1e-6);
    }
}
