//! The test cube, its inclined plane and the five poses.
//!
//! The largest cube with edges parallel to the base's axes whose corners, center and poses the tool reaches on straight lines from its center,
//! in one attitude, without touching itself, and in which the line, the large circle and the rectangle of the path tests can be followed at a
//! modest speed. The most used part of the workspace is taken to be in front of the base (y = 0), where centers on a grid are tried.
//!
//! Corners are numbered so that the plane is C1-C2-C7-C8: it rises away from the base, and the tool looks at it straight on, forward and down.

use std::collections::BTreeSet;

use leitai_control::search::{Search, SearchOptions};
use leitai_control::{Chain, Path};
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_sim::World;
use serde::Serialize;

use super::figures::Procedure;
use super::machine::Machine;
use super::{moves, paths};

/// Centers tried: over the reach from the shoulder, forward and up.
const FORWARD: [f64; 7] = [0.25, 0.33, 0.41, 0.49, 0.57, 0.65, 0.73];
const UP: [f64; 10] = [-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5];
/// Turns of the tool about its own axis that are tried [quarter turns].
const SPINS: usize = 4;
/// Postures at the center that are tried for each.
const POSTURES: usize = 3;
/// Halvings of the edge.
const HALVINGS: usize = 6;
/// Edges are whole centimeters: so many to a meter.
const GRAINS_M: f64 = 100.0;
/// The smallest cube that is worth testing in [m].
const SMALLEST_M: f64 = 0.1;
/// Tool speed [m/s] at which no joint may have to be faster than rated anywhere in the cube, and at which its paths can be followed.
const MODEST_M_S: f64 = 0.25;
/// Shares of it that a straight path and a bent one must keep, the latter of what its own radius allows.
const KEPT: [f64; 2] = [0.6, 0.4];
/// Spacing of the points that lead a straight line while the cube is sought [m].
const SPACING_M: f64 = 0.05;
/// The way that a radian of turn counts as [m].
pub const TURN_M: f64 = 0.3;

/// The cube with its poses, in the base's frame.
#[derive(Clone, Debug, Serialize)]
pub struct Cube {
    /// Center [m], which is P1's place.
    pub center_m: [f64; 3],
    /// Edge [m].
    pub edge_m: f64,
    /// C1 to C8 [m].
    pub corners_m: [[f64; 3]; 8],
    /// P1 to P5 [m].
    pub poses_m: [[f64; 3]; 5],
    /// Attitude of the measured frame in all poses, a quaternion (w, x, y, z).
    pub attitude: [f64; 4],
    /// Postures in P1 to P5 [rad or m].
    pub postures: [Vec<f64>; 5],
    /// Where the joints are in P1 [m], base to measured point, for the drawing.
    pub arm_m: Vec<[f64; 3]>,
    /// The largest recommended edge that fits [m]: 0.25, 0.4, 0.63 or 1.
    pub recommended_m: Option<f64>,
}

/// Nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no cube of 10 cm or more in front of the base lies within reach; the poses of ISO 9283 need one")]
pub struct NoCube;

impl Cube {
    /// `base_from_measured` at P1 to P5.
    #[must_use]
    pub fn poses(&self) -> [Pose; 5] {
        let [w, x, y, z] = self.attitude;
        self.poses_m.map(|p| Pose::new(Vec3::from_slice(&p), Quat::new(w, x, y, z)))
    }

    /// Seeks the largest cube.
    ///
    /// # Errors
    /// If none lies within reach.
    pub fn largest(machine: &Machine, procedure: &Procedure) -> Result<Self, NoCube> {
        let mut seek = Seek::new(machine, procedure);
        let mut frames = Vec::new();
        machine.chain.frames(&machine.home, &mut frames);
        let shoulder = machine.base.inverse().apply(frames[frames.len().min(2) - 1].position);
        let reach = machine.chain.lever_arms(0.0)[frames.len().min(2) - 1];
        let mut best: Option<(f64, Vec3, Quat, Vec<f64>)> = None;
        for up in UP {
            for forward in FORWARD {
                let center = Vec3::new(forward * reach, 0.0, shoulder.z + up * reach);
                for spin in 0..SPINS {
                    let attitude = attitude(spin);
                    let least = best.as_ref().map_or(SMALLEST_M, |(edge, ..)| *edge + 1.0 / GRAINS_M);
                    for q in seek.postures(center, attitude) {
                        if !seek.holds(center, least, attitude, &q) {
                            continue;
                        }
                        let (mut low, mut high) = (least, 1.2 * reach);
                        for _ in 0..HALVINGS {
                            let middle = 0.5 * (low + high);
                            if seek.holds(center, middle, attitude, &q) {
                                low = middle;
                            } else {
                                high = middle;
                            }
                        }
                        let edge = real::floor(low * GRAINS_M + 1e-7) / GRAINS_M;
                        if best.as_ref().is_none_or(|(known, ..)| edge > *known) {
                            best = Some((edge, center, attitude, q));
                        }
                    }
                }
            }
        }
        let (edge, center, attitude, q) = best.ok_or(NoCube)?;
        Ok(seek.cube(center, edge, attitude, &q))
    }
}

