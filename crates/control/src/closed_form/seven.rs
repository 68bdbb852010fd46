//! Seven hinges: one motion of the joints leaves the tip where it is, and each value of a parameter leaves a closed form.
//!
//! | arm | parameter | then |
//! |---|---|---|
//! | spherical shoulder and wrist (SRS) | swivel angle: the elbow's turn about the line from shoulder to wrist | the elbow from the distance, shoulder and wrist each from a rotation |
//! | any whose remaining six hinges have a closed form with one joint fixed (Franka: the last) | that joint's angle | as for six hinges |
//!
//! Both give up to eight branches for each value. A first answer within the limits is found by going through the parameter's range
//! in van der Corput's order: the middle, the quarters, the eighths, so that any stretch of the range is met as soon as its length
//! allows. The swivel angle follows Shimizu et al. 2008, with its zero where the elbow's axis is level.

use super::candidates::{Branch, Branches, Candidates, MOST, Polish, within};
use super::into_limits::into_limits;
use super::lines::{Line, center};
use super::orientation::Orientation;
use super::screws::{Motion, Screws, is_pose};
use super::six::Six;
use super::subproblem::{Fit, Turn, level, turn_about};
use super::{NoClosedForm, Unreachable};
use crate::chain::Chain;
use crate::ik;
use leitai_math::{Pose, Vec3, real};

/// What the parameter of a seven-hinge arm means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redundancy {
    /// The elbow's turn [rad] about the line from shoulder to wrist.
    Swivel,
    /// The angle [rad] of this joint, counted from zero.
    Joint(usize),
}

#[derive(Clone, Copy, Debug)]
#[allow(clippy::large_enum_variant, reason = "an arm has one of these, and none is moved while poses are solved")]
enum Method {
    Swivel(Swivel),
    /// An end joint fixed: the other six lines are always the same.
    End {
        joint: usize,
        six: Six,
    },
    /// A joint between fixed: the lines behind it move with it and are taken apart anew.
    Between {
        joint: usize,
    },
}

/// A seven-hinge arm with its parameter.
#[derive(Clone, Copy, Debug)]
pub struct Redundant {
    screws: Screws<7>,
    method: Method,
    /// For each joint, the direction of the middle of its limits and the cosine of half their width (−2 where all angles are allowed).
    windows: [(Turn, f64); 7],
}

impl Redundant {
    /// Takes a chain of seven hinges apart.
    ///
    /// # Errors
    /// If the chain has other joints, or no known decomposition fits with any joint fixed.
    pub fn of(chain: &Chain) -> Result<Self, NoClosedForm> {
        Self::new(Screws::of(chain).map_err(NoClosedForm::Chain)?)
    }

    /// Takes seven lines apart.
    ///
    /// # Errors
    /// If no known decomposition fits with any joint fixed.
    pub fn new(screws: Screws<7>) -> Result<Self, NoClosedForm> {
        let windows = core::array::from_fn(|i| {
            let (low, high) = (screws.low[i], screws.high[i]);
            let half = 0.5 * (high - low) + 1e-9;
            // Written so that infinite limits allow all angles.
            if half < real::PI { (Turn::by(0.5 * (low + high)), real::cos(half)) } else { (Turn::NONE, -2.0) }
        });
        let method = if let Some(swivel) = Swivel::find(&screws) {
            Method::Swivel(swivel)
        } else {
            let end = |joint| Six::find(&rest(&screws, joint, Turn::NONE)).map(|six| Method::End { joint, six });
            // Two odd angles: a structure that is there by chance at one is not at the other.
            let between = |joint| {
                let there = |angle| Six::find(&rest(&screws, joint, Turn::by(angle))).map(|six| six.structure);
                (there(0.7).is_some() && there(0.7) == there(-1.9)).then_some(Method::Between { joint })
            };
            end(6).or_else(|| end(0)).or_else(|| (1..6).find_map(between)).ok_or(NoClosedForm::Unknown)?
        };
        Ok(Self { screws, method, windows })
    }

    /// What the parameter means.
    #[must_use]
    pub fn redundancy(&self) -> Redundancy {
        match self.method {
            Method::Swivel(_) => Redundancy::Swivel,
            Method::End { joint, .. } | Method::Between { joint } => Redundancy::Joint(joint),
        }
    }

