//! Six hinges: which decomposition an arm has, and the candidates it gives for a pose.
//!
//! | arm | found by | solved by |
//! |---|---|---|
//! | spherical wrist | the last three axes meet | three hinges bring the wrist's center to its place, the wrist makes the rotation |
//! | three parallel axes (UR class) | axes 2, 3 and 4 are parallel | height and tilt along them give θ₁ and θ₅, then a planar arm |
//! | either of these, backwards | the same from the tip: the first three axes meet, or 3, 4 and 5 are parallel | the same from the tip |

use super::candidates::Candidates;
use super::lines::{ALIKE, Line, center};
use super::orientation::{Orientation, SINGULAR};
use super::pair::{Order, Row, chosen, pair};
use super::position::Position;
use super::screws::{Motion, Screws};
use super::subproblem::{Fit, NO_LEVER, Turn, level, level_beside, turn_about};
use leitai_math::{Vec3, real};

/// What makes an arm solvable in closed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// The last three axes meet in one point.
    SphericalWrist,
    /// The first three axes meet in one point.
    SphericalShoulder,
    /// Axes 2, 3 and 4 are parallel.
    ParallelFromSecond,
    /// Axes 3, 4 and 5 are parallel.
    ParallelFromThird,
}

#[derive(Clone, Copy, Debug)]
enum Method {
    Wrist { center: Vec3, position: Position, orientation: Orientation },
    Parallel(Parallel),
}

/// A six-hinge arm taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Six {
    pub structure: Structure,
    method: Method,
    lines: [Line; 6],
}

impl Six {
    /// The decomposition of these lines, if one of the known ones fits.
    pub fn find(screws: &Screws<6>) -> Option<Self> {
        let forwards = lines_of(screws);
        let backwards = lines_of(&screws.reversed());
        let tries = [
            (Structure::SphericalWrist, forwards),
            (Structure::SphericalShoulder, backwards),
            (Structure::ParallelFromSecond, forwards),
            (Structure::ParallelFromThird, backwards),
        ];
        tries.into_iter().find_map(|(structure, lines)| {
            let method = match structure {
                Structure::SphericalWrist | Structure::SphericalShoulder => wrist(&lines)?,
                Structure::ParallelFromSecond | Structure::ParallelFromThird => Method::Parallel(Parallel::new(&lines)?),
            };
            Some(Self { structure, method, lines })
        })
    }

    fn backwards(&self) -> bool {
        matches!(self.structure, Structure::SphericalShoulder | Structure::ParallelFromThird)
    }

    /// Writes into `out` every candidate for the motion of the tip from its place at zero.
    pub fn candidates(&self, motion: &Motion, posture: &[f64; 6], out: &mut Candidates<6>) {
        out.clear();
        if self.backwards() {
            let mut mirrored = *posture;
            mirrored.reverse();
            self.solved_forwards(&motion.inverse(), &mirrored, out);
            out.reverse();
        } else {
            self.solved_forwards(motion, posture, out);
        }
    }

    fn solved_forwards(&self, motion: &Motion, posture: &[f64; 6], out: &mut Candidates<6>) {
        match &self.method {
            Method::Parallel(parallel) => parallel.candidates(motion, posture, out),
            Method::Wrist { center, position, orientation } => {
                let last = motion.turn * orientation.last();
                let across = motion.turn * orientation.across;
                let [a, b, c] = [self.lines[0].axis, self.lines[1].axis, self.lines[2].axis];
                position.solve(motion.apply(*center), &[posture[0], posture[1], posture[2]], |placed| {
                    let [x, y, z] = placed.turns.map(Turn::back);
                    let back = |v: Vec3| z.apply(c, y.apply(b, x.apply(a, v)));
                    orientation.solve(back(last), back(across), posture[3], |turns, fit| {
                        let [x, y, z] = placed.turns;
                        let [u, v, w] = turns;
                        out.push([x, y, z, u, v, w], placed.fit.and(fit));
                    });
                });
            }
        }
    }
}

fn lines_of(screws: &Screws<6>) -> [Line; 6] {
    core::array::from_fn(|i| Line { axis: screws.axis[i], point: screws.point[i] })
}

fn wrist(lines: &[Line; 6]) -> Option<Method> {
    let [a, b, c, d, e, f] = *lines;
    let center = center(&d, &e, &f)?;
    let position = Position::new([a, b, c], center)?;
    Some(Method::Wrist { center, position, orientation: Orientation::new([d.axis, e.axis, f.axis]) })
}

/// An arm whose axes 2, 3 and 4 are parallel.
#[derive(Clone, Copy, Debug)]
struct Parallel {
    first: Line,
    /// The common direction.
    along: Vec3,
    /// Which of axes 2, 3 and 4 point the other way, as +1 or −1.
    sign: [f64; 3],
    second: Vec3,
    fourth: Vec3,
    fifth: Line,
    last_axis: Vec3,
    /// A point on the last axis; where axes 5 and 6 meet, if they do.
    last_point: Vec3,
    /// The planar arm: from axis 2 to 3 and from 3 to 4, without what lies along the axes.
    upper: Vec3,
    fore: Vec3,
    /// Equations of height and of tilt.
    height: [f64; 3],
    tilt: [f64; 3],
    order: Order,
    /// Axis 5 stands at right angles to both neighbors.
    square: bool,
    across: Vec3,
}