/// C1 to C8 about `center`.
fn corners(center: Vec3, edge: f64) -> [Vec3; 8] {
    let signs = [(-1, -1, -1), (-1, 1, -1), (1, 1, -1), (1, -1, -1), (-1, -1, 1), (-1, 1, 1), (1, 1, 1), (1, -1, 1)];
    signs.map(|(x, y, z)| center + Vec3::new(f64::from(x), f64::from(y), f64::from(z)) * (0.5 * edge))
}

/// P1 to P5: the center, and near C1, C2, C7 and C8 on the plane's diagonals.
fn places(center: Vec3, edge: f64, from_end: f64) -> [Vec3; 5] {
    let c = corners(center, edge);
    let near = |a: Vec3, b: Vec3| a + (b - a) * from_end;
    [center, near(c[0], c[6]), near(c[1], c[7]), near(c[6], c[0]), near(c[7], c[1])]
}

/// The tool looks forward and down, square to the plane, turned by quarters about its own axis.
fn attitude(spin: usize) -> Quat {
    let half = real::sqrt(0.5);
    let z = Vec3::new(half, 0.0, -half);
    let square = Quat::between(Vec3::Z, z);
    Quat::from_axis_angle(z, spin as f64 * 0.5 * real::PI) * square
}

struct Seek<'a> {
    machine: &'a Machine,
    procedure: &'a Procedure,
    search: Search,
    work: leitai_control::search::SearchWork,
    world: World,
    /// Shapes that overlap at home: neighbors, drawn so.
    drawn: BTreeSet<(u32, u32)>,
}

impl<'a> Seek<'a> {
    fn new(machine: &'a Machine, procedure: &'a Procedure) -> Self {
        let search = Search::new(&machine.chain);
        let work = search.work();
        let world = World::new(&machine.shapes());
        let mut seek = Self { machine, procedure, search, work, world, drawn: BTreeSet::new() };
        seek.drawn = seek.touching(&machine.home).into_iter().collect();
        seek
    }

    fn touching(&mut self, q: &[f64]) -> Vec<(u32, u32)> {
        let machine = self.machine;
        self.world.change(|state| {
            for (joint, q) in machine.joints.iter().zip(q) {
                state.q[machine.model.joints[joint.index()].q_start as usize] = *q;
            }
        });
        // A posture whose contacts are too many to hold is not one to work in.
        match self.world.forward() {
            Ok(()) => {
                let touching = self.world.contacts().iter().filter(|contact| contact.distance < 0.0);
                touching.map(|contact| (contact.geoms[0].0, contact.geoms[1].0)).collect()
            }
            Err(_) => vec![(u32::MAX, u32::MAX)],
        }
    }

    fn postures(&mut self, center: Vec3, attitude: Quat) -> Vec<Vec<f64>> {
        let target = self.machine.base * Pose::new(center, attitude);
        let options = SearchOptions { steps: 300, ..SearchOptions::default() };
        let found = self.search.several(&target, &self.machine.home, POSTURES, &options, &mut self.work);
        found.map_or_else(|_| Vec::new(), |found| found.into_iter().map(|f| f.q).collect())
    }