    /// The arm's lines and limits.
    #[must_use]
    pub fn screws(&self) -> &Screws<7> {
        &self.screws
    }

    /// The parameter's range [rad]: a joint's limits, at most a turn of them, or a full turn.
    #[must_use]
    pub fn range(&self) -> [f64; 2] {
        match self.redundancy() {
            Redundancy::Swivel => [-real::PI, real::PI],
            Redundancy::Joint(j) => {
                let (low, high) = (self.screws.low[j], self.screws.high[j]);
                if high - low <= real::TAU {
                    [low, high]
                } else {
                    let middle = if low.is_finite() && high.is_finite() { 0.5 * (low + high) } else { 0.0 };
                    [middle - real::PI, middle + real::PI]
                }
            }
        }
    }

    /// The parameter [rad] at joint positions `q` [rad].
    #[must_use]
    pub fn parameter(&self, q: &[f64; 7]) -> f64 {
        match &self.method {
            Method::Swivel(swivel) => swivel.angle(&self.screws, q),
            Method::End { joint, .. } | Method::Between { joint } => q[*joint],
        }
    }

    /// All branches at one value of the parameter [rad], within the limits or not. `posture` [rad] as for six hinges.
    ///
    /// # Errors
    /// If the target is no pose, or no branch at this value reaches it.
    pub fn solve(&self, target: &Pose, parameter: f64, posture: &[f64; 7]) -> Result<Branches<7>, Unreachable<7>> {
        if !is_pose(target) || !parameter.is_finite() || posture.iter().any(|x| !x.is_finite()) {
            return Err(Unreachable::NotAPose);
        }
        let motion = self.screws.motion_to(target);
        let mut candidates = Candidates::new();
        self.candidates(&motion, parameter, posture, &mut candidates);
        let mut out = Branches::NONE;
        let closest = candidates.settle(&self.screws, &motion, self.polish(), &mut out);
        if out.as_slice().is_empty() { Err(Unreachable::TooFar(closest)) } else { Ok(out) }
    }

    /// The first answer within the limits: of the branches at the first value of the parameter that has one, the nearest to
    /// `posture`.
    ///
    /// The posture's own value is tried first, then `values` more through the range (4000 of them lie 1.5 mrad apart). If all fail, all
    /// joints together look for a way into the limits, from the candidate nearest to them at some of the values.
    ///
    /// # Errors
    /// If the target is no pose, or nothing tried leads to a posture within the limits.
    pub fn first(&self, target: &Pose, posture: &[f64; 7], values: u32) -> Result<Branch<7>, Unreachable<7>> {
        if !is_pose(target) || posture.iter().any(|x| !x.is_finite()) {
            return Err(Unreachable::NotAPose);
        }
        let [low, high] = self.range();
        let mut scan = Scan {
            motion: self.screws.motion_to(target),
            posture,
            candidates: Candidates::new(),
            out: Branches::NONE,
            closest: None,
            reached: false,
        };
        for k in 0..=values {
            let share = van_der_corput(k);
            let value = if k == 0 { real::clamp(self.parameter(posture), low, high) } else { low + (high - low) * share };
            if let Some(best) = self.try_value(value, &mut scan) {
                return Ok(best);
            }
        }
        for k in 0..=LAST_RESORT {
            let value = low + (high - low) * f64::from(k) / f64::from(LAST_RESORT);
            self.candidates(&scan.motion, value, posture, &mut scan.candidates);
            let Some(nearest) = scan.candidates.nearest_within(&self.windows) else { continue };
            let mut q = scan.candidates.turns(nearest).map(Turn::angle);
            for (i, q) in q.iter_mut().enumerate() {
                within(q, self.screws.low[i], self.screws.high[i]);
            }
            if let Some(branch) = into_limits(&self.screws, &scan.motion, &q) {
                return Ok(branch);
            }
        }
        if scan.reached { Err(Unreachable::Limits) } else { Err(Unreachable::TooFar(scan.closest)) }
    }