impl Parallel {
    fn new(lines: &[Line; 6]) -> Option<Self> {
        let [first, second, third, fourth, fifth, last] = *lines;
        let k = second.axis;
        if !second.parallel_to(&third) || !second.parallel_to(&fourth) || first.parallel_to(&second) || fifth.parallel_to(&second)
        {
            return None;
        }
        let flat = |v: Vec3| v - k * k.dot(v);
        let (upper, fore) = (flat(third.point - second.point), flat(fourth.point - third.point));
        if upper.norm() < 1e-4 || fore.norm() < 1e-4 {
            return None;
        }
        let meeting = fifth.meets(&last);
        let last_point = meeting.unwrap_or(last.point);
        let order = if meeting.is_some() { Order::FirstLeft } else { Order::Together };
        // Height of E₅·p along k, less that of the first point; tilt of E₅·h₆ against k: both as (cos, sin, constant) of θ₅.
        let swept = |v: Vec3| {
            let constant = k.dot(fifth.axis) * fifth.axis.dot(v);
            [k.dot(v) - constant, k.dot(fifth.axis.cross(v)), constant]
        };
        let mut height = swept(last_point - fifth.point);
        height[2] += k.dot(fifth.point - first.point);
        let tilt = swept(last.axis);
        let sign = [1.0, third.axis.dot(k), fourth.axis.dot(k)].map(|x| if x > 0.0 { 1.0 } else { -1.0 });
        let (second, fourth) = (second.point, fourth.point);
        let across = k.complete_frame().0;
        let last_axis = last.axis;
        // A structure that hides an angle from both equations is no decomposition.
        let blind = real::abs(tilt[0]) + real::abs(tilt[1]) < ALIKE;
        let square = real::abs(fifth.axis.dot(k)) < 1e-15 && real::abs(fifth.axis.dot(last_axis)) < 1e-15;
        (!blind).then_some(Self {
            first,
            along: k,
            sign,
            second,
            fourth,
            fifth,
            last_axis,
            last_point,
            upper,
            fore,
            height,
            tilt,
            order,
            square,
            across,
        })
    }

    fn candidates(&self, motion: &Motion, posture: &[f64; 6], out: &mut Candidates<6>) {
        let (a, k) = (self.first.axis, self.along);
        let arm = motion.apply(self.last_point) - self.first.point;
        let pointing = motion.turn * self.last_axis;
        // k·rot(−h₁)·v as (cos, sin, constant) of θ₁.
        let seen = |v: Vec3| {
            let constant = k.dot(a) * a.dot(v);
            ([k.dot(v) - constant, -k.dot(a.cross(v))], constant)
        };
        let row = |v: Vec3, right: &[f64; 3]| {
            let (left, constant) = seen(v);
            Row { left, right: [-right[0], -right[1]], level: right[2] - constant }
        };
        let rows = [row(arm, &self.height), row(pointing, &self.tilt)];
        let mut visit = |t1: Turn, t5: Turn, fit: Fit| {
            let mut fit = fit;
            let b = self.fifth.axis;
            let tilted = t1.apply(a, k);
            // k seen from the last link, before and after the last turn.
            let (k_out, k_in) = (motion.turn.transpose_mul(tilted), t5.back().apply(b, k));
            let t6 = match turn_about(self.last_axis, k_out, k_in, 0.0) {
                Some(turn) if tilted.cross(pointing).norm_squared() > SINGULAR * SINGULAR => turn,
                _ => {
                    fit = fit.and(Fit::Free);
                    Turn::by(posture[5])
                }
            };
            // The sum of the three parallel turns, by a vector across them.
            let inner = t6.back().apply(self.last_axis, t5.back().apply(b, self.across));
            let outer = t1.back().apply(a, motion.turn * inner);
            let Some(sum) = turn_about(k, self.across, outer, NO_LEVER) else { return };
            let arm_in = self.first.point + t1.back().apply(a, arm);
            let wrist = self.fifth.point + t5.apply(b, self.last_point - self.fifth.point) - self.fourth;
            let way = arm_in - self.second - sum.apply(k, wrist);
            let way = way - k * k.dot(way);
            let (u, f) = (self.upper, self.fore);
            let elbow = level(u.dot(f), u.dot(k.cross(f)), 0.5 * (way.norm_squared() - u.norm_squared() - f.norm_squared()));
            for &t3 in elbow.as_slice() {
                let reach = u + f * t3.c + k.cross(f) * t3.s;
                let t2 = match turn_about(k, reach, way, NO_LEVER) {
                    Some(turn) => turn,
                    None => {
                        fit = fit.and(Fit::Free);
                        Turn::by(posture[1])
                    }
                };
                let t4 = sum.and(t2.and(t3).back());
                let signed = |t: Turn, sign: f64| Turn { c: t.c, s: t.s * sign };
                out.push([t1, t2, signed(t3, self.sign[1]), signed(t4, self.sign[2]), t5, t6], fit.and(elbow.fit));
            }
        };
        if self.order == Order::FirstLeft && self.square {
            // Height alone gives θ₁; the tilt gives θ₅ with a sine that does not cancel where the last axis nears k.
            let firsts = level(rows[0].left[0], rows[0].left[1], rows[0].level);
            for &t1 in firsts.as_slice() {
                let t1 = chosen(t1, firsts.fit, posture[0]);
                let tilted = t1.apply(a, k);
                let fifths = level_beside(self.tilt[0], self.tilt[1], tilted.dot(pointing), tilted.cross(pointing).norm());
                fifths.as_slice().iter().for_each(|&t5| visit(t1, t5, firsts.fit));
            }
        } else {
            let found = pair(&rows, self.order, [posture[0], posture[4]]);
            found.as_slice().iter().for_each(|&(t1, t5)| visit(t1, t5, found.fit));
        }
    }
}