    /// Whether the cube about `center` lies within reach of the arm, which stands in `q` at the center.
    fn holds(&mut self, center: Vec3, edge: f64, attitude: Quat, q: &[f64]) -> bool {
        if center.z - 0.5 * edge < 0.05 {
            return false;
        }
        let mut posture = q.to_vec();
        let (mut slope, mut bend) = (vec![0.0; q.len()], vec![0.0; q.len()]);
        for corner in corners(center, edge) {
            let to = self.machine.base * Pose::new(corner, attitude);
            let Ok(path) = Path::line(&self.machine.chain, q, &to, SPACING_M, TURN_M) else { return false };
            for k in 0..=8 {
                path.at(path.length() * f64::from(k) / 8.0, &mut posture, &mut slope, &mut bend);
                let limits = &self.machine.limits;
                if slope.iter().zip(&limits.speed).any(|(slope, most)| real::abs(*slope) * MODEST_M_S > limits.share * most) {
                    return false;
                }
                if k % 4 == 0 && !self.stands_free(&posture) {
                    return false;
                }
            }
        }
        let places = places(center, edge, self.procedure.from_end.value);
        let curves = paths::curves(&places, attitude.rotate(Vec3::Z), edge, self.procedure);
        curves.iter().filter(|curve| curve.name != "circle-small").all(|curve| self.follows(curve, attitude, q))
    }

    /// Whether the tool can follow a path at a modest speed, or at that which its own radius allows.
    fn follows(&self, curve: &paths::Curve, attitude: Quat, q: &[f64]) -> bool {
        let start = Pose::new((curve.at)(0.0), attitude);
        let reached = moves::line(self.machine, q, &start, MODEST_M_S)
            .and_then(|first| moves::along(self.machine, first.path.end(), curve.length, attitude, &curve.at, MODEST_M_S));
        reached
            .is_ok_and(|path| moves::cruise(&path) >= real::min(KEPT[0] * MODEST_M_S, KEPT[1] * moves::bend_speed(curve.radius)))
    }

    /// No part of the arm touches another, and no joint is below the mounting face.
    fn stands_free(&mut self, q: &[f64]) -> bool {
        let mut frames = Vec::new();
        self.machine.chain.frames(q, &mut frames);
        let from_world = self.machine.base.inverse();
        if frames.iter().any(|frame| from_world.apply(frame.position).z < -1e-9) {
            return false;
        }
        let touching = self.touching(q);
        touching.iter().all(|pair| self.drawn.contains(pair))
    }

    fn cube(&self, center: Vec3, edge: f64, attitude: Quat, q: &[f64]) -> Cube {
        let flat = |p: Vec3| [p.x, p.y, p.z];
        let places = places(center, edge, self.procedure.from_end.value);
        let at = |place: Vec3| {
            let to = self.machine.base * Pose::new(place, attitude);
            let line = Path::line(&self.machine.chain, q, &to, SPACING_M, TURN_M).expect("within a cube that holds");
            line.end().to_vec()
        };
        Cube {
            center_m: flat(center),
            edge_m: edge,
            corners_m: corners(center, edge).map(flat),
            poses_m: places.map(flat),
            attitude: [attitude.w, attitude.x, attitude.y, attitude.z],
            postures: [q.to_vec(), at(places[1]), at(places[2]), at(places[3]), at(places[4])],
            arm_m: arm(&self.machine.chain, q, self.machine.base),
            recommended_m: [1.0, 0.63, 0.4, 0.25].into_iter().find(|size| edge >= *size),
        }
    }
}

/// Where base, joints and measured point are [m], in the base's frame.
fn arm(chain: &Chain, q: &[f64], base: Pose) -> Vec<[f64; 3]> {
    let mut frames = Vec::new();
    chain.frames(q, &mut frames);
    let from_world = base.inverse();
    let points = frames.iter().map(|frame| frame.position).chain([chain.tip(q).position]);
    let points = points.map(|p| from_world.apply(p)).map(|p| [p.x, p.y, p.z]);
    std::iter::once([0.0; 3]).chain(points).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed form: the plane through C1, C2, C7 and C8 holds P1 to P5, its diagonal is √3 edges long, and the tool is square to it.
    #[test]
    fn poses_lie_on_the_inclined_plane() {
        let center = Vec3::new(0.5, 0.0, 0.4);
        let p = places(center, 0.4, 0.1);
        for spin in 0..4 {
            let z = attitude(spin).rotate(Vec3::Z);
            assert!(p.iter().all(|p| z.dot(*p - center).abs() < 1e-12));
        }
        let diagonal = 3.0_f64.sqrt() * 0.4;
        assert!(((p[1] - p[3]).norm() - 0.8 * diagonal).abs() < 1e-12);
        assert!(((p[2] - p[4]).norm() - 0.8 * diagonal).abs() < 1e-12);
        assert!(p[3].z > p[1].z && p[3].x > p[1].x, "the plane rises away from the base");
    }
}