    /// The branch within the limits at one value that is nearest to the posture.
    #[inline]
    fn try_value(&self, value: f64, scan: &mut Scan) -> Option<Branch<7>> {
        self.candidates(&scan.motion, value, scan.posture, &mut scan.candidates);
        scan.reached |= scan.candidates.any_exact();
        if !scan.candidates.keep_within(&self.windows) {
            return None;
        }
        let missed = scan.candidates.settle(&self.screws, &scan.motion, self.polish(), &mut scan.out);
        scan.closest = scan.closest.or(missed);
        let far = |b: &Branch<7>| ik::distance(&b.q, scan.posture);
        scan.out.as_slice().iter().filter(|b| b.within_limits).min_by(|a, b| far(a).total_cmp(&far(b))).copied()
    }

    fn polish(&self) -> Polish {
        match self.redundancy() {
            Redundancy::Swivel => Polish::Solved,
            Redundancy::Joint(joint) => Polish::Holding(joint),
        }
    }

    fn candidates(&self, motion: &Motion, parameter: f64, posture: &[f64; 7], out: &mut Candidates<7>) {
        out.clear();
        let turn = Turn::by(parameter);
        match &self.method {
            Method::Swivel(swivel) => swivel.candidates(motion, turn, posture, out),
            Method::End { joint, six } => self.with_fixed(six, *joint, turn, motion, posture, out),
            Method::Between { joint } => {
                if let Some(six) = Six::find(&rest(&self.screws, *joint, turn)) {
                    self.with_fixed(&six, *joint, turn, motion, posture, out);
                }
            }
        }
    }

    fn with_fixed(&self, six: &Six, joint: usize, turn: Turn, motion: &Motion, posture: &[f64; 7], out: &mut Candidates<7>) {
        let (k, o) = (self.screws.axis[joint], self.screws.point[joint]);
        let others: [f64; 6] = core::array::from_fn(|i| posture[i + usize::from(i >= joint)]);
        // E₁·…·E₇ = motion; the first joint is undone from the left, any other from the right, once the lines behind it have moved.
        let left = if joint == 0 { motion.after_undoing(k, o, turn) } else { motion.before(k, o, turn) };
        let mut found = Candidates::new();
        six.candidates(&left, &others, &mut found);
        for n in 0..found.count {
            let t = found.turns(n);
            let all = core::array::from_fn(|i| if i == joint { turn } else { t[i - usize::from(i > joint)] });
            out.push(all, found.fit(n));
        }
    }
}

/// What going through a parameter's range needs and learns.
struct Scan<'a> {
    motion: Motion,
    posture: &'a [f64; 7],
    candidates: Candidates<7>,
    out: Branches<7>,
    closest: Option<Branch<7>>,
    /// Whether any value reached the pose, limits aside.
    reached: bool,
}

/// Values from which all joints together look for a way into the limits.
const LAST_RESORT: u32 = 96;

/// The six other lines with `joint` turned by `turn`: those behind an inner joint move with it. For the first and last joint the
/// turn is taken into the target instead.
fn rest(screws: &Screws<7>, joint: usize, turn: Turn) -> Screws<6> {
    let (k, o) = (screws.axis[joint], screws.point[joint]);
    let from = |i: usize| i + usize::from(i >= joint);
    let moves = |i: usize| joint > 0 && i > joint;
    let axis = core::array::from_fn(|i| {
        let v = screws.axis[from(i)];
        if moves(from(i)) { turn.apply(k, v) } else { v }
    });
    let point = core::array::from_fn(|i| {
        let p = screws.point[from(i)];
        if moves(from(i)) { o + turn.apply(k, p - o) } else { p }
    });
    let (low, high) = (core::array::from_fn(|i| screws.low[from(i)]), core::array::from_fn(|i| screws.high[from(i)]));
    Screws { axis, point, tip: screws.tip, low, high }
}

/// The `k`-th of the fractions ½, ¼, ¾, ⅛, …
fn van_der_corput(k: u32) -> f64 {
    f64::from(k.reverse_bits()) / 4_294_967_296.0
}

/// An arm whose first three and last three axes meet.
#[derive(Clone, Copy, Debug)]
struct Swivel {
    shoulder: Vec3,
    wrist: Vec3,
    elbow: Line,
    /// Half the squared distance from shoulder to wrist as (cos, sin, constant) of θ₄.
    reach: [f64; 3],
    first_axis: Vec3,
    first_three: Orientation,
    last_three: Orientation,
}

/// A right-handed frame whose first axis is `along`, with `side` in the plane of the first two.
fn frame(along: Vec3, side: Vec3) -> [Vec3; 3] {
    let x = along.normalized_or(Vec3::Z);
    let y = side - x * x.dot(side);
    let n = y.norm();
    let y = if n > 1e-9 * side.norm() { y * (1.0 / n) } else { x.complete_frame().0 };
    [x, y, x.cross(y)]
}

impl Swivel {
    fn find(screws: &Screws<7>) -> Option<Self> {
        let lines: [Line; 7] = core::array::from_fn(|i| Line { axis: screws.axis[i], point: screws.point[i] });
        let shoulder = center(&lines[0], &lines[1], &lines[2])?;
        let wrist = center(&lines[4], &lines[5], &lines[6])?;
        let elbow = lines[3];
        if elbow.distance_to(shoulder) < 1e-4 || elbow.distance_to(wrist) < 1e-4 {
            return None;
        }
        let (near, far, k) = (shoulder - elbow.point, wrist - elbow.point, elbow.axis);
        let along = near.dot(k) * k.dot(far);
        let constant = 0.5 * (near.norm_squared() + far.norm_squared()) - along;
        let reach = [-(near.dot(far) - along), -near.dot(k.cross(far)), constant];
        let three = |i: usize| Orientation::new([lines[i].axis, lines[i + 1].axis, lines[i + 2].axis]);
        let first_axis = lines[0].axis;
        Some(Self { shoulder, wrist, elbow, reach, first_axis, first_three: three(0), last_three: three(4) })
    }

    /// Frame of the line from shoulder to wrist, at swivel zero.
    fn level_frame(&self, way: Vec3) -> [Vec3; 3] {
        frame(way, self.first_axis.cross(way))
    }

    fn candidates(&self, motion: &Motion, swivel: Turn, posture: &[f64; 7], out: &mut Candidates<7>) {
        let way = motion.apply(self.wrist) - self.shoulder;
        let elbows = level(self.reach[0], self.reach[1], 0.5 * way.norm_squared() - self.reach[2]);
        let [x, y, z] = self.level_frame(way);
        let world = [x, y * swivel.c + z * swivel.s, z * swivel.c - y * swivel.s];
        let last = motion.turn * self.last_three.last();
        let last_across = motion.turn * self.last_three.across;
        for &t4 in elbows.as_slice() {
            let k = self.elbow.axis;
            let inner = self.elbow.point - self.shoulder + t4.apply(k, self.wrist - self.elbow.point);
            let arm = frame(inner, k);
            // The shoulder's rotation takes the arm's frame to the world's.
            let out_of = |v: Vec3| world[0] * arm[0].dot(v) + world[1] * arm[1].dot(v) + world[2] * arm[2].dot(v);
            let into = |v: Vec3| arm[0] * world[0].dot(v) + arm[1] * world[1].dot(v) + arm[2] * world[2].dot(v);
            let behind = |v: Vec3| t4.back().apply(k, into(v));
            let (mut shoulders, mut count) = ([([Turn::NONE; 3], Fit::Exact); 2], 0);
            self.first_three.solve(out_of(self.first_three.last()), out_of(self.first_three.across), posture[0], |turns, fit| {
                shoulders[count] = (turns, fit);
                count += 1;
            });
            self.last_three.solve(behind(last), behind(last_across), posture[4], |wrist, wrist_fit| {
                for (shoulder, fit) in &shoulders[..count] {
                    let [a, b, c] = *shoulder;
                    let [e, f, g] = wrist;
                    out.push([a, b, c, t4, e, f, g], elbows.fit.and(*fit).and(wrist_fit));
                }
            });
        }
    }

    fn angle(&self, screws: &Screws<7>, q: &[f64; 7]) -> f64 {
        let turns = q.map(Turn::by);
        let back = |n: usize, v: Vec3| (0..n).rev().fold(v, |v, i| turns[i].apply(screws.axis[i], v));
        let inner = self.elbow.point - self.shoulder + turns[3].apply(self.elbow.axis, self.wrist - self.elbow.point);
        let arm = frame(inner, self.elbow.axis);
        let [x, y, _] = self.level_frame(back(3, inner));
        turn_about(x, y, back(3, arm[1]), 0.0).map_or(0.0, Turn::angle)
    }
}

const _: () = assert!(MOST == 8, "two elbows, two shoulders, two wrists");
